// SPDX-License-Identifier: Apache-2.0
#include "tb/compress/compress.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include "tb/compress/huffman.h"
#include "tb/compress/rate/calibration.h"
#include "tb/compress/rate/rate.h"
#include "tb/compress/weights/sharing.h"
#include "tb/encoding/codebook.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

constexpr int kMostTries = 8;  // at a rate

std::string number(double x) {
  std::ostringstream text;
  text << x;
  return text.str();
}

std::string label(const LayerInput& layer) { return layer.name.empty() ? layer.weights->name() : "layer " + layer.name; }

void check_bits(const char* what, unsigned bits) {
  if (bits < 1 || bits > 8) throw UserError(std::string(what) + " of " + std::to_string(bits) + " bits: expected 1 to 8");
}

void check(const std::vector<LayerInput>& layers, const CompressOptions& options) {
  if (layers.empty()) throw UserError("a network of no layers: expected one or more");
  check_bits("codes", options.code_width);
  check_bits("runs", options.index_bits);
  const unsigned n_pe = options.balance.n_pe;
  if (n_pe == 0 || (n_pe & (n_pe - 1)) != 0) throw UserError(std::to_string(n_pe) + " PEs: expected a power of two");
  if (options.balance.window == 0) throw UserError("windows of 0 columns: expected 1 or more");
  if (options.rate && !(*options.rate > 1 && *options.rate <= 1e6)) {
    throw UserError("a rate of " + number(*options.rate) + ": expected over 1, up to 1e6");
  }
  std::size_t before = options.calibration.size() != 0 ? static_cast<std::size_t>(options.calibration.cols()) : 0;
  for (const LayerInput& layer : layers) {
    const MatrixFile& file = *layer.weights;
    if (file.shape().size() != 2) {
      file.fail("has shape " + file.shape_text(), "a matrix, rows x columns (numpy: W.reshape(ROWS, COLUMNS))");
    }
    if (before != 0 && file.columns() != before) {
      file.fail("has shape " + file.shape_text(),
                std::to_string(before) + " columns, one for each " +
                    (&layer == &layers.front() ? "feature of the calibration set" : "output of the layer before"));
    }
    before = file.rows();
    if (!layer.bias.empty() && layer.bias.size() != file.rows()) {
      throw UserError(label(layer) + ": a bias of " + std::to_string(layer.bias.size()) + ": expected " +
                      std::to_string(file.rows()) + ", one for each row");
    }
    for (std::size_t i = 0; i < layer.bias.size(); ++i) {
      if (std::abs(layer.bias[i]) <= kLargestMagnitude) continue;
      throw UserError(label(layer) + ": element [" + std::to_string(i) + "] of the bias is " + number(layer.bias[i]) +
                      ": expected numbers of magnitude up to 1e150");
    }
    if (layer.density && layer.threshold) throw UserError(label(layer) + ": has a density and a threshold: expected one of them");
    if (layer.density && !(*layer.density > 0 && *layer.density <= 1)) {
      throw UserError(label(layer) + ": a density of " + number(*layer.density) + ": expected over 0, up to 1");
    }
    if (layer.threshold && !(*layer.threshold >= 0 && *layer.threshold <= kLargestMagnitude)) {
      throw UserError(label(layer) + ": a threshold of " + number(*layer.threshold) + ": expected 0 to 1e150");
    }
  }
}

/// One compression after the other, at a rate; what does not change between them is measured once.
class Compressor {
 public:
  Compressor(const std::vector<LayerInput>& layers, const CompressOptions& options, const CompressProgress& progress)
      : layers_(layers), options_(options), progress_(progress) {
    for (std::size_t l = 0; l < layers.size(); ++l) {
      magnitudes_.push_back(measure_magnitudes(*layers[l].weights, named(l)));
      asked_.push_back(layers[l].density);
      if (options_.rate && !layers[l].density && !layers[l].threshold) free_.push_back(l);
    }
    outcomes_.resize(layers.size());
    shared_.resize(layers.size());
    if (options_.calibration.size() != 0) run_float();
  }

