#include "axi_lite_host.h"

namespace eie::tb {

AxiLiteHost::AxiLiteHost(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(tick);
  sensitive << clk.pos();
  dont_initialize();
}

void AxiLiteHost::begin(const std::vector<Device::Beat>* beats, const std::vector<std::uint64_t>* reads) {
  beats_ = beats;
  reads_ = reads;
  aw_sent_ = w_sent_ = b_done_ = ar_sent_ = r_done_ = 0;
  write_errors_.clear();
  read_errors_.clear();
  read_data_.clear();
  active_ = true;
  begin_event_.notify(sc_core::SC_ZERO_TIME);
}

void AxiLiteHost::set_stalls(unsigned percent, std::uint64_t seed) {
  stall_percent_ = percent;
  random_.seed(seed);
}

bool AxiLiteHost::stall() { return stall_percent_ != 0 && random_() % 100 < stall_percent_; }

void AxiLiteHost::tick() {
  if (!active_) {
    next_trigger(begin_event_);  // sleeps: no wake-ups while the host is quiet
    return;
  }
  if (awvalid.read() && awready.read()) ++aw_sent_;
  if (wvalid.read() && wready.read()) ++w_sent_;
  if (arvalid.read() && arready.read()) ++ar_sent_;
  if (bvalid.read() && bready.read()) {
    write_errors_.push_back(bresp.read() != 0);
    ++b_done_;
  }
  if (rvalid.read() && rready.read()) {
    read_data_.push_back(rdata.read().to_uint64());
    read_errors_.push_back(rresp.read() != 0);
    ++r_done_;
  }
  drive();
  if (done()) {
    active_ = false;
    sc_core::sc_pause();
  }
}

void AxiLiteHost::drive() {
  // A valid that was raised stays until it is taken; a new one may be held back by a stall.
  const bool aw = aw_sent_ < writes() && ((awvalid.read() && !awready.read()) || !stall());
  const bool w = w_sent_ < writes() && ((wvalid.read() && !wready.read()) || !stall());
  const bool ar = ar_sent_ < reads() && ((arvalid.read() && !arready.read()) || !stall());
  awvalid.write(aw);
  wvalid.write(w);
  arvalid.write(ar);
  if (aw) awaddr.write(static_cast<std::uint32_t>((*beats_)[aw_sent_].address));
  if (w) {
    wdata.write((*beats_)[w_sent_].data);
    wstrb.write((*beats_)[w_sent_].strobe);
  }
  if (ar) araddr.write(static_cast<std::uint32_t>((*reads_)[ar_sent_]));
  bready.write(!done() && !stall());
  rready.write(!done() && !stall());
}

}  // namespace eie::tb
