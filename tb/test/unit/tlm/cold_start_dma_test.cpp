// SPDX-License-Identifier: Apache-2.0
// A layer that the DMA engine (tlm/dma/dma.h) loads from a memory into the device (tlm/eie_tlm.h), starts and is read: it takes
// the cycles that the model of tb/cost/cold_start.h says.
#include <algorithm>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "tb/config/config.h"
#include "tb/cost/cold_start.h"
#include "tb/host/layer_program.h"
#include "tb/support/random.h"
#include "tb/test/support/test_seed.h"
#include "tlm/dma/dma.h"
#include "tlm/eie_tlm.h"
#include "tlm/port_access.h"

namespace eie::tb {
namespace {

constexpr std::uint64_t kDevice = std::uint64_t{1} << 32;
constexpr std::uint64_t kDramBytes = 8 << 20;

std::string shipped(const std::string& name) { return std::string(EIE_SOURCE_DIR) + "/configs/memory/" + name + ".yaml"; }

DmaConfig dma_config(const DeviceConfig& device, const Memory& memory) {
  DmaConfig config{clock_period(device)};
  config.burst_beats = memory.burst;
  return config;
}

/// A DMA engine, a DRAM at 0 and a device at kDevice.
class Platform : public sc_core::sc_module {
  const Memory memory_;
  const DmaConfig dma_config_;

 public:
  tlm_utils::simple_target_socket<Platform, 64> SC_NAMED(from_dma);
  tlm_utils::simple_initiator_socket<Platform, 64> SC_NAMED(to_device);
  tlm_utils::simple_initiator_socket<Platform, 64> SC_NAMED(to_dma);
  sc_core::sc_signal<bool> SC_NAMED(rst_n);
  sc_core::sc_signal<bool> SC_NAMED(dma_irq);
  sc_core::sc_signal<bool> SC_NAMED(device_irq);
  EieDma SC_NAMED(dma, dma_config_);
  EieTlm device;
  std::vector<unsigned char> dram;

  SC_HAS_PROCESS(Platform);
  Platform(const DeviceConfig& config, const Memory& memory, const sc_core::sc_module_name& name = "platform")
      : sc_module(name), memory_(memory), dma_config_(dma_config(config, memory)), device("device", config), dram(kDramBytes) {
    from_dma.register_b_transport(this, &Platform::b_transport);
    dma.initiator.bind(from_dma);
    to_dma.bind(dma.socket);
    to_device.bind(device.socket);
    dma.rst_n(rst_n);
    dma.irq(dma_irq);
    device.rst_n(rst_n);
    device.irq(device_irq);
    SC_THREAD(run_body);
  }

  /// Writes what follows one another become a region; data goes to the DRAM, at the same place modulo 4 KiB.
  std::vector<Region> put(const std::vector<host::Write>& writes) {
    std::vector<Region> regions;
    for (const host::Write& write : writes) {
      if (regions.empty() || regions.back().address + 8 * regions.back().beats != write.address) {
        regions.push_back({write.address, 0});
        next_ = (next_ + 4095) / 4096 * 4096 + write.address % 4096;
        sources_.push_back(next_);
        regions_.push_back(regions.back());
      }
      ++regions.back().beats;
      ++regions_.back().beats;
      std::memcpy(&dram.at(next_), &write.data, 8);
      next_ += 8;
    }
    return regions;
  }

  /// Copies all that was put, into the device; returns BUSY_CYCLES.
  std::uint64_t load() {
    std::uint64_t at = (next_ + 63) / 64 * 64;
    const std::uint64_t head = at;
    for (std::size_t k = 0; k < regions_.size(); ++k) {
      const bool last = k + 1 == regions_.size();
      const std::uint64_t words[dma::kDescWords] = {sources_[k],
                                                    kDevice + regions_[k].address,
                                                    8 * regions_[k].beats | std::uint64_t{1} << 32,
                                                    last ? dma::kFlagLast : 0,
                                                    at + dma::kDescBytes,
                                                    0,
                                                    0,
                                                    0};
      std::memcpy(&dram.at(at), words, sizeof words);
      at += dma::kDescBytes;
    }
    next_ = at;
    regions_.clear();
    sources_.clear();
    access(true, dma::kHead, head);
    access(true, dma::kCtrl, dma::kCtrlStart);
    while ((access(false, dma::kStatus) & dma::kStatusBusy) != 0) wait(sc_core::sc_time(1, sc_core::SC_US));
    EXPECT_EQ(access(false, dma::kStatus), dma::kStatusDone);
    return access(false, dma::kBusyCycles);
  }

  std::uint64_t access(bool write, std::uint64_t address, std::uint64_t data = 0) {
    tlm::tlm_generic_payload tx;
    tx.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    tx.set_address(address);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    tx.set_data_length(8);
    tx.set_streaming_width(8);
    sc_core::sc_time delay;
    to_dma->b_transport(tx, delay);
    wait(delay);
    EXPECT_TRUE(tx.is_response_ok());
    return data;
  }

