// SPDX-License-Identifier: Apache-2.0
// Writes the seeds of the target container, for make_corpus.py.
//   container_seeds FOLDER CONFIG.yaml
#include <cstdio>
#include <exception>
#include <random>
#include <string>

#include "tb/compress/container.h"
#include "tb/config/config.h"
#include "tb/test/unit/tb/compress/container_cases.h"

int main(int argc, char** argv) {
  using namespace eie::tb;
  if (argc != 3) return 64;
  try {
    const std::string folder = argv[1];
    const HwConfig config = load_config(argv[2]);
    write_container(folder + "/two.eie", two_layers(), config, {{"threshold", "0.1"}});
    std::mt19937 random(17);
    CompressedNetwork one;
    one.name = "one";
    one.code_width = 4;
    one.layers.push_back(random_layer("fc", 4, 3, 0.5, 4, random));
    write_container(folder + "/one.eie", one, config);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  return 0;
}
