// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/readers.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) { read_all(*open_table("w.csv", bytes.text())); };
  // Memory: two characters may be a number of the text, which takes 12 bytes as an element and as many again, twice,
  // while rows are put in order.
  target.times = 40;
  return target;
}

}  // namespace eie::tb
