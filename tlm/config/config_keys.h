// SPDX-License-Identifier: Apache-2.0
// The keys of a configuration: the one list from which are made what reads a file (tb/config/config.cpp), the struct of
// constants that hw/ is compiled with (tb/config/config_cpp.cpp) and its values (compiled_config.h), the check of the ranges
// (device_config_check.cpp), the CAP registers of the models and what the driver expects of them (their fields are named after
// the keys in hw/register_map.h), reports, and the table in docs/configurations.md (scripts/config_keys). hw/config.h and
// hw/host_registers.h do not know it: they are an independent guard. Plain C++17.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tlm/config/device_config.h"

namespace eie {

/// What a whole number in a configuration may be, seen alone; find_fault() knows what goes together.
struct WholeRange {
  enum class Kind { kAny, kPowerOfTwo, kListedPowerOfTwo };
  unsigned low;
  unsigned high;
  Kind kind;

  bool allows(unsigned number) const;
  /// "an integer from 1 to 256", "a power of two from 1 to 1024", "one of 8, 16, 32"
  std::string expected() const;
};

struct RealRange {
  double low;
  double high;

  bool allows(double number) const { return number >= low && number <= high; }  // nan is refused
  /// "a number from 0.001 to 1e+06"
  std::string expected() const;
};

struct AnyValue {};

/// Where a key stands in the registers CAP0 to CAP3; nowhere with 0 bits.
struct CapField {
  unsigned index;
  unsigned lsb;
  unsigned bits;
};

/// As hw/register_map.h has it: the field that is named after the key.
constexpr CapField cap_field(std::string_view key) {
  for (const reg::Register& row : reg::kRegisters) {
    for (const reg::Field& field : row.fields) {
      if (field.name == nullptr || field.reset != reg::kOfConfiguration || key != field.name) continue;
      return {(row.offset - reg::kCap0) / 8, reg::lsb_of(field.bits), reg::width_of(field.bits)};
    }
  }
  return {0, 0, 0};
}

/// A key with a value of type T: std::string, unsigned, bool or double.
template <class T, class Range>
struct ConfigKey {
  using Value = T;
  const char* name;        // in a file, and wherever people read it
  const char* constant;    // in the struct that hw/ is compiled with
  T DeviceConfig::*value;  // in a program
  Range range;
  const char* unit;         // behind the constant
  const char* paper;        // the paper's value: its figure, then a word on it
  const char* meaning;      // in docs/configurations.md, Markdown as the next
  const char* limits = "";  // what else its range depends on
  const char* after = "";   // the key that is checked, and reported, before this one; "": the one above it
  bool optional = false;    // a file may leave it out; then it is the paper's, as in DeviceConfig()
};
using TextKey = ConfigKey<std::string, AnyValue>;
using WholeKey = ConfigKey<unsigned, WholeRange>;
using FlagKey = ConfigKey<bool, AnyValue>;
using RealKey = ConfigKey<double, RealRange>;

/// Calls visit(key, constant) for every key in the order of a file. constant(Cfg()) is the key's value in a compiled
/// configuration.
template <class Visit>
void for_each_key(Visit&& visit) {
  using C = DeviceConfig;
  constexpr auto any = WholeRange::Kind::kAny;
  constexpr auto power = WholeRange::Kind::kPowerOfTwo;
  constexpr auto listed = WholeRange::Kind::kListedPowerOfTwo;

  // A row: name, constant, value, range; unit, the paper's, meaning, limits, after
  // clang-format off
  visit(TextKey{"name", "kName", &C::name, {},
                "", "-", "name of the configuration; the file name without `.yaml`",
                "a letter, then letters, digits, `_`, `-`; up to 64"},
        [](auto cfg) { return decltype(cfg)::kName; });
  visit(WholeKey{"n_pe", "kPes", &C::n_pe, {1, 1024, power},
                 "", "64", "processing elements", "; hw and rtl up to 256, tlm any"},
        [](auto cfg) { return decltype(cfg)::kPes; });
  visit(WholeKey{"queue_depth", "kQueueDepth", &C::queue_depth, {1, 256, any},
                 "usable entries", "7 (\"8\")",
                 "usable entries of an activation queue. The paper's \"FIFO = n\" (Figure 8) is n - 1"},
        [](auto cfg) { return decltype(cfg)::kQueueDepth; });
  visit(WholeKey{"look_ahead", "kLookAhead", &C::look_ahead, {0, 64, any},
                 "descriptors between pointer read and Spmat read", "0",
                 "descriptors between pointer read and Spmat read; 0 is the paper ([architecture](architecture.md#look-ahead))"},
        [](auto cfg) { return decltype(cfg)::kLookAhead; });
  visit(WholeKey{"spmat_width", "kSpmatWidth", &C::spmat_width, {32, 512, listed},
                 "bits", "64", "bits of an Spmat SRAM row"},
        [](auto cfg) { return decltype(cfg)::kSpmatWidth; });
  visit(WholeKey{"spmat_depth", "kSpmatDepth", &C::spmat_depth, {2, 1u << 20, power},
                 "rows", "16,384 (128 KB)", "rows"},
        [](auto cfg) { return decltype(cfg)::kSpmatDepth; });
  visit(WholeKey{"pointer_width", "kPointerWidth", &C::pointer_width, {8, 20, any},
                 "bits", "16", "bits of a pointer; limits a PE to `2^pointer_width - 1` entries"},
        [](auto cfg) { return decltype(cfg)::kPointerWidth; });
  visit(WholeKey{"pointer_depth", "kPointerDepth", &C::pointer_depth, {4, 1u << 20, power},
                 "pointers, both banks", "16,384 (32 KB)", "pointers, both banks together"},
        [](auto cfg) { return decltype(cfg)::kPointerDepth; });
  visit(WholeKey{"act_depth", "kActDepth", &C::act_depth, {4, 1u << 20, power},
                 "64-bit words", "256 (2 KB)", "64-bit words of the activation SRAM"},
        [](auto cfg) { return decltype(cfg)::kActDepth; });
  visit(WholeKey{"registers", "kRegisters", &C::registers, {4, 16384, power},
                 "source and destination registers, each", "64",
                 "source registers of a PE, and as many destination registers", ", at least `64 / data_width`", "data_width"},
        [](auto cfg) { return decltype(cfg)::kRegisters; });
  visit(WholeKey{"code_width", "kCodeWidth", &C::code_width, {1, 8, any},
                 "bits", "4", "bits of a weight code; `2^code_width - 1` shared non-zero values"},
        [](auto cfg) { return decltype(cfg)::kCodeWidth; });
  visit(WholeKey{"run_width", "kRunWidth", &C::run_width, {1, 8, any},
                 "bits", "4", "bits of a zero run; `code_width + run_width` must be 4, 8 or 16"},
        [](auto cfg) { return decltype(cfg)::kRunWidth; });
  visit(WholeKey{"data_width", "kDataWidth", &C::data_width, {8, 32, listed},
                 "bits", "16", "bits of an activation and of a codebook value"},
        [](auto cfg) { return decltype(cfg)::kDataWidth; });
  visit(WholeKey{"acc_width", "kAccWidth", &C::acc_width, {8, 48, any},
                 "bits", "16", "bits of an accumulator", ", at least `data_width`"},
        [](auto cfg) { return decltype(cfg)::kAccWidth; });
  visit(WholeKey{"lnzd_fan_in", "kLnzdFanIn", &C::lnzd_fan_in, {2, 4, listed},
                 "children of an LNZD node", "4", "children of an LNZD node"},
        [](auto cfg) { return decltype(cfg)::kLnzdFanIn; });
  visit(FlagKey{"skip_padding", "kSkipPadding", &C::skip_padding, {},
                "a padding entry takes no cycle of its own", "false",
                "padding is read together with the entry behind it ([architecture](architecture.md#padding-skipped))", "true, false",
                "", true},
        [](auto cfg) { return decltype(cfg)::kSkipPadding; });
  visit(FlagKey{"ecc", "kEcc", &C::ecc, {},
                "", "-", "SRAMs with error correction ([ecc](ecc.md))", "true, false"},
        [](auto cfg) { return decltype(cfg)::kEcc; });
  visit(FlagKey{"pe_counters", "kPeCounters", &C::pe_counters, {},
                "counters of entries, stalls and SRAM reads in each PE", "-",
                "each PE counts its entries, starved cycles and SRAM reads; without, reports have null in their place", "true, false",
                "", true},
        [](auto cfg) { return decltype(cfg)::kPeCounters; });
  visit(RealKey{"clock_mhz", "kClockMhz", &C::clock_mhz, {1e-3, 1e6},
                "", "800", "turns cycles into time; and the period of the simulated clock"},
        [](auto cfg) { return decltype(cfg)::kClockMhz; });
  // clang-format on
}

/// The same in the order in which a configuration is checked and reported.
template <class Visit>
void for_each_checked_key(Visit&& visit) {
  for_each_key([&visit](const auto& key, auto constant) {
    if (key.after[0] != '\0') return;
    visit(key, constant);
    for_each_key([&](const auto& late, auto late_constant) {
      if (std::string_view(late.after) == key.name) visit(late, late_constant);
    });
  });
}

/// A whole number as a rule of its own.
struct NumberRule : WholeRange {
  const char* key;
  unsigned DeviceConfig::*value;
};

/// The rules of all whole numbers, in the order in which a configuration is checked.
const std::vector<NumberRule>& number_rules();

/// A key of the CAP registers with its value in a configuration.
struct CapValue {
  const char* key;
  CapField field;
  std::uint64_t value;
};

/// All of them in the order of their bits.
std::vector<CapValue> cap_values(const DeviceConfig& config);

/// Where CAP3 has the logarithm of the window stride.
constexpr CapField kCapStride = cap_field("log2_stride");

/// CAP0 to CAP3, index 0 to 3, of a device of this configuration.
std::uint64_t cap_register(const DeviceConfig& config, unsigned index);

}  // namespace eie
