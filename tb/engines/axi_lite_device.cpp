// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/axi_lite_device.h"

#include <sstream>

namespace eie::tb {

void AxiLiteDevice::write(std::uint64_t address, std::uint64_t data, unsigned bytes) {
  const bool upper = bytes == 4 && address % 8 == 4;
  const auto strobe = static_cast<std::uint8_t>(bytes == 8 ? 0xFF : upper ? 0xF0 : 0x0F);
  write_stream({Beat{address, upper ? data << 32 : data, strobe}});
}

std::uint64_t AxiLiteDevice::read(std::uint64_t address, unsigned bytes) {
  const std::uint64_t data = read_stream({address}).front();
  if (bytes == 8) return data;
  return (address % 8 == 4 ? data >> 32 : data) & 0xFFFFFFFFu;
}

void AxiLiteDevice::write_stream(const std::vector<Beat>& beats) {
  std::vector<AxiLiteBeat> sent;
  sent.reserve(beats.size());
  for (const Beat& beat : beats) sent.push_back({beat.address, beat.data, beat.strobe});
  const AxiLiteManager& manager = transfer(&sent, nullptr);
  for (std::size_t k = 0; k < beats.size(); ++k) {
    if (manager.write_errors()[k]) refuse("write", beats[k].address);
  }
}

std::vector<std::uint64_t> AxiLiteDevice::read_stream(const std::vector<std::uint64_t>& addresses) {
  const AxiLiteManager& manager = transfer(nullptr, &addresses);
  for (std::size_t k = 0; k < addresses.size(); ++k) {
    if (manager.read_errors()[k]) refuse("read", addresses[k]);
  }
  return manager.read_data();
}

void AxiLiteDevice::refuse(const std::string& access, std::uint64_t address) {
  std::ostringstream os;
  os << access << " at 0x" << std::hex << address << " got SLVERR";
  throw DeviceError(os.str());
}

}  // namespace eie::tb
