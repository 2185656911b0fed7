// SPDX-License-Identifier: Apache-2.0
// Reads a matrix of any format and writes it as a float64 .npy file, for tb/test/unit/tb/formats/formats_numpy.py; or the layers
// of networks, for models/onnx_files.py.
//   formats_tool matrix|vector|integers|shape NAME OUT.npy
//   formats_tool networks FOLDER: for each path on standard input, which it prints again, a line "read", a line for each layer
//   with
//     its name and "relu" or "linear", its files FOLDER/PATH'S NUMBER.LAYER'S NUMBER.w.npy and .b.npy, and an empty line; or a
//     line "refused MESSAGE" and an empty one
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "tb/formats/kept_files.h"
#include "tb/formats/matrix_file.h"
#include "tb/formats/npy.h"
#include "tb/layers/network_file.h"
#include "tb/support/error.h"

namespace {

int networks(const std::string& folder) {
  using namespace eie::tb;
  std::size_t number = 0;
  for (std::string path; std::getline(std::cin, path); ++number) {
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);  // if this ends the program, it is known which one did
    const KeptFiles kept;
    try {
      const NetworkFile network = load_network(path);
      std::printf("read\n");
      for (std::size_t k = 0; k < network.layers.size(); ++k) {
        const LayerFiles& layer = network.layers[k];
        const std::string out = folder + "/" + std::to_string(number) + "." + std::to_string(k);
        const auto file = open_matrix(layer.weights);
        std::vector<double> values(file->rows() * file->columns());
        file->read_rows(0, file->rows(), values.data());
        write_npy(out + ".w.npy", values, file->shape());
        if (!layer.bias.empty()) write_npy(out + ".b.npy", read_vector(layer.bias, file->rows()));
        std::printf("%s %s\n", layer.name.c_str(), layer.relu ? "relu" : "linear");
      }
    } catch (const UserError& error) {
      std::printf("refused %s\n", error.what());
    }
    std::printf("\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace eie::tb;
  if (argc == 3 && std::strcmp(argv[1], "networks") == 0) return networks(argv[2]);
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
