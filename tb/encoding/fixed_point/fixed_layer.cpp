// SPDX-License-Identifier: Apache-2.0
#include "tb/encoding/fixed_point/fixed_layer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tb/encoding/fixed_point/partial_sums.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

/// A final sum this much smaller than its partial sums is what double precision left of a cancellation.
constexpr double kCancelled = 0x1p-40;
/// Errors of the largest output up to here are those of rounding, not worth a warning.
constexpr double kTrustedError = 0.01;
/// And this part of the final sums may round to 0.
constexpr double kTrustedZeros = 0.01;

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", x);
  return text;
}

std::string count_of(std::uint64_t part, std::uint64_t all, const std::string& what) {
  return thousands(part) + " of " + thousands(all) + " " + what;
}

int finest(const ValueRange& range, unsigned width) {
  return range.low == 0 && range.high == 0 ? kHighestFrac : largest_frac(range, width);
}

std::vector<double> real(const std::vector<std::int32_t>& integers, int frac) {
  std::vector<double> values;
  values.reserve(integers.size());
  for (const std::int32_t q : integers) values.push_back(std::ldexp(q, -frac));
  return values;
}

/// Entries of each code. Code 0 is padding.
std::vector<std::uint64_t> count_codes(const EncodedLayer& image) {
  std::vector<std::uint64_t> counts(std::size_t{1} << image.code_width, 0);
  const std::size_t mask = counts.size() - 1;
  for (const auto& block : image.code) {
    for (const PeCode& pe : block) {
      for (const std::uint16_t entry : pe.entries) ++counts[entry & mask];
    }
  }
  return counts;
}

QuantityLoss weight_loss(const EncodedLayer& image, const std::vector<double>& weights, int frac, unsigned width) {
  const std::vector<std::uint64_t> counts = count_codes(image);
  QuantityLoss loss;
  for (std::size_t c = 1; c < weights.size(); ++c) {
    if (counts[c] != 0 && weights[c] != 0) add_quantised(loss, weights[c], counts[c], frac, width);
  }
  return loss;
}

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  for (const double x : values) spread.add(x);
  return spread;
}

/// Where a format comes from, and what another would do.
struct Origin {
  std::string name;  // weight-frac, act-frac, out-frac
  int frac = 0;
  bool requested = false;
  int automatic = 0;
  Spread spread;
};

std::string reason(const Origin& origin, unsigned width) {
  const std::string format = origin.name + " " + std::to_string(origin.frac);
  const std::string reach = number(std::ldexp(1, static_cast<int>(width) - 1 - origin.frac));
  const std::string step = number(std::ldexp(1, -origin.frac));
  std::string text = format + ": " + std::to_string(width) + " bits in steps of " + step + " reach to " + reach;
  if (origin.requested && origin.frac != origin.automatic) {
    return text + "; the automatic format is " + std::to_string(origin.automatic);
  }
  const std::optional<unsigned> bits = bits_that_hold(origin.spread, width);
  if (bits == width && origin.frac != origin.automatic) {
    return text + "; " + std::to_string(origin.automatic) +
           " would hold all of them, but the other formats and a shift of at most " + std::to_string(2 * width - 2) +
           " do not allow it";
  }
  return text + (bits ? "; " + std::to_string(*bits) + " bits would hold all of them"
                      : "; no fixed point with " + std::to_string(kLowestFrac) + " to " + std::to_string(kHighestFrac) +
                            " fraction bits holds all of them");
}

void warn_clamped(const QuantityLoss& loss, const std::string& what, const Origin& origin, unsigned width,
                  std::vector<std::string>& warnings) {
  if (loss.clamped == 0) return;
  warnings.push_back(count_of(loss.clamped, loss.values, "non-zero " + what) + " clamped, results are wrong (" +
                     reason(origin, width) + ")");
}

void warn_weights(const QuantityLoss& loss, const Origin& origin, unsigned width, std::vector<std::string>& warnings) {
  warn_clamped(loss, "weights", origin, width, warnings);
  if (loss.zeroed == 0) return;
  warnings.push_back(count_of(loss.zeroed, loss.values, "non-zero weights") +
                     " became 0: they take their cycles and add nothing (" + reason(origin, width) + ")");
}

