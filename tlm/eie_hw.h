// EieHw: the signal-level device of hw/ behind the ports of EieTlm, so that a platform can have either.
//
// Ports: those of EieTlm (socket, rst_n, irq). The clock is inside. b_transport waits, so it has to be called from a
// thread process; there is no DMI; transport_dbg reaches the memory windows.
#pragma once

#include <cstring>
#include <systemc>
#include <tlm>

#include "../hw/eie.h"
#include "axi_lite_adaptor.h"
#include "compiled_config.h"
#include "hw_windows.h"

namespace eie {

template <class Cfg>
class EieHw : public sc_core::sc_module {
  using Port = HostPort<Cfg>;

 public:
  tlm::tlm_target_socket<64>& socket;
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(irq);

  explicit EieHw(const sc_core::sc_module_name& name)
      : sc_module(name),
        socket(adaptor_.socket),
        period_(1e6 / Cfg::kClockMhz, sc_core::SC_PS),
        clock_("clock", period_, 0.5, period_),
        adaptor_("adaptor", compiled_config<Cfg>(), [this](tlm::tlm_generic_payload& tx) { return debug(tx); }),
        device_("device"),
        windows_(device_) {
    adaptor_.clk(clock_);
    adaptor_.rst_n(rst_n);
    device_.clk(clock_);
    device_.rst_n(rst_n);
    device_.irq(irq);
    connect(adaptor_.awvalid, device_.s_axi_awvalid, awvalid_);
    connect(adaptor_.awready, device_.s_axi_awready, awready_);
    connect(adaptor_.awaddr, device_.s_axi_awaddr, awaddr_);
    connect(adaptor_.wvalid, device_.s_axi_wvalid, wvalid_);
    connect(adaptor_.wready, device_.s_axi_wready, wready_);
    connect(adaptor_.wdata, device_.s_axi_wdata, wdata_);
    connect(adaptor_.wstrb, device_.s_axi_wstrb, wstrb_);
    connect(adaptor_.bvalid, device_.s_axi_bvalid, bvalid_);
    connect(adaptor_.bready, device_.s_axi_bready, bready_);
    connect(adaptor_.bresp, device_.s_axi_bresp, bresp_);
    connect(adaptor_.arvalid, device_.s_axi_arvalid, arvalid_);
    connect(adaptor_.arready, device_.s_axi_arready, arready_);
    connect(adaptor_.araddr, device_.s_axi_araddr, araddr_);
    connect(adaptor_.rvalid, device_.s_axi_rvalid, rvalid_);
    connect(adaptor_.rready, device_.s_axi_rready, rready_);
    connect(adaptor_.rdata, device_.s_axi_rdata, rdata_);
    connect(adaptor_.rresp, device_.s_axi_rresp, rresp_);
  }

  DeviceConfig config() const { return compiled_config<Cfg>(); }
  sc_core::sc_time clock_period() const { return period_; }
  Eie<Cfg>& device() { return device_; }

 private:
  template <class A, class B, class Signal>
  static void connect(A& a, B& b, Signal& signal) {
    a(signal);
    b(signal);
  }

  /// Bytes of the memory windows.
  unsigned debug(tlm::tlm_generic_payload& tx) {
    unsigned done = 0;
    for (; done < tx.get_data_length(); ++done) {
      const std::uint64_t address = tx.get_address() + done;
      const auto shift = static_cast<unsigned>(address % 8 * 8);
      std::uint64_t word = 0;
      if (!windows_.peek(address, word)) break;
      if (tx.is_read()) {
        tx.get_data_ptr()[done] = static_cast<unsigned char>(word >> shift);
      } else if (tx.is_write()) {
        word = (word & ~(std::uint64_t{0xFF} << shift)) | std::uint64_t{tx.get_data_ptr()[done]} << shift;
        windows_.poke(address, word);
      } else {
        break;
      }
    }
    return done;
  }

  const sc_core::sc_time period_;
  sc_core::sc_clock clock_;
  AxiLiteAdaptor adaptor_;
  Eie<Cfg> device_;
  HwWindows<Cfg> windows_;

  sc_core::sc_signal<bool> SC_NAMED(awvalid_);
  sc_core::sc_signal<bool> SC_NAMED(awready_);
  sc_core::sc_signal<typename Port::Address> SC_NAMED(awaddr_);
  sc_core::sc_signal<bool> SC_NAMED(wvalid_);
  sc_core::sc_signal<bool> SC_NAMED(wready_);
  sc_core::sc_signal<typename Port::Data> SC_NAMED(wdata_);
  sc_core::sc_signal<typename Port::Strobe> SC_NAMED(wstrb_);
  sc_core::sc_signal<bool> SC_NAMED(bvalid_);
  sc_core::sc_signal<bool> SC_NAMED(bready_);
  sc_core::sc_signal<typename Port::Response> SC_NAMED(bresp_);
  sc_core::sc_signal<bool> SC_NAMED(arvalid_);
  sc_core::sc_signal<bool> SC_NAMED(arready_);
  sc_core::sc_signal<typename Port::Address> SC_NAMED(araddr_);
  sc_core::sc_signal<bool> SC_NAMED(rvalid_);
  sc_core::sc_signal<bool> SC_NAMED(rready_);
  sc_core::sc_signal<typename Port::Data> SC_NAMED(rdata_);
  sc_core::sc_signal<typename Port::Response> SC_NAMED(rresp_);
};

}  // namespace eie
