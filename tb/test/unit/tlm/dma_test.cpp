// The DMA engine (tlm/dma/dma.h) against a model in the test: what it copies, when, and what it does with bad descriptors.
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "tlm/dma/dma.h"
#include "tb/support/random.h"
#include "tb/test/support/tlm_host.h"

namespace eie::tb {
namespace {

using sc_core::sc_time;

constexpr std::uint64_t kMemoryBytes = 1 << 20;
const sc_time kCycle(1250, sc_core::SC_PS);

std::uint64_t seed() {
  const char* text = std::getenv("EIE_SEED");
  const std::uint64_t value = text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
  std::printf("EIE_SEED=%llu\n", static_cast<unsigned long long>(value));
  return value;
}

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
  void set_word(std::uint64_t address, std::uint64_t value) { std::memcpy(&bytes.at(address), &value, 8); }

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

TEST(Dma, RegistersAfterReset) {
  Bench b;
  b.run([&] {
    EXPECT_EQ(b.read(dma::kId), dma::kIdValue);
    EXPECT_EQ(b.read(dma::kVersion), 0x10000u);
    EXPECT_EQ(b.read(dma::kCap), 16u);
    for (const std::uint64_t address : {dma::kHead, dma::kStatus, dma::kIrqStatus, dma::kIrqEnable, dma::kCurrent,
                                        dma::kErrorAddress, dma::kBeats, dma::kBusyCycles, dma::kDescriptors}) {
      EXPECT_EQ(b.read(address), 0u) << address;
    }
    b.write(dma::kHead, 0x123456789ABCDEF0u);
    EXPECT_EQ(b.read(dma::kHead), 0x123456789ABCDEF0u);
    std::uint32_t half = 0x55;
    EXPECT_EQ(b.access(true, dma::kHead + 4, &half, 4), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(b.read(dma::kHead), 0x000000559ABCDEF0u);
    EXPECT_EQ(b.access(false, dma::kHead, &half, 4), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(half, 0x9ABCDEF0u);
    b.write(dma::kIrqEnable, ~std::uint64_t{0});
    EXPECT_EQ(b.read(dma::kIrqEnable), 7u);
  });
}

TEST(Dma, RefusedAccessesChangeNothing) {
  Bench b;
  b.run([&] {
    std::uint64_t words[40] = {0x40, dma::kCtrlStart};
    auto status = [&](bool write, std::uint64_t address, unsigned bytes) {
      return b.access(write, address, words, bytes);
    };
    EXPECT_EQ(status(false, dma::kCtrl, 8), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(true, dma::kId, 8), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(true, dma::kBeats, 8), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(false, 0x18, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(false, dma::kRegisterSpace, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(false, ~std::uint64_t{7}, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(true, dma::kHead, 3), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(status(true, dma::kHead + 2, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status(true, dma::kHead, 24), tlm::TLM_COMMAND_ERROR_RESPONSE);  // HEAD, CTRL.start, STATUS
    EXPECT_EQ(status(true, 0, 320), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(b.read(dma::kHead), 0u);
    EXPECT_EQ(b.read(dma::kStatus), 0u);
    EXPECT_EQ(b.memory.accesses, 0u);
    // HEAD and CTRL.start in one burst.
    b.put_chain(0x40, {{0x1000, 0x2000, 64}});
    EXPECT_EQ(status(true, dma::kHead, 16), tlm::TLM_OK_RESPONSE);
    wait(1000 * kCycle);
    EXPECT_EQ(b.read(dma::kStatus), dma::kStatusDone);
  });
}

TEST(Dma, StartAndHeadAreRefusedWhileBusy) {
  Bench b;
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 0x8000}});
    b.start(0);
    std::uint64_t word = 0x40;
    EXPECT_EQ(b.access(true, dma::kHead, &word, 8), tlm::TLM_GENERIC_ERROR_RESPONSE);
    word = dma::kCtrlStart;
    EXPECT_EQ(b.access(true, dma::kCtrl, &word, 8), tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(b.read(dma::kStatus), dma::kStatusBusy);
    EXPECT_GT(b.read(dma::kBusyCycles), 0u);
    b.wait_irq();
    EXPECT_EQ(b.read(dma::kHead), 0u);
    EXPECT_EQ(b.read(dma::kBeats), 0x1000u);
    EXPECT_EQ(b.read(dma::kDescriptors), 1u);
  });
}

/// Start 1, fetch 8 beats, then a step a burst and one more: the last step only writes.
TEST(Dma, OneBeatACycle) {
  Bench b;
  b.fill(1);
  b.run([&] {
    b.put_chain(0x100 * 64, {{0x10000, 0x20000, 10 * 128}});
    EXPECT_EQ(b.run_chain(0x100 * 64), 1 + 8 + 11 * 16);
    EXPECT_EQ(b.read(dma::kBeats), 160u);
    EXPECT_EQ(b.read(dma::kDescriptors), 1u);
    EXPECT_EQ(b.read(dma::kCurrent), 0x4000u);
    EXPECT_EQ(std::memcmp(&b.memory.bytes[0x10000], &b.memory.bytes[0x20000], 1280), 0);
    EXPECT_EQ(b.memory.longest, 128u);
  });
}

TEST(Dma, BurstLength) {
  DmaConfig config;
  config.burst_beats = 256;
  Bench b(config);
  b.run([&] {
    EXPECT_EQ(b.read(dma::kCap), 256u);
    b.put_chain(0, {{0x10000, 0x20000, 0x8000}});
    EXPECT_EQ(b.run_chain(0), 1 + 8 + 17 * 256);
    EXPECT_EQ(b.memory.longest, 2048u);
  });
}

/// A target that annotates (or waits) more than a cycle a beat sets the pace. The two transfers of a step run side by side,
/// so that a step is one transfer long; if the target lets the time pass itself they follow one another.
TEST(Dma, TargetsSetThePace) {
  Bench b;
  b.memory.beat_cycles = 1;
  b.memory.latency = 5;
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 10 * 128}});
    EXPECT_EQ(b.run_chain(0), 1 + 13 + 11 * 21);
    b.memory.waits = true;
    EXPECT_EQ(b.run_chain(0), 1 + 13 + 20 * 21);
  });
}

TEST(Dma, BurstsStopAt4KiB) {
  Bench b;
  b.fill(2);
  b.run([&] {
    b.put_chain(0, {{0x10FC8, 0x20F88, 0x2000}});  // Memory checks each burst
    b.run_chain(0);
    EXPECT_EQ(b.read(dma::kBeats), 0x400u);
    EXPECT_EQ(std::memcmp(&b.memory.bytes[0x10FC8], &b.memory.bytes[0x20F88], 0x2000), 0);
  });
}

TEST(Dma, RowsAndStrides) {
  Bench b;
  b.fill(3);
  b.run([&] {
    const auto before = b.memory.bytes;
    Entry gather{0x10000, 0x30000, 24, 5, 0, 0x100, 24};
    Entry reverse{0x10000, 0x40080, 8, 3, 0, 8, ~std::uint64_t{0} - 15};  // destination stride -16
    b.put_chain(0, {gather, reverse});
    EXPECT_EQ(b.run_chain(0), 1 + (8 + 6 * 3) + (8 + 4 * 1));
    for (unsigned row = 0; row < 5; ++row) {
      EXPECT_EQ(std::memcmp(&b.memory.bytes[0x30000 + row * 24], &before[0x10000 + row * 0x100], 24), 0) << row;
    }
    for (unsigned row = 0; row < 3; ++row) {
      EXPECT_EQ(b.memory.word(0x40080 - row * 16), b.memory.word(0x10000 + row * 8)) << row;
      EXPECT_EQ(std::memcmp(&b.memory.bytes[0x40080 - row * 16 + 8], &before[0x40080 - row * 16 + 8], 8), 0) << row;
    }
  });
}

/// The interrupt of a descriptor and of the chain, at the same cycles whatever the quantum.
class DmaQuantum : public testing::TestWithParam<double> {};

TEST_P(DmaQuantum, InterruptsAreExact) {
  DmaConfig config;
  config.quantum = sc_time(GetParam(), sc_core::SC_NS);
  Bench b(config);
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 4 * 128, 1, dma::kFlagInterrupt}, {0x10000, 0x30000, 8 * 128}});
    b.write(dma::kIrqEnable, dma::kIrqDescriptor);
    b.write(dma::kHead, 0);
    b.write(dma::kCtrl, dma::kCtrlStart);
    const sc_time start = sc_core::sc_time_stamp();
    wait(b.irq.posedge_event());
    EXPECT_EQ((sc_core::sc_time_stamp() - start) / kCycle, 1 + 8 + 5 * 16);
    EXPECT_EQ(b.read(dma::kIrqStatus), dma::kIrqDescriptor);
    EXPECT_EQ(b.read(dma::kStatus), dma::kStatusBusy);
    b.write(dma::kIrqStatus, dma::kIrqDescriptor);
    EXPECT_EQ(b.read(dma::kIrqStatus), 0u);
    EXPECT_FALSE(b.irq.read());
    b.write(dma::kIrqEnable, dma::kIrqDone);
    wait(b.irq.posedge_event());
    EXPECT_EQ((sc_core::sc_time_stamp() - start) / kCycle, 1 + 8 + 5 * 16 + 8 + 9 * 16);
    EXPECT_EQ(b.read(dma::kBusyCycles), 1u + 8 + 5 * 16 + 8 + 9 * 16);
    EXPECT_EQ(b.read(dma::kDescriptors), 2u);
  });
}