/// A layer with formats tried on it.
class Trial {
 public:
  Trial(const RealLayer& layer, const HwConfig& config) : layer_(layer), config_(config) {}

  /// Integers of the operands. Those of an earlier trial stay where the format did.
  void operands(const Formats& f) {
    const unsigned d = config_.data_width;
    if (fixed_.codebook.empty() || f.weight_frac != fixed_.formats.weight_frac) {
      fixed_.codebook = quantise(layer_.weights, f.weight_frac, d);
    }
    if (fixed_.activations.empty() || f.act_frac != fixed_.formats.act_frac) {
      fixed_.activations.clear();
      for (const auto& a : layer_.activations) fixed_.activations.push_back(quantise(a, f.act_frac, d));
    }
    fixed_.bias = quantise(layer_.bias, f.out_frac, d);
    fixed_.formats = f;
  }

  /// True when no sum and no output clamps; otherwise it stops at the first one that does, if asked to.
  bool sums(bool stop_at_clamp) {
    sums_.clear();
    bool clean = true;
    for (const auto& a : fixed_.activations) {
      if (layer_.before_sample) layer_.before_sample();
      sums_.push_back(integer_sums(layer_.image, fixed_.codebook, a, fixed_.bias, rules(), stop_at_clamp));
      clean = clean && sums_.back().clamped == 0;
      if (!clean && stop_at_clamp) break;
    }
    return clean;
  }

  SumRules rules() const { return {fixed_.formats.shift, layer_.relu, config_.data_width, config_.acc_width}; }
  const std::vector<IntegerSums>& last_sums() const { return sums_; }
  FixedLayer& fixed() { return fixed_; }

  RealSums real_sums() {
    RealOperand weights{layer_.weights, real(fixed_.codebook, fixed_.formats.weight_frac)};
    RealSums sums;
    for (std::size_t s = 0; s < layer_.activations.size(); ++s) {
      if (layer_.before_sample) layer_.before_sample();
      add_real_sums(layer_.image, weights, {layer_.activations[s], real(fixed_.activations[s], fixed_.formats.act_frac)},
                    layer_.bias, layer_.relu, sums);
    }
    return sums;
  }

 private:
  const RealLayer& layer_;
  const HwConfig& config_;
  FixedLayer fixed_;
  std::vector<IntegerSums> sums_;
};

/// out_frac, and what else it forces: the finest at which nothing clamps. Double precision says where to look, exact
/// sums decide: rounding each product moves a sum by up to half a step for each of its terms.
void choose_out_frac(Trial& trial, const RealSums& sums, const Spread& bias, const Formats& start, std::size_t columns,
                     const FormatRequest& request, const HwConfig& config) {
  const unsigned d = config.data_width;
  const unsigned a = config.acc_width;
  const bool all_zero = sums.partial.magnitude() == 0;
  const int bias_limit = finest(bias.range, d);
  const int first = all_zero ? static_cast<int>(d) - 1 : std::min({finest(sums.partial, a), finest(sums.outputs, d), bias_limit});
  auto clean = [&](int out_frac) {
    Formats f = start;
    f.out_frac = out_frac;
    trial.operands(settle(f, d, request));
    return trial.fixed().formats.out_frac <= bias_limit && trial.sums(true);
  };
  auto out_of_reach = [&](int out_frac) {  // even if every product were rounded towards 0
    const double slack = 0.5 * static_cast<double>(columns + 2);
    return std::ldexp(sums.partial.magnitude(), out_frac) > std::ldexp(1, static_cast<int>(a) - 1) + slack ||
           std::ldexp(sums.outputs.magnitude(), out_frac) > std::ldexp(1, static_cast<int>(d) - 1) + slack;
  };
  // Finer ones than this end up at it: the shift is 0.
  const int top = std::min({bias_limit, std::max(start.weight_frac + start.act_frac, kLowestFrac), kHighestFrac});
  int found = std::min(first, top);
  while (!all_zero && found < top && !out_of_reach(found + 1) && clean(found + 1)) ++found;
  while (!clean(found) && found > kLowestFrac) --found;
}

