// SPDX-License-Identifier: Apache-2.0
// Layers: their numbers, where their cycles went, load, exactness; and what was run.
#include <algorithm>

#include "tb/cli/html/charts.h"
#include "tb/cli/html/markup.h"
#include "tb/cli/html/sections.h"
#include "tb/cli/html/verdict.h"
#include "tb/support/page/html.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

std::string reason_class(unsigned reason) { return "k" + std::to_string(reason); }

Number energy_uj(const LayerData& layer) {
  return layer.energy && layer.energy->refused.empty() ? Number(layer.energy->uj) : Number();
}

/// Calls `each(run, layer)`, a layer of all runs after the other where they have the same layers.
template <class Each>
void for_each_layer(const Runs& runs, const Each& each) {
  if (!same_layers(runs)) {
    for (const RunData& run : runs) {
      for (const LayerData& layer : run.layers) each(run, layer);
    }
    return;
  }
  for (std::size_t l = 0; l < runs.front().layers.size(); ++l) {
    for (const RunData& run : runs) each(run, run.layers[l]);
  }
}

std::string verdict_word(const LayerData& layer) {
  return !layer.golden_match ? "-" : *layer.golden_match ? "match" : "MISMATCH";
}

std::string layers_table(const Runs& runs, const std::string& caption) {
  HtmlTable table(caption);
  const bool paper =
      std::any_of(runs.front().layers.begin(), runs.front().layers.end(), [](const LayerData& l) { return l.paper_us; });
  table.column("layer", false).column("rows").column("columns");
  for (const RunData& run : runs) {
    const std::string group = runs.size() > 1 ? run.label : "";
    table.column("cycles", true, group).column("time (us)", true, group);
    if (&run != &runs.front()) table.column("time, ratio", true, group);
    table.column("balance (%)", true, group).column("energy (uJ)", true, group);
    if (&run != &runs.front()) table.column("energy, ratio", true, group);
  }
  table.column("golden model", false);
  if (paper) table.column("time (us)", true, "the paper, 64 PEs").column("balance (%)", true, "the paper, 64 PEs");
  const auto cells_of = [&](std::size_t l) {
    const auto layer_of = [&](const RunData& run) -> const LayerData& { return l < run.layers.size() ? run.layers[l] : run.all; };
    const LayerData& first = layer_of(runs.front());
    std::vector<Cell> cells = {l < runs.front().layers.size() ? first.name.empty() ? "the layer" : first.name : "all",
                               count_text(first.rows), count_text(first.columns)};
    const auto ratio = [](const Number& value, const Number& to) {
      return ratio_text(value && to && *to > 0 ? Number(*value / *to) : Number());
    };
    for (const RunData& run : runs) {
      const LayerData& layer = layer_of(run);
      cells.emplace_back(count_text(layer.cycles));
      cells.emplace_back(figures(layer.time_us));
      if (&run != &runs.front()) cells.emplace_back(ratio(layer.time_us, first.time_us));
      cells.emplace_back(percent(layer.load_balance));
      cells.emplace_back(figures(energy_uj(layer)));
      if (&run != &runs.front()) cells.emplace_back(ratio(energy_uj(layer), energy_uj(first)));
    }
    std::string golden;
    for (const RunData& run : runs) {
      const std::string word = verdict_word(layer_of(run));
      if (golden.empty() || word != "match") golden = word;
    }
    cells.emplace_back(golden);
    if (paper) {
      cells.emplace_back(figures(first.paper_us));
      cells.emplace_back(percent(first.paper_balance));
    }
    return cells;
  };
  for (std::size_t l = 0; l < runs.front().layers.size(); ++l) table.row(cells_of(l));
  if (runs.front().list) table.total(cells_of(runs.front().layers.size()));
  return table.html(true);
}

