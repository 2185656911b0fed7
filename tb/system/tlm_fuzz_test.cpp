// A host cannot tell the TLM model from the hardware: the same random programs of accesses run on EieTlm and on hw/ behind
// the same socket (EieHw), and every answer has to be equal: status, data, and the cycles it took. The programs write
// registers and memories at random, start launches whatever the descriptor says, poll, clear flags and reset in the
// middle of them.
#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include "../../tlm/eie_hw.h"
#include "../../tlm/eie_tlm.h"
#include "../random.h"
#include "../tlm_host.h"
#include "cfg/small_8pe_binary.h"
#include "cfg/small_4pe_runs8.h"
#include "cfg/small_8pe.h"
#include "layer_case.h"

namespace eie::tb {
namespace {

/// One device with its initiator, reset and interrupt.
template <class Device>
struct Bench {
  template <class... Arguments>
  explicit Bench(const std::string& name, const Arguments&... arguments)
      : device(("device_" + name).c_str(), arguments...),
        host(("host_" + name).c_str()),
        rst_n(("rst_n_" + name).c_str()),
        irq(("irq_" + name).c_str()) {
    host.socket.bind(device.socket);
    device.rst_n(rst_n);
    device.irq(irq);
  }
  Device device;
  TlmHost host;
  sc_core::sc_signal<bool> rst_n;
  sc_core::sc_signal<bool> irq;
};

/// What a program sees, a line an access.
using Log = std::vector<std::string>;

template <class Device>
class Program {
 public:
  Program(Bench<Device>& bench, std::uint64_t seed) : bench_(bench), random_(seed), c_(bench.device.config()) {}

  Log run(unsigned steps) {
    bench_.host.run([this, steps] {
      begin();
      fill_memories();
      for (unsigned k = 0; k < steps; ++k) step();
      dump();
    });
    return std::move(log_);
  }

  /// The same launch over and over, with one access in each of its cycles in turn, and a few cycles beyond.
  Log run_every_cycle() {
    bench_.host.run([this] {
      begin();
      fill_memories();
      for (unsigned kind = 0; kind < 6; ++kind) {
        std::uint64_t cycles = 200;
        for (std::uint64_t cycle = 0; cycle < cycles + 8; ++cycle) {
          access(true, reg::kInLength, 9, 8);
          access(true, reg::kOutLength, c_.batch_columns() - 1, 8);
          access(true, reg::kLayerCtrl, reg::kLayerFirst | reg::kLayerLast | reg::kLayerBias | 3, 8);
          access(true, reg::kIrqEnable, 1, 8);
          for (unsigned code = 1; code < c_.codes(); ++code) access(true, reg::kCodebook + 8 * code, 1000 * code, 8);
          access(true, reg::kCtrl, reg::kCtrlStart, 8);
          wait_cycles(cycle);
          switch (kind) {
            case 0:
              access(true, reg::kCtrl, reg::kCtrlStart, 8);
              break;
            case 1:
              access(true, reg::kCtrl, reg::kCtrlSoftReset, 8);
              break;
            case 2:
              access(true, reg::kIrqStatus, 1, 8);
              break;
            case 3:
              access(true, reg::kStatus, reg::kStatusError | reg::kStatusSaturated, 8);
              break;
            case 4:
              access(true, c_.window_base(0) + c_.window().act_offset, 0x123456789, 8);
              break;
            default:
              access(false, reg::kCycles, 0, 8);
              break;
          }
          for (unsigned k = 0; k < 3; ++k) access(false, reg::kStatus, 0, 8);
          wait_cycles(500);
          access(false, reg::kStatus, 0, 8);
          if (kind == 5 && cycle == 0) cycles = read_cycles();
          access(true, reg::kIrqStatus, 1, 8);
          access(true, reg::kStatus, reg::kStatusError | reg::kStatusSaturated, 8);
          for (unsigned p = 0; p < c_.n_pe; ++p) {
            access(false, c_.window_base(p) + c_.window().act_offset, 0, 8 * c_.act_depth);
          }
        }
      }
    });
    return std::move(log_);
  }

