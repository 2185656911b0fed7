// SPDX-License-Identifier: Apache-2.0
// Random programs of a host, to be run on two devices behind the same ports: EieTlm, hw/ (EieHw) or the RTL. Every answer has to
// be equal: status, data, and the cycles it took; and so have the edges of the interrupt line. The programs write registers and
// memories at random, with all byte enables and strobes, start launches whatever the descriptor says, poll, clear flags, run
// ahead of the kernel's time, and reset in the middle of launches, by CTRL and by rst_n, for no edge, one and many.
#pragma once

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <sstream>
#include <type_traits>
#include <utility>
#include <vector>

#include "tb/support/random.h"
#include "tb/test/system/layer_case.h"
#include "tb/test/system/tlm/device_bench.h"
#include "tb/test/system/tlm/memory_faults.h"

namespace eie::tb {

/// What a program sees, a line an access.
using Log = std::vector<std::string>;

/// The device has bits that a test can flip; the RTL behind a socket has not.
template <class Device, class = void>
struct TakesFlips : std::false_type {};
template <class Device>
struct TakesFlips<Device, std::void_t<decltype(std::declval<Device&>().flip_now(MemoryFlip()))>> : std::true_type {};

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
      note_interrupts();
    });
    return std::move(log_);
  }

  /// The same launch over and over, with one access or reset in each of its cycles in turn, and a few cycles beyond. Every
  /// register is read behind it.
  Log run_every_cycle() {
    bench_.host.run([this] {
      begin();
      fill_memories();
      std::uint64_t cycles = 200;
      for (const unsigned kind : {5u, 0u, 1u, 2u, 3u, 4u, 6u, 7u, 8u}) {
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
            case 6:
              hard_reset(0);
              break;
            case 7:
              hard_reset(1);
              break;
            case 8:
              hard_reset(2 + cycle % 7);
              break;
            default:
              access(false, reg::kCycles, 0, 8);
              break;
          }
          for (unsigned k = 0; k < 3; ++k) access(false, reg::kStatus, 0, 8);
          wait_cycles(500);
          access(false, reg::kStatus, 0, 8);
          if (kind == 5 && cycle == 0) cycles = read_cycles();
          const bool was_reset = kind == 1 || kind == 7 || kind == 8;
          const auto look = [&](std::uint64_t at, std::size_t bytes) {
            const TlmAnswer answer = access(false, at, 0, static_cast<unsigned>(bytes));
            const auto is_zero = [](unsigned char byte) { return byte == 0; };
            EXPECT_TRUE(!was_reset || std::all_of(answer.data.begin(), answer.data.end(), is_zero))
                << "register 0x" << std::hex << at << " behind a reset " << std::dec << cycle << " cycles behind a start";
          };
          for (const std::uint64_t at : readable()) look(at, 8);
          look(reg::kCodebook, 8 * c_.codes());
          for (unsigned p = 0; p < c_.n_pe; ++p) look(c_.window_base(p) + c_.window().counter_offset, 8 * reg::kPeCounters);
          access(true, reg::kIrqStatus, 1, 8);
          access(true, reg::kStatus, reg::kStatusError | reg::kStatusSaturated, 8);
          for (unsigned p = 0; p < c_.n_pe; ++p) {
            access(false, c_.window_base(p) + c_.window().act_offset, 0, 8 * c_.act_depth);
          }
        }
      }
      note_interrupts();
    });
    return std::move(log_);
  }

  unsigned launches() const { return launches_; }
  std::uint64_t accesses() const { return accesses_; }

 private:
  /// Reset; both devices begin at a whole number of cycles.
  void begin() {
    bench_.rst_n.write(false);
    const auto cycles = sc_core::sc_time_stamp().value() / period().value();
    sc_core::wait(sc_core::sc_time::from_value((cycles + 5) * period().value()) - sc_core::sc_time_stamp());
    bench_.rst_n.write(true);
    wait_cycles(3);
    began_ = sc_core::sc_time_stamp();
    bench_.watch.changes.clear();
  }
  /// rst_n low for so many edges, changed between edges; 0: a pulse that no edge sees.
  void hard_reset(std::uint64_t edges) {
    const std::uint64_t quarter = period().value() / 4;
    sc_core::wait(sc_core::sc_time::from_value(quarter));
    bench_.rst_n.write(false);
    sc_core::wait(sc_core::sc_time::from_value(2 * quarter + edges * period().value()));
    bench_.rst_n.write(true);
    sc_core::wait(sc_core::sc_time::from_value(period().value() - 3 * quarter));
    wait_cycles(1);
  }
  /// Accesses in a reset are refused.
  void access_in_reset() {
    const std::uint64_t quarter = period().value() / 4;
    sc_core::wait(sc_core::sc_time::from_value(quarter));
    bench_.rst_n.write(false);
    sc_core::wait(sc_core::sc_time::from_value(period().value() - quarter));
    for (unsigned k = 0; k < 3; ++k) access(random_.below(2) != 0, some_register(), random_.bits(), 8);
    sc_core::wait(sc_core::sc_time::from_value(quarter));
    bench_.rst_n.write(true);
    sc_core::wait(sc_core::sc_time::from_value(period().value() - quarter));
    wait_cycles(1);
  }
  void note_interrupts() {
    for (const auto& [time, level] : bench_.watch.changes) {
      std::ostringstream os;
      os << "irq " << level << " in cycle " << (time - began_).value() / period().value();
      log_.push_back(os.str());
    }
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
    return transport(request);
  }

  /// Now and then an access is ahead of the kernel's time when it is made.
  TlmAnswer transport(const TlmRequest& request) {
    const std::uint64_t ahead = random_.below(6) == 0 ? random_.below(40) : 0;
    const TlmAnswer answer = bench_.host.transport(request, sc_core::sc_time::from_value(ahead * period().value()));
    ++accesses_;
    std::ostringstream os;
    os << (request.command == tlm::TLM_WRITE_COMMAND ? "write " : "read ") << std::hex << request.address << " x"
       << request.data.size() << " ahead " << ahead;
    note(os.str(), answer);
    return answer;
  }

  /// Any bytes of the memories or the registers, from any address on.
  void bytes_access() {
    TlmRequest request;
    request.command = random_.below(2) != 0 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    request.address = (random_.below(4) == 0 ? some_register() : some_window()) + random_.below(8);
    request.data.resize(1 + random_.below(24));
    for (unsigned char& byte : request.data) byte = static_cast<unsigned char>(random_.bits());
    if (random_.below(2) != 0) {
      request.enables.resize(1 + random_.below(10));
      for (unsigned char& byte : request.enables) byte = random_.below(2) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    }
    // No start and no reset by chance: their bits lie in byte 0 of CTRL.
    if ((request.address & ~std::uint64_t{7}) <= reg::kCtrl && request.address + request.data.size() > reg::kCtrl) return;
    transport(request);
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
    access(true, reg::kIrqEnable, c_.ecc ? reg::kIrqDone | reg::kIrqUncorrected : reg::kIrqDone, 8);
  }
  void poke(std::uint64_t address, std::uint64_t value) {
    TlmRequest request{tlm::TLM_WRITE_COMMAND, address, std::vector<unsigned char>(8), {}, 0};
    std::memcpy(request.data.data(), &value, 8);
    if (bench_.host.debug(request) != 8) log_.push_back("debug write refused");
  }

  /// Registers whose contents change, in the order of their offsets.
  static const std::vector<std::uint64_t>& readable() {
    static const std::vector<std::uint64_t> list = [] {
      std::vector<std::uint64_t> offsets;
      for (const reg::Register& row : reg::kRegisters) {
        if (row.offset >= reg::kStatus && row.offset < reg::kCodebook && is_readable(row)) offsets.push_back(row.offset);
      }
      return offsets;
    }();
    return list;
  }

  /// Any of them, and places between them.
  std::uint64_t some_register() {
    static const std::vector<std::uint64_t> all = [] {
      std::vector<std::uint64_t> offsets;
      for (const bool readable : {true, false}) {
        for (const reg::Register& row : reg::kRegisters) {
          if (row.offset < reg::kCodebook && is_readable(row) == readable) offsets.push_back(row.offset);
        }
      }
      for (const std::uint64_t hole : {0x38u, 0x60u, 0xB8u, 0x130u, 0xFF8u}) offsets.push_back(hole);
      return offsets;
    }();
    return all[random_.below(all.size())];
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
           random_.below(8) == 0 ? random_.bits() : 1 + random_.below(c_.batch_columns() + (random_.below(6) == 0 ? 9 : 0)), 8);
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
          if (random_.below(4) == 0) {
            access(true, reg::kCtrl, reg::kCtrlSoftReset, 8);
          } else if (random_.below(3) == 0) {
            hard_reset(random_.below(5));
          }
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

  /// With ECC: bits flip between two edges while no launch runs, in words that are near each other, and some of the words are
  /// read behind it.
  void faults() {
    wait_cycles(60);  // no access is ahead of time any more
    for (unsigned patience = 0; patience < 40; ++patience) {
      const TlmAnswer status = access(false, reg::kStatus, 0, 8);
      if (!status.data.empty() && (status.data[0] & reg::kStatusBusy) == 0) break;
      wait_cycles(100);
      if (patience == 39) return;
    }
    const std::uint64_t quarter = period().value() / 4;
    sc_core::wait(sc_core::sc_time::from_value(quarter));
    const MemoryFaults drawn(random_, c_);
    if constexpr (TakesFlips<Device>::value) {
      for (const MemoryFlip& flip : drawn.flips) bench_.device.flip_now(flip);
    }
    sc_core::wait(sc_core::sc_time::from_value(period().value() - quarter));
    for (std::uint64_t n = random_.below(4); n > 0; --n) {
      const bool write = random_.below(4) == 0;
      access(write, drawn.address + 8 * random_.below(4), random_.bits(), static_cast<unsigned>(8 * (1 + random_.below(4))));
      if (random_.below(4) == 0) access(true, reg::kCtrl, reg::kCtrlSoftReset, 8);
      if (random_.below(4) == 0) hard_reset(random_.below(3));
      if (random_.below(3) == 0) access(true, reg::kIrqEnable, random_.below(4), 8);
      if (random_.below(3) == 0) access(false, reg::kEccCorrected, 0, 16);
    }
    if (random_.below(2) == 0) launch();
    access(false, reg::kEccCorrected, 0, 16);
    if (random_.below(2) == 0) access(true, reg::kStatus, reg::kStatusUncorrected, 8);
    if (random_.below(2) == 0) access(true, reg::kIrqStatus, 1 + random_.below(3), 8);
  }

  void step() {
    if (c_.ecc && random_.below(10) == 0) faults();
    switch (random_.below(15)) {
      case 0:
        launch();
        break;
      case 12:
      case 13:
        bytes_access();
        break;
      case 14:
        if (random_.below(8) != 0) {
          bytes_access();
        } else if (random_.below(2) != 0) {
          access_in_reset();
        } else {
          hard_reset(random_.below(40));
        }
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
  std::uint64_t accesses_ = 0;
  sc_core::sc_time began_;
};

inline void expect_equal(const Log& expected, const Log& seen, const std::string& where) {
  for (std::size_t line = 0; line < std::min(expected.size(), seen.size()); ++line) {
    ASSERT_EQ(expected[line], seen[line]) << where << ", access " << line << ", after\n"
                                          << (line == 0 ? std::string("the reset") : expected[line - 1]);
  }
  ASSERT_EQ(expected.size(), seen.size());
}

/// Random programs until so many accesses were made.
template <class One, class Other>
void compare(Bench<One>& one, Bench<Other>& other, std::uint64_t seed, std::uint64_t accesses) {
  unsigned launches = 0;
  std::uint64_t done = 0;
  for (unsigned k = 0; done < accesses; ++k) {
    Program<One> on_one(one, seed + k);
    Program<Other> on_other(other, seed + k);
    const Log expected = on_one.run(200);
    const Log seen = on_other.run(200);
    expect_equal(expected, seen, "program " + std::to_string(k) + " of seed " + std::to_string(seed));
    if (testing::Test::HasFatalFailure()) return;
    launches += on_other.launches();
    done += on_other.accesses();
  }
  std::printf("%llu accesses, %u launches\n", static_cast<unsigned long long>(done), launches);
}

}  // namespace eie::tb
