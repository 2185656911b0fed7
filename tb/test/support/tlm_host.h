// SPDX-License-Identifier: Apache-2.0
// An initiator for tests: programs written as plain functions run in its thread process and use whatever transport they
// like, loosely timed, non-blocking, DMI or debug.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

namespace eie::tb {

/// A request as a test writes it.
struct TlmRequest {
  tlm::tlm_command command = tlm::TLM_READ_COMMAND;
  std::uint64_t address = 0;
  std::vector<unsigned char> data;     // to be written, or as long as what is to be read
  std::vector<unsigned char> enables;  // empty: all bytes
  unsigned streaming_width = 0;        // 0: as long as the data
};

/// Requests of so many bytes; those of a write are 0 until they are filled in.
inline TlmRequest make(tlm::tlm_command command, std::uint64_t address, std::size_t bytes) {
  return {command, address, std::vector<unsigned char>(bytes), {}, 0};
}
inline TlmRequest read_of(std::uint64_t address, std::size_t bytes = 8) { return make(tlm::TLM_READ_COMMAND, address, bytes); }
inline TlmRequest write_of(std::uint64_t address, std::size_t bytes = 8) { return make(tlm::TLM_WRITE_COMMAND, address, bytes); }

struct TlmAnswer {
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
  std::vector<unsigned char> data;
  bool dmi_allowed = false;
  sc_core::sc_time taken;  // from the request to the end of the response
};

/// How the initiator answers BEGIN_RESP.
enum class EndResponse { kLater, kUpdated, kCompleted };

class TlmHost : public sc_core::sc_module, private tlm::tlm_bw_transport_if<>, private tlm::tlm_mm_interface {
 public:
  tlm::tlm_initiator_socket<64> SC_NAMED(socket);

  SC_HAS_PROCESS(TlmHost);
  explicit TlmHost(const sc_core::sc_module_name& name);
  ~TlmHost() override;

  /// Runs a program to its end; simulated time goes on until then.
  void run(std::function<void()> program);

  // --- In a program --------------------------------------------------------------------------------------
  /// b_transport, after `offset` of local time; waits for the annotated time to pass.
  TlmAnswer transport(const TlmRequest& request, const sc_core::sc_time& offset = sc_core::SC_ZERO_TIME);
  /// nb_transport: all requests as fast as the target takes them; returns when all responses are over. `think` is the
  /// time between BEGIN_RESP and END_RESP.
  std::vector<TlmAnswer> transport_nb(const std::vector<TlmRequest>& requests, EndResponse how,
                                      const sc_core::sc_time& think = sc_core::SC_ZERO_TIME);
  /// transport_dbg: how many bytes were done.
  unsigned debug(TlmRequest& request);
  bool dmi(const TlmRequest& request, tlm::tlm_dmi& dmi);

  /// 64-bit shorthands; they throw std::runtime_error unless the response is TLM_OK_RESPONSE.
  void write(std::uint64_t address, std::uint64_t data);
  std::uint64_t read(std::uint64_t address);

  /// Ranges that the target has invalidated so far.
  const std::vector<std::pair<std::uint64_t, std::uint64_t>>& invalidated() const { return invalidated_; }

 private:
  using Payload = tlm::tlm_generic_payload;
  struct Job;

  tlm::tlm_sync_enum nb_transport_bw(Payload& tx, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override { invalidated_.emplace_back(first, last); }
  void free(Payload* tx) override;
  Payload* allocate();
  static void fill(Payload& tx, TlmRequest& request);
  void thread();
  void end_responses();

  std::function<void()> program_;
  bool finished_ = false;
  sc_core::sc_event go_;
  std::vector<std::unique_ptr<Payload>> pool_;
  std::vector<Payload*> free_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidated_;

  // nb_transport
  EndResponse how_ = EndResponse::kLater;
  sc_core::sc_time think_;
  std::vector<Job> jobs_;
  std::size_t over_ = 0;
  Job* ending_ = nullptr;
  sc_core::sc_event request_taken_;
  sc_core::sc_event response_over_;
  sc_core::sc_event end_response_;
};

}  // namespace eie::tb
