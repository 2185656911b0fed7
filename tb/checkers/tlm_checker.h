// SPDX-License-Identifier: Apache-2.0
// TLM-2.0 checker: sits between an initiator and a target, passes everything through and judges both by the base protocol
// (IEEE 1666-2011, clauses 11, 14 and 15).
//
//   attributes          nobody but the initiator changes command, address, lengths, enables or data to be written
//   initial_response    a transaction starts as TLM_INCOMPLETE_RESPONSE with DMI not allowed
//   response            it ends with another status
//   time                b_transport does not move the transaction back in time
//   request_exclusion   no BEGIN_REQ while one waits for END_REQ or BEGIN_RESP
//   response_exclusion  no BEGIN_RESP while one waits for END_RESP
//   phase_order         BEGIN_REQ, END_REQ, BEGIN_RESP, END_RESP, each once; END_REQ may be left out
//   return_phase        TLM_UPDATED comes with a later phase of the same transaction
//   reuse               no BEGIN_REQ with a payload whose transaction is not over
//   dmi_range           a granted region has a pointer, holds the address and grants the command
//   debug_count         transport_dbg does not return more bytes than were asked for
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "tb/checkers/checker.h"

namespace eie::tb {

class TlmChecker : public sc_core::sc_module,
                   public Checker,
                   private tlm::tlm_fw_transport_if<>,
                   private tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_target_socket<64> SC_NAMED(from_initiator);
  tlm::tlm_initiator_socket<64> SC_NAMED(to_target);

  enum Rule : unsigned {
    kAttributes,
    kInitialResponse,
    kResponse,
    kTime,
    kRequestExclusion,
    kResponseExclusion,
    kPhaseOrder,
    kReturnPhase,
    kReuse,
    kDmiRange,
    kDebugCount
  };

  TlmChecker(const sc_core::sc_module_name& module_name, Violations& violations)
      : sc_module(module_name),
        Checker("tlm", std::string(module_name),
                {"attributes", "initial_response", "response", "time", "request_exclusion", "response_exclusion", "phase_order",
                 "return_phase", "reuse", "dmi_range", "debug_count"},
                violations) {
    from_initiator.bind(*this);
    to_target.bind(*this);
  }

  /// Transactions of nb_transport that are not over; the most there ever were; END_REQs seen.
  std::size_t open() const { return open_.size(); }
  std::size_t most_open() const { return most_open_; }
  std::uint64_t end_requests() const { return end_requests_; }

 private:
  using Payload = tlm::tlm_generic_payload;

  /// What a target has to leave alone.
  struct Attributes {
    tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
    std::uint64_t address = 0;
    const unsigned char* data = nullptr;
    unsigned length = 0;
    unsigned streaming_width = 0;
    const unsigned char* enables = nullptr;
    unsigned enables_length = 0;
    std::vector<unsigned char> written;

    explicit Attributes(const Payload& tx)
        : command(tx.get_command()),
          address(tx.get_address()),
          data(tx.get_data_ptr()),
          length(tx.get_data_length()),
          streaming_width(tx.get_streaming_width()),
          enables(tx.get_byte_enable_ptr()),
          enables_length(tx.get_byte_enable_length()) {
      if (tx.is_write() && data != nullptr) written.assign(data, data + length);
    }
    bool operator==(const Attributes& o) const {
      return command == o.command && address == o.address && data == o.data && length == o.length &&
             streaming_width == o.streaming_width && enables == o.enables && enables_length == o.enables_length &&
             written == o.written;
    }
  };
  enum class Stage { kBeginReq, kEndReq, kBeginResp };
  struct Open {
    Attributes attributes;
    Stage stage;
  };

  void b_transport(Payload& tx, sc_core::sc_time& delay) override {
    check_initial(tx);
    const Attributes before(tx);
    const sc_core::sc_time start = sc_core::sc_time_stamp() + delay;
    to_target->b_transport(tx, delay);
    require(kTime, sc_core::sc_time_stamp() + delay >= start, [&] { return seen(delay); });
    check_attributes(before, tx);
    check_response(tx);
  }

