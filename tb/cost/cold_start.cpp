// SPDX-License-Identifier: Apache-2.0
#include "tb/cost/cold_start.h"

#include <algorithm>
#include <cmath>

namespace eie::tb {
namespace {

constexpr std::uint64_t kBoundary = 4096;  // EieDma::kBurstBoundary
constexpr std::uint64_t kFetchBeats = 8;
// kPortWriteLatency and kPortReadLatency of tlm/port_access.h, which needs SystemC.
constexpr std::uint64_t kWriteLatency = 4;
constexpr std::uint64_t kReadLatency = 7;

/// A transfer of the DMA engine takes whole cycles, and at least one a beat.
std::uint64_t dram_cycles(std::uint64_t beats, const Memory& memory, double clock_mhz) {
  const double cycles = std::round(memory.burst_ns(beats) * 1e3) * 1e-6 * clock_mhz;  // of whole picoseconds
  return std::max(beats, static_cast<std::uint64_t>(std::ceil(cycles - 1e-9)));
}

Spent sum_of(const Spent& a, const Spent& b) {
  return {a.us + b.us, a.uj && b.uj ? std::optional<double>(*a.uj + *b.uj) : std::nullopt};
}

/// From how many frames on `once` is at most a share of it and `each` for every frame, of which `loads` is loading too.
std::optional<double> frames_until(double once, double loads, double each, double share) {
  const double gain = share * each - loads;
  if (once + loads <= share * (once + each)) return 1;
  if (gain <= 0) return std::nullopt;
  return std::ceil(once * (1 - share) / gain);
}

std::optional<double> break_even(double dense, double cold, double spmat, double density) {
  if (spmat <= 0 || dense <= cold - spmat) return std::nullopt;
  return std::min(1.0, density * (dense - (cold - spmat)) / spmat);
}

}  // namespace

void DmaChain::add(const DmaChain& other) {
  descriptors += other.descriptors;
  beats += other.beats;
  cycles += other.cycles;
  dram_cycles += other.dram_cycles;
  port_cycles += other.port_cycles;
}

DmaChain dma_chain(const std::vector<Region>& regions, bool to_device, const Memory& memory, double clock_mhz) {
  DmaChain chain;
  const std::uint64_t fetch = dram_cycles(kFetchBeats, memory, clock_mhz);
  for (const Region& region : regions) {
    ++chain.descriptors;
    chain.beats += region.beats;
    chain.cycles += fetch;
    std::uint64_t address = region.address;
    std::uint64_t left = region.beats;
    std::uint64_t write = 0;  // of the burst before
    while (left > 0) {
      const std::uint64_t beats = std::min({left, std::uint64_t{memory.burst}, (kBoundary - address % kBoundary) / 8});
      const std::uint64_t dram = dram_cycles(beats, memory, clock_mhz);
      const std::uint64_t port = beats - 1 + (to_device ? kWriteLatency : kReadLatency);
      chain.cycles += std::max(write, to_device ? dram : port);
      write = to_device ? port : dram;
      chain.dram_cycles += dram;
      chain.port_cycles += port;
      address += 8 * beats;
      left -= beats;
    }
    chain.cycles += write;
  }
  return chain;
}

bool ColdStart::resident() const {
  return std::all_of(parts.begin(), parts.end(), [](const ColdPart& part) {
    return part.stays || (part.what != "spmat" && part.what != "pointers") || part.chain.beats == 0;
  });
}

Spent ColdStart::warm() const { return sum_of(sum_of(every, transfers), compute); }
Spent ColdStart::cold() const { return sum_of(once, warm()); }
Spent ColdStart::amortised() const {
  const Spent share = {once.us / frames, *once.uj / frames};
  return sum_of(share, warm());
}

std::string ColdStart::limit() const {
  DmaChain all;
  for (const ColdPart& part : parts) {
    if (part.what == "spmat" || part.what == "pointers") all.add(part.chain);
  }
  // What neither side accounts for is the engine's: fetches, and the ends of descriptors.
  const std::uint64_t slower = std::max(all.dram_cycles, all.port_cycles);
  if (all.cycles > 2 * slower) return "DMA";
  return all.dram_cycles > all.port_cycles ? "DRAM" : "port";
}

double ColdStart::density() const { return weights > 0 ? static_cast<double>(entries - padding) / weights : 0; }

std::optional<double> ColdStart::frames_for_time(double share) const { return frames_until(once.us, every.us, warm().us, share); }
std::optional<double> ColdStart::frames_for_energy(double share) const {
  if (!compute.uj) return std::nullopt;
  return frames_until(*once.uj, *every.uj, *warm().uj, share);
}

std::optional<double> ColdStart::resident_weights() const {
  if (entries == 0) return std::nullopt;
  return capacity * weights / static_cast<double>(entries);
}

std::optional<double> ColdStart::break_even_time() const { return break_even(dense.us, cold().us, spmat.us, density()); }
std::optional<double> ColdStart::break_even_energy() const {
  if (!compute.uj) return std::nullopt;
  return break_even(*dense.uj, *cold().uj, *spmat.uj, density());
}

void ColdStart::add(const ColdStart& other) {
  for (const ColdPart& more : other.parts) {
    const auto same = std::find_if(parts.begin(), parts.end(),
                                   [&](const ColdPart& part) { return part.what == more.what && part.stays == more.stays; });
    if (same == parts.end()) {
      parts.push_back(more);
    } else {
      same->chain.add(more.chain);
      same->uj += more.uj;
    }
  }
  entries += other.entries;
  padding += other.padding;
  weights += other.weights;
  dense_bits += other.dense_bits;
  for (Spent ColdStart::*spent :
       {&ColdStart::once, &ColdStart::every, &ColdStart::transfers, &ColdStart::compute, &ColdStart::dense, &ColdStart::spmat}) {
    this->*spent = sum_of(this->*spent, other.*spent);
  }
}

ColdStart cold_start(const LayerTraffic& traffic, std::size_t rows, std::size_t columns, const HwConfig& config,
                     const Memory& memory, double frames, double compute_us, std::optional<double> compute_uj) {
  ColdStart cold;
  cold.frames = frames;
  cold.entries = traffic.entries;
  cold.padding = traffic.padding;
  cold.weights = static_cast<double>(rows) * static_cast<double>(columns);
  cold.dense_bits = cold.weights * config.data_width;
  cold.capacity = static_cast<double>(config.n_pe) * static_cast<double>(config.max_entries());
  for (Spent* spent : {&cold.once, &cold.every, &cold.transfers, &cold.dense, &cold.spmat}) spent->uj = 0;
  cold.compute = {compute_us / frames, compute_uj ? std::optional<double>(*compute_uj / frames) : std::nullopt};
  const auto part = [&](const char* what, const std::vector<Region>& regions, bool stays, Spent& into) {
    ColdPart moved{what, stays, dma_chain(regions, std::string(what) != "outputs", memory, config.clock_mhz), 0};
    moved.uj = moved.chain.dram_bits() * memory.energy * 1e-6;
    const Spent spent = {static_cast<double>(moved.chain.cycles) / config.clock_mhz, moved.uj};
    into = sum_of(into, spent);
    cold.parts.push_back(std::move(moved));
    return spent;
  };
  const auto load = [&](bool stays) -> Spent& { return stays ? cold.once : cold.every; };
  cold.spmat = sum_of(part("spmat", traffic.spmat, traffic.images_stay, load(traffic.images_stay)), cold.compute);
  part("pointers", traffic.pointers, traffic.images_stay, load(traffic.images_stay));
  part("biases", traffic.biases, traffic.biases_stay, load(traffic.biases_stay));
  part("codebook", traffic.codebook, traffic.codebook_stays, load(traffic.codebook_stays));
  part("registers", traffic.registers, false, cold.transfers);
  part("inputs", traffic.inputs, false, cold.transfers);
  part("outputs", traffic.outputs, false, cold.transfers);
  const double bursts = cold.dense_bits / 64 / memory.burst;
  cold.dense = {bursts * memory.burst_ns(memory.burst) * 1e-3, cold.dense_bits * memory.energy * 1e-6};
  return cold;
}

}  // namespace eie::tb
