// SPDX-License-Identifier: Apache-2.0
// The decoder of the host port (hw/host_registers.h, hw/host_port.h) against the table of hw/register_map.h: every register and
// field, every offset without one, reset values, masks, who may write what and when.
#include <functional>
#include <string>

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/host_port_bench.h"

namespace eie::tb {
namespace {

constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

struct EccCfg : SmallCfg {
  static constexpr const char* kName = "ecc";
  static constexpr bool kEcc = true;
};

struct LeanCfg : NarrowCfg {
  static constexpr const char* kName = "lean";
  static constexpr bool kPeCounters = false;
};

template <class Cfg>
class RegisterMapTest : public testing::Test {
 protected:
  static constexpr reg::Shape kShape = reg::shape_of<Cfg>();

  static bool there(const reg::Register& row) { return row.offset < reg::kCodebook && has(row.needs, kShape); }

  /// The key of the configuration that a CAP field is named after.
  static std::uint64_t key(const std::string& name, std::uint64_t stride) {
    const std::map<std::string, std::uint64_t> keys = {{"n_pe", Cfg::kPes},
                                                       {"queue_depth", Cfg::kQueueDepth},
                                                       {"look_ahead", Cfg::kLookAhead},
                                                       {"registers", Cfg::kRegisters},
                                                       {"data_width", Cfg::kDataWidth},
                                                       {"acc_width", Cfg::kAccWidth},
                                                       {"code_width", Cfg::kCodeWidth},
                                                       {"run_width", Cfg::kRunWidth},
                                                       {"pointer_width", Cfg::kPointerWidth},
                                                       {"spmat_width", Cfg::kSpmatWidth},
                                                       {"spmat_depth", Cfg::kSpmatDepth},
                                                       {"pointer_depth", Cfg::kPointerDepth},
                                                       {"act_depth", Cfg::kActDepth},
                                                       {"lnzd_fan_in", Cfg::kLnzdFanIn},
                                                       {"ecc", Cfg::kEcc},
                                                       {"skip_padding", Cfg::kSkipPadding},
                                                       {"pe_counters", Cfg::kPeCounters},
                                                       {"log2_stride", log2_ceil(stride)}};
    return keys.at(name);
  }

