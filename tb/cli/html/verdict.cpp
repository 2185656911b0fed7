// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/html/verdict.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "tb/cli/html/markup.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

/// A quantity by which one chooses. The smaller is better, but of accuracy.
struct Criterion {
  const char* name;
  const char* unit;
  const char* decides;  // "where ... decides"
  Number (*value)(const RunData&);
  bool accuracy = false;
};

const Criterion kCriteria[] = {
    {"time", "us", "time", [](const RunData& r) { return r.all.time_us; }},
    {"energy", "uJ", "energy", energy_uj_of},
    {"area", "mm2", "area", [](const RunData& r) { return r.area && r.area->refused.empty() ? Number(r.area->mm2) : Number(); }},
    {"accuracy", "", "accuracy", [](const RunData& r) { return r.accuracy; }, true},
};

/// -1: a is the better one.
int judged(const Criterion& c, const RunData& a, const RunData& b) {
  const double va = *c.value(a), vb = *c.value(b);
  if (c.accuracy) return std::abs(va - vb) < kEqualAccuracy ? 0 : va > vb ? -1 : 1;
  return better(va, vb);
}

/// "18.8 % less time", "0.5 points more accuracy"
std::string gain(const Criterion& c, const RunData& winner, const RunData& other) {
  const double w = *c.value(winner), o = *c.value(other);
  if (c.accuracy) return percent(w - o) + " points more accuracy";
  return percent((o - w) / o) + " % less " + c.name;
}

std::string value_of(const Criterion& c, const RunData& run) {
  const Number value = c.value(run);
  return c.accuracy ? percent(value) + " %" : figures(value) + " " + c.unit;
}

std::set<std::string> uncounted(const RunData& run) {
  std::set<std::string> all;
  if (run.all.energy) all.insert(run.all.energy->without.begin(), run.all.energy->without.end());
  if (run.area) all.insert(run.area->without.begin(), run.area->without.end());
  return all;
}

/// The criteria of which every run has a value over 0.
std::vector<const Criterion*> criteria_of(const std::vector<const RunData*>& runs) {
  std::vector<const Criterion*> known;
  for (const Criterion& c : kCriteria) {
    const bool all = std::all_of(runs.begin(), runs.end(), [&](const RunData* r) { return c.value(*r) && *c.value(*r) > 0; });
    if (all) known.push_back(&c);
  }
  return known;
}

std::vector<std::string> names_of(const std::vector<const Criterion*>& criteria) {
  std::vector<std::string> names;
  for (const Criterion* c : criteria) names.emplace_back(c->name);
  return names;
}

/// a is nowhere worse than b, and somewhere better.
bool dominates(const std::vector<const Criterion*>& criteria, const RunData& a, const RunData& b) {
  bool somewhere = false;
  for (const Criterion* c : criteria) {
    const int who = judged(*c, a, b);
    if (who > 0) return false;
    somewhere = somewhere || who < 0;
  }
  return somewhere;
}

std::string more_or_less(double change, const char* more, const char* less) {
  return figures(std::abs(change)) + " " + (change > 0 ? more : less);
}

/// The largest changes, as "padding 14,712 fewer".
std::string largest(std::vector<std::pair<std::string, double>> changes, const char* more, const char* less) {
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t k = 0; k < std::min(kMost, changes.size()); ++k) {
    if (std::abs(changes[k].second) < 0.02 * std::abs(changes.front().second) || changes[k].second == 0) break;
    text += (text.empty() ? "" : ", ") + changes[k].first + " " + more_or_less(changes[k].second, more, less);
  }
  return text;
}