/// Where the device's last sums are off by how much.
struct SumErrors {
  QuantityLoss loss;
  // Of the sample that is off most, beside its own largest sum.
  double largest_error = 0;
  double part = 0;
  std::size_t sample = 0;
  std::size_t samples = 0;
  std::uint64_t biases_lost = 0;  // became 0 under sums that cancel: they were all of the output
  std::uint64_t cancelled = 0;    // outputs of that kind with a bias
};

SumErrors sum_errors(const RealSums& real_sums, const std::vector<IntegerSums>& integer, const std::vector<double>& bias,
                     const std::vector<std::int32_t>& fixed_bias, int out_frac) {
  SumErrors errors;
  std::size_t at = 0;
  for (const IntegerSums& sample : integer) {
    double largest_error = 0;
    double largest_sum = 0;
    for (std::size_t i = 0; i < sample.last.size(); ++i, ++at) {
      const double exact = real_sums.exact[at];
      const double seen = std::ldexp(static_cast<double>(sample.last[i]), -out_frac);
      largest_error = std::max(largest_error, std::abs(seen - exact));
      if (std::abs(exact) > kCancelled * real_sums.largest[at]) {
        largest_sum = std::max(largest_sum, std::abs(exact));
        errors.loss.add(exact, seen, 1);
      } else if (!bias.empty() && bias[i] != 0) {
        ++errors.cancelled;
        errors.biases_lost += fixed_bias[i] == 0 ? 1 : 0;
      }
    }
    errors.loss.clamped += sample.clamped;
    const double part = largest_sum > 0 ? largest_error / largest_sum : 0;
    if (part > errors.part) {
      errors.part = part;
      errors.largest_error = largest_error;
      errors.sample = errors.samples;
    }
    ++errors.samples;
  }
  return errors;
}

void warn_activations(const QuantityLoss& loss, const Origin& origin, unsigned width, std::vector<std::string>& warnings) {
  warn_clamped(loss, "activations", origin, width, warnings);
  if (loss.zeroed == 0) return;
  warnings.push_back(count_of(loss.zeroed, loss.values, "non-zero activations") +
                     " became 0 and are not broadcast: cycles and results are those of the others (" + reason(origin, width) +
                     ")");
}

void warn_sums(const SumErrors& errors, const Origin& origin, unsigned acc_width, unsigned width,
               std::vector<std::string>& warnings) {
  const QuantityLoss& loss = errors.loss;
  const std::string format = "out-frac " + std::to_string(origin.frac);
  if (loss.clamped != 0) {
    unsigned bits = acc_width;
    while (bits < 1024 && !holds(origin.spread.range, origin.frac, bits)) ++bits;
    warnings.push_back(
        counted(loss.clamped, "sum") + " clamped, results are wrong (" + format + ": " + std::to_string(acc_width) +
        " bits reach to " + number(std::ldexp(1, static_cast<int>(acc_width) - 1 - origin.frac)) + ", the sums to " +
        number(origin.spread.range.magnitude()) + "; " +
        (origin.requested && origin.frac != origin.automatic ? "the automatic format is " + std::to_string(origin.automatic)
                                                             : std::to_string(bits) + " bits would hold them") +
        ")");
  }
  if (static_cast<double>(loss.zeroed) > kTrustedZeros * static_cast<double>(loss.values)) {
    // Sums that the format could tell from 0 are lost to what their weights and activations lost.
    const bool told = std::nearbyint(std::ldexp(origin.spread.smallest, origin.frac)) != 0;
    warnings.push_back(count_of(loss.zeroed, loss.values, "non-zero sums") + " became 0 (" +
                       (told ? "not through " + format + ": their weights, activations or products did" : reason(origin, width)) +
                       ")");
  }
  if (errors.biases_lost != 0) {
    warnings.push_back(count_of(errors.biases_lost, errors.cancelled, "biases under sums that cancel") +
                       " became 0, and they are all of these outputs (" + reason(origin, width) + ")");
  }
  if (errors.part > std::max(kTrustedError, std::ldexp(4, 1 - static_cast<int>(width)))) {
    const std::string sample = errors.samples > 1 ? " of sample " + std::to_string(errors.sample) : "";
    warnings.push_back("outputs before ReLU are off by up to " + number(errors.largest_error) + ", " + number(100 * errors.part) +
                       " % of the largest" + sample + ": the formats lose more than the rounding of " + std::to_string(width) +
                       " bits");
  }
}

}  // namespace