  /// What the device has at an address, without time.
  std::uint64_t look(std::uint64_t address) {
    std::uint64_t data = 0;
    tlm::tlm_generic_payload tx;
    tx.set_command(tlm::TLM_READ_COMMAND);
    tx.set_address(address);
    tx.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    tx.set_data_length(8);
    EXPECT_EQ(to_device->transport_dbg(tx), 8u);
    return data;
  }

  void run(std::function<void()> body) {
    body_ = std::move(body);
    sc_core::sc_start();
    ASSERT_TRUE(ended_);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& tx, sc_core::sc_time& delay) {
    const std::uint64_t address = tx.get_address();
    if (address >= kDevice) {
      tx.set_address(address - kDevice);
      to_device->b_transport(tx, delay);
      tx.set_address(address);
      return;
    }
    delay += sc_core::sc_time(memory_.burst_ns(tx.get_data_length() / 8), sc_core::SC_NS);
    ASSERT_LE(address + tx.get_data_length(), kDramBytes);
    if (tx.is_read()) {
      std::memcpy(tx.get_data_ptr(), &dram[address], tx.get_data_length());
    } else {
      std::memcpy(&dram[address], tx.get_data_ptr(), tx.get_data_length());
    }
    tx.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void run_body() {
    rst_n.write(false);
    wait(sc_core::sc_time(10, sc_core::SC_NS));
    rst_n.write(true);
    wait(sc_core::sc_time(10, sc_core::SC_NS));
    body_();
    ended_ = true;
    sc_core::sc_stop();
  }

  std::vector<Region> regions_;
  std::vector<std::uint64_t> sources_;
  std::uint64_t next_ = 0;
  std::function<void()> body_;
  bool ended_ = false;
};

host::Layer random_layer(std::size_t rows, std::size_t columns, double density) {
  Random random(test_seed());
  host::Layer layer;
  layer.rows = rows;
  layer.columns = columns;
  layer.weight_frac = layer.act_frac = layer.out_frac = 0;
  for (std::size_t k = 0; k < rows * columns; ++k) {
    layer.weights.push_back(random.uniform() < density ? 1 + static_cast<double>(random.below(7)) : 0);
  }
  for (std::size_t c = 0; c < columns; ++c) layer.activations.push_back(static_cast<double>(random.below(3)));
  return layer;
}

void loads_as_said(const Memory& memory) {
  const HwConfig config = load_config(std::string(EIE_SOURCE_DIR) + "/configs/eie4.yaml");
  const host::Layer layer = random_layer(60, 300, 0.3);
  const host::LayerProgram program = host::make_layer_program(config, layer);
  ASSERT_EQ(program.launches.size(), 1u);
  const host::Launch& launch = program.launches.front();
  Platform platform(config, memory);
  platform.run([&] {
    platform.put(program.setup);
    platform.load();
    DmaChain said = dma_chain(platform.put(launch.memory), true, memory, config.clock_mhz);
    said.add(dma_chain(platform.put(launch.registers), true, memory, config.clock_mhz));
    EXPECT_GT(said.beats, 500u);
    EXPECT_EQ(platform.load(), 1 + said.cycles) << memory.name;
    EXPECT_GE(said.cycles, std::max(said.dram_cycles, said.port_cycles));
    platform.put({launch.start});
    platform.load();
    if (!platform.device_irq.read()) wait(platform.device_irq.posedge_event());
    for (const host::Output& output : launch.outputs) {
      double expected = 0;
      for (std::size_t c = 0; c < layer.columns; ++c)
        expected += layer.weights[output.row * layer.columns + c] * layer.activations[c];
      EXPECT_EQ(program.integer(output, platform.look(output.address)), expected) << output.row;
    }
  });
}

TEST(ColdStartDma, Lpddr2) { loads_as_said(Memory::load(shipped("lpddr2"))); }
TEST(ColdStartDma, Ddr4) { loads_as_said(Memory::load(shipped("ddr4"))); }

// Short bursts, so that both sides and the ends of regions matter.
TEST(ColdStartDma, ShortBursts) {
  Memory memory = Memory::load(shipped("ddr4"));
  memory.burst = 16;
  loads_as_said(memory);
}

// The port's latencies, which tb/cost has without SystemC: a region of one beat is a fetch, a read and a write.
TEST(ColdStartDma, LatenciesOfThePort) {
  Memory memory{"fast", "", 1e5, 0, 0, 0, 16};
  EXPECT_EQ(dma_chain({{0, 1}}, true, memory, 800).port_cycles, kPortWriteLatency);
  EXPECT_EQ(dma_chain({{0, 1}}, false, memory, 800).port_cycles, kPortReadLatency);
  EXPECT_EQ(dma_chain({{0, 1}}, true, memory, 800).cycles, 8 + 1 + kPortWriteLatency);
  EXPECT_EQ(dma_chain({{0, 160}}, true, memory, 800).cycles, 8 + 16 + 10 * 19u);
}

}  // namespace
}  // namespace eie::tb
