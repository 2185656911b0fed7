// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/sweep/sweep_report.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "tb/cli/report/text_table.h"
#include "tb/support/atomic_file.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;
using Kind = SweepCell::Kind;

constexpr std::size_t kMostPrinted = 12;  // of a front

Json value_of(const SweepCell& cell) {
  if (cell.kind == Kind::kFlag) return cell.text == "true";
  if (cell.text.empty()) return nullptr;
  return cell.kind == Kind::kText ? Json(cell.text) : Json::parse(cell.text);
}

Json row_json(const SweepTable& table, std::uint64_t index) {
  Json row = Json::object();
  for (const SweepCell& cell : table.cells(index)) row[cell.column] = value_of(cell);
  return row;
}

Json axes_json(const SweepFile& file) {
  Json axes = Json::object();
  for (const SweepSubject& subject : file.subjects) axes[subject.is_layer ? "layer" : "network"].push_back(subject.name);
  for (const BalanceKind kind : file.balance) axes["balance"].push_back(balance_name(kind));
  for (const SweepBase& base : file.bases) axes["config"].push_back(base.name);
  axes["seed"] = file.seeds;
  for (const SweepKey& key : file.keys) {
    axes[key.name] = Json::array();
    for (const std::string& value : key.values) axes[key.name].push_back(Json::parse(value));
  }
  for (const SweepTechnology& technology : file.technologies) axes["technology"].push_back(technology.name);
  return axes;
}

Json sample_json(const std::optional<HwSample>& sample) {
  if (!sample) return nullptr;
  return {{"asked", sample->asked},
          {"compiled", sample->compiled},
          {"points", sample->points},
          {"agreed", sample->points.size() - sample->differences.size()},
          {"differences", sample->differences}};
}

/// Everything but the rows.
Json head_json(const SweepReport& report) {
  const SweepTable& table = *report.table;
  const SweepFile& file = table.points().file();
  Json head = {{"schema", kReportSchema}, {"version", kVersion}, {"command", "sweep"}, {"kind", "sweep"}, {"engine", "tlm"}};
  head["file"] = file.path;
  head["digest"] = file.digest;
  head["options"] = report.options;
  head["axes"] = axes_json(file);
  head["constraints"] = Json::object();
  for (const SweepLimit& limit : file.limits) head["constraints"][limit.column] = limit.most;
  head["samples"] = file.samples;
  head["columns"] = table.columns();
  head["points_total"] = table.points().size();
  head["points_done"] = table.store().count();
  head["points_found"] = report.found;
  head["counts"] = Json::object();
  for (unsigned s = 0; s < kSweepStatuses; ++s) {
    head["counts"][status_name(static_cast<SweepStatus>(s))] = table.count(static_cast<SweepStatus>(s));
  }
  head["pareto"] = table.front();
  head["sample"] = sample_json(report.sample);
  head["search"] = report.search;
  head["host_seconds"] = report.seconds;
  return head;
}

/// Three figures or so: a small layer takes fractions of a microjoule.
std::string figures(const std::string& number) {
  const double value = std::strtod(number.c_str(), nullptr);
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) >= 1000 ? "%.0f" : "%.4g", value);
  return text;
}

}  // namespace

void write_sweep_json(const SweepReport& report, const std::string& path) {
  if (path.empty()) return;
  AtomicFile file(path);
  const auto put = [&file](const std::string& text) { file.write(text.data(), text.size()); };
  std::string head = head_json(report).dump(2, ' ', false, Json::error_handler_t::replace);
  head.erase(head.find_last_not_of("\n }") + 1);
  put(head + ",\n  \"points\": [");
  bool first = true;
  report.table->for_each([&](std::uint64_t index) {
    put((std::exchange(first, false) ? "\n    " : ",\n    ") +
        row_json(*report.table, index).dump(-1, ' ', false, Json::error_handler_t::replace));
  });
  put("\n  ]\n}\n");
  file.commit();
}

void print_sweep(const SweepReport& report, std::FILE* out) {
  const SweepTable& table = *report.table;
  std::fprintf(out, "%s of %s", counted(table.store().count(), "point").c_str(), thousands(table.points().size()).c_str());
  for (unsigned s = 0; s < kSweepStatuses; ++s) {
    const auto status = static_cast<SweepStatus>(s);
    if (table.count(status) > 0) std::fprintf(out, ", %s %s", thousands(table.count(status)).c_str(), status_name(status));
  }
  std::fprintf(out, "\n");
  std::map<std::uint32_t, std::vector<std::uint32_t>> fronts;
  for (const std::uint32_t index : table.front()) fronts[table.kind_of(table.points().point(index))].push_back(index);
  for (const auto& [kind, front] : fronts) {
    std::fprintf(out, "%s: %s that no other is better than in time, energy and area\n",
                 table.kind_text(table.points().point(front.front())).c_str(), counted(front.size(), "point").c_str());
    TextTable text;
    const std::vector<std::string> hidden = {"status", "layer", "network", "seed", "technology", "pareto", "digest", "reason"};
    const auto shown = [&hidden](const std::string& column) {
      return std::find(hidden.begin(), hidden.end(), column) == hidden.end();
    };
    for (const SweepCell& cell : table.cells(front.front())) {
      if (shown(cell.column))
        text.add_column(cell.column, cell.kind == Kind::kText ? TextTable::Align::kLeft : TextTable::Align::kRight);
    }
    for (std::size_t k = 0; k < std::min(front.size(), kMostPrinted); ++k) {
      std::vector<std::string> cells;
      for (const SweepCell& cell : table.cells(front[k])) {
        if (!shown(cell.column)) continue;
        const bool real = cell.kind == Kind::kNumber && cell.text.find_first_of(".e") != std::string::npos;
        cells.push_back(real ? figures(cell.text) : cell.text);
      }
      text.add_row(std::move(cells));
    }
    text.print(out, "  ");
    if (front.size() > kMostPrinted)
      std::fprintf(out, "  and %s more in the table\n", thousands(front.size() - kMostPrinted).c_str());
  }
  if (!report.sample) return;
  const HwSample& sample = *report.sample;
  if (sample.compiled == 0) {
    std::fprintf(out, "engine hw       is compiled for none of the configurations: nothing was run again\n");
    return;
  }
  std::fprintf(out,
               "engine hw       %s of %s with a compiled configuration run again, %s equal in cycles, counters and outputs\n",
               counted(sample.points.size(), "point").c_str(), thousands(sample.compiled).c_str(),
               sample.differences.empty() ? "all" : thousands(sample.points.size() - sample.differences.size()).c_str());
  for (const std::string& text : sample.differences) std::fprintf(out, "  %s\n", text.c_str());
}

}  // namespace eie::tb
