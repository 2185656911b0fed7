// SPDX-License-Identifier: Apache-2.0
// Host port: 64-bit AXI4-Lite subordinate, the registers, and the bus to the PE memory windows (register_map.h is the
// programming model, design: docs/registers.md).
//
// Ports
//   aw*, w*, b*, ar*, r*   AXI4-Lite; a stream of writes alone or of reads alone takes one beat a cycle
//   irq                    level: STATUS.done, and with ECC STATUS.uncorrected
//   busy, layer, ...       to the CCU: busy is STATUS.busy itself, set by CTRL.start and cleared by `finish`
//   host, host_data        bus to the PEs (registered); data of a read comes kReadLatency cycles after the access
//   corrected, detected    (ECC) memory words with errors, counted in the registers two edges later
//   core_rst_n             reset of everything behind this port: rst_n, or CTRL soft reset for one cycle
//
// A write is taken when its address and its data are there; a read passes a delay line, whatever it reads, so that
// responses stay in order. Reads and writes share the bus; when both wait they take turns.
//
// Reset: registers are cleared at the edge that sees rst_n low or takes the soft reset, the core one edge later. Between the
// two the core still works: a word of activations on its way is stored, and flags that it raises do not count.
#pragma once

#include "clocked.h"
#include "host_registers.h"
#include "types.h"

namespace eie {

template <class Cfg>
class HostPort : public sc_core::sc_module, private HostRegisters<Cfg> {
 public:
  using P = Params<Cfg>;
  using Address = sc_dt::sc_uint<32>;
  using Data = sc_dt::sc_uint<64>;
  using Strobe = sc_dt::sc_uint<8>;
  using Response = sc_dt::sc_uint<2>;
  using Registers = HostRegisters<Cfg>;
  using Counter = sc_dt::sc_uint<40>;
  static constexpr unsigned kOkay = 0;
  static constexpr unsigned kSlvErr = 2;

  sc_core::sc_in<bool> SC_NAMED(clk);
  Input<bool> SC_NAMED(rst_n);
  // AXI4-Lite
  Input<bool> SC_NAMED(awvalid);
  Output<bool> SC_NAMED(awready);
  Input<Address> SC_NAMED(awaddr);
  Input<bool> SC_NAMED(wvalid);
  Output<bool> SC_NAMED(wready);
  Input<Data> SC_NAMED(wdata);
  Input<Strobe> SC_NAMED(wstrb);
  Output<bool> SC_NAMED(bvalid);
  Input<bool> SC_NAMED(bready);
  Output<Response> SC_NAMED(bresp);
  Input<bool> SC_NAMED(arvalid);
  Output<bool> SC_NAMED(arready);
  Input<Address> SC_NAMED(araddr);
  Output<bool> SC_NAMED(rvalid);
  Input<bool> SC_NAMED(rready);
  Output<Data> SC_NAMED(rdata);
  Output<Response> SC_NAMED(rresp);
  Output<bool> SC_NAMED(irq);
  // Core
  Output<bool> SC_NAMED(core_rst_n);
  Output<bool> SC_NAMED(busy);
  Output<LayerDescriptor<Cfg>> SC_NAMED(layer);
  Output<sc_dt::sc_uint<P::kShiftWidth>> SC_NAMED(shift);
  Output<sc_dt::sc_uint<P::kColumnWidth + 1>> SC_NAMED(out_length);
  Input<bool> SC_NAMED(finish);
  Input<Counter> SC_NAMED(cycles);
  Input<Counter> SC_NAMED(broadcasts);
  Input<Counter> SC_NAMED(queue_full_cycles);
  Input<Counter> SC_NAMED(act_transfer_cycles);
  Input<Counter> SC_NAMED(batches);
  Input<bool> SC_NAMED(any_error);
  Input<bool> SC_NAMED(any_saturated);
  InputIf<Cfg::kEcc, UInt<P::kFaultsWidth>> SC_NAMED(corrected);
  InputIf<Cfg::kEcc, UInt<P::kFaultsWidth>> SC_NAMED(detected);
  Output<HostAccess<Cfg>> SC_NAMED(host);
  Input<Data> SC_NAMED(host_data);