  unsigned launches() const { return launches_; }

 private:
  /// Reset; both devices begin at a whole number of cycles.
  void begin() {
    bench_.rst_n.write(false);
    const auto cycles = sc_core::sc_time_stamp().value() / period().value();
    sc_core::wait(sc_core::sc_time::from_value((cycles + 5) * period().value()) - sc_core::sc_time_stamp());
    bench_.rst_n.write(true);
    wait_cycles(3);
  }
  std::uint64_t read_cycles() {
    std::uint64_t cycles = 0;
    const TlmAnswer answer = access(false, reg::kCycles, 0, 8);
    std::memcpy(&cycles, answer.data.data(), 8);
    return cycles;
  }

  sc_core::sc_time period() const { return bench_.device.clock_period(); }
  void wait_cycles(std::uint64_t n) { sc_core::wait(sc_core::sc_time::from_value(n * period().value())); }

  void note(const std::string& what, const TlmAnswer& answer) {
    for (unsigned delta = 0; delta < 4; ++delta) sc_core::wait(sc_core::SC_ZERO_TIME);  // the interrupt settles
    std::ostringstream os;
    os << what << ": status " << answer.status << " cycles " << answer.taken.value() / period().value() << " irq "
       << bench_.irq.read();
    if (answer.status == tlm::TLM_OK_RESPONSE) {
      os << " data";
      for (const unsigned char byte : answer.data) os << ' ' << std::hex << unsigned{byte};
    }
    log_.push_back(os.str());
  }

  TlmAnswer access(bool write, std::uint64_t address, std::uint64_t value, unsigned bytes) {
    TlmRequest request;
    request.command = write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    request.address = address;
    request.data.resize(bytes);
    if (bytes != 0) std::memcpy(request.data.data(), &value, std::min(bytes, 8u));
    const TlmAnswer answer = bench_.host.transport(request);
    std::ostringstream os;
    os << (write ? "write " : "read ") << std::hex << address << " " << value << " x" << bytes;
    note(os.str(), answer);
    return answer;
  }

  /// Entries and activations at random; pointers that run forwards, mostly.
  void fill_memories() {
    for (unsigned p = 0; p < c_.n_pe; ++p) {
      const std::uint64_t base = c_.window_base(p);
      std::uint64_t pointer = 0;
      for (unsigned k = 0; k < c_.pointer_depth; k += 2) {
        std::uint64_t pair[2];
        for (std::uint64_t& value : pair) {
          value = pointer;
          if (random_.below(60) == 0) value = random_.below(40);
          if (random_.below(3) != 0) pointer += random_.below(7);
          pointer &= (1u << c_.pointer_width) - 1;
        }
        poke(base + c_.window().ptr_offset + 4 * k, pair[0] | pair[1] << 32);
      }
      for (std::uint64_t at = 0; at < std::uint64_t{c_.spmat_depth} * c_.spmat_width / 8; at += 8) {
        // Short runs, so that most entries lie within the registers.
        std::uint64_t word = random_.bits();
        if (random_.below(4) != 0) word &= 0x1F1F1F1F1F1F1F1Full;
        poke(base + at, word);
      }
      for (unsigned w = 0; w < c_.act_depth; ++w) {
        poke(base + c_.window().act_offset + 8 * w, random_.bits() & random_.bits() & (random_.below(2) ? ~0ull : 0xFFull));
      }
    }
    for (unsigned code = 1; code < c_.codes(); ++code) access(true, reg::kCodebook + 8 * code, random_.bits(), 8);
    access(true, reg::kIrqEnable, 1, 8);
  }
  void poke(std::uint64_t address, std::uint64_t value) {
    TlmRequest request{tlm::TLM_WRITE_COMMAND, address, std::vector<unsigned char>(8), {}, 0};
    std::memcpy(request.data.data(), &value, 8);
    if (bench_.host.debug(request) != 8) log_.push_back("debug write refused");
  }

