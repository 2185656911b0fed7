// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/dump/dump_file.h"

#include <cctype>
#include <fstream>

#include "tb/support/error.h"
#include "tb/support/file_cause.h"
#include "tb/trace/dump/dump_readers.h"

namespace eie::tb {

std::optional<std::uint64_t> bits_value(std::string_view bits) {
  if (bits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char bit : bits) {
    if (bit != '0' && bit != '1') return std::nullopt;
    value = value << 1 | static_cast<std::uint64_t>(bit - '0');
  }
  return value;
}

std::unique_ptr<DumpFile> open_dump(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  char start[256];
  in.read(start, sizeof start);
  const std::streamsize count = in.gcount();
  if (count == 0) {
    throw UserError(file + ": " + (in.is_open() && in.eof() ? "is empty" : "cannot be read") +
                    ": expected a file of waves, FST or VCD");
  }
  // An FST file begins with the type of its first block: 0 the header, 254 all of it behind zlib.
  if (start[0] == 0 || static_cast<unsigned char>(start[0]) == 254) return open_fst(file);
  std::streamsize at = 0;
  while (at < count && std::isspace(static_cast<unsigned char>(start[at])) != 0) ++at;
  if (at < count && start[at] == '$') return open_vcd(file);
  throw UserError(file + ": is neither FST nor VCD: expected a file of waves");
}

}  // namespace eie::tb
