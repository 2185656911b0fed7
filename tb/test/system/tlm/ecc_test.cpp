// SPDX-License-Identifier: Apache-2.0
// Memories that correct themselves: engines hw and tlm see the same whatever flips and when, a layer with single errors
// gives what it gives without them in as many cycles, and no double error goes by unseen.
#include "tlm/model/ecc/ecc.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <set>

#include "tb/engines/engines.h"
#include "tb/engines/model_device.h"
#include "tb/host/driver.h"
#include "tb/host/forwarding_device.h"
#include "tb/test/support/test_engines.h"
#include "tb/test/system/layer_case.h"
#include "tb/test/system/rtl/same_engines.h"
#include "tb/test/system/tlm/flipped_device.h"
#include "tb/test/system/trace/same_events.h"

namespace eie::tb {
namespace {

std::vector<std::string> ecc_configs() {
  std::vector<std::string> names;
  for (const std::string& name : small_configs()) {
    if (test_config(name).ecc) names.push_back(name);
  }
  return names;
}

/// The configuration with ECC whose RTL is compiled, "" if none is.
#ifdef EIE_ECC_RTL
const char* const kRtlConfig = EIE_ECC_RTL;
#else
const char* const kRtlConfig = "";
#endif
std::vector<std::string> with_rtl(std::vector<std::string> names) {
  if (*kRtlConfig != '\0') names.emplace_back(kRtlConfig);
  return names;
}

std::string words_of(const std::string& message) { return message.substr(message.find(": ") + 2); }  // behind the engine's name

/// Bits of a code word: the data bits of the windows' word, and its check bits from 64 on.
struct CodeWord {
  std::uint64_t address = 0;
  std::vector<unsigned> bits;
};

/// The code words of the word at an address.
std::vector<CodeWord> code_words(const HwConfig& config, MemoryFlip::Memory memory, std::uint64_t address, std::uint64_t word) {
  const model::EccMemories ecc(config);
  std::vector<CodeWord> all;
  unsigned check = 64;
  for (const auto& place : ecc.places(memory, 0, word)) {
    for (unsigned p = 0; p < place.parts; ++p) {
      CodeWord code;
      code.address = address;
      for (unsigned k = 0; k < place.part_bits; ++k) code.bits.push_back(place.shift + p * place.part_step + k);
      for (unsigned k = 0; k < ecc.code_of(place.sram.kind).check_bits; ++k) code.bits.push_back(check++);
      all.push_back(code);
    }
  }
  return all;
}

std::uint64_t offset_of(const HwConfig& config, MemoryFlip::Memory memory) {
  return memory == MemoryFlip::Memory::kSpmat ? 0
         : memory == MemoryFlip::Memory::kPtr ? config.window().ptr_offset
                                              : config.window().act_offset;
}

constexpr MemoryFlip::Memory kMemories[] = {MemoryFlip::Memory::kSpmat, MemoryFlip::Memory::kPtr, MemoryFlip::Memory::kAct};

// --- Engines hw and tlm ----------------------------------------------------------------------------------------

/// The first is hw, the other tlm or, with the configuration whose RTL is here, rtl.
class EccFlips : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    has_rtl_ = GetParam() == kRtlConfig;
    config_ = has_rtl_ ? shipped_config(kRtlConfig) : test_config(GetParam());
    auto hw = has_rtl_ ? make_engine("hw", config_, TraceOptions()) : make_test_device(config_);
    auto tlm = make_engine(has_rtl_ ? "rtl" : "tlm", config_, TraceOptions());
    hw_ = std::make_unique<FlippedDevice>(std::move(hw), config_, words_of);
    tlm_ = std::make_unique<FlippedDevice>(std::move(tlm), config_, words_of);
  }

  /// A code word of what the launch reads, mostly.
  CodeWord random_code_word(Random& random, const LayerCase& layer, std::uint64_t launch) const {
    const unsigned pe = static_cast<unsigned>(random.below(config_.n_pe));
    const MemoryFlip::Memory memory = kMemories[random.below(3)];
    const ImagePlace& place = hw_->placement().images.at(0).at(launch - 1);
    const Launch& part = layer.plan.launches.at(launch - 1);
    const auto& pointers = layer.image.pe(part.block, pe).pointers;
    const std::uint64_t entries = pointers.at(part.first_column + part.columns) - pointers.at(part.first_column);
    std::uint64_t word = 0;
    if (memory == MemoryFlip::Memory::kSpmat) {
      word = (place.entry_base.at(pe) + random.below(entries + 1)) * config_.entry_bits() / 64;
    } else if (memory == MemoryFlip::Memory::kPtr) {
      word = (place.pointer_base + random.below(part.columns + 1)) / 2;
    } else {
      word = random.below(random.below(2) == 0 ? config_.act_depth : std::min<std::uint64_t>(config_.act_depth, 8));
    }
    const std::uint64_t address = config_.window_base(pe) + offset_of(config_, memory) + 8 * word;
    const auto all = code_words(config_, memory, address, word);
    CodeWord code = all[random.below(all.size())];
    // A pointer that is far off makes a launch that hardly ends.
    const auto far_off = [memory](unsigned bit) { return memory == MemoryFlip::Memory::kPtr && bit < 64 && bit % 32 >= 9; };
    code.bits.erase(std::remove_if(code.bits.begin(), code.bits.end(), far_off), code.bits.end());
    return code;
  }

