// SPDX-License-Identifier: Apache-2.0
// The description of the register map as `eie info --registers json` prints it, register by register and field by field against
// the device of the same configuration: reset values, bits that are kept, who may read and write what, and when. The other forms
// are held against this one by register_forms.py, hw/ against the table by register_map_test.cpp.
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "tb/config/config.h"
#include "tb/registers/description.h"
#include "tb/support/random.h"
#include "tlm/config/config_keys.h"
#include "tlm/model/device_model.h"

namespace eie::tb {
namespace {

using Json = nlohmann::json;
using model::Access;
using model::DeviceModel;

constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

/// All configurations of the tree, but for those with so much memory that a device of them takes long to make.
std::vector<std::string> config_files() {
  std::vector<std::string> files;
  for (const char* folder : {"configs", "tb/test/system/configs"}) {
    for (const auto& entry : std::filesystem::directory_iterator(std::string(EIE_SOURCE_DIR) + "/" + folder)) {
      if (entry.path().extension() == ".yaml" && load_config(entry.path()).n_pe <= 64) files.push_back(entry.path());
    }
  }
  return files;
}

class RegistersTest : public testing::TestWithParam<std::string> {
 protected:
  RegistersTest() : config_(load_config(GetParam())), map_(Json::parse(map_json(describe_map(config_)))), device_(config_) {}

  /// Access at the next edge.
  Access read(std::uint64_t address, std::uint64_t& data) { return device_.read(++edge_, address, data); }
  Access write(std::uint64_t address, std::uint64_t data) { return device_.write(++edge_, address, data, 0xFF); }

  static std::uint64_t bits(const Json& field) {
    return kAllOnes >> (64 - field["width"].get<unsigned>()) << field["lsb"].get<unsigned>();
  }
  static std::uint64_t reset_value(const Json& r) {
    std::uint64_t value = 0;
    for (const Json& field : r["fields"]) value |= field["reset"].get<std::uint64_t>() << field["lsb"].get<unsigned>();
    return value;
  }
  static std::uint64_t kept(const Json& r) {
    std::uint64_t mask = 0;
    for (const Json& field : r["fields"]) mask |= field["access"] == "read-write" ? bits(field) : 0;
    return mask;
  }
  static bool is_codebook(const Json& r) { return r["name"] == "CODEBOOK"; }

  void expect_reset_values() {
    for (const Json& r : map_["registers"]) {
      for (unsigned k = 0; k < r["count"]; ++k) {
        std::uint64_t data = 0;
        const Access answer = read(r["offset"].get<std::uint64_t>() + 8 * k, data);
        EXPECT_EQ(answer, r["readable"] ? Access::kOk : Access::kNotAllowed) << r["name"];
        EXPECT_EQ(data, r["readable"] ? reset_value(r) : 0) << r["name"];
      }
    }
  }

  /// Starts a launch that runs for a while, whatever the memories hold.
  void start() {
    ASSERT_EQ(write(reg::kInLength, kAllOnes), Access::kOk);
    ASSERT_EQ(write(reg::kOutLength, 1), Access::kOk);
    ASSERT_EQ(write(reg::kLayerCtrl, reg::kLayerFirst | reg::kLayerLast), Access::kOk);
    ASSERT_EQ(write(reg::kCtrl, reg::kCtrlStart), Access::kOk);
  }

