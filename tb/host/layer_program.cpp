// SPDX-License-Identifier: Apache-2.0
#include "tb/host/layer_program.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "hw/config.h"
#include "hw/register_map.h"
#include "tb/compress/balance/balance.h"
#include "tb/compress/balance/permuted_source.h"
#include "tb/encoding/codebook.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/fixed_point/fixed_layer.h"
#include "tb/encoding/fixed_point/quantisation.h"
#include "tb/encoding/plan.h"
#include "tb/encoding/quantise.h"
#include "tb/host/driver.h"
#include "tb/support/error.h"
#include "tlm/config/config_keys.h"
#include "tlm/config/device_config_check.h"

namespace eie::host {
namespace {

/// The device that the driver talks to while its accesses are written down. It has capabilities and is always
/// ready.
class Recorder final : public tb::Device {
 public:
  explicit Recorder(const DeviceConfig& config) : config_(config) {}

  std::string engine() const override { return "program"; }

  void write(std::uint64_t address, std::uint64_t data, unsigned) override { keep({address, data, 0xFF}); }
  void write_stream(const std::vector<Beat>& beats) override {
    for (const Beat& beat : beats) keep({beat.address, beat.data, beat.strobe});
  }

  std::uint64_t read(std::uint64_t address, unsigned) override {
    switch (address) {
      case reg::kCap0:
      case reg::kCap1:
      case reg::kCap2:
      case reg::kCap3:
        return cap_register(config_, static_cast<unsigned>(address - reg::kCap0) / 8);
      default:
        return 0;  // STATUS, counters, outputs: what they are is known when the program runs
    }
  }
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override {
    return std::vector<std::uint64_t>(addresses.size());
  }

  void wait_interrupt(std::uint64_t limit_cycles) override {
    launches_.back().limit_cycles = limit_cycles;
    waited_ = true;
  }

  void backdoor_write(std::uint64_t, std::uint64_t) override { throw std::logic_error("layer program: no back door"); }
  std::uint64_t backdoor_read(std::uint64_t) override { throw std::logic_error("layer program: no back door"); }
  std::uint64_t now_cycles() const override { return 0; }

  /// The launches since the last call.
  std::vector<Launch> take() {
    open_ = waited_ = false;
    return std::exchange(launches_, {});
  }
  std::vector<Write> take_setup() { return std::exchange(setup_, {}); }
  void end_setup() { in_setup_ = false; }

 private:
  void keep(const Write& write) {
    if (write.address >= reg::kWindowBase) {
      launch().memory.push_back(write);
    } else if (in_setup_) {
      setup_.push_back(write);
    } else if (write.address == reg::kCtrl) {
      launch().start = write;
      open_ = false;
    } else if (waited_ && write.address == reg::kIrqStatus) {
      launches_.back().acknowledge = write;
      waited_ = false;
    } else {
      launch().registers.push_back(write);
    }
  }

  /// The launch that is being loaded.
  Launch& launch() {
    if (!open_) launches_.emplace_back();
    open_ = true;
    return launches_.back();
  }

  const DeviceConfig config_;
  bool in_setup_ = true;
  bool open_ = false;
  bool waited_ = false;
  std::vector<Write> setup_;
  std::vector<Launch> launches_;
};

/// Codes of a matrix of real weights.
class DenseWeights final : public tb::ColumnSource {
 public:
  DenseWeights(const Layer& layer, const tb::Codebook& codebook) : layer_(layer), codebook_(codebook) {}
  std::size_t rows() const override { return layer_.rows; }
  std::size_t columns() const override { return layer_.columns; }
  const std::vector<std::int32_t>& codebook() const override { return integers_; }  // none yet
  void column(std::size_t j, std::vector<std::uint8_t>& codes) const override {
    codes.resize(layer_.rows);
    for (std::size_t i = 0; i < layer_.rows; ++i) codes[i] = codebook_.code(layer_.weights[i * layer_.columns + j]);
  }