FixedLayer fix_layer(const RealLayer& layer, const FormatRequest& request, const HwConfig& config) {
  const unsigned d = config.data_width;
  const Spread weights = spread_of(layer.weights);
  const Spread bias = spread_of(layer.bias);
  Spread activations;
  for (const auto& sample : layer.activations) {
    for (const double a : sample) activations.add(a);
  }

  Formats start;
  start.weight_frac = weight_format(weights.range, d, request.weight_frac);
  start.act_frac = requested_frac(request.act_frac, "act-frac", largest_frac(activations.range, d));
  start.out_frac = requested_frac(request.out_frac, "out-frac", 0);
  Trial trial(layer, config);
  trial.operands(start);
  const RealSums real_sums = trial.real_sums();
  if (request.out_frac) {
    trial.operands(settle(start, d, request));
    trial.sums(false);
  } else {
    choose_out_frac(trial, real_sums, bias, start, layer.image.columns, request, config);
    if (trial.last_sums().back().clamped != 0) trial.sums(false);
  }

  FixedLayer& fixed = trial.fixed();
  const Formats& f = fixed.formats;
  for (const IntegerSums& sums : trial.last_sums()) fixed.outputs.push_back(sums.outputs(trial.rules()));
  Quantisation& q = fixed.quantisation;
  q.weights = weight_loss(layer.image, layer.weights, f.weight_frac, d);
  q.biases = quantisation_loss(layer.bias, f.out_frac, d);
  q.activations = QuantityLoss{};
  for (const auto& sample : layer.activations) q.activations->add(quantisation_loss(sample, f.act_frac, d));
  const SumErrors errors = sum_errors(real_sums, trial.last_sums(), layer.bias, fixed.bias, f.out_frac);
  q.sums = errors.loss;

  Spread sums;
  for (const double y : real_sums.exact) sums.add(y);
  sums.range.add(real_sums.partial.low);
  sums.range.add(real_sums.partial.high);
  std::vector<std::string>& warnings = fixed.warnings;
  warn_activations(*q.activations,
                   {"act-frac", f.act_frac, request.act_frac.has_value(), largest_frac(activations.range, d), activations}, d,
                   warnings);
  warn_weights(*q.weights,
               {"weight-frac", f.weight_frac, request.weight_frac.has_value(), largest_frac(weights.range, d), weights}, d,
               warnings);
  const int held = std::min(finest(sums.range, config.acc_width), finest(bias.range, d));
  const Origin out{"out-frac", f.out_frac, request.out_frac.has_value(), held, sums};
  warn_clamped(*q.biases, "biases", {"out-frac", f.out_frac, request.out_frac.has_value(), held, bias}, d, warnings);
  warn_sums(errors, out, config.acc_width, d, warnings);
  return std::move(fixed);
}

FixedWeights fix_weights(const EncodedLayer& image, const std::vector<double>& weights, const std::optional<int>& request,
                         unsigned width) {
  const Spread spread = spread_of(weights);
  FixedWeights fixed;
  fixed.weight_frac = weight_format(spread.range, width, request);
  fixed.loss = weight_loss(image, weights, fixed.weight_frac, width);
  warn_weights(fixed.loss, {"weight-frac", fixed.weight_frac, request.has_value(), largest_frac(spread.range, width), spread},
               width, fixed.warnings);
  return fixed;
}

}  // namespace eie::tb
