// SPDX-License-Identifier: Apache-2.0
// The DMA engine: bad descriptors, stops, resets, and random chains against memcpy.
#include <gtest/gtest.h>

#include "tb/test/unit/tlm/dma_bench.h"

namespace eie::tb {
namespace {

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
    b.run_chain(0);                       // the stop is over
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
  Random random(test_seed(), 1, static_cast<std::uint64_t>(GetParam()));
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
