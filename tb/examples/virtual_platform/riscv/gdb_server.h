// SPDX-License-Identifier: Apache-2.0
// A debugger's end of GDB's remote serial protocol, on a TCP port of this machine alone ("Remote Protocol", GDB manual,
// appendix E): registers, memory, software breakpoints, single steps, interrupts from the terminal. Simulated time stands while
// the core does.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "tb/examples/virtual_platform/riscv/riscv_core.h"

namespace eie::platform {

class GdbServer final : public Debugger {
 public:
  /// Waits for a debugger at this port; 0 takes one that is free. Says where on standard error. Throws std::runtime_error.
  explicit GdbServer(unsigned port);
  ~GdbServer() override;
  GdbServer(const GdbServer&) = delete;
  GdbServer& operator=(const GdbServer&) = delete;

  bool stops_at(std::uint64_t pc) override;
  void standing(CoreDebug& core) override;
  void ended(int status) override;

 private:
  std::string receive();
  void send(const std::string& text);
  std::string answer(const std::string& packet, CoreDebug& core);
  bool interrupt_asked();

  int socket_ = -1;  // -1 once the debugger has gone: the core then runs on
  std::set<std::uint64_t> breakpoints_;
  bool steps_ = true;  // stands before the next instruction, and at first before the first
  bool first_ = true;
  unsigned until_poll_ = 0;
};

}  // namespace eie::platform
