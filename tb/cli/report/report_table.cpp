// SPDX-License-Identifier: Apache-2.0
// The report as a table for people.
#include <algorithm>
#include <cstdio>

#include "tb/cli/report/cold_start_report.h"
#include "tb/cli/report/cost_report.h"
#include "tb/cli/report/report.h"
#include "tb/cli/report/text_table.h"

namespace eie::tb {
namespace {

// "launch 1, cycle 40: PE 3, row 7, column 12, entry 2: expected 5, seen 9"
std::string place_text(const FaultPlace& place, const LayerReport& layer) {
  std::string text;
  auto add = [&](const char* name, const auto& value) {
    if (value) text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(*value);
  };
  if (layer.sample_cycles.size() > 1) text = "sample " + std::to_string(place.sample);
  add("launch", place.launch);
  add("cycle", place.cycle);
  add("PE", place.pe);
  add("row", place.row);
  add("column", place.column);
  add("entry", place.entry);
  if (place.expected && place.seen) {
    text += std::string(place.column ? ": the sum is expected to be " : ": expected ") + std::to_string(*place.expected) +
            ", seen " + std::to_string(*place.seen);
  }
  return text;
}

std::string loss_text(const char* name, const std::optional<QuantityLoss>& loss) {
  if (!loss) return "";
  char text[96];
  std::snprintf(text, sizeof text, ", %s %llu/%llu/%.2g", name, static_cast<unsigned long long>(loss->zeroed),
                static_cast<unsigned long long>(loss->clamped), loss->max_relative_error);
  return text;
}

void print_quantisation(const Quantisation& q, const char* indent, std::FILE* out) {
  const std::string text = loss_text("weights", q.weights) + loss_text("biases", q.biases) +
                           loss_text("activations", q.activations) + loss_text("sums", q.sums);
  if (!text.empty()) {
    std::fprintf(out, "%squantisation  became 0/clamped/largest relative error: %s\n", indent, text.c_str() + 2);
  }
}

void print_account(const PeCycles& account, const Counters& counters, std::FILE* out) {
  std::string text;
  for (unsigned r = 0; r < kCycleReasons; ++r) {
    // The machine has none (docs/architecture.md): 0.0 % would look like a measurement.
    if (static_cast<CycleReason>(r) == CycleReason::kNoCandidate && account.by[r] == 0) continue;
    char part[64];
    std::snprintf(part, sizeof part, "%s%s %.1f", text.empty() ? "" : ", ", kCycleReasonKeys[r],
                  100 * static_cast<double>(account.by[r]) / static_cast<double>(account.total()));
    text += part;
  }
  std::replace(text.begin(), text.end(), '_', ' ');
  std::fprintf(out, "  PE cycles     %s %%\n", text.c_str());
  std::fprintf(out, "  bound         %s\n", bound_text(counters, account).c_str());
}

// Beside a sum over several samples: ", 58.7 a sample".
std::string a_sample(std::uint64_t sum, const LayerReport& layer) {
  const std::size_t samples = layer.sample_cycles.size();
  return samples > 1 ? ", " + fixed(static_cast<double>(sum) / static_cast<double>(samples), 1) + " a sample" : "";
}

void print_places(const LayerReport& layer, const std::string& name, std::FILE* out) {
  if (layer.mismatch_at) {
    std::fprintf(out, "  mismatch at   %s%s\n", name.c_str(), place_text(*layer.mismatch_at, layer).c_str());
  }
  if (layer.saturated_at) {
    std::fprintf(out, "  saturated at  %s%s\n", name.c_str(), place_text(*layer.saturated_at, layer).c_str());
  }
  for (const std::string& command : layer.to_see) std::fprintf(out, "  to see it     %s\n", command.c_str());
}

void print_trace_window(const nlohmann::ordered_json& window, std::FILE* out) {
  const std::string on = window["on"];
  if (window["file"].is_null()) {
    std::fprintf(out, "waves           none, the run has no %s\n", on == "saturated" ? "saturated sum" : on.c_str());
    return;
  }
  std::fprintf(out, "waves           %s: launch %s, cycles %s to %s; first %s in cycle %s: %s\n",
               window["file"].get<std::string>().c_str(), window["launch"].dump().c_str(), window["from"].dump().c_str(),
               window["to"].dump().c_str(), on == "saturated" ? "saturated sum" : on.c_str(), window["cycle"].dump().c_str(),
               window["what"].get<std::string>().c_str());
}

void print_layer(const LayerReport& layer, const Report& report, std::FILE* out) {
  const PeSums sums = sums_of(layer);
  const PeRange work = range_of(sums.entries);
  std::fprintf(out, "%s%s%s x %s, %s\n", layer.name.c_str(), layer.name.empty() ? "" : ": ", counted(layer.rows, "row").c_str(),
               counted(layer.columns, "column").c_str(), report.config.name.c_str());
  if (layer.sharing && layer.sharing->clustered()) {
    std::fprintf(out, "  weights       %s clustered into %zu (%s): error at most %.4g, rms %.4g\n",
                 counted(layer.sharing->distinct, "distinct value").c_str(), layer.sharing->used, layer.sharing->start.c_str(),
                 layer.sharing->max_error, layer.sharing->rms_error);
  }
  if (layer.balance) {
    const Balance& b = *layer.balance;
    std::fprintf(out,
                 "  rows          dealt by %s%s: largest work of a PE over the mean %s, was %s; in windows of %s %s, was %s\n",
                 balance_name(b.kind), b.calibrated ? ", columns by their use" : "", fixed(b.after.all, 3).c_str(),
                 fixed(b.before.all, 3).c_str(), counted(b.window, "column").c_str(), fixed(b.after.windows, 3).c_str(),
                 fixed(b.before.windows, 3).c_str());
  }
  const std::string skipped =
      report.config.skip_padding && layer.counters ? " (" + thousands(sums.padding_skipped) + " skipped)" : "";
  if (sums.known) {
    std::fprintf(out, "  entries       %s%s, %s of them padding%s; per PE %s to %s\n", thousands(work.total).c_str(),
                 a_sample(work.total, layer).c_str(), thousands(sums.padding).c_str(), skipped.c_str(),
                 thousands(work.low).c_str(), thousands(work.high).c_str());
  } else {
    std::fprintf(out,
                 "  entries       not known, as load balance, starved cycles and SRAM reads: %s has no counters in its PEs\n",
                 report.config.name.c_str());
  }
  if (layer.counters) {
    const Counters& c = *layer.counters;
    std::fprintf(out, "  cycles        %s (%s us at %g MHz), %s, %s, %s\n", thousands(c.cycles).c_str(),
                 fixed(layer.time_us(report.config.clock_mhz), 3).c_str(), report.config.clock_mhz,
                 counted(c.launches, "launch", "launches").c_str(), counted(c.batches, "batch", "batches").c_str(),
                 counted(c.broadcasts, "broadcast").c_str());
    if (layer.sample_cycles.size() > 1) {
      const PeRange range = range_of(layer.sample_cycles);
      const std::string spread = range.low == range.high ? "" : thousands(range.low) + " to ";
      std::fprintf(out, "  samples       %s, each %s%s, mean %s (%s us)\n", thousands(layer.sample_cycles.size()).c_str(),
                   spread.c_str(), counted(range.high, "cycle").c_str(), fixed(range.mean, 1).c_str(),
                   fixed(range.mean / report.config.clock_mhz, 3).c_str());
    }
    if (const auto balance = layer.load_balance()) std::fprintf(out, "  load balance  %.1f %%\n", 100 * *balance);
    const std::string starved = sums.known ? "; starved " + counted(sums.starved, "PE cycle") : "";
    std::fprintf(out, "  stalls        queue full %s, activation transfer %s%s\n", thousands(c.queue_full_cycles).c_str(),
                 counted(c.act_transfer_cycles, "cycle").c_str(), starved.c_str());
    if (layer.pe_cycles) print_account(*layer.pe_cycles, c, out);
    if (sums.known) {
      std::fprintf(out, "  SRAM reads    Spmat %s, Ptr %s, Act %s\n", thousands(sums.spmat).c_str(), thousands(sums.ptr).c_str(),
                   thousands(sums.act).c_str());
    }
    if (report.config.ecc) {
      std::fprintf(out, "  ECC           %s corrected\n", counted(c.ecc_corrected, "read of a word", "reads of a word").c_str());
    }
  }
  if (const std::string text = energy_text(report, layer); !text.empty()) {
    std::fprintf(out, "  energy        %s\n", text.c_str());
    if (!report.list) std::fprintf(out, "  area          %s\n", area_text(report).c_str());
  }
  if (!report.list) print_cold_start(report, {&layer}, out);
  if (layer.formats) {
    std::fprintf(out, "  formats       weights %d, activations %d, outputs %d fraction bits, shift %d\n",
                 layer.formats->weight_frac, layer.formats->act_frac, layer.formats->out_frac, layer.formats->shift);
  }
  if (layer.quantisation) print_quantisation(*layer.quantisation, "  ", out);
  if (layer.float_error) {
    std::fprintf(out, "  float error   at most %.4g, rms %.4g%s\n", layer.float_error->max_abs, layer.float_error->rms,
                 layer.from_shared ? ", against the shared values of the container" : "");
  }
  if (layer.verdict) {
    std::fprintf(out, "  golden model  %s%s\n", layer.verdict->match() ? "match" : "MISMATCH",
                 layer.verdict->saturated ? ", an accumulator saturated" : "");
    print_places(layer, "", out);
  }
}

void print_bench(const Report& report, std::FILE* out) {
  constexpr auto kRight = TextTable::Align::kRight;
  const std::string here = report.config.name + ", " + report.engine;
  const std::string paper = "paper, 64 PEs at 800 MHz";
  TextTable table;
  table.add_column("layer", TextTable::Align::kLeft);
  table.add_column("cycles", kRight, here);
  table.add_column("time (us)", kRight, here);
  table.add_column("balance (%)", kRight, here);
  if (report.technology) table.add_column("energy (uJ)", kRight, here);
  table.add_column("golden model", TextTable::Align::kLeft, here);
  table.add_column("time (us)", kRight, paper);
  table.add_column("ratio", kRight, paper);
  table.add_column("balance (%)", kRight, paper);
  for (const LayerReport& layer : report.layers) {
    const double us = layer.time_us(report.config.clock_mhz);
    std::vector<std::string> cells = {layer.name, thousands(layer.counters->cycles), fixed(us, 2),
                                      layer.load_balance() ? fixed(100 * *layer.load_balance(), 1) : "-"};
    if (report.technology) {
      const std::optional<Energy> energy = cost_of(*layer.counters, report.config, *report.technology).energy;
      cells.push_back(energy ? fixed(energy->uj, 2) : "-");
    }
    cells.insert(cells.end(), {layer.verdict->match() ? "match" : "MISMATCH", fixed(layer.paper->time_us, 1),
                               layer.paper->time_us > 0 ? fixed(us / layer.paper->time_us, 3) : "-",
                               layer.paper->load_balance ? fixed(100 * *layer.paper->load_balance, 1) : "-"});
    table.add_row(std::move(cells));
  }
  table.print(out);
  Quantisation all;
  for (const LayerReport& layer : report.layers) {
    if (layer.quantisation) all.add(*layer.quantisation);
  }
  print_quantisation(all, "", out);
  for (const LayerReport& layer : report.layers) print_places(layer, layer.name + ": ", out);
}

}  // namespace

std::string bound_text(const Counters& counters, const PeCycles& account) {
  static const char* const kLosses[kCycleReasons] = {"",
                                                     "padding entries",
                                                     "columns without entries in a PE",
                                                     "waiting for a broadcast that another PE's full queue holds back",
                                                     "waiting for a candidate",
                                                     "the start of batches",
                                                     "waiting for the slowest PE at the end of batches",
                                                     "loads and stores of activations and biases"};
  const Floors floors = floors_of(counters);
  if (!floors.distance) return "nothing is broadcast: what is left is transfers and the start and end of batches";
  const bool by_weights = floors.nonzeros >= static_cast<double>(floors.broadcasts);
  std::string sentence = std::string(by_weights ? "non-zero weights, spread evenly over the PEs" : "broadcasts, one a cycle") +
                         ": " + fixed(by_weights ? floors.nonzeros : static_cast<double>(floors.broadcasts), 0) +
                         " cycles at least, " + fixed(100 * *floors.distance, 1) + " % more were taken";
  unsigned largest = 1;
  for (unsigned r = 1; r < kCycleReasons; ++r) largest = account.by[r] > account.by[largest] ? r : largest;
  if (account.by[largest] > 0) {
    sentence += std::string("; most PE cycles without work: ") + kLosses[largest] + ", " +
                fixed(100 * static_cast<double>(account.by[largest]) / static_cast<double>(account.total()), 1) + " %";
  }
  return sentence;
}

void print_report(const Report& report, std::FILE* out) {
  if (report.command == "bench") {
    print_bench(report, out);
  } else {
    for (const LayerReport& layer : report.layers) print_layer(layer, report, out);
  }
  for (const nlohmann::ordered_json& flip : report.flips) {
    std::fprintf(out, "flip            %s: %s\n", flip["flip"].get<std::string>().c_str(),
                 flip["outcome"].get<std::string>().c_str());
  }
  if (!report.trace_window.is_null()) print_trace_window(report.trace_window, out);
  if (report.samples) {
    std::fprintf(out, "samples         %s\n", thousands(*report.samples).c_str());
    std::uint64_t cycles = 0;
    for (const LayerReport& layer : report.layers) cycles += layer.counters ? layer.counters->cycles : 0;
    if (cycles > 0) {
      const double us = static_cast<double>(cycles) / report.config.clock_mhz / static_cast<double>(*report.samples);
      std::fprintf(out, "latency         %s us a sample, without transfers from and to the host\n", fixed(us, 3).c_str());
      std::fprintf(out, "throughput      %s samples/s at %g MHz\n", fixed(1e6 / us, 0).c_str(), report.config.clock_mhz);
    }
  }
  if (report.list && report.command != "bench") {
    if (const std::string text = energy_text(report, all_layers(report)); !text.empty()) {
      std::fprintf(out, "energy          %s\n", text.c_str());
    }
  }
  if (const std::string text = area_text(report); report.list && !text.empty())
    std::fprintf(out, "area            %s\n", text.c_str());
  if (report.list) print_cold_starts(report, out);
  if (report.accuracy) {
    std::fprintf(out, "accuracy        %.4f (float network %.4f)\n", *report.accuracy, *report.float_accuracy);
  }
  for (const std::string& text : report.warnings()) std::fprintf(out, "warning         %s\n", text.c_str());
}

}  // namespace eie::tb
