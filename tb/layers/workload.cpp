// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/workload.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "tb/encoding/nonzero_bytes.h"
#include "tb/layers/synthetic/mersenne_twister.h"
#include "tb/support/random.h"
#include "tb/support/yaml_map.h"
#include "tlm/model/inner_loops.h"

namespace eie::tb {
namespace {

// What a random stream is for; mixed into the layer's hash.
enum Purpose : std::uint64_t { kRowFactors = 1, kColumnFactors = 2, kEntries = 3, kActivations = 4 };

constexpr double kRowDeviation = 0.13;
constexpr double kColumnDeviation = 0.10;

double factor(Random& random, double deviation) { return std::clamp(1 + deviation * random.normal(), 0.02, 2.0); }

std::uint64_t fixed(double value, int bits) { return static_cast<std::uint64_t>(std::llround(std::ldexp(value, bits))); }

/// present[i] = 1 where u < threshold * r_i: u has 32 bits, r_i 16 and the threshold 32 bits after the point. A draw of 64 bits
/// serves two rows, low half first. `rows` is even. All of it stays below 2^51, so that compares may be signed, which vector
/// units have.
template <class Threshold>
__attribute__((always_inline)) inline void choose(const std::uint64_t* __restrict draws,
                                                  const std::uint32_t* __restrict row_factor, Threshold threshold,
                                                  std::size_t rows, std::uint8_t* __restrict present) {
  auto chosen = [&](std::uint64_t draw, std::uint32_t factor) {
    return static_cast<std::int64_t>(draw << 16) < static_cast<std::int64_t>(std::uint64_t{factor} * std::uint64_t{threshold})
               ? std::uint8_t{1}
               : std::uint8_t{0};
  };
  for (std::size_t k = 0; k < rows / 2; ++k) {
    present[2 * k] = chosen(draws[k] & 0xFFFFFFFFu, row_factor[2 * k]);
    present[2 * k + 1] = chosen(draws[k] >> 32, row_factor[2 * k + 1]);
  }
}

/// A threshold below 1 has 32 bits, and so one multiplication is enough for each product.
EIE_VECTOR_CLONES
void choose_entries(const std::uint64_t* draws, const std::uint32_t* row_factor, std::uint32_t threshold, std::size_t rows,
                    std::uint8_t* present) {
  choose(draws, row_factor, threshold, rows, present);
}
EIE_VECTOR_CLONES
void choose_dense_entries(const std::uint64_t* draws, const std::uint32_t* row_factor, std::uint64_t threshold, std::size_t rows,
                          std::uint8_t* present) {
  choose(draws, row_factor, threshold, rows, present);
}

}  // namespace

std::vector<LayerSpec> Workload::select(const std::string& names) const {
  if (names.empty()) return layers;
  std::vector<std::string> wanted;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    const bool known = std::any_of(layers.begin(), layers.end(), [&](const LayerSpec& l) { return l.name == name; });
    if (!known) {
      std::string all;
      for (const LayerSpec& layer : layers) all += (all.empty() ? "" : ", ") + layer.name;
      throw UserError("--layers: '" + name + "' is no layer of " + path + ": expected one or more of " + all);
    }
    wanted.push_back(name);
  }
  std::vector<LayerSpec> chosen;
  std::copy_if(layers.begin(), layers.end(), std::back_inserter(chosen),
               [&](const LayerSpec& layer) { return std::find(wanted.begin(), wanted.end(), layer.name) != wanted.end(); });
  return chosen;
}

Workload load_workload(const std::string& path) {
  const YamlMap map = YamlMap::load(path, {"n_pe", "fifo_depths", "layers"});
  Workload workload;
  workload.path = path;
  workload.n_pe = static_cast<unsigned>(map.integer("n_pe", 1, 1024));
  workload.fifo_depths = map.reals("fifo_depths", 1, 1e6);
  for (const YamlMap& item : map.maps("layers", {"name", "inputs", "outputs", "weight_density", "activation_density", "time_us",
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
    item.real("theoretical_us", 0, 1e9);  // Table IV, EIE, theoretical: beside the actual one, for the reader
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

SyntheticMatrix::SyntheticMatrix(const LayerSpec& layer, std::uint64_t seed, unsigned code_width, unsigned data_width)
    : seed_(seed), stream_(hash_text(layer.name)), rows_(layer.outputs), code_width_(code_width) {
  Random rows(seed_, stream_, splitmix64(kRowFactors));
  for (std::size_t i = 0; i < layer.outputs; ++i)
    row_factor_.push_back(static_cast<std::uint32_t>(fixed(factor(rows, kRowDeviation), 16)));
  if (layer.outputs % 2 != 0) row_factor_.push_back(0);
  Random columns(seed_, stream_, splitmix64(kColumnFactors));
  for (std::size_t j = 0; j < layer.inputs; ++j) {
    column_threshold_.push_back(fixed(layer.weight_density * factor(columns, kColumnDeviation), 32));
  }
  const int codes = 1 << code_width;
  const int half = codes / 2;
  values_.push_back(0);
  for (int c = 1; c < codes; ++c) values_.push_back(static_cast<double>(c < half ? c - half : c - half + 1) / half);
  codebook_ = quantise(values_, synthetic_formats(data_width).weight_frac, data_width);
}

void SyntheticMatrix::column(std::size_t j, std::vector<std::uint8_t>& codes) const {
  MersenneTwister64 random(Random::seed_of(seed_, stream_ ^ splitmix64(kEntries), j));

  // Which rows have an entry, in whole pairs of rows; one that is not there draws all the same and is never chosen.
  const std::size_t padded = row_factor_.size();
  std::vector<std::uint64_t> draws(padded / 2);
  random.draw(draws.data(), draws.size());
  codes.resize(padded);
  const std::uint64_t threshold = column_threshold_[j];
  if (threshold <= UINT32_MAX) {
    choose_entries(draws.data(), row_factor_.data(), static_cast<std::uint32_t>(threshold), padded, codes.data());
  } else {
    choose_dense_entries(draws.data(), row_factor_.data(), threshold, padded, codes.data());
  }
  codes.resize(rows_);

  // Uniform non-zero codes: `code_width` bits at a time from the low end of a draw, zeros thrown away.
  std::uint64_t draw = 0;
  unsigned left = 0;
  const std::uint64_t mask = (std::uint64_t{1} << code_width_) - 1;
  const auto next_code = [&] {
    std::uint64_t code = 0;
    while (code == 0) {
      if (left < code_width_) {
        random.draw(&draw, 1);
        left = 64;
      }
      code = draw & mask;
      draw >>= code_width_;
      left -= code_width_;
    }
    return static_cast<std::uint8_t>(code);
  };
  for_each_nonzero(codes.data(), rows_, [&](std::size_t i, std::uint8_t) { codes[i] = next_code(); });
}

std::vector<std::int32_t> synthetic_activations(const LayerSpec& layer, std::uint64_t seed, unsigned data_width) {
  const std::int32_t one = std::int32_t{1} << synthetic_formats(data_width).act_frac;
  if (layer.activation_density >= 1) return std::vector<std::int32_t>(layer.inputs, one);

  const auto count = static_cast<std::size_t>(std::llround(layer.activation_density * static_cast<double>(layer.inputs)));
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
