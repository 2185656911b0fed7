// SPDX-License-Identifier: Apache-2.0
// What comes first: warnings, the verdict, and several runs side by side.
#include <algorithm>

#include "tb/cli/html/charts.h"
#include "tb/cli/html/markup.h"
#include "tb/cli/html/sections.h"
#include "tb/cli/html/verdict.h"
#include "tb/support/page/html.h"

namespace eie::tb {
namespace {

std::string list_of(const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string html = "<ul>\n";
  for (const std::string& line : lines) html += "<li>" + html_text(line) + "</li>\n";
  return html + "</ul>\n";
}

/// A quantity of a run, and which is better.
struct Quantity {
  const char* name;
  int better;  // -1 the smaller, 1 the larger, 0 neither
  std::string (*text)(const Number&);
  Number (*value)(const RunData&);
};

const EnergyData* energy_of(const RunData& run) {
  return run.all.energy && run.all.energy->refused.empty() ? &*run.all.energy : nullptr;
}

template <class Member>
Number energy_value(const RunData& run, Member member) {
  const EnergyData* energy = energy_of(run);
  return energy == nullptr ? Number() : Number(energy->*member);
}

Number of_samples(const RunData& run, const Number& value) {
  return value && run.samples && *run.samples > 1 ? Number(*value / *run.samples) : Number();
}

const Quantity kQuantities[] = {
    {"time (us)", -1, figures, [](const RunData& r) { return r.all.time_us; }},
    {"time a sample (us)", -1, figures, [](const RunData& r) { return of_samples(r, r.all.time_us); }},
    {"cycles", 0, count_text, [](const RunData& r) { return r.all.cycles; }},
    {"clock (MHz)", 0, figures, [](const RunData& r) { return Number(r.clock_mhz); }},
    {"energy (uJ)", -1, figures, [](const RunData& r) { return energy_value(r, &EnergyData::uj); }},
    {"energy a sample (uJ)", -1, figures, [](const RunData& r) { return of_samples(r, energy_value(r, &EnergyData::uj)); }},
    {"power (mW)", -1, figures, [](const RunData& r) { return energy_value(r, &EnergyData::power_mw); }},
    {"area (mm2)", -1, figures,
     [](const RunData& r) { return r.area && r.area->refused.empty() ? Number(r.area->mm2) : Number(); }},
    {"energy x time (uJ us)", -1, figures,
     [](const RunData& r) {
       const Number uj = energy_value(r, &EnergyData::uj);
       return uj && r.all.time_us ? Number(*uj * *r.all.time_us) : Number();
     }},
    {"GOP/s", 1, figures, [](const RunData& r) { return energy_value(r, &EnergyData::gops); }},
    {"frames/s", 1, figures, [](const RunData& r) { return energy_value(r, &EnergyData::frames_per_s); }},
    {"frames/J", 1, figures, [](const RunData& r) { return energy_value(r, &EnergyData::frames_per_j); }},
    {"accuracy (%)", 0, percent, [](const RunData& r) { return r.accuracy; }},
    {"accuracy of the float network (%)", 0, percent, [](const RunData& r) { return r.float_accuracy; }},
    {"load balance (%)", 1, percent, [](const RunData& r) { return r.all.load_balance; }},
    {"cycles above the floor (%)", -1, percent, [](const RunData& r) { return r.all.floor_distance; }},
    {"launches", 0, count_text, [](const RunData& r) { return r.all.launches; }},
    {"broadcasts", 0, count_text, [](const RunData& r) { return r.all.broadcasts; }},
    {"entries", 0, count_text, [](const RunData& r) { return r.all.entries; }},
    {"padding entries", 0, count_text, [](const RunData& r) { return r.all.padding; }},
    {"padding without a cycle", 0, count_text, [](const RunData& r) { return r.all.padding_skipped; }},
    {"queue full (cycles)", -1, count_text, [](const RunData& r) { return r.all.queue_full; }},
    {"starved (PE cycles)", -1, count_text, [](const RunData& r) { return r.all.starved; }},
    {"Spmat reads", 0, count_text, [](const RunData& r) { return r.all.spmat_reads; }},
    {"Ptr reads", 0, count_text, [](const RunData& r) { return r.all.ptr_reads; }},
    {"Act reads", 0, count_text, [](const RunData& r) { return r.all.act_reads; }},
    {"port load (beats)", 0, count_text, [](const RunData& r) { return r.all.io_cycles; }},
};

/// "best", "equal" or nothing: in words, as colours are not all that people see.
std::string mark_of(const Quantity& quantity, const Runs& runs, const RunData& run) {
  if (quantity.better == 0) return "";
  bool all_equal = true;
  for (const RunData& other : runs) {
    const Number a = quantity.value(run), b = quantity.value(other);
    if (!a || !b) return "";
    const int who = better(*a, *b) * -quantity.better;  // -1: this run
    if (who > 0) return "";
    all_equal = all_equal && who == 0;
  }
  return all_equal ? "equal" : "best";
}

std::string dots_of(const Runs& runs) {
  std::vector<Dot> dots;
  for (const RunData& run : runs) {
    const EnergyData* energy = energy_of(run);
    if (energy == nullptr || !run.all.time_us || *run.all.time_us <= 0 || energy->uj <= 0) return "";
    const bool sized = run.area && run.area->refused.empty();
    dots.push_back({*run.all.time_us, energy->uj, sized ? run.area->mm2 : 1, "k" + std::to_string(dots.size() % 2 == 0 ? 0 : 3),
                    run.label + ": " + figures(run.all.time_us) + " us, " + figures(energy->uj) + " uJ" +
                        (sized ? ", " + figures(run.area->mm2) + " mm2" : ""),
                    run.label});
  }
  return heading(3, "Time, energy and area") + scatter("Time and energy of each run", "time (us)", "energy (uJ)", dots) +
         paragraph("Left and down is better. The area of a point is the area of the machine.", "quiet");
}

}  // namespace

std::string layer_label(const Runs& runs, const RunData& run, const LayerData& layer) {
  if (layer.name.empty()) return run.label;
  return runs.size() > 1 ? layer.name + ", " + run.label : layer.name;
}

bool same_layers(const Runs& runs) {
  return std::all_of(runs.begin(), runs.end(), [&](const RunData& run) {
    return std::equal(
        run.layers.begin(), run.layers.end(), runs.front().layers.begin(), runs.front().layers.end(),
        [](const LayerData& a, const LayerData& b) { return a.name == b.name && a.rows == b.rows && a.columns == b.columns; });
  });
}

std::string warnings_section(const ReportData& data) {
  std::vector<std::string> lines = data.differences;
  for (const RunData& run : data.runs) {
    if (run.all.golden_match && !*run.all.golden_match) {
      lines.push_back(run.label + ": does not match the golden model, " + count_text(run.all.mismatches) + " wrong outputs.");
    }
    for (const std::string& warning : run.warnings) lines.push_back(run.label + ": " + warning);
  }
  if (lines.empty()) return "";
  return section("warnings", "Warnings", "<div class=\"note\">\n" + list_of(lines) + "</div>\n");
}

std::string verdict_section(const Runs& runs) {
  std::string html;
  if (runs.size() > 1) {
    const ReportVerdict verdict = verdict_of(runs);
    html += paragraph(verdict.headline, "headline") + list_of(verdict.lines);
    for (const Reasons& reasons : verdict.pairs) html += heading(3, "Why: " + reasons.title) + list_of(reasons.lines);
    if (!verdict.limits.empty()) html += heading(3, "What these figures do not say") + list_of(verdict.limits);
  } else {
    html += list_of(summary_of(runs.front()));
  }
  std::vector<std::string> checks;
  for (const RunData& run : runs) {
    checks.push_back(run.label + ": " +
                     (!run.all.golden_match   ? "was not compared with the golden model"
                      : *run.all.golden_match ? "every output matches the golden model, bit by bit"
                                              : count_text(run.all.mismatches) + " outputs do not match the golden model") +
                     (run.all.saturated ? "; an accumulator was clamped (saturated)" : "; no accumulator was clamped") +
                     (run.accuracy
                          ? "; accuracy " + percent(run.accuracy) + " %" +
                                (run.float_accuracy ? ", of the float network " + percent(run.float_accuracy) + " %" : "")
                          : "") +
                     ".");
  }
  return section("verdict", runs.size() > 1 ? "Which to build, and why" : "In short",
                 html + heading(3, "Are the results right?") + list_of(checks));
}

std::string comparison_section(const Runs& runs) {
  HtmlTable table(runs.size() > 1 ? "All runs; ratios are to " + runs.front().label : "The whole run");
  table.column("quantity", false);
  for (const RunData& run : runs) {
    table.column(run.label);
    if (&run != &runs.front()) table.column("ratio");
  }
  for (const Quantity& quantity : kQuantities) {
    const Number first = quantity.value(runs.front());
    std::vector<Cell> cells = {quantity.name};
    bool any = false;
    for (const RunData& run : runs) {
      const Number value = quantity.value(run);
      any = any || value;
      cells.emplace_back(quantity.text(value), runs.size() > 1 ? mark_of(quantity, runs, run) : "");
      if (&run == &runs.front()) continue;
      cells.emplace_back(value && first && *first != 0 ? ratio_text(*value / *first) : "-");
    }
    if (any) table.row(std::move(cells));
  }
  std::string html = table.html();
  if (runs.size() > 1) {
    html += paragraph("best: the best of all runs, or within 1 % of it. equal: all are within 1 %.", "quiet") + dots_of(runs);
  }
  return section("summary", runs.size() > 1 ? "Side by side" : "Summary", html);
}

}  // namespace eie::tb