 private:
  const Layer& layer_;
  const tb::Codebook& codebook_;
  const std::vector<std::int32_t> integers_;
};

[[noreturn]] void refuse(const Layer& layer, const std::string& text) { throw UserError("layer '" + layer.name + "': " + text); }

void check_numbers(const Layer& layer, const char* what, const std::vector<double>& values, std::size_t expected) {
  if (values.size() != expected) {
    refuse(layer, std::string(what) + " has " + std::to_string(values.size()) + " values: expected " + std::to_string(expected));
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (std::abs(values[k]) <= tb::kLargestMagnitude) continue;  // not so for nan
    std::ostringstream text;
    text << what << "[" << k << "] is " << values[k] << ": expected a number of magnitude up to 1e150";
    refuse(layer, text.str());
  }
}

void check_layer(const Layer& layer) {
  if (layer.rows == 0 || layer.columns == 0) {
    refuse(layer, "has " + std::to_string(layer.rows) + " rows and " + std::to_string(layer.columns) +
                      " columns: expected at least one of each");
  }
  // In this order nothing overflows.
  if (layer.weights.size() / layer.rows != layer.columns || layer.weights.size() % layer.rows != 0) {
    refuse(layer, "weights has " + std::to_string(layer.weights.size()) + " values: expected rows * columns, " +
                      std::to_string(layer.rows) + " * " + std::to_string(layer.columns));
  }
  check_numbers(layer, "weights", layer.weights, layer.weights.size());
  check_numbers(layer, "bias", layer.bias, layer.bias.empty() ? 0 : layer.rows);
  check_numbers(layer, "activations", layer.activations, layer.columns);
}

tb::BalanceKind kind_of(RowBalance balance) {
  switch (balance) {
    case RowBalance::kRows:
      return tb::BalanceKind::kRows;
    case RowBalance::kWindows:
      return tb::BalanceKind::kWindows;
    default:
      return tb::BalanceKind::kNone;
  }
}

void check_outputs(const Layer& layer) {
  for (std::size_t i = 0; i < layer.rows; ++i) {
    double sum = layer.bias.empty() ? 0 : layer.bias[i];
    for (std::size_t j = 0; j < layer.columns; ++j) sum += layer.weights[i * layer.columns + j] * layer.activations[j];
    if (!(std::abs(sum) <= tb::kLargestMagnitude)) {  // not so for nan
      refuse(layer, "output " + std::to_string(i) + " is over 1e150: expected smaller weights or activations");
    }
  }
}

}  // namespace

// --- Making programs
// -------------------------------------------------------------------------------------------

class LayerCompiler::Impl {
 public:
  Impl(const DeviceConfig& config, const Layer& layer)
      : config_(check(config)),
        name_(layer.name),
        columns_(layer.columns),
        own_activations_(layer.activations),
        recorder_(config),
        driver_(recorder_, config, tb::LoadMode::kPort) {
    check_layer(layer);
    check_outputs(layer);
    recorder_.end_setup();
    codebook_ = tb::make_codebook(layer.weights, config.code_width);
    // Entries do not depend on the codes' integers, which need formats, which need the entries.
    const DenseWeights weights(layer, codebook_);
    const std::vector<tb::RowBlock> blocks = tb::split_rows(layer.rows, config);
    tb::BalanceRequest balance;
    balance.kind = kind_of(layer.balance);
    rows_ = tb::balance_rows(weights, config, blocks, balance).rows;
    image_ = tb::encode(tb::PermutedSource(weights, {rows_, {}}), config, blocks);
    plan_ = tb::plan_launches(image_, config, !layer.bias.empty(),
                              "layer '" + layer.name + "'" + (rows_.empty() ? "" : " (rows by place, balanced)"));
    tb::FixedLayer fixed;
    try {
      fixed = tb::fix_layer({image_, codebook_.values, tb::in_places(layer.bias, rows_), {layer.activations}, layer.relu},
                            {layer.weight_frac, layer.act_frac, layer.out_frac}, config);
    } catch (const UserError& error) {
      const std::string text = error.what();
      const std::string label = "layer '" + layer.name + "': ";
      throw UserError(text.rfind(label, 0) == 0 ? text : label + text);
    }
    formats_ = fixed.formats;
    warnings_ = std::move(fixed.warnings);
    driver_.load({{layer.name, &image_, &plan_, std::move(fixed.codebook), std::move(fixed.bias), formats_.shift, layer.relu}});
  }

  LayerProgram program(const std::vector<double>& activations) {
    Layer named;
    named.name = name_;
    check_numbers(named, "activations", activations, columns_);
    const tb::QuantityLoss loss = tb::quantisation_loss(activations, formats_.act_frac, config_.data_width);
    driver_.run({tb::quantise(activations, formats_.act_frac, config_.data_width)});

    LayerProgram program;
    program.setup = recorder_.take_setup();
    program.launches = recorder_.take();
    program.rows = image_.rows;
    program.data_width = config_.data_width;
    program.weight_frac = formats_.weight_frac;
    program.act_frac = formats_.act_frac;
    program.out_frac = formats_.out_frac;
    program.shift = formats_.shift;
    program.distinct_weights = codebook_.distinct;
    program.shared_weights = codebook_.used;
    program.largest_weight_error = codebook_.max_error;
    program.warnings = warnings_;
    program.clamped_activations = loss.clamped;
    program.zeroed_activations = loss.zeroed;
    if (activations != own_activations_) warn(loss, program.warnings);
    for (std::size_t n = 0; n < plan_.launches.size(); ++n) {
      if (plan_.launches[n].last) place_outputs(program.launches.at(n), image_.blocks[plan_.launches[n].block]);
    }
    return program;
  }

