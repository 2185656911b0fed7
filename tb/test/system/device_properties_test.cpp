// SPDX-License-Identifier: Apache-2.0
// Whatever the layers, the configuration and the stalls of the host: a device gives what the golden model
// gives, and in each PE entries - padding skipped + starved = cycles.
//
// A SystemC kernel elaborates once a process, and RapidCheck wants another device for every case and for
// every smaller counterexample. So each case runs in a child process; this one never elaborates.
#include <algorithm>
#include <array>
#include <exception>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tb/test/support/property.h"
#include "tb/test/support/test_engines.h"
#include "tb/test/system/layer_case.h"

namespace eie::tb {
namespace {

/// One layer, run on one or several inputs.
struct RandomLayer {
  LayerShape shape;
  unsigned samples = 1;
  bool port = false;  // loaded through the port
  std::uint64_t seed = 0;
};

std::ostream& operator<<(std::ostream& os, const RandomLayer& l) {
  const LayerShape& s = l.shape;
  return os << "\n  " << s.rows << " x " << s.columns << ", weight density " << s.weight_density << ", activation density "
            << s.activation_density << ", empty rows " << s.empty_rows << ", empty columns " << s.empty_columns << ", shift "
            << s.shift << (s.bias ? ", bias" : "") << (s.relu ? ", ReLU" : "") << ", weights to " << s.weight_limit
            << ", activations to " << s.activation_limit << ", " << l.samples
            << (l.port ? " samples through the port" : " samples") << ", seed " << l.seed;
}

/// What happened to a case.
struct Outcome {
  std::string fault;  // empty: none
  unsigned too_large = 0;
  unsigned several_launches = 0;
  unsigned several_batches = 0;
  unsigned queue_full = 0;
  unsigned saturated = 0;
};

/// What to run.
struct Case {
  HwConfig config;
  unsigned stalls = 0;  // of the host, percent
  std::uint64_t seed = 0;
  std::vector<RandomLayer> layers;
  bool damage = false;  // changes the first weight of PE 0 behind the driver's back
};

/// Runs the layers, one after another, on a device of this process.
Outcome run_case(const Case& c) {
  const HwConfig& config = c.config;
  Outcome outcome;
  const auto device = make_test_device(config);
  device->set_host_stalls(c.stalls, c.seed);
  for (std::size_t n = 0; n < c.layers.size() && outcome.fault.empty(); ++n) {
    const RandomLayer& random = c.layers[n];
    LayerCase layer;
    try {
      layer = make_layer(random.shape, config, random.seed);
    } catch (const UserError&) {
      ++outcome.too_large;
      continue;
    }
    Driver driver(*device, config, random.port ? LoadMode::kPort : LoadMode::kBackdoor);
    driver.load({layer.device_layer("test")});
    if (c.damage) device->backdoor_write(config.window_base(0), device->backdoor_read(config.window_base(0)) ^ 1);
    for (unsigned s = 0; s < random.samples && outcome.fault.empty(); ++s) {
      const std::vector<std::int32_t> inputs = make_activations(random.shape, random.seed + 1 + s);
      const LayerResult result = driver.run(inputs).front();
      const std::string fault = layer_fault(result, layer, inputs, config, c.stalls);
      if (!fault.empty()) outcome.fault = "layer " + std::to_string(n) + ", sample " + std::to_string(s) + ": " + fault;
      outcome.several_launches += result.counters.launches > 1 ? 1 : 0;
      outcome.several_batches += result.counters.batches > result.counters.launches ? 1 : 0;
      outcome.queue_full += result.counters.queue_full_cycles > 0 ? 1 : 0;
      outcome.saturated += result.saturated ? 1 : 0;
    }
  }
  return outcome;
}

/// The same in a child process.
Outcome run_in_child(const Case& c) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return {"no pipe", 0, 0, 0, 0, 0};
  std::fflush(nullptr);  // the child must not print again what is still in the buffer
  const pid_t child = fork();
  if (child == 0) {
    Outcome outcome;
    try {
      outcome = run_case(c);
    } catch (const std::exception& error) {
      outcome.fault = error.what();
    }
    std::ostringstream text;
    text << outcome.too_large << ' ' << outcome.several_launches << ' ' << outcome.several_batches << ' ' << outcome.queue_full
         << ' ' << outcome.saturated << ' ' << outcome.fault << '\n';
    const std::string line = text.str();
    const bool sent = write(ends[1], line.data(), line.size()) == static_cast<ssize_t>(line.size());
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  std::array<char, 512> buffer{};
  for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  Outcome outcome;
  std::istringstream in(text);
  in >> outcome.too_large >> outcome.several_launches >> outcome.several_batches >> outcome.queue_full >> outcome.saturated;
  if (!in || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    outcome.fault = "the simulation ended with status " + std::to_string(status);
  } else {
    in.ignore(1);
    std::getline(in, outcome.fault);
  }
  return outcome;
}

/// A layer from one element to several row blocks and batches of `config`.
RandomLayer any_layer(const HwConfig& config) {
  RandomLayer layer;
  LayerShape& shape = layer.shape;
  const auto most = static_cast<std::size_t>(2 * config.batch_columns() + 10);
  shape.rows = *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(most, 500) + 1);
  shape.columns = *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(most, 300) + 1);
  shape.weight_density = *any_density() / 1000.0;
  shape.activation_density = *any_density() / 1000.0;
  if (*rc::gen::arbitrary<bool>()) shape.empty_rows = *rc::gen::inRange(0, 1001) / 1000.0;
  if (*rc::gen::arbitrary<bool>()) shape.empty_columns = *rc::gen::inRange(0, 1001) / 1000.0;
  shape.shift = *rc::gen::inRange(0, static_cast<int>(2 * config.data_width - 1));
  shape.bias = *rc::gen::arbitrary<bool>();
  shape.relu = *rc::gen::arbitrary<bool>();
  auto limit = [&config] { return static_cast<std::int32_t>((std::int64_t{1} << *rc::gen::inRange(1u, config.data_width)) - 1); };
  shape.weight_limit = limit();
  shape.activation_limit = limit();
  layer.samples = *rc::gen::inRange(1u, 4u);
  layer.port = *rc::gen::arbitrary<bool>();
  layer.seed = *rc::gen::inRange<std::uint64_t>(0, 1000000);
  return layer;
}

