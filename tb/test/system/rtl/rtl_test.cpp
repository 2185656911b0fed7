// SPDX-License-Identifier: Apache-2.0
// Engine rtl, the Verilated RTL of hw/rtl, against engine hw: outputs, cycles and every counter are the same.
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compiled/eie16.h"
#include "compiled/eie4.h"

#include "tb/cli/program.h"
#include "tb/engines/hw_engine.h"
#include "tb/engines/rtl/rtl_engine.h"
#include "tb/test/support/kept_device.h"
#include "tb/test/support/report_schema.h"
#include "tb/test/support/test_support.h"
#include "tb/test/system/figure2_case.h"

namespace eie::tb {
namespace {

void expect_equal(const LayerResult& hw, const LayerResult& rtl) {
  EXPECT_EQ(first_difference(hw.outputs, rtl.outputs), "");
  EXPECT_EQ(hw.saturated, rtl.saturated);
  const Counters& a = hw.counters;
  const Counters& b = rtl.counters;
  EXPECT_EQ(a.launches, b.launches);
  EXPECT_EQ(a.batches, b.batches);
  EXPECT_EQ(a.cycles, b.cycles);
  EXPECT_EQ(a.broadcasts, b.broadcasts);
  EXPECT_EQ(a.queue_full_cycles, b.queue_full_cycles);
  EXPECT_EQ(a.act_transfer_cycles, b.act_transfer_cycles);
  EXPECT_EQ(a.io_beats, b.io_beats);
  ASSERT_EQ(a.pe.size(), b.pe.size());
  for (std::size_t p = 0; p < a.pe.size(); ++p) {
    SCOPED_TRACE("PE " + std::to_string(p));
    EXPECT_EQ(a.pe[p].entries, b.pe[p].entries);
    EXPECT_EQ(a.pe[p].padding, b.pe[p].padding);
    EXPECT_EQ(a.pe[p].padding_skipped, b.pe[p].padding_skipped);
    EXPECT_EQ(a.pe[p].starved, b.pe[p].starved);
    EXPECT_EQ(a.pe[p].spmat_reads, b.pe[p].spmat_reads);
    EXPECT_EQ(a.pe[p].ptr_reads, b.pe[p].ptr_reads);
    EXPECT_EQ(a.pe[p].act_reads, b.pe[p].act_reads);
  }
}

LayerShape random_shape(Random& random, const HwConfig& config, std::size_t most_rows, std::size_t most_columns) {
  static constexpr double kDensities[] = {0, 0.02, 0.1, 0.3, 1};
  static constexpr std::int32_t kLimits[] = {3, 300, 32767};
  LayerShape shape;
  shape.rows = 1 + random.below(most_rows);
  shape.columns = 1 + random.below(most_columns);
  shape.weight_density = kDensities[random.below(5)];
  shape.activation_density = kDensities[random.below(5)];
  shape.shift = static_cast<int>(random.below(2 * config.data_width - 1));
  shape.bias = random.below(2) != 0;
  shape.relu = random.below(2) != 0;
  shape.weight_limit = kLimits[random.below(3)];
  shape.activation_limit = kLimits[random.below(3)];
  return shape;
}

/// The same layer on both devices.
void run_both(Driver& hw, Driver& rtl, const LayerCase& layer, const std::vector<std::int32_t>& inputs, const HwConfig& config) {
  const LayerResult a = run_and_check(hw, layer, inputs, config);
  rtl.load({layer.device_layer("test")});
  expect_equal(a, rtl.run(inputs).front());
}

TEST(RtlEqualsHw, Figure2) {
  const HwConfig config = shipped_config("eie4");
  const LayerCase layer = figure2_layer(config);
  const auto hw = make_kept_engine("hw", config);
  const auto rtl = make_kept_engine("rtl", config);
  Driver hw_driver(*hw, config, LoadMode::kPort);
  Driver rtl_driver(*rtl, config, LoadMode::kPort);
  run_both(hw_driver, rtl_driver, layer, kFigure2Input, config);
  // Both SRAM images, through the port and through the back door.
  for (unsigned p = 0; p < config.n_pe; ++p) {
    const std::uint64_t base = config.window_base(p);
    for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{8}, config.window().ptr_offset,
                                       config.window().ptr_offset + 16, config.window().act_offset}) {
      EXPECT_EQ(hw->read(base + offset), rtl->read(base + offset));
      EXPECT_EQ(rtl->read(base + offset), rtl->backdoor_read(base + offset));
    }
  }
}

