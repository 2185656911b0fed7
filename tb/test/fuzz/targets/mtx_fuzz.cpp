// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/readers.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) { read_all(*open_matrix_market("w.mtx", bytes.text())); };
  // Memory: four characters may be two elements of a symmetric pattern, 12 bytes each and as many again, twice, while
  // rows are put in order; up to 2^20 rows may have no element; each takes 8 bytes, three times while elements are
  // put in order.
  target.times = 64;
  target.constant = std::size_t{33} << 20;
  return target;
}

}  // namespace eie::tb
