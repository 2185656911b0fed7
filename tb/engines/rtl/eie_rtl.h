// SPDX-License-Identifier: Apache-2.0
// The Verilated RTL behind the ports of EieTlm and EieHw: the adaptor in front of it, and a process that plays its pins.
#pragma once

#include <cstring>
#include <memory>
#include <systemc>
#include <tlm>

#include "tb/engines/engines.h"
#include "tb/engines/rtl/rtl_engine.h"
#include "tlm/axi/axi_lite_adaptor.h"
#include "tlm/axi/axi_lite_wires.h"
#include "tlm/config/clock_period.h"

namespace eie::tb {

/// The pins of the RTL as those of Eie<Cfg>.
class RtlPins : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
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
  sc_core::sc_out<bool> SC_NAMED(irq);

  SC_HAS_PROCESS(RtlPins);
  RtlPins(const sc_core::sc_module_name& name, RtlModel& model) : sc_module(name), model_(model) {
    SC_METHOD(clock_edge);
    sensitive << clk.pos();
    dont_initialize();
  }

 private:
  /// Inputs as they were before the edge, outputs as they are behind it.
  void clock_edge() {
    RtlInputs in;
    in.rst_n = rst_n.read();
    in.awvalid = s_axi_awvalid.read();
    in.awaddr = s_axi_awaddr.read().to_uint();
    in.wvalid = s_axi_wvalid.read();
    in.wdata = s_axi_wdata.read().to_uint64();
    in.wstrb = static_cast<std::uint8_t>(s_axi_wstrb.read().to_uint());
    in.bready = s_axi_bready.read();
    in.arvalid = s_axi_arvalid.read();
    in.araddr = s_axi_araddr.read().to_uint();
    in.rready = s_axi_rready.read();
    model_.apply(in);
    model_.edge();
    model_.apply(in);  // settles; all outputs are registers
    const RtlOutputs out = model_.outputs();
    s_axi_awready.write(out.awready);
    s_axi_wready.write(out.wready);
    s_axi_bvalid.write(out.bvalid);
    s_axi_bresp.write(out.bresp);
    s_axi_arready.write(out.arready);
    s_axi_rvalid.write(out.rvalid);
    s_axi_rdata.write(out.rdata);
    s_axi_rresp.write(out.rresp);
    irq.write(out.irq);
  }

  RtlModel& model_;
};

class EieRtl : public sc_core::sc_module {
 public:
  tlm::tlm_target_socket<64>& socket;
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(irq);

  EieRtl(const sc_core::sc_module_name& name, const HwConfig& config)
      : sc_module(name),
        socket(adaptor_.socket),
        config_(config),
        period_(eie::clock_period(config)),
        clock_("clock", period_, 0.5, period_),
        adaptor_("adaptor", config, [this](tlm::tlm_generic_payload& tx) { return debug(tx); }),
        engine_(make_engine("rtl", config, TraceOptions())),
        rtl_(dynamic_cast<RtlEngine&>(*engine_)),
        pins_("pins", rtl_.model()) {
    adaptor_.clk(clock_);
    adaptor_.rst_n(rst_n);
    pins_.clk(clock_);
    pins_.rst_n(rst_n);
    pins_.irq(irq);
    wires_.connect(adaptor_, pins_);
  }

  const DeviceConfig& config() const { return config_; }
  sc_core::sc_time clock_period() const { return period_; }

 private:
  /// Whole words of the memory windows.
  unsigned debug(tlm::tlm_generic_payload& tx) {
    if (tx.get_data_length() != 8 || tx.get_address() % 8 != 0) return 0;
    std::uint64_t word = 0;
    if (tx.is_read()) {
      word = rtl_.backdoor_read(tx.get_address());
      std::memcpy(tx.get_data_ptr(), &word, 8);
    } else {
      std::memcpy(&word, tx.get_data_ptr(), 8);
      rtl_.backdoor_write(tx.get_address(), word);
    }
    return 8;
  }

  const DeviceConfig config_;
  const sc_core::sc_time period_;
  sc_core::sc_clock clock_;
  AxiLiteAdaptor adaptor_;
  std::unique_ptr<Device> engine_;
  RtlEngine& rtl_;
  RtlPins pins_;
  AxiLiteWires wires_;
};

}  // namespace eie::tb