std::string accounts_table(const Runs& runs) {
  // Reasons that no run has would be columns of zeros.
  std::vector<unsigned> reasons;
  for (unsigned r = 0; r < kCycleReasons; ++r) {
    bool any = false;
    for_each_layer(runs,
                   [&](const RunData&, const LayerData& layer) { any = any || (layer.pe_cycles && (*layer.pe_cycles)[r] > 0); });
    if (any) reasons.push_back(r);
  }
  HtmlTable table("PE cycles by reason, in the mean of the PEs, and their share in %");
  table.column("layer", false).column("cycles");
  for (const unsigned r : reasons) table.column("cycles", true, reason_words(r)).column("%", true, reason_words(r));
  for_each_layer(runs, [&](const RunData& run, const LayerData& layer) {
    if (!layer.pe_cycles || run.n_pe == 0) return;
    std::vector<Cell> cells = {layer_label(runs, run, layer), count_text(layer.cycles)};
    for (const unsigned r : reasons) {
      const double cycles = (*layer.pe_cycles)[r] / run.n_pe;
      cells.emplace_back(figures(cycles));
      cells.emplace_back(percent(layer.cycles && *layer.cycles > 0 ? Number(cycles / *layer.cycles) : Number()));
    }
    table.row(std::move(cells));
  });
  return table.html(true);
}

std::string floors_table(const Runs& runs) {
  HtmlTable table("The floor: cycles that no arrangement of the rows goes below");
  table.column("layer", false)
      .column("cycles")
      .column("non-zero weights / PEs")
      .column("broadcasts")
      .column("bound by", false)
      .column("above (%)");
  for_each_layer(runs, [&](const RunData& run, const LayerData& layer) {
    if (!layer.floor_nonzeros || !layer.floor_broadcasts) return;
    table.row({layer_label(runs, run, layer), count_text(layer.cycles), figures(layer.floor_nonzeros),
               count_text(layer.floor_broadcasts), *layer.floor_broadcasts > *layer.floor_nonzeros ? "broadcasts" : "weights",
               percent(layer.floor_distance)});
  });
  return table.empty() ? "" : heading(3, "Distance to the floor") + table.html(true);
}

}  // namespace

std::string layers_section(const Runs& runs) {
  std::string html;
  constexpr std::size_t kTogether = 4;
  if (same_layers(runs) && runs.size() <= kTogether) {
    html = layers_table(runs, "Layers");
  } else {
    for (const RunData& run : runs) html += layers_table({run}, "Layers on " + run.label);
  }
  return section("layers", "Layers", html);
}

std::string cycles_section(const Runs& runs) {
  std::vector<Bar> bars;
  for_each_layer(runs, [&](const RunData& run, const LayerData& layer) {
    if (!layer.pe_cycles || run.n_pe == 0) return;
    Bar bar;
    bar.label = layer_label(runs, run, layer);
    bar.total = count_text(layer.cycles);
    for (unsigned r = 0; r < kCycleReasons; ++r) {
      const double cycles = (*layer.pe_cycles)[r] / run.n_pe;
      const Number share = layer.cycles && *layer.cycles > 0 ? Number(cycles / *layer.cycles) : Number();
      bar.segments.push_back({reason_class(r),
                              r == 3   ? "held"
                              : r == 2 ? "empty"
                                       : reason_words(r),
                              cycles,
                              bar.label + ": " + reason_words(r) + " " + figures(cycles) + " cycles, " + percent(share) + " %"});
    }
    if (layer.floor_nonzeros && layer.floor_broadcasts) {
      bar.tick = std::max(*layer.floor_nonzeros, *layer.floor_broadcasts);
      bar.tick_title = bar.label + ": floor " + figures(bar.tick) + " cycles, " + percent(layer.floor_distance) + " % above it";
    }
    bars.push_back(std::move(bar));
  });
  if (bars.empty()) {
    return section("cycles", "Where the cycles went",
                   paragraph("The reports have no account of PE cycles.") + floors_table(runs));
  }
  std::vector<std::pair<std::string, std::string>> names;
  for (unsigned r = 0; r < kCycleReasons; ++r) names.emplace_back(reason_class(r), reason_words(r));
  names.emplace_back("tick", "the floor");
  return section(
      "cycles", "Where the cycles went",
      paragraph(
          "Cycles of a PE in the mean, by what it did. The mark across a bar is the floor: the larger of the broadcasts and of "
          "the non-zero weights spread evenly over the PEs.",
          "quiet") +
          legend(names) + bar_chart("Where the cycles went, a bar a layer", bars) + accounts_table(runs) + floors_table(runs));
}

