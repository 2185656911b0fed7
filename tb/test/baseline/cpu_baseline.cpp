// SPDX-License-Identifier: Apache-2.0
// usage: cpu_baseline FILE.layer... [--threads N] [--seconds S] [--powercap FOLDER] [--json FILE]
//
// Times of dense (OpenBLAS) and sparse (Eigen) products on this machine's processors, batch 1 and 64, for the layers that
// baseline_layers wrote; docs/reports/baseline.md says how. Exit status: 0 done, 1 a product is wrong, 2 wrong usage or bad
// input.
#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/test/baseline/energy_counter.h"
#include "tb/test/baseline/kernels.h"
#include "tb/test/baseline/layer_file.h"
#include "tb/test/baseline/team.h"
#include "tb/test/baseline/times.h"

namespace {

namespace po = boost::program_options;
using eie::host::UserError;
using namespace eie::baseline;
using Clock = std::chrono::steady_clock;

constexpr double kPatience = 5;       // times --seconds, where others take the processors away
constexpr double kEnergySeconds = 1;  // RAPL counts once a millisecond

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Bytes of the last level of cache; 64 MiB where Linux does not tell.
std::size_t last_cache() {
  std::size_t largest = 0;
  for (int index = 0; index < 8; ++index) {
    std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/size");
    std::size_t size = 0;
    char unit = ' ';
    if (file >> size >> unit) largest = std::max(largest, size << (unit == 'M' ? 20 : 10));
  }
  return largest == 0 ? std::size_t{64} << 20 : largest;
}

std::string processor_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos) return line.substr(line.find(": ") + 2);
  }
  return "unknown processor";
}

struct Setting {
  std::vector<int> processors;
  double seconds = 1;
  std::size_t cache = 0;
  EnergyCounter* energy = nullptr;
};

/// A product, again and again. The copies of the matrix take turns, so that none is found in a cache.
template <class Block>
Times measure(const Layer& layer, const Setting& setting, std::size_t frames, bool sparse) {
  const std::size_t copies = copies_for(setting.cache, Block::bytes(layer));
  const std::vector<Rows> rows = split(layer, setting.processors.size(), sparse);
  std::vector<float> x(layer.columns * frames);
  for (std::size_t j = 0; j < layer.columns; ++j) std::copy_n(&layer.inputs[j * layer.frames], frames, &x[j * frames]);
  const Shared<float> y(layer.rows * frames);
  std::unique_ptr<Block> block;  // each part has its own
  const Team::Work prepare = [&](std::size_t part, std::size_t) { block = std::make_unique<Block>(layer, rows[part], copies); };
  const Team::Work product = [&](std::size_t, std::size_t copy) { block->multiply(copy, x.data(), frames, y.data()); };
  Team team(setting.processors, prepare, product);
  std::size_t turn = 0;
  const auto next = [&] { team.run(turn++ % copies); };
  const auto error_now = [&] { return relative_error(layer, {y.data(), y.data() + layer.rows * frames}, frames); };

  Times times;
  for (std::size_t k = 0; k < kWarmUp; ++k) next();
  times.error = error_now();
  std::vector<double> quiet, all;
  const Clock::time_point start = Clock::now();
  while (quiet.size() < kMost) {
    const double passed = seconds_since(start);
    if (passed > setting.seconds && quiet.size() >= kLeast) break;
    if (passed > kPatience * setting.seconds && all.size() >= kLeast) break;
    const long before = team.switches();
    const Clock::time_point begin = Clock::now();
    next();
    all.push_back(seconds_since(begin));
    if (team.switches() == before) quiet.push_back(all.back());
  }
  times.disturbed = all.size() - quiet.size();
  times.left_out = quiet.size() >= kLeast ? times.disturbed : 0;
  summarise(quiet.size() >= kLeast ? quiet : all, frames, times);

  const double last = error_now();
  times.error = times.error < last || std::isnan(last) ? last : times.error;

  if (setting.energy->readable()) {
    setting.energy->start();
    const Clock::time_point begin = Clock::now();
    std::size_t count = 0;
    for (; seconds_since(begin) < kEnergySeconds; ++count) next();
    const std::optional<double> used = setting.energy->since_start();
    if (used) times.energy_uj = *used / static_cast<double>(count * frames);
  }
  return times;
}

