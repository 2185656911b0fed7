// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/rate/rate.h"

#include <algorithm>
#include <cmath>

#include "tb/compress/huffman.h"

namespace eie::tb {
namespace {

double bytes_of(const RateLayer& layer, const RateModel& model, double density) {
  return expected_bytes(density, static_cast<double>(layer.magnitudes->size), model.code_bits, model.index_bits,
                        model.fixed_bytes);
}

double fewest(const RateLayer& layer) { return 1.0 / static_cast<double>(layer.magnitudes->size); }

std::vector<double> by_deviation(const std::vector<RateLayer>& layers, const RateModel& model, double bytes) {
  std::vector<double> densities(layers.size());
  auto at = [&](double quality) {
    double sum = 0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const Magnitudes& m = *layers[l].magnitudes;
      const double kept = std::min(m.above(quality * m.deviation), static_cast<double>(m.nonzeros));
      densities[l] = std::max(kept / static_cast<double>(m.size), fewest(layers[l]));
      sum += bytes_of(layers[l], model, densities[l]);
    }
    return sum;
  };
  double low = 0;
  double high = 1;
  for (const RateLayer& layer : layers) {
    if (layer.magnitudes->deviation > 0) high = std::max(high, layer.magnitudes->largest / layer.magnitudes->deviation);
  }
  if (at(low) <= bytes) return densities;
  for (int step = 0; step < 60; ++step) {
    const double quality = (low + high) / 2;
    (at(quality) > bytes ? low : high) = quality;
  }
  at(high);
  return densities;
}

/// A step of a layer from one density to a sparser one; those of a layer are in order.
struct Step {
  std::size_t layer;
  double density;  // after it
  double saved;    // bytes
  double slope;    // error a byte
};

std::vector<double> by_sensitivity(const std::vector<RateLayer>& layers, const RateModel& model, double bytes) {
  std::vector<double> densities(layers.size());
  std::vector<Step> steps;
  double sum = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    // The lower hull of error over bytes: on it, slopes grow as bytes go.
    struct Point {
      double bytes, error, density;
    };
    std::vector<Point> hull;
    std::vector<double> density = layers[l].sensitivity.density;
    std::vector<double> error = layers[l].sensitivity.error;
    if (density.empty()) {  // a layer without weights
      densities[l] = fewest(layers[l]);
      sum += bytes_of(layers[l], model, densities[l]);
      continue;
    }
    if (density.back() > fewest(layers[l])) {  // what is left when all but one go
      density.push_back(fewest(layers[l]));
      error.push_back(std::max(1.0, error.back()));
    }
    for (std::size_t d = 0; d < density.size(); ++d) {
      const Point point{bytes_of(layers[l], model, density[d]), error[d], density[d]};
      if (!hull.empty() && point.bytes >= hull.back().bytes) continue;
      auto slope = [](const Point& a, const Point& b) { return (b.error - a.error) / (a.bytes - b.bytes); };
      while (hull.size() > 1 && slope(hull[hull.size() - 2], hull.back()) >= slope(hull.back(), point)) hull.pop_back();
      hull.push_back(point);
    }
    densities[l] = hull.front().density;
    sum += hull.front().bytes;
    for (std::size_t p = 1; p < hull.size(); ++p) {
      const double saved = hull[p - 1].bytes - hull[p].bytes;
      steps.push_back({l, hull[p].density, saved, (hull[p].error - hull[p - 1].error) / saved});
    }
  }
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.slope < b.slope; });
  for (const Step& step : steps) {
    if (sum <= bytes) break;
    const double part = std::min(1.0, (sum - bytes) / step.saved);
    // Between two densities, evenly on a logarithmic scale.
    densities[step.layer] *= std::pow(step.density / densities[step.layer], part);
    sum -= part * step.saved;
  }
  return densities;
}

}  // namespace

double expected_bytes(double density, double size, double code_bits, unsigned index_bits, double fixed_bytes) {
  if (density <= 0) return fixed_bytes;
  const double d = std::min(density, 1.0);
  const double longest = std::ldexp(1.0, static_cast<int>(index_bits)) - 1;  // run
  const double beyond = std::pow(1 - d, longest + 1);                        // an entry is padding
  const double entries = size * d / (1 - beyond);
  std::vector<double> share;  // of the entries with each run
  double left = 1;
  for (double run = 0; run < longest; ++run) {
    share.push_back(left * d);
    left *= 1 - d;
  }
  share.push_back(left);
  std::vector<std::uint64_t> counts;
  for (const double part : share) counts.push_back(static_cast<std::uint64_t>(std::ldexp(part, 40)) + 1);
  const std::vector<std::uint8_t> lengths = huffman_lengths(counts);
  double index_bits_each = 0;
  for (std::size_t run = 0; run < share.size(); ++run) index_bits_each += share[run] * lengths[run];
  return entries * (code_bits + index_bits_each) / 8 + fixed_bytes;
}

std::vector<double> distribute(const std::vector<RateLayer>& layers, const RateModel& model, double bytes) {
  const bool measured =
      std::any_of(layers.begin(), layers.end(), [](const RateLayer& layer) { return !layer.sensitivity.density.empty(); });
  return measured ? by_sensitivity(layers, model, bytes) : by_deviation(layers, model, bytes);
}

}  // namespace eie::tb
