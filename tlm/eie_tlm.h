// SPDX-License-Identifier: Apache-2.0
// EieTlm: the EIE device as a TLM-2.0 target (docs/models/eie_tlm.md).
//
// Ports
//   socket   64-bit target: registers and memory windows of hw/register_map.h; base protocol, LT, AT, DMI, debug
//   rst_n    reset, active low, seen at clock edges: a change at the instant of an edge is seen at the next one
//   irq      level interrupt; may stay unbound
//
// The same registers, results, cycles and counters as hw/, without a clock: what a launch does is computed when CTRL.start
// is written and becomes visible in the clock cycle in which the hardware has it.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <unordered_map>

#include "tlm/at_port.h"
#include "tlm/config/device_config.h"
#include "tlm/model/device_model.h"
#include "tlm/optional_output.h"
#include "tlm/port_access.h"

namespace eie {

class EieTlm : public sc_core::sc_module, private tlm::tlm_fw_transport_if<>, private AtTarget {
 public:
  tlm::tlm_target_socket<64> SC_NAMED(socket);
  sc_core::sc_in<bool> SC_NAMED(rst_n);
  sc_core::sc_out<bool> SC_NAMED(irq);

  SC_HAS_PROCESS(EieTlm);
  EieTlm(const sc_core::sc_module_name& name, const DeviceConfig& config, AtPhases phases = AtPhases::kFour);

  const DeviceConfig& config() const { return model_.config(); }
  sc_core::sc_time clock_period() const { return period_; }

  /// Decodes the image of the present descriptor now, so that the next start does not have to.
  void decode_now();

  /// As of DeviceModel: an observer of launches, and where the next one lies in its layer.
  void observe(DeviceModel::LaunchObserver observer) { model_.observe(std::move(observer)); }
  void set_origin(const LaunchOrigin& origin) { model_.set_origin(origin); }
  /// As of DeviceModel: bits that flip in the next launch.
  void flip_in_next_launch(const MemoryFlip& flip) { model_.flip_in_next_launch(flip); }
  /// A bit flips at this moment; false while a launch runs.
  bool flip_now(const MemoryFlip& flip) { return model_.flip_now(edge_of(sc_core::sc_time_stamp()), flip); }
  const std::vector<MemoryFlip>& missed_flips() const { return model_.missed_flips(); }

  /// Images decoded so far: one a launch and change of the weights.
  std::uint64_t images_decoded() const { return model_.images_decoded(); }

 private:
  void before_end_of_elaboration() override { open_irq_.connect(irq); }

  using Payload = tlm::tlm_generic_payload;
  // Transactions (nb_transport) whose response is not over; one more has to wait for END_REQ.
  static constexpr unsigned kOutstanding = 4;

  void b_transport(Payload& tx, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload& tx, tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(Payload& tx) override;

  std::uint64_t edge_of(const sc_core::sc_time& time) const { return time.value() / period_.value(); }
  sc_core::sc_time time_of(std::uint64_t edge) const { return sc_core::sc_time::from_value(period_.value() * edge); }

  std::uint64_t perform(Payload& tx, std::uint64_t edge);
  tlm::tlm_response_status check(Payload& tx);
  model::Access perform_beats(Payload& tx, std::uint64_t& edge);
  void after_access();
  void revoke_dmi();

  void accept_request(Payload& tx) override;
  void perform_request(Payload& tx) override;
  void complete_request(Payload& tx) override;

  bool reset_since_accepted(const Payload& tx) const;

  void on_reset_pin();
  void on_edge();
  void wake_at_next_change();

  OptionalOutput open_irq_;
  const sc_core::sc_time period_;
  DeviceModel model_;

  // nb_transport
  AtPort at_port_;
  std::uint64_t port_free_ = 0;                                 // first edge at which the port can take another beat
  std::unordered_map<const Payload*, std::uint64_t> accepted_;  // edge at which an open transaction was accepted

  bool dmi_granted_ = false;
  bool dmi_weights_ = false;  // somebody may write Spmat through a pointer

  // Reset: the next edge that sees rst_n low for the first time, and the last one that saw it low.
  static constexpr std::uint64_t kNever = IrqTimeline::kNever;
  std::uint64_t reset_edge_ = kNever;
  std::uint64_t last_low_edge_ = 0;
  InResetWarning in_reset_{"eie/tlm"};

  sc_core::sc_event edge_event_;  // on_edge() has something to do
  bool irq_level_ = false;        // what was written last
};

}  // namespace eie
