// SPDX-License-Identifier: Apache-2.0
// A 3x3 convolution on an EIE (paper, section VII): Winograd's F(2x2, 3x3) makes it 16 products of matrix and vector.
//
//   Y = A' [ sum over channels of (G g G') .* (B' d B) ] A        (Lavin and Gray, CVPR 2016)
//
// A tile of 4x4 pixels d gives 2x2 pixels Y. Each of the 16 elements of the tile is a product over the channels. The 16 matrices
// are the blocks of one matrix that stays in the device; the transforms of d and Y are additions of the host.
//
// Usage: winograd CONFIG.yaml. Exit status 0 if the outputs are as close to the reference as they have to be.
#include <algorithm>
#include <utility>

#include "device.h"

namespace {

using example::Matrix;
using Vector = std::vector<double>;
using Tile = double[4][4];

constexpr std::size_t kIn = 64, kOut = 64, kSide = 14;  // channels and pixels
constexpr double kAllowed = 4e-3;                       // of the outputs' root mean square

/// A filter bank with weights -1, 0, 1 times one number (as in Trained Ternary Quantization): the transformed ones are then
/// quarters of it, so that one codebook holds them all and sharing loses nothing. At most seven weights a filter.
std::vector<Matrix> random_filters(double density, example::Random& random) {
  std::vector<Matrix> filters(kIn * kOut, Matrix(3, 3));
  for (Matrix& g : filters) {
    int kept = 0;
    for (double& w : g.values) {
      if (random.uniform() >= density || kept == 7) continue;
      w = random.uniform() < 0.5 ? -0.0625 : 0.0625;
      ++kept;
    }
  }
  return filters;
}

/// G g G'
void transform_filter(const Matrix& g, Tile& u) {
  constexpr double kG[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      u[i][j] = 0;
      for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t b = 0; b < 3; ++b) u[i][j] += kG[i][a] * g.at(a, b) * kG[j][b];
      }
    }
  }
}

/// B' d B
void transform_input(const Tile& d, Tile& v) {
  Tile t;
  for (int j = 0; j < 4; ++j) {
    t[0][j] = d[0][j] - d[2][j];
    t[1][j] = d[1][j] + d[2][j];
    t[2][j] = d[2][j] - d[1][j];
    t[3][j] = d[1][j] - d[3][j];
  }
  for (int i = 0; i < 4; ++i) {
    v[i][0] = t[i][0] - t[i][2];
    v[i][1] = t[i][1] + t[i][2];
    v[i][2] = t[i][2] - t[i][1];
    v[i][3] = t[i][1] - t[i][3];
  }
}

/// A' m A
void transform_output(const Tile& m, double (&y)[2][2]) {
  double t[2][4];
  for (int j = 0; j < 4; ++j) {
    t[0][j] = m[0][j] + m[1][j] + m[2][j];
    t[1][j] = m[1][j] - m[2][j] - m[3][j];
  }
  for (int i = 0; i < 2; ++i) {
    y[i][0] = t[i][0] + t[i][1] + t[i][2];
    y[i][1] = t[i][1] - t[i][2] - t[i][3];
  }
}

/// Zero outside the image.
double pixel(const Matrix& channel, std::size_t y, std::size_t x, std::size_t dy, std::size_t dx) {
  if (y + dy < 1 || x + dx < 1 || y + dy > kSide || x + dx > kSide) return 0;
  return channel.at(y + dy - 1, x + dx - 1);
}

/// The 16 matrices, kOut x kIn each, along the diagonal of one.
Matrix blocks(const std::vector<Matrix>& filters) {
  Matrix all(16 * kOut, 16 * kIn);
  Tile u;
  for (std::size_t k = 0; k < kOut; ++k) {
    for (std::size_t c = 0; c < kIn; ++c) {
      transform_filter(filters[k * kIn + c], u);
      for (std::size_t e = 0; e < 16; ++e) all.at(e * kOut + k, e * kIn + c) = u[e / 4][e % 4];
    }
  }
  return all;
}

/// Nine shifted copies of the channels beside each other: the convolution without Winograd.
Matrix nine(const std::vector<Matrix>& filters) {
  Matrix all(kOut, 9 * kIn);
  for (std::size_t k = 0; k < kOut; ++k) {
    for (std::size_t c = 0; c < kIn; ++c) {
      for (std::size_t e = 0; e < 9; ++e) all.at(k, e * kIn + c) = filters[k * kIn + c].values[e];
    }
  }
  return all;
}

