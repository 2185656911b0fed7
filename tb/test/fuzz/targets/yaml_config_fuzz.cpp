// SPDX-License-Identifier: Apache-2.0
#include "tb/config/config.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) {
    const FileInMemory file(bytes);
    load_config(file.path());
  };
  // Memory: yaml-cpp makes a node of about 250 bytes of one or two characters.
  target.times = 400;
  return target;
}

}  // namespace eie::tb
