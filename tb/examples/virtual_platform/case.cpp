// SPDX-License-Identifier: Apache-2.0
#include "tb/examples/virtual_platform/case.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>

#include "tb/encoding/quantise.h"
#include "tb/examples/virtual_platform/platform_map.h"
#include "tb/golden/golden.h"
#include "tb/layers/network_file.h"
#include "tb/support/error.h"

namespace eie::platform {
namespace {

/// Prints the first difference.
bool same_outputs(const char* mode, const Vectors& seen, const Vectors& expected) {
  for (std::size_t s = 0; s < expected.size(); ++s) {
    for (std::size_t i = 0; i < expected[s].size(); ++i) {
      if (seen[s][i] == expected[s][i]) continue;
      std::fprintf(stderr, "data moved by %s: sample %zu, output %zu is %d: expected %d\n", mode, s, i, seen[s][i],
                   expected[s][i]);
      return false;
    }
  }
  return true;
}

std::size_t right(const Vectors& outputs, const std::vector<std::int64_t>& labels) {
  std::size_t count = 0;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    const auto& y = outputs[s];
    count += std::max_element(y.begin(), y.end()) - y.begin() == labels[s] ? 1 : 0;
  }
  return count;
}

double each(std::uint64_t sum, unsigned samples) { return static_cast<double>(sum) / samples; }

}  // namespace

Case prepare(const Arguments& arguments) {
  Case c;
  c.config = tb::load_config(arguments.config);
  const tb::NetworkFile network = tb::load_network(arguments.network);
  const Eigen::MatrixXd inputs = tb::load_samples(network.inputs, network.layers.front().weights, arguments.samples);
  c.layers = tb::prepare_layers(network.layers, inputs, c.config);
  if (c.layers.size() > NETWORK_MAX_LAYERS) {
    throw tb::UserError(arguments.network + ": has " + std::to_string(c.layers.size()) + " layers: expected at most " +
                        std::to_string(NETWORK_MAX_LAYERS));
  }
  const auto samples = static_cast<std::size_t>(inputs.cols());
  if (!network.labels.empty()) {
    c.labels = tb::load_network_labels(network.labels, samples, c.layers.back().image.rows);
  }
  for (std::size_t s = 0; s < samples; ++s) {
    const auto column = inputs.col(static_cast<Eigen::Index>(s));
    c.inputs.push_back(
        tb::quantise(std::vector<double>(column.begin(), column.end()), c.layers.front().formats.act_frac, c.config.data_width));
    std::vector<std::int32_t> activations = c.inputs.back();
    for (const tb::PreparedLayer& layer : c.layers) {
      activations = tb::golden_layer(*layer.weights.codes, activations, layer.bias, layer.formats.shift, layer.files.relu,
                                     c.config.data_width, c.config.acc_width)
                        .outputs;
    }
    c.golden.push_back(activations);
  }
  c.blob = make_blob(arguments.network, c.layers, c.inputs, c.config);
  const std::uint64_t bytes = c.blob.words.size() * 8;
  if (bytes > kMemory.bytes - kBlob) {
    throw tb::UserError(arguments.network + ": takes " + std::to_string(bytes) + " bytes of memory: expected at most " +
                        std::to_string(kMemory.bytes - kBlob) + "; give fewer --samples");
  }
  return c;
}

void print(const Arguments& arguments, const Case& c, const network_result& result) {
  std::printf("%s on %u PEs (%s), %u samples, DMA bursts of %u beats\n\n",
              std::filesystem::path(arguments.network).filename().c_str(), result.device.n_pe, arguments.engine.c_str(),
              result.samples, arguments.burst);
  const network_times& cpu = result.times[NETWORK_CPU];
  const network_times& dma = result.times[NETWORK_DMA];
  std::printf("Weights and biases, once, in cycles of %g MHz:\n\n", c.config.clock_mhz);
  std::printf("layer         words   by CPU   by DMA   writing descriptors\n");
  for (unsigned l = 0; l < result.layers; ++l) {
    std::printf("%-10s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %21" PRIu64 "\n", c.layers[l].files.name.c_str(),
                result.layer[l].image_beats, cpu.image[l], dma.image[l], dma.image_descriptors[l]);
  }
  std::printf("\nOne sample, mean of %u:\n\n", result.samples);
  std::printf("              by CPU   by DMA\n");
  std::printf("inputs      %8.1f %8.1f\n", each(cpu.inputs, result.samples), each(dma.inputs, result.samples));
  for (unsigned l = 0; l < result.layers; ++l) {
    const network_layer& layer = result.layer[l];
    std::printf("%-10s  %8.1f %8.1f   of it computing: %.1f\n", c.layers[l].files.name.c_str(),
                each(layer.host_cycles[NETWORK_CPU], result.samples), each(layer.host_cycles[NETWORK_DMA], result.samples),
                each(layer.cycles[NETWORK_CPU], result.samples));
  }
  std::printf("outputs     %8.1f %8.1f\n\n", each(cpu.outputs, result.samples), each(dma.outputs, result.samples));
}

int judge(const Case& c, const network_result& result, const Vectors& by_cpu, const Vectors& by_dma) {
  bool match = same_outputs("the CPU", by_cpu, c.golden) && same_outputs("DMA", by_dma, c.golden);
  for (unsigned l = 0; l < result.layers; ++l) {
    const std::uint64_t* cycles = result.layer[l].cycles;
    if (cycles[NETWORK_CPU] == cycles[NETWORK_DMA]) continue;
    std::fprintf(stderr, "layer %u: %" PRIu64 " cycles with data moved by the CPU, %" PRIu64 " by DMA\n", l, cycles[NETWORK_CPU],
                 cycles[NETWORK_DMA]);
    match = false;
  }
  if (!c.labels.empty()) {
    const std::size_t samples = c.labels.size();
    const std::size_t seen = right(by_dma, c.labels);
    const std::size_t expected = right(c.golden, c.labels);
    std::printf("accuracy: %zu of %zu, golden model: %zu\n", seen, samples, expected);
    match = match && seen == expected;
  }
  std::printf("%s\n", match ? "all outputs match the golden model" : "MISMATCH");
  return match ? kExitMatch : kExitMismatch;
}

}  // namespace eie::platform
