// SPDX-License-Identifier: Apache-2.0
// Bits that flip in the middle of a launch: engines hw and tlm see the same, whatever flips and when.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <set>

#include "tb/engines/model_device.h"
#include "tb/faults/flip.h"
#include "tb/test/support/test_engines.h"
#include "tb/test/system/layer_case.h"
#include "tb/test/system/rtl/same_engines.h"
#include "tb/test/system/tlm/flipped_device.h"
#include "tb/test/system/trace/same_events.h"

namespace eie::tb {
namespace {

std::string words_of(const std::string& message) {
  return message.find("STATUS.error") != std::string::npos ? "STATUS.error" : message;
}

std::vector<std::string> configurations() {
  std::vector<std::string> names;  // with ECC flips do no harm: ecc_test.cpp
  for (const std::string& name : small_configs()) {
    if (!test_config(name).ecc) names.push_back(name);
  }
  names.emplace_back("eie4");
  return names;
}

class Flips : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const bool small = GetParam().rfind("small", 0) == 0;
    config_ = small ? test_config(GetParam()) : shipped_config(GetParam());
    auto hw = small ? make_test_device(config_) : make_engine("hw", config_, TraceOptions());
    auto tlm = make_engine("tlm", config_, TraceOptions());
    hw_ = std::make_unique<FlippedDevice>(std::move(hw), config_, words_of);
    tlm_ = std::make_unique<FlippedDevice>(std::move(tlm), config_, words_of);
  }

  /// A bit of what the launch reads, mostly.
  BitFlip random_flip(Random& random, const LayerCase& layer, std::uint64_t launch, std::uint64_t cycles) const {
    BitFlip flip;
    flip.text = "random";
    flip.cycle = random.below(cycles);
    flip.pe = static_cast<unsigned>(random.below(config_.n_pe));
    flip.address = config_.window_base(flip.pe);
    const ImagePlace& place = hw_->placement().images.at(0).at(launch - 1);
    const Launch& part = layer.plan.launches.at(launch - 1);
    const auto& pointers = layer.image.pe(part.block, flip.pe).pointers;
    const std::uint64_t entries = pointers.at(part.first_column + part.columns) - pointers.at(part.first_column);
    std::uint64_t at = 0;
    switch (random.below(3)) {
      case 0:
        at = (place.entry_base.at(flip.pe) + random.below(entries + 1)) * config_.entry_bits() +
             random.below(config_.entry_bits());
        break;
      case 1:  // a few entries more or fewer
        at = (place.pointer_base + random.below(part.columns + 1)) * 32 + random.below(5);
        flip.address += config_.window().ptr_offset;
        break;
      default:
        at = random.below(random.below(2) == 0 ? config_.act_depth : std::min<std::uint64_t>(config_.act_depth, 20)) * 64 +
             random.below(64);
        flip.address += config_.window().act_offset;
    }
    flip.address += at / 64 * 8;
    flip.bit = static_cast<unsigned>(at % 64);
    return flip;
  }

  HwConfig config_;
  std::unique_ptr<FlippedDevice> hw_;
  std::unique_ptr<FlippedDevice> tlm_;
};