  std::uint64_t some_register() {
    static constexpr std::uint64_t kAll[] = {
        reg::kId,        reg::kVersion,    reg::kCap0,      reg::kCap1,         reg::kCap2,      reg::kCap3,
        reg::kStatus,    reg::kIrqStatus,  reg::kIrqEnable, reg::kInLength,     reg::kOutLength, reg::kPointerBase,
        reg::kInAddress, reg::kOutAddress, reg::kBiasAddress, reg::kLayerCtrl,  reg::kCycles,    reg::kBroadcasts,
        reg::kQueueFullCycles, reg::kActTransferCycles, reg::kBatches, reg::kCtrl, 0x38, 0x60, 0xB8, 0x130, 0xFF8};
    return kAll[random_.below(sizeof kAll / sizeof kAll[0])];
  }
  std::uint64_t some_window() {
    const unsigned pe = static_cast<unsigned>(random_.below(c_.n_pe));
    switch (random_.below(5)) {
      case 0:
        return c_.window_base(pe) + 8 * random_.below(std::uint64_t{c_.spmat_depth} * c_.spmat_width / 64);
      case 1:
        return c_.window_base(pe) + c_.window().ptr_offset + 8 * random_.below(c_.pointer_depth / 2);
      case 2:
        return c_.window_base(pe) + c_.window().act_offset + 8 * random_.below(c_.act_depth);
      case 3:
        return c_.window_base(pe) + c_.window().counter_offset + 8 * random_.below(8);
      default:
        return c_.window_base(pe) + 4 * random_.below(c_.window().stride / 4);
    }
  }

  void write_descriptor() {
    const std::uint64_t columns = random_.below(4) == 0 ? random_.below(3 * c_.batch_columns()) : random_.below(40);
    access(true, reg::kInLength, columns, 8);
    access(true, reg::kOutLength,
           random_.below(8) == 0 ? random_.bits() : 1 + random_.below(c_.batch_columns() + (random_.below(6) == 0 ? 9 : 0)),
           8);
    access(true, reg::kPointerBase, random_.below(3) == 0 ? random_.bits() : random_.below(20), 8);
    access(true, reg::kInAddress, random_.below(3) == 0 ? random_.bits() : 0, 8);
    access(true, reg::kOutAddress, random_.bits(), 8);
    access(true, reg::kBiasAddress, random_.bits(), 8);
    const std::uint64_t shift = random_.below(8) == 0 ? random_.below(64) : random_.below(2 * c_.data_width - 1);
    std::uint64_t control = random_.bits() << 8 | shift;
    if (random_.below(3) != 0) control &= ~reg::kLayerSrcResident;
    access(true, reg::kLayerCtrl, control, 8);
  }

  void launch() {
    write_descriptor();
    access(true, reg::kCtrl, reg::kCtrlStart, random_.below(2) ? 8 : 4);
    ++launches_;
    for (unsigned patience = 0; patience < 4000; ++patience) {
      wait_cycles(random_.below(30));
      const TlmAnswer status = access(false, reg::kStatus, 0, 8);
      if (status.data.empty() || (status.data[0] & reg::kStatusBusy) == 0) break;
      switch (random_.below(40)) {
        case 0:
          access(true, reg::kStatus, reg::kStatusError | reg::kStatusSaturated, 8);
          break;
        case 1:
          access(random_.below(2) != 0, some_window(), random_.bits(), 8);
          break;
        case 2:
          access(true, some_register(), random_.bits() & ~std::uint64_t{3}, 8);
          break;
        case 3:
          if (random_.below(4) == 0) access(true, reg::kCtrl, reg::kCtrlSoftReset, 8);
          break;
        case 4:
          access(true, reg::kIrqStatus, 1, 8);
          break;
        default:
          break;
      }
    }
    for (unsigned k = 0; k < 8; ++k) access(false, reg::kStatus + 8 * k % 24, 0, 8);
    for (unsigned k = 0; k < 5; ++k) access(false, reg::kCycles + 8 * k, 0, 8);
    for (unsigned p = 0; p < c_.n_pe; ++p) {
      access(false, c_.window_base(p) + c_.window().counter_offset, 0, 8 * reg::kPeCounters);
    }
    if (random_.below(2) != 0) access(true, reg::kIrqStatus, 1, 8);
    if (random_.below(2) != 0) access(true, reg::kStatus, 12, 8);
  }

