// SPDX-License-Identifier: Apache-2.0
// The checkers inside a PE: each rule fires on a trace that breaks it, and none on a clean one (rule_cases.h).
#include <memory>

#include "tb/checkers/arith_checker.h"
#include "tb/checkers/candidate_checker.h"
#include "tb/checkers/pointer_checker.h"
#include "tb/checkers/queue_checker.h"
#include "tb/checkers/spmat_checker.h"
#include "tb/test/negative/rule_cases.h"
#include "tb/test/support/test_cfgs.h"

namespace eie::tb {
namespace {

/// 4 PEs, 16 registers, a queue of two.
struct Cfg : SmallCfg {
  static constexpr unsigned kQueueDepth = 2;
};

Activation<Cfg> activation(unsigned column, int value) {
  Activation<Cfg> a;
  a.valid = true;
  a.column = column;
  a.value = value;
  return a;
}
EntryAddress<Cfg> address(unsigned at, bool first, int value) {
  EntryAddress<Cfg> a;
  a.valid = true;
  a.first = first;
  a.address = at;
  a.value = value;
  return a;
}
Entry<Cfg> entry(bool first, unsigned run, unsigned code, int value = 5) {
  Entry<Cfg> e;
  e.valid = true;
  e.first = first;
  e.run = run;
  e.code = code;
  e.value = value;
  return e;
}
Candidate<Cfg> candidate(unsigned column, int value) {
  Candidate<Cfg> c;
  c.valid = true;
  c.column = column;
  c.value = value;
  return c;
}

/// A trace of `cycles` idle cycles, the first one in reset.
template <class Sample>
Trace<Sample> idle(std::size_t cycles) {
  Trace<Sample> t(cycles);
  t[0].rst_n = false;
  return t;
}

template <class C>
auto maker() {
  return [](Violations& violations) { return std::make_unique<C>("here", violations); };
}

TEST(Checkers, Queue) {
  using T = Trace<QueueSample<Cfg>>;
  const Activation<Cfg> a = activation(1, 5);
  const Activation<Cfg> b = activation(2, 6);
  const Activation<Cfg> c = activation(7, -1);
  T t = idle<QueueSample<Cfg>>(8);
  t[1].broadcast = a;
  t[2].broadcast = b;
  t[2].head = t[3].head = t[4].head = a;
  t[3].full = t[4].full = true;
  t[4].head_ready = true;
  t[5].head = b;
  t[5].broadcast = c;  // in the cycle in which the last entry leaves
  t[6].head = c;
  t[5].head_ready = t[6].head_ready = t[7].head_ready = true;
  check_rules<QueueSample<Cfg>>("queue", maker<QueueChecker<Cfg>>(), t,
                                {
                                    {"broadcast_to_full", 3, [&](T& s) { s[3].broadcast = c; }},
                                    {"occupancy", 3,
                                     [&](T& s) {
                                       s[3].full = false;
                                       s[3].broadcast = c;
                                     }},
                                    {"full", 6, [](T& s) { s[6].full = true; }},
                                    {"full", 3, [](T& s) { s[3].full = false; }},
                                    {"head_stable", 3, [](T& s) { s[3].head.value = 9; }},
                                    {"head_stable", 4, [](T& s) { s[4].head.valid = false; }},
                                    {"order", 5, [&](T& s) { s[5].head = c; }},  // b is lost
                                    {"order", 5, [&](T& s) { s[5].head = a; }},  // a comes twice
                                    {"order", 6, [](T& s) { s[6].head.column = 6; }},
                                    {"phantom", 7, [&](T& s) { s[7].head = c; }},
                                    {"bubble", 2, [](T& s) { s[2].head.valid = false; }},
                                    {"bubble", 6, [](T& s) { s[6].head.valid = false; }},
                                    {"reset", 1, [&](T& s) { s[1].head = a; }},
                                    {"reset", 1, [](T& s) { s[1].full = true; }},
                                });
}

TEST(Checkers, Pointer) {
  using T = Trace<PointerSample<Cfg>>;
  T t = idle<PointerSample<Cfg>>(10);
  const auto head = [&](std::size_t cycle, unsigned column, int value, std::uint64_t begin, std::uint64_t end) {
    t[cycle].head = activation(column, value);
    t[cycle].begin = begin;
    t[cycle].end = end;
  };
  head(1, 3, 5, 10, 13);
  for (const std::size_t cycle : {2, 3, 4}) head(cycle, 4, 8, 13, 13);  // no entries
  head(5, 5, 7, 13, 14);
  head(6, 6, 2, 14, 12);  // backwards
  for (const std::size_t cycle : {1, 4, 5, 6, 7, 8, 9}) t[cycle].head_ready = true;
  t[2].entry_address = address(10, true, 5);
  t[3].entry_address = address(11, false, 5);
  t[4].entry_address = address(12, false, 5);
  t[6].entry_address = address(13, true, 7);
  t[8].error = true;
  t[7].drain = t[8].drain = true;
  t[8].drained = t[9].drained = true;
  check_rules<PointerSample<Cfg>>(
      "pointer", maker<PointerChecker<Cfg>>(), t,
      {
          {"unexpected", 5, [](T& s) { s[5].entry_address = address(13, false, 5); }},  // one too many
          {"unexpected", 7, [](T& s) { s[7].entry_address = address(14, true, 2); }},   // of a backward column
          {"bubble", 2, [](T& s) { s[2].entry_address.valid = false; }},
          {"bubble", 4, [](T& s) { s[4].entry_address.valid = false; }},  // one too few
          {"address", 2, [](T& s) { s[2].entry_address.address = 9; }},
          {"address", 3, [](T& s) { s[3].entry_address.address = 12; }},
          {"first", 2, [](T& s) { s[2].entry_address.first = false; }},
          {"first", 3, [](T& s) { s[3].entry_address.first = true; }},
          {"value", 3, [](T& s) { s[3].entry_address.value = 8; }},
          {"look_ahead", 3, [](T& s) { s[3].head_ready = true; }},
          {"error", 7, [](T& s) { s[7].error = true; }},
          {"error", 8, [](T& s) { s[8].error = false; }},
          {"drained", 5, [](T& s) { s[5].drained = true; }},  // no drain
          {"drained", 6,
           [](T& s) {  // a column is waiting
             s[5].drain = true;
             s[6].drained = true;
           }},
          {"drained", 7,
           [](T& s) {  // an entry is on its way
             s[6].head.valid = false;
             s[6].drain = true;
             s[7].drained = true;
           }},
          {"reset", 1, [](T& s) { s[1].entry_address = address(0, false, 0); }},
          {"reset", 1, [](T& s) { s[1].drained = true; }},
          {"reset", 1, [](T& s) { s[1].error = true; }},
      });
}

/// Look-ahead of one: a column may wait behind the one that is going out, and one without entries takes no room.
struct LookCfg : Cfg {
  static constexpr unsigned kLookAhead = 1;
};

Trace<PointerSample<LookCfg>> look_ahead_trace(std::uint64_t end_of_second) {
  Trace<PointerSample<LookCfg>> t(9);
  t[0].rst_n = false;
  const std::uint64_t pointers[] = {10, 13, end_of_second, end_of_second + 2};
  for (const std::size_t k : {0, 1, 2}) {  // accepted one a cycle
    auto& s = t[1 + k];
    s.head.valid = s.head_ready = true;
    s.head.column = 3 + k;
    s.begin = pointers[k];
    s.end = pointers[k + 1];
  }
  for (const std::size_t k : {0, 1, 2, 3, 4}) {  // 10 .. 14
    auto& address_out = t[2 + k].entry_address;
    address_out.valid = true;
    address_out.first = k == 0 || k == 3;
    address_out.address = 10 + k;
  }
  return t;
}

TEST(Checkers, PointerWithLookAhead) {
  Violations none;
  PointerChecker<LookCfg> clean("here", none);
  play(look_ahead_trace(13), clean, none);
  EXPECT_TRUE(none.empty()) << none.summary();

  // With an entry in the second column the third one finds no room in cycle 3: two have entries left.
  Violations violations;
  PointerChecker<LookCfg> checker("here", violations);
  play(look_ahead_trace(14), checker, violations);
  ASSERT_EQ(violations.list().size(), 1u);
  EXPECT_EQ(violations.list().front().rule, "pointer/look_ahead");
  EXPECT_EQ(violations.list().front().cycle, 3u);
}

TEST(Checkers, Spmat) {
  using T = Trace<SpmatSample<Cfg>>;
  T t = idle<SpmatSample<Cfg>>(6);
  t[1].entry_address = address(10, true, 5);
  t[1].stored = 0x32;
  t[2].entry_address = address(11, false, 5);
  t[2].stored = 0x41;
  t[2].entry = entry(true, 3, 2);
  t[3].entry = entry(false, 4, 1);
  check_rules<SpmatSample<Cfg>>("spmat", maker<SpmatChecker<Cfg>>(), t,
                                {
                                    {"latency", 2, [](T& s) { s[2].entry.valid = false; }},
                                    {"latency", 4, [](T& s) { s[4].entry = entry(false, 4, 1); }},
                                    {"tag", 2, [](T& s) { s[2].entry.first = false; }},
                                    {"tag", 3, [](T& s) { s[3].entry.first = true; }},
                                    {"tag", 3, [](T& s) { s[3].entry.value = 6; }},
                                    {"content", 2, [](T& s) { s[2].entry.code = 3; }},
                                    {"content", 3, [](T& s) { s[3].entry.run = 0; }},
                                    {"reset", 1, [](T& s) { s[1].entry = entry(true, 0, 1); }},
                                });
}

/// Skipped padding.
struct SkipCfg : Cfg {
  static constexpr bool kSkipPadding = true;
};

TEST(Checkers, SpmatWithSkippedPadding) {
  using Sample = SpmatSample<SkipCfg>;
  using T = Trace<Sample>;
  constexpr unsigned kPadding = 0xF0;
  const auto skipping = [](bool first, unsigned skipped, unsigned run, unsigned code, int value) {
    Entry<SkipCfg> e;
    e.valid = true;
    e.first = first;
    e.skipped = skipped;
    e.run = run;
    e.code = code;
    e.value = value;
    return e;
  };
  T t(8);
  t[0].rst_n = false;
  for (Sample& s : t) s.column_ready = true;
  // Entries 4 to 9: the row ends behind entry 7.
  t[1].entry_address.valid = t[1].entry_address.first = true;
  t[1].entry_address.address = 4;
  t[1].entry_address.length = 6;
  t[1].entry_address.value = 5;
  t[1].column = {0x21, kPadding, 0x32, kPadding, kPadding, 0x43};
  t[2].entry = skipping(true, 0, 2, 1, 5);
  t[3].entry = skipping(false, 1, 3, 2, 5);  // the row's last padding goes with it
  t[4].entry = skipping(false, 2, 4, 3, 5);
  t[2].column_ready = t[3].column_ready = false;
  // Entries 7 and 8: padding alone in its row takes a cycle.
  t[4].entry_address = t[1].entry_address;
  t[4].entry_address.address = 7;
  t[4].entry_address.length = 2;
  t[4].column = {kPadding, 0x11};
  t[5].entry = skipping(true, 0, 15, 0, 5);
  t[6].entry = skipping(false, 0, 1, 1, 5);
  t[5].column_ready = false;
  check_rules<Sample>("spmat", maker<SpmatChecker<SkipCfg>>(), t,
                      {
                          {"latency", 3, [](T& s) { s[3].column_ready = true; }},
                          {"latency", 6, [](T& s) { s[6].column_ready = false; }},
                          {"latency", 7, [&](T& s) { s[7].entry = skipping(false, 0, 1, 1, 5); }},
                          {"tag", 2, [](T& s) { s[2].entry.first = false; }},
                          {"tag", 4, [](T& s) { s[4].entry.first = true; }},
                          {"tag", 4, [](T& s) { s[4].entry.value = 6; }},
                          {"content", 3, [](T& s) { s[3].entry.run = 4; }},
                          {"content", 3, [](T& s) { s[1].column[2] = 0x31; }},
                          {"content", 4, [](T& s) { s[1].column[3] = 0xE0; }},  // a code 0 that is no padding may not be skipped
                          {"skip", 3,
                           [&](T& s) {  // padding that could have gone with the next entry
                             s.insert(s.begin() + 3, s[3]);
                             s[3].entry = skipping(false, 0, 15, 0, 5);
                             s[4].entry = skipping(false, 0, 3, 2, 5);
                           }},
                          {"reset", 1, [&](T& s) { s[1].entry = skipping(true, 0, 0, 1, 5); }},
                      });
}

/// Two descriptors' worth of columns: one waits at the outputs of the pointer SRAM, none elsewhere.
TEST(Checkers, PointerWithSkippedPadding) {
  using Sample = PointerSample<SkipCfg>;
  using T = Trace<Sample>;
  T t(8);
  t[0].rst_n = false;
  const auto column = [](unsigned address, unsigned length, int value) {
    EntryAddress<SkipCfg> a;
    a.valid = a.first = true;
    a.address = address;
    a.length = length;
    a.value = value;
    return a;
  };
  const auto head = [&](std::size_t cycle, int value, std::uint64_t begin, std::uint64_t end) {
    t[cycle].head = {};
    t[cycle].head.valid = true;
    t[cycle].head.value = value;
    t[cycle].begin = begin;
    t[cycle].end = end;
  };
  for (Sample& s : t) s.column_ready = s.head_ready = true;
  head(1, 5, 10, 13);
  head(2, 7, 13, 15);
  head(3, 2, 15, 16);
  head(4, 2, 15, 16);
  t[2].entry_address = column(10, 3, 5);
  for (const std::size_t k : {3, 4}) t[k].entry_address = column(13, 2, 7);
  t[3].column_ready = t[3].head_ready = false;  // the first column is at work
  t[5].entry_address = column(15, 1, 2);
  t[6].drain = true;
  t[7].drained = true;
  check_rules<Sample>("pointer", maker<PointerChecker<SkipCfg>>(), t,
                      {
                          {"unexpected", 6, [&](T& s) { s[6].entry_address = column(16, 1, 2); }},
                          {"bubble", 4, [](T& s) { s[4].entry_address.valid = false; }},
                          {"address", 4, [](T& s) { s[4].entry_address.address = 14; }},
                          {"address", 2, [](T& s) { s[2].entry_address.length = 2; }},
                          {"first", 2, [](T& s) { s[2].entry_address.first = false; }},
                          {"value", 5, [](T& s) { s[5].entry_address.value = 3; }},
                          {"look_ahead", 3, [](T& s) { s[3].head_ready = true; }},
                          {"error", 4, [](T& s) { s[4].error = true; }},
                          {"drained", 7, [](T& s) { s[6].column_ready = false; }},
                          {"reset", 1, [](T& s) { s[1].drained = true; }},
                      });
}

TEST(Checkers, Arith) {
  using T = Trace<ArithSample<Cfg>>;
  T t = idle<ArithSample<Cfg>>(12);
  for (auto& s : t) {
    s.pe = 1;
    s.out_length = 20;  // local rows 0 to 4
  }
  const auto write = [&](std::size_t cycle, unsigned row, int sum) {
    t[cycle].access.write = true;
    t[cycle].access.write_row = row;
    t[cycle].access.sum = sum;
  };
  t[1].entry = entry(true, 1, 3);   // row 1
  t[2].entry = entry(false, 0, 0);  // padding
  t[3].entry = entry(false, 0, 5);  // row 3
  t[4].entry = entry(true, 5, 1);   // row 5: past the end
  t[5].error = true;
  t[6].entry = entry(true, 1, 2);  // row 1
  t[2].access.read_row = 1;
  t[4].access.read_row = 3;
  t[7].access.read_row = 1;
  t[9].access.read_row = 1;  // meets the write
  t[10].access.read_row = 1;
  write(4, 1, 100);
  write(6, 3, 7);
  write(9, 1, 120);
  t[8].accumulated = 100;
  t[9].saturated = true;
  t[10].accumulated = 120;
  t[10].op = static_cast<unsigned>(ActOp::kClear);
  const auto op = [](ActOp what) { return static_cast<unsigned>(what); };
  check_rules<ArithSample<Cfg>>("arith", maker<ArithChecker<Cfg>>(), t,
                                {
                                    {"padding_write", 5, [](T& s) { s[5].access.write = true; }},
                                    {"range_write", 7, [](T& s) { s[7].access.write = true; }},
                                    {"range_write", 6,
                                     [](T& s) {  // row 3 is the first past the end
                                       s[3].out_length = 13;
                                       s[4].error = true;
                                     }},
                                    {"spurious_write", 8, [](T& s) { s[8].access.write = true; }},
                                    {"missing_write", 6, [](T& s) { s[6].access.write = false; }},
                                    {"write_row", 6, [](T& s) { s[6].access.write_row = 2; }},
                                    {"read_row", 4, [](T& s) { s[4].access.read_row = 2; }},
                                    {"accumulated", 8, [](T& s) { s[8].accumulated = 99; }},
                                    {"accumulated", 10, [](T& s) { s[10].accumulated = 100; }},
                                    {"error", 5, [](T& s) { s[5].error = false; }},
                                    {"error", 6, [](T& s) { s[6].error = true; }},
                                    {"saturated", 8, [](T& s) { s[8].saturated = true; }},
                                    {"one_writer", 9, [&](T& s) { s[9].op = op(ActOp::kStore); }},
                                    {"one_writer", 9, [&](T& s) { s[8].op = op(ActOp::kLoad); }},
                                    {"one_writer", 10, [&](T& s) { s[9].op = op(ActOp::kBias); }},
                                    {"one_writer", 9, [&](T& s) { s[9].op = op(ActOp::kClear); }},
                                    {"one_writer", 11, [&](T& s) { s[10].op = op(ActOp::kLoad), s[11].op = op(ActOp::kStore); }},
                                    {"one_writer", 11, [&](T& s) { s[10].op = op(ActOp::kLoad), s[11].op = op(ActOp::kArm); }},
                                    {"reset", 1, [](T& s) { s[1].access.write = true; }},
                                    {"reset", 1, [](T& s) { s[1].error = true; }},
                                    {"reset", 1, [](T& s) { s[1].saturated = true; }},
                                });
}

TEST(Checkers, Candidate) {
  using T = Trace<CandidateSample<Cfg>>;
  T t = idle<CandidateSample<Cfg>>(17);
  for (auto& s : t) s.pe = 2;
  t[1].op = t[11].op = static_cast<unsigned>(ActOp::kArm);
  t[1].length = 30;
  t[11].length = 10;
  t[3].candidate = t[4].candidate = candidate(2, 5);
  t[5].candidate = candidate(10, -7);
  t[6].candidate = candidate(26, 1);
  t[4].pop = t[5].pop = t[6].pop = true;
  t[7].exhausted = t[8].exhausted = true;
  t[8].drain = t[9].drain = true;
  t[13].candidate = candidate(2, -1);  // the next batch starts again
  t[13].pop = true;
  t[14].exhausted = t[15].exhausted = true;
  t[15].drain = true;
  check_rules<CandidateSample<Cfg>>("candidate", maker<CandidateChecker<Cfg>>(), t,
                                    {
                                        {"outside_batch", 10, [](T& s) { s[10].candidate = candidate(2, 5); }},
                                        {"outside_batch", 9, [](T& s) { s[9].exhausted = true; }},
                                        {"stable", 4, [](T& s) { s[4].candidate.value = 6; }},
                                        {"stable", 4, [](T& s) { s[4].candidate.valid = false; }},
                                        {"ascending", 5, [](T& s) { s[5].candidate.column = 2; }},
                                        {"non_zero", 5, [](T& s) { s[5].candidate.value = 0; }},
                                        {"own_column", 5, [](T& s) { s[5].candidate.column = 11; }},
                                        {"own_column", 6, [](T& s) { s[6].candidate.column = 30; }},
                                        {"exhausted", 5, [](T& s) { s[5].exhausted = true; }},
                                        {"exhausted_held", 8, [](T& s) { s[8].exhausted = false; }},
                                        {"latency", 3, [](T& s) { s[3].candidate.valid = false; }},
                                        {"latency", 6, [](T& s) { s[6].candidate.valid = false; }},
                                        {"pop", 7, [](T& s) { s[7].pop = true; }},
                                        {"reset", 1, [](T& s) { s[1].candidate = candidate(2, 5); }},
                                        {"reset", 1, [](T& s) { s[1].exhausted = true; }},
                                    });
}

}  // namespace
}  // namespace eie::tb