  tlm::tlm_sync_enum nb_transport_fw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
    const bool begin = phase == tlm::BEGIN_REQ;
    if (begin) {
      check_initial(tx);
      require(kReuse, open_.count(&tx) == 0, [&] { return seen(tx.get_address()); });
      require(kRequestExclusion, requesting_ == nullptr || requesting_ == &tx, [&] { return seen(tx.get_address()); });
      open_.insert_or_assign(&tx, Open{Attributes(tx), Stage::kBeginReq});
      requesting_ = &tx;
      most_open_ = std::max(most_open_, open_.size());
    } else if (phase == tlm::END_RESP) {
      advance(tx, phase);
    }
    tx.acquire();  // the target may let go of it in the call
    const tlm::tlm_sync_enum answer = to_target->nb_transport_fw(tx, phase, delay);
    if (begin) {
      if (answer == tlm::TLM_UPDATED) {
        require(kReturnPhase, phase == tlm::END_REQ || phase == tlm::BEGIN_RESP, [&] { return seen(phase); });
        advance(tx, phase);
      } else if (answer == tlm::TLM_COMPLETED) {
        check_response(tx);
        close(tx);
      }
    }
    tx.release();
    return answer;
  }

  tlm::tlm_sync_enum nb_transport_bw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
    advance(tx, phase);
    const bool response = phase == tlm::BEGIN_RESP;
    const tlm::tlm_sync_enum answer = from_initiator->nb_transport_bw(tx, phase, delay);
    if (response && answer == tlm::TLM_UPDATED) {
      require(kReturnPhase, phase == tlm::END_RESP, [&] { return seen(phase); });
      advance(tx, phase);
    } else if (response && answer == tlm::TLM_COMPLETED) {
      close(tx);
    }
    return answer;
  }

  bool get_direct_mem_ptr(Payload& tx, tlm::tlm_dmi& dmi) override {
    const bool granted = to_target->get_direct_mem_ptr(tx, dmi);
    if (granted) {
      const bool command = tx.is_write() ? dmi.is_write_allowed() : dmi.is_read_allowed();
      require(kDmiRange,
              dmi.get_dmi_ptr() != nullptr && dmi.get_start_address() <= tx.get_address() &&
                  tx.get_address() <= dmi.get_end_address() && command,
              [&] { return seen(tx.get_address()); });
    }
    return granted;
  }

  unsigned transport_dbg(Payload& tx) override {
    const unsigned count = to_target->transport_dbg(tx);
    require(kDebugCount, count <= tx.get_data_length(), [&] { return differs(tx.get_data_length(), count); });
    return count;
  }

  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    from_initiator->invalidate_direct_mem_ptr(first, last);
  }

  void check_initial(const Payload& tx) {
    require(kInitialResponse, tx.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE && !tx.is_dmi_allowed(),
            [&] { return seen(tx.get_response_string()); });
  }
  void check_attributes(const Attributes& before, const Payload& tx) {
    require(kAttributes, before == Attributes(tx), [&] { return "address " + std::to_string(before.address); });
  }
  void check_response(const Payload& tx) {
    require(kResponse, tx.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, [&] { return seen(tx.get_response_string()); });
  }

  void advance(Payload& tx, const tlm::tlm_phase& phase) {
    const auto at = open_.find(&tx);
    require(kPhaseOrder, at != open_.end(), [&] { return "no transaction is open: " + seen(phase); });
    if (at == open_.end()) return;
    Open& open = at->second;
    check_attributes(open.attributes, tx);
    if (phase == tlm::END_REQ) {
      require(kPhaseOrder, open.stage == Stage::kBeginReq, [&] { return seen(phase); });
      open.stage = Stage::kEndReq;
      ++end_requests_;
      if (requesting_ == &tx) requesting_ = nullptr;
    } else if (phase == tlm::BEGIN_RESP) {
      require(kPhaseOrder, open.stage != Stage::kBeginResp, [&] { return seen(phase); });
      require(kResponseExclusion, responding_ == nullptr || responding_ == &tx, [&] { return seen(tx.get_address()); });
      check_response(tx);
      open.stage = Stage::kBeginResp;
      if (requesting_ == &tx) requesting_ = nullptr;
      responding_ = &tx;
    } else if (phase == tlm::END_RESP) {
      require(kPhaseOrder, open.stage == Stage::kBeginResp, [&] { return seen(phase); });
      close(tx);
    }
  }

  void close(Payload& tx) {
    if (requesting_ == &tx) requesting_ = nullptr;
    if (responding_ == &tx) responding_ = nullptr;
    open_.erase(&tx);
  }

  std::map<const Payload*, Open> open_;
  const Payload* requesting_ = nullptr;
  const Payload* responding_ = nullptr;
  std::size_t most_open_ = 0;
  std::uint64_t end_requests_ = 0;
};

}  // namespace eie::tb
