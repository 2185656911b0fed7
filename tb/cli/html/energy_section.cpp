// SPDX-License-Identifier: Apache-2.0
// Energy and area, by block and event (docs/energy.md).
#include <algorithm>

#include "tb/cli/html/charts.h"
#include "tb/cli/html/markup.h"
#include "tb/cli/html/sections.h"

namespace eie::tb {
namespace {

const EnergyData* energy_of(const LayerData& layer) {
  return layer.energy && layer.energy->refused.empty() ? &*layer.energy : nullptr;
}
const AreaData* area_of(const RunData& run) { return run.area && run.area->refused.empty() ? &*run.area : nullptr; }

/// Blocks in the order in which reports have them.
template <class Part>
void add_blocks(std::vector<std::string>& blocks, const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    if (std::find(blocks.begin(), blocks.end(), part.block) == blocks.end()) blocks.push_back(part.block);
  }
}

constexpr std::size_t kClasses = 8;

std::string block_class(const std::vector<std::string>& blocks, const std::string& block) {
  const auto at = static_cast<std::size_t>(std::find(blocks.begin(), blocks.end(), block) - blocks.begin());
  return "k" + std::to_string(at % kClasses);
}

Bar energy_bar(const std::string& label, const EnergyData& energy, const std::vector<std::string>& blocks) {
  Bar bar;
  bar.label = label;
  bar.total = figures(energy.uj) + " uJ";
  for (const std::string& block : blocks) {
    double uj = 0;
    for (const EnergyLine& part : energy.parts) uj += part.block == block ? part.uj : 0;
    bar.segments.push_back(
        {block_class(blocks, block), block, uj,
         label + ": " + block + " " + figures(uj) + " uJ, " + percent(energy.uj > 0 ? Number(uj / energy.uj) : Number()) + " %"});
  }
  return bar;
}

/// What is in `parts` under the same block and event; nothing if it has none.
const EnergyLine* find_part(const EnergyData& energy, const EnergyLine& wanted) {
  const auto found = std::find_if(energy.parts.begin(), energy.parts.end(),
                                  [&](const EnergyLine& p) { return p.block == wanted.block && p.event == wanted.event; });
  return found == energy.parts.end() ? nullptr : &*found;
}

std::string parts_table(const Runs& runs) {
  HtmlTable table("Energy by block and event, the whole run");
  table.column("block", false).column("event", false);
  std::vector<EnergyLine> lines;
  for (const RunData& run : runs) {
    const EnergyData* energy = energy_of(run.all);
    const std::string group = runs.size() > 1 ? run.label : "";
    table.column("count", true, group)
        .column("each", true, group)
        .column("unit", false, group)
        .column("uJ", true, group)
        .column("%", true, group);
    if (energy == nullptr) continue;
    for (const EnergyLine& part : energy->parts) {
      const bool known = std::any_of(lines.begin(), lines.end(),
                                     [&](const EnergyLine& l) { return l.block == part.block && l.event == part.event; });
      if (!known) lines.push_back(part);
    }
  }
  for (const EnergyLine& line : lines) {
    std::vector<Cell> cells = {line.block, line.event};
    for (const RunData& run : runs) {
      const EnergyData* energy = energy_of(run.all);
      const EnergyLine* part = energy == nullptr ? nullptr : find_part(*energy, line);
      if (part == nullptr) {
        for (int k = 0; k < 5; ++k) cells.emplace_back("-");
        continue;
      }
      cells.emplace_back(count_text(part->count));
      cells.emplace_back(figures(part->each));
      cells.emplace_back(part->unit);
      cells.emplace_back(figures(part->uj));
      cells.emplace_back(percent(energy->uj > 0 ? Number(part->uj / energy->uj) : Number()));
    }
    table.row(std::move(cells));
  }
  std::vector<Cell> total = {"all", ""};
  for (const RunData& run : runs) {
    const EnergyData* energy = energy_of(run.all);
    for (int k = 0; k < 3; ++k) total.emplace_back("");
    total.emplace_back(energy == nullptr ? "-" : figures(energy->uj));
    total.emplace_back(energy == nullptr ? "-" : "100.0");
  }
  table.total(std::move(total));
  return table.html(true);
}

std::string area_table(const Runs& runs) {
  HtmlTable table("Area by block (mm2)");
  table.column("block", false).column("what", false);
  std::vector<std::pair<std::string, std::string>> lines;
  for (const RunData& run : runs) {
    table.column(run.label);
    if (area_of(run) == nullptr) continue;
    for (const AreaLine& part : area_of(run)->parts) {
      const std::pair line(part.block, part.what);
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
    }
  }
  if (lines.empty()) return "";
  constexpr double kMm2 = 1e-6;
  for (const auto& [block, what] : lines) {
    std::vector<Cell> cells = {block, what};
    for (const RunData& run : runs) {
      Number mm2;
      if (area_of(run) != nullptr) {
        for (const AreaLine& part : area_of(run)->parts) {
          if (part.block == block && part.what == what) mm2 = mm2.value_or(0) + part.count * part.um2 * kMm2;
        }
      }
      cells.emplace_back(figures(mm2));
    }
    table.row(std::move(cells));
  }
  std::vector<Cell> total = {"all", ""};
  for (const RunData& run : runs) total.emplace_back(area_of(run) == nullptr ? "-" : figures(area_of(run)->mm2));
  table.total(std::move(total));
  return heading(3, "Area") + table.html(true);
}

}  // namespace

