// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/results/pareto.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace eie::tb {
namespace {

/// Pairs of which none is as good as another in both: areas fall as energies rise.
class Staircase {
 public:
  /// Some pair is as good in both.
  bool covers(double energy, double area) const {
    auto after = steps_.upper_bound(energy);
    return after != steps_.begin() && std::prev(after)->second <= area;
  }
  void add(double energy, double area) {
    auto at = steps_.lower_bound(energy);
    while (at != steps_.end() && at->second >= area) at = steps_.erase(at);
    steps_[energy] = area;
  }

 private:
  std::map<double, double> steps_;  // energy: area
};

auto costs(const ParetoPoint& p) { return std::make_tuple(p.kind, p.time, p.energy, p.area); }

}  // namespace

std::vector<std::uint32_t> pareto_front(std::vector<ParetoPoint> points) {
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return costs(a) < costs(b); });
  std::vector<std::uint32_t> front;
  Staircase best;  // of the points before
  for (std::size_t begin = 0; begin < points.size();) {
    const ParetoPoint& point = points[begin];
    if (begin > 0 && points[begin - 1].kind != point.kind) best = Staircase();
    std::size_t end = begin;
    while (end < points.size() && costs(points[end]) == costs(point)) ++end;  // equal ones stand or fall together
    if (!best.covers(point.energy, point.area)) {
      for (std::size_t k = begin; k < end; ++k) front.push_back(points[k].index);
      best.add(point.energy, point.area);
    }
    begin = end;
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace eie::tb
