// SPDX-License-Identifier: Apache-2.0
// Arithmetic unit checker: which entries write which row, and when (hw/arith_unit.h). Sums are the golden model's job.
//
//   padding_write    padding (code 0) never writes
//   range_write      neither does a weight in a row past out_length, or past the registers
//   spurious_write   nor a cycle without an entry
//   missing_write    every other entry writes, three cycles behind
//   write_row        in the row that the runs of its column add up to
//   read_row         which is read one cycle behind the entry
//   accumulated      a row that was written shows its sum in the cycle after its read, also when both meet
//   error            a pulse one cycle behind a weight out of range, else none
//   saturated        only together with a write
//   one_writer       registers take one of these in a cycle: a write, a word loaded, a store, a clear; and none is armed
//                    while a word arrives
//   reset            no write, no error, not saturated after a reset
#pragma once

#include <array>
#include <optional>

#include "hw/types.h"
#include "tb/checkers/checker.h"

namespace eie::tb {

template <class Cfg>
struct ArithSample {
  bool rst_n = true;
  unsigned pe = 0;
  std::uint64_t out_length = 0;
  unsigned op = 0;  // ActOp: anything but kNone may change registers
  Entry<Cfg> entry;
  AccumulatorAccess<Cfg> access;
  std::int64_t accumulated = 0;
  bool error = false;
  bool saturated = false;
};

template <class Cfg>
class ArithChecker : public ChannelChecker<ArithSample<Cfg>> {
 public:
  using Sample = ArithSample<Cfg>;

  ArithChecker(const std::string& where, Violations& violations)
      : ChannelChecker<Sample>("arith", where,
                               {"padding_write", "range_write", "spurious_write", "missing_write", "write_row", "read_row",
                                "accumulated", "error", "saturated", "one_writer", "reset"},
                               violations) {}

 private:
  enum Rule : unsigned {
    kPaddingWrite,
    kRangeWrite,
    kSpuriousWrite,
    kMissingWrite,
    kWriteRow,
    kReadRow,
    kAccumulated,
    kError,
    kSaturated,
    kOneWriter,
    kReset
  };
  enum class Kind { kNothing, kPadding, kBeyond, kWeight };
  struct Stage {
    Kind kind = Kind::kNothing;
    std::uint64_t row = 0;
  };

  void clear() override {
    row_ = 0;
    stages_.fill(Stage());
    written_.fill(std::nullopt);
    due_.reset();
    op_before_ = 0;
  }

  void check_reset(const Sample& s) override {
    this->require(kReset, !s.access.write && !s.error && !s.saturated, [&] { return this->seen(s.access); });
  }

  void check(const Sample& s) override {
    const Stage& last = stages_[2];
    const auto text = [&] { return this->seen(s.access); };
    switch (last.kind) {
      case Kind::kNothing:
        this->require(kSpuriousWrite, !s.access.write, text);
        break;
      case Kind::kPadding:
        this->require(kPaddingWrite, !s.access.write, text);
        break;
      case Kind::kBeyond:
        this->require(kRangeWrite, !s.access.write, text);
        break;
      case Kind::kWeight:
        this->require(kMissingWrite, s.access.write, [&] { return "row " + std::to_string(last.row); });
        this->require(kWriteRow, s.access.write_row == last.row, [&] { return this->differs(last.row, s.access); });
        break;
    }
    const Stage& first = stages_[0];
    if (first.kind == Kind::kWeight) {
      this->require(kReadRow, s.access.read_row == first.row, [&] { return this->differs(first.row, s.access); });
    }
    if (due_.has_value()) {
      this->require(kAccumulated, s.accumulated == *due_, [&] { return this->differs(*due_, s.accumulated); });
    }
    const bool dropped = first.kind == Kind::kBeyond;
    this->require(kError, s.error == dropped, [&] { return this->differs(dropped, s.error); });
    if (s.saturated) this->require(kSaturated, s.access.write, text);
    const bool transfers = loads(op_before_) || is(s.op, ActOp::kStore) || is(s.op, ActOp::kClear);
    if (transfers) {
      const bool two = loads(op_before_) && (is(s.op, ActOp::kStore) || is(s.op, ActOp::kClear) || is(s.op, ActOp::kArm));
      this->require(kOneWriter, !s.access.write && !two, text);
    }
  }

  void advance(const Sample& s) override {
    stages_[2] = stages_[1];
    stages_[1] = stages_[0];
    stages_[0] = Stage();
    if (s.entry.valid) {
      std::uint64_t run = s.entry.run.to_uint64();
      // Skipped padding entries move the row by the largest run, and by themselves.
      if constexpr (Cfg::kSkipPadding) run += s.entry.skipped.to_uint64() << Cfg::kRunWidth;
      row_ = s.entry.first ? run : row_ + run + 1;
      const bool in_range = row_ < Cfg::kRegisters && row_ * Cfg::kPes + s.pe < s.out_length;
      stages_[0].kind = s.entry.code == 0 ? Kind::kPadding : in_range ? Kind::kWeight : Kind::kBeyond;
      stages_[0].row = row_;
    }
    if (s.op != static_cast<unsigned>(ActOp::kNone)) {
      written_.fill(std::nullopt);
    } else if (s.access.write) {
      written_[s.access.write_row.to_uint()] = s.access.sum.to_int64();
    }
    due_ = written_[s.access.read_row.to_uint()];
    op_before_ = s.op;
  }

  static bool is(unsigned op, ActOp what) { return op == static_cast<unsigned>(what); }
  static bool loads(unsigned op) { return is(op, ActOp::kLoad) || is(op, ActOp::kBias); }

  std::uint64_t row_ = 0;                                               // of the entry before, in its column
  std::array<Stage, 3> stages_{};                                       // the entries of the last three cycles, the latest first
  std::array<std::optional<std::int64_t>, Cfg::kRegisters> written_{};  // since the last transfer
  std::optional<std::int64_t> due_;                                     // what `accumulated` must show
  unsigned op_before_ = 0;  // of the cycle before: the word of a load arrives in this one
};

}  // namespace eie::tb