class RandomLayers : public testing::TestWithParam<const char*> {};

TEST_P(RandomLayers, LoadedThroughTheBackDoor) {
  const HwConfig config = shipped_config(GetParam());
  const auto hw = make_kept_engine("hw", config);
  const auto rtl = make_kept_engine("rtl", config);
  Driver hw_driver(*hw, config, LoadMode::kBackdoor);
  Driver rtl_driver(*rtl, config, LoadMode::kBackdoor);
  Random random(test_seed(1));
  const std::size_t most_rows = 30 * config.n_pe + 200;
  for (unsigned k = 0; k < (config.n_pe < 64 ? 40u : 15u) && !testing::Test::HasFailure(); ++k) {
    const LayerShape shape = random_shape(random, config, most_rows, 400);
    SCOPED_TRACE("layer " + std::to_string(k));
    const LayerCase layer = make_layer(shape, config, random.bits());
    run_both(hw_driver, rtl_driver, layer, make_activations(shape, random.bits()), config);
    EXPECT_EQ(hw->now_cycles(), rtl->now_cycles());
  }
}

INSTANTIATE_TEST_SUITE_P(RtlEqualsHw, RandomLayers,
                         testing::Values("eie4", "eie4-ecc", "eie4-lean", "eie4-plus", "eie16", "eie64", "eie64-lookahead",
                                         "eie64-plus"),
                         [](const auto& p) {
                           std::string name = p.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// Both hosts stall in the same cycles: the whole run takes equally long, load included.
template <class Cfg>
void run_with_stalls(std::uint64_t seed, unsigned layers) {
  const HwConfig config = shipped_config(Cfg::kName);
  HwEngine<Cfg> hw("eie", TraceOptions());
  const auto device = make_engine("rtl", config, TraceOptions());
  auto& rtl = dynamic_cast<RtlEngine&>(*device);
  Random random(seed);
  Driver hw_driver(hw, config, LoadMode::kPort);
  Driver rtl_driver(rtl, config, LoadMode::kPort);
  for (unsigned k = 0; k < layers && !testing::Test::HasFailure(); ++k) {
    const auto percent = static_cast<unsigned>(20 * random.below(5));
    const std::uint64_t stalls = random.bits();
    hw.set_host_stalls(percent, stalls);
    rtl.set_host_stalls(percent, stalls);
    const LayerShape shape = random_shape(random, config, 20 * config.n_pe, 200);
    SCOPED_TRACE("layer " + std::to_string(k));
    const LayerCase layer = make_layer(shape, config, random.bits());
    run_both(hw_driver, rtl_driver, layer, make_activations(shape, random.bits()), config);
    EXPECT_EQ(hw.now_cycles(), rtl.now_cycles());
  }
}

TEST(RtlEqualsHw, RandomHostStallsOnEie4) { run_with_stalls<cfg::eie4>(test_seed(1), 30); }
TEST(RtlEqualsHw, RandomHostStallsOnEie16) { run_with_stalls<cfg::eie16>(test_seed(1), 10); }

/// The report of a command of the program on one engine, without what must differ: its name and the time it
/// took.
nlohmann::ordered_json report_of(const TempFolder& folder, const std::string& engine, std::vector<std::string> arguments) {
  const std::string json = folder.file(engine + ".json");
  arguments.insert(arguments.begin(), "eie");
  for (const std::string& more : {std::string("--engine"), engine, std::string("--json"), json}) arguments.push_back(more);
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  EXPECT_EQ(program(static_cast<int>(argv.size()), argv.data()), kExitDone);
  EXPECT_EQ(report_fault(nlohmann::json::parse(std::ifstream(json))), "");
  auto report = nlohmann::ordered_json::parse(std::ifstream(json));
  EXPECT_EQ(report.at("engine"), engine);
  report.erase("engine");
  report.erase("options");  // they name the engine
  report.erase("host_seconds");
  for (auto& layer : report.at("layers")) {
    layer.erase("engine");
    layer.erase("host_seconds");
  }
  return report;
}

void expect_equal_reports(const std::vector<std::string>& arguments) {
  const TempFolder folder;
  const auto hw = report_of(folder, "hw", arguments);
  const auto rtl = report_of(folder, "rtl", arguments);
  EXPECT_TRUE(hw == rtl) << nlohmann::ordered_json::diff(hw, rtl);
  for (const auto& layer : rtl.at("layers")) EXPECT_TRUE(layer.at("golden_match").get<bool>());
}

std::string file(const std::string& name) { return std::string(EIE_SOURCE_DIR) + "/configs/" + name; }

const std::vector<std::string> kDigits = {"network", "--config", file("eie64.yaml"), "--network",
                                          file("networks/digits/digits.yaml")};

TEST(RtlEqualsHw, Digits) {
  std::vector<std::string> arguments = kDigits;
  arguments.insert(arguments.end(), {"--samples", "100"});
  expect_equal_reports(arguments);
}

TEST(RtlEqualsHwSlow, DigitsWholeTestSet) { expect_equal_reports(kDigits); }

void compare_nine_layers(const std::string& config) {
  expect_equal_reports({"bench", "--config", file(config), "--workload", file("workloads/paper.yaml")});
}
TEST(RtlEqualsHwSlow, NineLayersOnEie64) { compare_nine_layers("eie64.yaml"); }
TEST(RtlEqualsHwSlow, NineLayersOnEie64LookAhead) { compare_nine_layers("eie64-lookahead.yaml"); }
TEST(RtlEqualsHwSlow, NineLayersOnEie64Plus) { compare_nine_layers("eie64-plus.yaml"); }

TEST(RtlEngine, RefusesWhatTheDeviceRefuses) {
  const HwConfig config = shipped_config("eie4");
  const auto rtl = make_engine("rtl", config, TraceOptions());
  EXPECT_THROW(rtl->write(reg::kId, 1), DeviceError);
  EXPECT_THROW(rtl->read(reg::kRegisterSpace + 8), DeviceError);
  EXPECT_THROW(rtl->backdoor_write(config.window_base(4), 0), DeviceError);
  EXPECT_THROW(rtl->backdoor_read(config.window_base(0) + config.window().counter_offset), DeviceError);
  EXPECT_THROW(rtl->wait_interrupt(100), DeviceError);
  EXPECT_EQ(rtl->read(reg::kId), 0x31454945u);  // still alive
}

TEST(RtlEngine, BackDoorAndPortShowTheSameWords) {
  const HwConfig config = shipped_config("eie16");
  const auto rtl = make_engine("rtl", config, TraceOptions());
  Random random(test_seed(1));
  for (unsigned k = 0; k < 200; ++k) {
    const auto pe = static_cast<unsigned>(random.below(config.n_pe));
    const reg::WindowLayout w = config.window();
    const std::uint64_t offsets[] = {random.below(w.spmat_bytes / 8) * 8, w.ptr_offset + random.below(w.ptr_bytes / 8) * 8,
                                     w.act_offset + random.below(w.act_bytes / 8) * 8};
    const std::uint64_t mask = 0x0000FFFF0000FFFF;  // of a pair of 16-bit pointers
    for (const std::uint64_t offset : offsets) {
      const std::uint64_t address = config.window_base(pe) + offset;
      const bool pointers = offset >= w.ptr_offset && offset < w.act_offset;
      const std::uint64_t data = random.bits() & (pointers ? mask : ~std::uint64_t{0});
      rtl->backdoor_write(address, data);
      EXPECT_EQ(rtl->read(address), data);
      rtl->write(address, ~data);
      EXPECT_EQ(rtl->backdoor_read(address), ~data & (pointers ? mask : ~std::uint64_t{0}));
    }
  }
}

TEST(RtlEngine, NamesWhatItCannotDo) {
  auto message = [](const HwConfig& config, const TraceOptions& trace) -> std::string {
    try {
      make_engine("rtl", config, trace);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(shipped_config("eie256"), TraceOptions()),
            "configuration 'eie256' is not compiled for engine rtl; compiled are: eie4, eie4-ecc, "
            "eie4-lean, eie4-plus, eie16, eie64, eie64-lookahead, eie64-plus");
  HwConfig other = shipped_config("eie4");
  ++other.queue_depth;
  EXPECT_EQ(message(other, TraceOptions()),
            "configuration 'eie4': key 'queue_depth' is 8: expected 7, as compiled for engine rtl; rebuild, or give it "
            "another name and compile that");
  TraceOptions trace;
  trace.file = "waves.vcd";
  const std::string said = message(shipped_config("eie16"), trace);
  if (!said.empty()) {  // the build may have waves of it
    EXPECT_EQ(said,
              "--trace: engine rtl was built without waves of 'eie16'; expected a build with -DEIE_RTL_WAVES=eie16, or "
              "--engine hw");
  }
}

}  // namespace
}  // namespace eie::tb
