#include "network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.h"
#include "golden.h"
#include "npy.h"
#include "stopwatch.h"

namespace eie::tb {
namespace {

std::vector<std::vector<double>> samples_of(const Eigen::MatrixXd& inputs) {
  std::vector<std::vector<double>> samples;
  for (Eigen::Index s = 0; s < inputs.cols(); ++s) samples.emplace_back(inputs.col(s).begin(), inputs.col(s).end());
  return samples;
}

// What would fit if it were transposed.
std::string transposed_hint(const CodeMatrix& codes, const Eigen::MatrixXd& inputs) {
  if (codes.rows() == static_cast<std::size_t>(inputs.rows())) return "; its transpose would fit (numpy: W.T)";
  if (codes.columns() == static_cast<std::size_t>(inputs.cols())) {
    return "; the transpose of the activations would fit (numpy: a.T)";
  }
  return "";
}

/// `inputs` are those of the float network, `activations` those that reach this layer.
PreparedLayer prepare_layer(const LayerFiles& files, const Eigen::MatrixXd& inputs,
                            std::vector<std::vector<double>> activations, const FormatRequest& request,
                            const HwConfig& config) {
  Stopwatch watch;
  PreparedLayer layer;
  layer.files = files;
  layer.weights = load_shared_weights(files.weights, config.code_width);
  CodeMatrix& codes = *layer.weights.codes;
  if (codes.columns() != static_cast<std::size_t>(inputs.rows())) {
    throw UserError(files.weights + ": has shape (" + std::to_string(codes.rows()) + ", " +
                    std::to_string(codes.columns()) + "): expected " + std::to_string(inputs.rows()) +
                    " columns, one for each input activation" + transposed_hint(codes, inputs));
  }
  std::vector<double> bias;
  if (!files.bias.empty()) bias = load_float_vector(files.bias, codes.rows());
  layer.seconds.encode += watch.lap();

  layer.expected = float_product(files.weights, inputs, bias);
  const double magnitude = layer.expected.cwiseAbs().maxCoeff();
  if (!layer.expected.allFinite() || magnitude > kLargestMagnitude) {
    throw UserError(files.weights +
                    ": its product with the activations is over 1e150: expected smaller weights or "
                    "activations");
  }
  if (files.relu) layer.expected = layer.expected.cwiseMax(0.0);
  layer.seconds.golden += watch.lap();

  layer.image = encode(codes, config, split_rows(codes.rows(), config));
  layer.plan = plan_launches(layer.image, config, !bias.empty(), files.weights);
  try {
    layer.fixed = fix_layer({layer.image, layer.weights.codebook.values, std::move(bias), std::move(activations),
                             files.relu},
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

}  // namespace

std::vector<PreparedLayer> prepare_layers(const std::vector<LayerFiles>& layers,
                                          const Eigen::MatrixXd& inputs, const HwConfig& config) {
  std::vector<PreparedLayer> prepared;
  for (const LayerFiles& files : layers) {
    FormatRequest request = files.formats;
    std::vector<std::vector<double>> activations;
    if (prepared.empty()) {
      activations = samples_of(inputs);
    } else {
      const FixedLayer& before = prepared.back().fixed;
      request.act_frac = before.formats.out_frac;
      for (const auto& outputs : before.outputs) {
        activations.emplace_back();
        for (const std::int32_t y : outputs) activations.back().push_back(std::ldexp(y, -before.formats.out_frac));
      }
    }
    prepared.push_back(prepare_layer(files, prepared.empty() ? inputs : prepared.back().expected,
                                     std::move(activations), request, config));
  }
  return prepared;
}

NetworkRun run_layers(Driver& driver, LoadMode mode, const std::vector<PreparedLayer>& layers,
                      const Eigen::MatrixXd& inputs, const HwConfig& config, const SampleProgress& progress) {
  NetworkRun run;
  std::vector<DeviceLayer> device_layers;
  std::vector<ErrorMeter> errors(layers.size());
  for (const PreparedLayer& layer : layers) {
    const std::vector<std::int32_t>& codebook = layer.weights.codes->codebook();
    device_layers.push_back({layer.files.name, &layer.image, &layer.plan, codebook, layer.bias,
                             layer.formats.shift, layer.files.relu});
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
    report.verdict = Verdict{};
    report.seconds = layer.seconds;
    run.reports.push_back(std::move(report));
  }

  Stopwatch watch;
  driver.load(device_layers);
  run.reports.front().seconds.simulate += watch.lap();
  const auto samples = static_cast<std::size_t>(inputs.cols());
  for (std::size_t s = 0; s < samples; ++s) {
    if (progress) progress(s, samples);
    std::vector<std::int32_t> activations = layers.front().fixed.activations[s];
    watch.lap();
    std::vector<LayerResult> results = driver.run(activations);
    const double seconds = watch.lap() / static_cast<double>(layers.size());
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const PreparedLayer& layer = layers[l];
      LayerReport& report = run.reports[l];
      const GoldenResult golden =
          golden_layer(*layer.weights.codes, activations, layer.bias, layer.formats.shift, layer.files.relu,
                       config.data_width, config.acc_width);
      std::string where = layer.files.name.empty() ? "" : "layer " + layer.files.name + ", ";
      if (samples > 1) where += "sample " + std::to_string(s) + ", ";
      report.verdict->add(where, results[l], golden.outputs, golden.saturated);
      report.counters->add(results[l].counters);
      if (report.pe_cycles) {
        const auto account = account_cycles(device_layers[l], activations, results[l], config);
        if (account) report.pe_cycles->add(*account);
        if (!account) report.pe_cycles.reset();
      }
      report.sample_cycles.push_back(results[l].counters.cycles);
      report.seconds.simulate += seconds;
      errors[l].add(results[l].outputs, layer.formats.out_frac,
                    layer.expected.col(static_cast<Eigen::Index>(s)));
      activations = golden.outputs;
      report.seconds.golden += watch.lap();
    }
    run.outputs.push_back(std::move(results.back().outputs));
  }
  for (std::size_t l = 0; l < layers.size(); ++l) run.reports[l].float_error = errors[l].result();
  return run;
}

}  // namespace eie::tb
