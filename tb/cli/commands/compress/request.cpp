// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/compress/request.h"

#include "tb/cli/commands/compress/layer_values.h"
#include "tb/cli/help/nearest.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

/// "--density is '2'"
std::string found(const CompressionRequest& request, const std::string& option) {
  return request.spelled(option) + " is '" + request.text(option) + "'";
}

PruneBalance balance_of(const CompressionRequest& request) {
  const std::string text = request.text("prune-balance");
  if (text == "none") return PruneBalance::kNone;
  if (text == "pe") return PruneBalance::kPe;
  if (text == "windows") return PruneBalance::kWindows;
  throw UserError(found(request, "prune-balance") + ": expected none, pe or windows" +
                  nearest_text(text, {"none", "pe", "windows"}));
}

ClusterStart start_of(const CompressionRequest& request) {
  const std::string text = request.text("start");
  ClusterStart start;
  start.seed = request.seed;
  if (text == "density") {
    start.name = kQuantileStart;  // that paper's: evenly spaced in the cumulative distribution
  } else if (text == "best" || text == "linear" || text == "random") {
    start.name = text;
  } else {
    throw UserError(found(request, "start") + ": expected best, linear, density or random" +
                    nearest_text(text, {"best", "linear", "density", "random"}));
  }
  if (request.given.count("seed") != 0 && text != "best" && text != "random") {
    throw UserError(found(request, "seed") + " with " + request.spelled("start") + " " + text + ": expected " +
                    request.spelled("start") + " random or best, the ones that draw");
  }
  return start;
}

}  // namespace

CompressOptions compress_options_of(const CompressionRequest& request, unsigned n_pe) {
  CompressOptions how;
  how.code_width = request.code_width;
  how.index_bits = request.index_bits;
  how.start = start_of(request);
  how.balance.n_pe = n_pe;
  return how;
}

void set_requests(const CompressionRequest& request, std::vector<LayerInput>& layers, CompressOptions& how) {
  const std::string density = request.spelled("density");
  const std::string threshold = request.spelled("threshold");
  const std::string rate = request.spelled("rate");
  const std::string balance = request.spelled("prune-balance");
  std::vector<std::string> names;
  for (const LayerInput& layer : layers) names.push_back(layer.name);
  const auto densities = layer_values(density, request.text("density"), names, {0, false, 1, "numbers over 0, up to 1"});
  const auto thresholds =
      layer_values(threshold, request.text("threshold"), names, {0, true, 1e150, "magnitudes from 0 to 1e150"});
  const bool has_rate = request.words.count("rate") != 0;
  bool all = true;
  bool any_density = has_rate;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (densities[l] && thresholds[l]) {
      throw UserError("layer " + layers[l].name + " has a value of " + density + " and one of " + threshold +
                      ": expected one of them");
    }
    layers[l].density = densities[l];
    layers[l].threshold = thresholds[l];
    all = all && (densities[l] || thresholds[l]);
    any_density = any_density || densities[l];
  }
  if (has_rate) {
    how.rate = *layer_values(rate, request.text("rate"), {""}, {1, false, 1e6, "a number over 1, up to 1e6"}).front();
    if (all) {
      throw UserError(found(request, "rate") + ", and each layer has a value of " + density + " or " + threshold +
                      ": expected layers without");
    }
  }
  how.balance.balance = balance_of(request);
  if (how.balance.balance != PruneBalance::kNone && !any_density) {
    throw UserError(found(request, "prune-balance") + " without " + density + " or " + rate +
                    ": expected one of them, nothing is pruned to a number");
  }
  how.balance.window = request.window;
  if (request.given.count("window") != 0 && how.balance.balance != PruneBalance::kWindows) {
    throw UserError(found(request, "window") + " without " + balance + " windows: expected both or neither");
  }
}

ContainerOptions container_words(const CompressionRequest& request) {
  ContainerOptions words{{"command", "compress"}};
  words.insert(request.words.begin(), request.words.end());
  return words;
}

}  // namespace eie::tb
