// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/npy.h"

#include "tb/formats/matrix_file.h"
#include "tb/support/atomic_file.h"

namespace eie::tb {

std::string npy_header(const char* element, const std::vector<std::size_t>& shape) {
  std::string header = "{'descr': '" + std::string(element) +
                       "', 'fortran_order': False, 'shape': " + (shape.empty() ? "()" : shape_text(shape)) + ", }";
  const std::string magic = "\x93NUMPY";
  const std::size_t before = magic.size() + 4;
  while ((before + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  const char start[4] = {1, 0, static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  return magic + std::string(start, sizeof start) + header;
}

void write_npy_bytes(const std::string& path, const char* element, const void* data, std::size_t item_bytes,
                     const std::vector<std::size_t>& shape) {
  const std::string header = npy_header(element, shape);
  std::size_t bytes = item_bytes;
  for (const std::size_t size : shape) bytes *= size;
  AtomicFile file(path);
  file.write(header.data(), header.size());
  file.write(data, bytes);
  file.commit();
}

}  // namespace eie::tb
