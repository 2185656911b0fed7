// SPDX-License-Identifier: Apache-2.0
#include "tb/examples/virtual_platform/riscv/riscv_core.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <sys/mman.h>
#include <unicorn/unicorn.h>

#include "tb/examples/virtual_platform/sw/riscv/core_local.h"

namespace eie::platform {
namespace {

constexpr std::uint64_t kAddresses = std::uint64_t{1} << 32;  // of the platform
constexpr std::uint64_t kLoadFault = 5;
constexpr std::uint64_t kStoreFault = 7;
constexpr std::uint64_t kExternal = 11 | std::uint64_t{1} << 63;
constexpr std::uint64_t kStatusMie = 1 << 3;
constexpr std::uint64_t kStatusMpie = 1 << 7;
constexpr std::uint64_t kStatusMpp = 3 << 11;
constexpr std::uint64_t kMieExternal = 1 << 11;
constexpr unsigned kInstructionBytes = 4;  // no compressed ones
constexpr int kStackBytes = 4 << 20;       // the simulator's translator runs on the thread's stack

void check(uc_err error, const std::string& what) {
  if (error != UC_ERR_OK) throw std::runtime_error("RISC-V core: " + what + ": " + uc_strerror(error));
}

/// Pages that exist where they are touched.
unsigned char* pages(std::uint64_t bytes) {
  void* place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) throw std::runtime_error("RISC-V core: no address space for " + std::to_string(bytes) + " bytes");
  return static_cast<unsigned char*>(place);
}

}  // namespace

struct RiscvCore::Hooks {
  static RiscvCore& core(void* self) { return *static_cast<RiscvCore*>(self); }

  static void block(uc_engine*, std::uint64_t address, std::uint32_t bytes, void* self) { core(self).block(address, bytes); }
  static void instruction(uc_engine*, std::uint64_t address, std::uint32_t, void* self) { core(self).instruction(address); }
  static void device(uc_engine*, uc_mem_type type, std::uint64_t address, int bytes, std::int64_t value, void* self) {
    core(self).device_access(type == UC_MEM_WRITE ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address,
                             static_cast<unsigned>(bytes), static_cast<std::uint64_t>(value));
  }
  static void local(uc_engine*, uc_mem_type type, std::uint64_t address, int, std::int64_t value, void* self) {
    const std::uint64_t offset = address - CORE_LOCAL_BASE;
    if (type == UC_MEM_WRITE) {
      core(self).core_local_write(offset, static_cast<std::uint64_t>(value));
      return;
    }
    const std::uint64_t seen = core(self).core_local_read(offset & ~std::uint64_t{7});
    std::memcpy(core(self).local_ + (offset & ~std::uint64_t{7}), &seen, sizeof(seen));
  }
  static bool unmapped(uc_engine*, uc_mem_type, std::uint64_t address, int, std::int64_t, void* self) {
    return core(self).map_memory(address);
  }

  template <class Function>
  static void add(RiscvCore& core, int type, Function* function, std::uint64_t first = 1, std::uint64_t last = 0) {
    uc_hook handle = 0;
    check(uc_hook_add(core.simulator_, &handle, type, reinterpret_cast<void*>(function), &core, first, last), "a hook");
  }
};

RiscvCore::RiscvCore(const sc_core::sc_module_name& name, const sc_core::sc_time& period, std::uint64_t uncached)
    : sc_module(name), period_(period), uncached_(uncached), hooks_(std::make_unique<Hooks>()) {
  socket.register_invalidate_direct_mem_ptr(this, &RiscvCore::invalidate);
  check(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV64, &simulator_), "no simulator");
  const std::uint64_t device_bytes = kAddresses - uncached_;
  devices_ = pages(device_bytes);
  local_ = pages(CORE_LOCAL_BYTES);
  check(uc_mem_map_ptr(simulator_, uncached_, device_bytes, UC_PROT_READ | UC_PROT_WRITE, devices_), "devices");
  check(uc_mem_map_ptr(simulator_, CORE_LOCAL_BASE, CORE_LOCAL_BYTES, UC_PROT_READ | UC_PROT_WRITE, local_), "local registers");
  Hooks::add(*this, UC_HOOK_BLOCK, &Hooks::block);
  Hooks::add(*this, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, &Hooks::device, uncached_, kAddresses - 1);
  Hooks::add(*this, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, &Hooks::local, CORE_LOCAL_BASE, CORE_LOCAL_BASE + CORE_LOCAL_BYTES - 1);
  Hooks::add(*this, UC_HOOK_MEM_UNMAPPED, &Hooks::unmapped);
  SC_THREAD(run);
  set_stack_size(kStackBytes);
}

