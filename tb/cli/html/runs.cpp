// SPDX-License-Identifier: Apache-2.0
// What a run comes to, and what two of them have in common.
#include <algorithm>
#include <map>

#include "tb/cli/html/markup.h"
#include "tb/cli/html/verdict.h"
#include "tb/support/thousands.h"

namespace eie::tb {

Number energy_uj_of(const RunData& run) {
  return run.all.energy && run.all.energy->refused.empty() ? Number(run.all.energy->uj) : Number();
}

const char* reason_words(unsigned reason) {
  static const char* const kWords[kCycleReasons] = {
      "work",       "padding",     "columns without entries", "waiting for a full queue", "no candidate to broadcast",
      "batch fill", "batch drain", "activation transfer"};
  return kWords[reason];
}

std::vector<std::string> differing_keys(const RunData& a, const RunData& b) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : a.configuration) {
    for (const auto& [other_key, other] : b.configuration) {
      if (key == other_key && key != "name" && value != other) keys.push_back(key + " " + value + " and " + other);
    }
  }
  for (const char* name : {"balance", "technology"}) {
    const std::string *va = a.option(name), *vb = b.option(name);
    if (va != nullptr && vb != nullptr && *va != *vb) keys.push_back("--" + std::string(name) + " " + *va + " and " + *vb);
  }
  if (a.engine != b.engine) keys.push_back("engine " + a.engine + " and " + b.engine);
  return keys;
}

std::string other_work(const RunData& a, const RunData& b) {
  if (a.layers.size() != b.layers.size()) {
    return a.label + " has " + counted(a.layers.size(), "layer") + ", " + b.label + " " + std::to_string(b.layers.size());
  }
  for (std::size_t k = 0; k < a.layers.size(); ++k) {
    const LayerData &la = a.layers[k], &lb = b.layers[k];
    if (la.name != lb.name || la.rows != lb.rows || la.columns != lb.columns) {
      const auto text = [](const LayerData& l) {
        return l.name + (l.name.empty() ? "" : " ") + count_text(l.rows) + " x " + count_text(l.columns);
      };
      return "layer " + std::to_string(k + 1) + " is " + text(la) + " for " + a.label + ", " + text(lb) + " for " + b.label;
    }
  }
  if (a.samples != b.samples)
    return a.label + " ran " + count_text(a.samples) + " samples, " + b.label + " " + count_text(b.samples);
  if (a.seed != b.seed)
    return "the seed is " + count_text(a.seed) + " for " + a.label + ", " + count_text(b.seed) + " for " + b.label;
  for (const char* option : {"act-density", "relu"}) {
    const std::string *va = a.option(option), *vb = b.option(option);
    if (va != nullptr && vb != nullptr && *va != *vb)
      return "--" + std::string(option) + " is " + *va + " for " + a.label + ", " + *vb + " for " + b.label;
  }
  std::map<std::pair<std::string, std::string>, const InputData*> files;
  for (const InputData& input : a.inputs) files[{input.role, input.layer}] = &input;
  for (const InputData& input : b.inputs) {
    if (input.role == "config" || input.role == "technology" || input.role == "calibration" || input.role == "labels") continue;
    const auto found = files.find({input.role, input.layer});
    if (found == files.end()) return b.label + " has a file of " + input.role + ", " + a.label + " has none";
    if (!input.sha256.empty() && !found->second->sha256.empty() && input.sha256 != found->second->sha256) {
      return "the files of " + input.role + (input.layer.empty() ? "" : " of layer " + input.layer) + " differ (" +
             found->second->path + " and " + input.path + ")";
    }
  }
  return "";
}

std::vector<std::string> summary_of(const RunData& run) {
  std::vector<std::string> lines;
  const LayerData& all = run.all;
  std::string text =
      run.label + " took " + count_text(all.cycles) + " cycles, " + figures(all.time_us) + " us at " + figures(run.clock_mhz) +
      " MHz, for " +
      (run.list ? counted(run.layers.size(), "layer") : "a layer of " + count_text(all.rows) + " x " + count_text(all.columns));
  if (run.samples && *run.samples > 1) {
    text += " and " + count_text(run.samples) + " samples: " + figures(*all.time_us / *run.samples) + " us a sample";
  }
  if (energy_uj_of(run)) text += "; " + figures(all.energy->uj) + " uJ at " + figures(all.energy->power_mw) + " mW";
  if (run.area && run.area->refused.empty()) text += "; " + figures(run.area->mm2) + " mm2";
  lines.push_back(text + ".");
  if (all.floor_nonzeros && all.floor_broadcasts && all.floor_distance) {
    const bool by_broadcasts = *all.floor_broadcasts > *all.floor_nonzeros;
    lines.push_back(std::string("No arrangement of the rows goes below ") +
                    figures(by_broadcasts ? *all.floor_broadcasts : *all.floor_nonzeros) + " cycles (" +
                    (by_broadcasts ? "broadcasts, one a cycle" : "non-zero weights, spread evenly over the PEs") +
                    "): " + percent(all.floor_distance) + " % more were taken.");
  }
  if (all.pe_cycles) {
    double sum = 0;
    unsigned most = 1;
    for (unsigned r = 0; r < kCycleReasons; ++r) sum += (*all.pe_cycles)[r];
    for (unsigned r = 1; r < kCycleReasons; ++r) {
      if ((*all.pe_cycles)[r] > (*all.pe_cycles)[most]) most = r;
    }
    if (sum > 0) {
      lines.push_back("PEs work in " + percent((*all.pe_cycles)[0] / sum) + " % of their cycles; most of the others go to " +
                      reason_words(most) + ", " + percent((*all.pe_cycles)[most] / sum) + " %.");
    }
  }
  if (energy_uj_of(run) && *energy_uj_of(run) > 0) {
    std::map<std::string, double> by;
    for (const EnergyLine& part : all.energy->parts) by[part.block] += part.uj;
    const auto most = std::max_element(by.begin(), by.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != by.end())
      lines.push_back("Most energy goes to " + most->first + ", " + percent(most->second / all.energy->uj) + " %.");
  }
  return lines;
}

}  // namespace eie::tb