/// Why the cycles of b are not those of a.
std::string why_cycles(const RunData& a, const RunData& b) {
  if (!a.all.cycles || !b.all.cycles) return "";
  const double change = *b.all.cycles - *a.all.cycles;
  std::string text = "Cycles: " + b.label + " " + count_text(b.all.cycles) + ", " + a.label + " " + count_text(a.all.cycles);
  if (change == 0) return text + ".";
  text += ", that is " + more_or_less(change, "more", "fewer");
  if (!a.all.pe_cycles || !b.all.pe_cycles || a.n_pe == 0 || b.n_pe == 0) return text + ".";
  std::vector<std::pair<std::string, double>> changes;
  for (unsigned r = 0; r < kCycleReasons; ++r) {
    changes.emplace_back(reason_words(r), (*b.all.pe_cycles)[r] / b.n_pe - (*a.all.pe_cycles)[r] / a.n_pe);
  }
  return text + ". In the mean of its PEs, the largest changes first: " + largest(std::move(changes), "more", "fewer") + ".";
}

std::string why_energy(const RunData& a, const RunData& b) {
  if (!energy_uj_of(a) || !energy_uj_of(b)) return "";
  std::map<std::string, double> by;
  for (const EnergyLine& part : b.all.energy->parts) by[part.block + " " + part.event] += part.uj;
  for (const EnergyLine& part : a.all.energy->parts) by[part.block + " " + part.event] -= part.uj;
  const std::string changes = largest({by.begin(), by.end()}, "more", "less");
  if (changes.empty()) return "";
  return "Where energy changes (uJ, " + b.label + " against " + a.label + ", the largest first): " + changes + ".";
}

std::string why_area(const RunData& a, const RunData& b) {
  if (!a.area || !b.area || !a.area->refused.empty() || !b.area->refused.empty()) return "";
  std::map<std::string, double> by;
  constexpr double kUm2 = 1e-6;
  for (const AreaLine& part : b.area->parts) by[part.block + " " + part.what] += part.count * part.um2 * kUm2;
  for (const AreaLine& part : a.area->parts) by[part.block + " " + part.what] -= part.count * part.um2 * kUm2;
  const std::string changes = largest({by.begin(), by.end()}, "more", "less");
  if (changes.empty()) return "";
  return "Where area changes (mm2, " + b.label + " against " + a.label + ", the largest first): " + changes + ".";
}

/// In how many layers which is faster, and how the ratio spreads.
std::string by_layer(const RunData& a, const RunData& b) {
  if (a.layers.size() < 2) return "";
  std::vector<std::string> slower, equal;
  double low = 1e300, high = 0;
  std::string low_name, high_name;
  std::size_t faster = 0;
  for (std::size_t k = 0; k < a.layers.size(); ++k) {
    const Number &ta = a.layers[k].time_us, &tb = b.layers[k].time_us;
    if (!ta || !tb || *ta <= 0 || *tb <= 0) return "";
    const double ratio = *tb / *ta;
    if (ratio < low) low = ratio, low_name = a.layers[k].name;
    if (ratio > high) high = ratio, high_name = a.layers[k].name;
    const int who = better(*tb, *ta);
    if (who < 0) ++faster;
    if (who == 0) equal.push_back(a.layers[k].name);
    if (who > 0) slower.push_back(a.layers[k].name);
  }
  std::string text = "By layer: " + b.label + " is faster in " + std::to_string(faster) + " of " +
                     std::to_string(a.layers.size()) + ", its time from " + ratio_text(low) + " (" + low_name + ") to " +
                     ratio_text(high) + " (" + high_name + ") of that of " + a.label;
  if (!equal.empty()) text += "; equal in " + listed_and(equal);
  if (!slower.empty()) text += "; slower in " + (slower.size() == a.layers.size() ? "all" : listed_and(slower));
  return text + ".";
}

