// SPDX-License-Identifier: Apache-2.0
// Configurations that only the TLM model has: any number of PEs up to 1,024, memories as deep as the work needs.
#include <gtest/gtest.h>

#include "tb/test/support/kept_device.h"
#include "tb/test/system/paper_case.h"

namespace eie::tb {
namespace {

/// eie64's PE, with registers for the same number of rows whatever the PE count, and memories for a whole layer.
HwConfig scaled(unsigned n_pe) {
  HwConfig config = shipped_config("eie64");
  config.name = "scaled_" + std::to_string(n_pe);
  config.n_pe = n_pe;
  config.registers = std::max(4096u / n_pe, 4u);
  config.act_depth = std::max(config.act_depth, 32768u / n_pe);
  config.pointer_width = 20;
  config.spmat_depth = 1u << 17;
  return config;
}

class TlmScaling : public testing::TestWithParam<unsigned> {};

TEST_P(TlmScaling, NtLstmMatchesTheGoldenModel) {
  const HwConfig config = scaled(GetParam());
  const auto device = make_kept_engine("tlm", config);
  const PaperRun run = run_paper_layer(*device, config, paper_workload().select("nt_lstm").front(), 1);
  std::printf("%4u PEs: %8llu cycles, load balance %.1f %%\n", config.n_pe, static_cast<unsigned long long>(run.cycles),
              100 * run.load_balance);
  // 600 x 1201 at 10 % with dense activations: the busiest PE has at least the mean, and 1,024 PEs starve.
  EXPECT_GE(run.load_balance, config.n_pe <= 4 ? 0.95 : 0.0);
}

INSTANTIATE_TEST_SUITE_P(PeCounts, TlmScaling, testing::Values(1, 2, 16, 256, 512, 1024));

}  // namespace
}  // namespace eie::tb