INSTANTIATE_TEST_SUITE_P(Quanta, DmaQuantum, testing::Values(0.0, 1.25, 50.0, 1000.0, 1e6));

TEST(Dma, InterruptsCanBeOff) {
  Bench b;
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 64, 1, dma::kFlagInterrupt}});
    b.write(dma::kHead, 0);
    b.write(dma::kCtrl, dma::kCtrlStart);
    wait(1000 * kCycle);
    EXPECT_FALSE(b.irq.read());
    EXPECT_EQ(b.read(dma::kIrqStatus), dma::kIrqDone | dma::kIrqDescriptor);
    b.write(dma::kIrqEnable, dma::kIrqDone);
    wait(kCycle);
    EXPECT_TRUE(b.irq.read());
  });
}

TEST(Dma, ZeroBytesCopyNothing) {
  Bench b;
  b.fill(4);
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 0}, {0x10000, 0x20000, 64, 0}, {1 << 21, 1 << 21, 0, 0xFFFFFFFF}});
    const auto before = b.memory.bytes;
    EXPECT_EQ(b.run_chain(0), 1 + 3 * 8);
    EXPECT_EQ(b.read(dma::kBeats), 0u);
    EXPECT_EQ(b.read(dma::kDescriptors), 3u);
    EXPECT_EQ(b.memory.bytes, before);
  });
}

