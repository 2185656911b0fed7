// SPDX-License-Identifier: Apache-2.0
// Prints every port of every block of a device in every cycle of a few random layers. It is compiled twice, from the
// simulation view and from the synthesis view of hw/ (hw/clocked.h); view_test compares the two logs line by line, and
// with that of the RTL (rtl_log.cpp).
#include <cstdio>
#include <iostream>
#include <sstream>

#include EIE_VIEW_HEADER

#include "tb/engines/hw_engine.h"
#include "tb/test/system/rtl/view_layers.h"
#include "tlm/config/compiled_config.h"

namespace eie::tb {
namespace {

using Cfg = cfg::EIE_VIEW_CFG;

/// Samples after each falling edge, when all values of the cycle are there.
class Logger : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> SC_NAMED(clk);
  SC_HAS_PROCESS(Logger);
  Logger(const sc_core::sc_module_name& name, Eie<Cfg>& dut) : sc_module(name), dut_(dut) {
    SC_METHOD(sample);
    sensitive << clk.neg();
    dont_initialize();
  }

 private:
  void sample() {
    std::ostringstream os;
    os << "cycle " << cycle_++;
    auto& c = dut_.ccu;
    os << " ccu " << c.root.read() << c.root_exhausted.read() << c.any_full.read() << c.broadcast.read() << c.control.read()
       << c.drain.read() << c.all_drained.read() << c.finish.read() << c.cycles.read() << ' ' << c.broadcasts.read() << ' '
       << c.queue_full_cycles.read() << ' ' << c.act_transfer_cycles.read();
    auto& h = dut_.host_port;
    os << " host " << h.awready.read() << h.wready.read() << h.bvalid.read() << h.bresp.read() << h.arready.read()
       << h.rvalid.read() << h.rdata.read() << h.rresp.read() << h.irq.read() << h.busy.read() << h.host.read();
    for (auto& pe : dut_.pe) {
      os << " pe " << pe.act_queue.head.read() << pe.act_queue.full.read() << pe.ptr_read.head_ready.read()
         << pe.ptr_read.entry_address.read() << pe.ptr_read.drained.read() << pe.ptr_read.error.read()
         << pe.spmat_read.entry.read() << pe.arith_unit.access.read() << pe.arith_unit.saturated.read()
         << pe.arith_unit.error.read() << pe.act_rw.accumulated.read() << pe.act_rw.candidate.read() << pe.act_rw.exhausted.read()
         << pe.act_rw.pop.read() << pe.host_q.read();
    }
    std::cout << os.str() << '\n';
  }

  Eie<Cfg>& dut_;
  std::uint64_t cycle_ = 0;
};

int log_layers(std::uint64_t seed) {
  const HwConfig config = compiled_config<Cfg>();
  HwEngine<Cfg> engine("eie", TraceOptions());
  Logger logger("logger", engine.dut());
  logger.clk(engine.clock());
  engine.set_host_stalls(20, seed);
  return run_view_layers(engine, config, seed);
}

}  // namespace
}  // namespace eie::tb

int sc_main(int argc, char* argv[]) { return eie::tb::log_layers(argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1); }
