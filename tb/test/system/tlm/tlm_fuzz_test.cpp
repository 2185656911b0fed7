// SPDX-License-Identifier: Apache-2.0
// A host cannot tell the TLM model from the hardware: device_program.h on both.
#include "compiled/small_2pe_ecc_row128.h"
#include "compiled/small_4pe_ecc_row32.h"
#include "compiled/small_4pe_runs8.h"
#include "compiled/small_8pe.h"
#include "compiled/small_8pe_binary.h"
#include "compiled/small_8pe_ecc_row64.h"

#include "tb/test/system/device_program.h"
#include "tlm/axi/eie_hw.h"
#include "tlm/eie_tlm.h"

namespace eie::tb {
namespace {

template <class Cfg>
void compare_with_hw(std::uint64_t seed_offset, std::uint64_t accesses) {
  Bench<EieHw<Cfg>> hw("hw");
  Bench<EieTlm> tlm("tlm", compiled_config<Cfg>());
  compare(hw, tlm, test_seed(1000 + seed_offset), accesses);
}

template <class Cfg>
void compare_in_every_cycle() {
  Bench<EieHw<Cfg>> hw("hw");
  Bench<EieTlm> tlm("tlm", compiled_config<Cfg>());
  Program<EieHw<Cfg>> on_hw(hw, 1);
  Program<EieTlm> on_tlm(tlm, 1);
  expect_equal(on_hw.run_every_cycle(), on_tlm.run_every_cycle(), "every cycle");
}

TEST(TlmFuzz, AnAccessInEveryCycleOfALaunch) { compare_in_every_cycle<cfg::small_8pe>(); }
TEST(TlmFuzz, EightPes) { compare_with_hw<cfg::small_8pe>(1, 40'000); }
TEST(TlmFuzz, EightPesBinary) { compare_with_hw<cfg::small_8pe_binary>(2, 40'000); }
TEST(TlmFuzz, FourPesLongRuns) { compare_with_hw<cfg::small_4pe_runs8>(3, 40'000); }
// Bits of memories flip, too.
TEST(TlmFuzz, EccOfNarrowRows) { compare_with_hw<cfg::small_4pe_ecc_row32>(4, 40'000); }
TEST(TlmFuzz, EccOfBytes) { compare_with_hw<cfg::small_8pe_ecc_row64>(5, 40'000); }
TEST(TlmFuzz, EccOfWideRows) { compare_with_hw<cfg::small_2pe_ecc_row128>(6, 40'000); }
TEST(TlmFuzz, EccInEveryCycleOfALaunch) { compare_in_every_cycle<cfg::small_4pe_ecc_row32>(); }

TEST(TlmFuzzSlow, EccOfNarrowRows) { compare_with_hw<cfg::small_4pe_ecc_row32>(4'000'001, 300'000); }
TEST(TlmFuzzSlow, EightPes) { compare_with_hw<cfg::small_8pe>(1'000'001, 400'000); }
TEST(TlmFuzzSlow, EightPesBinary) { compare_with_hw<cfg::small_8pe_binary>(2'000'001, 300'000); }
TEST(TlmFuzzSlow, FourPesLongRuns) { compare_with_hw<cfg::small_4pe_runs8>(3'000'001, 300'000); }

}  // namespace
}  // namespace eie::tb