TEST(Dma, RefusedSource) {
  Bench b;
  b.memory.refused_read = 0x10158;
  b.run([&] {
    b.put_chain(0, {{0x30000, 0x40000, 64}, {0x10000, 0x20000, 0x1000}, {0x30000, 0x50000, 64}});
    b.run_chain(0, error_status(dma::kCauseSource));
    EXPECT_EQ(b.read(dma::kErrorAddress), 0x10100u);  // the burst
    EXPECT_EQ(b.read(dma::kIrqStatus), dma::kIrqError);
    EXPECT_EQ(b.read(dma::kCurrent), 64u);
    EXPECT_EQ(b.read(dma::kDescriptors), 1u);
    EXPECT_EQ(b.read(dma::kBeats), 8u + 32);  // what had been read before
    b.memory.refused_read = UINT64_MAX;
    b.run_chain(0);
    EXPECT_EQ(b.read(dma::kErrorAddress), 0u);
    EXPECT_EQ(b.read(dma::kDescriptors), 3u);
  });
}

TEST(Dma, RefusedDestination) {
  Bench b;
  b.fill(5);
  b.memory.refused_write = 0x20100;
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 0x1000}});
    const auto before = b.memory.bytes;
    b.run_chain(0, error_status(dma::kCauseDestination));
    EXPECT_EQ(b.read(dma::kErrorAddress), 0x20100u);
    EXPECT_EQ(b.read(dma::kBeats), 32u);
    EXPECT_EQ(std::memcmp(&b.memory.bytes[0x20000], &before[0x10000], 0x100), 0);
    EXPECT_EQ(std::memcmp(&b.memory.bytes[0x20100], &before[0x20100], 0xF00), 0);
  });
}

