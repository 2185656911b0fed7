// SPDX-License-Identifier: Apache-2.0
// Which points are worth a look: those that no other beats in time, energy and area.
#pragma once

#include <cstdint>
#include <vector>

namespace eie::tb {

/// A point's costs. Points of different classes are not compared: another layer is no better design.
struct ParetoPoint {
  double time = 0;
  double energy = 0;
  double area = 0;
  std::uint32_t kind = 0;
  std::uint32_t index = 0;
};

/// The numbers of the points that no point of their class dominates (is as good in all three and better in one), ascending.
/// Equal points are all there.
std::vector<std::uint32_t> pareto_front(std::vector<ParetoPoint> points);

}  // namespace eie::tb
