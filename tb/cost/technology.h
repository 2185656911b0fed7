// SPDX-License-Identifier: Apache-2.0
// What an event of the machine costs in a technology: configs/technology/*.yaml (docs/energy.md).
//
// Every number has a unit and a source; one that was fitted says so. SRAMs of other sizes follow a rule from published points
// and are refused outside its range.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace eie::tb {

/// A number of a technology.
struct TechnologyValue {
  double value = 0;
  std::string unit;  // "pJ", "mW", "um2", "mW/KB", "um2/KB"
  std::string source;
  bool fitted = false;  // chosen so that a published figure comes out
};

/// A read of an SRAM of one size.
struct SramRead {
  double kb = 0;    // of the whole memory, 1024 bytes each
  double bits = 0;  // that a read delivers
  double pj = 0;
  std::string source;
};

class Technology {
 public:
  /// Reads a file. Throws ConfigError: a value that is missing, unknown, without a source, of another unit or negative.
  static Technology load(const std::string& path);

  const std::string& name() const { return name_; }
  const std::string& about() const { return about_; }
  /// One of technology_values(), times what the file says of its unit. Throws std::logic_error for another name.
  double at(const std::string& value) const;
  /// mW that a PE takes whatever it does; none: energy is that of events. A technology with it has no values of events.
  std::optional<double> pe_power() const;
  const std::map<std::string, TechnologyValue>& values() const { return values_; }

  /// Energy of a read of `bits` bits of an SRAM of `kb` KB, in pJ. Between the widths that were published at one size it is a
  /// power of the width; over sizes it is a power of the size, through the two points that were published at one width. Throws
  /// UserError outside the range.
  double sram_read_pj(double kb, double bits) const;
  /// The power of the size in this rule.
  double size_exponent() const;
  /// Throws UserError for a memory that the rules do not reach.
  void check_sram(const std::string& memory, double kb, double bits) const;

 private:
  double factor(const std::string& unit) const;

  std::string name_;
  std::string about_;
  std::map<std::string, TechnologyValue> values_;
  std::vector<SramRead> widths_;  // of one size, by width
  SramRead smaller_;              // another size, of one of the widths
  double least_kb_ = 0;
  double most_kb_ = 0;
  double energy_factor_ = 1;  // of pJ: power is what a file says it is
  double area_factor_ = 1;
};

/// Names and units of the values that a technology has: all of them, or pe_power and no values of events.
const std::map<std::string, std::string>& technology_values();

}  // namespace eie::tb
