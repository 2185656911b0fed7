// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/sweep/sweep_plot.h"

#include <map>
#include <set>
#include <sstream>

#include "tb/cli/plot/gnuplot.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

constexpr unsigned kPanelWidth = 760;
constexpr unsigned kPanelHeight = 520;
constexpr std::size_t kMostPanels = 24;

struct Panel {
  std::string title;
  std::ostringstream all;
  std::ostringstream front;
  std::set<double> areas;
};

}  // namespace

void draw_sweep(const SweepTable& table, const std::string& path) {
  std::map<std::uint32_t, Panel> panels;
  std::set<std::uint64_t> front(table.front().begin(), table.front().end());
  table.for_each([&](std::uint64_t index) {
    const SweepRow row = table.store().row(index);
    if (row.status != SweepStatus::kOk || !row.time_us || !row.energy_uj || !row.area_mm2) return;
    const SweepPoint point = table.points().point(index);
    Panel& panel = panels[table.kind_of(point)];
    if (panel.title.empty()) panel.title = table.kind_text(point);
    (front.count(index) != 0 ? panel.front : panel.all)
        << row_number(row.time_us) << ' ' << row_number(row.energy_uj) << ' ' << row_number(row.area_mm2) << '\n';
    panel.areas.insert(*row.area_mm2);
  });
  if (panels.empty()) throw UserError(path + ": no point has time, energy and area: expected at least one to draw");
  if (panels.size() > kMostPanels) {
    throw UserError(path + ": " + std::to_string(panels.size()) + " fronts: expected at most " + std::to_string(kMostPanels) +
                    " in a picture");
  }
  const unsigned across = panels.size() > 1 ? 2 : 1;
  const unsigned down = (static_cast<unsigned>(panels.size()) + across - 1) / across;
  std::ostringstream out;
  out << "set multiplot layout " << down << ',' << across << "\nset key outside center bottom horizontal\n"
      << "set tics out nomirror\nset border 3\nset grid lc rgb '#dddddd'\n"
      << "set xlabel 'time (us)'\nset ylabel 'energy (uJ)'\nset cblabel 'area (mm2)'\n"
      << "set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', 0.75 '#5ec962', 1 '#fde725')\n"
      << "set offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05\n";
  for (const auto& [kind, panel] : panels) {
    const double low = *panel.areas.begin();
    const double high = *panel.areas.rbegin();
    out << "set title " << gnuplot_text(panel.title) << "\n$front << EOD\n"
        << panel.front.str() << "EOD\n$rest << EOD\n"
        << panel.all.str() << "EOD\n";
    if (high > low) {
      out << "set cbrange [" << low << ':' << high << "]\n";
    } else {  // one area: a range needs two ends
      out << "set cbrange [" << 0.9 * low << ':' << 1.1 * high << "]\n";
    }
    out << "plot ";
    if (!panel.all.str().empty()) {
      out << "$rest using 1:2:3 with points pt 7 ps 0.5 lc palette title 'other points', ";
    }
    out << "$front using 1:2:3 with points pt 7 ps 1.1 lc palette title 'no other is better in time, energy and area', "
        << "$front using 1:2 with points pt 6 ps 1.3 lc rgb '#d62728' notitle\n";
  }
  out << "unset multiplot\n";
  draw(out.str(), path, kPanelWidth * across, kPanelHeight * down);
}

}  // namespace eie::tb
