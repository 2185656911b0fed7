// SPDX-License-Identifier: Apache-2.0
// Figures 2 and 3 of the paper, bit by bit: the 16 x 8 matrix on four PEs, from the encoder into the device's SRAMs
// and out of the accelerator again.
#include <gtest/gtest.h>

#include "tb/engines/engines.h"
#include "tb/test/support/kept_device.h"
#include "tb/test/system/figure2_case.h"

namespace eie::tb {
namespace {

TEST(Figure3, Pe0InTheDevice) {
  const HwConfig config = shipped_config("eie4");
  const LayerCase layer = figure2_layer(config);
  const auto device = make_kept_engine("hw", config);
  Driver driver(*device, config, LoadMode::kPort);
  const LayerResult result = run_and_check(driver, layer, kFigure2Input, config);

  const std::vector<std::uint64_t> runs = {0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 0, 2, 0};
  const std::vector<std::uint64_t> pointers = {0, 3, 4, 6, 6, 8, 10, 11, 13};
  // Rows and columns of PE 0's weights in the order in which Figure 3 stores them.
  const std::vector<std::pair<std::size_t, std::size_t>> weights = {{0, 0}, {8, 0}, {12, 0}, {4, 1}, {0, 2}, {12, 2}, {0, 4},
                                                                    {4, 4}, {0, 5}, {12, 5}, {0, 6}, {8, 7}, {12, 7}};
  const std::uint64_t spmat = config.window_base(0);
  const std::uint64_t ptr = spmat + config.window().ptr_offset;
  for (std::size_t k = 0; k < runs.size(); ++k) {
    const std::uint64_t entry = device->read(spmat + k / 8 * 8) >> (8 * (k % 8)) & 0xFF;
    EXPECT_EQ(entry >> 4, runs[k]) << "z of entry " << k;
    EXPECT_EQ(entry & 0xF, layer.matrix->at(weights[k].first, weights[k].second)) << "v of entry " << k;
  }
  for (std::size_t j = 0; j < pointers.size(); ++j) {
    EXPECT_EQ(device->read(ptr + 4 * j, 4), pointers[j]) << "p" << j;
  }
  EXPECT_EQ(result.counters.broadcasts, 4u);
  // Work of PE 0 in columns 2, 4, 5 and 7: two entries each.
  EXPECT_EQ(result.counters.pe[0].entries, 8u);
}

}  // namespace
}  // namespace eie::tb
