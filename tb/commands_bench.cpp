// eie bench: the paper's nine layers, made synthetically.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "atomic_file.h"
#include "commands.h"
#include "encoder.h"
#include "error.h"
#include "file_roles.h"
#include "golden.h"
#include "options.h"
#include "plan.h"
#include "program.h"
#include "reference.h"
#include "stopwatch.h"
#include "tb/encoding/fixed_layer.h"
#include "workload.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

constexpr const char* kPaperWorkload = "configs/workloads/paper.yaml";

// The default workload, from the source tree's root or beside the build folder of this program.
std::string workload_path(const Options& options) {
  const std::string path = options.text("workload");
  std::error_code failure;
  if (!options.defaulted("workload") || std::filesystem::exists(path, failure)) return path;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failure);
  const std::filesystem::path beside = program.parent_path() / ".." / ".." / kPaperWorkload;
  return !failure && std::filesystem::exists(beside, failure) ? beside.lexically_normal().string() : path;
}

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

// The layer's matrix and image live only as long as this call.
LayerReport run_layer(const LayerSpec& spec, std::uint64_t seed, const HwConfig& config, Driver& driver,
                      LoadMode mode, Progress& progress) {
  LayerReport report;
  report.name = spec.name;
  report.rows = spec.outputs;
  report.columns = spec.inputs;
  report.port_load = mode == LoadMode::kPort;

  progress.show(spec.name + ": encoding");
  Stopwatch watch;
  const SyntheticMatrix matrix(spec, seed, config.code_width, config.data_width);
  const std::vector<std::int32_t> activations = synthetic_activations(spec, seed, config.data_width);
  const Formats drawn = synthetic_formats(config.data_width);
  std::vector<double> real;
  for (const std::int32_t a : activations) real.push_back(std::ldexp(a, -drawn.act_frac));
  report.codebook = matrix.codebook();
  LayerResult result;
  {
    const EncodedLayer image = encode(matrix, config, split_rows(spec.outputs, config));
    const Plan plan = plan_launches(image, config, false, "layer " + spec.name);
    const FormatRequest request{drawn.weight_frac, drawn.act_frac, std::nullopt};  // as the numbers are drawn
    FixedLayer fixed = fix_layer({image, matrix.values(), {}, {real}, false}, request, config);
    report.formats = fixed.formats;
    report.quantisation = fixed.quantisation;
    report.warnings = std::move(fixed.warnings);
    report.seconds.encode = watch.lap();

    DeviceLayer layer;
    layer.name = spec.name;
    layer.image = &image;
    layer.plan = &plan;
    layer.codebook = matrix.codebook();
    layer.shift = report.formats->shift;
    driver.load({layer});
    result = driver.run(activations).front();
    report.seconds.simulate = watch.lap();
    report.pe_cycles = account_cycles(layer, activations, result, config);
    report.seconds.golden += watch.lap();
  }
  report.counters = result.counters;

  progress.show(spec.name + ": golden model");
  const GoldenResult golden = golden_layer(matrix, activations, {}, report.formats->shift, false,
                                           config.data_width, config.acc_width);
  report.verdict = Verdict{};
  report.verdict->add("layer " + spec.name + ", ", result, golden.outputs, golden.saturated);
  ErrorMeter error;
  error.add(result.outputs, report.formats->out_frac, float_product(matrix, matrix.values(), real));
  report.float_error = error.result();
  report.seconds.golden += watch.lap();
  return report;
}

}  // namespace

int bench_command(const std::vector<std::string>& arguments) {
  Options options(
      "bench --config FILE [options]",
      "Runs layers with the sizes and densities of the paper's nine benchmarks (Table III), filled by one\n"
      "random rule, and prints cycles, time and load balance beside the paper's (Table IV, Figure 8).");
  options.add_config();
  options.add()("workload", po::value<std::string>()->value_name("FILE")->default_value(kPaperWorkload),
                "the layers, a YAML file");
  options.add()("layers", po::value<std::string>()->value_name("NAMES"),
                "comma-separated names of layers to run; default: all");
  options.add()("seed", po::value<std::string>()->value_name("N")->default_value("1"),
                "seed of weights and activations");
  options.add_engine();
  options.add_json();
  if (!options.parse(arguments)) return kExitDone;
  const LoadMode mode = options.load_mode();

  Report report;
  report.command = "bench";
  report.list = true;
  report.config = options.config();
  report.seed = options.number("seed");
  FileRoles files;
  files.input("--config", options.text("config"));
  files.input("--workload", workload_path(options));
  files.output("--json", options.text("json"));
  check_writable(options.text("json"));
  const Workload workload = load_workload(workload_path(options));
  report.options = options.values();
  InputFiles inputs(options.has("json"));
  inputs.add("config", options.text("config"));
  inputs.add("workload", workload_path(options));
  const std::vector<LayerSpec> specs = workload.select(options.text("layers"));
  const std::unique_ptr<Device> device = options.engine(report.config);
  report.engine = device->engine();

  Progress progress;
  Driver driver(*device, report.config, mode);
  driver.set_progress([&progress](const std::string& layer, std::size_t n, std::size_t count) {
    progress.show(layer + ": launch " + std::to_string(n + 1) + " of " + std::to_string(count));
  });
  for (const LayerSpec& spec : specs) {
    report.layers.push_back(run_layer(spec, *report.seed, report.config, driver, mode, progress));
    report.layers.back().paper = paper_numbers(workload, spec, report.config);
  }
  progress.clear();
  report.inputs = inputs.files();
  return finish(report, options.text("json"), options.table());
}

}  // namespace eie::tb