/// The compiled configurations, the smallest first: what a counterexample is reduced to.
std::vector<HwConfig> configs() {
  std::vector<HwConfig> all;
  for (const std::string& name : small_configs()) all.push_back(test_config(name));
  std::stable_sort(all.begin(), all.end(), [](const HwConfig& a, const HwConfig& b) { return a.n_pe < b.n_pe; });
  return all;
}

void check_device(int cases, unsigned most_layers) {
  const std::vector<HwConfig> all = configs();
  check_property(cases, [&all, most_layers] {
    Case c;
    c.config = all[*rc::gen::resize(100, rc::gen::inRange<std::size_t>(0, all.size()))];
    c.stalls = *rc::gen::weightedOneOf<unsigned>({{1, rc::gen::just(0u)}, {2, rc::gen::inRange(0u, 91u)}});
    c.seed = *rc::gen::arbitrary<std::uint64_t>();
    const unsigned count = *rc::gen::inRange(1u, most_layers + 1);
    for (unsigned k = 0; k < count; ++k) c.layers.push_back(any_layer(c.config));
    RC_LOG() << c.config.name << ", host stalls " << c.stalls << " %, seed " << c.seed;
    for (const RandomLayer& layer : c.layers) RC_LOG() << layer;
    RC_LOG() << "\n";
    const Outcome outcome = run_in_child(c);
    RC_CLASSIFY(outcome.too_large > 0, "a layer does not fit");
    RC_CLASSIFY(outcome.several_launches > 0, "several launches");
    RC_CLASSIFY(outcome.several_batches > 0, "several batches");
    RC_CLASSIFY(outcome.queue_full > 0, "queue full");
    RC_CLASSIFY(outcome.saturated > 0, "saturated");
    RC_ASSERT(outcome.fault == "");
  });
}

TEST(DeviceProperties, OneLayerIsWhatTheGoldenModelSays) { check_device(400, 1); }

TEST(DeviceProperties, LayersInARowAreWhatTheGoldenModelSays) { check_device(150, 5); }

TEST(DeviceProperties, ADamagedWeightIsFound) {
  Case c;
  c.config = configs().front();
  c.layers.resize(1);
  LayerShape& shape = c.layers[0].shape;
  shape.rows = 5;
  shape.columns = 7;
  shape.weight_density = shape.activation_density = 1;
  shape.shift = 4;
  shape.weight_limit = 100;
  shape.activation_limit = 3;
  EXPECT_EQ(run_in_child(c).fault, "");
  c.damage = true;
  EXPECT_NE(run_in_child(c).fault.find("layer 0, sample 0: row 0: expected"), std::string::npos);
}

}  // namespace
}  // namespace eie::tb
