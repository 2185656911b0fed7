// SPDX-License-Identifier: Apache-2.0
#include "tb/trace/dump/dump_facts.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace eie::tb {
namespace {

/// Numbers in a text: "9 17" or "held 9".
std::vector<unsigned> numbers_in(std::string_view text) {
  std::vector<unsigned> numbers;
  bool inside = false;
  for (const char c : text) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (digit && !inside) numbers.push_back(0);
    if (digit) numbers.back() = 10 * numbers.back() + static_cast<unsigned>(c - '0');
    inside = digit;
  }
  return numbers;
}

bool is_set(std::string_view bits) { return bits_value(bits).value_or(0) != 0; }

/// What a variable is to the facts.
enum class Role { kCycle, kLaunch, kBatch, kBroadcast, kWaiting, kAnyFull, kFullPes, kFull, kWhy, kEntry, kSaturated, kError };

struct Watched {
  Role role;
  unsigned pe = 0;
};

class FactReader {
 public:
  FactReader(const DumpHeader& header, const DumpGroups& groups) : header_(header) {
    watch(groups.launch, {"cycle"}, Role::kCycle);
    watch(groups.launch, {"launch"}, Role::kLaunch);
    watch(groups.launch, {"batch"}, Role::kBatch);
    if (!watch(groups.broadcast, {"valid"}, Role::kBroadcast)) {
      watch(groups.ccu, {"broadcast_valid", "broadcast.valid"}, Role::kBroadcast);
    }
    if (!watch(groups.broadcast, {"stalled"}, Role::kAnyFull)) {
      if (!watch(groups.broadcast, {"any_full"}, Role::kAnyFull)) watch(groups.ccu, {"any_full"}, Role::kAnyFull);
      has_waiting_ = watch(groups.ccu, {"root_valid", "root.valid"}, Role::kWaiting);
    }
    const bool names_them = watch(groups.broadcast, {"full_pes"}, Role::kFullPes);
    for (const auto& [pe, variables] : groups.pe) {
      if (!names_them) watch(variables, {"full", "act_queue.full"}, Role::kFull, pe);
      if (!watch(variables, {"why"}, Role::kWhy, pe))
        watch(variables, {"entry__valid", "spmat_read.entry_valid", "spmat_read.entry.valid"}, Role::kEntry, pe);
      watch(variables, {"saturated", "arith_unit.saturated"}, Role::kSaturated, pe);
      watch(variables, {"error", "arith_unit.error"}, Role::kError, pe);
    }
  }

  std::vector<std::size_t> variables() const {
    std::vector<std::size_t> all;
    for (const auto& [variable, what] : watched_) all.push_back(variable);
    return all;
  }

  void change(std::uint64_t time, std::size_t variable, std::string_view value) {
    if (time != now_ || !started_) settle(time);
    const Watched& w = watched_.at(variable);
    const bool set = is_set(value);
    switch (w.role) {
      case Role::kCycle:
        break;
      case Role::kLaunch:
        launch_ = bits_value(value).value_or(0);
        break;
      case Role::kBatch:
        batch_ = bits_value(value).value_or(0);
        break;
      case Role::kBroadcast:
        broadcast_ = set;
        break;
      case Role::kWaiting:
        waiting_ = set;
        break;
      case Role::kAnyFull:
        full_ = set;
        break;
      case Role::kFullPes:
        full_pes_ = numbers_in(value);
        break;
      case Role::kFull:
        full_pes_.erase(std::remove(full_pes_.begin(), full_pes_.end(), w.pe), full_pes_.end());
        if (set) full_pes_.push_back(w.pe);
        break;
      case Role::kWhy:
        entry(w.pe, value.substr(0, 4) == "work" || value.substr(0, 3) == "pad");
        break;
      case Role::kEntry:
        entry(w.pe, set);
        break;
      case Role::kSaturated:
        if (set && !facts_.first_saturation) facts_.first_saturation = {now_, "first saturated sum", {w.pe}};
        break;
      case Role::kError:
        if (set && !facts_.first_error) facts_.first_error = {now_, "first error", {w.pe}};
        break;
    }
  }

