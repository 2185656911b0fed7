#include "workload.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "random.h"
#include "yaml_map.h"

namespace eie::tb {
namespace {

// What a random stream is for; mixed into the layer's hash.
enum Purpose : std::uint64_t { kRowFactors = 1, kColumnFactors = 2, kEntries = 3, kActivations = 4 };

constexpr double kRowDeviation = 0.13;
constexpr double kColumnDeviation = 0.10;

double factor(Random& random, double deviation) {
  return std::clamp(1 + deviation * random.normal(), 0.02, 2.0);
}

std::uint64_t fixed(double value, int bits) {
  return static_cast<std::uint64_t>(std::llround(std::ldexp(value, bits)));
}

}  // namespace

std::vector<LayerSpec> Workload::select(const std::string& names) const {
  if (names.empty()) return layers;
  std::vector<std::string> wanted;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    const bool known =
        std::any_of(layers.begin(), layers.end(), [&](const LayerSpec& l) { return l.name == name; });
    if (!known) {
      std::string all;
      for (const LayerSpec& layer : layers) all += (all.empty() ? "" : ", ") + layer.name;
      throw UserError("--layers: '" + name + "' is no layer of " + path + ": expected one or more of " + all);
    }
    wanted.push_back(name);
  }
  std::vector<LayerSpec> chosen;
  std::copy_if(layers.begin(), layers.end(), std::back_inserter(chosen), [&](const LayerSpec& layer) {
    return std::find(wanted.begin(), wanted.end(), layer.name) != wanted.end();
  });
  return chosen;
}

Workload load_workload(const std::string& path) {
  const YamlMap map = YamlMap::load(path, {"n_pe", "fifo_depths", "layers"});
  Workload workload;
  workload.path = path;
  workload.n_pe = static_cast<unsigned>(map.integer("n_pe", 1, 1024));
  workload.fifo_depths = map.reals("fifo_depths", 1, 1e6);
  for (const YamlMap& item :
       map.maps("layers", {"name", "inputs", "outputs", "weight_density", "activation_density", "time_us",
                           "theoretical_us", "load_balance"})) {
    LayerSpec layer;
    layer.name = item.text("name");
    if (layer.name.find(',') != std::string::npos) item.fail("name", "a name without a comma");
    for (const LayerSpec& other : workload.layers) {
      if (other.name == layer.name) item.fail("name", "a name that no other layer has");
    }
    layer.inputs = static_cast<std::size_t>(item.integer("inputs", 1, 1 << 24));
    layer.outputs = static_cast<std::size_t>(item.integer("outputs", 1, 1 << 24));
    layer.weight_density = item.real("weight_density", 0, 1);
    layer.activation_density = item.real("activation_density", 0, 1);
    layer.paper_us = item.real("time_us", 0, 1e9);
    layer.paper_theoretical_us = item.real("theoretical_us", 0, 1e9);
    layer.load_balance = item.reals("load_balance", 0, 1);
    if (layer.load_balance.size() != workload.fifo_depths.size()) {
      item.fail("load_balance", "one number for each of fifo_depths");
    }
    workload.layers.push_back(layer);
  }
  return workload;
}

Formats synthetic_formats(unsigned data_width) {
  const int d = static_cast<int>(data_width);
  Formats f;
  f.weight_frac = d - 2;
  f.act_frac = d - 2;
  f.out_frac = d - 8;
  f.shift = f.weight_frac + f.act_frac - f.out_frac;
  return f;
}

SyntheticMatrix::SyntheticMatrix(const LayerSpec& layer, std::uint64_t seed, unsigned code_width,
                                 unsigned data_width)
    : seed_(seed), stream_(hash_text(layer.name)), code_width_(code_width) {
  Random rows(seed_, stream_, splitmix64(kRowFactors));
  for (std::size_t i = 0; i < layer.outputs; ++i)
    row_factor_.push_back(fixed(factor(rows, kRowDeviation), 16));
  Random columns(seed_, stream_, splitmix64(kColumnFactors));
  for (std::size_t j = 0; j < layer.inputs; ++j) {
    column_threshold_.push_back(fixed(layer.weight_density * factor(columns, kColumnDeviation), 32));
  }
  const int codes = 1 << code_width;
  const int half = codes / 2;
  values_.push_back(0);
  for (int c = 1; c < codes; ++c)
    values_.push_back(static_cast<double>(c < half ? c - half : c - half + 1) / half);
  codebook_ = quantise(values_, synthetic_formats(data_width).weight_frac, data_width);
}

void SyntheticMatrix::column(std::size_t j, std::vector<std::uint8_t>& codes) const {
  const std::size_t n = row_factor_.size();
  codes.assign(n, 0);
  Random random(seed_, stream_ ^ splitmix64(kEntries), j);

  // Present if u < density * r_i * c_j: u has 32 bits, r_i 16 and density * c_j 32 bits after the point. A
  // draw of 64 bits serves two rows, low half first.
  const std::uint64_t threshold = column_threshold_[j];
  std::vector<std::uint32_t> present(n + 1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += 2) {
    const std::uint64_t draw = random.bits();
    present[count] = static_cast<std::uint32_t>(i);
    count += ((draw & 0xFFFFFFFFu) << 16) < row_factor_[i] * threshold ? 1 : 0;
    if (i + 1 < n) {
      present[count] = static_cast<std::uint32_t>(i + 1);
      count += ((draw >> 32) << 16) < row_factor_[i + 1] * threshold ? 1 : 0;
    }
  }

  // Uniform non-zero codes: `code_width` bits at a time from the low end of a draw, zeros thrown away.
  std::uint64_t draw = 0;
  unsigned left = 0;
  for (std::size_t e = 0; e < count; ++e) {
    std::uint8_t code = 0;
    while (code == 0) {
      if (left < code_width_) {
        draw = random.bits();
        left = 64;
      }
      code = static_cast<std::uint8_t>(draw & ((1u << code_width_) - 1));
      draw >>= code_width_;
      left -= code_width_;
    }
    codes[present[e]] = code;
  }
}

std::vector<std::int32_t> synthetic_activations(const LayerSpec& layer, std::uint64_t seed,
                                                unsigned data_width) {
  const std::int32_t one = std::int32_t{1} << synthetic_formats(data_width).act_frac;
  if (layer.activation_density >= 1) return std::vector<std::int32_t>(layer.inputs, one);

  const auto count =
      static_cast<std::size_t>(std::llround(layer.activation_density * static_cast<double>(layer.inputs)));
  Random random(seed, hash_text(layer.name), splitmix64(kActivations));
  std::vector<std::size_t> order(layer.inputs);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::int32_t> activations(layer.inputs, 0);
  for (std::size_t k = 0; k < count; ++k) {  // the first `count` steps of a Fisher-Yates shuffle
    std::swap(order[k], order[k + random.below(layer.inputs - k)]);
    activations[order[k]] = 1 + static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(one)));
  }
  return activations;
}

}  // namespace eie::tb
