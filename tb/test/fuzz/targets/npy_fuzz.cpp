// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/readers.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) { read_all(*open_npy("w.npy", bytes)); };
  return target;
}

}  // namespace eie::tb