TEST(Dma, RefusedDescriptor) {
  Bench b;
  b.run([&] {
    b.run_chain(1 << 20, error_status(dma::kCauseDescriptor));
    EXPECT_EQ(b.read(dma::kErrorAddress), 1u << 20);
    b.put(0, {0x10000, 0x20000, 64}, std::uint64_t{1} << 63);
    b.run_chain(0, error_status(dma::kCauseDescriptor));
    EXPECT_EQ(b.read(dma::kErrorAddress), std::uint64_t{1} << 63);
    EXPECT_EQ(b.read(dma::kDescriptors), 1u);
  });
}

TEST(Dma, Misaligned) {
  Bench b;
  b.run([&] {
    EXPECT_GE(b.run_chain(8, error_status(dma::kCauseAlignment)), 1);
    EXPECT_EQ(b.read(dma::kErrorAddress), 8u);
    const std::vector<Entry> bad = {{0x10004, 0x20000, 64},
                                    {0x10000, 0x20001, 64},
                                    {0x10000, 0x20000, 60},
                                    {0x10000, 0x20000, 64, 2, 0, 12, 64},
                                    {0x10000, 0x20000, 64, 2, 0, 64, 2}};
    for (const Entry& entry : bad) {
      b.put_chain(0, {{0x10000, 0x20000, 64}, entry});
      b.run_chain(0, error_status(dma::kCauseAlignment));
      EXPECT_EQ(b.read(dma::kErrorAddress), 64u);
      EXPECT_EQ(b.read(dma::kDescriptors), 1u);
    }
  });
}

/// A chain that never ends takes time; CTRL.stop ends it.
TEST(Dma, LoopOfDescriptors) {
  Bench b;
  b.run([&] {
    b.put(0, {0x10000, 0x20000, 0}, 64);
    b.put(64, {0x10000, 0x20000, 0}, 0);
    b.start(0);
    wait(100000 * kCycle);
    EXPECT_EQ(b.read(dma::kStatus), dma::kStatusBusy);
    const std::uint64_t descriptors = b.read(dma::kDescriptors);
    EXPECT_GE(descriptors, 100000u / 8);
    EXPECT_LE(descriptors, 100000u / 8 + 110);  // a quantum ahead
    b.write(dma::kCtrl, dma::kCtrlStop);
    b.wait_irq();
    EXPECT_EQ(b.read(dma::kStatus), dma::kStatusStopped);
    EXPECT_EQ(b.read(dma::kIrqStatus), dma::kIrqDone);
    b.put_chain(0, {{0x10000, 0x20000, 64}});
    b.run_chain(0);  // the stop is over
    b.write(dma::kCtrl, dma::kCtrlStop);  // idle: no effect
    EXPECT_EQ(b.read(dma::kStatus), dma::kStatusDone);
  });
}

TEST(Dma, StopBetweenTwoBursts) {
  DmaConfig config;
  config.quantum = sc_core::SC_ZERO_TIME;
  Bench b(config);
  b.fill(6);
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 0x8000}});
    const auto before = b.memory.bytes;
    b.start(0);
    wait((8 + 10 * 16) * kCycle);
    b.write(dma::kCtrl, dma::kCtrlStop);
    b.wait_irq();
    const std::uint64_t beats = b.read(dma::kBeats);
    EXPECT_EQ(beats % 16, 0u);
    EXPECT_GE(beats, 9u * 16);
    EXPECT_LE(beats, 11u * 16);
    EXPECT_EQ(std::memcmp(&b.memory.bytes[0x20000], &before[0x10000], beats * 8), 0);
    EXPECT_EQ(std::memcmp(&b.memory.bytes[0x20000 + beats * 8], &before[0x20000 + beats * 8], 256), 0);
  });
}

