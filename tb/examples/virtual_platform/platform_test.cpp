// SPDX-License-Identifier: Apache-2.0
// The parts of the platform: bus, memory, CPU, and the C driver on EieTlm and EieDma.
#include "tb/examples/virtual_platform/platform.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "eie_regs.h"
#include "tb/config/config.h"
#include "tb/examples/virtual_platform/sw/eie.h"
#include "tlm/eie_tlm.h"

namespace eie::platform {
namespace {

const sc_core::sc_time kPeriod(1250, sc_core::SC_PS);

tb::HwConfig config_of(const std::string& name) {
  return tb::load_config(std::string(EIE_SOURCE_DIR) + "/configs/" + name + ".yaml");
}

/// A platform whose CPU runs the body of a test after the reset.
class Bench {
 public:
  explicit Bench(const std::string& name = "eie4") : config(config_of(name)) {
    DmaConfig dma;
    dma.clock_period = kPeriod;
    tlm::tlm_global_quantum::instance().set(sc_core::sc_time(1, sc_core::SC_US));
    platform = std::make_unique<Platform<EieTlm>>("platform", dma, config);
    bus = platform->cpu.bus();
  }

  void run(std::function<void()> body) {
    platform->cpu.set_program([this, body = std::move(body)] {
      sc_core::wait(2 * platform->kResetCycles * kPeriod);
      body();
    });
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_SEC));
    ASSERT_TRUE(platform->cpu.ended()) << "the program still waits";
  }

  int write(std::uint64_t address, std::uint64_t data, unsigned bytes = 8) {
    return bus->write(bus->context, address, data, bytes);
  }
  std::uint64_t read(std::uint64_t address, unsigned bytes = 8) {
    std::uint64_t data = 0;
    EXPECT_EQ(bus->read(bus->context, address, &data, bytes), 0) << std::hex << address;
    return data;
  }
  std::uint64_t cycles() const { return Cpu::cycles(bus->context); }

  const tb::HwConfig config;
  std::unique_ptr<Platform<EieTlm>> platform;
  const eie_bus* bus = nullptr;
};

TEST(Platform, BusDecodesAndRefuses) {
  Bench b;
  b.run([&] {
    EXPECT_EQ(b.write(kBlob, 0x1122334455667788), 0);
    EXPECT_EQ(b.read(kBlob), 0x1122334455667788u);
    EXPECT_EQ(b.read(kBlob + 4, 4), 0x11223344u);
    EXPECT_EQ(b.read(kDma.base), EIE_DMA_ID_VALUE);
    EXPECT_EQ(b.read(kEie.base), 0x31454945u);
    std::uint64_t data = 0;
    b.read(kBlob);  // from here on the CPU has a direct pointer to the memory
    for (const std::uint64_t hole : {kMemory.bytes, kMemory.bytes - 4, ~std::uint64_t{3}, kDma.base - 8, kDma.base + kDma.bytes,
                                     kEie.base - 8, kEie.base + kEie.bytes, ~std::uint64_t{7}}) {
      EXPECT_NE(b.bus->read(b.bus->context, hole, &data, 8), 0) << std::hex << hole;
      EXPECT_NE(b.write(hole, 1), 0) << std::hex << hole;
    }
    EXPECT_NE(b.write(kEie.base + EIE_ID, 1), 0);
  });
}

/// One target behind a bus, and an initiator that notes what is invalidated.
struct Invalidation : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Invalidation, 64> SC_NAMED(initiator);
  tlm_utils::simple_target_socket<Invalidation, 64> SC_NAMED(target);
  Bus bus{"bus", 1, {{0x1000, 0x100}}, sc_core::SC_ZERO_TIME};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;

  explicit Invalidation(const sc_core::sc_module_name& name) : sc_module(name) {
    initiator.bind(bus.from[0]);
    bus.to[0].bind(target);
    initiator.register_invalidate_direct_mem_ptr(this, &Invalidation::note);
  }
  void note(sc_dt::uint64 first, sc_dt::uint64 last) { seen.emplace_back(first, last); }
};