 private:
  /// The formats were chosen for the layer's own activations; these may not go with them.
  void warn(const tb::QuantityLoss& loss, std::vector<std::string>& warnings) const {
    const std::string format = "act-frac " + std::to_string(formats_.act_frac) + ", " + std::to_string(config_.data_width) +
                               " bits, chosen for the layer's own activations";
    const std::string all = " of " + std::to_string(loss.values) + " non-zero activations of a later input";
    if (loss.clamped != 0) {
      warnings.push_back(std::to_string(loss.clamped) + all + " clamped, results are wrong (" + format + ")");
    }
    if (loss.zeroed != 0) {
      warnings.push_back(std::to_string(loss.zeroed) + all + " became 0 and are not broadcast (" + format + ")");
    }
  }

  /// Row i of the block is in PE i mod n_pe, at the local activation that the descriptor names.
  void place_outputs(Launch& launch, const tb::RowBlock& block) const {
    std::uint64_t first = 0;
    for (const Write& write : launch.registers) {
      if (write.address == reg::kOutAddress) first = write.data;
    }
    for (std::size_t i = 0; i < block.rows; ++i) {
      const std::uint64_t local = first + i / config_.n_pe;
      const auto pe = static_cast<unsigned>(i % config_.n_pe);
      Output output;
      output.row = static_cast<std::size_t>(tb::at_place(rows_, block.first_row + i));
      output.address = config_.window_base(pe) + config_.window().act_offset + local / config_.lanes() * 8;
      output.lsb = static_cast<unsigned>(local % config_.lanes()) * config_.data_width;
      launch.outputs.push_back(output);
    }
  }

  const DeviceConfig config_;
  const std::string name_;
  const std::size_t columns_;
  const std::vector<double> own_activations_;
  tb::Codebook codebook_;
  tb::Formats formats_;
  std::vector<std::string> warnings_;
  tb::Order rows_;  // what lies at the places; empty: each row at its own
  tb::EncodedLayer image_;
  tb::Plan plan_;
  Recorder recorder_;
  tb::Driver driver_;
};

LayerCompiler::LayerCompiler(const DeviceConfig& config, const Layer& layer) : impl_(std::make_unique<Impl>(config, layer)) {}
LayerCompiler::~LayerCompiler() = default;
LayerCompiler::LayerCompiler(LayerCompiler&&) noexcept = default;
LayerCompiler& LayerCompiler::operator=(LayerCompiler&&) noexcept = default;

LayerProgram LayerCompiler::program(const std::vector<double>& activations) { return impl_->program(activations); }

LayerProgram make_layer_program(const DeviceConfig& config, const Layer& layer) {
  return LayerCompiler(config, layer).program(layer.activations);
}

// --- Playing them
// ----------------------------------------------------------------------------------------------

std::int32_t LayerProgram::integer(const Output& output, std::uint64_t word) const {
  const unsigned left = 64 - data_width - output.lsb;
  return static_cast<std::int32_t>(static_cast<std::int64_t>(word << left) >> (64 - data_width));
}

double LayerProgram::real(std::int32_t integer) const { return std::ldexp(static_cast<double>(integer), -out_frac); }

LayerOutputs run(const LayerProgram& program, Bus& bus) {
  LayerOutputs result;
  result.integers.resize(program.rows);
  for (const Write& write : program.setup) bus.write(write);
  for (const Launch& launch : program.launches) {
    for (const Write& write : launch.memory) bus.write(write);
    for (const Write& write : launch.registers) bus.write(write);
    bus.write(launch.start);
    bus.wait_interrupt(launch.limit_cycles);
    bus.write(launch.acknowledge);
    const std::uint64_t status = bus.read(reg::kStatus);
    if ((status & reg::kStatusError) != 0) {
      throw std::runtime_error("layer program: STATUS.error is set: the device dropped a write");
    }
    result.saturated = result.saturated || (status & reg::kStatusSaturated) != 0;
    result.cycles += bus.read(reg::kCycles);
    // Neighbours share words.
    std::vector<Output> outputs = launch.outputs;
    std::stable_sort(outputs.begin(), outputs.end(), [](const Output& a, const Output& b) { return a.address < b.address; });
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (k == 0 || outputs[k].address != outputs[k - 1].address) word = bus.read(outputs[k].address);
      result.integers[outputs[k].row] = program.integer(outputs[k], word);
    }
  }
  for (const std::int32_t integer : result.integers) result.values.push_back(program.real(integer));
  return result;
}

}  // namespace eie::host