TEST(Dma, ResetInTheMiddle) {
  Bench b;
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 0x8000, 1, dma::kFlagInterrupt}, {0x10000, 0x30000, 0x8000}});
    for (const bool waits : {false, true}) {
      b.memory.waits = waits;
      b.memory.latency = waits ? 50 : 0;
      for (unsigned k = 0; k < 40; ++k) {
        b.start(0);
        wait((1 + 37 * k) * kCycle);
        b.rst_n.write(false);
        wait(kCycle);
        std::uint64_t data = 0;
        EXPECT_EQ(b.access(false, dma::kId, &data, 8), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_FALSE(b.irq.read());
        b.rst_n.write(true);
        wait(kCycle);
        for (const std::uint64_t reg : {dma::kHead, dma::kStatus, dma::kIrqStatus, dma::kIrqEnable, dma::kCurrent,
                                        dma::kErrorAddress, dma::kBeats, dma::kBusyCycles, dma::kDescriptors}) {
          ASSERT_EQ(b.read(reg), 0u) << "register " << reg << ", reset " << k;
        }
        const std::uint64_t accesses = b.memory.accesses;
        wait(2000 * kCycle);
        ASSERT_EQ(b.memory.accesses, accesses) << "goes on after reset " << k;
        ASSERT_EQ(b.read(dma::kStatus), 0u);
      }
    }
    b.memory.waits = false;
    b.memory.latency = 0;
    EXPECT_EQ(b.run_chain(0), 1 + 2 * (8 + 257 * 16));
  });
}

/// A start just after a reset, while the engine is still inside an access of the chain before.
TEST(Dma, StartWhileTheOldAccessEnds) {
  Bench b;
  b.memory.waits = true;
  b.memory.latency = 200;
  b.fill(7);
  b.run([&] {
    b.put_chain(0, {{0x10000, 0x20000, 0x1000}});
    b.put_chain(0x80, {{0x10000, 0x30000, 128}});
    b.start(0);
    wait(250 * kCycle);
    b.rst_n.write(false);
    wait(kCycle);
    b.rst_n.write(true);
    b.start(0x80);
    b.wait_irq();
    EXPECT_EQ(b.read(dma::kStatus), dma::kStatusDone);
    EXPECT_EQ(b.read(dma::kBeats), 16u);
    EXPECT_EQ(std::memcmp(&b.memory.bytes[0x10000], &b.memory.bytes[0x30000], 128), 0);
  });
}

TEST(Dma, RegistersThroughNonBlockingTransport) {
  sc_core::sc_signal<bool> rst_n("rst_n", true);
  sc_core::sc_signal<bool> irq("irq");
  EieDma dma("dma");
  Memory memory("memory");
  TlmHost host("host");
  host.socket.bind(dma.socket);
  dma.initiator.bind(memory.socket);
  dma.rst_n(rst_n);
  dma.irq(irq);
  host.run([&] {
    const std::vector<unsigned char> head = {0x40, 0, 0, 0, 1, 0, 0, 0};
    const std::vector<unsigned char> word(8);
    const auto answers = host.transport_nb({{tlm::TLM_READ_COMMAND, dma::kId, word, {}, 0},
                                            {tlm::TLM_WRITE_COMMAND, dma::kHead, head, {}, 0},
                                            {tlm::TLM_READ_COMMAND, dma::kHead, word, {}, 0},
                                            {tlm::TLM_READ_COMMAND, dma::kCtrl, word, {}, 0}},
                                           EndResponse::kLater);
    ASSERT_EQ(answers.size(), 4u);
    EXPECT_EQ(std::string(answers[0].data.begin(), answers[0].data.begin() + 4), "EDMA");
    EXPECT_EQ(answers[1].status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(answers[2].data, head);
    EXPECT_EQ(answers[3].status, tlm::TLM_COMMAND_ERROR_RESPONSE);
  });
}

TEST(Dma, DebugReadsRegisters) {
  Bench b;
  b.run([&] {
    std::uint32_t words[3] = {};
    tlm::tlm_generic_payload tx;
    tx.set_command(tlm::TLM_READ_COMMAND);
    tx.set_address(4);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(words));
    tx.set_data_length(12);
    EXPECT_EQ(b.host->transport_dbg(tx), 12u);
    EXPECT_EQ(words[0], 0u);
    EXPECT_EQ(words[1], 0x10000u);
    EXPECT_EQ(words[2], 0u);
    tx.set_address(dma::kCap + 4);
    EXPECT_EQ(b.host->transport_dbg(tx), 4u);  // nothing behind
    tx.set_command(tlm::TLM_WRITE_COMMAND);
    tx.set_address(dma::kHead);
    EXPECT_EQ(b.host->transport_dbg(tx), 0u);
  });
}