std::string load_section(const Runs& runs) {
  HtmlTable table("Entries of a PE, padding included");
  table.column("layer", false).column("PEs").column("least").column("mean").column("most").column("most / mean");
  std::string charts;
  constexpr std::size_t kMostCharts = 24;
  std::size_t drawn = 0, left_out = 0, without = 0;
  for_each_layer(runs, [&](const RunData& run, const LayerData& layer) {
    if (!layer.pe_mean) return;
    const std::string label = layer_label(runs, run, layer);
    table.row({label, count_text(run.n_pe), count_text(layer.pe_min), figures(layer.pe_mean), count_text(layer.pe_max),
               ratio_text(layer.pe_max && *layer.pe_mean > 0 ? Number(*layer.pe_max / *layer.pe_mean) : Number())});
    if (layer.per_pe.empty()) {
      ++without;
    } else if (drawn == kMostCharts) {
      ++left_out;
    } else {
      ++drawn;
      charts += "<figure>\n<figcaption>" + html_text(label) + "</figcaption>\n" +
                pe_chart("Entries of each PE: " + label, layer.per_pe, *layer.pe_mean,
                         *std::max_element(layer.per_pe.begin(), layer.per_pe.end())) +
                "</figure>\n";
    }
  });
  if (table.empty()) return section("load", "Load of the PEs", paragraph("The reports have no counters of the PEs."));
  std::string html;
  if (!charts.empty()) {
    html +=
        paragraph("A bar is a PE (or some neighbours): the entries of the broadcast columns that it has. The line is the mean.",
                  "quiet") +
        "<div class=\"small-multiples\">\n" + charts + "</div>\n";
  }
  if (left_out != 0)
    html += paragraph(counted(left_out, "more layer is in the table alone.", "more layers are in the table alone."), "quiet");
  if (without != 0) {
    html += paragraph(
        "Not drawn: " +
            counted(without, "layer whose report has no list of all PEs", "layers whose reports have no list of all PEs") +
            " (work/per_pe), as older versions of the program wrote them. The table has least, mean and most.",
        "quiet");
  }
  return section("load", "Load of the PEs", html + table.html(true));
}

