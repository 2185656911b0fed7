// SPDX-License-Identifier: Apache-2.0
// usage: baseline_layers FOLDER [--layers alex6,...] [--seed N] [--frames N] [--workload FILE]
//
// Writes the layers of `eie bench`, as floats, for the baselines: FOLDER/NAME.layer. The weights are those of the same seed;
// frame 0 is the input of the bench, frame k that of seed + k. Exit status: 0 done, 2 wrong usage or bad input.
#include <boost/program_options.hpp>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "tb/encoding/nonzero_bytes.h"
#include "tb/layers/workload.h"
#include "tb/support/atomic_file.h"
#include "tb/test/baseline/layer_file.h"

namespace {

namespace po = boost::program_options;
using eie::baseline::Layer;

constexpr unsigned kCodeWidth = 4;  // the paper's
constexpr unsigned kDataWidth = 16;

/// The matrix by rows.
void fill_matrix(const eie::tb::SyntheticMatrix& matrix, Layer& layer) {
  struct Entry {
    std::uint32_t row;
    std::uint8_t code;
  };
  std::vector<Entry> entries;  // column by column
  std::vector<std::size_t> column_end;
  std::vector<std::uint8_t> codes;
  layer.row_start.assign(matrix.rows() + 1, 0);
  for (std::size_t j = 0; j < matrix.columns(); ++j) {
    matrix.column(j, codes);
    eie::tb::for_each_nonzero(codes.data(), codes.size(), [&](std::size_t i, std::uint8_t code) {
      entries.push_back({static_cast<std::uint32_t>(i), code});
      ++layer.row_start[i + 1];
    });
    column_end.push_back(entries.size());
  }
  for (std::size_t i = 0; i < matrix.rows(); ++i) layer.row_start[i + 1] += layer.row_start[i];
  std::vector<std::int32_t> next(layer.row_start.begin(), layer.row_start.end() - 1);
  layer.column.resize(entries.size());
  layer.value.resize(entries.size());
  std::size_t k = 0;
  for (std::size_t j = 0; j < matrix.columns(); ++j) {
    for (; k < column_end[j]; ++k) {
      const auto place = static_cast<std::size_t>(next[entries[k].row]++);
      layer.column[place] = static_cast<std::int32_t>(j);
      layer.value[place] = static_cast<float>(matrix.values()[entries[k].code]);
    }
  }
}

Layer make_layer(const eie::tb::LayerSpec& spec, std::uint64_t seed, unsigned frames) {
  const eie::tb::SyntheticMatrix matrix(spec, seed, kCodeWidth, kDataWidth);
  Layer layer;
  layer.name = spec.name;
  layer.rows = static_cast<std::uint32_t>(spec.outputs);
  layer.columns = static_cast<std::uint32_t>(spec.inputs);
  layer.frames = frames;
  fill_matrix(matrix, layer);
  layer.inputs.resize(spec.inputs * frames);
  const double step = std::ldexp(1.0, -eie::tb::synthetic_formats(kDataWidth).act_frac);
  for (std::size_t k = 0; k < frames; ++k) {
    const std::vector<std::int32_t> input = eie::tb::synthetic_activations(spec, seed + k, kDataWidth);
    for (std::size_t j = 0; j < spec.inputs; ++j) layer.inputs[j * frames + k] = static_cast<float>(input[j] * step);
  }
  layer.outputs.resize(spec.outputs * frames);
  std::vector<double> sums(frames);
  for (std::size_t i = 0; i < spec.outputs; ++i) {
    sums.assign(frames, 0);
    for (auto e = static_cast<std::size_t>(layer.row_start[i]); e < static_cast<std::size_t>(layer.row_start[i + 1]); ++e) {
      const double weight = static_cast<double>(layer.value[e]);
      const float* input = &layer.inputs[static_cast<std::size_t>(layer.column[e]) * frames];
      for (std::size_t k = 0; k < frames; ++k) sums[k] += weight * static_cast<double>(input[k]);
    }
    for (std::size_t k = 0; k < frames; ++k) layer.outputs[i * frames + k] = static_cast<float>(sums[k]);
  }
  return layer;
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder, layers, workload;
  std::uint64_t seed = 1;
  unsigned frames = 64;
  po::options_description options("options");
  options.add_options()("help,h", "this text")("folder", po::value(&folder)->required(), "where the files go")(
      "layers", po::value(&layers), "names, with commas between; default: all")(
      "seed", po::value(&seed)->default_value(seed), "of the layers")("frames", po::value(&frames)->default_value(frames),
                                                                      "input vectors, 1 to 4096")(
      "workload", po::value(&workload)->default_value(EIE_SOURCE_DIR "/configs/workloads/paper.yaml"), "the layers");
  po::positional_options_description places;
  places.add("folder", 1);
  try {
    po::variables_map given;
    po::store(po::command_line_parser(argc, argv).options(options).positional(places).run(), given);
    if (given.count("help") != 0) {
      std::printf("usage: baseline_layers FOLDER [options]\n");
      return 0;
    }
    po::notify(given);
    if (frames < 1 || frames > 4096) {
      throw eie::tb::UserError("--frames: " + std::to_string(frames) + ": expected 1 to 4096");
    }
    const std::vector<eie::tb::LayerSpec> specs = eie::tb::load_workload(workload).select(layers);
    eie::tb::make_folder(folder);
    for (const eie::tb::LayerSpec& spec : specs) {
      eie::baseline::write_layer(folder + "/" + spec.name + ".layer", make_layer(spec, seed, frames));
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "baseline_layers: %s\n", error.what());
    return 2;
  }
}
