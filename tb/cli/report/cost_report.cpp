// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/cost_report.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>
#include <vector>

#include "tb/cli/report/text_table.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

std::size_t frames_of(const LayerReport& layer) { return std::max<std::size_t>(1, layer.sample_cycles.size()); }

/// Their names, with commas; empty: nothing is left out.
std::string without_text(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) text += (text.empty() ? "" : ", ") + option;
  return text;
}

/// Three figures or so: a small network takes fractions of a microjoule.
std::string figures(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value >= 1000 ? "%.0f" : "%.4g", value);
  return text;
}

}  // namespace

LayerReport all_layers(const Report& report) {
  LayerReport sum;
  for (const LayerReport& layer : report.layers) {
    if (!layer.counters) continue;
    if (!sum.counters) sum.counters = Counters{};
    sum.counters->add(*layer.counters);
    if (report.samples) sum.sample_cycles = layer.sample_cycles;
  }
  return sum;
}

void add_energy(Json& j, const Report& report, const LayerReport& layer) {
  j["energy"] = nullptr;
  if (!report.technology || !layer.counters) return;
  const Cost cost = cost_of(*layer.counters, report.config, *report.technology);
  Json energy = {{"technology", report.technology->name()}, {"refused", nullptr}};
  if (!cost.energy) {
    energy["refused"] = cost.refused;
    j["energy"] = std::move(energy);
    return;
  }
  const Energy& e = *cost.energy;
  const double us = layer.time_us(report.config.clock_mhz);
  const auto frames = static_cast<double>(frames_of(layer));
  energy["uj"] = e.uj;
  energy["power_mw"] = e.power_mw;
  energy["gops"] = e.gops;
  energy["frames"] = frames_of(layer);
  energy["frames_per_s"] = us > 0 ? Json(frames / us * 1e6) : Json(nullptr);
  energy["frames_per_j"] = e.uj > 0 ? Json(frames / e.uj * 1e6) : Json(nullptr);
  energy["dram_uj"] = e.dram_uj;
  energy["without"] = cost.without;
  energy["parts"] = Json::array();
  for (const EnergyPart& part : e.parts) {
    energy["parts"].push_back({{"block", part.block},
                               {"event", part.event},
                               {"count", part.count},
                               {"each", part.each},
                               {"unit", part.is_power ? "mW, count in PE us" : "pJ"},
                               {"uj", part.uj}});
  }
  j["energy"] = std::move(energy);
}

void add_area(Json& j, const Report& report) {
  j["area"] = nullptr;
  if (!report.technology) return;
  Json area = {{"technology", report.technology->name()}, {"refused", nullptr}};
  try {
    const Area known = area_of(report.config, *report.technology);
    area["mm2"] = known.mm2;
    area["without"] = uncounted_options(report.config);
    area["parts"] = Json::array();
    for (const AreaPart& part : known.parts) {
      area["parts"].push_back({{"block", part.block}, {"what", part.what}, {"count", part.count}, {"um2", part.um2}});
    }
  } catch (const UserError& error) {
    area["refused"] = error.what();
  }
  j["area"] = std::move(area);
}

std::string energy_text(const Report& report, const LayerReport& layer) {
  if (!report.technology || !layer.counters) return "";
  const Cost cost = cost_of(*layer.counters, report.config, *report.technology);
  const std::string with = " (" + report.technology->name() + ")";
  if (!cost.energy) return "not known" + with + ": " + cost.refused;
  const Energy& e = *cost.energy;
  std::string text = figures(e.uj) + " uJ, ";
  const std::size_t frames = frames_of(layer);
  if (frames > 1) text += figures(e.uj / static_cast<double>(frames)) + " a sample, ";
  text += figures(e.power_mw) + " mW, " + figures(e.gops) + " GOP/s";
  if (e.uj > 0) text += ", " + thousands(static_cast<std::uint64_t>(static_cast<double>(frames) / e.uj * 1e6)) + " frames/J";
  text += with;
  std::vector<std::pair<double, std::string>> blocks;
  for (const EnergyPart& part : e.parts) {
    const bool known = std::any_of(blocks.begin(), blocks.end(), [&](const auto& block) { return block.second == part.block; });
    if (!known) blocks.emplace_back(e.of_block(part.block), part.block);
  }
  std::stable_sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t k = 0; k < 3 && k < blocks.size() && e.uj > 0; ++k) {
    text += (k == 0 ? ": " : ", ") + blocks[k].second + " " + fixed(100 * blocks[k].first / e.uj, 1) + " %";
  }
  if (!cost.without.empty()) text += "; that of " + without_text(cost.without) + " is not in it";
  return text;
}

std::string area_text(const Report& report) {
  if (!report.technology) return "";
  const std::string with = " (" + report.technology->name() + ")";
  try {
    const Area area = area_of(report.config, *report.technology);
    const std::vector<std::string> without = uncounted_options(report.config);
    return fixed(area.mm2, 2) + " mm2" + with + (without.empty() ? "" : "; that of " + without_text(without) + " is not in it");
  } catch (const UserError& error) {
    return "not known" + with + ": " + error.what();
  }
}

}  // namespace eie::tb
