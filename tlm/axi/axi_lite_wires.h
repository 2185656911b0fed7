// SPDX-License-Identifier: Apache-2.0
// A 64-bit AXI4-Lite interface in SystemC: the manager's ports, and the wires between it and the device.
#pragma once

#include <systemc>

#include "tlm/axi/axi_lite_manager.h"

namespace eie {

/// A base of a module that is a manager.
struct AxiLiteManagerPorts {
  sc_core::sc_out<bool> SC_NAMED(awvalid);
  sc_core::sc_in<bool> SC_NAMED(awready);
  sc_core::sc_out<sc_dt::sc_uint<32>> SC_NAMED(awaddr);
  sc_core::sc_out<bool> SC_NAMED(wvalid);
  sc_core::sc_in<bool> SC_NAMED(wready);
  sc_core::sc_out<sc_dt::sc_uint<64>> SC_NAMED(wdata);
  sc_core::sc_out<sc_dt::sc_uint<8>> SC_NAMED(wstrb);
  sc_core::sc_in<bool> SC_NAMED(bvalid);
  sc_core::sc_out<bool> SC_NAMED(bready);
  sc_core::sc_in<sc_dt::sc_uint<2>> SC_NAMED(bresp);
  sc_core::sc_out<bool> SC_NAMED(arvalid);
  sc_core::sc_in<bool> SC_NAMED(arready);
  sc_core::sc_out<sc_dt::sc_uint<32>> SC_NAMED(araddr);
  sc_core::sc_in<bool> SC_NAMED(rvalid);
  sc_core::sc_out<bool> SC_NAMED(rready);
  sc_core::sc_in<sc_dt::sc_uint<64>> SC_NAMED(rdata);
  sc_core::sc_in<sc_dt::sc_uint<2>> SC_NAMED(rresp);

  AxiLiteAnswers answers() const {
    AxiLiteAnswers a;
    a.awready = awready.read();
    a.wready = wready.read();
    a.bvalid = bvalid.read();
    a.bresp = bresp.read().to_uint();
    a.arready = arready.read();
    a.rvalid = rvalid.read();
    a.rdata = rdata.read().to_uint64();
    a.rresp = rresp.read().to_uint();
    return a;
  }
  void drive(const AxiLiteRequests& r) {
    awvalid.write(r.awvalid);
    awaddr.write(r.awaddr);
    wvalid.write(r.wvalid);
    wdata.write(r.wdata);
    wstrb.write(r.wstrb);
    bready.write(r.bready);
    arvalid.write(r.arvalid);
    araddr.write(r.araddr);
    rready.write(r.rready);
  }
};

/// A member of the module that holds both sides. Manager ports are named after the channels (awvalid, ...), those of the
/// device have the prefix s_axi_.
struct AxiLiteWires {
  sc_core::sc_signal<bool> SC_NAMED(awvalid);
  sc_core::sc_signal<bool> SC_NAMED(awready);
  sc_core::sc_signal<sc_dt::sc_uint<32>> SC_NAMED(awaddr);
  sc_core::sc_signal<bool> SC_NAMED(wvalid);
  sc_core::sc_signal<bool> SC_NAMED(wready);
  sc_core::sc_signal<sc_dt::sc_uint<64>> SC_NAMED(wdata);
  sc_core::sc_signal<sc_dt::sc_uint<8>> SC_NAMED(wstrb);
  sc_core::sc_signal<bool> SC_NAMED(bvalid);
  sc_core::sc_signal<bool> SC_NAMED(bready);
  sc_core::sc_signal<sc_dt::sc_uint<2>> SC_NAMED(bresp);
  sc_core::sc_signal<bool> SC_NAMED(arvalid);
  sc_core::sc_signal<bool> SC_NAMED(arready);
  sc_core::sc_signal<sc_dt::sc_uint<32>> SC_NAMED(araddr);
  sc_core::sc_signal<bool> SC_NAMED(rvalid);
  sc_core::sc_signal<bool> SC_NAMED(rready);
  sc_core::sc_signal<sc_dt::sc_uint<64>> SC_NAMED(rdata);
  sc_core::sc_signal<sc_dt::sc_uint<2>> SC_NAMED(rresp);

  template <class Manager, class Device>
  void connect(Manager& manager, Device& device) {
    both(manager.awvalid, device.s_axi_awvalid, awvalid);
    both(manager.awready, device.s_axi_awready, awready);
    both(manager.awaddr, device.s_axi_awaddr, awaddr);
    both(manager.wvalid, device.s_axi_wvalid, wvalid);
    both(manager.wready, device.s_axi_wready, wready);
    both(manager.wdata, device.s_axi_wdata, wdata);
    both(manager.wstrb, device.s_axi_wstrb, wstrb);
    both(manager.bvalid, device.s_axi_bvalid, bvalid);
    both(manager.bready, device.s_axi_bready, bready);
    both(manager.bresp, device.s_axi_bresp, bresp);
    both(manager.arvalid, device.s_axi_arvalid, arvalid);
    both(manager.arready, device.s_axi_arready, arready);
    both(manager.araddr, device.s_axi_araddr, araddr);
    both(manager.rvalid, device.s_axi_rvalid, rvalid);
    both(manager.rready, device.s_axi_rready, rready);
    both(manager.rdata, device.s_axi_rdata, rdata);
    both(manager.rresp, device.s_axi_rresp, rresp);
  }

 private:
  template <class A, class B, class Signal>
  static void both(A& a, B& b, Signal& signal) {
    a(signal);
    b(signal);
  }
};

}  // namespace eie
