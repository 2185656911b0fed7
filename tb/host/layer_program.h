// SPDX-License-Identifier: Apache-2.0
// A layer as what a host does with the device: the words and register writes that load and start it, and
// where its outputs lie. Plain data and plain C++17, for platforms that have a bus of their own
// (docs/using_the_model.md has an example).
//
// It is the project's driver (tb/host/driver.h), written down: encoding, split into launches and placement are the
// same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tlm/config/device_config.h"

namespace eie::host {

/// How rows are dealt to PEs, so that the PEs have the same work: as they are numbered, evenly over all columns, or within
/// windows of columns too. Outputs are the same where no sum clamps.
enum class RowBalance { kNone, kRows, kWindows };

/// y = W a + b in real numbers, with ReLU if asked for.
struct Layer {
  std::string name = "layer";  // in messages
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> weights;  // row after row; over 2^code_width - 1 distinct non-zero values are clustered
  std::vector<double> bias;     // one a row, or none
  bool relu = false;
  std::vector<double>
      activations;  // one a column: the input, by which formats are chosen where none is given, so that nothing clamps
  /// Fraction bits of weights, activations and outputs (docs/numerics.md). All 0: whole numbers.
  std::optional<int> weight_frac;
  std::optional<int> act_frac;
  std::optional<int> out_frac;
  RowBalance balance = RowBalance::kNone;
};

/// A write to the device. The address is the device's, a multiple of 8: a platform adds its base. Bit b of
/// the strobe is byte b of the data; it is 0xFF throughout.
struct Write {
  std::uint64_t address = 0;
  std::uint64_t data = 0;
  std::uint8_t strobe = 0xFF;
};

/// An output: bits lsb .. lsb + data_width - 1 of a 64-bit word, two's complement.
struct Output {
  std::size_t row = 0;
  std::uint64_t address = 0;
  unsigned lsb = 0;
};

/// One start of the device.
struct Launch {
  std::vector<Write> memory;       // weights, pointers, activations and biases; any order, any bus master
  std::vector<Write> registers;    // codebook and layer descriptor
  Write start;                     // after all of them; the interrupt comes when the launch is over
  std::uint64_t limit_cycles = 0;  // no launch takes that long: time for a watchdog
  Write acknowledge;               // of the interrupt
  std::vector<Output> outputs;     // to be read before the next launch is loaded
};

/// What to do, in order.
struct LayerProgram {
  std::vector<Write> setup;  // soft reset, interrupt enabled
  std::vector<Launch> launches;

  std::size_t rows = 0;
  unsigned data_width = 0;
  int weight_frac = 0;
  int act_frac = 0;
  int out_frac = 0;
  int shift = 0;
  std::size_t distinct_weights = 0;     // non-zero values in the matrix
  std::size_t shared_weights = 0;       // and in the codebook
  double largest_weight_error = 0;      // through clustering
  std::vector<std::string> warnings;    // what fixed point loses: of the layer, and of this program's activations where they
                                        // are others (docs/numerics.md)
  std::size_t clamped_activations = 0;  // of this program's: out of the format's range, and limited to it
  std::size_t zeroed_activations = 0;   // not zero, but less than half a step: they are not broadcast

  /// The output in a word that was read at its address.
  std::int32_t integer(const Output& output, std::uint64_t word) const;
  /// An output as a real number: integer * 2^-out_frac.
  double real(std::int32_t integer) const;
};

/// Programs for one layer and one input after another: the first loads everything, the others write only what
/// the first has not left in the device. They have to be played in that order, on one device, with nothing
/// else between them.
class LayerCompiler {
 public:
  /// Throws InvalidConfig (tlm/config/device_config_check.h), and UserError (tb/support/error.h) with the layer's
  /// name and what was expected for a layer that is not one, formats that do not go together, and what does
  /// not fit the device.
  LayerCompiler(const DeviceConfig& config, const Layer& layer);
  ~LayerCompiler();
  LayerCompiler(LayerCompiler&&) noexcept;
  LayerCompiler& operator=(LayerCompiler&&) noexcept;

  /// Activations out of the format's range are clamped, and counted in the program. Sums are not tried again: the device says
  /// when one clamps (LayerOutputs::saturated).
  LayerProgram program(const std::vector<double>& activations);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The program for the layer's own activations, alone. Throws as LayerCompiler does.
LayerProgram make_layer_program(const DeviceConfig& config, const Layer& layer);

/// A platform's way to the device.
class Bus {
 public:
  Bus() = default;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  virtual ~Bus() = default;

  virtual void write(const Write& write) = 0;
  virtual std::uint64_t read(std::uint64_t address) = 0;
  /// Returns when the interrupt line is high; may give up, with an exception, after that many cycles of the
  /// device.
  virtual void wait_interrupt(std::uint64_t limit_cycles) = 0;
};

struct LayerOutputs {
  std::vector<std::int32_t> integers;  // one a row
  std::vector<double> values;          // the same as real numbers
  std::uint64_t cycles = 0;            // of all launches
  bool saturated = false;              // a sum was clamped
};

/// Plays a program. Throws std::runtime_error when the device reports an error.
LayerOutputs run(const LayerProgram& program, Bus& bus);

}  // namespace eie::host
