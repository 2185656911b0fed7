// SPDX-License-Identifier: Apache-2.0
// What the program runs: a network with its samples, prepared for the platform, and what must come out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/config/config.h"
#include "tb/examples/virtual_platform/blob.h"
#include "tb/examples/virtual_platform/sw/network.h"
#include "tb/layers/network.h"

namespace eie::platform {

constexpr int kExitMatch = 0;
constexpr int kExitMismatch = 1;
constexpr int kExitUsage = 2;

/// The command line.
struct Arguments {
  std::string config = EIE_SOURCE_DIR "/configs/eie64.yaml";
  std::string network = EIE_SOURCE_DIR "/configs/networks/digits/digits.yaml";
  std::string engine = "tlm";
  std::string firmware;         // an ELF file for a RISC-V core; empty: the program runs natively
  std::optional<unsigned> gdb;  // a TCP port for a debugger of the firmware
  unsigned samples = 64;
  unsigned burst = 16;
};

using Vectors = std::vector<std::vector<std::int32_t>>;

/// The network, its inputs, and what must come out.
struct Case {
  tb::HwConfig config;
  std::vector<tb::PreparedLayer> layers;
  std::vector<std::int64_t> labels;  // may be empty
  Vectors inputs;
  Vectors golden;
  Blob blob;
};

/// Reads the files, encodes, computes the golden results. Throws tb::UserError.
Case prepare(const Arguments& arguments);

/// Prints the cycles.
void print(const Arguments& arguments, const Case& c, const network_result& result);

/// Compares outputs, cycles and accuracy, prints the verdict; the exit status.
int judge(const Case& c, const network_result& result, const Vectors& by_cpu, const Vectors& by_dma);

}  // namespace eie::platform