/// What has to hold of what is not counted, for the verdict to stand.
void add_margins(std::vector<std::string>& lines, const RunData& a, const RunData& b) {
  for (const auto& [x, y] : {std::pair(&a, &b), std::pair(&b, &a)}) {  // x against y
    if (x->all.time_us && y->all.time_us && better(*x->all.time_us, *y->all.time_us) < 0) {
      lines.push_back("Clock: these are the times at " + figures(x->clock_mhz) + " MHz; whether the logic of " + x->label +
                      " reaches that is not in its report. " + x->label + " stays the faster one down to " +
                      figures(x->clock_mhz * *x->all.time_us / *y->all.time_us) + " MHz.");
    }
    const std::set<std::string> mine = uncounted(*x), theirs = uncounted(*y);
    std::vector<std::string> more;
    std::set_difference(mine.begin(), mine.end(), theirs.begin(), theirs.end(), std::back_inserter(more));
    if (more.empty()) continue;
    std::string text =
        "Not counted: what the logic of " + listed_and(more) + " in " + x->label + " costs; the technology has no value for it.";
    if (energy_uj_of(*x) && energy_uj_of(*y) && x->all.time_us && *x->all.time_us > 0) {
      const double margin = *energy_uj_of(*y) - *energy_uj_of(*x);
      if (margin > 0) {
        text += " In energy " + x->label + " stays ahead as long as that logic takes less than " + figures(margin) +
                " uJ, a power of " + figures(1e3 * margin / *x->all.time_us) + " mW.";
      }
    }
    if (x->area && x->area->refused.empty()) {
      text += " Its area comes on top of the " + figures(x->area->mm2) + " mm2; 1 % of that is " + figures(x->area->mm2 / 100) +
              " mm2.";
    }
    lines.push_back(std::move(text));
  }
}

Reasons reasons_of(const RunData& a, const RunData& b, const std::vector<const Criterion*>& criteria) {
  Reasons reasons{b.label + " against " + a.label, {}};
  auto add = [&](std::string text) {
    if (!text.empty()) reasons.lines.push_back(std::move(text));
  };
  for (const Criterion* c : criteria) {
    std::string text = std::string(c->name) + ": " + b.label + " " + value_of(*c, b) + ", " + a.label + " " + value_of(*c, a);
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    const int who = judged(*c, a, b);
    if (who == 0) {
      text += c->accuracy ? ": equal, less than 0.1 points apart" : ": equal, less than 1 % apart";
    } else {
      const RunData& winner = who < 0 ? a : b;
      text += ": " + winner.label + " has " + gain(*c, winner, who < 0 ? b : a);
      if (c == &kCriteria[0]) text += ", it is " + ratio_text(*c->value(who < 0 ? b : a) / *c->value(winner)) + " times as fast";
    }
    add(text + ".");
  }
  if (energy_uj_of(a) && energy_uj_of(b)) {
    const double power_a = a.all.energy->power_mw, power_b = b.all.energy->power_mw;
    add("Power, which cooling and supply have to bear: " + b.label + " " + figures(power_b) + " mW, " + a.label + " " +
        figures(power_a) + " mW.");
    if (a.all.time_us && b.all.time_us && *a.all.time_us > 0 && *energy_uj_of(a) > 0) {
      add("Energy times time, which weighs both alike: " + b.label + " has " +
          ratio_text(*energy_uj_of(b) / *energy_uj_of(a) * (*b.all.time_us / *a.all.time_us)) + " of that of " + a.label + ".");
    }
  }
  add(by_layer(a, b));
  const std::vector<std::string> keys = differing_keys(a, b);
  add(keys.empty() ? "Both have the same configuration."
                   : "What differs in the configuration (" + a.label + ", then " + b.label + "): " + listed_and(keys) + ".");
  add(why_cycles(a, b));
  add(why_energy(a, b));
  add(why_area(a, b));
  add_margins(reasons.lines, a, b);
  return reasons;
}

std::string lower_first(std::vector<std::string> texts, const char* none) { return texts.empty() ? none : listed_and(texts); }

/// "time decides", "time and area decide"
std::string decides(const std::vector<std::string>& names) {
  return listed_and(names) + (names.size() == 1 ? " decides" : " decide");
}