  bool has_rtl_ = false;
  HwConfig config_;
  std::unique_ptr<FlippedDevice> hw_;
  std::unique_ptr<FlippedDevice> tlm_;
};

TEST_P(EccFlips, AreTheSameOnTwoEngines) {
  Random random(test_seed(29) ^ hash_text(GetParam()));
  constexpr unsigned kLayers = 80;
  unsigned unharmed = 0;
  unsigned uncorrected = 0;
  for (unsigned k = 1; k <= kLayers && !HasFailure(); ++k) {
    const LayerCase layer = draw_dense_layer(random, config_);
    const auto inputs = make_activations(layer.shape, random.bits());
    LayerResult clean;
    for (FlippedDevice* device : {hw_.get(), tlm_.get()}) {
      device->flips.clear();
      device->launch = 1 + k % layer.plan.launches.size();
    }
    ASSERT_EQ(tlm_->run(layer, inputs, clean), "");
    ASSERT_EQ(hw_->run(layer, inputs, clean), "");
    const std::uint64_t cycles = clean.launches.at(hw_->launch - 1).cycles;
    // One error in each of several code words, or several in some.
    std::string what = "layer " + std::to_string(k) + ", launch " + std::to_string(hw_->launch);
    const bool singles = random.below(2) == 0;
    std::set<std::pair<std::uint64_t, unsigned>> touched;
    for (std::uint64_t n = 1 + random.below(8); n > 0; --n) {
      const CodeWord word = random_code_word(random, layer, hw_->launch);
      if (singles && !touched.emplace(word.address, word.bits.front()).second) continue;
      const bool before = has_rtl_ || random.below(3) == 0;
      const std::uint64_t cycle = random.below(cycles);
      for (std::uint64_t bits = singles ? 1 : 1 + random.below(3); bits > 0; --bits) {
        BitFlip flip;
        flip.text = "random";
        flip.address = word.address;
        flip.pe = static_cast<unsigned>((word.address - reg::kWindowBase) / config_.window().stride);
        flip.bit = word.bits[random.below(word.bits.size())];
        flip.cycle = random.below(3) == 0 ? random.below(cycles) : cycle;
        hw_->flips.emplace_back(flip, before);
        tlm_->flips.emplace_back(flip, before);
        what += ", cycle " + std::to_string(before ? 0 : flip.cycle) + " PE " + std::to_string(flip.pe) + " address " +
                std::to_string(flip.address - config_.window_base(flip.pe)) + " bit " + std::to_string(flip.bit);
      }
    }
    SCOPED_TRACE(what);
    LayerResult on_hw;
    LayerResult on_tlm;
    const std::string hw_error = hw_->run(layer, inputs, on_hw);
    const std::string tlm_error = tlm_->run(layer, inputs, on_tlm);
    ASSERT_EQ(hw_error, tlm_error);
    expect_same_events(hw_->log.launches, tlm_->log.launches);
    if (hw_error.empty()) expect_same(on_hw, on_tlm);
    if (singles) {
      ASSERT_EQ(hw_error, "");
      expect_same(clean, on_hw);
      ++unharmed;
    }
    uncorrected += hw_error.find("STATUS.uncorrected") != std::string::npos ? 1 : 0;
    for (const std::uint64_t at : {reg::kStatus, reg::kIrqStatus, reg::kEccCorrected, reg::kEccDetected}) {
      ASSERT_EQ(hw_->read(at), tlm_->read(at)) << "register " << at;
    }
    // What is left in the memories, wrong bits among them; then both are as they were written.
    for (unsigned p = 0; p < config_.n_pe; ++p) {
      for (const MemoryFlip::Memory memory : kMemories) {
        const std::uint64_t used = has_rtl_ ? 256 : UINT64_MAX;  // its memories are large
        const std::uint64_t words = memory == MemoryFlip::Memory::kSpmat ? config_.spmat_depth * config_.spmat_width / 64
                                    : memory == MemoryFlip::Memory::kPtr ? config_.pointer_depth / 2
                                                                         : config_.act_depth;
        for (std::uint64_t word = 0; word < std::min(words, used); ++word) {
          const std::uint64_t address = config_.window_base(p) + offset_of(config_, memory) + 8 * word;
          const std::uint64_t stored = hw_->backdoor_read(address);
          ASSERT_EQ(stored, tlm_->backdoor_read(address)) << "PE " << p << " word " << address - config_.window_base(p);
        }
      }
    }
    for (const auto& [flip, before] : hw_->flips) {
      const std::uint64_t seen = hw_->read(flip.address);
      ASSERT_EQ(seen, tlm_->read(flip.address)) << "address " << flip.address;
      hw_->write(flip.address, seen);
      tlm_->write(flip.address, seen);
    }
    ASSERT_EQ(hw_->corrected(), tlm_->corrected());
    ASSERT_EQ(hw_->detected(), tlm_->detected());
    for (FlippedDevice* device : {hw_.get(), tlm_.get()}) {
      device->write(reg::kStatus, reg::kStatusUncorrected);
      device->write(reg::kIrqStatus, reg::kIrqUncorrected | reg::kIrqDone);
    }
  }
  EXPECT_GT(unharmed, kLayers / 4);
  EXPECT_GT(uncorrected, kLayers / 20);
  EXPECT_GT(hw_->corrected(), kLayers / 4);
  std::printf("%u layers unharmed by single errors, %u with STATUS.uncorrected; %llu words corrected, %llu detected\n", unharmed,
              uncorrected, static_cast<unsigned long long>(hw_->corrected()), static_cast<unsigned long long>(hw_->detected()));
}

