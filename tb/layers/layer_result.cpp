// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/layer_result.h"

#include <algorithm>

namespace eie::tb {

void Verdict::add(const std::string& where, const LayerResult& device, const std::vector<std::int32_t>& golden,
                  bool golden_saturated, std::size_t sample) {
  for (std::size_t i = 0; i < golden.size(); ++i) {
    if (i < device.outputs.size() && device.outputs[i] == golden[i]) continue;
    if (!first_mismatch) {
      first_mismatch = FirstFault{sample, i, golden[i], i < device.outputs.size() ? device.outputs[i] : 0};
    }
    if (match()) {
      const std::string seen = i < device.outputs.size() ? std::to_string(device.outputs[i]) : "nothing";
      first = where + "output " + std::to_string(i) + ": expected " + std::to_string(golden[i]) + ", seen " + seen;
    }
    ++mismatches;
  }
  if (device.saturated != golden_saturated) {
    if (match()) {
      first = where + "saturated: expected " + (golden_saturated ? "true" : "false") + ", seen " +
              (device.saturated ? "true" : "false");
    }
    saturation_differs = true;
  }
  if (device.saturated && !saturated_sample) saturated_sample = sample;
  saturated = saturated || device.saturated;
}

double LayerReport::time_us(double clock_mhz) const { return counters ? static_cast<double>(counters->cycles) / clock_mhz : 0; }

std::optional<double> LayerReport::load_balance() const {
  if (!counters || counters->cycles == 0 || counters->pe.empty()) return std::nullopt;
  std::uint64_t entries = 0;
  for (const PeCounts& pe : counters->pe) entries += pe.entries - pe.padding_skipped;
  return static_cast<double>(entries) / (static_cast<double>(counters->pe.size()) * static_cast<double>(counters->cycles));
}

Floors floors_of(const Counters& counters) {
  Floors floors;
  std::uint64_t nonzeros = 0;
  for (const PeCounts& pe : counters.pe) nonzeros += pe.entries - pe.padding;
  if (!counters.pe.empty()) {
    floors.nonzeros = static_cast<double>(nonzeros) / static_cast<double>(counters.pe.size());
  }
  floors.broadcasts = counters.broadcasts;
  const double larger = std::max(floors.nonzeros, static_cast<double>(floors.broadcasts));
  if (larger > 0) floors.distance = static_cast<double>(counters.cycles) / larger - 1;
  return floors;
}

PeRange range_of(const std::vector<std::uint64_t>& values) {
  PeRange r;
  if (values.empty()) return r;
  for (const std::uint64_t v : values) r.total += v;
  r.low = *std::min_element(values.begin(), values.end());
  r.high = *std::max_element(values.begin(), values.end());
  r.mean = static_cast<double>(r.total) / static_cast<double>(values.size());
  return r;
}

PeSums sums_of(const LayerReport& layer) {
  PeSums s;
  if (layer.counters) {
    s.known = !layer.counters->pe.empty();
    for (const PeCounts& pe : layer.counters->pe) {
      s.entries.push_back(pe.entries);
      s.padding += pe.padding;
      s.padding_skipped += pe.padding_skipped;
      s.starved += pe.starved;
      s.spmat += pe.spmat_reads;
      s.ptr += pe.ptr_reads;
      s.act += pe.act_reads;
    }
  } else if (layer.stored) {
    s.known = true;
    s.entries = layer.stored->entries;
    s.padding = layer.stored->padding;
  }
  return s;
}

}  // namespace eie::tb
