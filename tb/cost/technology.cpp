// SPDX-License-Identifier: Apache-2.0
#include "tb/cost/technology.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "tb/support/error.h"
#include "tb/support/yaml_map.h"

namespace eie::tb {
namespace {

constexpr double kLargest = 1e9;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

const std::map<std::string, std::string>& technology_values() {
  static const std::map<std::string, std::string> values = {
      // An event of a PE.
      {"queue_word", "pJ"},
      {"pointer_logic", "pJ"},
      {"spmat_logic", "pJ"},
      {"lookup", "pJ"},
      {"multiply_8", "pJ"},
      {"multiply_16", "pJ"},
      {"multiply_32", "pJ"},
      {"add_32", "pJ"},
      {"register_update", "pJ"},
      // A cycle of a PE's block.
      {"queue_clock", "pJ"},
      {"pointer_clock", "pJ"},
      {"spmat_clock", "pJ"},
      {"arithmetic_clock", "pJ"},
      {"act_rw_clock", "pJ"},
      // All the time.
      {"logic_leakage", "mW"},
      {"sram_standby", "mW/KB"},
      // A cycle of a node of the LNZD tree.
      {"lnzd_node", "pJ"},
      // All that a PE takes, instead of all of the above.
      {"pe_power", "mW"},
      // A word of 32 bits from outside, for comparison.
      {"dram_word", "pJ"},
      // Areas of a PE's blocks without SRAM, and of a node.
      {"queue_area", "um2"},
      {"pointer_area", "um2"},
      {"spmat_area", "um2"},
      {"arithmetic_area", "um2"},
      {"act_rw_area", "um2"},
      {"lnzd_node_area", "um2"},
      {"filler_area", "um2"},
      // Areas of SRAMs.
      {"spmat_sram", "um2/KB"},
      {"pointer_sram", "um2/KB"},
      {"act_sram", "um2/KB"},
  };
  return values;
}

Technology Technology::load(const std::string& path) {
  const YamlMap map = YamlMap::load(path, {"name", "about", "values", "sram_reads", "sram_smaller", "sram_least_kb",
                                           "sram_most_kb", "energy_factor", "area_factor"});
  Technology technology;
  technology.name_ = map.text("name");
  technology.about_ = map.text("about");
  for (const YamlMap& item : map.maps("values", {"name", "value", "unit", "source", "fitted"})) {
    const std::string name = item.text("name");
    const auto known = technology_values().find(name);
    if (known == technology_values().end()) {
      std::string names;
      for (const auto& value : technology_values()) names += (names.empty() ? "" : ", ") + value.first;
      item.fail("name", "one of " + names);
    }
    if (technology.values_.count(name) != 0) item.fail("name", "each value once");
    TechnologyValue value;
    value.value = item.real("value", 0, kLargest);
    value.unit = item.text("unit");
    if (value.unit != known->second) item.fail("unit", known->second);
    value.source = item.text("source");
    if (value.source.empty()) item.fail("source", "where the value comes from");
    value.fitted = item.has("fitted") && item.boolean("fitted");
    technology.values_[name] = std::move(value);
  }
  const bool constant = technology.pe_power().has_value();
  for (const auto& value : technology_values()) {
    const bool there = technology.values_.count(value.first) != 0;
    const bool of_events = value.second.rfind("um2", 0) != 0 && value.first != "dram_word";
    if (value.first == "pe_power") continue;
    if (constant && of_events && there)
      map.fail("values", "no " + value.first + " beside pe_power, which is all that a PE takes");
    if (!there && !(constant && of_events)) map.fail("values", "a value " + value.first + ", in " + value.second);
  }
  auto read = [](const YamlMap& item) {
    return SramRead{item.real("kb", 1e-3, kLargest), item.real("bits", 1, kLargest), item.real("pj", 1e-9, kLargest),
                    item.text("source")};
  };
  const std::vector<std::string> keys = {"kb", "bits", "pj", "source"};
  for (const YamlMap& item : map.maps("sram_reads", keys)) {
    const SramRead point = read(item);
    const auto& widths = technology.widths_;
    if (!widths.empty() && point.kb != widths.back().kb) item.fail("kb", "one size of all: " + number(widths.back().kb));
    if (!widths.empty() && point.bits <= widths.back().bits) item.fail("bits", "ascending widths");
    technology.widths_.push_back(point);
  }
  const std::vector<YamlMap> smaller = map.maps("sram_smaller", keys);
  technology.smaller_ = read(smaller.front());
  const auto& widths = technology.widths_;
  const bool comparable = std::any_of(widths.begin(), widths.end(), [&](const SramRead& point) {
    return point.bits == technology.smaller_.bits && point.kb != technology.smaller_.kb;
  });
  if (smaller.size() != 1 || !comparable) map.fail("sram_smaller", "one read of another size, of a width in sram_reads");
  technology.least_kb_ = map.real("sram_least_kb", 1e-3, kLargest);
  technology.most_kb_ = map.real("sram_most_kb", technology.least_kb_, kLargest);
  if (map.has("energy_factor")) technology.energy_factor_ = map.real("energy_factor", 1e-6, 1e6);
  if (map.has("area_factor")) technology.area_factor_ = map.real("area_factor", 1e-6, 1e6);
  return technology;
}

double Technology::factor(const std::string& unit) const {
  return unit == "pJ" ? energy_factor_ : unit.rfind("um2", 0) == 0 ? area_factor_ : 1;
}

std::optional<double> Technology::pe_power() const {
  const auto found = values_.find("pe_power");
  return found == values_.end() ? std::nullopt : std::optional<double>(found->second.value);
}

double Technology::at(const std::string& value) const {
  const auto found = values_.find(value);
  if (found == values_.end()) throw std::logic_error("no value " + value + " in a technology");
  return found->second.value * factor(found->second.unit);
}

double Technology::size_exponent() const {
  const auto point = std::find_if(widths_.begin(), widths_.end(), [&](const SramRead& p) { return p.bits == smaller_.bits; });
  return std::log(point->pj / smaller_.pj) / std::log(point->kb / smaller_.kb);
}

void Technology::check_sram(const std::string& memory, double kb, double bits) const {
  if (kb < least_kb_ || kb > most_kb_) {
    throw UserError(memory + " of " + number(kb) + " KB: the rule of " + name_ + " is for " + number(least_kb_) + " to " +
                    number(most_kb_) + " KB");
  }
  if (bits < widths_.front().bits || bits > widths_.back().bits) {
    throw UserError(memory + " of " + number(bits) + " bits a read: the rule of " + name_ + " is for " +
                    number(widths_.front().bits) + " to " + number(widths_.back().bits) + " bits");
  }
}

double Technology::sram_read_pj(double kb, double bits) const {
  check_sram("an SRAM", kb, bits);
  std::size_t above = 1;
  while (above + 1 < widths_.size() && widths_[above].bits < bits) ++above;
  double pj = widths_.front().pj;
  if (widths_.size() > 1) {
    const SramRead& low = widths_[above - 1];
    const SramRead& high = widths_[above];
    // The published points themselves, to the last digit.
    if (bits == low.bits || bits == high.bits) {
      pj = bits == low.bits ? low.pj : high.pj;
    } else {
      pj = low.pj * std::pow(bits / low.bits, std::log(high.pj / low.pj) / std::log(high.bits / low.bits));
    }
  }
  return energy_factor_ * pj * std::pow(kb / widths_.front().kb, size_exponent());
}

}  // namespace eie::tb
