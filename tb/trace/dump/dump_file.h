// SPDX-License-Identifier: Apache-2.0
// A file of waves, VCD or FST, as a list of variables and their changes. Whoever wrote it: nothing here knows EIE.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eie::tb {

enum class DumpKind { kBits, kReal, kText };

struct DumpVariable {
  std::string scope;  // "top.dut.pe_3", without a dot at the end
  std::string name;   // "count", without its range
  std::string range;  // "[2:0]" or empty, as the file spells it
  unsigned width = 1;
  DumpKind kind = DumpKind::kBits;
  bool is_signed = false;

  std::string path() const { return scope.empty() ? name : scope + "." + name; }
};

struct DumpHeader {
  int exponent = -12;       // a unit of time is 10^exponent seconds
  std::uint64_t first = 0;  // time stamps
  std::uint64_t last = 0;
  std::vector<DumpVariable> variables;  // in the file's order
  std::vector<std::string> comments;
};

/// Bits are text too: '0', '1', 'x', 'z', most significant first; leading ones may be missing in a VCD.
using DumpChange = std::function<void(std::uint64_t time, std::size_t variable, std::string_view value)>;

class DumpFile {
 public:
  virtual ~DumpFile() = default;
  const DumpHeader& header() const { return header_; }
  /// Calls `change` for every value of the chosen variables, ascending in time. Variables that share their values are
  /// each told of.
  virtual void changes(const std::vector<std::size_t>& variables, const DumpChange& change) = 0;

 protected:
  DumpHeader header_;
};

/// Opens a dump by its content, whatever its name. Throws UserError: not there, neither VCD nor FST, cut off, or FST in a
/// program that was built without it.
std::unique_ptr<DumpFile> open_dump(const std::string& file);

/// The value of up to 64 bits; none with an x or a z, or nothing at all.
std::optional<std::uint64_t> bits_value(std::string_view bits);

}  // namespace eie::tb
