// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/models/dense_file.h"

namespace eie::tb {

DenseFile::DenseFile(const std::string& name, const std::string& format, const std::vector<std::size_t>& shape,
                     const DenseData& data)
    : MatrixFile(name, format), data_(data) {
  data_.fortran = data.fortran && shape.size() == 2;
  shape_ = shape;
  type_ = data.type.name();
}

template <class T, class Convert>
void DenseFile::read(std::size_t first, std::size_t count, T* values, Convert convert_run) const {
  const std::size_t n = columns();
  const unsigned char* const data = data_.bytes.data();
  if (!data_.fortran) return convert_run(data + first * n * data_.type.bytes, count * n, values);
  std::vector<T> part(count);  // a column's share of these rows
  for (std::size_t j = 0; j < n; ++j) {
    convert_run(data + (j * rows() + first) * data_.type.bytes, count, part.data());
    for (std::size_t i = 0; i < count; ++i) values[i * n + j] = part[i];
  }
}

void DenseFile::read_integers(std::size_t first, std::size_t count, std::int64_t* values) const {
  if (data_.type.is_float()) fail("holds " + type(), "integers");
  read(first, count, values,
       [this](const unsigned char* from, std::size_t n, std::int64_t* to) { to_integers(from, n, data_.type, to); });
  if (data_.type.kind != 'u') return;
  for (std::size_t k = 0; k < count * columns(); ++k) {
    if (values[k] < 0) fail(place(first + k / columns(), k % columns()) + " is over 2^63", "int64 values");
  }
}

void DenseFile::convert(std::size_t first, std::size_t count, double* values) const {
  read(first, count, values,
       [this](const unsigned char* from, std::size_t n, double* to) { to_doubles(from, n, data_.type, to); });
}

std::size_t bytes_of(const std::vector<std::size_t>& shape, const NumberType& type, std::size_t limit) {
  for (const std::size_t size : shape) {
    if (size == 0) return 0;
  }
  std::size_t bytes = type.bytes;
  for (const std::size_t size : shape) {
    if (size > limit / bytes) return SIZE_MAX;
    bytes *= size;
  }
  return bytes;
}

}  // namespace eie::tb
