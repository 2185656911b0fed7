// SPDX-License-Identifier: Apache-2.0
#include "tb/cost/cost.h"

#include <algorithm>
#include <cmath>

#include "hw/secded.h"
#include "tb/support/error.h"
#include "tlm/model/pe_counts.h"

namespace eie::tb {
namespace {

// The machine that the values of a technology are of (Table II); other sizes go in proportion.
constexpr double kQueueDepth = 7;  // usable entries of the paper's eight
constexpr double kIndexBits = 16;
constexpr double kDataBits = 16;
constexpr double kRegisters = 64;

constexpr double kKilobyteBits = 8.0 * 1024;

double spmat_kb(const HwConfig& c) { return static_cast<double>(c.spmat_depth) * c.spmat_width / kKilobyteBits; }
double pointer_kb(const HwConfig& c) { return static_cast<double>(c.pointer_depth) * c.pointer_width / kKilobyteBits; }
double act_kb(const HwConfig& c) { return static_cast<double>(c.act_depth) * 64 / kKilobyteBits; }

/// Bits of a word that lie in the SRAM: with ECC those of its code words, each of `part` bits (hw/config.h).
double stored_bits(const HwConfig& c, unsigned bits, unsigned part) {
  return bits + (c.ecc ? bits / part * secded_check_bits(part) : 0u);
}
double spmat_bits(const HwConfig& c) { return stored_bits(c, c.spmat_width, 32); }
double pointer_bits(const HwConfig& c) { return stored_bits(c, c.pointer_width, c.pointer_width); }
double act_bits(const HwConfig& c) { return stored_bits(c, 64, c.data_width); }

void check_memories(const HwConfig& c, const Technology& technology) {
  technology.check_sram("Spmat", spmat_kb(c), spmat_bits(c));
  technology.check_sram("Ptr", pointer_kb(c), 2 * pointer_bits(c));
  technology.check_sram("Act", act_kb(c), act_bits(c));
}

double queue_share(const HwConfig& c) { return (c.data_width + kIndexBits) / (kDataBits + kIndexBits); }
double data_share(const HwConfig& c) { return c.data_width / kDataBits; }
double registers_share(const HwConfig& c) { return c.registers / kRegisters * data_share(c); }

double multiply_pj(const HwConfig& c, const Technology& t) {
  return t.at(c.data_width <= 8 ? "multiply_8" : c.data_width <= 16 ? "multiply_16" : "multiply_32");
}

/// Sums over the PEs.
struct Events {
  double decoded = 0;  // entries that took a cycle
  double macs = 0;
  double spmat = 0, ptr = 0;
  std::uint64_t entries = 0;
};
Events events_of(const Counters& counters) {
  std::uint64_t decoded = 0, macs = 0, spmat = 0, ptr = 0;
  Events sum;
  for (const PeCounts& pe : counters.pe) {
    sum.entries += pe.entries;
    decoded += pe.entries - pe.padding_skipped;
    macs += pe.entries - pe.padding;
    spmat += pe.spmat_reads;
    ptr += pe.ptr_reads;
  }
  sum.decoded = static_cast<double>(decoded);
  sum.macs = static_cast<double>(macs);
  sum.spmat = static_cast<double>(spmat);
  sum.ptr = static_cast<double>(ptr);
  return sum;
}

class Sum {
 public:
  /// Events of so many pJ each.
  void events(const char* block, const char* event, double count, double pj) {
    add(block, event, count, pj, false, count * pj * 1e-6);
  }
  /// Power of `mw` in each of the PEs, for `pe_us` PE microseconds together.
  void power(const char* block, const char* what, double pe_us, double mw) {
    add(block, what, pe_us, mw, true, pe_us * mw * 1e-3);
  }
  Energy energy;

