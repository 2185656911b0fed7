// SPDX-License-Identifier: Apache-2.0
// 100,000 random transactions of all kinds against an expectation of the test's own, through the protocol checker.
#include <gtest/gtest.h>

#include "tb/test/system/tlm/tlm_bench.h"

namespace eie::tb {
namespace {

/// What the device should hold, by docs/registers.md alone: memories as bytes, registers as words.
class Expectation {
 public:
  Expectation(const DeviceConfig& c, Random& random) : c_(c), random_(random) {
    const reg::WindowLayout w = c.window();
    for (unsigned p = 0; p < c.n_pe; ++p) {
      memories_.push_back({c.window_base(p), Bytes(c.spmat_depth * c.spmat_width / 8), false});
      memories_.push_back({c.window_base(p) + w.ptr_offset, Bytes(c.pointer_depth * 4), true});
      memories_.push_back({c.window_base(p) + w.act_offset, Bytes(c.act_depth * 8), false});
    }
    const std::uint64_t values = std::uint64_t{c.act_depth} * c.lanes();
    descriptor_ = {{reg::kInLength, {0, 2 * values * c.n_pe - 1}},
                   {reg::kOutLength, {0, 2 * c.batch_columns() - 1}},
                   {reg::kPointerBase, {0, c.pointer_depth - 1}},
                   {reg::kInAddress, {0, c.act_depth - 1}},
                   {reg::kOutAddress, {0, values - 1}},
                   {reg::kBiasAddress, {0, c.act_depth - 1}},
                   {reg::kLayerCtrl, {0, 0x1F3F}},
                   {reg::kIrqEnable, {0, 1}}};
  }

  struct Memory {
    std::uint64_t first;
    Bytes bytes;
    bool pointers;
  };
  Memory& any_memory() { return memories_[random_.below(memories_.size())]; }

  /// A request, and what has to come of it.
  struct Case {
    TlmRequest request;
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    Bytes data;  // expected, of a read that is done
  };

  /// Takes the effect of the request into account.
  Case next() {
    switch (random_.below(8)) {
      case 0:
        return register_access();
      case 1:
        return bad_access();
      default:
        return memory_access();
    }
  }

  void store(Memory& memory, std::size_t at, unsigned char value) {
    // Of a pointer's four bytes the device keeps pointer_width bits.
    const unsigned stored = memory.pointers ? c_.pointer_width : 32;
    const auto bit = static_cast<unsigned>(at % 4 * 8);
    const unsigned mask = stored >= bit + 8 ? 0xFF : stored <= bit ? 0 : (1u << (stored - bit)) - 1;
    memory.bytes[at] = static_cast<unsigned char>(value & mask);
  }

 private:
  Case memory_access() {
    Memory& memory = any_memory();
    Case c;
    const bool write = random_.below(2) != 0;
    const std::size_t unit = random_.below(2) != 0 ? 4 : 1;
    const std::size_t bytes = unit * (1 + random_.below(16));
    const std::size_t at = unit * random_.below((memory.bytes.size() - bytes) / unit + 1);
    c.request = make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, memory.first + at, bytes);
    for (unsigned char& byte : c.request.data) byte = static_cast<unsigned char>(random_.bits());
    if (random_.below(3) == 0) {
      // Enables repeat.
      for (std::size_t k = 1 + random_.below(10); k > 0; --k) {
        c.request.enables.push_back(random_.below(2) ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED);
      }
    }
    if (random_.below(4) == 0) c.request.streaming_width = static_cast<unsigned>(bytes + random_.below(9));
    c.data = c.request.data;
    for (std::size_t k = 0; k < bytes; ++k) {
      const Bytes& enables = c.request.enables;
      if (!enables.empty() && enables[k % enables.size()] != TLM_BYTE_ENABLED) continue;
      if (write) {
        store(memory, at + k, c.request.data[k]);
      } else {
        c.data[k] = memory.bytes[at + k];
      }
    }
    return c;
  }

  Case register_access() {
    Case c;
    auto place = descriptor_.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(random_.below(descriptor_.size())));
    auto& [value, mask] = place->second;
    if (random_.below(2) == 0) {
      c.request = read_of(place->first);
      c.data.resize(8);
      std::memcpy(c.data.data(), &value, 8);
      return c;
    }
    const std::uint64_t data = random_.bits();
    const bool high_half = random_.below(8) == 0;
    c.request = write_of(place->first + (high_half ? 4 : 0), random_.below(2) && !high_half ? 8 : 4);
    std::memcpy(c.request.data.data(), &data, c.request.data.size());
    if (!high_half) value = data & mask;
    c.data = c.request.data;
    return c;
  }