  EIE_BLOCK(HostPort)

  explicit HostPort(const sc_core::sc_module_name& name, [[maybe_unused]] Clocking clocking = Clocking::kOwnProcess)
      : sc_module(name) {
    EIE_CLOCKED(clocking);
  }

  void reset() {
    aw_count_ = 0;
    w_count_ = 0;
    ar_count_ = 0;
    b_count_ = 0;
    r_count_ = 0;
    r_in_flight_ = 0;
    prefer_read_ = false;
    for (unsigned s = 0; s < kReadLatency; ++s) {
      line_valid_[s] = false;
      line_error_[s] = false;
      line_data_[s] = 0;
    }
    for (unsigned k = 0; k < kRequests; ++k) {
      aw_address_[k] = 0;
      w_data_[k] = 0;
      w_strobe_[k] = 0;
      ar_address_[k] = 0;
    }
    for (unsigned k = 0; k < kResponses; ++k) {
      b_error_[k] = false;
      r_error_[k] = false;
      r_data_[k] = 0;
    }
    awready.write(false);
    wready.write(false);
    arready.write(false);
    bvalid.write(false);
    bresp.write(kOkay);
    rvalid.write(false);
    rdata.write(0);
    rresp.write(kOkay);
    irq.write(false);
    core_rst_n.write(false);
    reset_registers();
  }

  void tick() {
    // What the host takes and gives at this edge.
    if (bvalid.read() && bready.read()) pop_b();
    if (rvalid.read() && rready.read()) pop_r();
    tick_delay_line();
    const bool can_write = aw_count_ != 0 && w_count_ != 0 && b_count_ != kResponses;
    const bool can_read = ar_count_ != 0 && r_count_ + r_in_flight_ < kResponses;
    const bool read_now = can_read && (!can_write || prefer_read_);
    const bool write_now = can_write && !read_now;
    start_ = false;
    is_busy_ = busy.read() && !finish.read();
    HostAccess<Cfg> access;
    if (read_now) {
      prefer_read_ = false;
      decode(ar_address_[0]);
      perform_read(access);
      pop_ar();
    } else if (write_now) {
      prefer_read_ = true;
      decode(aw_address_[0]);
      perform_write(access);
      pop_aw();
      pop_w();
    }
    host.write(access);
    tick_events();
    accept_requests();
    drive_outputs();
  }

#if !EIE_SYNTHESIS_VIEW
  void step() { tick(); }
  void reset_step() { reset(); }
  void trace(sc_core::sc_trace_file* file) const override {
    const BlockTrace list(file, *this);
    EIE_TRACE(rst_n, awvalid, awready, awaddr, wvalid, wready, wdata, wstrb, bvalid, bready, bresp, arvalid, arready);
    EIE_TRACE(araddr, rvalid, rready, rdata, rresp, irq, core_rst_n, busy, layer, shift, out_length, finish, cycles);
    EIE_TRACE(broadcasts, queue_full_cycles, act_transfer_cycles, batches, any_error, any_saturated);
    // As in the RTL, the access keeps its name and the read data become host_data0.
    EIE_TRACE(host, host_data, aw_address_, aw_count_, w_data_, w_strobe_, w_count_, ar_address_, ar_count_);
    EIE_TRACE(b_error_, b_count_, r_error_, r_data_, r_count_, r_in_flight_, prefer_read_, line_valid_, line_error_);
    EIE_TRACE(line_data_, done_, error_, saturated_, irq_status_, irq_enable_, soft_reset_, in_length_, out_length_);
    EIE_TRACE(pointer_base_, in_address_, out_address_, bias_address_, layer_ctrl_);
    if constexpr (Cfg::kEcc) {
      EIE_TRACE(corrected, detected, uncorrected_, irq_uncorrected_, irq_uncorrected_enable_, new_corrected_, new_detected_);
      EIE_TRACE(corrected_, detected_);
    }
    // Of the access at hand
    list.late();
    EIE_TRACE(target_, region_, word_, target_pe_, target_address_, is_busy_, start_);
    list.on_time();
  }
#endif

