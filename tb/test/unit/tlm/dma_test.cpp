// SPDX-License-Identifier: Apache-2.0
// The DMA engine (tlm/dma/dma.h) against a model in the test: what it copies and when. With bad descriptors: dma_errors_test.cpp.
#include <gtest/gtest.h>

#include "tb/test/unit/tlm/dma_bench.h"

namespace eie::tb {
namespace {

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
    auto status = [&](bool write, std::uint64_t address, unsigned bytes) { return b.access(write, address, words, bytes); };
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

}  // namespace
}  // namespace eie::tb
