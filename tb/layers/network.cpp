// SPDX-License-Identifier: Apache-2.0
#include "tb/layers/network.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "tb/compress/container.h"
#include "tb/formats/matrix_file.h"
#include "tb/golden/golden.h"
#include "tb/layers/parallel_encode.h"
#include "tb/support/error.h"
#include "tb/support/stopwatch.h"

namespace eie::tb {
namespace {

std::vector<std::vector<double>> samples_of(const Eigen::MatrixXd& inputs) {
  std::vector<std::vector<double>> samples;
  for (Eigen::Index s = 0; s < inputs.cols(); ++s) samples.emplace_back(inputs.col(s).begin(), inputs.col(s).end());
  return samples;
}

std::shared_ptr<const MatrixFile> weights_of(const LayerFiles& files) {
  return files.weights_in_memory ? files.weights_in_memory : open_matrix(files.weights);
}

/// Empty for none.
std::vector<double> bias_of(const LayerFiles& files, std::size_t rows) {
  if (files.bias_in_memory) return read_vector(*files.bias_in_memory, rows);
  return files.bias.empty() ? std::vector<double>() : read_vector(files.bias, rows);
}

// What would fit if it were transposed.
std::string transposed_hint(const CodeMatrix& codes, const Eigen::MatrixXd& inputs) {
  if (codes.rows() == static_cast<std::size_t>(inputs.rows())) return "; its transpose would fit (numpy: W.T)";
  if (codes.columns() == static_cast<std::size_t>(inputs.cols())) {
    return "; the transpose of the activations would fit (numpy: a.T)";
  }
  return "";
}

/// What a layer gets from the one before it.
struct LayerInput {
  const Eigen::MatrixXd& real;                   // of the float network
  std::vector<std::vector<double>> activations;  // of the device, by place
  Order columns;                                 // what lies at the places
  Eigen::MatrixXd calibration;                   // of the float network; none: no calibration
};

/// Finds the order of the rows, if one is asked for.
void place_rows(const BalanceChoice& choice, const Eigen::MatrixXd& calibration, Order columns, const HwConfig& config,
                PreparedLayer& layer) {
  LayerOrder order{{}, std::move(columns)};
  if (choice.kind != BalanceKind::kNone) {
    // Windows are those of the order in which columns are broadcast.
    const LayerOrder broadcast{{}, order.columns};
    const PermutedSource source(*layer.weights.codes, broadcast);
    const BalanceRequest request{choice.kind, choice.window, in_places(feature_use(calibration), order.columns)};
    BalancedRows balanced = balance_rows(source, config, split_rows(source.rows(), config), request);
    order.rows = std::move(balanced.rows);
    layer.balance = balanced.balance;
  }
  if (order.rows.empty() && order.columns.empty()) return;
  layer.order = std::make_shared<const LayerOrder>(std::move(order));
  layer.placed = std::make_unique<PermutedSource>(*layer.weights.codes, *layer.order);
}

PreparedLayer prepare_layer(const LayerFiles& files, LayerInput input, const FormatRequest& request, const HwConfig& config,
                            const BalanceChoice& balance, const std::function<void()>& step) {
  const Eigen::MatrixXd& inputs = input.real;
  Stopwatch watch;
  PreparedLayer layer;
  layer.files = files;
  layer.from_shared = files.weights_in_memory == nullptr && is_container_file(files.weights);
  // A container's codes are taken as they are; its matrix is not put together.
  const std::shared_ptr<const MatrixFile> weights = layer.from_shared ? nullptr : weights_of(files);
  StoredWeights stored = weights == nullptr ? share_or_take(files.weights, config)
                                            : StoredWeights{share_weights(*weights, config.code_width), std::nullopt};
  layer.weights = std::move(stored.shared);
  CodeMatrix& codes = *layer.weights.codes;
  if (codes.columns() != static_cast<std::size_t>(inputs.rows())) {
    throw UserError(files.weights + ": has shape (" + std::to_string(codes.rows()) + ", " + std::to_string(codes.columns()) +
                    "): expected " + std::to_string(inputs.rows()) + " columns, one for each input activation" +
                    (inputs.cols() > 1
                         ? " (they have shape (" + std::to_string(inputs.cols()) + ", " + std::to_string(inputs.rows()) + "))"
                         : "") +
                    transposed_hint(codes, inputs));
  }
  std::vector<double> bias = bias_of(files, codes.rows());
  for (std::size_t i = 0; i < bias.size(); ++i) {
    if (std::abs(bias[i]) <= kLargestMagnitude) continue;
    char value[32];
    std::snprintf(value, sizeof value, "%g", bias[i]);
    throw UserError(files.bias + ": element [" + std::to_string(i) + "] is " + value +
                    ": expected numbers of magnitude up to 1e150");
  }
  layer.seconds.encode += watch.lap();

  layer.expected = weights == nullptr ? float_product(files.weights, inputs, bias) : float_product(*weights, inputs, bias);
  const double magnitude = layer.expected.cwiseAbs().maxCoeff();
  if (!layer.expected.allFinite() || magnitude > kLargestMagnitude) {
    throw UserError(files.weights +
                    ": its product with the activations is over 1e150: expected smaller weights or "
                    "activations");
  }
  if (files.relu) layer.expected = layer.expected.cwiseMax(0.0);
  layer.seconds.golden += watch.lap();

  if (step) step();
  place_rows(balance, input.calibration, std::move(input.columns), config, layer);
  layer.image = stored.image && layer.order == nullptr ? std::move(*stored.image)
                                                       : encode_parallel(layer.codes(), config, split_rows(codes.rows(), config));
  layer.plan = plan_launches(layer.image, config, !bias.empty(),
                             files.weights + (layer.order != nullptr ? " (rows and columns by place, --balance)" : ""));
  if (layer.order != nullptr) bias = in_places(bias, layer.order->rows);
  try {
    layer.fixed =
        fix_layer({layer.image, layer.weights.codebook.values, std::move(bias), std::move(input.activations), files.relu, step},
                  request, config);
  } catch (const UserError& error) {
    throw UserError((files.name.empty() ? files.weights : "layer " + files.name) + ": " + error.what());
  }
  layer.formats = layer.fixed.formats;
  layer.bias = layer.fixed.bias;
  codes.set_codebook(layer.fixed.codebook);
  layer.seconds.encode += watch.lap();
  return layer;
}

/// What becomes of one sample.
struct SampleOutcome {
  std::vector<LayerResult> results;
  std::vector<GoldenResult> golden;
  std::vector<std::optional<PeCycles>> pe_cycles;
  HostSeconds seconds;
};

SampleOutcome run_sample(Driver& driver, const std::vector<PreparedLayer>& layers, const std::vector<DeviceLayer>& device_layers,
                         std::vector<std::int32_t> activations, const HwConfig& config) {
  SampleOutcome outcome;
  Stopwatch watch;
  outcome.results = driver.run(activations);
  outcome.seconds.simulate = watch.lap();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const PreparedLayer& layer = layers[l];
    outcome.pe_cycles.push_back(account_cycles(device_layers[l], activations, outcome.results[l], config));
    outcome.golden.push_back(golden_layer(layer.codes(), activations, layer.bias, layer.formats.shift, layer.files.relu,
                                          config.data_width, config.acc_width));
    activations = outcome.golden.back().outputs;
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {  // from here on rows are the user's
    if (layers[l].order == nullptr) continue;
    const Order& rows = layers[l].order->rows;
    outcome.results[l].outputs = out_of_places(outcome.results[l].outputs, rows);
    outcome.golden[l].outputs = out_of_places(outcome.golden[l].outputs, rows);
  }
  outcome.seconds.golden = watch.lap();
  return outcome;
}

/// Does work(0) ... work(count - 1), each in a thread of its own but the first. Throws what the first of them threw.
void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::exception_ptr> failures(count);
  std::vector<std::thread> threads;
  auto guarded = [&](std::size_t k) {
    try {
      work(k);
    } catch (...) {
      failures[k] = std::current_exception();
    }
  };
  for (std::size_t k = 1; k < count; ++k) threads.emplace_back(guarded, k);
  guarded(0);
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

// Samples that a thread takes before what came of them is put together: enough to hide how threads start.
constexpr std::size_t kSamplesAtATime = 8;

}  // namespace

std::vector<double> feature_use(const Eigen::MatrixXd& samples) {
  std::vector<double> use;
  for (Eigen::Index j = 0; j < samples.rows(); ++j) {
    use.push_back(static_cast<double>((samples.row(j).array() != 0).count()) / static_cast<double>(samples.cols()));
  }
  return use;
}

std::vector<PreparedLayer> prepare_layers(const std::vector<LayerFiles>& layers, const Eigen::MatrixXd& inputs,
                                          const HwConfig& config, const BalanceChoice& balance,
                                          const std::function<void()>& step) {
  std::vector<PreparedLayer> prepared;
  Eigen::MatrixXd calibration = balance.kind == BalanceKind::kNone ? Eigen::MatrixXd() : balance.calibration;
  for (const LayerFiles& files : layers) {
    FormatRequest request = files.formats;
    std::vector<std::vector<double>> activations;
    Order columns;
    if (prepared.empty()) {
      activations = samples_of(inputs);
    } else {
      if (prepared.back().order != nullptr) columns = prepared.back().order->rows;
      const FixedLayer& before = prepared.back().fixed;
      request.act_frac = before.formats.out_frac;
      for (const auto& outputs : before.outputs) {
        activations.emplace_back();
        for (const std::int32_t y : outputs) activations.back().push_back(std::ldexp(y, -before.formats.out_frac));
      }
    }
    LayerInput input{prepared.empty() ? inputs : prepared.back().expected, std::move(activations), std::move(columns),
                     calibration};
    prepared.push_back(prepare_layer(files, std::move(input), request, config, balance, step));
    if (calibration.size() == 0 || prepared.size() == layers.size()) continue;
    calibration = float_product(*weights_of(files), calibration, bias_of(files, prepared.back().image.rows));
    if (files.relu) calibration = calibration.cwiseMax(0.0);
  }
  return prepared;
}

NetworkRun run_layers(const std::vector<Driver*>& drivers, LoadMode mode, const std::vector<PreparedLayer>& layers,
                      const Eigen::MatrixXd& inputs, const HwConfig& config, const SampleProgress& progress) {
  NetworkRun run;
  std::vector<DeviceLayer> device_layers;
  std::vector<ErrorMeter> errors(layers.size());
  for (const PreparedLayer& layer : layers) {
    const std::vector<std::int32_t>& codebook = layer.weights.codes->codebook();
    device_layers.push_back({layer.files.name, &layer.image, &layer.plan, codebook, layer.bias, layer.formats.shift,
                             layer.files.relu, layer.formats, layer.order});
    LayerReport report;
    report.name = layer.files.name;
    report.rows = layer.image.rows;
    report.columns = layer.image.columns;
    report.counters = Counters{};
    report.pe_cycles = PeCycles{};
    report.port_load = mode == LoadMode::kPort;
    report.formats = layer.formats;
    report.quantisation = layer.fixed.quantisation;
    report.warnings = layer.fixed.warnings;
    report.codebook = codebook;
    report.sharing = layer.weights.codebook;
    if (layer.balance.kind != BalanceKind::kNone) report.balance = layer.balance;
    report.from_shared = layer.from_shared;
    report.verdict = Verdict{};
    report.seconds = layer.seconds;
    run.reports.push_back(std::move(report));
  }

  Stopwatch watch;
  side_by_side(drivers.size(), [&](std::size_t d) { drivers[d]->load(device_layers); });
  for (std::size_t l = 0; l < layers.size(); ++l) {
    run.reports[l].traffic = traffic_of(device_layers, l, drivers.front()->placement(), config);
  }
  run.reports.front().seconds.simulate += watch.lap();
  const auto samples = static_cast<std::size_t>(inputs.cols());
  const std::size_t round = drivers.size() > 1 ? drivers.size() * kSamplesAtATime : 1;
  for (std::size_t begin = 0; begin < samples; begin += round) {
    const std::size_t count = std::min(round, samples - begin);
    if (progress) progress(begin, samples);
    std::vector<SampleOutcome> outcomes(count);
    side_by_side(std::min(drivers.size(), count), [&](std::size_t d) {
      for (std::size_t k = d; k < count; k += drivers.size()) {
        drivers[d]->set_samples_before(begin + k);
        outcomes[k] = run_sample(*drivers[d], layers, device_layers, layers.front().fixed.activations[begin + k], config);
      }
    });
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t s = begin + k;
      SampleOutcome& outcome = outcomes[k];
      watch.lap();
      for (std::size_t l = 0; l < layers.size(); ++l) {
        const PreparedLayer& layer = layers[l];
        LayerReport& report = run.reports[l];
        std::string where = layer.files.name.empty() ? "" : "layer " + layer.files.name + ", ";
        if (samples > 1) where += "sample " + std::to_string(s) + ", ";
        report.verdict->add(where, outcome.results[l], outcome.golden[l].outputs, outcome.golden[l].saturated, s);
        report.counters->add(outcome.results[l].counters);
        if (report.pe_cycles && outcome.pe_cycles[l]) {
          report.pe_cycles->add(*outcome.pe_cycles[l]);
        } else {
          report.pe_cycles.reset();
        }
        report.sample_cycles.push_back(outcome.results[l].counters.cycles);
        report.seconds.simulate += outcome.seconds.simulate / static_cast<double>(layers.size());
        report.seconds.golden += outcome.seconds.golden / static_cast<double>(layers.size());
        errors[l].add(outcome.results[l].outputs, layer.formats.out_frac, layer.expected.col(static_cast<Eigen::Index>(s)));
        report.seconds.golden += watch.lap();
      }
      run.outputs.push_back(std::move(outcome.results.back().outputs));
    }
  }
  for (std::size_t l = 0; l < layers.size(); ++l) run.reports[l].float_error = errors[l].result();
  return run;
}

NetworkRun run_layers(Driver& driver, LoadMode mode, const std::vector<PreparedLayer>& layers, const Eigen::MatrixXd& inputs,
                      const HwConfig& config, const SampleProgress& progress) {
  return run_layers(std::vector<Driver*>{&driver}, mode, layers, inputs, config, progress);
}

Accuracy accuracy_of(const std::vector<std::vector<std::int32_t>>& outputs, const Eigen::MatrixXd& expected,
                     const std::vector<std::int64_t>& labels) {
  std::size_t right = 0;
  std::size_t float_right = 0;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    const std::vector<std::int32_t>& y = outputs[s];
    right += std::max_element(y.begin(), y.end()) - y.begin() == labels[s] ? 1 : 0;
    Eigen::Index best = 0;
    expected.col(static_cast<Eigen::Index>(s)).maxCoeff(&best);
    float_right += best == labels[s] ? 1 : 0;
  }
  const auto samples = static_cast<double>(labels.size());
  return {static_cast<double>(right) / samples, static_cast<double>(float_right) / samples};
}

}  // namespace eie::tb
