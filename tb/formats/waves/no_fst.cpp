// SPDX-License-Identifier: Apache-2.0
// Where fstapi was not there to build with.
#include "tb/formats/waves/wave_file.h"
#include "tb/support/error.h"

namespace eie::tb {

std::unique_ptr<WaveFile> create_fst_file(const std::string& path, bool) {
  throw UserError("--trace " + path + ": this program was built without FST; expected .vcd, or a build with Debian's verilator");
}

}  // namespace eie::tb
