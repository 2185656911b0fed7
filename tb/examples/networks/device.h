// SPDX-License-Identifier: Apache-2.0
// A matrix that stays in an EIE, for the worked examples of docs/examples.md: what a host does, without SystemC.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <eie/host/config.h>
#include <eie/host/layer_program.h>
#include <eie/tlm/model/device_model.h>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace example {

/// Rows of numbers, one after another.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;

  Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c) {}
  double& at(std::size_t i, std::size_t j) { return values[i * columns + j]; }
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
  double density() const {
    std::size_t kept = 0;
    for (const double v : values) kept += v != 0 ? 1 : 0;
    return static_cast<double>(kept) / static_cast<double>(values.size());
  }
};

/// y = M x + b in double precision: the reference.
inline std::vector<double> product(const Matrix& m, const std::vector<double>& x, const std::vector<double>& bias = {}) {
  std::vector<double> y(m.rows);
  for (std::size_t i = 0; i < m.rows; ++i) {
    y[i] = bias.empty() ? 0 : bias[i];
    for (std::size_t j = 0; j < m.columns; ++j) y[i] += m.at(i, j) * x[j];
  }
  return y;
}

/// The device behind the bus of eie::host. On a chip these are accesses over AXI4-Lite; here they reach the cycle model.
class Device final : public eie::host::Bus {
 public:
  explicit Device(const eie::DeviceConfig& config) : model_(config) { model_.reset(++edge_); }

  void write(const eie::host::Write& write) override {
    edge_ += 4;
    check(model_.write(edge_, write.address, write.data, write.strobe), "write", write.address);
  }
  std::uint64_t read(std::uint64_t address) override {
    std::uint64_t data = 0;
    edge_ += 7;
    check(model_.read(edge_, address, data), "read", address);
    return data;
  }
  void wait_interrupt(std::uint64_t limit_cycles) override {
    const std::uint64_t limit = edge_ + limit_cycles;
    while (!model_.irq_line(edge_)) {
      if (edge_ > limit) throw std::runtime_error("no interrupt");
      const std::uint64_t next = model_.next_irq_change(edge_);
      edge_ = next > edge_ ? next : edge_ + 1;
    }
    model_.forget_before(edge_);
  }

 private:
  static void check(eie::model::Access answer, const char* what, std::uint64_t address) {
    if (answer == eie::model::Access::kOk) return;
    throw std::runtime_error(std::string(what) + " at " + std::to_string(address) + " was refused");
  }

  eie::model::DeviceModel model_;
  std::uint64_t edge_ = 0;  // of the clock
};

/// The finest format in which numbers up to `largest` do not clamp: fraction bits of a word of `width` bits.
inline int fraction_bits(double largest, unsigned width) {
  int bits = static_cast<int>(width) - 1;
  while (std::ldexp(largest, bits) > std::ldexp(1.0, static_cast<int>(width) - 1) - 1) --bits;
  return bits;
}

/// Largest magnitudes that will be seen. Formats are fixed by them before the first input comes.
struct Range {
  double input = 0;
  double output = 0;
};

/// A matrix in a device of its own. The first input brings the weights along, every other one its activations alone.
class ResidentMatrix {
 public:
  /// Outputs get a bit more than their range needs, for partial sums.
  ResidentMatrix(const eie::DeviceConfig& config, const Matrix& matrix, const std::vector<double>& bias, bool relu,
                 const Range& range)
      : device_(config), compiler_(config, layer(config, matrix, bias, relu, range)) {}

  /// Throws std::runtime_error where a number clamps: the results would be wrong without a word.
  std::vector<double> operator()(const std::vector<double>& input) {
    const eie::host::LayerProgram program = compiler_.program(input);
    if (program.clamped_activations != 0) throw std::runtime_error("an activation is out of its format's range");
    writes_ = 0;
    for (const eie::host::Launch& launch : program.launches) writes_ += launch.memory.size();
    shared_ = program.shared_weights;
    const eie::host::LayerOutputs outputs = eie::host::run(program, device_);
    if (outputs.saturated) throw std::runtime_error("a sum is out of its format's range");
    cycles_ += outputs.cycles;
    return outputs.values;
  }

  std::uint64_t cycles() const { return cycles_; }  // of all inputs so far, without what the host does
  std::size_t writes() const { return writes_; }    // 64-bit words of memory that the last input took
  std::size_t shared_weights() const { return shared_; }

 private:
  static eie::host::Layer layer(const eie::DeviceConfig& config, const Matrix& matrix, const std::vector<double>& bias, bool relu,
                                const Range& range) {
    eie::host::Layer layer;
    layer.rows = matrix.rows;
    layer.columns = matrix.columns;
    layer.weights = matrix.values;
    layer.bias = bias;
    layer.relu = relu;
    layer.activations.assign(matrix.columns, 0);
    layer.act_frac = fraction_bits(range.input, config.data_width);
    layer.out_frac = fraction_bits(2 * range.output, config.data_width);
    return layer;
  }

  Device device_;
  eie::host::LayerCompiler compiler_;
  std::uint64_t cycles_ = 0;
  std::size_t writes_ = 0;
  std::size_t shared_ = 0;
};

/// The same numbers everywhere: the distributions of the standard library are not the same in every one.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }  // [0, 1)
  double normal() {
    double u = 0, v = 0, s = 0;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    return u * std::sqrt(-2 * std::log(s) / s);
  }

 private:
  std::mt19937_64 engine_;
};

/// Outputs beside their reference.
class Error {
 public:
  void add(double seen, double expected) {
    const double difference = std::abs(seen - expected);
    if (!(difference <= largest_)) largest_ = difference;  // so that NaN stays
    squares_ += difference * difference;
    reference_ += expected * expected;
    ++count_;
  }
  void add(const std::vector<double>& seen, const std::vector<double>& expected) {
    if (seen.size() != expected.size()) throw std::runtime_error("outputs are missing");
    for (std::size_t i = 0; i < seen.size(); ++i) add(seen[i], expected[i]);
  }
  double largest() const { return largest_; }
  double rms() const { return std::sqrt(squares_ / static_cast<double>(count_)); }
  /// Of the root mean square of the reference.
  double relative() const { return std::sqrt(squares_ / reference_); }

 private:
  double largest_ = 0, squares_ = 0, reference_ = 0;
  std::size_t count_ = 0;
};

inline double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

}  // namespace example