 private:
  void add(const char* block, const char* event, double count, double each, bool is_power, double uj) {
    energy.parts.push_back({block, event, count, each, is_power, uj});
    energy.uj += uj;
  }
};

}  // namespace

double Energy::of_block(const std::string& block) const {
  double sum = 0;
  for (const EnergyPart& part : parts) sum += part.block == block ? part.uj : 0;
  return sum;
}

unsigned lnzd_nodes(const HwConfig& config) {
  unsigned nodes = 0;
  for (unsigned below = config.n_pe; below > 1;) {
    below = (below + config.lnzd_fan_in - 1) / config.lnzd_fan_in;
    nodes += below;
  }
  return nodes;
}

std::vector<std::string> uncounted_options(const HwConfig& config) {
  std::vector<std::string> options;
  if (config.look_ahead > 0) options.emplace_back("look_ahead");
  if (config.skip_padding) options.emplace_back("skip_padding");
  if (config.ecc) options.emplace_back("ecc");
  return options;
}

Cost cost_of(const Counters& counters, const HwConfig& config, const Technology& technology) {
  Cost cost;
  cost.without = uncounted_options(config);
  if (counters.pe.empty()) {
    cost.refused = config.name + " has no counters in its PEs";
    return cost;
  }
  double spmat_pj = 0, pointer_pj = 0, act_pj = 0;
  try {
    check_memories(config, technology);
    spmat_pj = technology.sram_read_pj(spmat_kb(config), spmat_bits(config));
    // Both banks together deliver the two pointers of a column.
    pointer_pj = technology.sram_read_pj(pointer_kb(config), 2 * pointer_bits(config)) / 2;
    act_pj = technology.sram_read_pj(act_kb(config), act_bits(config));
  } catch (const UserError& error) {
    cost.refused = error.what();
    return cost;
  }
  const Events events = events_of(counters);
  const double pe_cycles = static_cast<double>(counters.cycles) * config.n_pe;
  const double pe_us = pe_cycles / config.clock_mhz;
  const double pushes = static_cast<double>(counters.broadcasts) * config.n_pe;
  const auto pj = [&](const char* value) { return technology.at(value); };
  Sum sum;
  if (const std::optional<double> mw = technology.pe_power()) {
    sum.power("PE", "power, whatever it does", pe_us, *mw);
  } else {
    sum.events("ActQueue", "word in and out", pushes, pj("queue_word") * queue_share(config));
    sum.events("ActQueue", "clock", pe_cycles, pj("queue_clock") * queue_share(config) * config.queue_depth / kQueueDepth);
    sum.events("PtrRead", "SRAM read", events.ptr, pointer_pj);
    sum.events("PtrRead", "logic", events.ptr, pj("pointer_logic"));
    sum.events("PtrRead", "clock", pe_cycles, pj("pointer_clock"));
    sum.power("PtrRead", "SRAM standby", pe_us, pj("sram_standby") * pointer_kb(config));
    sum.events("SpmatRead", "SRAM read", events.spmat, spmat_pj);
    sum.events("SpmatRead", "logic", events.decoded, pj("spmat_logic"));
    sum.events("SpmatRead", "clock", pe_cycles, pj("spmat_clock"));
    sum.power("SpmatRead", "SRAM standby", pe_us, pj("sram_standby") * spmat_kb(config));
    sum.events("ArithUnit", "codebook lookup", events.decoded, pj("lookup") * data_share(config));
    sum.events("ArithUnit", "multiply", events.macs, multiply_pj(config, technology));
    sum.events("ArithUnit", "add", events.macs, pj("add_32") * config.acc_width / 32);
    sum.events("ArithUnit", "clock", pe_cycles, pj("arithmetic_clock") * data_share(config));
    sum.events("ActRw", "register read and write", events.macs, pj("register_update") * data_share(config));
    sum.events("ActRw", "SRAM access", static_cast<double>(counters.act_transfer_cycles) * config.n_pe, act_pj);
    sum.events("ActRw", "clock", pe_cycles, pj("act_rw_clock") * registers_share(config));
    sum.power("ActRw", "SRAM standby", pe_us, pj("sram_standby") * act_kb(config));
    sum.power("PE", "leakage of logic", pe_us, pj("logic_leakage"));
    sum.events("LnzdTree", "node cycle", static_cast<double>(counters.cycles) * lnzd_nodes(config), pj("lnzd_node"));
  }
  Energy& energy = sum.energy;
  if (counters.cycles > 0) {
    const double us = static_cast<double>(counters.cycles) / config.clock_mhz;
    energy.power_mw = energy.uj / us * 1e3;
    energy.gops = 2 * events.macs / us * 1e-3;
  }
  const double bits = static_cast<double>(events.entries) * config.entry_bits() + events.ptr * config.pointer_width;
  energy.dram_uj = bits / 32 * pj("dram_word") * 1e-6;
  cost.energy = std::move(energy);
  return cost;
}

Area area_of(const HwConfig& config, const Technology& technology) {
  check_memories(config, technology);
  const auto um2 = [&](const char* value) { return technology.at(value); };
  const double n = config.n_pe;
  // Check bits take room as the others do.
  Area area;
  area.parts = {
      {"ActQueue", "logic", n, um2("queue_area") * queue_share(config) * config.queue_depth / kQueueDepth},
      {"PtrRead", "logic", n, um2("pointer_area")},
      {"PtrRead", "SRAM", n, um2("pointer_sram") * pointer_kb(config) * pointer_bits(config) / config.pointer_width},
      {"SpmatRead", "logic", n, um2("spmat_area")},
      {"SpmatRead", "SRAM", n, um2("spmat_sram") * spmat_kb(config) * spmat_bits(config) / config.spmat_width},
      {"ArithUnit", "logic", n, um2("arithmetic_area") * data_share(config)},
      {"ActRw", "logic", n, um2("act_rw_area") * registers_share(config)},
      {"ActRw", "SRAM", n, um2("act_sram") * act_kb(config) * act_bits(config) / 64},
      {"PE", "filler cells", n, um2("filler_area")},
      {"LnzdTree", "node", static_cast<double>(lnzd_nodes(config)), um2("lnzd_node_area")},
  };
  for (const AreaPart& part : area.parts) area.mm2 += part.count * part.um2 * 1e-6;
  return area;
}

}  // namespace eie::tb
