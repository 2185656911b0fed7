// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/points.h"

#include <algorithm>
#include <map>

#include "tb/engines/compiled.h"
#include "tb/support/error.h"
#include "tb/support/sha256.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

constexpr std::uint64_t kMostPoints = 10000000;

// What decides how a matrix is drawn, split into row blocks and encoded, and what its product is.
const std::vector<std::string> kEncoding = {"n_pe", "registers", "code_width", "run_width", "data_width", "acc_width"};

// What leaves a loaded device as it is.
const std::vector<std::string> kTiming = {"queue_depth", "look_ahead"};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string encoding_text(const HwConfig& config) {
  std::string text;
  for (const std::string& key : kEncoding) text += config_value(config, key) + ' ';
  return text;
}

}  // namespace

bool same_memories(const HwConfig& a, const HwConfig& b) {
  HwConfig same = a;
  same.clock_mhz = b.clock_mhz;
  for (const std::string& key : kTiming) set_key(same, key, config_value(b, key));
  return first_difference(same, b).empty();
}

SweepPoints::SweepPoints(const SweepFile& file) : file_(file) {
  subject_.size = file.subjects.size();
  balance_.size = file.balance.size();
  base_.size = file.bases.size();
  seed_.size = file.seeds.size();
  technology_.size = file.technologies.size();
  for (const SweepKey& key : file.keys) keys_.push_back({key.values.size(), 1});

  std::vector<Axis*> order = {&subject_, &balance_, &base_, &seed_};
  for (Axis& key : keys_) order.push_back(&key);
  order.push_back(&technology_);
  size_ = 1;
  for (auto axis = order.rbegin(); axis != order.rend(); ++axis) {
    (*axis)->stride = size_;
    size_ *= (*axis)->size;
    if (size_ > kMostPoints) {
      throw UserError(file.path + ": has more than " + thousands(kMostPoints) + " points: expected at most so many");
    }
  }

  outer_ = {subject_, balance_, seed_};
  encoding_ = {base_};
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    const std::string& name = file.keys[k].name;
    if (contains(kTiming, name)) continue;
    (contains(kEncoding, name) ? encoding_ : name == "clock_mhz" ? cost_ : device_).push_back(keys_[k]);
  }
  for (std::size_t k = 0; k < keys_.size(); ++k) {  // last, and so fastest: neighbours have the same memories
    if (contains(kTiming, file.keys[k].name)) device_.push_back(keys_[k]);
  }
  cost_.push_back(technology_);
  for (const Axis& axis : outer_) shapes_outer_ *= axis.size;
  for (const Axis& axis : device_) device_runs_ *= axis.size;

  std::map<std::string, std::size_t> known;
  for (const std::uint64_t offset : offsets(encoding_)) {
    const auto [place, added] = known.insert({encoding_text(config(point(offset))), shapes_.size()});
    if (added) shapes_.emplace_back();
    shapes_[place->second].offsets.push_back(offset);
  }
  for (Shape& shape : shapes_) {
    shape.runs_before = round_runs_;
    round_runs_ += shape.offsets.size() * device_runs_;
  }
  runs_ = round_runs_ * shapes_outer_;
}

SweepPoint SweepPoints::point(std::uint64_t index) const {
  const auto on = [index](const Axis& axis) { return static_cast<std::size_t>(index / axis.stride % axis.size); };
  SweepPoint point;
  point.index = index;
  point.subject = on(subject_);
  point.balance = on(balance_);
  point.base = on(base_);
  point.seed = on(seed_);
  for (const Axis& key : keys_) point.keys.push_back(on(key));
  point.technology = on(technology_);
  return point;
}

HwConfig SweepPoints::config(const SweepPoint& point) const {
  HwConfig config = file_.bases[point.base].config;
  for (std::size_t k = 0; k < point.keys.size(); ++k) set_key(config, file_.keys[k].name, file_.keys[k].values[point.keys[k]]);
  return config;
}

HwConfig SweepPoints::encoding_config(const SweepPoint& point) const {
  constexpr unsigned kMost = 1u << 20;
  HwConfig config = this->config(point);
  config.spmat_depth = config.pointer_depth = config.act_depth = kMost;
  config.pointer_width = 20;
  return config;
}

std::string SweepPoints::digest(const SweepPoint& point) const {
  const SweepSubject& subject = file_.subjects[point.subject];
  HwConfig config = this->config(point);
  config.name = "point";
  std::string text = config_yaml(config) + subject.name + '\n' + balance_name(file_.balance[point.balance]) + '\n' +
                     file_.technologies[point.technology].name + '\n';
  if (subject.is_layer) {
    text += std::to_string(file_.seeds[point.seed]);
  } else {
    text += "samples " + std::to_string(file_.samples);
  }
  return sha256(text).substr(0, 16);
}

// All combinations of axes, the last fastest.
std::vector<std::uint64_t> SweepPoints::offsets(const std::vector<Axis>& axes) const {
  std::vector<std::uint64_t> result = {0};
  for (const Axis& axis : axes) {
    std::vector<std::uint64_t> next;
    next.reserve(result.size() * axis.size);
    for (const std::uint64_t offset : result) {
      for (std::size_t k = 0; k < axis.size; ++k) next.push_back(offset + k * axis.stride);
    }
    result = std::move(next);
  }
  return result;
}

SweepRun SweepPoints::run(std::uint64_t number) const {
  const auto outer = static_cast<std::size_t>(number / round_runs_);
  const std::uint64_t within = number % round_runs_;
  const auto after = std::upper_bound(shapes_.begin(), shapes_.end(), within,
                                      [](std::uint64_t n, const Shape& shape) { return n < shape.runs_before; });
  const auto shape = static_cast<std::size_t>(after - shapes_.begin() - 1);
  const std::uint64_t rest = within - shapes_[shape].runs_before;
  return make_run(outer, shape, shapes_[shape].offsets[rest / device_runs_], rest % device_runs_);
}

SweepRun SweepPoints::make_run(std::size_t outer, std::size_t shape, std::uint64_t offset, std::uint64_t inner) const {
  SweepRun run;
  run.group = outer * shapes_.size() + shape;
  std::size_t left = outer;
  for (auto axis = outer_.rbegin(); axis != outer_.rend(); ++axis) {
    offset += left % axis->size * axis->stride;
    left /= axis->size;
  }
  for (auto axis = device_.rbegin(); axis != device_.rend(); ++axis) {
    offset += inner % axis->size * axis->stride;
    inner /= axis->size;
  }
  for (const std::uint64_t cost : offsets(cost_)) run.points.push_back(offset + cost);
  std::sort(run.points.begin(), run.points.end());
  return run;
}

SweepRun SweepPoints::run_of(std::uint64_t index) const {
  const auto part = [index](const Axis& axis) { return index / axis.stride % axis.size; };
  std::size_t outer = 0;
  for (const Axis& axis : outer_) outer = outer * axis.size + part(axis);
  std::uint64_t inner = 0;
  for (const Axis& axis : device_) inner = inner * axis.size + part(axis);
  std::uint64_t offset = 0;
  for (const Axis& axis : encoding_) offset += part(axis) * axis.stride;
  for (std::size_t shape = 0; shape < shapes_.size(); ++shape) {
    const std::vector<std::uint64_t>& in = shapes_[shape].offsets;
    if (std::find(in.begin(), in.end(), offset) != in.end()) return make_run(outer, shape, offset, inner);
  }
  throw std::logic_error("sweep: a point in no group");
}

}  // namespace eie::tb
