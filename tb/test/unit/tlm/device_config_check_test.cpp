// SPDX-License-Identifier: Apache-2.0
#include "tlm/config/device_config_check.h"

#include <functional>
#include <gtest/gtest.h>
#include <sstream>

#include "tb/encoding/code_matrix.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"
#include "tb/host/driver.h"
#include "tb/host/placement.h"
#include "tb/host/recording_device.h"
#include "tb/test/support/fake_device.h"
#include "tb/test/support/test_support.h"
#include "tb/test/unit/tlm/bad_configs.h"
#include "tlm/model/address_map.h"
#include "tlm/model/core.h"
#include "tlm/model/device_model.h"
#include "tlm/model/image.h"
#include "tlm/model/memories.h"
#include "tlm/model/timing/recurrence.h"

namespace eie::tb {
namespace {

std::string message_of(const std::function<void()>& make) {
  try {
    make();
  } catch (const InvalidConfig& error) {
    return error.what();
  }
  return "nothing was refused";
}

std::string file_text(const DeviceConfig& c) {
  std::ostringstream text;
  text << "name: " << (c.name.empty() ? "\"\"" : c.name) << "\n";
  for (const NumberRule& rule : number_rules()) text << rule.key << ": " << c.*rule.value << "\n";
  text << "skip_padding: " << (c.skip_padding ? "true" : "false") << "\n";
  text << "pe_counters: " << (c.pe_counters ? "true" : "false") << "\n";
  text << "ecc: " << (c.ecc ? "true" : "false") << "\nclock_mhz: " << c.clock_mhz << "\n";
  return text.str();
}

TEST(DeviceConfigCheck, LegalOnesPass) {
  DeviceConfig c = small_config();
  EXPECT_EQ(&check(c), &c);
  for (const NumberCase& number : number_cases()) {
    for (const unsigned value : number.legal) {
      DeviceConfig other = c;
      other.*number.field = value;
      EXPECT_NO_THROW(check(other)) << number.key << " " << value;
    }
  }
  for (const double clock : {0.001, 0.5, 800.0, 1e6}) {
    DeviceConfig other = c;
    other.clock_mhz = clock;
    EXPECT_NO_THROW(check(other)) << clock;
  }
  // 1024 PEs with the largest memories: a device of 64-bit addresses.
  c.n_pe = 1024;
  c.spmat_width = 512;
  c.spmat_depth = c.pointer_depth = c.act_depth = 1u << 20;
  EXPECT_NO_THROW(check(c));
  EXPECT_GT(c.window_base(1023), std::uint64_t{1} << 32);
  EXPECT_NO_THROW(model::AddressMap{c});
}

TEST(DeviceConfigCheck, SaysWhichValueIsWrong) {
  const std::vector<BadConfig> all = bad_configs(small_config());
  EXPECT_GT(all.size(), 80u);
  for (const BadConfig& bad : all) {
    const auto fault = find_fault(bad.config);
    ASSERT_TRUE(fault) << bad.key << " is " << bad.expected;
    EXPECT_EQ(fault->key, bad.key);
    EXPECT_EQ(fault->value + ": expected " + fault->expected, bad.expected);
    const std::string message = message_of([&] { check(bad.config); });
    EXPECT_NE(message.find("': key '" + bad.key + "' is " + bad.expected), std::string::npos) << message;
    EXPECT_EQ(message.rfind("configuration '", 0), 0u) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  DeviceConfig c = small_config();
  c.n_pe = 3;
  EXPECT_EQ(message_of([&] { check(c); }), "configuration 'small': key 'n_pe' is 3: expected a power of two from 1 to 1024");
  EXPECT_THROW(check(c), std::invalid_argument);
}

TEST(DeviceConfigCheck, FilesGetTheSameWordsWithTheirLine) {
  TempFolder folder;
  for (const BadConfig& bad : bad_configs(small_config())) {
    if (bad.key == "name" || bad.config.clock_mhz != bad.config.clock_mhz) continue;  // text of its own
    const std::string path = folder.write("c.yaml", file_text(bad.config));
    try {
      load_config(path);
      ADD_FAILURE() << bad.key << " is " << bad.expected << ": was read";
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.rfind(path + ":", 0), 0u) << message;
      EXPECT_NE(message.find(": key '" + bad.key + "' is " + bad.expected), std::string::npos) << message;
    }
  }
}

TEST(DeviceConfigCheck, ModelsHaveErrorCorrection) {
  TempFolder folder;
  DeviceConfig c = small_config();
  c.ecc = true;
  EXPECT_NO_THROW(check(c));
  EXPECT_NO_THROW(DeviceModel{c});
  EXPECT_TRUE(load_config(folder.write("c.yaml", file_text(c))).ecc);
}

TEST(DeviceConfigCheck, EveryConstructorAsks) {
  const DeviceConfig good = small_config();
  const model::Memories memories(good);
  FakeDevice fake(good);
  for (const BadConfig& bad : bad_configs(good)) {
    const DeviceConfig& c = bad.config;
    const std::string expected = message_of([&] { check(c); });
    EXPECT_EQ(message_of([&] { model::AddressMap{c}; }), expected);
    EXPECT_EQ(message_of([&] { model::Memories{c}; }), expected);
    EXPECT_EQ(message_of([&] { model::Recurrence{c}; }), expected);
    EXPECT_EQ(message_of([&] { (model::ImageCache{c, memories}); }), expected);
    EXPECT_EQ(message_of([&] { (model::Image{c, memories, model::ImageKey{}}); }), expected);
    EXPECT_EQ(message_of([&] { model::Core::make(c); }), expected);
    EXPECT_EQ(message_of([&] { DeviceModel{c}; }), expected);
    EXPECT_EQ(message_of([&] { (Driver{fake, c, LoadMode::kPort}); }), expected);
    EXPECT_EQ(message_of([&] { (RecordingDevice{fake, c, nullptr, nullptr}); }), expected);
    // Nor do functions of the host divide by what is not there.
    EXPECT_EQ(message_of([&] { split_rows(8, c); }), expected);
    EXPECT_EQ(message_of([&] { one_block(8, c); }), expected);
    EXPECT_EQ(message_of([&] { encode(CodeMatrix(8, 8), c, {}); }), expected);
    EXPECT_EQ(message_of([&] { plan_launches({}, c, false, "layer"); }), expected);
    EXPECT_EQ(message_of([&] { place_layers({}, c); }), expected);
  }
}

}  // namespace
}  // namespace eie::tb
