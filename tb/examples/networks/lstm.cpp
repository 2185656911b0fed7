// SPDX-License-Identifier: Apache-2.0
// An LSTM cell on an EIE (paper, section VII): its eight products are one matrix, its gates are the host's.
//
//   [i f o g] = [W_i U_i; W_f U_f; W_o U_o; W_g U_g] [x; h] + b
//   c = sigmoid(f) c + sigmoid(i) tanh(g),   h = sigmoid(o) tanh(c)
//
// Usage: lstm CONFIG.yaml. Exit status 0 if the outputs are as close to the reference as they have to be.
#include <algorithm>

#include "device.h"

namespace {

using example::Matrix;
using Vector = std::vector<double>;

constexpr std::size_t kCell = 600;  // of the paper's NT-LSTM: 2400 x 1201, whose last column is the bias
constexpr std::size_t kInput = 600;
constexpr double kDensity = 0.1;
constexpr std::size_t kSteps = 20;
constexpr double kAllowed = 1e-3;  // of an output h, which lies between -1 and 1

/// As compression leaves weights: few, and of 2^code_width - 2 values, here evenly spaced.
Matrix random_weights(std::size_t rows, std::size_t columns, unsigned codes, example::Random& random) {
  Matrix m(rows, columns);
  const double deviation = 1 / std::sqrt(kDensity * static_cast<double>(columns));
  const double step = 6 * deviation / static_cast<double>(codes);
  for (double& w : m.values) {
    if (random.uniform() >= kDensity) continue;
    const double level = std::floor(std::abs(random.normal() * deviation) / step);
    w = (random.uniform() < 0.5 ? -1 : 1) * step * (std::min(level, codes / 2.0 - 2) + 0.5);
  }
  return m;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// A cell's state, and what the host does with the four sums of each unit.
struct State {
  Vector c = Vector(kCell);
  Vector h = Vector(kCell);

  void update(const Vector& sums) {
    for (std::size_t k = 0; k < kCell; ++k) {
      const double i = sigmoid(sums[k]), f = sigmoid(sums[kCell + k]), o = sigmoid(sums[2 * kCell + k]);
      c[k] = f * c[k] + i * std::tanh(sums[3 * kCell + k]);
      h[k] = o * std::tanh(c[k]);
    }
  }
};

Vector joined(const Vector& x, const Vector& h) {
  Vector both = x;
  both.insert(both.end(), h.begin(), h.end());
  return both;
}

/// One of the eight: rows of gate `gate`, columns of the input or of the state.
Matrix part(const Matrix& all, std::size_t gate, bool state) {
  Matrix m(kCell, state ? kCell : kInput);
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < m.columns; ++j) m.at(i, j) = all.at(gate * kCell + i, (state ? kInput : 0) + j);
  }
  return m;
}

int run(const eie::DeviceConfig& config) {
  example::Random random(1);
  const Matrix weights = random_weights(4 * kCell, kInput + kCell, config.codes(), random);
  Vector bias(4 * kCell);
  for (double& b : bias) b = 0.1 * random.normal();
  std::vector<Vector> inputs(kSteps, Vector(kInput));  // embedded words: dense, of both signs
  for (Vector& x : inputs) {
    for (double& v : x) v = std::max(-1.0, std::min(1.0, 0.5 * random.normal()));
  }

  // The reference, in double precision; the formats follow its range.
  std::vector<Vector> expected;
  double largest = 0;
  State reference;
  for (const Vector& x : inputs) {
    const Vector sums = example::product(weights, joined(x, reference.h), bias);
    largest = std::max(largest, example::largest_magnitude(sums));
    reference.update(sums);
    expected.push_back(reference.h);
  }

  const example::Range range{1, largest};
  example::ResidentMatrix device(config, weights, bias, false, range);
  example::Error error;
  State state;
  std::size_t first = 0;
  for (std::size_t t = 0; t < kSteps; ++t) {
    state.update(device(joined(inputs[t], state.h)));  // h goes back into the device
    error.add(state.h, expected[t]);
    if (t == 0) first = device.writes();
  }
  std::printf("LSTM cell, %zu inputs and %zu units, %.1f %% of the weights, %zu shared values, on %s\n", kInput, kCell,
              100 * weights.density(), device.shared_weights(), config.name.c_str());
  const double per_step = static_cast<double>(device.cycles()) / kSteps;
  std::printf("  one %zu x %zu matrix: %.0f cycles a step, %.2f us\n", weights.rows, weights.columns, per_step,
              per_step / config.clock_mhz);
  std::printf("  the host writes %zu words before the first step, %zu before every other\n", first, device.writes());

  // The same step as eight products of their own.
  std::uint64_t apart = 0;
  for (std::size_t gate = 0; gate < 4; ++gate) {
    for (const bool with_state : {false, true}) {
      example::ResidentMatrix one(config, part(weights, gate, with_state), {}, false, range);
      one(with_state ? expected[kSteps - 2] : inputs[kSteps - 1]);
      apart += one.cycles();
    }
  }
  std::printf("  eight %zu x %zu matrices: %llu cycles a step\n", kCell, kInput, static_cast<unsigned long long>(apart));
  std::printf("  h after %zu steps against double precision: at most %.2g, rms %.2g\n", kSteps, error.largest(), error.rms());
  return error.largest() <= kAllowed ? 0 : 1;
}

}  // namespace

int main(int argc, char* argv[]) {
  try {
    if (argc != 2) throw std::runtime_error("usage: lstm CONFIG.yaml");
    return run(eie::host::load_config(argv[1]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lstm: %s\n", error.what());
    return 2;
  }
}