RiscvCore::~RiscvCore() {
  uc_close(simulator_);
  munmap(devices_, kAddresses - uncached_);
  munmap(local_, CORE_LOCAL_BYTES);
}

void RiscvCore::set_program(std::uint64_t entry, const sc_core::sc_time& start) {
  entry_ = entry;
  start_ = start;
}

void RiscvCore::set_debugger(Debugger* debugger) {
  debugger_ = debugger;
  if (debugger_ != nullptr) Hooks::add(*this, UC_HOOK_CODE, &Hooks::instruction);
}

void RiscvCore::run() {
  wait(start_);
  keeper_.reset();
  pc_ = entry_;
  while (!ended_) {
    if (invalidated_) drop_memory();
    stopped_ = false;
    const uc_err error = uc_emu_start(simulator_, pc_, ~std::uint64_t{0}, 0, 0);
    pc_ = read(UC_RISCV_REG_PC);
    if (error != UC_ERR_OK) {
      char text[160];
      std::snprintf(text, sizeof(text), "RISC-V core: %s at pc 0x%llx, cause %llu", uc_strerror(error),
                    static_cast<unsigned long long>(pc_), static_cast<unsigned long long>(read(UC_RISCV_REG_MCAUSE)));
      throw std::runtime_error(text);
    }
    if (ended_) break;
    if (stands_) {
      stands_ = false;
      passed_ = pc_;
      keeper_.sync();
      debugger_->standing(*this);
    } else if (fault_ != 0) {
      trap(fault_, fault_address_);
      fault_ = 0;
    } else if (interrupted()) {
      trap(kExternal, 0);
    } else if (!stopped_) {  // wfi
      keeper_.sync();
      while ((pending() & enabled_) == 0) wait(irq[0].default_event() | irq[1].default_event());
      keeper_.reset();
      if (interrupted()) trap(kExternal, 0);
    }
  }
  keeper_.sync();
  if (debugger_ != nullptr) debugger_->ended(status_);
  sc_core::sc_stop();
}

void RiscvCore::stop() {
  stopped_ = true;
  uc_emu_stop(simulator_);
}

void RiscvCore::block(std::uint64_t, std::uint32_t bytes) {
  if (invalidated_ || fault_ != 0 || interrupted()) {
    stop();  // before the block: it comes here again
    return;
  }
  const std::uint64_t count = bytes / kInstructionBytes;
  instructions_ += count;
  keeper_.inc(static_cast<double>(count) * period_);
  if (keeper_.need_sync()) keeper_.sync();
}

void RiscvCore::instruction(std::uint64_t address) {
  if (address == passed_) {
    passed_ = ~std::uint64_t{0};
    return;
  }
  passed_ = ~std::uint64_t{0};
  if (!debugger_->stops_at(address)) return;
  stands_ = true;
  stop();
}

bool RiscvCore::map_memory(std::uint64_t address) {
  tlm::tlm_generic_payload tx;
  tx.set_address(address);
  tx.set_read();
  dmi_.init();
  if (address >= uncached_ || mapped_ || !socket->get_direct_mem_ptr(tx, dmi_) || !dmi_.is_read_write_allowed()) return false;
  const std::uint64_t bytes = dmi_.get_end_address() - dmi_.get_start_address() + 1;
  // Local registers lie in front of the memory behind them.
  const std::uint64_t first = dmi_.get_start_address();
  const std::array<std::array<std::uint64_t, 2>, 2> parts = {
      {{first, CORE_LOCAL_BASE - first},
       {CORE_LOCAL_BASE + CORE_LOCAL_BYTES, first + bytes - (CORE_LOCAL_BASE + CORE_LOCAL_BYTES)}}};
  for (const auto& [from, length] : parts) {
    check(uc_mem_map_ptr(simulator_, from, length, UC_PROT_ALL, dmi_.get_dmi_ptr() + (from - first)), "memory");
  }
  mapped_ = true;
  return true;
}

void RiscvCore::drop_memory() {
  invalidated_ = false;
  if (!mapped_) return;
  mapped_ = false;
  const std::uint64_t behind = CORE_LOCAL_BASE + CORE_LOCAL_BYTES;
  check(uc_mem_unmap(simulator_, dmi_.get_start_address(), CORE_LOCAL_BASE - dmi_.get_start_address()), "memory");
  check(uc_mem_unmap(simulator_, behind, dmi_.get_end_address() + 1 - behind), "memory");
}

