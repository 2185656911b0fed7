// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/compare/first_difference.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <tuple>
#include <vector>

#include "tb/trace/dump/dump_file.h"
#include "tb/trace/dump/dump_names.h"
#include "tb/trace/wave_diff.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

/// A line without what stands beside it anyway: launch and cycle.
std::string said(const Json& event) {
  if (event.is_null()) return "nothing there";
  Json rest = event;
  for (const char* key : {"launch", "cycle", "pe"}) rest.erase(key);
  std::string text;
  for (const auto& [key, value] : rest.items()) {
    if (key == "event") continue;
    text += (text.empty() ? "" : ", ") + key + " " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text.empty() ? event["event"].get<std::string>() : text;
}

/// The lines of one launch, `done` at the end.
void next_launch(std::istringstream& in, std::vector<std::string>& lines) {
  lines.clear();
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
    if (line.find("\"event\":\"done\"") != std::string::npos) return;
  }
}

/// The events of one list that are not in the other.
std::vector<Json> without(const std::vector<std::string>& lines, const std::vector<std::string>& others) {
  const std::set<std::string> known(others.begin(), others.end());
  std::vector<Json> left;
  for (const std::string& line : lines) {
    if (known.count(line) == 0) left.push_back(Json::parse(line));
  }
  return left;
}

std::uint64_t cycle_of(const Json& event) { return event.contains("cycle") ? event["cycle"].get<std::uint64_t>() : 0; }
std::uint64_t length_of(const Json& event) { return event.contains("cycles") ? event["cycles"].get<std::uint64_t>() : 0; }

/// Events of the same kind, PE and cycle.
bool same_place(const Json& a, const Json& b) {
  return a["event"] == b["event"] && cycle_of(a) == cycle_of(b) && a.contains("pe") == b.contains("pe") &&
         (!a.contains("pe") || a["pe"] == b["pe"]);
}

std::string said_without_length(Json event) {
  event.erase("cycles");
  return event.dump();
}

std::string block_of(const std::string& event) {
  if (event == "pe" || event == "saturated" || event == "error") return "arith_unit";
  return event == "stall" ? "act_queue" : "ccu";
}

/// Which of the signals that differ first is nearest to where it came from: not derived, deep in the tree, a register.
std::tuple<bool, std::ptrdiff_t, bool> nearness(const SignalDifference& signal) {
  const bool derived = signal.scope.rfind("eie", 0) != 0;
  const std::string member = signal.name.substr(0, signal.name.find('['));
  return {derived, -std::count(signal.scope.begin(), signal.scope.end(), '.'), member.empty() || member.back() != '_'};
}

}  // namespace

std::optional<FirstDifference> difference_of_events(const std::string& a, const std::string& b) {
  std::istringstream lines_a(a);
  std::istringstream lines_b(b);
  std::vector<std::string> launch_a;
  std::vector<std::string> launch_b;
  for (;;) {
    next_launch(lines_a, launch_a);
    next_launch(lines_b, launch_b);
    if (launch_a.empty() && launch_b.empty()) return std::nullopt;
    if (launch_a != launch_b) break;
  }
  const std::vector<Json> only_a = without(launch_a, launch_b);
  const std::vector<Json> only_b = without(launch_b, launch_a);
  // An event of one run alone differs from its first cycle on; one that lasts longer in one run, from where the other's ends.
  std::optional<FirstDifference> first;
  const auto consider = [&](const Json& event_a, const Json& event_b, std::uint64_t cycle) {
    if (first && first->cycle <= cycle) return;
    const Json& event = event_a.is_null() ? event_b : event_a;
    first = FirstDifference();
    first->launch = event["launch"];
    first->cycle = cycle;
    const std::string kind = event["event"];
    if (event.contains("pe")) first->pe = event["pe"].get<unsigned>();
    first->block = block_of(kind);
    first->what = "event " + kind;
    first->a = said(event_a);
    first->b = said(event_b);
  };
  for (const Json& event_a : only_a) {
    const auto other = std::find_if(only_b.begin(), only_b.end(), [&](const Json& e) { return same_place(e, event_a); });
    const std::uint64_t cycle = cycle_of(event_a);
    if (other == only_b.end()) {
      consider(event_a, Json(), cycle);
    } else {
      const bool only_length = said_without_length(event_a) == said_without_length(*other);
      consider(event_a, *other, only_length ? cycle + std::min(length_of(event_a), length_of(*other)) : cycle);
    }
  }
  for (const Json& event_b : only_b) {
    const bool known = std::any_of(only_a.begin(), only_a.end(), [&](const Json& e) { return same_place(e, event_b); });
    if (!known) consider(Json(), event_b, cycle_of(event_b));
  }
  return first;
}

std::optional<FirstDifference> difference_of_waves(const std::string& file_a, const std::string& file_b) {
  const auto a = open_dump(file_a);
  const auto b = open_dump(file_b);
  const WaveDifference all = compare_waves(*a, file_a, *b, file_b, 0);  // registers may hold anything at power-up
  const SignalDifference* nearest = nullptr;
  for (const SignalDifference& signal : all.signals) {
    if (signal.cycle != all.signals.front().cycle) break;
    if (nearest == nullptr || nearness(signal) < nearness(*nearest)) nearest = &signal;
  }
  if (nearest == nullptr) return std::nullopt;
  FirstDifference d;
  const std::uint64_t time = all.start_a + static_cast<std::uint64_t>(nearest->cycle) * all.period_a;
  d.clock = time / all.period_a;
  // Which launch that is.
  const DumpGroups groups = group_variables(a->header());
  const auto launch = find_variable(groups.launch, {"launch"});
  const auto cycle = find_variable(groups.launch, {"launch_cycle"});
  if (!launch || !cycle) return std::nullopt;
  a->changes({*launch, *cycle}, [&](std::uint64_t at, std::size_t variable, std::string_view value) {
    if (at <= time) (variable == *launch ? d.launch : d.cycle) = bits_value(value).value_or(0);
  });
  if (d.launch == 0) return std::nullopt;  // between two launches
  std::string scope = nearest->scope;
  for (const char* top : {"eie.", "eie"}) {
    const std::string text = top;
    if (scope.compare(0, text.size(), text) == 0) scope = scope.substr(text.size());
  }
  if (scope.compare(0, 3, "pe_") == 0) {
    d.pe = static_cast<unsigned>(std::stoul(scope.substr(3)));
    scope = scope.find('.') == std::string::npos ? "pe" : scope.substr(scope.find('.') + 1);
  }
  d.block = scope.empty() ? "eie" : scope;
  d.what = nearest->name;
  d.a = nearest->a;
  d.b = nearest->b;
  return d;
}

}  // namespace eie::tb