TEST_P(Flips, InTheMiddleOfALaunchAreTheSameOnHwAndTlm) {
  Random random(test_seed(23) ^ hash_text(GetParam()));
  constexpr unsigned kLayers = 60;
  unsigned changed = 0;
  unsigned errors = 0;
  for (unsigned k = 1; k <= kLayers && !HasFailure(); ++k) {
    const LayerCase layer = draw_dense_layer(random, config_);
    const auto inputs = make_activations(layer.shape, random.bits());
    LayerResult clean;
    hw_->flips.clear();
    tlm_->flips.clear();
    hw_->launch = tlm_->launch = 1 + random.below(layer.plan.launches.size());
    ASSERT_EQ(tlm_->run(layer, inputs, clean), "");
    ASSERT_EQ(hw_->run(layer, inputs, clean), "");
    const std::uint64_t cycles = clean.launches.at(hw_->launch - 1).cycles;
    std::vector<BitFlip> flips;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) flips.push_back(random_flip(random, layer, hw_->launch, cycles));
    for (const BitFlip& flip : flips) {
      hw_->flips.emplace_back(flip, false);
      tlm_->flips.emplace_back(flip, false);
    }
    LayerResult on_hw;
    LayerResult on_tlm;
    const std::string hw_error = hw_->run(layer, inputs, on_hw);
    const std::string tlm_error = tlm_->run(layer, inputs, on_tlm);
    std::string what = "layer " + std::to_string(k) + ": " + std::to_string(layer.shape.rows) + " x " +
                       std::to_string(layer.shape.columns) + ", launch " + std::to_string(hw_->launch);
    for (const BitFlip& flip : flips) {
      what += ", cycle " + std::to_string(flip.cycle) + " PE " + std::to_string(flip.pe) + " address " +
              std::to_string(flip.address - config_.window_base(flip.pe)) + " bit " + std::to_string(flip.bit);
    }
    SCOPED_TRACE(what);
    ASSERT_EQ(hw_error, tlm_error);
    expect_same_events(hw_->log.launches, tlm_->log.launches);
    if (hw_error.empty()) expect_same(on_hw, on_tlm);
    ASSERT_EQ(hw_->missed_flips(), tlm_->missed_flips());
    for (unsigned p = 0; p < config_.n_pe; ++p) {  // what is left in the memories
      for (std::uint64_t word = 0; word < config_.act_depth; ++word) {
        const std::uint64_t address = config_.window_base(p) + config_.window().act_offset + 8 * word;
        ASSERT_EQ(hw_->backdoor_read(address), tlm_->backdoor_read(address)) << "PE " << p << " activation word " << word;
      }
    }
    for (const BitFlip& flip : flips) ASSERT_EQ(hw_->backdoor_read(flip.address), tlm_->backdoor_read(flip.address));
    errors += hw_error.empty() ? 0 : 1;
    changed += hw_error.empty() && on_hw.outputs != clean.outputs ? 1 : 0;
    // Undone, so that the next layer finds both as the first did.
    for (const BitFlip& flip : flips) {
      for (FlippedDevice* device : {hw_.get(), tlm_.get()}) {
        device->backdoor_write(flip.address, device->backdoor_read(flip.address) ^ std::uint64_t{1} << flip.bit);
      }
    }
  }
  EXPECT_GT(changed + errors, kLayers / 20);
  std::printf("%u of %u changed outputs, %u set STATUS.error\n", changed, kLayers, errors);
}

/// A small layer on the hw engine, with flips of registers.
class RegisterFlips : public testing::Test {
 protected:
  RegisterFlips() {
    shape_.rows = 90;
    shape_.columns = 120;
    shape_.weight_density = 0.3;
    shape_.activation_density = 0.5;
    shape_.weight_limit = 60;
    shape_.activation_limit = 60;
    shape_.shift = 3;
    layer_ = make_layer(shape_, config_, 5);
    inputs_ = make_activations(shape_, 6);
    EXPECT_EQ(device_.run(layer_, inputs_, clean_), "");
    events_ = device_.log.launches.front();
  }
  static BitFlip flip_of(unsigned pe, const std::string& name, unsigned bit, std::uint64_t cycle) {
    BitFlip flip;
    flip.text = "pe=" + std::to_string(pe) + ",register=" + name;
    flip.pe = pe;
    flip.register_name = name;
    flip.bit = bit;
    flip.cycle = cycle;
    return flip;
  }
  std::string run(const BitFlip& flip, LayerResult& result) {
    device_.flips = {{flip, false}};
    device_.launch = 1;
    device_.reset();
    return device_.run(layer_, inputs_, result);
  }

  HwConfig config_ = shipped_config("eie4");
  LayerShape shape_;
  LayerCase layer_;
  std::vector<std::int32_t> inputs_;
  LayerResult clean_;
  LaunchEvents events_;
  FlippedDevice device_{make_engine("hw", config_, TraceOptions()), config_, words_of};
};