  Case bad_access() {
    Case c;
    Memory& memory = any_memory();
    const bool write = random_.below(2) != 0;
    const tlm::tlm_command command = write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    switch (random_.below(9)) {
      case 0:
        c.request = make(command, reg::kInLength + 1 + random_.below(3), 4);
        c.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
        break;
      case 1:
        c.request = make(command, reg::kOutLength, 4 * random_.below(4) + 1 + random_.below(3));
        c.status = tlm::TLM_BURST_ERROR_RESPONSE;
        break;
      case 2:
        c.request = make(command, memory.first, 16);
        c.request.streaming_width = static_cast<unsigned>(1 + random_.below(15));
        c.status = tlm::TLM_BURST_ERROR_RESPONSE;
        break;
      case 3:
        c.request = make(tlm::TLM_WRITE_COMMAND, reg::kInAddress, 8);
        c.request.enables = {0xFF, 0xFF, 0, 0xFF};
        c.status = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
        break;
      case 4:  // out of the last window, or into the hole above the registers
        c.request = make(command, random_.below(2) ? c_.window_base(c_.n_pe - 1) + c_.window().stride - 8 : 0x2000, 16);
        c.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
        break;
      case 5:
        c.request = write_of(random_.below(2) ? reg::kId : reg::kBatches);
        c.status = tlm::TLM_COMMAND_ERROR_RESPONSE;
        break;
      case 6:
        c.request = read_of(reg::kCtrl, 4);
        c.status = tlm::TLM_COMMAND_ERROR_RESPONSE;
        break;
      case 7:
        c.request = make(tlm::TLM_IGNORE_COMMAND, memory.first, 8);
        break;
      default:
        c.request = make(static_cast<tlm::tlm_command>(3), memory.first, 8);
        c.status = tlm::TLM_COMMAND_ERROR_RESPONSE;
        break;
    }
    c.data = c.request.data;
    return c;
  }

  const DeviceConfig c_;
  Random& random_;
  std::vector<Memory> memories_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> descriptor_;  // value, mask
};

template <class B>
void random_transactions(B& bench, unsigned count, std::uint64_t seed, bool dmi_expected) {
  Random random(seed);
  Expectation expectation(bench.config, random);
  unsigned done = 0;
  unsigned by_kind[4] = {};
  unsigned refused = 0;
  bench.run([&] {
    auto check = [&](const Expectation::Case& c, const TlmAnswer& answer) {
      ASSERT_EQ(answer.status, c.status) << "transaction " << done << " at " << std::hex << c.request.address;
      ASSERT_EQ(answer.data, c.data) << "transaction " << done << " at " << std::hex << c.request.address;
      refused += c.status != tlm::TLM_OK_RESPONSE ? 1 : 0;
      ++done;
    };
    while (done < count && !testing::Test::HasFatalFailure()) {
      const auto kind = random.below(10);
      if (kind < 5) {
        const Expectation::Case c = expectation.next();
        const std::uint64_t offset = random.below(4) == 0 ? random.below(3000) : 0;
        check(c, bench.host.transport(c.request, sc_core::sc_time::from_value(offset)));
        ++by_kind[0];
      } else if (kind < 8) {
        std::vector<Expectation::Case> cases(1 + random.below(8));
        std::vector<TlmRequest> requests;
        for (auto& c : cases) {
          c = expectation.next();
          requests.push_back(c.request);
        }
        const EndResponse how[] = {EndResponse::kLater, EndResponse::kUpdated, EndResponse::kCompleted};
        const auto answers = bench.host.transport_nb(requests, how[random.below(3)],
                                                     static_cast<double>(random.below(12)) * bench.device.clock_period());
        for (std::size_t k = 0; k < cases.size(); ++k) check(cases[k], answers[k]);
        by_kind[1] += static_cast<unsigned>(cases.size());
      } else {
        Expectation::Memory& memory = expectation.any_memory();
        const bool write = random.below(2) != 0;
        const std::size_t bytes = 1 + random.below(24);
        const std::size_t at = random.below(memory.bytes.size() - bytes + 1);
        Bytes data(bytes);
        for (unsigned char& byte : data) byte = static_cast<unsigned char>(random.bits());
        if (kind == 8) {
          tlm::tlm_dmi dmi;
          TlmRequest request = make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, memory.first + at, bytes);
          ASSERT_EQ(bench.host.dmi(request, dmi), dmi_expected && !(write && memory.pointers));
          if (dmi_expected && !(write && memory.pointers)) {
            unsigned char* direct = dmi.get_dmi_ptr() + (memory.first + at - dmi.get_start_address());
            if (write) {
              std::memcpy(direct, data.data(), bytes);
              std::copy(data.begin(), data.end(), memory.bytes.begin() + static_cast<std::ptrdiff_t>(at));
            } else {
              ASSERT_TRUE(std::equal(direct, direct + bytes, memory.bytes.begin() + static_cast<std::ptrdiff_t>(at)));
            }
          }
          ++by_kind[2];
        } else {
          TlmRequest request{write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, memory.first + at, data, {}, 0};
          ASSERT_EQ(bench.host.debug(request), bytes);
          for (std::size_t k = 0; k < bytes; ++k) {
            if (write) {
              expectation.store(memory, at + k, data[k]);
            } else {
              ASSERT_EQ(request.data[k], memory.bytes[at + k]);
            }
          }
          ++by_kind[3];
        }
        ++done;
      }
    }
  });
  std::printf("%u transactions: %u loosely timed, %u non-blocking, %u DMI, %u debug; %u of them refused\n", done, by_kind[0],
              by_kind[1], by_kind[2], by_kind[3], refused);
  EXPECT_GE(done, count);
}

TEST(TlmRandom, FourPhases) {
  TlmBench bench("a");
  random_transactions(bench, 60000, test_seed(11), true);
}
TEST(TlmRandom, TwoPhases) {
  TlmBench bench("a", AtPhases::kTwo);
  random_transactions(bench, 50000, test_seed(12), true);
}
TEST(TlmRandom, HardwareBehindTheSocket) {
  HwBench bench("a");
  // The SRAMs keep what they held, and a debugger can clear them.
  random_transactions(bench, 20000, test_seed(13), false);
}

}  // namespace
}  // namespace eie::tb
