// SPDX-License-Identifier: Apache-2.0
// Reads a matrix of any format and writes it as a float64 .npy file, for tb/test/unit/tb/formats/formats_numpy.py.
//   formats_tool matrix|vector|integers|shape NAME OUT.npy
#include <cstdio>
#include <cstring>
#include <exception>

#include "tb/formats/matrix_file.h"
#include "tb/formats/npy.h"

int main(int argc, char** argv) {
  using namespace eie::tb;
  if (argc != 4) return 64;
  const std::string what = argv[1];
  try {
    if (what == "vector") {
      write_npy(argv[3], read_vector(argv[2], 0));
    } else if (what == "integers") {
      write_npy(argv[3], read_integer_vector(argv[2], 0));
    } else {
      const auto file = open_matrix(argv[2]);
      std::vector<double> values(file->rows() * file->columns());
      for (std::size_t i = 0; i < file->rows(); i += 3) {  // in pieces, as the program does
        const std::size_t count = i + 3 < file->rows() ? 3 : file->rows() - i;
        file->read_rows(i, count, values.data() + i * file->columns());
      }
      write_npy(argv[3], values, file->shape());
      std::printf("%s %s\n", file->type().c_str(), file->format().c_str());
      if (!file->note().empty()) std::printf("note: %s\n", file->note().c_str());
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  return 0;
}