TEST_F(RegisterFlips, OfASumChangeTheOneOutputByTheOneBit) {
  const auto& states = events_.activity.states;
  const auto store =
      std::find_if(states.begin(), states.end(), [](const StateEvent& s) { return s.state == LaunchState::kStore; });
  ASSERT_NE(store, states.end());
  unsigned changed = 0;
  for (const char* file : {"source_", "destination_"}) {
    LayerResult result;
    ASSERT_EQ(run(flip_of(2, std::string("act_rw.") + file + "[4]", 3, store->cycle), result), "");
    for (std::size_t row = 0; row < result.outputs.size(); ++row) {
      if (result.outputs[row] == clean_.outputs[row]) continue;
      ++changed;
      EXPECT_EQ(row, 4u * config_.n_pe + 2);
      EXPECT_EQ(std::abs(result.outputs[row] - clean_.outputs[row]), 8);
    }
    EXPECT_EQ(result.counters.cycles, clean_.counters.cycles);
  }
  EXPECT_EQ(changed, 1u);
}

TEST_F(RegisterFlips, OfACodebookEntryChangeThePesOwnRows) {
  LayerResult result;
  ASSERT_EQ(run(flip_of(1, "arith_unit.codebook_[7]", 2, 0), result), "");
  LayerCase other;
  other.shape = shape_;
  other.matrix = std::make_unique<CodeMatrix>(shape_.rows, shape_.columns);
  for (std::size_t i = 0; i < shape_.rows; ++i) {
    for (std::size_t j = 0; j < shape_.columns; ++j) other.matrix->at(i, j) = layer_.matrix->at(i, j);
  }
  std::vector<std::int32_t> codebook = layer_.matrix->codebook();
  codebook[7] ^= 4;
  other.matrix->set_codebook(codebook);
  const GoldenResult golden = golden_of(other, inputs_, config_);
  for (std::size_t row = 0; row < result.outputs.size(); ++row) {
    EXPECT_EQ(result.outputs[row], row % config_.n_pe == 1 ? golden.outputs[row] : clean_.outputs[row]) << row;
  }
  EXPECT_NE(result.outputs, clean_.outputs);
}

TEST_F(RegisterFlips, OfAnyRegisterInAnyCycleEndInAResultOrAnError) {
  std::string names;
  try {
    device_.check_flip(flip_of(0, "nothing", 0, 0));
    FAIL() << "expected UserError";
  } catch (const UserError& error) {
    names = error.what();
  }
  names = names.substr(names.find("expected one of ") + 16);
  std::vector<std::string> all;
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find(", ", at), names.size());
    const std::string name = names.substr(at, end - at);
    all.push_back(name.substr(0, name.find(' ')));
    at = end + 2;
  }
  ASSERT_GT(all.size(), 40u);
  EXPECT_THROW(device_.check_flip(flip_of(0, "arith_unit.sum3_", 16, 0)), UserError);
  EXPECT_THROW(device_.check_flip(flip_of(4, "arith_unit.sum3_", 0, 0)), UserError);
  Random random(test_seed(77));
  std::set<std::string> effective;
  for (unsigned k = 0; k < 300; ++k) {
    const std::string& name = all[k % all.size()];
    BitFlip flip = flip_of(static_cast<unsigned>(random.below(4)), name, 0, random.below(clean_.counters.cycles));
    flip.bit = static_cast<unsigned>(random.below(4));
    try {
      device_.check_flip(flip);
    } catch (const UserError&) {
      flip.bit = 0;  // it has fewer
    }
    LayerResult result;
    const std::string error = run(flip, result);
    if (!error.empty() || result.outputs != clean_.outputs || result.counters.cycles != clean_.counters.cycles) {
      effective.insert(name);
    }
    if (error.find("watchdog") != std::string::npos) break;  // it hangs: no more launches on this device
  }
  EXPECT_GT(effective.size(), 5u);
  EXPECT_TRUE(device_.missed_flips().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, Flips, testing::ValuesIn(configurations()),
                         [](const testing::TestParamInfo<std::string>& tested) { return tested.param; });

}  // namespace
}  // namespace eie::tb
