// SPDX-License-Identifier: Apache-2.0
// What the engines with an AXI4-Lite port (hw, rtl) have in common: accesses as beats, and answers to refused ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/host/device.h"
#include "tlm/axi/axi_lite_manager.h"

namespace eie::tb {

class AxiLiteDevice : public Device {
 public:
  void write(std::uint64_t address, std::uint64_t data, unsigned bytes) override;
  std::uint64_t read(std::uint64_t address, unsigned bytes) override;
  void write_stream(const std::vector<Beat>& beats) override;
  std::vector<std::uint64_t> read_stream(const std::vector<std::uint64_t>& addresses) override;

 protected:
  /// Sends both lists (null: empty) and returns when all responses are in the manager. Throws DeviceError if they do not come.
  virtual const AxiLiteManager& transfer(const std::vector<AxiLiteBeat>* beats, const std::vector<std::uint64_t>* reads) = 0;

  /// Throws DeviceError: `access` at `address` got SLVERR.
  [[noreturn]] static void refuse(const std::string& access, std::uint64_t address);
};

}  // namespace eie::tb
