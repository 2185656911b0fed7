// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/html/page.h"

#include <vector>

#include "tb/cli/html/markup.h"
#include "tb/cli/html/sections.h"
#include "tb/support/page/html.h"
#include "tb/support/version.h"
#include "tb/trace/timeline/web_files.h"

namespace eie::tb {
namespace {

std::string title_of(const ReportData& data) {
  std::vector<std::string> names;
  for (const RunData& run : data.runs) names.push_back(run.label);
  constexpr std::size_t kMost = 4;
  if (names.size() > kMost) {
    const std::size_t more = names.size() - kMost + 1;
    names.resize(kMost - 1);
    names.push_back(std::to_string(more) + " more runs");
  }
  for (const SweepRows& sweep : data.sweeps)
    names.push_back("sweep of " + (sweep.keys.empty() ? "one point" : listed_and(sweep.keys)));
  return "EIE: " + listed_and(names);
}

/// What the runs did, in a line.
std::string subtitle_of(const ReportData& data) {
  if (data.runs.empty()) return "";
  const RunData& run = data.runs.front();
  std::string text = "eie " + run.command + ", engine " + run.engine + ": ";
  if (!run.list) {
    const std::string* weights = run.option("weights");
    text += (weights == nullptr ? "a layer" : *weights) + ", " + count_text(run.layers.front().rows) + " rows x " +
            count_text(run.layers.front().columns) + " columns";
  } else {
    std::vector<std::string> names;
    for (const LayerData& layer : run.layers) names.push_back(layer.name);
    constexpr std::size_t kMost = 12;
    if (names.size() > kMost) names.resize(kMost), names.emplace_back("others");
    text += std::to_string(run.layers.size()) + (run.layers.size() == 1 ? " layer, " : " layers, ") + listed_and(names);
  }
  if (run.samples && *run.samples > 1) text += "; " + count_text(run.samples) + " samples";
  return text;
}

}  // namespace

std::string report_page(const ReportData& data) {
  std::string main = warnings_section(data);
  std::string links = main.empty() ? "" : "<a href=\"#warnings\">Warnings</a> ";
  const auto add = [&](const char* id, const char* name, const std::string& html) {
    if (html.empty()) return;
    main += html;
    links += "<a href=\"#" + std::string(id) + "\">" + name + "</a> ";
  };
  if (!data.runs.empty()) {
    add("verdict", data.runs.size() > 1 ? "Verdict" : "In short", verdict_section(data.runs));
    add("summary", data.runs.size() > 1 ? "Side by side" : "Summary", comparison_section(data.runs));
  }
  for (std::size_t k = 0; k < data.sweeps.size(); ++k) {
    const std::string id = "sweep-" + std::to_string(k + 1);
    add(id.c_str(), "Sweep", sweep_section(data.sweeps[k], id));
  }
  if (!data.runs.empty()) {
    add("layers", "Layers", layers_section(data.runs));
    add("cycles", "Cycles", cycles_section(data.runs));
    add("energy", "Energy and area", energy_section(data.runs));
    add("load", "Load", load_section(data.runs));
    add("exactness", "Error", exactness_section(data.runs));
  }
  add("what-ran", "What was run", what_ran_section(data));
  const std::string title = html_text(title_of(data));
  const std::string subtitle = html_text(subtitle_of(data));
  const std::string style = std::string(web_file("base.css")).append(report_web_file("report.css"));
  const std::string json = script_text(data.sources.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
  const std::string about =
      html_text(std::string("Written by eie ") + kVersion +
                ". The reports themselves are in this file, as a list of JSON objects in the element with id \"reports\".");
  return filled_page(report_web_file("report.html"), {{"<!--TITLE-->", title},
                                                      {"/*STYLE*/", style},
                                                      {"<!--HEADING-->", title},
                                                      {"<!--SUBTITLE-->", subtitle},
                                                      {"<!--LINKS-->", links},
                                                      {"<!--MAIN-->", main},
                                                      {"<!--ABOUT-->", about},
                                                      {"/*REPORTS*/", json},
                                                      {"/*SCRIPT*/", report_web_file("report.js")}});
}

}  // namespace eie::tb
