// SPDX-License-Identifier: Apache-2.0
// Each rule of the TLM checker, broken by an initiator or a target that misbehaves in just that way.
#include "tb/checkers/tlm_checker.h"

#include <functional>
#include <gtest/gtest.h>
#include <set>

namespace eie::tb {
namespace {

using Payload = tlm::tlm_generic_payload;

/// Both ends of the checker; what they do is up to the test. By default they behave.
class Ends : public sc_core::sc_module,
             private tlm::tlm_fw_transport_if<>,
             private tlm::tlm_bw_transport_if<>,
             private tlm::tlm_mm_interface {
 public:
  tlm::tlm_initiator_socket<64> SC_NAMED(initiator);
  tlm::tlm_target_socket<64> SC_NAMED(target);

  std::function<void(Payload&, sc_core::sc_time&)> on_transport = [](Payload& tx, sc_core::sc_time& delay) {
    delay += sc_core::sc_time(1, sc_core::SC_NS);
    tx.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&)> on_forward = [](Payload&, tlm::tlm_phase&) {
    return tlm::TLM_ACCEPTED;
  };
  std::function<bool(Payload&, tlm::tlm_dmi&)> on_dmi = [](Payload& tx, tlm::tlm_dmi& dmi) {
    static unsigned char memory[16];
    dmi.init();
    dmi.set_start_address(tx.get_address() & ~std::uint64_t{15});
    dmi.set_end_address(dmi.get_start_address() + 15);
    dmi.set_dmi_ptr(memory);
    dmi.allow_read_write();
    return true;
  };
  std::function<unsigned(Payload&)> on_debug = [](Payload& tx) { return tx.get_data_length(); };

  explicit Ends(const sc_core::sc_module_name& name, TlmChecker& checker) : sc_module(name) {
    initiator.bind(*this);
    target.bind(*this);
    initiator.bind(checker.from_initiator);
    checker.to_target.bind(target);
    for (Payload& tx : tx_) {
      tx.set_mm(this);
      tx.acquire();
    }
  }

  Payload& payload(unsigned k) {
    Payload& tx = tx_[k];
    tx.set_command(tlm::TLM_WRITE_COMMAND);
    tx.set_address(64 * k);
    tx.set_data_ptr(data_[k]);
    tx.set_data_length(8);
    tx.set_streaming_width(8);
    tx.set_dmi_allowed(false);
    tx.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return tx;
  }
  void transport(unsigned k) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    initiator->b_transport(payload(k), delay);
  }
  tlm::tlm_sync_enum forward(Payload& tx, tlm::tlm_phase phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    return initiator->nb_transport_fw(tx, phase, delay);
  }
  tlm::tlm_sync_enum backward(Payload& tx, tlm::tlm_phase phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    if (phase == tlm::BEGIN_RESP) tx.set_response_status(tlm::TLM_OK_RESPONSE);
    return target->nb_transport_bw(tx, phase, delay);
  }

 private:
  void b_transport(Payload& tx, sc_core::sc_time& delay) override { on_transport(tx, delay); }
  tlm::tlm_sync_enum nb_transport_fw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time&) override {
    return on_forward(tx, phase);
  }
  tlm::tlm_sync_enum nb_transport_bw(Payload&, tlm::tlm_phase&, sc_core::sc_time&) override { return tlm::TLM_ACCEPTED; }
  bool get_direct_mem_ptr(Payload& tx, tlm::tlm_dmi& dmi) override { return on_dmi(tx, dmi); }
  unsigned transport_dbg(Payload& tx) override { return on_debug(tx); }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
  void free(Payload*) override {}

  Payload tx_[3];
  unsigned char data_[3][8] = {};
};

/// Runs one scenario through a fresh part of the bench and returns the rules that fired.
struct Scenario {
  const char* rule;  // empty: nothing may fire
  std::function<void(Ends&)> play;
};

