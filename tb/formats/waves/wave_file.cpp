// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/waves/wave_file.h"

#include "tb/support/error.h"

namespace eie::tb {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

bool is_wave_file_name(const std::string& path) { return ends_with(path, ".fst") || ends_with(path, ".vcd"); }

std::unique_ptr<WaveFile> create_wave_file(const std::string& path, bool femtoseconds) {
  if (ends_with(path, ".fst")) return create_fst_file(path, femtoseconds);
  if (ends_with(path, ".vcd")) return create_vcd_file(path, femtoseconds);
  throw UserError("--trace " + path + ": expected a file name that ends with .fst or .vcd");
}

}  // namespace eie::tb
