#include "network.h"

#include <algorithm>

#include "error.h"
#include "golden.h"
#include "npy.h"
#include "stopwatch.h"

namespace eie::tb {
namespace {

std::vector<std::int32_t> quantised(const Eigen::MatrixXd& inputs, std::size_t sample, int frac,
                                    unsigned width) {
  const auto column = inputs.col(static_cast<Eigen::Index>(sample));
  return quantise(std::vector<double>(column.begin(), column.end()), frac, width);
}

// What would fit if it were transposed.
std::string transposed_hint(const CodeMatrix& codes, const Eigen::MatrixXd& inputs) {
  if (codes.rows() == static_cast<std::size_t>(inputs.rows())) return "; its transpose would fit (numpy: W.T)";
  if (codes.columns() == static_cast<std::size_t>(inputs.cols())) {
    return "; the transpose of the activations would fit (numpy: a.T)";
  }
  return "";
}

PreparedLayer prepare_layer(const LayerFiles& files, const Eigen::MatrixXd& inputs,
                            const ValueRange& activations, const FormatRequest& request,
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

  try {
    layer.formats =
        choose_formats(layer.weights.codebook.range(), activations, magnitude, config.data_width, request);
  } catch (const UserError& error) {
    throw UserError((files.name.empty() ? files.weights : "layer " + files.name) + ": " + error.what());
  }
  codes.set_codebook(layer.weights.codebook.integers(layer.formats.weight_frac, config.data_width));
  layer.bias = quantise(bias, layer.formats.out_frac, config.data_width);
  layer.image = encode(codes, config, split_rows(codes.rows(), config));
  layer.plan = plan_launches(layer.image, config, !layer.bias.empty(), files.weights);
  layer.seconds.encode += watch.lap();
  return layer;
}

}  // namespace

std::vector<PreparedLayer> prepare_layers(const std::vector<LayerFiles>& layers,
                                          const Eigen::MatrixXd& inputs, const HwConfig& config) {
  std::vector<PreparedLayer> prepared;
  for (const LayerFiles& files : layers) {
    ValueRange activations;
    FormatRequest request = files.formats;
    if (prepared.empty()) {
      activations.add(inputs.minCoeff());
      activations.add(inputs.maxCoeff());
    } else {
      request.act_frac = prepared.back().formats.out_frac;
    }
    prepared.push_back(prepare_layer(files, prepared.empty() ? inputs : prepared.back().expected, activations,
                                     request, config));
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
    report.port_load = mode == LoadMode::kPort;
    report.formats = layer.formats;
    report.codebook = codebook;
    report.sharing = layer.weights.codebook;
    report.verdict = Verdict{};
    report.seconds = layer.seconds;
    run.reports.push_back(std::move(report));
  }

  Stopwatch watch;
  driver.load(std::move(device_layers));
  run.reports.front().seconds.simulate += watch.lap();
  const auto samples = static_cast<std::size_t>(inputs.cols());
  for (std::size_t s = 0; s < samples; ++s) {
    if (progress) progress(s, samples);
    std::vector<std::int32_t> activations =
        quantised(inputs, s, layers.front().formats.act_frac, config.data_width);
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