 private:
  using Registers::bias_address_;
  using Registers::corrected_;
  using Registers::detected_;
  using Registers::done_;
  using Registers::error_;
  using Registers::in_address_;
  using Registers::in_length_;
  using Registers::irq_enable_;
  using Registers::irq_status_;
  using Registers::irq_uncorrected_;
  using Registers::irq_uncorrected_enable_;
  using Registers::kLog2Stride;
  using Registers::layer_ctrl_;
  using Registers::new_corrected_;
  using Registers::new_detected_;
  using Registers::out_address_;
  using Registers::out_length_;
  using Registers::pointer_base_;
  using Registers::saturated_;
  using Registers::soft_reset_;
  using Registers::start_;
  using Registers::uncorrected_;
  static constexpr unsigned kReadLatency = 3;  // access on the bus, SRAM, block's output register
  static constexpr unsigned kRequests = 2;     // of each request channel: one beat a cycle with registered ready
  static constexpr unsigned kResponses = 6;
  // Memory map of the windows (register_map.h), as 32-bit addresses
  static constexpr reg::WindowLayout window() {
    return reg::window_layout(Cfg::kSpmatDepth, Cfg::kSpmatWidth, Cfg::kPointerDepth, Cfg::kActDepth);
  }
  static constexpr std::uint32_t kWindowBase = static_cast<std::uint32_t>(reg::kWindowBase);
  static constexpr std::uint32_t kStride = static_cast<std::uint32_t>(window().stride);
  static constexpr std::uint64_t kWindowEnd = reg::kWindowBase + Cfg::kPes * window().stride;
  static constexpr std::uint32_t kPtrOffset = static_cast<std::uint32_t>(window().ptr_offset);
  static constexpr std::uint32_t kActOffset = static_cast<std::uint32_t>(window().act_offset);
  static constexpr std::uint32_t kCounterOffset = static_cast<std::uint32_t>(window().counter_offset);
  static constexpr std::uint32_t kSpmatEnd = static_cast<std::uint32_t>(Cfg::kSpmatDepth * (Cfg::kSpmatWidth / 8));
  static constexpr std::uint32_t kPtrEnd = kPtrOffset + Cfg::kPointerDepth * 4;
  static constexpr std::uint32_t kActEnd = kActOffset + Cfg::kActDepth * 8;
  static constexpr std::uint32_t kCounterEnd = kCounterOffset + reg::kPeCounters * 8;
  static_assert(kWindowEnd <= 0xFFFFFFFFu, "the PE windows fit a 32-bit address");

  // Targets of an access, from decode()
  static constexpr unsigned kNowhere = 0;
  static constexpr unsigned kRegister = 1;
  static constexpr unsigned kMemory = 2;

  void reset_registers() {
    this->clear_registers();
    busy.write(false);
    layer.write(LayerDescriptor<Cfg>());
    shift.write(0);
    out_length.write(0);
    host.write(HostAccess<Cfg>());
  }

  // --- Decoding ------------------------------------------------------------------------------------------

  /// Splits an address into target, region, PE and word. A target outside the map is kNowhere.
  void decode(const Address& address) {
    target_ = kNowhere;
    region_ = 0;
    word_ = 0;
    target_pe_ = 0;
    target_address_ = address;
    const sc_dt::sc_uint<32> offset = address & (kStride - 1);
    if (address < reg::kCodebook) {
      target_ = kRegister;
    } else if (address < reg::kCodebook + 8 * P::kCodes) {
      target_ = kMemory;
      region_ = static_cast<unsigned>(reg::Region::kCodes);
      word_ = (address - reg::kCodebook) >> 3;
    } else if (address >= kWindowBase && address < static_cast<std::uint32_t>(kWindowEnd)) {
      target_pe_ = (address - kWindowBase) >> kLog2Stride;
      if (offset < kSpmatEnd) {
        target_ = kMemory;
        region_ = static_cast<unsigned>(reg::Region::kSpmat);
        word_ = offset >> 3;
      } else if (offset >= kPtrOffset && offset < kPtrEnd) {
        target_ = kMemory;
        region_ = static_cast<unsigned>(reg::Region::kPtr);
        word_ = (offset - kPtrOffset) >> 3;
      } else if (offset >= kActOffset && offset < kActEnd) {
        target_ = kMemory;
        region_ = static_cast<unsigned>(reg::Region::kAct);
        word_ = (offset - kActOffset) >> 3;
      } else if (Cfg::kPeCounters && offset >= kCounterOffset && offset < kCounterEnd) {
        target_ = kMemory;
        region_ = static_cast<unsigned>(reg::Region::kCounters);
        word_ = (offset - kCounterOffset) >> 3;
      }
    }
  }