TEST(Dma, BadConfigurationIsReported) {
  DmaConfig config;
  config.burst_beats = 257;
  EXPECT_THROW(EieDma("dma", config), sc_core::sc_report);
}

/// Random chains from one half of the memory to the other, in both directions, against memcpy.
class DmaRandom : public testing::TestWithParam<int> {};

TEST_P(DmaRandom, ChainsAgainstMemcpy) {
  Random random(seed(), 1, static_cast<std::uint64_t>(GetParam()));
  DmaConfig config;
  config.burst_beats = static_cast<unsigned>(1 + random.below(GetParam() % 2 == 0 ? 4 : 64));
  config.quantum = static_cast<double>(random.below(3) * random.below(2000)) * sc_time(1, sc_core::SC_NS);
  Bench b(config);
  b.fill(random.bits());
  b.memory.waits = random.below(2) == 1;
  const std::uint64_t slow = 1 + random.below(60);
  b.memory.random_latency = [&] { return static_cast<unsigned>(random.below(slow)); };
  constexpr std::uint64_t kHalf = 0x40000;
  constexpr std::uint64_t kFirst = 0x40000;
  b.run([&] {
    for (int round = 0; round < 10; ++round) {
      std::vector<Entry> chain(1 + random.below(12));
      std::uint64_t beats = 0;
      auto after = b.memory.bytes;
      auto descriptors = chain.size();
      for (Entry& entry : chain) {
        const std::uint64_t from = random.below(2);
        entry.rows = random.below(8) == 0 ? random.below(3) : 1 + random.below(6);
        entry.bytes = 8 * random.below(random.below(4) == 0 ? 600 : 20);
        entry.source_stride = 8 * random.below(700);
        entry.destination_stride = entry.bytes + 8 * random.below(64);
        entry.source = kFirst + from * kHalf + 8 * random.below(0x3000);
        entry.destination = kFirst + (1 - from) * kHalf + 8 * random.below(0x3000);
        if (random.below(3) == 0) entry.flags |= dma::kFlagInterrupt;
      }
      b.put_chain(0, chain);
      std::memcpy(after.data(), b.memory.bytes.data(), descriptors * dma::kDescBytes);
      for (const Entry& entry : chain) {
        for (std::uint64_t row = 0; row < entry.rows; ++row) {
          if (entry.bytes == 0) break;
          std::memcpy(&after.at(entry.destination + row * entry.destination_stride),
                      &after.at(entry.source + row * entry.source_stride), entry.bytes);
          beats += entry.bytes / 8;
        }
      }
      const double cycles = b.run_chain(0);
      EXPECT_GE(cycles, static_cast<double>(beats + 8 * descriptors));
      EXPECT_EQ(b.read(dma::kBeats), beats);
      EXPECT_EQ(b.read(dma::kDescriptors), descriptors);
      for (std::uint64_t at = 0; at < kMemoryBytes; at += 8) {
        if (std::memcmp(&b.memory.bytes[at], &after[at], 8) == 0) continue;
        FAIL() << "round " << round << ": word at 0x" << std::hex << at;
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, DmaRandom, testing::Range(0, 12));

}  // namespace
}  // namespace eie::tb
