// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/container/stored_network.h"
#include "tb/test/fuzz/fuzz_target.h"

namespace eie::tb {

// Damage ends at the checksum, before the HDF5 library sees a byte. What is behind a checksum that fits was written by this
// program or forged; against forged files the library does not defend itself, so they are no input of a fuzzer of ours.
FuzzTarget fuzz_target() {
  FuzzTarget target;
  target.read = [](const FileBytes& bytes) { parse_container("net.eie", bytes); };
  // Memory: deflate, as the HDF5 library unpacks it, makes up to 1,032 bytes of one; the library itself takes megabytes.
  target.times = 10000;
  target.constant = std::size_t{33} << 20;
  return target;
}

}  // namespace eie::tb