int run(const eie::DeviceConfig& config, double density, double activations) {
  example::Random random(3);
  const std::vector<Matrix> filters = random_filters(density, random);
  std::vector<Matrix> image(kIn, Matrix(kSide, kSide));
  for (Matrix& channel : image) {
    for (double& v : channel.values) v = random.uniform() < activations ? random.uniform() : 0;
  }

  // The reference: the 3x3 convolution as it is written down.
  std::vector<Matrix> expected(kOut, Matrix(kSide, kSide));
  double largest = 0;
  for (std::size_t k = 0; k < kOut; ++k) {
    for (std::size_t y = 0; y < kSide; ++y) {
      for (std::size_t x = 0; x < kSide; ++x) {
        double sum = 0;
        for (std::size_t c = 0; c < kIn; ++c) {
          for (std::size_t e = 0; e < 9; ++e) sum += filters[k * kIn + c].values[e] * pixel(image[c], y, x, e / 3, e % 3);
        }
        expected[k].at(y, x) = sum;
        largest = std::max(largest, std::abs(sum));
      }
    }
  }

  // The transformed inputs, a vector a tile, and the range of what comes out.
  std::vector<Vector> inputs;
  const Matrix matrix = blocks(filters);
  example::Range range;
  for (std::size_t y = 0; y < kSide; y += 2) {
    for (std::size_t x = 0; x < kSide; x += 2) {
      Vector v(16 * kIn);
      for (std::size_t c = 0; c < kIn; ++c) {
        Tile d, t;
        for (std::size_t e = 0; e < 16; ++e) d[e / 4][e % 4] = pixel(image[c], y, x, e / 4, e % 4);
        transform_input(d, t);
        for (std::size_t e = 0; e < 16; ++e) v[e * kIn + c] = t[e / 4][e % 4];
      }
      range.input = std::max(range.input, example::largest_magnitude(v));
      range.output = std::max(range.output, example::largest_magnitude(example::product(matrix, v)));
      inputs.push_back(std::move(v));
    }
  }

  example::ResidentMatrix winograd(config, matrix, {}, false, range);
  example::Error error;
  std::size_t tile = 0;
  for (std::size_t y = 0; y < kSide; y += 2) {
    for (std::size_t x = 0; x < kSide; x += 2) {
      const Vector m = winograd(inputs[tile++]);
      for (std::size_t k = 0; k < kOut; ++k) {
        Tile t;
        double out[2][2];
        for (std::size_t e = 0; e < 16; ++e) t[e / 4][e % 4] = m[e * kOut + k];
        transform_output(t, out);
        for (std::size_t e = 0; e < 4; ++e) error.add(out[e / 2][e % 2], expected[k].at(y + e / 2, x + e % 2));
      }
    }
  }

  const Matrix beside = nine(filters);
  example::ResidentMatrix direct(config, beside, {}, false, {1, largest});
  example::Error direct_error;
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) {
      Vector v(9 * kIn);
      for (std::size_t c = 0; c < kIn; ++c) {
        for (std::size_t e = 0; e < 9; ++e) v[e * kIn + c] = pixel(image[c], y, x, e / 3, e % 3);
      }
      const Vector outputs = direct(v);
      for (std::size_t k = 0; k < kOut; ++k) direct_error.add(outputs[k], expected[k].at(y, x));
    }
  }

  const double pixels = kSide * kSide;
  std::printf(
      "3x3 convolution, %zu to %zu channels, %zu x %zu pixels, %.0f %% of the weights, %.0f %% of the activations, on %s\n", kIn,
      kOut, kSide, kSide, 100 * beside.density(), 100 * activations, config.name.c_str());
  std::printf("  Winograd: 16 products a tile, %.0f %% of their weights, %zu shared values; %.1f cycles a pixel\n",
              1600 * matrix.density(), winograd.shared_weights(), static_cast<double>(winograd.cycles()) / pixels);
  std::printf("    against double precision: at most %.2g, rms %.2g, %.2g of the outputs' rms\n", error.largest(), error.rms(),
              error.relative());
  std::printf("  nine products beside each other: %.1f cycles a pixel\n", static_cast<double>(direct.cycles()) / pixels);
  std::printf("    against double precision: at most %.2g, rms %.2g, %.2g of the outputs' rms\n", direct_error.largest(),
              direct_error.rms(), direct_error.relative());
  return error.relative() <= kAllowed && direct_error.relative() <= kAllowed ? 0 : 1;
}

}  // namespace

int main(int argc, char* argv[]) {
  try {
    if (argc != 2) throw std::runtime_error("usage: winograd CONFIG.yaml");
    const eie::DeviceConfig config = eie::host::load_config(argv[1]);
    // Pruned weights behind a ReLU; more weights; all activations.
    int result = 0;
    for (const auto& [weights, activations] : {std::pair(0.1, 0.4), std::pair(0.7, 0.4), std::pair(0.7, 1.0)}) {
      result = std::max(result, run(config, weights, activations));
    }
    return result;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "winograd: %s\n", error.what());
    return 2;
  }
}