  static std::uint64_t reset_value(const reg::Register& row, std::uint64_t stride) {
    std::uint64_t value = 0;
    for (const reg::Field& field : row.fields) {
      if (field.name == nullptr) continue;
      const std::uint64_t reset = field.reset == reg::kOfConfiguration ? key(field.name, stride) : field.reset;
      value |= reset << reg::lsb_of(field_bits(field, kShape));
    }
    return value;
  }
};

using MapCfgs = testing::Types<SmallCfg, NarrowCfg, WideCfg, RunsCfg, ManyCfg, SkipCfg, WideAheadCfg, EccCfg, LeanCfg>;
TYPED_TEST_SUITE(RegisterMapTest, MapCfgs, CfgName);

// The table is in order, and its fields lie beside each other.
TYPED_TEST(RegisterMapTest, RowsAreSound) {
  std::uint64_t last = 0;
  for (const reg::Register& row : reg::kRegisters) {
    EXPECT_EQ(row.offset % 8, 0u) << row.name;
    EXPECT_TRUE(row.offset == 0 || row.offset > last) << row.name;
    last = row.offset;
    std::uint64_t taken = 0;
    bool ended = false;
    for (const reg::Field& field : row.fields) {
      if (field.name == nullptr) ended = true;
      if (ended) {
        EXPECT_EQ(field.name, nullptr) << row.name;
        continue;
      }
      const std::uint64_t bits = field_bits(field, this->kShape);
      EXPECT_EQ(bits != 0, has(field.needs, this->kShape)) << row.name << '.' << field.name;
      EXPECT_EQ(taken & bits, 0u) << row.name << '.' << field.name;
      if (bits != 0) {
        EXPECT_GT(bits, taken) << row.name << '.' << field.name;  // from bit 0 up
        EXPECT_EQ(reg::width_of(bits), static_cast<unsigned>(__builtin_popcountll(bits))) << row.name << '.' << field.name;
      }
      taken |= bits;
    }
    EXPECT_NE(row.fields[0].name, nullptr) << row.name;
  }
}

TYPED_TEST(RegisterMapTest, ReadsAfterReset) {
  HostPortBench<TypeParam> b;
  for (const reg::Register& row : reg::kRegisters) {
    if (!this->there(row)) continue;
    const bool readable = is_readable(row);
    b.expect_read(row.offset, readable ? this->reset_value(row, b.window().stride) : 0, readable ? kOkay : kSlvErr);
  }
}

// What the table does not have, the device does not have.
TYPED_TEST(RegisterMapTest, EveryOtherOffsetIsRefused) {
  HostPortBench<TypeParam> b;
  unsigned there = 0;
  for (std::uint32_t offset = 0; offset < reg::kCodebook; offset += 8) {
    const reg::Register* row = reg::find_register(offset);
    if (row != nullptr && this->there(*row)) {
      ++there;
      continue;
    }
    b.add_read(offset, kSlvErr, 0);
    b.add_write(offset, kAllOnes, 0xFF, kSlvErr);
  }
  b.flush();
  EXPECT_EQ(there, std::size(reg::kRegisters) - (TypeParam::kEcc ? 1 : 3));
}

// All ones and random values: the bits that are kept, and no others. Read-only registers refuse.
TYPED_TEST(RegisterMapTest, WritesKeepTheBitsOfTheTable) {
  HostPortBench<TypeParam> b;
  for (const reg::Register& row : reg::kRegisters) {
    if (!this->there(row) || row.offset == reg::kCtrl) continue;
    const std::uint64_t reset = this->reset_value(row, b.window().stride);
    const std::uint64_t kept = kept_bits(row, this->kShape);
    const bool writable = is_writable(row);
    for (unsigned round = 0; round < 4; ++round) {
      const std::uint64_t data = round == 0 ? kAllOnes : b.random.bits();
      b.expect_write(row.offset, data, writable ? kOkay : kSlvErr);
      b.expect_read(row.offset, (reset & ~kept) | (data & kept));
    }
    b.expect_write(row.offset, 0, writable ? kOkay : kSlvErr);
  }
}

// Every field that the device sets and a 1 clears: set by its event, not cleared by a 0 or by ones elsewhere.
TYPED_TEST(RegisterMapTest, WriteOneToClear) {
  HostPortBench<TypeParam> b;
  const auto finish = [&b] {
    b.start();
    b.pulse(b.finish);
  };
  const auto uncorrected = [&b] {
    b.detected.write(1);
    b.cycle_step();
    b.detected.write(0);
    b.cycle_step();
    b.cycle_step();
  };
  const std::map<std::string, std::function<void()>> events = {{"STATUS.error", [&b] { b.pulse(b.any_error); }},
                                                               {"STATUS.saturated", [&b] { b.pulse(b.any_saturated); }},
                                                               {"STATUS.uncorrected", uncorrected},
                                                               {"IRQ_STATUS.done", finish},
                                                               {"IRQ_STATUS.uncorrected", uncorrected}};
  unsigned seen = 0;
  for (const reg::Register& row : reg::kRegisters) {
    for (const reg::Field& field : row.fields) {
      if (field.name == nullptr || field.access != reg::Access::kWriteOneToClear) continue;
      ++seen;
      if (!has(field.needs, this->kShape)) continue;
      const std::string name = std::string(row.name) + "." + field.name;
      const std::uint64_t bit = field_bits(field, this->kShape);
      events.at(name)();
      EXPECT_NE(b.read(row.offset).data & bit, 0u) << name;
      b.expect_write(row.offset, 0);
      b.expect_write(row.offset, ~bit);
      EXPECT_NE(b.read(row.offset).data & bit, 0u) << name;
      b.expect_write(row.offset, bit);
      EXPECT_EQ(b.read(row.offset).data & bit, 0u) << name;
    }
  }
  EXPECT_EQ(seen, events.size());
}

TYPED_TEST(RegisterMapTest, WhileBusy) {
  HostPortBench<TypeParam> b;
  std::map<std::uint32_t, std::uint64_t> before;
  for (const reg::Register& row : reg::kRegisters) {
    if (this->there(row) && is_readable(row)) before[row.offset] = b.read(row.offset).data;
  }
  b.start();
  for (const reg::Register& row : reg::kRegisters) {
    if (row.offset < reg::kCodebook && !this->there(row)) continue;
    const bool taken = row.while_busy == reg::WhileBusy::kAll && is_writable(row);
    const bool read = row.while_busy != reg::WhileBusy::kNothing && is_readable(row);
    if (row.offset == reg::kCtrl) {
      ASSERT_EQ(row.while_busy, reg::WhileBusy::kAllButStart);
      b.expect_write(row.offset, ~(reg::kCtrlStart | reg::kCtrlSoftReset));
    }
    const std::uint64_t ones = row.offset == reg::kCtrl ? reg::kCtrlStart : kAllOnes;
    b.expect_write(row.offset, ones, taken ? kOkay : kSlvErr);
    EXPECT_EQ(b.read(row.offset).code, read ? kOkay : kSlvErr) << row.name;
    if (read && row.offset != reg::kStatus) {
      const std::uint64_t kept = taken ? kept_bits(row, this->kShape) : 0;
      b.expect_read(row.offset, (before[row.offset] & ~kept) | kept);
    }
  }
  EXPECT_TRUE(b.busy.read());
  EXPECT_EQ(b.bus_accesses, 0u);
  // A soft reset is taken.
  b.expect_write(reg::kCtrl, reg::kCtrlSoftReset);
  b.cycle_step();
  EXPECT_FALSE(b.busy.read());
}

// The codebook and the memories begin and end where the table says.
TYPED_TEST(RegisterMapTest, CodebookAndMemories) {
  HostPortBench<TypeParam> b;
  const std::uint64_t codebook_end = reg::kCodebook + (std::uint64_t{8} << this->kShape.code_width);
  b.expect_write(codebook_end - 8, 5);
  b.expect_read(codebook_end - 8, 5);
  b.expect_write(codebook_end, 5, kSlvErr);
  b.expect_read(codebook_end, 0, kSlvErr);
  const std::uint64_t base = b.window_of(TypeParam::kPes - 1);
  const reg::WindowLayout window = b.window();
  const auto inside = [&](std::uint64_t offset) {
    for (const reg::Memory& memory : reg::kMemories) {
      const std::uint64_t first = memory_offset(memory.region, window);
      if (has(memory.needs, this->kShape) && offset >= first && offset < first + memory_bytes(memory.region, this->kShape)) {
        return true;
      }
    }
    return false;
  };
  for (const reg::Memory& memory : reg::kMemories) {
    const std::uint64_t first = memory_offset(memory.region, window);
    const std::uint64_t last = first + memory_bytes(memory.region, this->kShape) - 8;
    const bool there = has(memory.needs, this->kShape);
    for (const std::uint64_t at : {first, last}) {
      EXPECT_EQ(b.write(base + at, 3), there && memory.writable ? kOkay : kSlvErr) << memory.name;
      b.expect_read(base + at, there && memory.writable ? 3 : 0, there ? kOkay : kSlvErr);
    }
    if (last + 8 < window.stride) {
      EXPECT_EQ(b.read(base + last + 8).code, inside(last + 8) ? kOkay : kSlvErr) << memory.name;
    }
  }
}

}  // namespace
}  // namespace eie::tb