  void fill_access(HostAccess<Cfg>& access, bool write) {
    access.valid = true;
    access.write = write;
    access.region = region_;
    access.pe = target_pe_;
    access.word = word_;
  }

  void perform_read(HostAccess<Cfg>& access) {
    const bool aligned = (target_address_ & 3) == 0;
    bool ok = false;
    Data data = 0;
    if (target_ == kMemory) {
      ok = !is_busy_ && (aligned || region_ != static_cast<unsigned>(reg::Region::kCodes));
      if (ok) fill_access(access, false);
    } else if (target_ == kRegister) {
      ok = aligned && read_word(data);
    }
    line_valid_[0] = true;
    line_error_[0] = !ok;
    line_data_[0] = ok ? data : Data(0);
    r_in_flight_ = r_in_flight_ + 1;
  }

  /// A write changes the bytes that WSTRB names, wherever in its word the address points; one that names none does
  /// nothing, anywhere. Memories take every pattern, those with ECC, registers and codebook entries whole halves.
  void perform_write(HostAccess<Cfg>& access) {
    const Strobe strobe = w_strobe_[0];
    const bool halves = strobe == 0x0F || strobe == 0xF0 || strobe == 0xFF;
    bool ok = true;
    if (strobe != 0) {
      if (target_ == kMemory) {
        ok = !is_busy_ && region_ != static_cast<unsigned>(reg::Region::kCounters) &&
             (halves || (!Cfg::kEcc && region_ != static_cast<unsigned>(reg::Region::kCodes)));
        if (ok) {
          fill_access(access, true);
          access.strobe = strobe;
          access.data = w_data_[0];
        }
      } else if (target_ == kRegister) {
        ok = halves && write_word(strobe[0]);
      } else {
        ok = false;
      }
    }
    b_error_[b_count_] = !ok;
    b_count_ = b_count_ + 1;
  }

  bool read_word(Data& data) {
    bool ok = true;
    const unsigned at = target_address_.to_uint() & ~7u;
    switch (at) {
      case reg::kCycles:
        data = cycles.read();
        break;
      case reg::kBroadcasts:
        data = broadcasts.read();
        break;
      case reg::kQueueFullCycles:
        data = queue_full_cycles.read();
        break;
      case reg::kActTransferCycles:
        data = act_transfer_cycles.read();
        break;
      case reg::kBatches:
        data = batches.read();
        break;
      default:
        ok = this->read_register(at, is_busy_, data);
        break;
    }
    return ok;
  }
  bool write_word(bool low) {
    const unsigned at = target_address_.to_uint() & ~7u;
    const bool ends = busy.read() && finish.read();
    return this->write_register(at, w_data_[0], low, is_busy_, ends);
  }

  /// What happens in the device; it comes after the host's write, so that an event is never cleared unseen. While the core
  /// is being reset its pulses are those of the launch that the reset ended.
  void tick_events() {
    if (busy.read() && finish.read()) {
      done_ = true;
      irq_status_ = true;
    }
    if (core_rst_n.read()) {
      if (any_error.read()) error_ = true;
      if (any_saturated.read()) saturated_ = true;
    }
    if constexpr (Cfg::kEcc) {
      this->tick_faults(core_rst_n.read(), corrected.read(), detected.read());
    }
  }

  // --- Channels ------------------------------------------------------------------------------------------

