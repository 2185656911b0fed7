// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/wave_diff.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "tb/support/error.h"

namespace eie::tb {
namespace {

/// Signals that are read in one pass: a bound on the memory, not on the dump.
constexpr std::size_t kPass = 4096;

/// Where a dump's cycles are.
struct Cycles {
  std::uint64_t launch = 0;  // time of its first cycle
  std::uint64_t period = 0;

  std::int64_t at(std::uint64_t time) const {
    const auto distance = static_cast<std::int64_t>(time - launch);
    const auto length = static_cast<std::int64_t>(period);
    return distance >= 0 ? distance / length : -((-distance + length - 1) / length);
  }
};

std::optional<std::size_t> find_path(const DumpHeader& header, const std::string& end) {
  for (std::size_t k = 0; k < header.variables.size(); ++k) {
    const std::string path = header.variables[k].path();
    if (path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0) return k;
  }
  return std::nullopt;
}

Cycles find_cycles(DumpFile& dump, const std::string& name) {
  const std::optional<std::size_t> busy = find_path(dump.header(), "host_port.busy");
  if (!busy) throw UserError(name + ": has no signal host_port.busy: expected a dump with the host port");
  std::vector<std::size_t> all(dump.header().variables.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const std::optional<std::size_t> counter = find_path(dump.header(), "launch.launch_cycle");
  Cycles cycles;
  std::uint64_t before = dump.header().first;
  bool was = true;
  bool found = false;
  std::optional<std::uint64_t> in_launch;  // the time when the dump begins in the middle of a launch, and the cycle there
  std::uint64_t first_cycle = 0;
  dump.changes(all, [&](std::uint64_t time, std::size_t variable, std::string_view value) {
    cycles.period = std::gcd(cycles.period, time - before);
    before = time;
    if (counter && variable == *counter && time == dump.header().first) first_cycle = bits_value(value).value_or(0);
    if (variable != *busy || found) return;
    const bool now = value == "1";
    if (now && was && time == dump.header().first) in_launch = time;
    if (now && !was) {
      cycles.launch = time;
      found = true;
    }
    was = now;
  });
  if (cycles.period == 0) cycles.period = 1;
  if (in_launch && counter) {  // a window
    cycles.launch = *in_launch - first_cycle * cycles.period;
    found = true;
  }
  if (!found)
    throw UserError(name + ": shows no start of a launch (a rise of host_port.busy): expected one to align the dumps on");
  return cycles;
}

std::string padded(std::string_view value, const DumpVariable& v) {
  if (v.kind != DumpKind::kBits || value.size() >= v.width) return std::string(value);
  const char fill = !value.empty() && (value.front() == 'x' || value.front() == 'z') ? value.front() : '0';
  return std::string(v.width - value.size(), fill) + std::string(value);
}

bool same_value(const std::string& a, const std::string& b, DumpKind kind) {
  if (a == b) return true;
  if (kind != DumpKind::kBits || a.size() != b.size()) return false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] != b[k] && a[k] != 'x' && b[k] != 'x') return false;
  }
  return true;
}

std::string shown(const std::string& value, DumpKind kind) {
  if (kind != DumpKind::kBits || value.size() <= 1) return value;
  const std::optional<std::uint64_t> number = bits_value(value);
  if (!number) return value;
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(*number));
  return text;
}

/// The values of some signals, cycle by cycle: what changed when.
class History {
 public:
  History(DumpFile& dump, const Cycles& cycles, const std::vector<std::size_t>& variables) : steps_(variables.size()) {
    std::unordered_map<std::size_t, std::size_t> place;
    for (std::size_t k = 0; k < variables.size(); ++k) place.emplace(variables[k], k);
    dump.changes(variables, [&](std::uint64_t time, std::size_t variable, std::string_view value) {
      auto& steps = steps_[place.at(variable)];
      const std::int64_t cycle = cycles.at(time);
      const std::uint32_t text = number_of(padded(value, dump.header().variables[variable]));
      if (!steps.empty() && steps.back().first == cycle) {
        steps.back().second = text;
      } else {
        steps.emplace_back(cycle, text);
      }
    });
  }
  const std::vector<std::pair<std::int64_t, std::uint32_t>>& steps(std::size_t k) const { return steps_[k]; }
  const std::string& text(std::uint32_t number) const { return *texts_[number]; }

 private:
  std::uint32_t number_of(const std::string& text) {
    const auto [at, isnew] = numbers_.emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (isnew) texts_.push_back(&at->first);
    return at->second;
  }
  std::vector<std::vector<std::pair<std::int64_t, std::uint32_t>>> steps_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<const std::string*> texts_;
};