/// The four products of a layer. `right` becomes false when one is wrong.
Json measure_layer(const Layer& layer, const Setting& setting, bool& right) {
  LayerReport report(layer, "cpu_baseline");
  std::vector<std::size_t> batches = {1};
  if (layer.frames > 1) batches.push_back(layer.frames);
  for (const std::size_t frames : batches) {
    right = report.add("dense", frames, measure<DenseBlock>(layer, setting, frames, false)) && right;
    right = report.add("sparse", frames, measure<SparseBlock>(layer, setting, frames, true)) && right;
  }
  return report.json();
}

int run(int argc, char** argv) {
  std::vector<std::string> files;
  std::string json, powercap = "/sys/class/powercap";
  int threads = 0;
  Setting setting;
  po::options_description options("options");
  options.add_options()("help,h", "this text")("file", po::value(&files)->required(), "files of baseline_layers")(
      "threads", po::value(&threads)->default_value(0), "0: one on each processor that may be used")(
      "seconds", po::value(&setting.seconds)->default_value(1), "repetitions of a product go on so long, 0.001 to 600")(
      "powercap", po::value(&powercap)->default_value(powercap), "where RAPL is")("json", po::value(&json)->default_value("-"),
                                                                                  "- is standard output");
  po::positional_options_description places;
  places.add("file", -1);
  po::variables_map given;
  po::store(po::command_line_parser(argc, argv).options(options).positional(places).run(), given);
  if (given.count("help") != 0) {
    std::printf("usage: cpu_baseline FILE.layer... [--threads N] [--seconds S] [--powercap FOLDER] [--json FILE]\n");
    return 0;
  }
  po::notify(given);
  setting.processors = own_processors();
  const auto most = static_cast<int>(setting.processors.size());
  if (threads < 0 || threads > most) {
    throw UserError("--threads: " + std::to_string(threads) + ": expected 0 to " + std::to_string(most));
  }
  if (threads > 0) setting.processors.resize(static_cast<std::size_t>(threads));
  if (!(setting.seconds >= 0.001 && setting.seconds <= 600)) {
    throw UserError("--seconds: " + std::to_string(setting.seconds) + ": expected 0.001 to 600");
  }
  eie::tb::check_writable(json == "-" ? "" : json);
  setting.cache = last_cache();
  EnergyCounter energy(powercap);
  setting.energy = &energy;
  openblas_set_num_threads(1);  // each of our processes calls it for its own rows

  Json report;
  report["machine"] = processor_model();
  report["cores"] = most;
  report["threads"] = setting.processors.size();
  report["last_cache_mib"] = setting.cache >> 20;
  report["dense"] = std::string(openblas_get_config());
  report["sparse"] = "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
                     std::to_string(EIGEN_MINOR_VERSION) + ", " + Eigen::SimdInstructionSetsInUse();
  report["energy"] = energy.readable() ? "RAPL, all packages" : "not readable";
  report["nice"] = getpriority(PRIO_PROCESS, 0);
  double load = 0;
  report["load_average"] = getloadavg(&load, 1) == 1 ? Json(rounded(load, 3)) : Json();
  bool right = true;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  for (const std::string& file : files) {
    const Layer layer = read_layer(file);
    if (terminal) std::fprintf(stderr, "\r\033[K%s", layer.name.c_str());
    report["layers"][layer.name] = measure_layer(layer, setting, right);
  }
  if (terminal) std::fprintf(stderr, "\r\033[K");
  const std::string text = report.dump(2) + "\n";
  eie::tb::AtomicFile out(json);
  out.write(text.data(), text.size());
  out.commit();
  return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cpu_baseline: %s\n", error.what());
    return 2;
  }
}
