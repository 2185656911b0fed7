// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/sweep_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <type_traits>

#include "tb/formats/models/onnx_network.h"
#include "tb/support/error.h"
#include "tb/support/sha256.h"
#include "tb/support/version.h"
#include "tb/support/yaml_map.h"
#include "tlm/config/config_keys.h"

namespace eie::tb {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostValues = 100000;  // of one key
const std::vector<std::string> kLimits = {"cycles", "time_us", "energy_uj", "power_mw", "area_mm2"};

std::string number_text(double value) {
  char text[32];  // the shortest that reads back equal
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

template <class T>
std::optional<T> parsed(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_same_v<T, double>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

// The text of a value as config_value() gives it; empty when the key cannot have it.
std::string checked_value(const WholeKey& key, const std::string& text) {
  const auto value = parsed<std::uint32_t>(text);
  return value && key.range.allows(*value) ? std::to_string(*value) : "";
}
std::string checked_value(const RealKey& key, const std::string& text) {
  const auto value = parsed<double>(text);
  return value && key.range.allows(*value) ? number_text(*value) : "";
}
std::string checked_value(const FlagKey&, const std::string& text) { return text == "true" || text == "false" ? text : ""; }
std::string checked_value(const TextKey&, const std::string&) { return ""; }

std::string expected_of(const WholeKey& key) { return key.range.expected(); }
std::string expected_of(const RealKey& key) { return key.range.expected(); }
std::string expected_of(const FlagKey&) { return "true or false"; }
std::string expected_of(const TextKey&) { return "nothing"; }

/// {from, to, step} or {from, to, times}, the end included where a step meets it.
std::vector<std::string> range_values(const YamlMap& keys, const std::string& key) {
  const YamlMap range = keys.map(key, {"from", "to", "step", "times"});
  constexpr double kMost = 1e9;
  const double from = range.real("from", 0, kMost);
  const double to = range.real("to", from, kMost);
  if (range.has("step") == range.has("times")) {
    throw ConfigError(range.path() + ": key '" + key + "': a range has " + (range.has("step") ? "step and times" : "no step") +
                      ": expected {from, to, step} or {from, to, times}");
  }
  const bool adds = range.has("step");
  const double by = adds ? range.real("step", 1e-6, kMost) : range.real("times", 1.000001, kMost);
  if (!adds && from == 0) range.fail("from", "a number over 0 with times");
  std::vector<std::string> values;
  for (std::size_t k = 0;; ++k) {
    const double steps = static_cast<double>(k);
    double value = adds ? from + by * steps : from * std::pow(by, steps);
    if (std::abs(value - std::round(value)) < 1e-9 * std::max(1.0, value)) value = std::round(value);  // rounding only
    if (value > to) break;
    if (values.size() == kMostValues) keys.fail(key, "at most " + std::to_string(kMostValues) + " values");
    values.push_back(value == std::round(value) ? std::to_string(static_cast<std::uint64_t>(value)) : number_text(value));
  }
  return values;
}

SweepKey read_key(const YamlMap& keys, const std::string& name) {
  const std::vector<std::string> texts = keys.is_map(name) ? range_values(keys, name) : keys.texts(name);
  SweepKey result{name, {}};
  for_each_key([&](const auto& key, auto) {
    if (name != key.name) return;
    for (const std::string& text : texts) {
      const std::string value = checked_value(key, text);
      if (value.empty()) keys.fail_value(name, text, expected_of(key));
      if (std::find(result.values.begin(), result.values.end(), value) != result.values.end()) {
        keys.fail_value(name, text + " twice", "different values");
      }
      result.values.push_back(value);
    }
  });
  return result;
}

/// Finds files; remembers what they hold for the digest.
class Files {
 public:
  Files(const std::string& sweep, const SweepDataFinder& find) : folder_(fs::path(sweep).parent_path()), find_(find) {}

  std::string path(SweepData kind, const std::string& key, const std::string& text) const {
    const fs::path beside = folder_ / text;
    std::error_code failure;
    if (fs::path(text).is_relative() && !folder_.empty() && fs::is_regular_file(beside, failure)) return beside.string();
    return find_(kind, key, text);
  }
  void add(const std::string& role, const std::string& path) {
    if (!path.empty()) text_ += role + ' ' + sha256_file(path) + '\n';
  }
  const std::string& text() const { return text_; }

 private:
  fs::path folder_;
  const SweepDataFinder& find_;
  std::string text_;
};

void expect_different(const YamlMap& map, const std::string& key, const std::vector<std::string>& texts) {
  std::set<std::string> seen;
  for (const std::string& text : texts) {
    if (!seen.insert(text).second) map.fail_value(key, text + " twice", "different values");
  }
}

std::vector<std::string> different(const YamlMap& map, const std::string& key, const std::string& otherwise) {
  if (!map.has(key)) return {otherwise};
  std::vector<std::string> texts = map.texts(key);
  expect_different(map, key, texts);
  return texts;
}

void read_layers(const YamlMap& map, Files& files, SweepFile& sweep) {
  const std::string name = map.has("workload") ? map.text("workload") : "paper";
  const Workload workload = load_workload(files.path(SweepData::kWorkload, "workload", name));
  std::vector<std::string> names = different(map, "layers", "");
  if (names == std::vector<std::string>{"all"}) {
    names.clear();
    for (const LayerSpec& layer : workload.layers) names.push_back(layer.name);
  }
  for (const std::string& wanted : names) {
    const auto found = std::find_if(workload.layers.begin(), workload.layers.end(),
                                    [&](const LayerSpec& layer) { return layer.name == wanted; });
    if (found == workload.layers.end()) {
      std::string all;
      for (const LayerSpec& layer : workload.layers) all += ", " + layer.name;
      map.fail_value("layers", wanted, "layers of " + workload.path + ": all" + all);
    }
    SweepSubject subject;
    subject.is_layer = true;
    subject.name = wanted;
    subject.layer = *found;
    sweep.subjects.push_back(std::move(subject));
  }
  files.add("workload", workload.path);
}

void read_networks(const YamlMap& map, Files& files, SweepFile& sweep) {
  for (const std::string& text : different(map, "networks", "")) {
    SweepSubject subject;
    const std::string path = files.path(SweepData::kNetwork, "networks", text);
    subject.name = fs::path(path).stem().string();
    subject.network = load_network(path);
    if (subject.network.inputs.empty()) map.fail_value("networks", text, "networks whose file names its inputs");
    for (const SweepSubject& other : sweep.subjects) {
      if (other.name == subject.name) map.fail_value("networks", text, "networks of different names");
    }
    files.add("network", path);
    files.add("inputs", file_of(subject.network.inputs));
    for (const LayerFiles& layer : subject.network.layers) {
      files.add("weights", file_of(layer.weights));
      for (const std::string& data : onnx_data_files(layer.weights)) files.add("weights", data);
      if (!layer.bias.empty()) files.add("bias", file_of(layer.bias));
    }
    sweep.subjects.push_back(std::move(subject));
  }
}

BalanceKind balance_kind(const YamlMap& map, const std::string& text) {
  for (const BalanceKind kind : {BalanceKind::kNone, BalanceKind::kRows, BalanceKind::kWindows}) {
    if (text == balance_name(kind)) return kind;
  }
  map.fail_value("balance", text, "none, rows or windows");
}

/// What the points depend on, as a text.
std::string canonical(const SweepFile& sweep, const std::string& files) {
  std::string text = std::string("eie-sweep ") + kVersion + '\n' + files;
  for (const SweepSubject& subject : sweep.subjects) text += (subject.is_layer ? "layer " : "network ") + subject.name + '\n';
  for (const BalanceKind kind : sweep.balance) text += std::string("balance ") + balance_name(kind) + '\n';
  text += "window " + std::to_string(sweep.balance_window) + "\nsamples " + std::to_string(sweep.samples) + '\n';
  for (const SweepBase& base : sweep.bases) text += "base " + config_yaml(base.config);
  for (const std::uint64_t seed : sweep.seeds) text += "seed " + std::to_string(seed) + '\n';
  for (const SweepKey& key : sweep.keys) {
    text += "key " + key.name;
    for (const std::string& value : key.values) text += ' ' + value;
    text += '\n';
  }
  for (const SweepTechnology& technology : sweep.technologies) text += "technology " + technology.name + '\n';
  for (const SweepLimit& limit : sweep.limits) text += "limit " + limit.column + ' ' + number_text(limit.most) + '\n';
  return text;
}

}  // namespace

void set_key(HwConfig& config, const std::string& key, const std::string& value) {
  bool found = false;
  for_each_key([&](const auto& k, auto) {
    if (key != k.name) return;
    using Value = typename std::decay_t<decltype(k)>::Value;
    found = true;
    if constexpr (std::is_same_v<Value, std::string>) {
      config.*k.value = value;
    } else if constexpr (std::is_same_v<Value, bool>) {
      config.*k.value = value == "true";
    } else {
      config.*k.value = parsed<Value>(value).value_or(Value{});
    }
  });
  if (!found) throw std::logic_error("sweep: no key " + key);
}

SweepFile load_sweep(const std::string& path, const SweepDataFinder& find) {
  const YamlMap map = YamlMap::load(path, {"base", "layers", "workload", "networks", "samples", "balance", "balance_window",
                                           "seed", "keys", "technology", "constraints"});
  Files files(path, find);
  SweepFile sweep;
  sweep.path = path;
  if (!map.has("layers") && !map.has("networks")) {
    throw ConfigError(path + ": has neither layers nor networks: expected `layers: [...]` or `networks: [...]`");
  }
  if (map.has("layers")) read_layers(map, files, sweep);
  if (map.has("workload") && !map.has("layers")) map.fail("workload", "layers beside it");
  if (map.has("networks")) read_networks(map, files, sweep);
  if (map.has("samples")) {
    if (!map.has("networks")) map.fail("samples", "networks beside it");
    sweep.samples = static_cast<std::uint64_t>(map.integer("samples", 1, std::int64_t{1} << 40));
  }
  for (const std::string& text : different(map, "balance", "none")) sweep.balance.push_back(balance_kind(map, text));
  if (map.has("balance_window")) {
    sweep.balance_window = static_cast<std::size_t>(map.integer("balance_window", 1, std::int64_t{1} << 40));
  }
  for (const std::string& text : different(map, "base", "eie64")) {
    SweepBase base;
    base.config = load_config(files.path(SweepData::kConfig, "base", text));
    base.name = base.config.name;
    for (const SweepBase& other : sweep.bases) {
      if (other.name == base.name) map.fail_value("base", text, "configurations of different names");
    }
    sweep.bases.push_back(std::move(base));
  }
  if (map.has("seed") && map.is_map("seed")) {
    for (const std::string& text : range_values(map, "seed")) sweep.seeds.push_back(parsed<std::uint64_t>(text).value_or(0));
  } else {
    for (const std::string& text : different(map, "seed", "1")) {
      const auto seed = parsed<std::uint64_t>(text);
      if (!seed) map.fail_value("seed", text, "integers from 0 to 2^64 - 1");
      sweep.seeds.push_back(*seed);
    }
  }
  if (sweep.seeds.size() > 1 && map.has("networks")) {
    map.fail("seed", "one seed with networks: nothing of them is drawn");
  }
  std::vector<std::string> allowed = config_keys();
  allowed.erase(std::remove(allowed.begin(), allowed.end(), "name"), allowed.end());
  if (map.has("keys")) {
    const YamlMap keys = map.map("keys", allowed);
    for (const std::string& name : keys.names()) sweep.keys.push_back(read_key(keys, name));
  }
  for (const std::string& text : different(map, "technology", "paper45")) {
    const std::string file = files.path(SweepData::kTechnology, "technology", text);
    SweepTechnology technology{"", Technology::load(file)};
    technology.name = technology.technology.name();
    files.add("technology", file);
    sweep.technologies.push_back(std::move(technology));
  }
  if (map.has("constraints")) {
    const YamlMap limits = map.map("constraints", kLimits);
    for (const std::string& name : limits.names()) sweep.limits.push_back({name, limits.real(name, 0, 1e18)});
  }
  sweep.digest = sha256(canonical(sweep, files.text()));
  return sweep;
}

}  // namespace eie::tb
