// SPDX-License-Identifier: Apache-2.0
// A 1x1 convolution on an EIE (paper, section VII): the channels of a pixel are a vector, the filters one matrix.
//
// Usage: conv1x1 CONFIG.yaml. Exit status 0 if the outputs are as close to the reference as they have to be.
#include <algorithm>

#include "device.h"

namespace {

using example::Matrix;
using Vector = std::vector<double>;

constexpr std::size_t kIn = 256, kOut = 128, kSide = 14;  // channels and pixels
constexpr double kWeights = 0.3, kActivations = 0.4;      // densities
constexpr double kAllowed = 1e-3;                         // of the outputs' root mean square

int run(const eie::DeviceConfig& config) {
  example::Random random(2);
  Matrix filters(kOut, kIn);
  for (double& w : filters.values) {
    if (random.uniform() < kWeights) w = (std::floor(random.uniform() * 14) - 6.5) / 64;  // 14 shared values
  }
  Vector bias(kOut);
  for (double& b : bias) b = 0.1 * random.normal();
  std::vector<Matrix> image(kIn, Matrix(kSide, kSide));  // what a ReLU left over
  for (Matrix& channel : image) {
    for (double& v : channel.values) v = random.uniform() < kActivations ? random.uniform() : 0;
  }

  // The reference: the convolution as it is written down.
  std::vector<Matrix> expected(kOut, Matrix(kSide, kSide));
  double largest = 0;
  for (std::size_t k = 0; k < kOut; ++k) {
    for (std::size_t y = 0; y < kSide; ++y) {
      for (std::size_t x = 0; x < kSide; ++x) {
        double sum = bias[k];
        for (std::size_t c = 0; c < kIn; ++c) sum += filters.at(k, c) * image[c].at(y, x);
        largest = std::max(largest, std::abs(sum));
        expected[k].at(y, x) = std::max(sum, 0.0);
      }
    }
  }

  example::ResidentMatrix device(config, filters, bias, true, {1, largest});
  example::Error error;
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) {
      Vector pixel;
      for (const Matrix& channel : image) pixel.push_back(channel.at(y, x));
      const Vector outputs = device(pixel);
      for (std::size_t k = 0; k < kOut; ++k) error.add(outputs[k], expected[k].at(y, x));
    }
  }
  const double pixels = kSide * kSide;
  const double dense = static_cast<double>(kIn * kOut) / config.n_pe;
  std::printf(
      "1x1 convolution, %zu to %zu channels, %zu x %zu pixels, %.0f %% of the weights, %.0f %% of the activations, on %s\n", kIn,
      kOut, kSide, kSide, 100 * filters.density(), 100 * kActivations, config.name.c_str());
  std::printf("  %.1f cycles a pixel, %.0f us for the image; a dense product on %u multipliers: %.0f cycles a pixel\n",
              static_cast<double>(device.cycles()) / pixels, static_cast<double>(device.cycles()) / config.clock_mhz, config.n_pe,
              dense);
  std::printf("  against double precision: at most %.2g, rms %.2g, %.2g of the outputs' rms\n", error.largest(), error.rms(),
              error.relative());
  return error.relative() <= kAllowed ? 0 : 1;
}

}  // namespace

int main(int argc, char* argv[]) {
  try {
    if (argc != 2) throw std::runtime_error("usage: conv1x1 CONFIG.yaml");
    return run(eie::host::load_config(argv[1]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "conv1x1: %s\n", error.what());
    return 2;
  }
}
