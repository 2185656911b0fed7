// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/report/cold_start_report.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "tb/cli/report/text_table.h"
#include "tb/cost/cold_start.h"
#include "tb/cost/cost.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

std::optional<ColdStart> cold_start_of(const Report& report, const std::vector<const LayerReport*>& layers) {
  std::optional<ColdStart> all;
  if (!report.memory) return all;
  for (const LayerReport* layer : layers) {
    if (!layer->traffic || !layer->counters) continue;
    std::optional<double> uj;
    if (report.technology) {
      const Cost cost = cost_of(*layer->counters, report.config, *report.technology);
      if (cost.energy) uj = cost.energy->uj;
    }
    const auto frames = static_cast<double>(std::max<std::size_t>(1, layer->sample_cycles.size()));
    const ColdStart cold = cold_start(*layer->traffic, layer->rows, layer->columns, report.config, *report.memory, frames,
                                      layer->time_us(report.config.clock_mhz), uj);
    if (all) {
      all->add(cold);
    } else {
      all = cold;
    }
  }
  return all;
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }
Json spent_json(const Spent& spent) { return {{"us", spent.us}, {"uj", or_null(spent.uj)}}; }

std::string or_dash(const std::optional<double>& value, int digits) { return value ? fixed(*value, digits) : "-"; }
std::string spent_text(const Spent& spent) {
  return fixed(spent.us, 2) + " us" + (spent.uj ? ", " + fixed(*spent.uj, 2) + " uJ" : ", energy not known");
}
std::string frames_text(const std::optional<double>& frames) {
  return frames ? thousands(static_cast<std::uint64_t>(*frames)) : "never";
}

std::uint64_t bytes_of(const ColdStart& cold) {
  std::uint64_t bytes = 0;
  for (const ColdPart& part : cold.parts) {
    if (part.what == "spmat" || part.what == "pointers" || part.what == "biases" || part.what == "codebook")
      bytes += 8 * part.chain.beats;
  }
  return bytes;
}

}  // namespace

std::vector<const LayerReport*> pointers_to(const std::vector<LayerReport>& layers) {
  std::vector<const LayerReport*> pointers;
  for (const LayerReport& layer : layers) pointers.push_back(&layer);
  return pointers;
}

void add_cold_start(Json& j, const Report& report, const std::vector<const LayerReport*>& layers) {
  j["cold_start"] = nullptr;
  const std::optional<ColdStart> cold = cold_start_of(report, layers);
  if (!cold) return;
  Json parts = Json::array();
  for (const ColdPart& part : cold->parts) {
    parts.push_back({{"what", part.what},
                     {"times", part.stays ? "once" : "every frame"},
                     {"bytes", 8 * part.chain.beats},
                     {"descriptors", part.chain.descriptors},
                     {"cycles", part.chain.cycles},
                     {"uj", part.uj}});
  }
  const auto frames = [](const auto& of, double half, double tenth) {
    return Json{{"50 %", or_null(of(half))}, {"10 %", or_null(of(tenth))}};
  };
  j["cold_start"] = {
      {"memory", report.memory->name},
      {"resident", cold->resident()},
      {"limit", cold->limit()},
      {"frames", cold->frames},
      {"bytes", bytes_of(*cold)},
      {"once", spent_json(cold->once)},
      {"every_frame", spent_json(cold->every)},
      {"transfers", spent_json(cold->transfers)},
      {"compute", spent_json(cold->compute)},
      {"cold", spent_json(cold->cold())},
      {"warm", spent_json(cold->warm())},
      {"amortised", spent_json(cold->amortised())},
      {"frames_until_loading_is",
       {{"time", frames([&](double share) { return cold->frames_for_time(share); }, 0.5, 0.1)},
        {"energy", frames([&](double share) { return cold->frames_for_energy(share); }, 0.5, 0.1)}}},
      {"density", cold->density()},
      {"resident_weights", or_null(cold->resident_weights())},
      {"dense", {{"bytes", cold->dense_bits / 8}, {"us", cold->dense.us}, {"uj", or_null(cold->dense.uj)}}},
      {"break_even_density", {{"time", or_null(cold->break_even_time())}, {"energy", or_null(cold->break_even_energy())}}},
      {"parts", std::move(parts)}};
}

void print_cold_start(const Report& report, const std::vector<const LayerReport*>& layers, std::FILE* out) {
  const std::optional<ColdStart> cold = cold_start_of(report, layers);
  if (!cold) return;
  const Spent loaded = cold->resident() ? cold->once : cold->every;
  std::fprintf(out, "  cold start    %s bytes of weights from %s %s: %s; %s limits\n", thousands(bytes_of(*cold)).c_str(),
               report.memory->name.c_str(), cold->resident() ? "once" : "for every sample, since they do not stay",
               spent_text(loaded).c_str(), cold->limit().c_str());
  std::fprintf(out, "                a sample: %s cold, %s warm, %s with loading spread over %s\n",
               spent_text(cold->cold()).c_str(), spent_text(cold->warm()).c_str(), spent_text(cold->amortised()).c_str(),
               counted(static_cast<std::uint64_t>(cold->frames), "sample").c_str());
  std::fprintf(out, "                loading is 50 %% of the time up to %s samples, 10 %% up to %s; of the energy %s and %s\n",
               frames_text(cold->frames_for_time(0.5)).c_str(), frames_text(cold->frames_for_time(0.1)).c_str(),
               frames_text(cold->frames_for_energy(0.5)).c_str(), frames_text(cold->frames_for_energy(0.1)).c_str());
  const auto percent = [](const std::optional<double>& density) {
    return density ? fixed(100 * *density, 1) + " %" : std::string("none");
  };
  std::fprintf(out,
               "                dense weights of %u bits from there: %s a sample; a cold sample takes as much at a density of %s "
               "(time), %s (energy)\n",
               report.config.data_width, spent_text(cold->dense).c_str(), percent(cold->break_even_time()).c_str(),
               percent(cold->break_even_energy()).c_str());
}

void print_cold_starts(const Report& report, std::FILE* out) {
  if (!report.memory) return;
  constexpr auto kRight = TextTable::Align::kRight;
  TextTable table;
  const std::string group = "cold start from " + report.memory->name + ", a sample";
  table.add_column("layer", TextTable::Align::kLeft);
  for (const char* head : {"bytes", "stays", "limit", "loading (us)", "cold (us)", "warm (us)", "cold (uJ)", "warm (uJ)",
                           "dense (us)", "dense (uJ)"}) {
    table.add_column(head, kRight, group);
  }
  const auto row = [&](const std::string& name, const std::vector<const LayerReport*>& layers) {
    const std::optional<ColdStart> cold = cold_start_of(report, layers);
    if (!cold) return;
    table.add_row({name, thousands(bytes_of(*cold)), cold->resident() ? "yes" : "no", cold->limit(),
                   fixed(cold->once.us + cold->every.us, 2), fixed(cold->cold().us, 2), fixed(cold->warm().us, 2),
                   or_dash(cold->cold().uj, 2), or_dash(cold->warm().uj, 2), fixed(cold->dense.us, 2),
                   or_dash(cold->dense.uj, 2)});
  };
  for (const LayerReport& layer : report.layers) row(layer.name, {&layer});
  if (report.layers.size() > 1) row("all", pointers_to(report.layers));
  table.print(out);
}

}  // namespace eie::tb
