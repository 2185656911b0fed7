// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/readers.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) {
    const FileInMemory file(bytes);
    read_all(*open_matrix(file.path()));
  };
  // Memory: as that of npz, the largest.
  target.times = 10000;
  target.constant = std::size_t{33} << 20;
  return target;
}

}  // namespace eie::tb
