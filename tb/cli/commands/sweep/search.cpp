// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/sweep/search.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "tb/cli/commands/sweep/proposer.h"
#include "tb/cli/commands/sweep/search_script.h"
#include "tb/cli/help/nearest.h"
#include "tb/cli/options/options.h"
#include "tb/cli/report/text_table.h"
#include "tb/support/error.h"
#include "tb/sweep/evaluate.h"

namespace eie::tb {
namespace {

const std::vector<std::string> kObjectives = {"energy_delay", "energy_delay_area", "time", "energy"};
constexpr const char* kNotFound =
    "--optimize: Optuna is not found: expected it for python3 in PATH or /usr/bin/python3 (Debian: apt install python3-optuna)";

std::optional<double> objective_of(const std::string& objective, const SweepRow& row) {
  if (row.status != SweepStatus::kOk || !row.time_us || !row.energy_uj || !row.area_mm2) return std::nullopt;
  if (objective == "time") return *row.time_us;
  if (objective == "energy") return *row.energy_uj;
  const double product = *row.energy_uj * *row.time_us;
  return objective == "energy_delay" ? product : product * *row.area_mm2;
}

/// The axes of the space, for optimize.py.
std::vector<std::string> axes_of(const SweepPoints& points) {
  const SweepFile& file = points.file();
  std::vector<std::string> axes;
  std::uint64_t stride = 1;
  for (std::size_t k = file.keys.size(); k-- > 0;) {
    const SweepKey& key = file.keys[k];
    std::vector<double> values;
    for (const std::string& value : key.values) values.push_back(std::strtod(value.c_str(), nullptr));
    const bool ordered = std::is_sorted(values.begin(), values.end()) && values.front() < values.back();
    axes.push_back(key.name + ':' + std::to_string(key.values.size()) + ':' + std::to_string(stride) +
                   (ordered ? ":ordered" : ":free"));
    stride *= key.values.size();
  }
  axes.push_back("base:" + std::to_string(file.bases.size()) + ':' + std::to_string(stride) + ":free");
  stride *= file.bases.size();
  axes.push_back("balance:" + std::to_string(file.balance.size()) + ':' + std::to_string(stride) + ":free");
  std::reverse(axes.begin(), axes.end());
  return axes;
}

}  // namespace

Search::Search(const SweepPoints& points, const std::string& objective, std::uint64_t trials)
    : points_(points), objective_(objective), trials_(trials) {
  if (std::find(kObjectives.begin(), kObjectives.end(), objective) == kObjectives.end()) {
    throw UserError("--optimize is '" + objective + "': expected one of " + listed(kObjectives) +
                    nearest_text(objective, kObjectives));
  }
  const SweepFile& file = points.file();
  const auto one = [&file](const char* what, std::size_t count) {
    if (count > 1) {
      throw UserError(file.path + ": has " + std::to_string(count) + " " + what +
                      ": expected one with --optimize: there is nothing to choose between them");
    }
  };
  one("layers or networks", file.subjects.size());
  one("seeds", file.seeds.size());
  one("technologies", file.technologies.size());
}

nlohmann::ordered_json Search::run(Journal& journal) {
  SubjectCache subjects(points_, 4);  // a search goes to and fro
  SweepDevice device;
  std::map<std::uint64_t, SweepRow> known;
  std::optional<double> best;
  std::uint64_t best_index = 0, asked = 0;
  Progress progress;
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    std::vector<std::string> command = {python, "-c", std::string(search_script("optimize.py")),
                                        std::to_string(points_.file().seeds.front()), std::to_string(trials_)};
    for (const std::string& axis : axes_of(points_)) command.push_back(axis);
    Proposer proposer(command);
    while (const std::optional<std::string> line = proposer.line()) {
      std::uint64_t index = 0;
      const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), index);
      if (error != std::errc{} || end != line->data() + line->size() || index >= points_.size()) {
        throw std::runtime_error("Optuna's script said '" + *line + "': expected the number of a point");
      }
      progress.show("trial", asked++, trials_);
      if (known.count(index) == 0) {
        if (std::optional<SweepRow> kept = journal.row(index)) {
          known[index] = std::move(*kept);
        } else {
          SweepRun run = points_.run_of(index);
          run.points = {index};
          const std::vector<SweepRow> rows = evaluate(points_, run, subjects, device);
          journal.add(rows);
          known[index] = rows.front();
        }
      }
      const std::optional<double> value = objective_of(objective_, known[index]);
      if (value && (!best || *value < *best)) {
        best = value;
        best_index = index;
      }
      proposer.answer(value ? row_number(value) : "none");
    }
    progress.clear();
    const int status = proposer.status();
    if (status == 0) {
      journal.sync();
      nlohmann::ordered_json search = {
          {"objective", objective_}, {"trials", asked}, {"points", known.size()}, {"best", nullptr}, {"value", nullptr}};
      if (best) search["best"] = best_index;
      if (best) search["value"] = *best;
      return search;
    }
    if (asked > 0 || (status != 3 && status != 127)) {
      throw UserError("--optimize: Optuna's script ended with status " + std::to_string(status) +
                      ": expected 0 (Debian: python3-optuna 3.1)");
    }
  }
  throw UserError(kNotFound);
}

void print_search(const nlohmann::ordered_json& search, std::FILE* out) {
  if (search.is_null()) return;
  const std::string trials = counted(search["trials"].get<std::uint64_t>(), "trial") + ", " +
                             counted(search["points"].get<std::uint64_t>(), "point") + " of the space";
  if (search["best"].is_null()) {
    std::fprintf(out, "search          %s: none of them is possible\n", trials.c_str());
    return;
  }
  std::fprintf(out, "search          %s; least %s: %s at point %llu\n", trials.c_str(),
               search["objective"].get<std::string>().c_str(), fixed(search["value"].get<double>(), 3).c_str(),
               static_cast<unsigned long long>(search["best"].get<std::uint64_t>()));
}

}  // namespace eie::tb
