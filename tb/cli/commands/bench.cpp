// SPDX-License-Identifier: Apache-2.0
// eie bench: the paper's nine layers, made synthetically.
#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <future>
#include <optional>
#include <utility>

#include "tb/cli/commands.h"
#include "tb/cli/commands/window_command.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/options/observation.h"
#include "tb/cli/options/options.h"
#include "tb/cli/program.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/fixed_point/fixed_layer.h"
#include "tb/encoding/plan.h"
#include "tb/faults/places.h"
#include "tb/golden/golden.h"
#include "tb/golden/reference.h"
#include "tb/layers/parallel_encode.h"
#include "tb/layers/synthetic/remembered_columns.h"
#include "tb/layers/workload.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/stopwatch.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

PaperNumbers paper_numbers(const Workload& workload, const LayerSpec& layer, const HwConfig& config) {
  PaperNumbers paper;
  paper.time_us = layer.paper_us;
  for (std::size_t f = 0; f < workload.fifo_depths.size(); ++f) {
    if (config.n_pe == workload.n_pe && workload.fifo_depths[f] == config.queue_depth + 1.0) {
      paper.load_balance = layer.load_balance[f];
    }
  }
  return paper;
}

/// A layer ready for the device, and what must come of it.
struct BenchLayer {
  LayerReport report;  // what is known without the device
  EncodedLayer image;
  Plan plan;
  std::vector<std::int32_t> codebook;
  std::vector<std::int32_t> activations;
  std::shared_ptr<const LayerOrder> order;  // none: rows lie as they are numbered
  GoldenResult golden;                      // rows in the user's order
  Eigen::VectorXd expected;                 // as these
};

BenchLayer prepare_layer(const LayerSpec& spec, std::uint64_t seed, const HwConfig& config, const BalanceChoice& choice) {
  BenchLayer layer;
  LayerReport& report = layer.report;
  report.name = spec.name;
  report.rows = spec.outputs;
  report.columns = spec.inputs;

  Stopwatch watch;
  const SyntheticMatrix matrix(spec, seed, config.code_width, config.data_width);
  layer.activations = synthetic_activations(spec, seed, config.data_width);
  const Formats drawn = synthetic_formats(config.data_width);
  std::vector<double> real;
  for (const std::int32_t a : layer.activations) real.push_back(std::ldexp(a, -drawn.act_frac));
  layer.codebook = report.codebook = matrix.codebook();
  // An order is made of all columns, before they are encoded: it does not know which of them the input uses.
  const bool balanced = choice.kind != BalanceKind::kNone;
  const std::vector<std::int32_t> wanted = balanced ? std::vector<std::int32_t>(spec.inputs, 1) : layer.activations;
  const RememberedColumns drawn_columns(matrix, wanted);
  const std::vector<RowBlock> blocks = split_rows(spec.outputs, config);
  LayerOrder order;
  if (balanced) {
    BalancedRows rows = balance_rows(drawn_columns, config, blocks, {choice.kind, choice.window, {}});
    order.rows = std::move(rows.rows);
    report.balance = rows.balance;
    layer.order = std::make_shared<const LayerOrder>(order);
  }
  const PermutedSource columns(drawn_columns, order);
  layer.image = encode_parallel(columns, config, blocks);
  layer.plan = plan_launches(layer.image, config, false, "layer " + spec.name + (balanced ? " (rows by place, --balance)" : ""));
  const FormatRequest request{drawn.weight_frac, drawn.act_frac, std::nullopt};  // as the numbers are drawn
  FixedLayer fixed = fix_layer({layer.image, matrix.values(), {}, {real}, false}, request, config);
  report.formats = fixed.formats;
  report.quantisation = fixed.quantisation;
  report.warnings = std::move(fixed.warnings);
  report.seconds.encode = watch.lap();

  FloatSums sums(matrix.rows(), matrix.values());
  layer.golden = golden_layer(columns, layer.activations, {}, report.formats->shift, false, config.data_width, config.acc_width,
                              [&](std::size_t j, const std::vector<std::uint8_t>& codes) { sums.add(codes, real[j]); });
  layer.golden.outputs = out_of_places(layer.golden.outputs, order.rows);
  layer.expected = sums.sums();
  for (std::size_t p = 0; p < order.rows.size(); ++p) layer.expected[order.rows[p]] = sums.sums()[static_cast<Eigen::Index>(p)];
  report.seconds.golden = watch.lap();
  return layer;
}