INSTANTIATE_TEST_SUITE_P(All, EccFlips, testing::ValuesIn(with_rtl(ecc_configs())),
                         [](const auto& p) { return p.param == kRtlConfig ? std::string("rtl") : p.param; });

// --- Campaign --------------------------------------------------------------------------------------------------

/// A layer whose launch reads every word of it, with faults in words that are read.
class Campaign {
 public:
  Campaign(std::unique_ptr<Device> device, const HwConfig& config, std::uint64_t seed)
      : config_(config), device_(std::move(device), config, words_of), random_(seed) {
    shape_.rows = std::min<std::size_t>(2 * config.n_pe, config.batch_columns());
    shape_.columns = config.n_pe * 4;
    shape_.weight_density = 0.8;
    shape_.activation_density = 1;
    shape_.weight_limit = 5;
    shape_.activation_limit = 5;
    shape_.shift = 0;
    layer_ = make_layer(shape_, config, 3);
    inputs_ = make_activations(shape_, 4);
    for (std::int32_t& value : inputs_) value = value == 0 ? 1 : value;  // every column is read
    EXPECT_EQ(device_.run(layer_, inputs_, clean_), "");
    EXPECT_EQ(layer_.plan.launches.size(), 1u);
    EXPECT_EQ(clean_.outputs, golden_of(layer_, inputs_, config).outputs);
  }

  /// `errors` wrong bits in one code word, before the launch or in a cycle before it is read.
  void run(MemoryFlip::Memory memory, unsigned errors) {
    const unsigned pe = static_cast<unsigned>(random_.below(config_.n_pe));
    const std::uint64_t word = some_word(memory, pe);
    const std::uint64_t address = config_.window_base(pe) + offset_of(config_, memory) + 8 * word;
    const auto all = code_words(config_, memory, address, word);
    std::vector<unsigned> bits = some_code_word(all, memory, pe, word).bits;
    // A pointer that is far off makes a launch that hardly ends: in few of the runs any bit may be wrong.
    const auto far_off = [memory](unsigned bit) { return memory == MemoryFlip::Memory::kPtr && bit < 64 && bit % 32 >= 9; };
    const bool any_bit = random_.below(device_.engine() == "tlm" ? 16 : 64) == 0;
    if (errors > 1 && !any_bit) bits.erase(std::remove_if(bits.begin(), bits.end(), far_off), bits.end());
    device_.flips.clear();
    device_.launch = 1;
    std::string what = "PE " + std::to_string(pe) + " address " + std::to_string(address - config_.window_base(pe));
    for (unsigned k = 0; k < errors; ++k) {
      std::swap(bits[k], bits[k + random_.below(bits.size() - k)]);
      BitFlip flip;
      flip.address = address;
      flip.pe = pe;
      flip.bit = bits[k];
      const bool before = device_.engine() == "rtl" || random_.below(2) == 0;  // else in cycle 0: nothing is read in it
      device_.flips.emplace_back(flip, before);
      what += " bit " + std::to_string(flip.bit);
    }
    SCOPED_TRACE(what);
    const std::uint64_t corrected = device_.corrected();
    const std::uint64_t detected = device_.detected();
    LayerResult result;
    const std::string error = device_.run(layer_, inputs_, result);
    if (errors == 1) {
      ASSERT_EQ(error, "");
      expect_same(clean_, result);
      ASSERT_GE(device_.corrected(), corrected + 1);
      ASSERT_EQ(device_.detected(), detected);
      ASSERT_EQ(device_.read(reg::kStatus) & reg::kStatusUncorrected, 0u);
      ++corrected_runs;
    } else {
      // A pointer that is far off makes a launch that hardly ends.
      const bool hangs = error.find("no interrupt") != std::string::npos;
      ASSERT_TRUE(hangs || error.find("STATUS.uncorrected") != std::string::npos) << error;
      ASSERT_EQ(device_.read(reg::kStatus) & reg::kStatusUncorrected, reg::kStatusUncorrected);
      ASSERT_GE(device_.detected(), detected + 1);
      ASSERT_EQ(device_.corrected(), corrected);
      ASSERT_EQ(device_.read(reg::kIrqStatus) & reg::kIrqUncorrected, reg::kIrqUncorrected);
      device_.write(reg::kStatus, reg::kStatusUncorrected | reg::kStatusError | reg::kStatusSaturated);
      device_.write(reg::kIrqStatus, reg::kIrqUncorrected);
      device_.flips.clear();
      if (hangs) device_.reset();
      device_.backdoor_write(address, device_.backdoor_read(address));  // a code word again; a run loads all
      if (hangs) {
        LayerResult again;
        ASSERT_EQ(device_.run(layer_, inputs_, again), "");
      }
      ++detected_runs;
    }
  }