std::string energy_section(const Runs& runs) {
  std::vector<std::string> blocks;
  std::string notes;
  for (const RunData& run : runs) {
    if (const EnergyData* energy = energy_of(run.all)) {
      add_blocks(blocks, energy->parts);
      notes += paragraph(
          run.label + ": technology " + energy->technology + ". From DRAM (LPDDR2), the same entries and pointers would take " +
              figures(energy->dram_uj) + " uJ; that is not in the sum." +
              (energy->without.empty()
                   ? ""
                   : " Not counted, as the technology has no value for its logic: " + listed_and(energy->without) + "."),
          "quiet");
    } else {
      notes +=
          paragraph(run.label + " has no energy: " + (run.all.energy ? run.all.energy->refused : "the report has none") + ".");
    }
    if (area_of(run) == nullptr)
      notes += paragraph(run.label + " has no area: " + (run.area ? run.area->refused : "the report has none") + ".");
  }
  if (blocks.empty()) return section("energy", "Energy and area", notes + area_table(runs));
  std::vector<Bar> whole, layers;
  for (const RunData& run : runs) {
    if (const EnergyData* energy = energy_of(run.all)) whole.push_back(energy_bar(run.label, *energy, blocks));
  }
  const auto add_layer = [&](const RunData& run, const LayerData& layer) {
    if (!run.list || energy_of(layer) == nullptr) return;
    layers.push_back(energy_bar(layer_label(runs, run, layer), *energy_of(layer), blocks));
  };
  if (same_layers(runs)) {
    for (std::size_t l = 0; l < runs.front().layers.size(); ++l) {
      for (const RunData& run : runs) add_layer(run, run.layers[l]);
    }
  } else {
    for (const RunData& run : runs) {
      for (const LayerData& layer : run.layers) add_layer(run, layer);
    }
  }
  std::vector<std::pair<std::string, std::string>> names;
  for (const std::string& block : blocks) names.emplace_back(block_class(blocks, block), block);
  std::string html = notes + legend(names) + bar_chart("Energy by block, the whole run", whole);
  if (!layers.empty()) html += heading(3, "By layer") + bar_chart("Energy by block, a bar a layer", layers);
  return section("energy", "Energy and area", html + parts_table(runs) + area_table(runs));
}

}  // namespace eie::tb