/// Two runs of the same work.
std::string headline_of(const RunData& a, const RunData& b, const std::vector<const Criterion*>& criteria) {
  std::vector<std::string> gains_a, gains_b, decide_a, decide_b, equal;
  for (const Criterion* c : criteria) {
    const int who = judged(*c, a, b);
    if (who < 0) gains_a.push_back(gain(*c, a, b)), decide_a.emplace_back(c->decides);
    if (who > 0) gains_b.push_back(gain(*c, b, a)), decide_b.emplace_back(c->decides);
    if (who == 0) equal.emplace_back(c->name);
  }
  const bool counted_alike = uncounted(a) == uncounted(b);
  const std::string alike = equal.empty() ? ""
                                          : (equal.size() > 1 ? "; they are equal in " : "; it is equal in ") +
                                                lower_first(equal, "") + " (less than 1 % apart)";
  const std::string hedge = counted_alike ? "" : ", as far as the technology counts (see Not counted)";
  if (gains_a.empty() && gains_b.empty()) {
    return "Either: " + a.label + " and " + b.label + " are equal in " + listed_and(equal) + ", less than 1 % apart" + hedge +
           ".";
  }
  if (gains_a.empty() || gains_b.empty()) {
    const RunData& winner = gains_a.empty() ? b : a;
    const RunData& other = gains_a.empty() ? a : b;
    return "Build " + winner.label + " rather than " + other.label + ": it has " +
           listed_and(gains_a.empty() ? gains_b : gains_a) + alike + hedge + ".";
  }
  return "It is a trade: build " + a.label + " where " + decides(decide_a) + " (it has " + listed_and(gains_a) + "), and " +
         b.label + " where " + decides(decide_b) + " (it has " + listed_and(gains_b) + ")" + alike + hedge + ".";
}

void add_limits(ReportVerdict& verdict, const std::vector<const RunData*>& runs) {
  auto& limits = verdict.limits;
  const RunData& first = *runs.front();
  const auto differ = [&](const auto& value) {
    return std::any_of(runs.begin(), runs.end(), [&](const RunData* r) { return value(*r) != value(first); });
  };
  if (differ([](const RunData& r) {
        return r.all.energy ? r.all.energy->technology : r.area ? r.area->technology : std::string();
      })) {
    limits.emplace_back("The runs are reckoned with different technologies: energy and area differ by that too.");
  }
  if (differ([](const RunData& r) { return r.version; })) {
    limits.emplace_back("The reports are of different versions of the program.");
  }
  for (const RunData* run : runs) {
    for (const auto& [what, refused] :
         {std::pair("energy", run->all.energy ? run->all.energy->refused : std::string("the report has none")),
          std::pair("area", run->area ? run->area->refused : std::string("the report has none"))}) {
      if (!refused.empty())
        limits.push_back(run->label + " has no " + what + ", so that it is no part of the verdict: " + refused + ".");
    }
    if (run->all.saturated)
      limits.push_back(run->label + ": a sum was clamped (saturated); its outputs are less exact than they could be.");
  }
  for (std::size_t k = 1; k < runs.size(); ++k) {
    std::vector<std::string> worse;
    for (std::size_t l = 0; l < runs[k]->layers.size(); ++l) {
      const Number &a = first.layers[l].error_rms, &b = runs[k]->layers[l].error_rms;
      if (a && b && *a != *b && better(*a, *b) != 0) {
        worse.push_back((first.layers[l].name.empty() ? "the layer" : first.layers[l].name) + " " + figures(*b) + " against " +
                        figures(*a));
      }
    }
    constexpr std::size_t kMost = 6;
    if (worse.size() > kMost) worse.resize(kMost);
    if (!worse.empty()) {
      limits.push_back("Outputs differ in exactness, rms error of " + runs[k]->label + " against " + first.label + ": " +
                       listed_and(worse) + ".");
    }
  }
  if (first.option("workload") != nullptr) {
    limits.emplace_back("The layers are synthetic: sizes and densities are given, places and values of the weights are drawn.");
  }
  limits.emplace_back("Time and energy are those of the launches: transfers from and to the host are in neither.");
}

}  // namespace

int better(double a, double b) {
  const double smaller = std::min(a, b);
  if (std::abs(a - b) <= kEqualShare * smaller) return 0;
  return a < b ? -1 : 1;
}