/// How one signal differs over the common cycles.
std::optional<SignalDifference> difference(const DumpVariable& v, const History& a, const History& b, std::size_t k,
                                           std::int64_t from, std::int64_t to) {
  SignalDifference found;
  const auto& sa = a.steps(k);
  const auto& sb = b.steps(k);
  const std::string unknown(v.kind == DumpKind::kBits ? v.width : 0, 'x');
  std::size_t ia = 0;
  std::size_t ib = 0;
  std::int64_t cycle = from;
  while (cycle <= to) {
    while (ia < sa.size() && sa[ia].first <= cycle) ++ia;
    while (ib < sb.size() && sb[ib].first <= cycle) ++ib;
    const std::int64_t next_a = ia < sa.size() ? sa[ia].first : to + 1;
    const std::int64_t next_b = ib < sb.size() ? sb[ib].first : to + 1;
    const std::int64_t end = std::min({next_a, next_b, to + 1});
    const std::string& va = ia == 0 ? unknown : a.text(sa[ia - 1].second);
    const std::string& vb = ib == 0 ? unknown : b.text(sb[ib - 1].second);
    if (!same_value(va, vb, v.kind)) {
      if (found.cycles == 0) {
        found.cycle = cycle;
        found.a = shown(va, v.kind);
        found.b = shown(vb, v.kind);
      }
      found.cycles += static_cast<std::uint64_t>(end - cycle);
    }
    cycle = end;
  }
  if (found.cycles == 0) return std::nullopt;
  found.scope = v.scope;
  found.name = v.name;
  return found;
}

}  // namespace

WaveDifference compare_waves(DumpFile& a, const std::string& name_a, DumpFile& b, const std::string& name_b,
                             std::int64_t not_before) {
  WaveDifference result;
  std::map<std::string, std::size_t> in_b;
  for (std::size_t k = 0; k < b.header().variables.size(); ++k) in_b.emplace(b.header().variables[k].path(), k);
  std::vector<std::size_t> left;
  std::vector<std::size_t> right;
  for (std::size_t k = 0; k < a.header().variables.size(); ++k) {
    const auto other = in_b.find(a.header().variables[k].path());
    if (other == in_b.end()) {
      ++result.only_a;
    } else {
      left.push_back(k);
      right.push_back(other->second);
    }
  }
  result.compared = left.size();
  result.only_b = in_b.size() - left.size();
  if (left.empty())
    throw UserError(name_a + " and " + name_b + ": have no signal of the same name: expected two dumps of one device");
  const Cycles cycles_a = find_cycles(a, name_a);
  const Cycles cycles_b = find_cycles(b, name_b);
  result.start_a = cycles_a.launch;
  result.period_a = cycles_a.period;
  result.from = std::max({cycles_a.at(a.header().first), cycles_b.at(b.header().first), not_before});
  result.to = std::min(cycles_a.at(a.header().last), cycles_b.at(b.header().last));
  if (result.from > result.to) throw UserError(name_a + " and " + name_b + ": have no cycle of the launch in common");

  std::map<std::string, BlockDifference> blocks;
  for (std::size_t begin = 0; begin < left.size(); begin += kPass) {
    const std::size_t end = std::min(begin + kPass, left.size());
    const std::vector<std::size_t> pass_a(left.begin() + static_cast<std::ptrdiff_t>(begin),
                                          left.begin() + static_cast<std::ptrdiff_t>(end));
    const std::vector<std::size_t> pass_b(right.begin() + static_cast<std::ptrdiff_t>(begin),
                                          right.begin() + static_cast<std::ptrdiff_t>(end));
    const History history_a(a, cycles_a, pass_a);
    const History history_b(b, cycles_b, pass_b);
    for (std::size_t k = 0; k < pass_a.size(); ++k) {
      const DumpVariable& v = a.header().variables[pass_a[k]];
      BlockDifference& block = blocks[v.scope];
      block.scope = v.scope;
      ++block.signals;
      auto found = difference(v, history_a, history_b, k, result.from, result.to);
      if (!found) continue;
      block.first = block.differing == 0 ? found->cycle : std::min(block.first, found->cycle);
      ++block.differing;
      result.signals.push_back(std::move(*found));
    }
  }
  std::stable_sort(result.signals.begin(), result.signals.end(),
                   [](const SignalDifference& x, const SignalDifference& y) { return x.cycle < y.cycle; });
  for (const auto& [scope, block] : blocks) {
    if (block.differing != 0) result.blocks.push_back(block);
  }
  std::stable_sort(result.blocks.begin(), result.blocks.end(),
                   [](const BlockDifference& x, const BlockDifference& y) { return x.first < y.first; });
  return result;
}

}  // namespace eie::tb
