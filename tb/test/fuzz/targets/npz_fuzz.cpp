// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/readers.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) { read_all(*open_npz("w.npz", "", bytes, Wanted::matrix())); };
  // Memory: deflate, as libzip unpacks it, makes up to 1,032 bytes of one, and 12 of these may be an element; a size
  // over 1,100 times the file is refused before; up to 2^20 rows may have no element; each takes 8 bytes, three times
  // while elements are put in order.
  target.times = 10000;
  target.constant = std::size_t{33} << 20;
  return target;
}

}  // namespace eie::tb