  void step() {
    switch (random_.below(12)) {
      case 0:
        launch();
        break;
      case 1:
        access(true, some_register(), random_.bits() & ~std::uint64_t{random_.below(8) == 0 ? 1u : 3u}, 8);
        break;
      case 2:
        access(false, some_register() + 4 * random_.below(2), 0, random_.below(2) ? 8 : 4);
        break;
      case 3:
      case 4:
        access(true, some_window(), random_.bits(), random_.below(3) ? 8 : 4);
        break;
      case 5:
      case 6:
        access(false, some_window(), 0, random_.below(3) ? 8 : 4);
        break;
      case 7:
        access(random_.below(2) != 0, some_window() & ~std::uint64_t{7}, random_.bits(),
               static_cast<unsigned>(4 * (1 + random_.below(12))));
        break;
      case 8:
        access(true, reg::kCodebook + 8 * random_.below(c_.codes()), random_.bits(), 8);
        break;
      case 9:
        access(false, reg::kCodebook + 8 * random_.below(c_.codes() + 2), 0, 8);
        break;
      case 10:
        access(random_.below(2) != 0, random_.bits() >> random_.below(64), random_.bits(),
               static_cast<unsigned>(random_.below(13)));
        break;
      default:
        wait_cycles(random_.below(50));
        break;
    }
  }

  /// What the memories hold in the end.
  void dump() {
    for (unsigned p = 0; p < c_.n_pe; ++p) {
      access(false, c_.window_base(p) + c_.window().act_offset, 0, 8 * c_.act_depth);
      access(false, c_.window_base(p) + c_.window().ptr_offset, 0, 4 * c_.pointer_depth);
    }
  }

  Bench<Device>& bench_;
  Random random_;
  const DeviceConfig c_;
  Log log_;
  unsigned launches_ = 0;
};

void expect_equal(const Log& expected, const Log& seen, const std::string& where) {
  for (std::size_t line = 0; line < std::min(expected.size(), seen.size()); ++line) {
    ASSERT_EQ(expected[line], seen[line]) << where << ", access " << line << ", after\n"
                                          << (line == 0 ? std::string("the reset") : expected[line - 1]);
  }
  ASSERT_EQ(expected.size(), seen.size());
}

template <class Cfg>
void compare(std::uint64_t seed_offset) {
  const std::uint64_t seed = test_seed(1000 + seed_offset);
  Bench<EieHw<Cfg>> hw("hw");
  Bench<EieTlm> tlm("tlm", compiled_config<Cfg>());
  unsigned launches = 0;
  std::size_t accesses = 0;
  for (unsigned k = 0; k < 30; ++k) {
    Program<EieHw<Cfg>> on_hw(hw, seed + k);
    Program<EieTlm> on_tlm(tlm, seed + k);
    const Log expected = on_hw.run(200);
    const Log seen = on_tlm.run(200);
    expect_equal(expected, seen, "program " + std::to_string(k));
    if (testing::Test::HasFatalFailure()) return;
    launches += on_tlm.launches();
    accesses += seen.size();
  }
  std::printf("%zu accesses, %u launches\n", accesses, launches);
}

TEST(TlmFuzz, AnAccessInEveryCycleOfALaunch) {
  using Cfg = cfg::small_8pe;
  Bench<EieHw<Cfg>> hw("hw");
  Bench<EieTlm> tlm("tlm", compiled_config<Cfg>());
  Program<EieHw<Cfg>> on_hw(hw, 1);
  Program<EieTlm> on_tlm(tlm, 1);
  expect_equal(on_hw.run_every_cycle(), on_tlm.run_every_cycle(), "every cycle");
}
TEST(TlmFuzz, EightPes) { compare<cfg::small_8pe>(1); }
TEST(TlmFuzz, EightPesBinary) { compare<cfg::small_8pe_binary>(2); }
TEST(TlmFuzz, FourPesLongRuns) { compare<cfg::small_4pe_runs8>(3); }

}  // namespace
}  // namespace eie::tb
