// SPDX-License-Identifier: Apache-2.0
// The rules of nb_transport that an initiator can break, played by hand on EieTlm and on hw/ behind the same socket: request
// exclusion, END_RESP of another payload; and the one warning of an access before reset is released.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>

#include "compiled/small_8pe.h"

#include "tb/test/support/tlm_host.h"
#include "tlm/axi/eie_hw.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {
namespace {

using Cfg = cfg::small_8pe;
using Bytes = std::vector<unsigned char>;

/// Plays the initiator's phases by hand, on the forward path of a device.
struct ByHand {
  tlm::tlm_fw_transport_if<>& target;
  tlm::tlm_sync_enum send(tlm::tlm_generic_payload& tx, tlm::tlm_phase phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    return target.nb_transport_fw(tx, phase, delay);
  }
};

/// A memory manager that counts what is still in use.
struct Counted : tlm::tlm_mm_interface {
  unsigned freed = 0;
  void free(tlm::tlm_generic_payload*) override { ++freed; }
};

/// An initiator socket that writes down what comes back, and ends no response by itself.
struct Listener : sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
  tlm::tlm_initiator_socket<64> SC_NAMED(socket);
  std::vector<std::pair<const tlm::tlm_generic_payload*, std::string>> phases;
  explicit Listener(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

 private:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& tx, tlm::tlm_phase& phase, sc_core::sc_time&) override {
    phases.emplace_back(&tx, phase.get_name());
    return tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

template <class Device>
struct PhaseBench : sc_core::sc_module {
  Device device;
  Listener listener{"listener"};
  sc_core::sc_signal<bool> SC_NAMED(rst_n);
  sc_core::sc_signal<bool> SC_NAMED(irq);
  Counted manager;
  std::vector<std::string> warnings;

  template <class... Arguments>
  explicit PhaseBench(const sc_core::sc_module_name& name, const Arguments&... arguments)
      : sc_module(name), device("device", arguments...) {
    listener.socket.bind(device.socket);
    device.rst_n(rst_n);
    device.irq(irq);
    sc_core::sc_report_handler::set_handler(
        [](const sc_core::sc_report& report, const sc_core::sc_actions&) { reported().push_back(report.get_msg_type()); });
  }
  void begin(bool released) {
    rst_n.write(released);
    cycles(10);
    reported().clear();
  }
  static std::vector<std::string>& reported() {
    static std::vector<std::string> all;
    return all;
  }
  void cycles(double n) { sc_core::sc_start(device.clock_period() * n); }
  std::unique_ptr<tlm::tlm_generic_payload> payload(TlmRequest& request) {
    auto tx = std::make_unique<tlm::tlm_generic_payload>(&manager);
    tx->set_command(request.command);
    tx->set_address(request.address);
    tx->set_data_ptr(request.data.data());
    tx->set_data_length(static_cast<unsigned>(request.data.size()));
    tx->set_streaming_width(static_cast<unsigned>(request.data.size()));
    tx->acquire();
    return tx;
  }
  ByHand by_hand() { return {*listener.socket.operator->()}; }
  unsigned count(const tlm::tlm_generic_payload& tx, const std::string& phase) const {
    return static_cast<unsigned>(std::count(listener.phases.begin(), listener.phases.end(), std::make_pair(&tx, phase)));
  }
};

template <class Device, class... Arguments>
void second_request_is_refused(const std::string& id, const Arguments&... arguments) {
  PhaseBench<Device> bench("bench", arguments...);
  bench.begin(true);
  TlmRequest first = write_of(reg::kWindowBase, 64);
  TlmRequest second = write_of(reg::kWindowBase + 64);
  std::fill(second.data.begin(), second.data.end(), 0x77);
  const auto tx1 = bench.payload(first);
  const auto tx2 = bench.payload(second);
  ByHand hand = bench.by_hand();
  hand.send(*tx1, tlm::BEGIN_REQ);
  bench.cycles(2);
  ASSERT_EQ(bench.count(*tx1, "END_REQ"), 0u);
  hand.send(*tx2, tlm::BEGIN_REQ);
  bench.cycles(40);
  EXPECT_EQ(PhaseBench<Device>::reported(), std::vector<std::string>{id + "/request_exclusion"});
  const bool first_is_out = bench.count(*tx1, "BEGIN_RESP") == 1;  // one response is out at a time
  for (tlm::tlm_generic_payload* tx : {first_is_out ? tx1.get() : tx2.get(), first_is_out ? tx2.get() : tx1.get()}) {
    hand.send(*tx, tlm::END_RESP);
    bench.cycles(40);
  }
  EXPECT_EQ(bench.count(*tx1, "BEGIN_RESP"), 1u);
  EXPECT_EQ(bench.count(*tx2, "BEGIN_RESP"), 1u);
  EXPECT_EQ(tx1->get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(tx2->get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
  TlmRequest look = read_of(reg::kWindowBase + 64);
  const auto dbg = bench.payload(look);
  EXPECT_EQ(bench.listener.socket->transport_dbg(*dbg), 8u);
  EXPECT_EQ(look.data, Bytes(8, 0)) << "what was refused has no effect";
}

TEST(TlmRules, ASecondRequestBeforeEndReqIsRefused) { second_request_is_refused<EieTlm>("eie/tlm", compiled_config<Cfg>()); }
TEST(TlmRules, ASecondRequestBeforeEndReqIsRefusedByTheHardwareToo) { second_request_is_refused<EieHw<Cfg>>("eie/adaptor"); }

// With two phases BEGIN_RESP stands for END_REQ.
TEST(TlmRules, ASecondRequestBeforeBeginRespIsRefused) {
  second_request_is_refused<EieTlm>("eie/tlm", compiled_config<Cfg>(), AtPhases::kTwo);
}

template <class Device, class... Arguments>
void end_resp_of_another_payload(const std::string& id, const Arguments&... arguments) {
  PhaseBench<Device> bench("bench", arguments...);
  bench.begin(true);
  TlmRequest request = read_of(reg::kId);
  TlmRequest other = read_of(reg::kVersion);
  const auto tx = bench.payload(request);
  const auto stranger = bench.payload(other);
  ByHand hand = bench.by_hand();
  hand.send(*tx, tlm::BEGIN_REQ);
  bench.cycles(20);
  ASSERT_EQ(bench.count(*tx, "BEGIN_RESP"), 1u);
  hand.send(*stranger, tlm::END_RESP);
  bench.cycles(20);
  EXPECT_EQ(PhaseBench<Device>::reported(), std::vector<std::string>{id + "/end_resp"});
  EXPECT_EQ(tx->get_ref_count(), 2) << "the response is still out";
  EXPECT_EQ(stranger->get_ref_count(), 1);
  hand.send(*tx, tlm::END_RESP);
  bench.cycles(20);
  EXPECT_EQ(tx->get_ref_count(), 1);
  EXPECT_EQ(PhaseBench<Device>::reported().size(), 1u);
  hand.send(*tx, tlm::END_RESP);
  bench.cycles(20);
  EXPECT_EQ(tx->get_ref_count(), 1) << "a second END_RESP ends nothing";
  EXPECT_EQ(PhaseBench<Device>::reported().size(), 2u);
}

TEST(TlmRules, EndRespOfAnotherPayloadEndsNothing) { end_resp_of_another_payload<EieTlm>("eie/tlm", compiled_config<Cfg>()); }
TEST(TlmRules, EndRespOfAnotherPayloadEndsNothingInTheHardware) { end_resp_of_another_payload<EieHw<Cfg>>("eie/adaptor"); }

// A platform that forgets to release reset is told so, once.
template <class Device, class... Arguments>
void access_in_reset_warns_once(const std::string& id, const Arguments&... arguments) {
  PhaseBench<Device> bench("bench", arguments...);
  bench.begin(false);
  for (unsigned k = 0; k < 3; ++k) {
    TlmRequest request = read_of(reg::kId);
    const auto tx = bench.payload(request);
    bench.by_hand().send(*tx, tlm::BEGIN_REQ);
    bench.cycles(20);
    EXPECT_EQ(tx->get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
    bench.by_hand().send(*tx, tlm::END_RESP);
    bench.cycles(20);
  }
  EXPECT_EQ(PhaseBench<Device>::reported(), std::vector<std::string>{id + "/in_reset"});
}

TEST(TlmRules, AccessInResetWarnsOnce) { access_in_reset_warns_once<EieTlm>("eie/tlm", compiled_config<Cfg>()); }
TEST(TlmRules, AccessInResetWarnsOnceInTheHardware) { access_in_reset_warns_once<EieHw<Cfg>>("eie/adaptor"); }

}  // namespace
}  // namespace eie::tb