void RiscvCore::invalidate(sc_dt::uint64 start, sc_dt::uint64 end) {
  if (mapped_ && start <= dmi_.get_end_address() && end >= dmi_.get_start_address()) invalidated_ = true;
}

void RiscvCore::device_access(tlm::tlm_command command, std::uint64_t address, unsigned bytes, std::uint64_t value) {
  unsigned char* const place = devices_ + (address - uncached_);
  if (command == tlm::TLM_WRITE_COMMAND) std::memcpy(place, &value, bytes);
  tlm::tlm_generic_payload tx;
  tx.set_command(command);
  tx.set_address(address);
  tx.set_data_ptr(place);
  tx.set_data_length(bytes);
  tx.set_streaming_width(bytes);
  sc_core::sc_time delay = keeper_.get_local_time();
  socket->b_transport(tx, delay);
  keeper_.set(delay);
  if (keeper_.need_sync()) keeper_.sync();
  if (tx.is_response_ok()) return;
  fault_ = command == tlm::TLM_WRITE_COMMAND ? kStoreFault : kLoadFault;
  fault_address_ = address;
}

std::uint64_t RiscvCore::core_local_read(std::uint64_t offset) {
  switch (offset) {
    case CORE_LOCAL_CYCLES:
      return keeper_.get_current_time().value() / period_.value();
    case CORE_LOCAL_PENDING:
      keeper_.sync();  // lines are looked at when they are asked for
      return pending();
    case CORE_LOCAL_ENABLE:
      return enabled_;
    default:
      return 0;
  }
}

void RiscvCore::core_local_write(std::uint64_t offset, std::uint64_t value) {
  switch (offset) {
    case CORE_LOCAL_ENABLE:
      enabled_ = value;
      break;
    case CORE_LOCAL_CONSOLE:
      std::fputc(static_cast<int>(value & 0xFF), stdout);
      break;
    case CORE_LOCAL_EXIT:
      status_ = static_cast<int>(static_cast<std::int64_t>(value));
      ended_ = true;
      stop();
      break;
    default:
      break;
  }
}

std::uint64_t RiscvCore::pending() const {
  std::uint64_t lines = 0;
  for (unsigned k = 0; k < kIrqLines; ++k) lines |= std::uint64_t{irq[k].read()} << k;
  return lines;
}

/// Whether a trap is due. The lines are looked at first: the simulator's registers take longer to read.
bool RiscvCore::interrupted() {
  return (pending() & enabled_) != 0 && (read(UC_RISCV_REG_MIE) & kMieExternal) != 0 &&
         (read(UC_RISCV_REG_MSTATUS) & kStatusMie) != 0;
}

/// Privileged architecture, 3.1.6 to 3.1.15: what a trap into machine mode from machine mode leaves behind.
void RiscvCore::trap(std::uint64_t cause, std::uint64_t value) {
  const std::uint64_t status = read(UC_RISCV_REG_MSTATUS);
  write(UC_RISCV_REG_MEPC, pc_);
  write(UC_RISCV_REG_MCAUSE, cause);
  write(UC_RISCV_REG_MTVAL, value);
  write(UC_RISCV_REG_MSTATUS,
        (status & ~(kStatusMie | kStatusMpie)) | ((status & kStatusMie) != 0 ? kStatusMpie : 0) | kStatusMpp);
  pc_ = read(UC_RISCV_REG_MTVEC) & ~std::uint64_t{3};
}

std::uint64_t RiscvCore::register_value(unsigned number) {
  return number == kRegisters - 1 ? pc_ : read(UC_RISCV_REG_X0 + static_cast<int>(number));
}

void RiscvCore::set_register(unsigned number, std::uint64_t value) {
  if (number == kRegisters - 1) {
    pc_ = value;
  } else {
    write(UC_RISCV_REG_X0 + static_cast<int>(number), value);
  }
}

unsigned RiscvCore::memory(tlm::tlm_command command, std::uint64_t address, unsigned char* data, unsigned bytes) {
  tlm::tlm_generic_payload tx;
  tx.set_command(command);
  tx.set_address(address);
  tx.set_data_ptr(data);
  tx.set_data_length(bytes);
  return socket->transport_dbg(tx);
}

std::uint64_t RiscvCore::read(int name) const {
  std::uint64_t value = 0;
  check(uc_reg_read(simulator_, name, &value), "a register");
  return value;
}

void RiscvCore::write(int name, std::uint64_t value) { check(uc_reg_write(simulator_, name, &value), "a register"); }

}  // namespace eie::platform