/// Where it went wrong, if it did. Its columns are drawn again when they are needed.
void find_places(const BenchLayer& prepared, DeviceLayer layer, const LayerSpec& spec, std::uint64_t seed, const HwConfig& config,
                 std::uint64_t launches_before, LayerReport& report) {
  if (!report.verdict->first_mismatch && !report.verdict->saturated_sample) return;
  layer.formats = *report.formats;
  std::unique_ptr<SyntheticMatrix> matrix;
  std::unique_ptr<PermutedSource> placed;
  ChainThatRan chain;
  chain.layers = {std::move(layer)};
  chain.codes = [&]() -> const ColumnSource& {
    if (matrix == nullptr) {
      matrix = std::make_unique<SyntheticMatrix>(spec, seed, config.code_width, config.data_width);
      placed = std::make_unique<PermutedSource>(*matrix, prepared.order != nullptr ? *prepared.order : LayerOrder());
    }
    return *placed;
  };
  chain.inputs = [&prepared](std::size_t) -> const std::vector<std::int32_t>& { return prepared.activations; };
  chain.launches_before = launches_before;
  std::vector<LayerReport> reports = {std::move(report)};
  eie::tb::find_places(chain, config, {}, reports);
  report = std::move(reports.front());
}

/// Runs a layer; `launches` are those of the run before it, and behind it.
LayerReport run_layer(BenchLayer& prepared, const LayerSpec& spec, std::uint64_t seed, const HwConfig& config, Driver& driver,
                      LoadMode mode, std::uint64_t& launches) {
  LayerReport report = std::move(prepared.report);
  report.port_load = mode == LoadMode::kPort;
  Stopwatch watch;
  DeviceLayer layer;
  layer.name = report.name;
  layer.image = &prepared.image;
  layer.plan = &prepared.plan;
  layer.codebook = prepared.codebook;
  layer.shift = report.formats->shift;
  layer.order = prepared.order;
  driver.load({layer});
  report.traffic = traffic_of({layer}, 0, driver.placement(), config);
  LayerResult result = driver.run(prepared.activations).front();
  if (prepared.order != nullptr) result.outputs = out_of_places(result.outputs, prepared.order->rows);
  report.seconds.simulate = watch.lap();
  report.pe_cycles = account_cycles(layer, prepared.activations, result, config);
  report.counters = result.counters;
  report.verdict = Verdict{};
  report.verdict->add("layer " + report.name + ", ", result, prepared.golden.outputs, prepared.golden.saturated);
  ErrorMeter error;
  error.add(result.outputs, report.formats->out_frac, prepared.expected);
  report.float_error = error.result();
  find_places(prepared, layer, spec, seed, config, launches, report);
  launches += result.counters.launches;
  report.seconds.golden += watch.lap();
  return report;
}

/// Prepares layers ahead of the device, two at a time: making and encoding them takes longer than simulating them. At most
/// three layers are in memory.
class Preparation {
 public:
  Preparation(const std::vector<LayerSpec>& specs, std::uint64_t seed, const HwConfig& config, const BalanceChoice& balance)
      : specs_(specs), seed_(seed), config_(config), balance_(balance) {
    while (ahead_.size() < kAhead && next_ < specs_.size()) start();
  }
  /// The next layer. Throws what its preparation threw.
  BenchLayer take() {
    BenchLayer layer = ahead_.front().get();
    ahead_.pop_front();
    if (next_ < specs_.size()) start();
    return layer;
  }

 private:
  static constexpr std::size_t kAhead = 2;
  void start() {
    ahead_.push_back(
        std::async(std::launch::async, prepare_layer, std::cref(specs_[next_]), seed_, std::cref(config_), std::cref(balance_)));
    ++next_;
  }

