// SPDX-License-Identifier: Apache-2.0
// The RTL, hw/ and the TLM model are the same device to a host: device_program.h on all three, each behind its ports.
#include "compiled/eie4.h"

#include "tb/engines/rtl/eie_rtl.h"
#include "tb/test/system/device_program.h"
#include "tlm/axi/eie_hw.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {
namespace {

using Cfg = cfg::eie4;

void compare_all(std::uint64_t seed, std::uint64_t accesses) {
  Bench<EieRtl> rtl("rtl", compiled_config<Cfg>());
  Bench<EieHw<Cfg>> hw("hw");
  Bench<EieTlm> tlm("tlm", compiled_config<Cfg>());
  compare(rtl, hw, seed, accesses);
  if (!testing::Test::HasFatalFailure()) compare(rtl, tlm, seed, accesses);
}

TEST(RtlEqualsHw, RandomProgramsWithResets) { compare_all(test_seed(5000), 3'000); }
TEST(RtlEqualsHwSlow, RandomProgramsWithResets) { compare_all(test_seed(6000), 100'000); }

TEST(RtlEqualsHw, AnAccessOrResetInEveryCycleOfALaunch) {
  Bench<EieRtl> rtl("rtl", compiled_config<Cfg>());
  Bench<EieHw<Cfg>> hw("hw");
  Program<EieRtl> on_rtl(rtl, 1);
  Program<EieHw<Cfg>> on_hw(hw, 1);
  expect_equal(on_rtl.run_every_cycle(), on_hw.run_every_cycle(), "every cycle");
}

}  // namespace
}  // namespace eie::tb
