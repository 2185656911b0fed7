// SPDX-License-Identifier: Apache-2.0
// A sweep: its points over time and energy, the front, and which points are the ends of it.
#include <algorithm>
#include <map>

#include "tb/cli/html/charts.h"
#include "tb/cli/html/markup.h"
#include "tb/cli/html/sections.h"
#include "tb/cli/html/verdict.h"
#include "tb/support/page/html.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

using Points = std::vector<const PointData*>;

bool is_known(const PointData& point) { return point.time_us && point.energy_uj && *point.time_us > 0 && *point.energy_uj > 0; }

/// "n_pe 64, queue_depth 8"
std::string keys_of(const SweepRows& sweep, const PointData& point) {
  std::string text;
  for (std::size_t k = 0; k < sweep.keys.size(); ++k) text += (k == 0 ? "" : ", ") + sweep.keys[k] + " " + point.keys[k];
  return text.empty() ? "point " + std::to_string(point.index) : text;
}

std::string results_of(const PointData& point) {
  return figures(point.time_us) + " us, " + figures(point.energy_uj) + " uJ" +
         (point.area_mm2 ? ", " + figures(point.area_mm2) + " mm2" : "");
}

std::string point_table(const SweepRows& sweep, const Points& points, const std::string& caption, bool with_front) {
  HtmlTable table(caption);
  table.column("point");
  for (const std::string& key : sweep.keys) table.column(key);
  table.column("cycles")
      .column("time (us)")
      .column("energy (uJ)")
      .column("power (mW)")
      .column("area (mm2)")
      .column("balance (%)");
  if (with_front) table.column("front", false).column("status", false);
  for (const PointData* point : points) {
    std::vector<Cell> cells = {std::to_string(point->index)};
    for (const std::string& value : point->keys) cells.emplace_back(value);
    cells.emplace_back(count_text(point->cycles));
    for (const Number& value : {point->time_us, point->energy_uj, point->power_mw, point->area_mm2})
      cells.emplace_back(figures(value));
    cells.emplace_back(percent(point->load_balance));
    if (with_front) cells.emplace_back(point->pareto ? "yes" : ""), cells.emplace_back(point->status);
    table.row(std::move(cells));
  }
  return table.html(true);
}

/// In words: the ends of the front, and the point that weighs time and energy alike.
std::string words_of(const SweepRows& sweep, const Points& known) {
  struct End {
    const char* name;
    double (*value)(const PointData&);
    bool needs_area;
  };
  static const End kEnds[] = {
      {"Fastest", [](const PointData& p) { return *p.time_us; }, false},
      {"Least energy", [](const PointData& p) { return *p.energy_uj; }, false},
      {"Smallest", [](const PointData& p) { return *p.area_mm2; }, true},
      {"Least energy times time, which weighs both alike", [](const PointData& p) { return *p.energy_uj * *p.time_us; }, false},
      {"Least energy times time times area", [](const PointData& p) { return *p.energy_uj * *p.time_us * *p.area_mm2; }, true},
  };
  std::string html = "<ul>\n";
  for (const End& end : kEnds) {
    const PointData* best = nullptr;
    std::size_t equal = 0;
    for (const PointData* point : known) {
      if (end.needs_area && (!point->area_mm2 || *point->area_mm2 <= 0)) continue;
      // Of equal ones the one on the front, then the first.
      if (best == nullptr || end.value(*point) < end.value(*best) ||
          (end.value(*point) == end.value(*best) && point->pareto && !best->pareto))
        best = point;
    }
    if (best == nullptr) continue;
    for (const PointData* point : known) {
      if (end.needs_area && (!point->area_mm2 || *point->area_mm2 <= 0)) continue;
      if (point != best && better(end.value(*best), end.value(*point)) == 0) ++equal;
    }
    html += "<li>" +
            html_text(std::string(end.name) + ": " + keys_of(sweep, *best) + " (" + results_of(*best) + ")" +
                      (equal == 0 ? "" : "; " + counted(equal, "more point is", "more points are") + " within 1 %") + ".") +
            "</li>\n";
  }
  return html + "</ul>\n";
}

