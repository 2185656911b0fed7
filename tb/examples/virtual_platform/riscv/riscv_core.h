// SPDX-License-Identifier: Apache-2.0
// A RISC-V processor (RV64IMA, machine mode) on an instruction-set simulator, Unicorn, behind the ports of Cpu (cpu.h).
//
// Loosely timed: an instruction takes a clock period, an access to a device what the bus says besides. Instructions are counted
// at the start of each block of them (up to the next branch), and the core waits when the global quantum is used up, or for a
// device. Memory is the memory module's own, mapped into the simulator through DMI, where a target grants it below `uncached`;
// instructions and data there cost no more, as in a cache that always hits. Addresses from `uncached` on are devices: one access
// of 4 or 8 bytes, one transaction.
//
// Machine external interrupts (mcause 11) are the enabled lines of core_local.h, taken at the end of a block. An access that the
// bus refuses is an access fault (5 or 7) at the end of its block: imprecise, mtval has the address. wfi waits for an enabled
// line.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>
#include <vector>

struct uc_struct;

namespace eie::platform {

/// What a debugger may ask of the core while it stands.
class CoreDebug {
 public:
  static constexpr unsigned kRegisters = 33;  // x0 to x31, pc
  virtual ~CoreDebug() = default;
  virtual std::uint64_t register_value(unsigned number) = 0;
  virtual void set_register(unsigned number, std::uint64_t value) = 0;
  /// Through the bus's debug interface; how many bytes were done.
  virtual unsigned memory(tlm::tlm_command command, std::uint64_t address, unsigned char* data, unsigned bytes) = 0;
};

/// A debugger. The core asks it before every instruction.
class Debugger {
 public:
  virtual ~Debugger() = default;
  /// Whether the core has to stand before the instruction at this address.
  virtual bool stops_at(std::uint64_t pc) = 0;
  /// The core stands; returns when it may go on.
  virtual void standing(CoreDebug& core) = 0;
  virtual void ended(int status) = 0;
};

class RiscvCore : public sc_core::sc_module, private CoreDebug {
 public:
  static constexpr unsigned kIrqLines = 2;
  tlm_utils::simple_initiator_socket<RiscvCore, 64> SC_NAMED(socket);
  sc_core::sc_vector<sc_core::sc_in<bool>> SC_NAMED(irq, kIrqLines);

  SC_HAS_PROCESS(RiscvCore);
  RiscvCore(const sc_core::sc_module_name& name, const sc_core::sc_time& period, std::uint64_t uncached);
  ~RiscvCore() override;

  /// Where it begins, and after how long; call before the simulation starts. At the end of the program the simulation stops.
  void set_program(std::uint64_t entry, const sc_core::sc_time& start);
  /// Stands before its first instruction and asks it. Call before the simulation starts; it must live until the end.
  void set_debugger(Debugger* debugger);

  bool ended() const { return ended_; }
  int status() const { return status_; }
  std::uint64_t instructions() const { return instructions_; }

 private:
  struct Hooks;  // what the simulator calls

  void run();
  bool simulate();
  bool map_memory(std::uint64_t address);
  void drop_memory();
  void device_access(tlm::tlm_command command, std::uint64_t address, unsigned bytes, std::uint64_t value);
  std::uint64_t core_local_read(std::uint64_t offset);
  void core_local_write(std::uint64_t offset, std::uint64_t value);
  void block(std::uint64_t address, std::uint32_t bytes);
  void instruction(std::uint64_t address);
  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);
  std::uint64_t pending() const;
  bool interrupted();
  void trap(std::uint64_t cause, std::uint64_t value);
  void stop();

  std::uint64_t register_value(unsigned number) override;
  void set_register(unsigned number, std::uint64_t value) override;
  unsigned memory(tlm::tlm_command command, std::uint64_t address, unsigned char* data, unsigned bytes) override;

  std::uint64_t read(int name) const;
  void write(int name, std::uint64_t value);

  const sc_core::sc_time period_;
  const std::uint64_t uncached_;
  std::unique_ptr<Hooks> hooks_;
  uc_struct* simulator_ = nullptr;
  unsigned char* devices_ = nullptr;  // addresses only: a load takes from here what its access has left there
  unsigned char* local_ = nullptr;    // the same for core_local.h
  std::uint64_t entry_ = 0;
  sc_core::sc_time start_;
  std::uint64_t pc_ = 0;
  tlm_utils::tlm_quantumkeeper keeper_;
  tlm::tlm_dmi dmi_;
  bool mapped_ = false;
  bool invalidated_ = false;
  std::uint64_t enabled_ = 0;  // CORE_LOCAL_ENABLE
  bool stopped_ = false;       // by this module, not by wfi
  std::uint64_t fault_ = 0;    // its cause, or 0
  std::uint64_t fault_address_ = 0;
  Debugger* debugger_ = nullptr;
  bool stands_ = false;
  std::uint64_t passed_ = ~std::uint64_t{0};  // where the debugger has been asked already
  bool ended_ = false;
  int status_ = 0;
  std::uint64_t instructions_ = 0;
};

}  // namespace eie::platform
