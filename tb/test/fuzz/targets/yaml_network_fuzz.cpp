// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/network_file.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) {
    const FileInMemory file(bytes);
    load_network(file.path());
  };
  return target;
}

}  // namespace eie::tb