std::string exactness_section(const Runs& runs) {
  // Quantities of which nothing was lost anywhere are named in a sentence.
  std::vector<std::string> kept, lost;
  for (const char* of : {"weights", "biases", "activations", "sums"}) {
    bool any = false, known = false;
    for_each_layer(runs, [&](const RunData&, const LayerData& layer) {
      for (const LossData& loss : layer.losses) {
        known = known || loss.of == of;
        any = any || (loss.of == of && (loss.zeroed > 0 || loss.clamped > 0 || loss.relative > 0));
      }
    });
    if (known) (any ? lost : kept).emplace_back(of);
  }
  HtmlTable losses("What fixed point lost: values that became 0, that were clamped, largest relative error");
  losses.column("layer", false);
  for (const std::string& of : lost) losses.column("became 0", true, of).column("clamped", true, of).column("relative", true, of);
  HtmlTable errors("Outputs against double precision");
  errors.column("layer", false)
      .column("largest error")
      .column("rms error")
      .column("against", false)
      .column("values shared from")
      .column("rms of sharing");
  for_each_layer(runs, [&](const RunData& run, const LayerData& layer) {
    const std::string label = layer_label(runs, run, layer);
    std::vector<Cell> cells = {label};
    for (const std::string& of : lost) {
      const auto loss = std::find_if(layer.losses.begin(), layer.losses.end(), [&](const LossData& l) { return l.of == of; });
      const bool known = loss != layer.losses.end();
      cells.emplace_back(known ? count_text(loss->zeroed) : "-");
      cells.emplace_back(known ? count_text(loss->clamped) : "-");
      cells.emplace_back(known ? figures(loss->relative) : "-");
    }
    if (!lost.empty()) losses.row(std::move(cells));
    if (layer.error_rms || layer.shared_from) {
      errors.row({label, figures(layer.error_max), figures(layer.error_rms),
                  layer.error_of == "shared" ? "the shared weights" : "the weights as given", count_text(layer.shared_from),
                  figures(layer.shared_rms)});
    }
  });
  std::string html;
  if (!errors.empty()) html += errors.html(true);
  if (!losses.empty()) html += losses.html(true);
  if (!kept.empty()) html += paragraph("Fixed point lost nothing of " + listed_and(kept) + ".");
  if (html.empty()) html = paragraph("The reports say nothing of it.");
  return section("exactness", "Quantisation and error", html);
}

std::string what_ran_section(const ReportData& data) {
  const Runs& runs = data.runs;
  std::string html;
  if (!runs.empty()) {
    HtmlTable reports("Runs");
    reports.column("run", false)
        .column("report", false)
        .column("command", false)
        .column("engine", false)
        .column("version", false)
        .column("seed");
    HtmlTable configuration("Configurations");
    configuration.column("key", false);
    HtmlTable inputs("Files that were read");
    inputs.column("role", false)
        .column("run", false)
        .column("path", false)
        .column("shape", false)
        .column("type", false)
        .column("sha256", false);
    HtmlTable options("Options that were given or have a default");
    options.column("option", false);
    for (const RunData& run : runs) {
      reports.row({run.label, run.file, run.command, run.engine, run.version, count_text(run.seed)});
      configuration.column(run.label);
      options.column(run.label, false);
      for (const InputData& input : run.inputs) {
        inputs.row({input.role + (input.layer.empty() ? "" : " of " + input.layer), run.label, input.path, input.shape,
                    input.dtype, input.sha256});
      }
    }
    const auto add_rows = [&](HtmlTable& table, auto pairs_of, bool with_empty) {
      std::vector<std::string> keys;
      for (const RunData& run : runs) {
        for (const auto& pair : pairs_of(run)) {
          if (std::find(keys.begin(), keys.end(), pair.first) == keys.end()) keys.push_back(pair.first);
        }
      }
      for (const std::string& key : keys) {
        std::vector<std::string> values;
        for (const RunData& run : runs) {
          std::string value = "-";
          for (const auto& pair : pairs_of(run)) value = pair.first == key ? pair.second : value;
          values.push_back(value);
        }
        const bool same = std::all_of(values.begin(), values.end(), [&](const std::string& v) { return v == values.front(); });
        if (same && values.front() == "-" && !with_empty) continue;
        std::vector<Cell> cells = {Cell(key, same ? "" : "differs")};
        for (const std::string& value : values) cells.emplace_back(value);
        table.row(std::move(cells));
      }
    };
    add_rows(
        configuration, [](const RunData& run) { return run.configuration; }, true);
    add_rows(
        options, [](const RunData& run) { return run.options; }, false);
    html += reports.html() + configuration.html() + inputs.html() + options.html();
  }
  for (const SweepRows& sweep : data.sweeps) {
    if (sweep.options.empty()) continue;
    HtmlTable options("Options of the sweep in " + sweep.file);
    options.column("option", false).column("value", false);
    for (const auto& [key, value] : sweep.options) options.row({key, value});
    html += options.html();
  }
  return html.empty() ? "" : section("what-ran", "What was run", html);
}

}  // namespace eie::tb