  DumpFacts finish() {
    settle(header_.last);
    for (auto& [pe, since] : entry_since_) {
      if (since != kNever) facts_.entries[pe] += header_.last - since;
    }
    for (auto& [pe, entries] : facts_.entries) {
      if (facts_.period != 0) entries /= facts_.period;
      if (entries != 0 && (!facts_.slowest || entries > facts_.entries.at(*facts_.slowest))) facts_.slowest = pe;
    }
    return facts_;
  }

 private:
  static constexpr std::uint64_t kNever = UINT64_MAX;

  bool watch(const std::vector<NamedVariable>& group, const std::vector<std::string>& names, Role role, unsigned pe = 0) {
    const auto variable = find_variable(group, names);
    if (variable) watched_[*variable] = {role, pe};
    return variable.has_value();
  }

  void entry(unsigned pe, bool has) {
    std::uint64_t& since = entry_since_.emplace(pe, kNever).first->second;
    std::uint64_t& sum = facts_.entries[pe];
    if (since != kNever) sum += now_ - since;
    since = has ? now_ : kNever;
  }

  /// All that changes at `now_` has been told: what does it say?
  void settle(std::uint64_t next) {
    if (started_) {
      if (launch_ != last_launch_ && launch_ != 0) {
        facts_.launches.push_back({now_, "launch " + std::to_string(launch_), {}});
      }
      if (batch_ != last_batch_ && batch_ > 1) {
        facts_.batches.push_back({now_, "batch " + std::to_string(batch_), {}});
      }
      last_launch_ = launch_;
      last_batch_ = batch_;
      if (broadcast_ && !facts_.first_broadcast) facts_.first_broadcast = {now_, "first broadcast", {}};
      if (full_ && (waiting_ || !has_waiting_) && !facts_.first_stall) {
        std::sort(full_pes_.begin(), full_pes_.end());
        facts_.first_stall = {now_, "first stall", full_pes_};
      }
      if (next > now_ && (facts_.period == 0 || next - now_ < facts_.period) && next != header_.last) {
        facts_.period = next - now_;
      }
    }
    started_ = true;
    now_ = next;
  }

  const DumpHeader& header_;
  std::unordered_map<std::size_t, Watched> watched_;
  DumpFacts facts_;
  std::unordered_map<unsigned, std::uint64_t> entry_since_;
  std::uint64_t now_ = 0;
  bool started_ = false;
  std::uint64_t launch_ = 0;
  std::uint64_t batch_ = 0;
  std::uint64_t last_launch_ = 0;
  std::uint64_t last_batch_ = 0;
  bool broadcast_ = false;
  bool waiting_ = false;
  bool has_waiting_ = false;
  bool full_ = false;
  std::vector<unsigned> full_pes_;
};

}  // namespace

DumpFacts read_facts(DumpFile& dump, const DumpGroups& groups) {
  FactReader reader(dump.header(), groups);
  dump.changes(reader.variables(), [&reader](std::uint64_t time, std::size_t variable, std::string_view value) {
    reader.change(time, variable, value);
  });
  return reader.finish();
}

std::optional<std::uint64_t> time_of(DumpFile& dump, const DumpGroups& groups, const LaunchCycle& cycle) {
  const auto launch = find_variable(groups.launch, {"launch"});
  const auto counter = find_variable(groups.launch, {"launch_cycle"});
  if (!launch || !counter) return std::nullopt;
  std::uint64_t in_launch = 0;
  std::uint64_t in_cycle = 0;
  std::uint64_t now = 0;
  std::optional<std::uint64_t> found;
  const auto check = [&] {
    if (!found && in_launch == cycle.launch && in_cycle == cycle.cycle) found = now;
  };
  dump.changes({*launch, *counter}, [&](std::uint64_t time, std::size_t variable, std::string_view value) {
    if (time != now) check();
    now = time;
    (variable == *launch ? in_launch : in_cycle) = bits_value(value).value_or(UINT64_MAX);
  });
  check();
  return found;
}

}  // namespace eie::tb