  void pop_b() {
    for (unsigned k = 0; k + 1 < kResponses; ++k) b_error_[k] = b_error_[k + 1];
    b_count_ = b_count_ - 1;
  }
  void pop_r() {
    for (unsigned k = 0; k + 1 < kResponses; ++k) {
      r_error_[k] = r_error_[k + 1];
      r_data_[k] = r_data_[k + 1];
    }
    r_count_ = r_count_ - 1;
  }
  void pop_aw() {
    aw_address_[0] = aw_address_[1];
    aw_count_ = aw_count_ - 1;
  }
  void pop_w() {
    w_data_[0] = w_data_[1];
    w_strobe_[0] = w_strobe_[1];
    w_count_ = w_count_ - 1;
  }
  void pop_ar() {
    ar_address_[0] = ar_address_[1];
    ar_count_ = ar_count_ - 1;
  }

  /// Reads in flight; memory data joins at the end of the line.
  void tick_delay_line() {
    constexpr unsigned last = kReadLatency - 1;
    if (line_valid_[last]) {
      r_error_[r_count_] = line_error_[last];
      r_data_[r_count_] = line_data_[last] | host_data.read();
      r_count_ = r_count_ + 1;
      r_in_flight_ = r_in_flight_ - 1;
    }
    for (unsigned s = last; s > 0; --s) {
      line_valid_[s] = line_valid_[s - 1];
      line_error_[s] = line_error_[s - 1];
      line_data_[s] = line_data_[s - 1];
    }
    line_valid_[0] = false;
    line_error_[0] = false;
    line_data_[0] = 0;
  }

  void accept_requests() {
    if (awready.read() && awvalid.read()) {
      aw_address_[aw_count_] = awaddr.read();
      aw_count_ = aw_count_ + 1;
    }
    if (wready.read() && wvalid.read()) {
      w_data_[w_count_] = wdata.read();
      w_strobe_[w_count_] = wstrb.read();
      w_count_ = w_count_ + 1;
    }
    if (arready.read() && arvalid.read()) {
      ar_address_[ar_count_] = araddr.read();
      ar_count_ = ar_count_ + 1;
    }
  }

  void drive_outputs() {
    awready.write(aw_count_ != kRequests);
    wready.write(w_count_ != kRequests);
    arready.write(ar_count_ != kRequests);
    bvalid.write(b_count_ != 0);
    bresp.write(b_count_ != 0 && b_error_[0] ? kSlvErr : kOkay);
    rvalid.write(r_count_ != 0);
    rdata.write(r_count_ != 0 ? r_data_[0] : Data(0));
    rresp.write(r_count_ != 0 && r_error_[0] ? kSlvErr : kOkay);
    core_rst_n.write(!soft_reset_);
    if (soft_reset_) {
      if (host.read().valid && !host.read().write) line_error_[1] = true;  // the core's answer to it is lost
      reset_registers();
      irq.write(false);
    } else {
      if (start_) done_ = false;
      busy.write(start_ || is_busy_);
      bool interrupt = irq_status_ && irq_enable_;
      if constexpr (Cfg::kEcc) {
        interrupt = interrupt || (irq_uncorrected_ && irq_uncorrected_enable_);
      }
      irq.write(interrupt);
      drive_layer();
    }
  }

  void drive_layer() {
    const LayerDescriptor<Cfg> out = this->descriptor();
    layer.write(out);
    shift.write(layer_ctrl_ & reg::kShiftMask);
    out_length.write(out_length_);
  }

  Address aw_address_[kRequests];
  sc_dt::sc_uint<2> aw_count_;
  Data w_data_[kRequests];
  Strobe w_strobe_[kRequests];
  sc_dt::sc_uint<2> w_count_;
  Address ar_address_[kRequests];
  sc_dt::sc_uint<2> ar_count_;
  bool b_error_[kResponses];
  sc_dt::sc_uint<3> b_count_;
  bool r_error_[kResponses];
  Data r_data_[kResponses];
  sc_dt::sc_uint<3> r_count_;
  sc_dt::sc_uint<3> r_in_flight_;
  bool prefer_read_;
  bool line_valid_[kReadLatency];
  bool line_error_[kReadLatency];
  Data line_data_[kReadLatency];

  // Of the access at hand (set and used within one cycle)
  unsigned target_;
  sc_dt::sc_uint<3> region_;
  sc_dt::sc_uint<P::kHostWordWidth> word_;
  sc_dt::sc_uint<P::kPeWidth> target_pe_;
  Address target_address_;
  bool is_busy_;
};

}  // namespace eie