const std::vector<Scenario>& scenarios() {
  using tlm::BEGIN_REQ;
  using tlm::BEGIN_RESP;
  using tlm::END_REQ;
  using tlm::END_RESP;
  static const std::vector<Scenario> list = {
      {"",
       [](Ends& e) {
         e.transport(0);
         Payload& a = e.payload(0);
         Payload& b = e.payload(1);
         e.forward(a, BEGIN_REQ);
         e.backward(a, END_REQ);
         e.forward(b, BEGIN_REQ);
         e.backward(a, BEGIN_RESP);
         e.forward(a, END_RESP);
         e.backward(b, BEGIN_RESP);  // END_REQ left out
         e.forward(b, END_RESP);
         tlm::tlm_dmi dmi;
         e.initiator->get_direct_mem_ptr(e.payload(2), dmi);
         e.initiator->transport_dbg(e.payload(2));
       }},
      {"attributes",
       [](Ends& e) {
         e.on_transport = [](Payload& tx, sc_core::sc_time&) {
           tx.set_address(1);
           tx.set_response_status(tlm::TLM_OK_RESPONSE);
         };
         e.transport(0);
       }},
      {"attributes",
       [](Ends& e) {
         Payload& a = e.payload(0);
         e.forward(a, BEGIN_REQ);
         a.get_data_ptr()[3] ^= 1;
         e.backward(a, END_REQ);
       }},
      {"initial_response",
       [](Ends& e) {
         Payload& a = e.payload(0);
         a.set_response_status(tlm::TLM_OK_RESPONSE);
         e.forward(a, BEGIN_REQ);
       }},
      {"response",
       [](Ends& e) {
         e.on_transport = [](Payload&, sc_core::sc_time&) {};
         e.transport(0);
       }},
      {"time",
       [](Ends& e) {
         e.on_transport = [](Payload& tx, sc_core::sc_time& delay) {
           delay = sc_core::SC_ZERO_TIME;
           tx.set_response_status(tlm::TLM_OK_RESPONSE);
         };
         sc_core::sc_time delay(5, sc_core::SC_NS);
         e.initiator->b_transport(e.payload(0), delay);
       }},
      {"request_exclusion",
       [](Ends& e) {
         e.forward(e.payload(0), BEGIN_REQ);
         e.forward(e.payload(1), BEGIN_REQ);
       }},
      {"response_exclusion",
       [](Ends& e) {
         Payload& a = e.payload(0);
         Payload& b = e.payload(1);
         e.forward(a, BEGIN_REQ);
         e.backward(a, END_REQ);
         e.forward(b, BEGIN_REQ);
         e.backward(b, END_REQ);
         e.backward(a, BEGIN_RESP);
         e.backward(b, BEGIN_RESP);
       }},
      {"phase_order",
       [](Ends& e) {
         Payload& a = e.payload(0);
         e.forward(a, BEGIN_REQ);
         e.backward(a, END_REQ);
         e.backward(a, END_REQ);
       }},
      {"phase_order",
       [](Ends& e) {
         Payload& a = e.payload(0);
         e.forward(a, BEGIN_REQ);
         e.forward(a, END_RESP);
       }},
      {"phase_order", [](Ends& e) { e.backward(e.payload(0), BEGIN_RESP); }},
      {"return_phase",
       [](Ends& e) {
         e.on_forward = [](Payload&, tlm::tlm_phase& phase) {
           phase = BEGIN_REQ;
           return tlm::TLM_UPDATED;
         };
         e.forward(e.payload(0), BEGIN_REQ);
       }},
      {"reuse",
       [](Ends& e) {
         e.forward(e.payload(0), BEGIN_REQ);
         e.forward(e.payload(0), BEGIN_REQ);
       }},
      {"dmi_range",
       [](Ends& e) {
         e.on_dmi = [](Payload& tx, tlm::tlm_dmi& dmi) {
           static unsigned char memory[16];
           dmi.init();
           dmi.set_start_address(tx.get_address() + 16);
           dmi.set_end_address(tx.get_address() + 31);
           dmi.set_dmi_ptr(memory);
           dmi.allow_read_write();
           return true;
         };
         tlm::tlm_dmi dmi;
         e.initiator->get_direct_mem_ptr(e.payload(0), dmi);
       }},
      {"debug_count",
       [](Ends& e) {
         e.on_debug = [](Payload& tx) { return tx.get_data_length() + 1; };
         e.initiator->transport_dbg(e.payload(0));
       }},
  };
  return list;
}

TEST(TlmChecker, EveryRuleFires) {
  struct Bench {
    explicit Bench(std::size_t k)
        : checker(("checker_" + std::to_string(k)).c_str(), violations), ends(("ends_" + std::to_string(k)).c_str(), checker) {}
    Violations violations;
    TlmChecker checker;
    Ends ends;
  };
  std::vector<std::unique_ptr<Bench>> benches;
  for (std::size_t k = 0; k < scenarios().size(); ++k) benches.push_back(std::make_unique<Bench>(k));
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::set<std::string> fired;
  for (std::size_t k = 0; k < scenarios().size(); ++k) {
    SCOPED_TRACE("scenario " + std::to_string(k) + ": " + scenarios()[k].rule);
    scenarios()[k].play(benches[k]->ends);
    const auto& list = benches[k]->violations.list();
    if (*scenarios()[k].rule == '\0') {
      EXPECT_TRUE(list.empty()) << benches[k]->violations.summary();
      EXPECT_EQ(benches[k]->checker.open(), 0u);
      continue;
    }
    ASSERT_EQ(list.size(), 1u);
    EXPECT_EQ(list.front().rule, std::string("tlm/") + scenarios()[k].rule) << list.front();
    EXPECT_FALSE(list.front().text.empty());
    fired.insert(list.front().rule);
  }
  EXPECT_EQ(fired.size(), benches.front()->checker.rules()) << "every rule has a scenario that breaks it";
}

}  // namespace
}  // namespace eie::tb