std::string work_html(const SweepRows& sweep, const std::string& work, const Points& points) {
  Points known, front;
  std::map<std::string, std::size_t> other;  // points without results, by status
  for (const PointData* point : points) {
    if (is_known(*point)) {
      known.push_back(point);
      if (point->pareto) front.push_back(point);
    } else {
      ++other[point->status];
    }
  }
  std::string html = work.empty() ? "" : heading(3, work);
  std::string text =
      counted(points.size(), "point") + ", " + std::to_string(front.size()) + " of them on the front of time, energy and area";
  for (const auto& [status, count] : other) {
    text += "; " + thousands(count) + " without time and energy, status " + status;
    const auto first =
        std::find_if(points.begin(), points.end(), [&](const PointData* p) { return !is_known(*p) && p->status == status; });
    if (!(*first)->reason.empty()) text += " (point " + std::to_string((*first)->index) + ": " + (*first)->reason + ")";
  }
  html += paragraph(text + ".");
  if (known.empty()) return html;
  html += words_of(sweep, known);
  // The front is drawn last, on top.
  constexpr std::size_t kMostDots = 3000;
  std::vector<Dot> dots;
  const std::size_t others = known.size() - front.size();
  const std::size_t stride = std::max<std::size_t>(1, (others + kMostDots - 1) / kMostDots);
  std::size_t seen = 0;
  for (const bool on_front : {false, true}) {
    for (const PointData* point : known) {
      if (point->pareto != on_front || (!on_front && seen++ % stride != 0)) continue;
      dots.push_back({*point->time_us, *point->energy_uj, point->area_mm2.value_or(1), on_front ? "front k0" : "other",
                      "Point " + std::to_string(point->index) + (on_front ? ", on the front: " : ": ") + keys_of(sweep, *point) +
                          "; " + results_of(*point),
                      ""});
    }
  }
  html += scatter("Points of the sweep" + (work.empty() ? "" : ", " + work), "time (us)", "energy (uJ)", dots);
  html += legend({{"k0", "on the front: nothing else is better in time, energy and area together"}, {"other", "other points"}});
  html += paragraph("Left and down is better. The area of a point is the area of the machine." +
                        (stride > 1 ? " Of the points that are not on the front, one in " + std::to_string(stride) + " is drawn."
                                    : std::string()),
                    "quiet");
  std::sort(front.begin(), front.end(), [](const PointData* a, const PointData* b) { return *a->time_us < *b->time_us; });
  if (!front.empty()) html += point_table(sweep, front, "The front" + (work.empty() ? "" : ", " + work), false);
  constexpr std::size_t kMostRows = 1000;
  if (points.size() > kMostRows) {
    return html + paragraph("All " + thousands(points.size()) +
                                " points are in the JSON inside this page (element reports), not in a table.",
                            "quiet");
  }
  return html + "<details>\n<summary>All points as a table</summary>\n" +
         point_table(sweep, points, "All points" + (work.empty() ? "" : ", " + work), true) + "</details>\n";
}

}  // namespace

std::string sweep_section(const SweepRows& sweep, const std::string& id) {
  std::vector<std::string> works;
  std::map<std::string, Points> by_work;
  for (const PointData& point : sweep.points) {
    if (by_work.count(point.work) == 0) works.push_back(point.work);
    by_work[point.work].push_back(&point);
  }
  std::string html =
      paragraph(counted(sweep.points.size(), "point") + (sweep.keys.empty() ? "" : ", of " + listed_and(sweep.keys)) + ".");
  if (sweep.total && *sweep.total > static_cast<double>(sweep.points.size())) {
    html += paragraph("Not all: the sweep has " + count_text(sweep.total) + " points. The front is that of those that are done.",
                      "note");
  }
  if (!sweep.sample.empty()) html += paragraph(sweep.sample + " points that were run again on engine hw agree with tlm.");
  for (const std::string& difference : sweep.differences) html += paragraph("Differs on hw: " + difference, "note");
  html += paragraph(
      "Energy and area leave out the logic of options for which a technology has no value (look-ahead, skipped padding, ECC): a "
      "point "
      "with one of them is dearer than it seems.",
      "note");
  for (const std::string& work : works) html += work_html(sweep, work, by_work[work]);
  return section(id, "Sweep: " + sweep.file, html);
}

}  // namespace eie::tb
