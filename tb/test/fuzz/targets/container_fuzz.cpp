// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/container/seal.h"
#include "tb/formats/container/stored_network.h"
#include "tb/support/error.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) {
    try {
      parse_container("net.eie", bytes);
    } catch (const UserError&) {
      if (bytes.size() <= kSealBytes) throw;
      // Damage ends at the checksum. What is behind it meets only who wrote one on purpose: so does this.
      std::vector<unsigned char> sealed(bytes.data(), bytes.data() + bytes.size());
      seal(sealed);
      parse_container("net.eie", FileBytes(std::move(sealed)));
    }
  };
  // Memory: deflate, as the HDF5 library unpacks it, makes up to 1,032 bytes of one; the library itself takes megabytes.
  target.times = 10000;
  target.constant = std::size_t{33} << 20;
  return target;
}

}  // namespace eie::tb
