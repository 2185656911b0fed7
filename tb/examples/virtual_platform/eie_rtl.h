// SPDX-License-Identifier: Apache-2.0
// EieRtl: the Verilated RTL behind the ports of EieTlm, as EieHw (tlm/axi/eie_hw.h) is the signal-level model behind them.
//
// The clock is inside. b_transport waits, so it has to be called from a thread process; there is neither DMI nor debug access.
#pragma once

#include <memory>
#include <string>
#include <systemc>
#include <tlm>

#include "tb/engines/compiled.h"
#include "tb/engines/rtl/rtl_engine.h"
#include "tlm/axi/axi_lite_adaptor.h"
#include "tlm/axi/axi_lite_wires.h"
#include "tlm/config/clock_period.h"

namespace eie::platform {

/// The pins of the RTL as SystemC ports, and its clock edges.
class RtlPins : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(irq);
  sc_core::sc_in<bool> SC_NAMED(s_axi_awvalid);
  sc_core::sc_out<bool> SC_NAMED(s_axi_awready);
  sc_core::sc_in<sc_dt::sc_uint<32>> SC_NAMED(s_axi_awaddr);
  sc_core::sc_in<bool> SC_NAMED(s_axi_wvalid);
  sc_core::sc_out<bool> SC_NAMED(s_axi_wready);
  sc_core::sc_in<sc_dt::sc_uint<64>> SC_NAMED(s_axi_wdata);
  sc_core::sc_in<sc_dt::sc_uint<8>> SC_NAMED(s_axi_wstrb);
  sc_core::sc_out<bool> SC_NAMED(s_axi_bvalid);
  sc_core::sc_in<bool> SC_NAMED(s_axi_bready);
  sc_core::sc_out<sc_dt::sc_uint<2>> SC_NAMED(s_axi_bresp);
  sc_core::sc_in<bool> SC_NAMED(s_axi_arvalid);
  sc_core::sc_out<bool> SC_NAMED(s_axi_arready);
  sc_core::sc_in<sc_dt::sc_uint<32>> SC_NAMED(s_axi_araddr);
  sc_core::sc_out<bool> SC_NAMED(s_axi_rvalid);
  sc_core::sc_in<bool> SC_NAMED(s_axi_rready);
  sc_core::sc_out<sc_dt::sc_uint<64>> SC_NAMED(s_axi_rdata);
  sc_core::sc_out<sc_dt::sc_uint<2>> SC_NAMED(s_axi_rresp);

  SC_HAS_PROCESS(RtlPins);
  RtlPins(const sc_core::sc_module_name& name, tb::RtlModel& model) : sc_module(name), model_(model) {
    SC_METHOD(edge);
    sensitive << clk.pos();
    dont_initialize();
    SC_METHOD(settle);
    sensitive << rst_n << s_axi_awvalid << s_axi_awaddr << s_axi_wvalid << s_axi_wdata << s_axi_wstrb << s_axi_bready
              << s_axi_arvalid << s_axi_araddr << s_axi_rready << edge_done_;
  }

 private:
  /// A rising edge under the inputs from before it.
  void edge() {
    model_.apply(inputs());
    model_.edge();
    edge_done_.notify(sc_core::SC_ZERO_TIME);
  }

  /// Outputs, some of which follow inputs within the cycle.
  void settle() {
    model_.apply(inputs());
    const tb::RtlOutputs now = model_.outputs();
    irq.write(now.irq);
    s_axi_awready.write(now.awready);
    s_axi_wready.write(now.wready);
    s_axi_bvalid.write(now.bvalid);
    s_axi_bresp.write(now.bresp);
    s_axi_arready.write(now.arready);
    s_axi_rvalid.write(now.rvalid);
    s_axi_rdata.write(now.rdata);
    s_axi_rresp.write(now.rresp);
  }

  tb::RtlInputs inputs() const {
    tb::RtlInputs now;
    now.rst_n = rst_n.read();
    now.awvalid = s_axi_awvalid.read();
    now.awaddr = s_axi_awaddr.read().to_uint();
    now.wvalid = s_axi_wvalid.read();
    now.wdata = s_axi_wdata.read().to_uint64();
    now.wstrb = static_cast<std::uint8_t>(s_axi_wstrb.read().to_uint());
    now.bready = s_axi_bready.read();
    now.arvalid = s_axi_arvalid.read();
    now.araddr = s_axi_araddr.read().to_uint();
    now.rready = s_axi_rready.read();
    return now;
  }

  tb::RtlModel& model_;
  sc_core::sc_event edge_done_;
};

class EieRtl : public sc_core::sc_module {
 public:
  tlm::tlm_target_socket<64>& socket;
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(irq);

  /// Throws tb::NotCompiled when the configuration is none of those that engine rtl was compiled for.
  EieRtl(const sc_core::sc_module_name& name, const DeviceConfig& config)
      : sc_module(name),
        socket(adaptor_.socket),
        engine_(tb::find_compiled(tb::compiled_rtl_engines(), config, "rtl").make({})),
        period_(clock_period(config)),
        clock_("clock", period_, 0.5, period_),
        adaptor_("adaptor", config, [](tlm::tlm_generic_payload&) { return 0U; }),
        pins_("pins", dynamic_cast<tb::RtlEngine&>(*engine_).model()) {
    adaptor_.clk(clock_);
    adaptor_.rst_n(rst_n);
    pins_.clk(clock_);
    pins_.rst_n(rst_n);
    pins_.irq(irq);
    wires_.connect(adaptor_, pins_);
  }

 private:
  const std::unique_ptr<tb::Device> engine_;  // holds the model; its own clock loop is not used
  const sc_core::sc_time period_;
  sc_core::sc_clock clock_;
  AxiLiteAdaptor adaptor_;
  RtlPins pins_;
  AxiLiteWires wires_;
};

}  // namespace eie::platform
