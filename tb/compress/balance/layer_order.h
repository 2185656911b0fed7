// SPDX-License-Identifier: Apache-2.0
// Where the rows and columns of a layer lie in the device: the matrix that it holds is the user's with rows and columns in
// another order (docs/balance.md).
//
// A row's place p is what the device takes for its number: PE p mod N, local row p / N. What one layer leaves at place p is
// column p of the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eie::tb {

/// order[p] is what lies at place p, each number once. Empty: everything at its own number.
using Order = std::vector<std::uint32_t>;

/// What lies at a place; a place behind the last is its own number.
inline std::uint64_t at_place(const Order& order, std::uint64_t place) {
  return place < order.size() ? order[static_cast<std::size_t>(place)] : place;
}

/// The place of each number.
inline Order places_of(const Order& order) {
  Order places(order.size());
  for (std::size_t p = 0; p < order.size(); ++p) places[order[p]] = static_cast<std::uint32_t>(p);
  return places;
}

/// The place of one of them, below `count`.
inline std::size_t place_of(const Order& order, std::size_t number) {
  std::size_t p = order.empty() ? number : 0;
  while (p < order.size() && order[p] != number) ++p;
  return p;
}

/// Values of the user's rows as they lie in the device. An empty list stays empty.
template <class T>
std::vector<T> in_places(const std::vector<T>& values, const Order& order) {
  if (order.empty() || values.empty()) return values;
  std::vector<T> placed;
  placed.reserve(values.size());
  for (const std::uint32_t number : order) placed.push_back(values.at(number));
  return placed;
}

/// And back.
template <class T>
std::vector<T> out_of_places(const std::vector<T>& placed, const Order& order) {
  if (order.empty() || placed.empty()) return placed;
  std::vector<T> values(placed.size());
  for (std::size_t p = 0; p < order.size(); ++p) values[order[p]] = placed.at(p);
  return values;
}

/// The two orders of a layer.
struct LayerOrder {
  Order rows;
  Order columns;
};

/// Either may be missing: nothing is moved.
inline bool same_order(const LayerOrder* a, const LayerOrder* b) {
  const LayerOrder none;
  if (a == nullptr) a = &none;
  if (b == nullptr) b = &none;
  return a->rows == b->rows && a->columns == b->columns;
}

}  // namespace eie::tb
