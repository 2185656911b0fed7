// SPDX-License-Identifier: Apache-2.0
// The simulation of a case, with any model of the device in the platform.
#pragma once

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "tb/examples/virtual_platform/case.h"
#include "tb/examples/virtual_platform/platform.h"
#include "tb/examples/virtual_platform/sw/network.h"
#include "tb/support/error.h"
#include "tlm/config/clock_period.h"
#ifdef EIE_RISCV
#include "tb/examples/virtual_platform/riscv/elf_image.h"
#include "tb/examples/virtual_platform/riscv/gdb_server.h"
#include "tb/examples/virtual_platform/riscv/riscv_core.h"
#endif

namespace eie::platform {

/// A block of memory through the bus's debug interface, as a loader or a debugger sees it.
template <class AnyPlatform>
void debug(AnyPlatform& platform, tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes) {
  tlm::tlm_generic_payload tx;
  tx.set_command(command);
  tx.set_address(address);
  tx.set_data_ptr(static_cast<unsigned char*>(data));
  tx.set_data_length(static_cast<unsigned>(bytes));
  if (platform.cpu.socket->transport_dbg(tx) != bytes) throw std::runtime_error("debug access outside the memory");
}

/// Output vectors of one mode out of the memory.
template <class AnyPlatform>
Vectors fetch_outputs(AnyPlatform& platform, const Case& c, unsigned mode) {
  const unsigned lanes = c.config.lanes();
  const std::uint64_t words = c.blob.out_bytes / 8;
  const std::uint64_t sample_words = words * c.config.n_pe;
  std::vector<std::uint64_t> packed(sample_words * c.inputs.size());
  debug(platform, tlm::TLM_READ_COMMAND, kBlob + c.blob.outputs + mode * packed.size() * 8, packed.data(), packed.size() * 8);
  Vectors outputs;
  for (std::size_t s = 0; s < c.inputs.size(); ++s) {
    std::vector<std::int32_t> vector(c.layers.back().image.rows);
    for (std::size_t i = 0; i < vector.size(); ++i) {
      const std::size_t local = i / c.config.n_pe;
      const std::uint64_t word = packed[s * sample_words + i % c.config.n_pe * words + local / lanes];
      const unsigned left = 64 - c.config.data_width * (static_cast<unsigned>(local % lanes) + 1);
      vector[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(word << left) >> (64 - c.config.data_width));
    }
    outputs.push_back(vector);
  }
  return outputs;
}

inline DmaConfig dma_of(const Arguments& arguments, const Case& c) {
  DmaConfig dma{clock_period(c.config)};
  dma.burst_beats = arguments.burst;
  return dma;
}

/// Loads the network, runs the simulation, and judges what the program has left behind; returns the exit status. The platform's
/// core has its program; `error` and `result` are that program's.
template <class AnyPlatform, class Error, class Result>
int simulate_loaded(AnyPlatform& platform, const Arguments& arguments, Case& c, const Error& error, const Result& result) {
  // The loader has put the blob into the memory before the core starts.
  debug(platform, tlm::TLM_WRITE_COMMAND, kBlob, c.blob.words.data(), c.blob.words.size() * 8);
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_SEC));
  if (!platform.cpu.ended()) {
    std::fprintf(stderr, "the program has not ended at %s\n", sc_core::sc_time_stamp().to_string().c_str());
    return kExitMismatch;
  }
  if (error() != 0) {
    std::fprintf(stderr, "the program ended with error %d (enum eie_error in sw/eie.h)\n", error());
    return kExitMismatch;
  }
  const network_result& seen = result();
  print(arguments, c, seen);
  return judge(c, seen, fetch_outputs(platform, c, NETWORK_CPU), fetch_outputs(platform, c, NETWORK_DMA));
}

/// Runs the case with Device as the model of EIE and the program natively; `device_arguments` are those of Device's constructor
/// after the name. Returns the exit status.
template <class Device, class... DeviceArguments>
int simulate_natively(const Arguments& arguments, Case& c, DeviceArguments&&... device_arguments) {
  const DmaConfig dma = dma_of(arguments, c);
  Platform<Device> platform("platform", dma, std::forward<DeviceArguments>(device_arguments)...);

  network_platform program{};
  program.bus = platform.cpu.bus();
  program.cycles = &Cpu::cycles;
  program.eie_base = kEie.base;
  program.eie_irq = kEieIrq;
  program.dma_base = kDma.base;
  program.dma_irq = kDmaIrq;
  program.blob = kBlob;
  program.descriptors = kDescriptors;
  program.descriptor_space = kBlob - kDescriptors;
  network_result result{};
  int error = 0;
  platform.cpu.set_program([&] {
    sc_core::wait(2 * platform.kResetCycles * dma.clock_period);
    error = network_run(&program, &result);
  });
  return simulate_loaded(
      platform, arguments, c, [&] { return error; }, [&]() -> const network_result& { return result; });
}

#ifdef EIE_RISCV
/// The same, with the program as firmware of a RISC-V core. Throws tb::UserError for a file that is none.
template <class Device, class... DeviceArguments>
int simulate_firmware(const Arguments& arguments, Case& c, DeviceArguments&&... device_arguments) {
  const DmaConfig dma = dma_of(arguments, c);
  const ElfImage image = read_elf(arguments.firmware, kFirmware.base, kFirmware.base + kFirmware.bytes);
  network_result result{};
  const std::uint64_t place = image.object(arguments.firmware, "firmware_result", sizeof(result));
  if (c.blob.words.size() * 8 > kFirmware.base - kBlob) {
    throw tb::UserError("--firmware: the network reaches into the firmware's memory: expected fewer --samples");
  }
  const std::unique_ptr<GdbServer> gdb = arguments.gdb ? std::make_unique<GdbServer>(*arguments.gdb) : nullptr;
  Platform<Device, RiscvCore> platform("platform", dma, std::forward<DeviceArguments>(device_arguments)...);
  for (ElfSegment segment : image.segments) {
    debug(platform, tlm::TLM_WRITE_COMMAND, segment.address, segment.bytes.data(), segment.bytes.size());
  }
  platform.cpu.set_program(image.entry, 2 * platform.kResetCycles * dma.clock_period);
  platform.cpu.set_debugger(gdb.get());
  return simulate_loaded(
      platform, arguments, c, [&] { return platform.cpu.status(); },
      [&]() -> const network_result& {
        debug(platform, tlm::TLM_READ_COMMAND, place, &result, sizeof(result));
        return result;
      });
}
#endif

template <class Device, class... DeviceArguments>
int simulate(const Arguments& arguments, Case& c, DeviceArguments&&... device_arguments) {
  tlm::tlm_global_quantum::instance().set(sc_core::sc_time(1, sc_core::SC_US));
#ifdef EIE_RISCV
  if (!arguments.firmware.empty()) {
    return simulate_firmware<Device>(arguments, c, std::forward<DeviceArguments>(device_arguments)...);
  }
#endif
  return simulate_natively<Device>(arguments, c, std::forward<DeviceArguments>(device_arguments)...);
}

}  // namespace eie::platform