  Compression run() {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      if (std::find(free_.begin(), free_.end(), l) == free_.end()) compress_layer(l);
    }
    if (options_.rate) reach_rate();
    Compression result;
    result.network.name = options_.name;
    result.network.code_width = options_.code_width;
    result.network.layers = std::move(shared_);
    for (const CompressedFacts& facts : outcomes_) result.total.add(facts.size);
    result.layers = std::move(outcomes_);
    if (options_.calibration.size() != 0) measure_outputs(result);
    return result;
  }

 private:
  /// Progress with the layer's name.
  CompressProgress named(std::size_t l) const {
    if (!progress_) return {};
    const std::string name = layers_.size() == 1 ? std::string() : layers_[l].name + ": ";
    return [this, name](const std::string& what, std::size_t done, std::size_t count) { progress_(name + what, done, count); };
  }

  void compress_layer(std::size_t l) {
    const LayerInput& from = layers_[l];
    const MatrixFile& file = *from.weights;
    const Magnitudes& magnitudes = magnitudes_[l];
    const CompressProgress progress = named(l);
    shared_[l] = {};  // the memory of a try before
    const Selection selection =
        from.threshold ? Selection::above(file, *from.threshold, progress)
        : asked_[l]
            ? Selection::largest(file, magnitudes,
                                 static_cast<std::uint64_t>(std::llround(*asked_[l] * static_cast<double>(magnitudes.size))),
                                 options_.balance, progress)
            : Selection::all(file, magnitudes);
    SharedSelection some = share(file, selection, magnitudes.largest, options_.code_width, options_.start, progress);
    CompressedLayer& to = shared_[l];
    to.name = from.name;
    to.rows = file.rows();
    to.columns = file.columns();
    to.codes = std::move(some.codes);
    to.codebook = std::move(some.codebook);
    to.bias = from.bias;
    to.relu = from.relu;
    to.formats = from.formats;
    CompressedFacts& facts = outcomes_[l];
    facts.size = stored_size(to, options_.code_width, options_.index_bits);
    facts.asked_density = asked_[l];
    facts.zeros_before = magnitudes.size - magnitudes.nonzeros;
  }

  void reach_rate() {
    std::uint64_t dense = 0;
    std::uint64_t bound = 0;  // bytes of the layers that have their own requests
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      dense += 4 * magnitudes_[l].size;
      if (std::find(free_.begin(), free_.end(), l) == free_.end()) bound += outcomes_[l].size.bytes_huffman();
    }
    if (free_.empty()) throw UserError("a rate for layers that all have a density or a threshold: expected one without");
    std::vector<RateLayer> layers;
    for (const std::size_t l : free_) {
      RateLayer layer{&magnitudes_[l], {}};
      if (!inputs_.empty()) {
        layer.sensitivity =
            measure_sensitivity({layers_[l].weights, layers_[l].bias, layers_[l].relu}, magnitudes_[l], inputs_[l], named(l));
      }
      layers.push_back(std::move(layer));
    }
    RateModel model;
    model.code_bits = options_.code_width;
    model.index_bits = options_.index_bits;
    const std::size_t codes = std::size_t{1} << options_.code_width;
    model.fixed_bytes = static_cast<double>(4 * codes + HuffmanCode::table_bytes(codes) +
                                            HuffmanCode::table_bytes(std::size_t{1} << options_.index_bits));
    const double goal = static_cast<double>(dense) / *options_.rate;
    const double fixed = static_cast<double>(bound) + model.fixed_bytes * static_cast<double>(free_.size());
    const std::string at_most = "expected at most about " + number(std::floor(static_cast<double>(dense) / (fixed + 1)));
    double budget = goal - static_cast<double>(bound);
    double over = std::numeric_limits<double>::infinity();  // budgets that gave too many bytes, and too few
    double under = 0;
    std::vector<double> best;
    double best_off = 0;
    std::vector<double> tried;
    auto expected_of = [&](const std::vector<double>& densities) {
      double sum = 0;
      for (std::size_t k = 0; k < free_.size(); ++k) {
        sum += expected_bytes(densities[k], static_cast<double>(magnitudes_[free_[k]].size), model.code_bits, model.index_bits,
                              model.fixed_bytes);
      }
      return sum;
    };
    for (int attempt = 0; attempt < kMostTries; ++attempt) {
      tried = distribute(layers, model, budget);
      for (std::size_t k = 0; k < free_.size(); ++k) {
        asked_[free_[k]] = tried[k];
        compress_layer(free_[k]);
      }
      double bytes = 0;
      const double expected = expected_of(tried);
      std::uint64_t entries = 0;
      std::uint64_t code_bits = 0;
      bool unpruned = true;
      for (std::size_t k = 0; k < free_.size(); ++k) {
        const std::size_t l = free_[k];
        const StoredSize& size = outcomes_[l].size;
        bytes += static_cast<double>(size.bytes_huffman());
        entries += size.entries();
        code_bits += size.code_bits_huffman;
        unpruned = unpruned && size.kept == magnitudes_[l].nonzeros;
      }
      const double off = std::abs(std::log((bytes + static_cast<double>(bound)) / goal));
      if (best.empty() || off < best_off) {
        best = tried;
        best_off = off;
      }
      if (off <= kRateTolerance || (unpruned && bytes + static_cast<double>(bound) <= goal)) break;
      const double wanted = goal - static_cast<double>(bound);
      if (attempt != 0) (bytes > wanted ? over : under) = budget;  // the first is of another model
      if (attempt == 0 && entries != 0) {                          // codes are as long as they turned out to be
        model.code_bits = static_cast<double>(code_bits) / static_cast<double>(entries);
        budget *= expected_of(tried) / expected;
      }
      budget *= wanted / bytes;
      // Sizes jump where code words get longer: between what was too much and what was too little there is a middle.
      if (!(budget > under && budget < over) && under > 0 && std::isfinite(over)) budget = std::sqrt(under * over);
    }
    if (best != tried) {
      for (std::size_t k = 0; k < free_.size(); ++k) {
        asked_[free_[k]] = best[k];
        compress_layer(free_[k]);
      }
    }
    StoredSize total;
    for (const CompressedFacts& facts : outcomes_) total.add(facts.size);
    if (total.rate_huffman() < *options_.rate * 0.9) {
      throw UserError("a rate of " + number(*options_.rate) + " is out of reach, " + number(total.rate_huffman()) +
                      " was reached: " + at_most);
    }
  }

  /// Inputs of each layer in the float network.
  void run_float() {
    inputs_.push_back(options_.calibration);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      inputs_.push_back(float_outputs({layers_[l].weights, layers_[l].bias, layers_[l].relu}, inputs_[l], named(l)));
    }
  }

  void measure_outputs(Compression& result) const {
    Eigen::MatrixXd chained = inputs_.front();
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const CompressedLayer& layer = result.network.layers[l];
      result.layers[l].output_error = relative_error(shared_outputs(layer, inputs_[l]), inputs_[l + 1]);
      chained = shared_outputs(layer, chained);
      result.layers[l].chained_output_error = relative_error(chained, inputs_[l + 1]);
    }
  }

  const std::vector<LayerInput>& layers_;
  const CompressOptions& options_;
  const CompressProgress& progress_;
  std::vector<Magnitudes> magnitudes_;
  std::vector<std::optional<double>> asked_;
  std::vector<std::size_t> free_;  // layers whose density the rate decides
  std::vector<Eigen::MatrixXd> inputs_;
  std::vector<CompressedLayer> shared_;
  std::vector<CompressedFacts> outcomes_;
};

}  // namespace

Compression compress(const std::vector<LayerInput>& layers, const CompressOptions& options, const CompressProgress& progress) {
  check(layers, options);
  return Compressor(layers, options, progress).run();
}

}  // namespace eie::tb