TEST(Platform, InvalidationIsTranslated) {
  Invalidation b("b");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  b.target->invalidate_direct_mem_ptr(0x10, 0x1F);
  b.target->invalidate_direct_mem_ptr(0, ~std::uint64_t{0});
  b.target->invalidate_direct_mem_ptr(0x100, 0x1FF);  // outside the range
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected = {{0x1010, 0x101F}, {0x1000, 0x10FF}};
  EXPECT_EQ(b.seen, expected);
}

TEST(Platform, AccessesTakeTime) {
  Bench b;
  b.run([&] {
    // CPU 1, bus 1, memory 4 + 1; with and without a direct pointer.
    for (int access = 0; access < 3; ++access) {
      const std::uint64_t begin = b.cycles();
      b.read(kBlob);
      EXPECT_EQ(b.cycles() - begin, 7u) << access;
    }
    std::uint64_t begin = b.cycles();
    b.write(kEie.base + EIE_IRQ_ENABLE, 0);
    EXPECT_EQ(b.cycles() - begin, 1u + 1 + 4);
    begin = b.cycles();
    b.read(kEie.base + EIE_ID);
    EXPECT_EQ(b.cycles() - begin, 1u + 1 + 7);
    begin = b.cycles();
    b.read(kDma.base + EIE_DMA_ID);
    EXPECT_EQ(b.cycles() - begin, 1u + 1 + EieDma::kRegisterLatency);
  });
}

TEST(Platform, DebugAndDmiAreTranslated) {
  Bench b;
  b.run([&] {
    std::uint64_t word = 0x0123456789ABCDEF;
    tlm::tlm_generic_payload tx;
    tx.set_command(tlm::TLM_WRITE_COMMAND);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
    tx.set_data_length(8);
    const std::uint64_t spmat = kEie.base + EIE_WINDOW_BASE + b.config.window().stride;  // PE 1
    for (const std::uint64_t address : {kBlob, spmat}) {
      tx.set_address(address);
      EXPECT_EQ(b.platform->cpu.socket->transport_dbg(tx), 8u);
      EXPECT_EQ(tx.get_address(), address);
      EXPECT_EQ(b.read(address), 0x0123456789ABCDEFu);
    }
    tx.set_address(kMemory.bytes - 4);
    EXPECT_EQ(b.platform->cpu.socket->transport_dbg(tx), 4u);
    tx.set_address(kMemory.bytes);
    EXPECT_EQ(b.platform->cpu.socket->transport_dbg(tx), 0u);

    tlm::tlm_dmi dmi;
    tx.set_address(spmat + 16);
    ASSERT_TRUE(b.platform->cpu.socket->get_direct_mem_ptr(tx, dmi));
    EXPECT_EQ(dmi.get_start_address(), spmat);
    EXPECT_EQ(dmi.get_end_address(), spmat + b.config.window().spmat_bytes - 1);
    EXPECT_EQ(dmi.get_write_latency(), 2 * kPeriod);
    std::memcpy(dmi.get_dmi_ptr() + 16, &word, 8);
    EXPECT_EQ(b.read(spmat + 16), word);
    tx.set_address(kEie.base + EIE_ID);
    EXPECT_FALSE(b.platform->cpu.socket->get_direct_mem_ptr(tx, dmi));
  });
}

class CDriverProbe : public testing::TestWithParam<const char*> {};

