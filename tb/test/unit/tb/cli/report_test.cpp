// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/report.h"

#include <gtest/gtest.h>

#include "tb/engines/compiled.h"
#include "tb/support/version.h"
#include "tb/test/support/test_support.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

LayerReport layer(const std::string& name) {
  LayerReport r;
  r.name = name;
  r.rows = 8;
  r.columns = 6;
  r.counters = Counters{};
  Counters& c = *r.counters;
  c.launches = 2;
  c.batches = 3;
  c.cycles = 100;
  c.broadcasts = 40;
  c.queue_full_cycles = 7;
  c.act_transfer_cycles = 9;
  c.io_beats = 55;
  c.pe = {{90, 5, 0, 10, 20, 80, 4}, {50, 1, 0, 50, 10, 80, 4}};
  r.formats = Formats{13, 15, 10, 18};
  r.codebook = {0, -5, 5};
  r.verdict = Verdict{};
  r.float_error = FloatError{0.5, 0.25};
  return r;
}

Report report(std::vector<LayerReport> layers) {
  Report r;
  r.command = "run";
  r.engine = "fake";
  r.config = small_config(2);
  r.layers = std::move(layers);
  return r;
}

TEST(Report, OneLayerHasEveryKey) {
  const auto j = to_json(report({layer("")}));
  for (const char* key : {"schema",       "version",    "seed",         "engine",      "config",      "n_pe",     "clock_mhz",
                          "rows",         "columns",    "cycles",       "time_us",     "io_cycles",   "launches", "batches",
                          "broadcasts",   "work",       "load_balance", "stalls",      "sram_reads",  "formats",  "codebook",
                          "golden_match", "mismatches", "saturated",    "float_error", "host_seconds"}) {
    EXPECT_TRUE(j.contains(key)) << key;
  }
  EXPECT_FALSE(j.contains("layers"));
  EXPECT_TRUE(j["seed"].is_null());
  EXPECT_TRUE(j["io_cycles"].is_null());
  EXPECT_EQ(j["version"], kVersion);
  EXPECT_DOUBLE_EQ(j["time_us"], 0.125);
  EXPECT_EQ(j["work"]["entries"], 140);
  EXPECT_EQ(j["work"]["padding"], 6);
  EXPECT_EQ(j["work"]["per_pe_min"], 50);
  EXPECT_EQ(j["work"]["per_pe_mean"], 70.0);
  EXPECT_EQ(j["work"]["per_pe_max"], 90);
  EXPECT_DOUBLE_EQ(j["load_balance"], 0.7);
  EXPECT_EQ(j["stalls"]["starved_pe_cycles"], 60);
  EXPECT_EQ(j["sram_reads"]["spmat"], 30);
  EXPECT_EQ(j["sram_reads"]["ptr"], 160);
  EXPECT_EQ(j["sram_reads"]["act"], 8);
  EXPECT_EQ(j["formats"]["shift"], 18);
  EXPECT_EQ(j["golden_match"], true);
}

TEST(Report, ListsAddUp) {
  Report r = report({layer("a"), layer("b")});
  r.list = true;
  r.samples = 4;
  r.layers[1].port_load = true;
  LayerResult seen;
  seen.outputs = {1, 2};
  r.layers[1].verdict->add("", seen, {1, 3}, false);
  const auto j = to_json(r);
  EXPECT_EQ(j["cycles"], 200);
  EXPECT_EQ(j["work"]["per_pe_max"], 180);
  EXPECT_DOUBLE_EQ(j["load_balance"], 0.7);
  EXPECT_EQ(j["io_cycles"], 110);
  EXPECT_EQ(j["golden_match"], false);
  EXPECT_EQ(j["mismatches"], 1);
  EXPECT_EQ(j["samples"], 4);
  EXPECT_TRUE(j["accuracy"].is_null());
  ASSERT_EQ(j["layers"].size(), 2u);
  EXPECT_EQ(j["layers"][0]["name"], "a");
  EXPECT_EQ(j["layers"][0]["golden_match"], true);
  EXPECT_EQ(j["layers"][1]["io_cycles"], 55);
}

TEST(Report, VerdictNamesTheFirstMismatch) {
  Verdict v;
  LayerResult seen;
  seen.outputs = {1, 2, 3};
  v.add("layer x, ", seen, {1, 2, 3}, false);
  EXPECT_TRUE(v.match());
  v.add("layer x, ", seen, {1, 5, 6}, false);
  EXPECT_EQ(v.mismatches, 2u);
  EXPECT_EQ(v.first, "layer x, output 1: expected 5, seen 2");
  Verdict s;
  s.add("", seen, {1, 2, 3}, true);
  EXPECT_FALSE(s.match());
  EXPECT_EQ(s.mismatches, 0u);
  EXPECT_EQ(s.first, "saturated: expected true, seen false");
}

TEST(Report, WithoutADeviceItsKeysAreNull) {
  LayerReport r;
  r.stored = Work{{3, 4}, 1};
  r.planned_launches = 2;
  const auto j = to_json(report({r}));
  EXPECT_TRUE(j["cycles"].is_null());
  EXPECT_TRUE(j["golden_match"].is_null());
  EXPECT_EQ(j["launches"], 2);
  EXPECT_EQ(j["work"]["entries"], 7);
}

TEST(Report, NamesEveryKeyOfTheConfiguration) {
  const HwConfig config = small_config(2);
  const auto j = config_json(config);
  EXPECT_EQ(j.size(), number_rules().size() + 5);  // name, skip_padding, ecc, pe_counters, clock_mhz
  for (const NumberRule& rule : number_rules()) {
    ASSERT_TRUE(j.contains(rule.key)) << rule.key;
    EXPECT_EQ(j[rule.key], config.*rule.value) << rule.key;
    HwConfig other = config;
    other.*rule.value += 1;
    EXPECT_EQ(first_difference(other, config), std::string("key '") + rule.key + "' is " + std::to_string(other.*rule.value) +
                                                   ": expected " + std::to_string(config.*rule.value));
  }
}

}  // namespace
}  // namespace eie::tb