  const HwConfig config_;
  const Json map_;
  DeviceModel device_;
  std::uint64_t edge_ = 10;
};

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = std::filesystem::path(info.param).stem();
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}
INSTANTIATE_TEST_SUITE_P(EveryConfiguration, RegistersTest, testing::ValuesIn(config_files()), name_of);

TEST_P(RegistersTest, ResetValues) {
  expect_reset_values();
  // The same behind a soft reset, when every register has been written.
  for (const Json& r : map_["registers"]) {
    if (!r["writable"] || r["name"] == "CTRL") continue;
    for (unsigned k = 0; k < r["count"]; ++k) {
      EXPECT_EQ(write(r["offset"].get<std::uint64_t>() + 8 * k, kAllOnes), Access::kOk) << r["name"];
    }
  }
  ASSERT_EQ(write(reg::kCtrl, reg::kCtrlSoftReset), Access::kOk);
  edge_ += 5;
  expect_reset_values();
}

TEST_P(RegistersTest, FieldsLieBesideEachOther) {
  std::uint64_t end = 0;
  for (const Json& r : map_["registers"]) {
    EXPECT_GE(r["offset"], end) << r["name"];
    end = r["offset"].get<std::uint64_t>() + 8 * r["count"].get<unsigned>();
    std::uint64_t taken = 0;
    EXPECT_FALSE(r["fields"].empty()) << r["name"];
    for (const Json& field : r["fields"]) {
      EXPECT_LE(field["lsb"].get<unsigned>() + field["width"].get<unsigned>(), 64u) << r["name"] << field["name"];
      EXPECT_EQ(taken & bits(field), 0u) << r["name"] << field["name"];
      taken |= bits(field);
      EXPECT_FALSE(field["meaning"].get<std::string>().empty()) << r["name"] << field["name"];
    }
  }
  EXPECT_LE(end, reg::kRegisterSpace);
}

TEST_P(RegistersTest, WritesKeepTheReadWriteFields) {
  Random random(1, 2, 3);
  for (const Json& r : map_["registers"]) {
    if (r["name"] == "CTRL") continue;
    const std::uint64_t reset = reset_value(r);
    for (unsigned k = 0; k < r["count"]; ++k) {
      const std::uint64_t at = r["offset"].get<std::uint64_t>() + 8 * k;
      for (unsigned round = 0; round < 3; ++round) {
        const std::uint64_t data = round == 0 ? kAllOnes : random.bits();
        EXPECT_EQ(write(at, data), r["writable"] ? Access::kOk : Access::kNotAllowed) << r["name"];
        std::uint64_t expected = (reset & ~kept(r)) | (data & kept(r));
        if (is_codebook(r)) {
          const unsigned spare = 64 - config_.data_width;
          expected = k == 0 ? 0 : static_cast<std::uint64_t>(static_cast<std::int64_t>(data << spare) >> spare);
        }
        std::uint64_t seen = 0;
        EXPECT_EQ(read(at, seen), Access::kOk) << r["name"];
        EXPECT_EQ(seen, expected) << r["name"] << " of " << std::hex << data;
      }
      EXPECT_EQ(write(at, 0), r["writable"] ? Access::kOk : Access::kNotAllowed);
    }
  }
}

// What the description does not have, the device does not have.
TEST_P(RegistersTest, EverythingElseIsRefused) {
  std::map<std::uint64_t, std::string> there;
  for (const Json& r : map_["registers"]) {
    for (unsigned k = 0; k < r["count"]; ++k) there[r["offset"].get<std::uint64_t>() + 8 * k] = r["name"];
  }
  for (std::uint64_t at = 0; at < reg::kRegisterSpace + 64; at += 8) {
    if (there.count(at) != 0) continue;
    std::uint64_t data = 0;
    EXPECT_EQ(read(at, data), Access::kNoSuchAddress) << std::hex << at;
    EXPECT_EQ(write(at, kAllOnes), Access::kNoSuchAddress) << std::hex << at;
  }
}

TEST_P(RegistersTest, WhileALaunchRuns) {
  std::map<std::string, std::uint64_t> before;
  start();
  for (const Json& r : map_["registers"]) {
    std::uint64_t data = 0;
    if (r["readable"] && read(r["offset"], data) == Access::kOk) before[r["name"]] = data;
  }
  EXPECT_NE(before["STATUS"] & reg::kStatusBusy, 0u);
  for (const Json& r : map_["registers"]) {
    const std::uint64_t at = r["offset"];
    const std::string busy = r["while_busy"];
    const Access refused = r["writable"] ? Access::kBusy : Access::kNotAllowed;
    if (busy == "all but start") {
      EXPECT_EQ(write(at, 0), Access::kOk) << r["name"];
      EXPECT_EQ(write(at, reg::kCtrlStart), Access::kBusy) << r["name"];
    } else {
      EXPECT_EQ(write(at, kAllOnes), busy == "all" && r["writable"] ? Access::kOk : refused) << r["name"];
    }
    if (!r["readable"]) continue;
    std::uint64_t data = 0;
    EXPECT_EQ(read(at, data), busy == "nothing" ? Access::kBusy : Access::kOk) << r["name"];
    if (busy == "reads") {
      EXPECT_EQ(data, before[r["name"]]) << r["name"];
    }
  }
  for (const Json& memory : map_["windows"]["memories"]) {
    const std::uint64_t at = map_["windows"]["base"].get<std::uint64_t>() + memory["offset"].get<std::uint64_t>();
    std::uint64_t data = 0;
    EXPECT_EQ(read(at, data), Access::kBusy) << memory["name"];
    EXPECT_EQ(write(at, 0), memory["writable"] ? Access::kBusy : Access::kNotAllowed) << memory["name"];
  }
  ASSERT_TRUE(device_.finish_edge().has_value());
  EXPECT_LT(edge_, *device_.finish_edge()) << "the launch was too short for this test";
}

// A 1 clears, a 0 and ones elsewhere do not. IRQ_STATUS.done comes with the end of every launch.
TEST_P(RegistersTest, WriteOneToClear) {
  start();
  edge_ = *device_.finish_edge() + 5;
  for (const Json& r : map_["registers"]) {
    for (const Json& field : r["fields"]) {
      if (r["name"] != "IRQ_STATUS" || field["name"] != "done") continue;
      ASSERT_EQ(field["access"], "write-one-to-clear");
      const auto is_set = [&] {
        std::uint64_t data = 0;
        EXPECT_EQ(read(r["offset"], data), Access::kOk);
        return (data & bits(field)) != 0;
      };
      EXPECT_TRUE(is_set());
      write(r["offset"], 0);
      write(r["offset"], ~bits(field));
      EXPECT_TRUE(is_set());
      write(r["offset"], bits(field));
      EXPECT_FALSE(is_set());
    }
  }
}

// Every memory of the first and the last window begins and ends where the description says; between them there is nothing.
TEST_P(RegistersTest, Windows) {
  const Json& windows = map_["windows"];
  const std::uint64_t base = windows["base"];
  const std::uint64_t stride = windows["stride"];
  EXPECT_EQ(windows["count"], config_.n_pe);
  std::uint64_t cap3 = 0;
  ASSERT_EQ(read(reg::kCap3, cap3), Access::kOk);
  EXPECT_EQ(stride, std::uint64_t{1} << (cap3 >> reg::kCapLog2StrideLsb & reg::kCapLog2StrideMask));
  for (const std::uint64_t window : {base, base + stride * (config_.n_pe - 1)}) {
    const auto expect = [&](std::uint64_t offset, bool there, bool writable, const std::string& name) {
      std::uint64_t data = 0;
      EXPECT_EQ(read(window + offset, data), there ? Access::kOk : Access::kNoSuchAddress) << name << ' ' << std::hex << offset;
      EXPECT_EQ(write(window + offset, 0), !there     ? Access::kNoSuchAddress
                                           : writable ? Access::kOk
                                                      : Access::kNotAllowed)
          << name;
    };
    std::uint64_t end = 0;
    for (const Json& memory : windows["memories"]) {
      const std::uint64_t first = memory["offset"];
      const std::uint64_t last = first + memory["bytes"].get<std::uint64_t>() - 8;
      ASSERT_GE(first, end) << memory["name"];
      if (first > end) {
        expect(end, false, false, "hole");
        expect(first - 8, false, false, "hole");
      }
      expect(first, true, memory["writable"], memory["name"]);
      expect(last, true, memory["writable"], memory["name"]);
      end = last + 8;
      EXPECT_TRUE(memory["registers"].empty() || memory["registers"].size() == memory["bytes"].get<std::uint64_t>() / 8);
    }
    ASSERT_LE(end, stride);
    if (end < stride) expect(end, false, false, "hole");
  }
  std::uint64_t data = 0;
  EXPECT_EQ(read(base + stride * config_.n_pe, data), Access::kNoSuchAddress);
  EXPECT_EQ(read(base - 8, data), Access::kNoSuchAddress);
}

// Every field of CAP0 to CAP3 is the value of a key, and every key that hardware is made with is a field.
TEST_P(RegistersTest, CapFieldsAreTheKeys) {
  std::map<std::string, std::uint64_t> fields;
  for (const Json& r : map_["registers"]) {
    if (r["offset"] < reg::kCap0 || r["offset"] > reg::kCap3) continue;
    for (const Json& field : r["fields"]) fields[field["name"]] = field["reset"];
  }
  EXPECT_EQ(fields.size(), 18u);
  for_each_key([&](const auto& key, auto) {
    using Value = typename std::decay_t<decltype(key)>::Value;
    if constexpr (std::is_integral_v<Value>) {
      ASSERT_EQ(fields.count(key.name), 1u) << key.name;
      EXPECT_EQ(fields[key.name], std::uint64_t{config_.*key.value}) << key.name;
      fields.erase(key.name);
    }
  });
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields.begin()->first, "log2_stride");
}

}  // namespace
}  // namespace eie::tb