TEST_P(CDriverProbe, ReadsTheConfiguration) {
  Bench b(GetParam());
  b.run([&] {
    eie_device device{};
    ASSERT_EQ(eie_probe(&device, b.bus, kEie.base, kEieIrq), 0);
    const tb::HwConfig& c = b.config;
    EXPECT_EQ(device.n_pe, c.n_pe);
    EXPECT_EQ(device.queue_depth, c.queue_depth);
    EXPECT_EQ(device.look_ahead, c.look_ahead);
    EXPECT_EQ(device.registers, c.registers);
    EXPECT_EQ(device.data_width, c.data_width);
    EXPECT_EQ(device.acc_width, c.acc_width);
    EXPECT_EQ(device.code_width, c.code_width);
    EXPECT_EQ(device.run_width, c.run_width);
    EXPECT_EQ(device.pointer_width, c.pointer_width);
    EXPECT_EQ(device.spmat_width, c.spmat_width);
    EXPECT_EQ(device.spmat_depth, c.spmat_depth);
    EXPECT_EQ(device.pointer_depth, c.pointer_depth);
    EXPECT_EQ(device.act_depth, c.act_depth);
    EXPECT_EQ(device.lnzd_fan_in, c.lnzd_fan_in);
    EXPECT_EQ(device.ecc, c.ecc ? 1u : 0u);
    EXPECT_EQ(device.ptr_offset, c.window().ptr_offset);
    EXPECT_EQ(device.act_offset, c.window().act_offset);
    EXPECT_EQ(device.counter_offset, c.window().counter_offset);
    EXPECT_EQ(device.stride, c.window().stride);
    EXPECT_EQ(eie_window(&device, 3, device.act_offset), kEie.base + c.window_base(3) + c.window().act_offset);
    EXPECT_EQ(b.read(kEie.base + EIE_IRQ_ENABLE), EIE_IRQ_DONE);
  });
}

INSTANTIATE_TEST_SUITE_P(Configurations, CDriverProbe, testing::Values("eie4", "eie64-lookahead", "eie256"));

TEST(CDriver, ProbeFindsNothing) {
  Bench b;
  b.run([&] {
    eie_device device{};
    eie_dma dma{};
    EXPECT_EQ(eie_probe(&device, b.bus, kDma.base, kEieIrq), EIE_ERROR_ID);
    EXPECT_EQ(eie_probe(&device, b.bus, kDma.base + 0x1000, kEieIrq), EIE_ERROR_BUS);
    EXPECT_EQ(eie_dma_probe(&dma, b.bus, kEie.base, kDmaIrq), EIE_ERROR_ID);
    EXPECT_EQ(eie_dma_probe(&dma, b.bus, kDma.base, kDmaIrq), 0);
    EXPECT_EQ(dma.burst_beats, 16u);
  });
}

/// The worked example of docs/registers.md, with PE 0's part of the image: rows 0, 4, 8 and 12 of Figure 2.
struct Example {
  explicit Example(Bench& bench) : b(bench) {
    EXPECT_EQ(eie_probe(&device, b.bus, kEie.base, kEieIrq), 0);
    EXPECT_EQ(eie_dma_probe(&dma, b.bus, kDma.base, kDmaIrq), 0);
    put(kBlob, {0x020529031e071a01, 0x0000000e22072c06});
    put(kBlob + 0x100, {0x0000000300000000, 0x0000000600000004, 0x0000000800000006, 0x0000000b0000000a, 0xd});
    put(kBlob + 0x200, {0x00000000d0000000});
    copies = {{kBlob, eie_window(&device, 0, 0), 16, 1, 0, 0},
              {kBlob + 0x100, eie_window(&device, 0, device.ptr_offset), 40, 1, 0, 0},
              {kBlob + 0x200, eie_window(&device, 0, device.act_offset), 8, 1, 0, 0}};
    int32_t codebook[16];
    for (int k = 0; k < 16; ++k) codebook[k] = k * 1000;
    EXPECT_EQ(eie_write_codebook(&device, codebook, 16), 0);
    EXPECT_EQ(eie_write_codebook(&device, codebook, 17), EIE_ERROR_ARGUMENT);
  }
  void put(std::uint64_t address, const std::vector<std::uint64_t>& words) {
    for (const std::uint64_t word : words) {
      EXPECT_EQ(b.write(address, word), 0);
      address += 8;
    }
  }
  Bench& b;
  eie_device device{};
  eie_dma dma{};
  std::vector<eie_copy> copies;
  eie_launch launch{8, 16, 0, 0, 1020, 0, 15 | EIE_LAYER_FIRST | EIE_LAYER_LAST};
};