  std::uint64_t corrected_runs = 0;
  std::uint64_t detected_runs = 0;

 private:
  /// One that the layer reads.
  std::uint64_t some_word(MemoryFlip::Memory memory, unsigned pe) {
    const ImagePlace& place = device_.placement().images.at(0).at(0);
    switch (memory) {
      case MemoryFlip::Memory::kSpmat: {
        const std::uint64_t entries = layer_.image.pe(0, pe).entries.size();
        return (place.entry_base.at(pe) + random_.below(entries)) * config_.entry_bits() / 64;
      }
      case MemoryFlip::Memory::kPtr:
        return (place.pointer_base + random_.below(shape_.columns + 1)) / 2;
      default:
        return device_.placement().acts.at(0).in_word + random_.below(config_.act_words(config_.local_length(shape_.columns)));
    }
  }
  /// Of a pair of pointers, one that a column has.
  CodeWord some_code_word(const std::vector<CodeWord>& all, MemoryFlip::Memory memory, unsigned /*pe*/, std::uint64_t word) {
    std::size_t pick = random_.below(all.size());
    if (memory == MemoryFlip::Memory::kPtr) {
      const std::uint64_t first = device_.placement().images.at(0).at(0).pointer_base;
      if (2 * word + pick < first || 2 * word + pick > first + shape_.columns) pick = 1 - pick;
    }
    return all[pick];
  }

  HwConfig config_;
  FlippedDevice device_;
  Random random_;
  LayerShape shape_;
  LayerCase layer_;
  std::vector<std::int32_t> inputs_;
  LayerResult clean_;
};

void run_campaign(std::unique_ptr<Device> device, const HwConfig& config, unsigned faults) {
  Campaign campaign(std::move(device), config, test_seed(31));
  for (const MemoryFlip::Memory memory : kMemories) {
    for (const unsigned errors : {1u, 2u}) {
      for (unsigned k = 0; k < faults; ++k) {
        campaign.run(memory, errors);
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }
  EXPECT_EQ(campaign.corrected_runs, 3u * faults);
  EXPECT_EQ(campaign.detected_runs, 3u * faults);
  std::printf("%s, each of 3 kinds of SRAM: %u single errors corrected, %u double ones detected\n", config.name.c_str(), faults,
              faults);
}

class EccCampaign : public testing::TestWithParam<std::string> {};

TEST_P(EccCampaign, TenThousandOfEachOnTheModel) {
  const HwConfig config = test_config(GetParam());
  run_campaign(std::make_unique<ModelDevice>(config), config, 10'000);
}
TEST_P(EccCampaign, FiveHundredOfEachOnHw) {
  const HwConfig config = test_config(GetParam());
  run_campaign(make_test_device(config), config, 500);
}

#ifdef EIE_ECC_RTL
TEST(EccCampaignOfRtl, FiveHundredOfEach) {
  const HwConfig config = shipped_config(kRtlConfig);
  run_campaign(make_engine("rtl", config, TraceOptions()), config, 500);
}
#endif

INSTANTIATE_TEST_SUITE_P(All, EccCampaign, testing::ValuesIn(ecc_configs()), [](const auto& p) { return p.param; });

}  // namespace
}  // namespace eie::tb