  const std::vector<LayerSpec>& specs_;
  const std::uint64_t seed_;
  const HwConfig& config_;
  const BalanceChoice& balance_;
  std::size_t next_ = 0;
  std::deque<std::future<BenchLayer>> ahead_;
};

}  // namespace

Options bench_options() {
  Options options("bench [options]",
                  "Runs layers with the sizes and densities of the paper's nine benchmarks (Table III), filled by one\n"
                  "random rule, and prints cycles, time and load balance beside the paper's (Table IV, Figure 8).");
  options.add_config();
  options.add()("workload", po::value<std::string>()->value_name("NAME|FILE")->default_value("paper"), "the layers, a YAML file");
  options.add()("layers", po::value<std::string>()->value_name("NAMES"), "comma-separated names of layers to run; default: all");
  options.add()("seed", po::value<std::string>()->value_name("N")->default_value("1"), "seed of weights and activations");
  add_balance(options, false);
  options.add_engine();
  options.add_technology();
  options.add_memory();
  options.add_json();
  add_observation(options);
  return options;
}

int bench_command(const std::vector<std::string>& arguments) {
  Options options = bench_options();
  if (!options.parse(arguments)) return kExitDone;
  const LoadMode mode = options.load_mode();

  Report report;
  report.command = "bench";
  report.list = true;
  report.config = options.config();
  report.technology = options.technology();
  report.memory = options.memory();
  report.seed = options.number("seed");
  FileRoles files;
  files.input("--config", options.config_file());
  files.input("--workload", options.data_file(DataKind::kWorkload, "workload"));
  files.output("--json", options.text("json"));
  add_observation_files(options, files);
  check_writable(options.text("json"));
  Observation observation(options, "bench");
  const Workload workload = load_workload(options.data_file(DataKind::kWorkload, "workload"));
  const BalanceChoice balance = balance_of(options, "");
  report.options = options.values();
  InputFiles inputs(options.has("json"));
  inputs.add("config", options.config_file());
  inputs.add("workload", options.data_file(DataKind::kWorkload, "workload"));
  const std::vector<LayerSpec> specs = workload.select(options.text("layers"));
  observation.find([&](MomentFinder& finder) {
    const std::unique_ptr<Device> device = options.engine(report.config);
    device->observe(finder);
    Driver driver(*device, report.config, mode);
    driver.set_progress([&finder](const std::string&, std::size_t, std::size_t) { finder.stop_if_found(); });
    Preparation preparation(specs, *report.seed, report.config, balance);
    std::uint64_t launches = 0;
    try {
      for (const LayerSpec& spec : specs) {
        BenchLayer layer = preparation.take();
        const std::vector<LayerReport> reports = {run_layer(layer, spec, *report.seed, report.config, driver, mode, launches)};
        finder.take(reports);
        finder.stop_if_found();
      }
    } catch (const DeviceError&) {
      device->finish();
      throw;
    }
    device->finish();
  });
  const std::unique_ptr<Device> device = options.engine(report.config, observation.trace());
  report.engine = device->engine();
  observation.observe(*device, report.config);

  Progress progress;
  Driver driver(*device, report.config, mode);
  driver.set_progress([&progress](const std::string& layer, std::size_t n, std::size_t count) {
    progress.show(layer + ": launch " + std::to_string(n + 1) + " of " + std::to_string(count));
  });
  Preparation preparation(specs, *report.seed, report.config, balance);
  std::uint64_t launches = 0;
  try {
    for (const LayerSpec& spec : specs) {
      progress.show(spec.name + ": encoding");
      BenchLayer layer = preparation.take();
      report.layers.push_back(run_layer(layer, spec, *report.seed, report.config, driver, mode, launches));
      report.layers.back().paper = paper_numbers(workload, spec, report.config);
    }
  } catch (const DeviceError&) {
    observation.keep_broken_waves(*device);
    throw;
  }
  progress.clear();
  observation.write(*device, report);
  add_commands(options, report.layers, "bench");
  report.inputs = inputs.files();
  return finish(report, options.text("json"), options.table());
}

}  // namespace eie::tb