TEST(CDriver, ALaunchByCpuAndByDma) {
  Bench b;
  b.run([&] {
    Example e(b);
    // Column 4 of PE 0: entries 6 and 7 (codes 5 and 2 of runs 0 and 0): rows 0 and 4.
    const std::vector<int32_t> expected = [] {
      std::vector<int32_t> y(16, 0);
      y[0] = (5000 * -12288 + (1 << 14)) >> 15;
      y[4] = (2000 * -12288 + (1 << 14)) >> 15;
      return y;
    }();
    for (const bool by_dma : {false, true}) {
      if (by_dma) {
        for (const eie_copy& copy : e.copies) {
          for (std::uint64_t at = 0; at < copy.bytes; at += 8) ASSERT_EQ(b.write(copy.device + at, 0), 0);
        }
        for (std::size_t k = 0; k < e.copies.size(); ++k) {
          ASSERT_EQ(eie_dma_describe(&e.dma, 64 * k, &e.copies[k], EIE_TO_DEVICE, k == 2), 0);
        }
        eie_dma_counters counters{};
        ASSERT_EQ(eie_dma_run(&e.dma, 0, &counters), 0);
        EXPECT_EQ(counters.beats, 2u + 5 + 1);
      } else {
        for (const eie_copy& copy : e.copies) ASSERT_EQ(eie_load(&e.device, &copy), 0);
      }
      for (const eie_copy& copy : e.copies) {
        for (std::uint64_t at = 0; at < copy.bytes; at += 8) EXPECT_EQ(b.read(copy.device + at), b.read(copy.memory + at));
      }
      eie_counters counters{};
      ASSERT_EQ(eie_run(&e.device, &e.launch, &counters), 0);
      EXPECT_EQ(counters.broadcasts, 1u);
      EXPECT_EQ(counters.batches, 1u);
      EXPECT_EQ(counters.act_transfer_cycles, 4u);
      EXPECT_EQ(counters.saturated, 0u);
      EXPECT_EQ(counters.queue_full_cycles, 0u);
      std::uint64_t pe[EIE_PE_COUNTERS];
      ASSERT_EQ(eie_pe_counters(&e.device, 0, pe), 0);
      EXPECT_EQ(pe[EIE_PE_ENTRIES], 2u);
      EXPECT_EQ(pe[EIE_PE_ENTRIES] + pe[EIE_PE_STARVED], counters.cycles);
      int32_t y[16];
      ASSERT_EQ(eie_read_vector(&e.device, 255, 16, y), 0);
      EXPECT_EQ(std::vector<int32_t>(y, y + 16), expected);
      // And out of the device again.
      eie_copy back{kBlob + 0x300, eie_window(&e.device, 0, e.device.act_offset + 8 * 255), 8, 4, 8, e.device.stride};
      if (by_dma) {
        eie_dma_counters moved{};
        ASSERT_EQ(eie_dma_describe(&e.dma, 0, &back, EIE_FROM_DEVICE, 1), 0);
        ASSERT_EQ(eie_dma_run(&e.dma, 0, &moved), 0);
      } else {
        ASSERT_EQ(eie_store(&e.device, &back), 0);
      }
      EXPECT_EQ(static_cast<int16_t>(b.read(kBlob + 0x300)), expected[0]);
      EXPECT_EQ(static_cast<int16_t>(b.read(kBlob + 0x300) >> 16), expected[4]);
      EXPECT_EQ(b.read(kBlob + 0x308), 0u);
      e.put(kBlob + 0x300, {~0ull, ~0ull, ~0ull, ~0ull});
    }
  });
}

