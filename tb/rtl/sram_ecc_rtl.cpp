// SPDX-License-Identifier: Apache-2.0
// Writes the Verilog of SRAM wrappers with error correction (hw/sram_ecc.h), as the RTL has it, for proofs and for the cost
// of encoders and decoders:
//
//   eie_sram_ecc_rtl FOLDER   code_8.sv ... code_64.sv: one code word of so many bits, two words deep; small.sv: four bits
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include "hw/sram.h"

namespace {

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (file) return true;
  std::fprintf(stderr, "eie_sram_ecc_rtl: %s: cannot be written; expected a folder that exists and has room\n", path.c_str());
  return false;
}

template <unsigned... kOffset>
bool write_all(const std::string& folder, std::integer_sequence<unsigned, kOffset...>) {
  return (
      write_file(folder + "/code_" + std::to_string(8 + kOffset) + ".sv", eie::Sram<8 + kOffset, 2, 8 + kOffset, true>::rtl()) &&
      ...);
}

}  // namespace

int sc_main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: eie_sram_ecc_rtl FOLDER\n");
    return 2;
  }
  const std::string folder = argv[1];
  const bool done = write_all(folder, std::make_integer_sequence<unsigned, 57>()) &&
                    write_file(folder + "/small.sv", eie::Sram<4, 2, 4, true>::rtl());
  return done ? 0 : 2;
}
