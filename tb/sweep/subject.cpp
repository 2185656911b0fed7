// SPDX-License-Identifier: Apache-2.0
#include "tb/sweep/subject.h"

#include <utility>

#include "tb/encoding/plan.h"
#include "tb/layers/layer_result.h"
#include "tb/layers/parallel_encode.h"
#include "tb/layers/synthetic/remembered_columns.h"
#include "tb/layers/workload.h"

namespace eie::tb {
namespace {

PreparedSubject prepare_synthetic(const LayerSpec& spec, std::uint64_t seed, const HwConfig& config, BalanceKind balance,
                                  std::size_t window) {
  PreparedSubject subject;
  const SyntheticMatrix matrix(spec, seed, config.code_width, config.data_width);
  const std::vector<std::int32_t> activations = synthetic_activations(spec, seed, config.data_width);
  // An order is made of all columns, before they are encoded, as in `eie bench`.
  const bool balanced = balance != BalanceKind::kNone;
  const std::vector<std::int32_t> wanted = balanced ? std::vector<std::int32_t>(spec.inputs, 1) : activations;
  const RememberedColumns drawn(matrix, wanted);
  const std::vector<RowBlock> blocks = split_rows(spec.outputs, config);
  LayerOrder order;
  if (balanced) order.rows = balance_rows(drawn, config, blocks, {balance, window, {}}).rows;
  const PermutedSource columns(drawn, order);
  SweepLayer layer;
  layer.label = "layer " + spec.name;
  layer.image = encode_parallel(columns, config, blocks);
  layer.device.name = spec.name;
  layer.device.codebook = matrix.codebook();
  layer.device.formats = synthetic_formats(config.data_width);
  layer.device.shift = layer.device.formats.shift;
  subject.expected = {{golden_layer(columns, activations, {}, layer.device.shift, false, config.data_width, config.acc_width)}};
  subject.inputs = {activations};
  subject.layers.push_back(std::move(layer));
  return subject;
}

PreparedSubject prepare_network(const NetworkFile& network, std::uint64_t samples, const HwConfig& config, BalanceKind balance,
                                std::size_t window) {
  const Eigen::MatrixXd inputs = load_samples(network.inputs, network.layers.front().weights, samples);
  std::vector<PreparedLayer> prepared = prepare_layers(network.layers, inputs, config, {balance, window, {}});
  PreparedSubject subject;
  subject.inputs = prepared.front().fixed.activations;
  for (const std::vector<std::int32_t>& sample : subject.inputs) {
    std::vector<std::int32_t> activations = sample;
    subject.expected.emplace_back();
    for (const PreparedLayer& layer : prepared) {
      subject.expected.back().push_back(golden_layer(layer.codes(), activations, layer.bias, layer.formats.shift,
                                                     layer.files.relu, config.data_width, config.acc_width));
      activations = subject.expected.back().back().outputs;
    }
  }
  for (PreparedLayer& layer : prepared) {
    SweepLayer made;
    made.label = layer.files.weights;
    made.device = {layer.files.name, nullptr,       nullptr,    layer.weights.codes->codebook(), layer.bias, layer.formats.shift,
                   layer.files.relu, layer.formats, layer.order};
    made.image = std::move(layer.image);
    subject.layers.push_back(std::move(made));
  }
  return subject;
}

}  // namespace

std::shared_ptr<const PreparedSubject> prepare_subject(const SweepPoints& points, const SweepPoint& point) {
  const SweepFile& file = points.file();
  const SweepSubject& subject = file.subjects[point.subject];
  const HwConfig config = points.encoding_config(point);
  const BalanceKind balance = file.balance[point.balance];
  if (!subject.is_layer) {
    return std::make_shared<PreparedSubject>(
        prepare_network(subject.network, file.samples, config, balance, file.balance_window));
  }
  return std::make_shared<PreparedSubject>(
      prepare_synthetic(subject.layer, file.seeds[point.seed], config, balance, file.balance_window));
}

SubjectRun run_subject(const PreparedSubject& subject, const HwConfig& config, Device& device, bool there) {
  std::vector<Plan> plans;
  for (const SweepLayer& layer : subject.layers) {
    plans.push_back(plan_launches(layer.image, config, !layer.device.bias.empty(), layer.label));
  }
  std::vector<DeviceLayer> layers;
  for (std::size_t l = 0; l < plans.size(); ++l) {
    layers.push_back(subject.layers[l].device);
    layers.back().image = &subject.layers[l].image;
    layers.back().plan = &plans[l];
  }
  Driver driver(device, config, LoadMode::kBackdoor);
  driver.load(layers, there);
  SubjectRun run;
  Verdict verdict;
  for (std::size_t s = 0; s < subject.inputs.size(); ++s) {
    const std::vector<LayerResult> results = driver.run(subject.inputs[s]);
    for (std::size_t l = 0; l < results.size(); ++l) {
      run.counters.add(results[l].counters);
      const GoldenResult& golden = subject.expected[s][l];
      verdict.add("layer " + layers[l].name + ", sample " + std::to_string(s) + ", ", results[l], golden.outputs,
                  golden.saturated, s);
    }
  }
  run.mismatch = verdict.first;
  return run;
}

}  // namespace eie::tb