TEST(CDriver, BadImageAndSaturation) {
  Bench b;
  b.run([&] {
    Example e(b);
    for (const eie_copy& copy : e.copies) ASSERT_EQ(eie_load(&e.device, &copy), 0);
    eie_counters counters{};
    e.launch.layer_ctrl &= ~static_cast<uint32_t>(EIE_SHIFT_MASK);
    ASSERT_EQ(eie_run(&e.device, &e.launch, &counters), 0);
    EXPECT_EQ(counters.saturated, 1u);
    e.launch.layer_ctrl |= 15;
    ASSERT_EQ(eie_run(&e.device, &e.launch, &counters), 0);
    EXPECT_EQ(counters.saturated, 0u);
    e.launch.out_length = 4;  // row 4 is beyond the end
    EXPECT_EQ(eie_run(&e.device, &e.launch, &counters), EIE_ERROR_IMAGE);
    e.launch.out_length = 16;
    EXPECT_EQ(eie_run(&e.device, &e.launch, &counters), 0);
  });
}

TEST(CDriver, DmaErrors) {
  Bench b;
  b.run([&] {
    Example e(b);
    eie_dma_counters counters{};
    eie_copy copy = e.copies[0];
    EXPECT_EQ(eie_dma_describe(&e.dma, 8, &copy, EIE_TO_DEVICE, 1), EIE_ERROR_ARGUMENT);
    // A hole behind the counters of PE 0.
    copy.device = eie_window(&e.device, 0, e.device.counter_offset + 64);
    ASSERT_EQ(eie_dma_describe(&e.dma, 0, &copy, EIE_TO_DEVICE, 1), 0);
    EXPECT_EQ(eie_dma_run(&e.dma, 0, &counters), EIE_ERROR_DMA);
    EXPECT_EQ(counters.error_address, copy.device);
    // Nothing on the bus.
    copy = e.copies[0];
    copy.memory = kMemory.bytes;
    ASSERT_EQ(eie_dma_describe(&e.dma, 0, &copy, EIE_TO_DEVICE, 1), 0);
    EXPECT_EQ(eie_dma_run(&e.dma, 0, &counters), EIE_ERROR_DMA);
    EXPECT_EQ(counters.error_address, kMemory.bytes);
    // And it goes on.
    ASSERT_EQ(eie_dma_describe(&e.dma, 0, &e.copies[0], EIE_TO_DEVICE, 1), 0);
    EXPECT_EQ(eie_dma_run(&e.dma, 0, &counters), 0);
  });
}

/// A layer runs: its windows are refused, and the engine says so.
TEST(CDriver, DmaIntoABusyDevice) {
  Bench b;
  b.run([&] {
    Example e(b);
    for (const eie_copy& copy : e.copies) ASSERT_EQ(eie_load(&e.device, &copy), 0);
    eie_copy act{kBlob + 0x1000, eie_window(&e.device, 0, e.device.act_offset), 512 * 2, 4, 512 * 2, e.device.stride};
    for (std::uint64_t at = 0; at < 4096; at += 8) ASSERT_EQ(b.write(kBlob + 0x1000 + at, 0x0001000100010001), 0);
    ASSERT_EQ(eie_load(&e.device, &act), 0);
    ASSERT_EQ(eie_dma_describe(&e.dma, 0, &act, EIE_TO_DEVICE, 1), 0);
    ASSERT_EQ(b.write(kEie.base + EIE_IN_LENGTH, 2000), 0);
    ASSERT_EQ(b.write(kEie.base + EIE_OUT_LENGTH, 16), 0);
    ASSERT_EQ(b.write(kEie.base + EIE_LAYER_CTRL, EIE_LAYER_FIRST), 0);
    ASSERT_EQ(b.write(kEie.base + EIE_CTRL, EIE_CTRL_START), 0);
    eie_dma_counters counters{};
    EXPECT_EQ(eie_dma_run(&e.dma, 0, &counters), EIE_ERROR_DMA);
    EXPECT_EQ(counters.error_address, act.device);
    EXPECT_EQ(counters.beats, 0u);
    EXPECT_EQ(b.read(kEie.base + EIE_STATUS) & EIE_STATUS_BUSY, EIE_STATUS_BUSY);
    ASSERT_EQ(b.bus->wait(b.bus->context, kEieIrq), 0);
    EXPECT_EQ(eie_dma_run(&e.dma, 0, &counters), 0);
  });
}

}  // namespace
}  // namespace eie::platform
