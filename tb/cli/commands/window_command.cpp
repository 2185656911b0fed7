// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/window_command.h"

#include <algorithm>

namespace eie::tb {
namespace {

/// As a shell takes it.
std::string quoted(const std::string& text) {
  const char* const kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string all = "'";
  for (const char c : text) all += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return all + "'";
}

}  // namespace

std::string window_command(const Options& options, std::uint64_t launch, const std::vector<unsigned>& pes,
                           const std::string& name_of_command) {
  std::string command = "eie " + name_of_command;
  for (const std::string& name : options.positional()) {
    if (options.has(name)) command += " " + quoted(options.text(name));
  }
  for (const char* name : {"config", "workload", "layers", "act-density", "seed", "bias", "samples", "weight-frac", "act-frac",
                           "out-frac", "balance", "balance-window", "calibration"}) {
    if (options.declares(name) && options.has(name) && !options.defaulted(name)) {
      command += std::string(" --") + name + " " + quoted(options.text(name));
    }
  }
  for (const std::string& change : options.texts("set")) command += " --set " + quoted(change);
  for (const std::string& flip : options.texts("flip")) command += " --flip " + quoted(flip);
  if (options.declares("relu") && options.flag("relu")) command += " --relu";
  command += std::string(" --engine ") + (options.text("engine") == "rtl" ? "rtl" : "hw") +
             " --trace window.fst --trace-launch " + std::to_string(launch);
  std::vector<unsigned> sorted = pes;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string list;
  for (const unsigned pe : sorted) list += (list.empty() ? "" : ",") + std::to_string(pe);
  if (!list.empty()) command += " --trace-pe " + list;
  return command;
}

void add_commands(const Options& options, std::vector<LayerReport>& layers, const std::string& command) {
  for (LayerReport& layer : layers) {
    for (const auto& place : {layer.mismatch_at, layer.saturated_at}) {
      if (!place || !place->launch || !place->pe) continue;
      const std::string line = window_command(options, *place->launch, {*place->pe}, command);
      if (layer.to_see.empty() || layer.to_see.back() != line) layer.to_see.push_back(line);
    }
  }
}

}  // namespace eie::tb