ReportVerdict verdict_of(const std::vector<RunData>& runs) {
  ReportVerdict verdict;
  std::vector<const RunData*> sound;
  for (const RunData& run : runs) {
    if (run.all.golden_match && !*run.all.golden_match) {
      verdict.lines.push_back(run.label + " does not match the golden model (" + count_text(run.all.mismatches) +
                              " wrong outputs): it is left out of the verdict.");
      continue;
    }
    if (!sound.empty()) {
      if (const std::string why = other_work(*sound.front(), run); !why.empty()) {
        verdict.lines.push_back(run.label + " did other work than " + sound.front()->label +
                                ", and is left out of the verdict: " + why + ".");
        continue;
      }
    }
    sound.push_back(&run);
  }
  if (sound.size() < 2) {
    verdict.headline = "No verdict: there are no two runs of the same work that match the golden model.";
    return verdict;
  }
  const std::vector<const Criterion*> criteria = criteria_of(sound);
  if (criteria.empty()) {
    verdict.headline = "No verdict: the runs have no time, energy or area in common.";
    return verdict;
  }
  std::vector<const RunData*> front;
  if (sound.size() == 2) {
    verdict.headline = headline_of(*sound[0], *sound[1], criteria);
  } else {
    for (const RunData* run : sound) {
      const auto by =
          std::find_if(sound.begin(), sound.end(), [&](const RunData* other) { return dominates(criteria, *other, *run); });
      if (by == sound.end()) {
        front.push_back(run);
      } else {
        verdict.lines.push_back("Not " + run->label + ": " + (*by)->label + " is nowhere worse (" +
                                listed_and(names_of(criteria)) + "), and better in one at least.");
      }
    }
    std::vector<std::string> labels;
    for (const RunData* run : front) labels.push_back(run->label);
    std::vector<std::string> bests;
    for (const Criterion* c : criteria) {
      std::vector<std::string> best;
      const RunData* one = nullptr;
      for (const RunData* run : sound) {
        const bool beaten =
            std::any_of(sound.begin(), sound.end(), [&](const RunData* other) { return judged(*c, *other, *run) < 0; });
        if (!beaten) best.push_back(run->label), one = run;
      }
      if (one == nullptr) continue;
      bests.push_back(best.size() == sound.size()
                          ? std::string(c->name) + ": all equal"
                          : std::string(c->name) + ": " + listed_and(best) + " (" + value_of(*c, *one) + ")");
    }
    if (front.size() == 1) {
      verdict.headline = "Build " + labels.front() + ": nothing else is better in " + listed_and(names_of(criteria)) + ". ";
    } else if (front.empty()) {
      verdict.headline = "No verdict: of each there is a better one. ";  // equality within 1 % is not transitive
    } else if (front.size() == sound.size()) {
      verdict.headline = "It is a trade: each of " + listed_and(labels) + " is the better one of any two in something. ";
    } else {
      verdict.headline = "It is a trade between " + listed_and(labels) + ". ";
    }
    verdict.headline += "Best in ";
    for (std::size_t k = 0; k < bests.size(); ++k) verdict.headline += (k == 0 ? "" : "; ") + bests[k];
    const bool alike =
        std::all_of(sound.begin(), sound.end(), [&](const RunData* r) { return uncounted(*r) == uncounted(*sound.front()); });
    verdict.headline += alike ? "." : "; as far as the technology counts (see Not counted).";
  }
  for (std::size_t k = 1; k < sound.size(); ++k) {
    verdict.pairs.push_back(reasons_of(*sound.front(), *sound[k], criteria_of({sound.front(), sound[k]})));
  }
  // What the trade is about, where the pairs with the first run do not say it.
  if (front.size() == 2 && front.front() != sound.front()) verdict.pairs.push_back(reasons_of(*front[0], *front[1], criteria));
  add_limits(verdict, sound);
  return verdict;
}

}  // namespace eie::tb
