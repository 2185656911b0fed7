// SPDX-License-Identifier: Apache-2.0
// A DMA engine between memories that keep their own pace, and the descriptors that tests write for it.
#pragma once

#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <utility>
#include <vector>

#include "tb/support/random.h"
#include "tb/test/support/test_seed.h"
#include "tb/test/support/tlm_host.h"
#include "tlm/dma/dma.h"

namespace eie::tb {

using sc_core::sc_time;

constexpr std::uint64_t kMemoryBytes = 1 << 20;
inline const sc_time kCycle(1250, sc_core::SC_PS);

/// What the engine reads and writes: 1 MiB at 0; a beat takes `beat_cycles`, an access `latency` more.
class Memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Memory, 64> SC_NAMED(socket);

  explicit Memory(const sc_core::sc_module_name& name) : sc_module(name), bytes(kMemoryBytes) {
    socket.register_b_transport(this, &Memory::b_transport);
  }

  std::vector<unsigned char> bytes;
  unsigned beat_cycles = 0;
  unsigned latency = 0;
  std::function<unsigned()> random_latency;  // instead of `latency`
  bool waits = false;                        // lets the time pass itself instead of annotating it
  std::uint64_t refused_read = UINT64_MAX;   // bursts that touch this address are refused
  std::uint64_t refused_write = UINT64_MAX;
  std::uint64_t accesses = 0;
  unsigned longest = 0;  // burst, in bytes

  std::uint64_t word(std::uint64_t address) const {
    std::uint64_t value = 0;
    std::memcpy(&value, &bytes.at(address), 8);
    return value;
  }

 private:
  void b_transport(tlm::tlm_generic_payload& tx, sc_time& delay) {
    const std::uint64_t first = tx.get_address();
    const std::uint64_t length = tx.get_data_length();
    ++accesses;
    longest = std::max(longest, tx.get_data_length());
    EXPECT_EQ(first / 4096, (first + length - 1) / 4096) << "a burst crosses 4 KiB";
    const unsigned cycles = (random_latency ? random_latency() : latency) + beat_cycles * tx.get_data_length() / 8;
    delay += cycles * kCycle;
    if (waits) {
      wait(delay);
      delay = sc_core::SC_ZERO_TIME;
    }
    const std::uint64_t bad = tx.is_read() ? refused_read : refused_write;
    if (first >= kMemoryBytes || length > kMemoryBytes - first || (bad >= first && bad < first + length)) {
      tx.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (tx.is_read()) {
      std::memcpy(tx.get_data_ptr(), &bytes[first], length);
    } else {
      std::memcpy(&bytes[first], tx.get_data_ptr(), length);
    }
    tx.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

struct Entry {
  std::uint64_t source = 0;
  std::uint64_t destination = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 1;
  std::uint64_t flags = 0;
  std::uint64_t source_stride = 0;
  std::uint64_t destination_stride = 0;
};

/// The engine, its memory, and a host thread that runs the body of a test.
class Bench : public sc_core::sc_module {
  const DmaConfig config_;  // before `dma`, which is made of it

 public:
  tlm_utils::simple_initiator_socket<Bench, 64> SC_NAMED(host);
  sc_core::sc_signal<bool> SC_NAMED(rst_n);
  sc_core::sc_signal<bool> SC_NAMED(irq);
  EieDma SC_NAMED(dma, config_);
  Memory SC_NAMED(memory);

  SC_HAS_PROCESS(Bench);
  explicit Bench(const DmaConfig& config = DmaConfig(), const sc_core::sc_module_name& name = "bench")
      : sc_module(name), config_(config) {
    host.bind(dma.socket);
    dma.initiator.bind(memory.socket);
    dma.rst_n(rst_n);
    dma.irq(irq);
    SC_THREAD(run_body);
  }

  /// Runs `body` in the host's thread after a reset. A failed expectation ends the test.
  void run(std::function<void()> body) {
    body_ = std::move(body);
    sc_core::sc_start();
    ASSERT_TRUE(ended_) << "the host still waits at " << sc_core::sc_time_stamp();
  }

  tlm::tlm_response_status access(bool write, std::uint64_t address, void* data, unsigned bytes) {
    tlm::tlm_generic_payload tx;
    tx.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    tx.set_address(address);
    tx.set_data_ptr(static_cast<unsigned char*>(data));
    tx.set_data_length(bytes);
    tx.set_streaming_width(bytes);
    sc_time delay;
    host->b_transport(tx, delay);
    wait(delay);
    return tx.get_response_status();
  }
  void write(std::uint64_t address, std::uint64_t data) {
    ASSERT_EQ(access(true, address, &data, 8), tlm::TLM_OK_RESPONSE) << "write at " << address;
  }
  std::uint64_t read(std::uint64_t address) {
    std::uint64_t data = 0;
    EXPECT_EQ(access(false, address, &data, 8), tlm::TLM_OK_RESPONSE) << "read at " << address;
    return data;
  }

  void put(std::uint64_t at, const Entry& e, std::uint64_t next) {
    const std::uint64_t words[dma::kDescWords] = {e.source, e.destination,   e.bytes | e.rows << 32, e.flags,
                                                  next,     e.source_stride, e.destination_stride,   0};
    std::memcpy(&memory.bytes.at(at), words, sizeof words);
  }

  /// Descriptors one after another from `at`; the last one gets kFlagLast.
  void put_chain(std::uint64_t at, std::vector<Entry> chain) {
    chain.back().flags |= dma::kFlagLast;
    for (const Entry& entry : chain) {
      put(at, entry, at + dma::kDescBytes);
      at += dma::kDescBytes;
    }
  }

  void start(std::uint64_t head) {
    write(dma::kIrqStatus, ~std::uint64_t{0});
    write(dma::kIrqEnable, dma::kIrqDone | dma::kIrqError);
    write(dma::kHead, head);
    write(dma::kCtrl, dma::kCtrlStart);
    started_ = sc_core::sc_time_stamp();
  }

  /// Cycles from the start to the interrupt.
  double wait_irq() {
    if (!irq.read()) wait(irq.posedge_event());
    return (sc_core::sc_time_stamp() - started_) / kCycle;
  }

  /// Starts, waits for the interrupt, expects this STATUS; returns the cycles.
  double run_chain(std::uint64_t head, std::uint64_t status = dma::kStatusDone) {
    start(head);
    const double cycles = wait_irq();
    EXPECT_EQ(read(dma::kStatus), status);
    EXPECT_EQ(static_cast<double>(read(dma::kBusyCycles)), cycles);
    return cycles;
  }

  void fill(std::uint64_t seed) {
    Random random(seed);
    for (unsigned char& byte : memory.bytes) byte = static_cast<unsigned char>(random.bits() >> 32);
  }

 private:
  void run_body() {
    rst_n.write(false);
    wait(3 * kCycle);
    rst_n.write(true);
    wait(2 * kCycle);
    body_();
    ended_ = true;
    sc_core::sc_stop();
  }

  std::function<void()> body_;
  sc_time started_;
  bool ended_ = false;
};

constexpr std::uint64_t error_status(std::uint64_t cause) { return dma::kStatusError | cause << dma::kCauseLsb; }

}  // namespace eie::tb
