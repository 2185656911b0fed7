// SPDX-License-Identifier: Apache-2.0
// Collect: every input alone and random mixtures of them reach the joined outputs in the same cycle.
#include "hw/collect.h"

#include "tb/test/support/test_cfgs.h"
#include "tb/test/unit/hw/bench/block_bench.h"

namespace eie::tb {
namespace {

template <class Cfg>
struct CollectBench : Bench {
  using Block = Collect<Cfg>;
  static constexpr unsigned kPes = Cfg::kPes;
  sc_core::sc_vector<Signal<bool>> full{"full", kPes};
  sc_core::sc_vector<Signal<bool>> drained{"drained", kPes};
  sc_core::sc_vector<Signal<bool>> error{"error", kPes};
  sc_core::sc_vector<Signal<bool>> saturated{"saturated", kPes};
  sc_core::sc_vector<Wire<decltype(Block::host_data)>> host_q{"host_q", kPes};
  Wire<decltype(Block::any_full)> any_full{"any_full"};
  Wire<decltype(Block::all_drained)> all_drained{"all_drained"};
  Wire<decltype(Block::any_error)> any_error{"any_error"};
  Wire<decltype(Block::any_saturated)> any_saturated{"any_saturated"};
  Wire<decltype(Block::host_data)> host_data{"host_data"};
  Block block{"collect"};

  CollectBench() {
    for (unsigned p = 0; p < kPes; ++p) {
      block.full[p](full[p]);
      block.drained[p](drained[p]);
      block.error[p](error[p]);
      block.saturated[p](saturated[p]);
      block.host_q[p](host_q[p]);
    }
    block.any_full(any_full);
    block.all_drained(all_drained);
    block.any_error(any_error);
    block.any_saturated(any_saturated);
    block.host_data(host_data);
  }

  /// `share` of the PEs set each of their flags; `speaker` answers a host read (kPes: nobody).
  void drive(double share, unsigned speaker, std::uint64_t data) {
    bool f = false;
    bool d = true;
    bool e = false;
    bool s = false;
    const auto draw = [&] { return chance(share); };
    for (unsigned p = 0; p < kPes; ++p) {
      const bool flags[] = {draw(), draw(), draw(), draw()};
      full[p].write(flags[0]);
      drained[p].write(flags[1]);
      error[p].write(flags[2]);
      saturated[p].write(flags[3]);
      host_q[p].write(p == speaker ? data : 0);
      f = f || flags[0];
      d = d && flags[1];
      e = e || flags[2];
      s = s || flags[3];
    }
    settle();
    EXPECT_EQ(any_full.read(), f);
    EXPECT_EQ(all_drained.read(), d);
    EXPECT_EQ(any_error.read(), e);
    EXPECT_EQ(any_saturated.read(), s);
    EXPECT_EQ(host_data.read().to_uint64(), speaker < kPes ? data : 0);
  }
};

template <class Cfg>
class CollectTest : public testing::Test {};
TYPED_TEST_SUITE(CollectTest, AllCfgs, CfgName);

TYPED_TEST(CollectTest, EveryPeAlone) {
  CollectBench<TypeParam> b;
  for (unsigned p = 0; p < b.kPes; ++p) {
    for (unsigned q = 0; q < b.kPes; ++q) {
      b.full[q].write(q == p);
      b.drained[q].write(q != p);
      b.error[q].write(q == p);
      b.saturated[q].write(false);
      b.host_q[q].write(q == p ? ~std::uint64_t{0} : 0);
    }
    b.settle();
    EXPECT_TRUE(b.any_full.read()) << "PE " << p;
    EXPECT_FALSE(b.all_drained.read()) << "PE " << p;
    EXPECT_TRUE(b.any_error.read()) << "PE " << p;
    EXPECT_FALSE(b.any_saturated.read()) << "PE " << p;
    EXPECT_EQ(b.host_data.read().to_uint64(), ~std::uint64_t{0}) << "PE " << p;
    b.drained[p].write(true);
    b.error[p].write(false);
    b.saturated[p].write(true);
    b.full[p].write(false);
    b.settle();
    EXPECT_FALSE(b.any_full.read()) << "PE " << p;
    EXPECT_TRUE(b.all_drained.read()) << "PE " << p;
    EXPECT_FALSE(b.any_error.read()) << "PE " << p;
    EXPECT_TRUE(b.any_saturated.read()) << "PE " << p;
  }
}

TYPED_TEST(CollectTest, RandomMixtures) {
  CollectBench<TypeParam> b;
  const double shares[] = {0, 0.5 / b.kPes, 0.5, 1 - 0.5 / b.kPes, 1};
  for (unsigned k = 0; k < 1000; ++k) b.drive(shares[k % 5], b.below(b.kPes + 1), b.random.bits());
}

}  // namespace
}  // namespace eie::tb
