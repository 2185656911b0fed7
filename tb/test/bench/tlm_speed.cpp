// SPDX-License-Identifier: Apache-2.0
// How fast the TLM model is: the paper's nine layers on eie64, timed from the start write to the interrupt with images and
// activations in the device, a new activation vector each time. Beside it, in the same run: the hw engine, and what a
// processor would do without any timing, a compressed-column int16 product that skips zero columns.
//
// Per layer: hw_us, tlm_us, product_us (host time for one inference), hw/tlm and tlm/product, and image_us, the work
// that the TLM model does once an image (decoding it), which is in none of the others.
//
// A SystemC kernel elaborates once per process, so each engine runs in a child of its own.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "tb/engines/engines.h"
#include "tb/engines/tlm_engine.h"
#include "tb/host/driver.h"
#include "tb/host/forwarding_device.h"
#include "tb/layers/synthetic_layer.h"
#include "tb/test/bench/child.h"

namespace eie::tb {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr unsigned kVectors = 8;
constexpr unsigned kSamples = 20;  // at least, of each measurement

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Seconds for one inference, the best of all; image: work done once an image.
struct Seconds {
  double inference = 0;
  double image = 0;
};

/// A device whose time between start write and interrupt is added up.
class TimedDevice final : public ForwardingDevice {
 public:
  TimedDevice(Device& device, std::function<void()> before_start)
      : ForwardingDevice(device), before_start_(std::move(before_start)) {}
  void write_stream(const std::vector<Beat>& beats) override {
    if (beats.back().address != reg::kCtrl) {
      device_.write_stream(beats);
      return;
    }
    device_.write_stream({beats.begin(), beats.end() - 1});
    double from = now();
    before_start_();
    image_ += now() - from;
    from = now();
    device_.write_stream({beats.back()});
    inference_ += now() - from;
  }
  void wait_interrupt(std::uint64_t limit_cycles) override {
    const double from = now();
    device_.wait_interrupt(limit_cycles);
    inference_ += now() - from;
  }

  Seconds take() {
    const Seconds taken{inference_, image_};
    inference_ = image_ = 0;
    return taken;
  }

 private:
  std::function<void()> before_start_;
  double inference_ = 0;
  double image_ = 0;
};

/// A layer, and the input vectors that take turns.
struct PaperLayer : SyntheticLayer {
  PaperLayer(const HwConfig& config, const LayerSpec& spec) : SyntheticLayer(spec, kSeed, config) {
    for (unsigned v = 0; v < kVectors; ++v) {
      vectors.push_back(synthetic_activations(spec, kSeed + v, config.data_width));
    }
  }
  std::vector<std::vector<std::int32_t>> vectors;
};

Seconds run_engine(const std::string& engine, const HwConfig& config, const PaperLayer& layer, double seconds) {
  std::unique_ptr<Device> device;
  std::function<void()> before_start = [] {};
  if (engine == "tlm") {
    auto tlm = std::make_unique<TlmEngine>("eie", config);
    before_start = [dut = &tlm->dut()] { dut->decode_now(); };
    device = std::move(tlm);
  } else {
    device = make_engine(engine, config, TraceOptions());
  }
  TimedDevice timed(*device, before_start);
  Driver driver(timed, config, LoadMode::kBackdoor);
  driver.load({layer.device_layer()});
  driver.run(layer.vectors[0]);  // warm-up
  Seconds best = timed.take();
  best.inference = 1e9;
  const double end = now() + seconds;
  unsigned k = 0;
  do {
    driver.run(layer.vectors[++k % kVectors]);
    best.inference = std::min(best.inference, timed.take().inference);
  } while (now() < end || k < kSamples);
  return best;
}

/// b = ReLU(W a) in compressed sparse columns, 16-bit values and activations, 32-bit sums.
Seconds run_product(const PaperLayer& layer, double seconds) {
  std::vector<std::uint32_t> first{0};
  std::vector<std::uint16_t> row;
  std::vector<std::int16_t> value;
  std::vector<std::uint8_t> codes;
  for (std::size_t j = 0; j < layer.matrix.columns(); ++j) {
    layer.matrix.column(j, codes);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (codes[i] == 0) continue;
      row.push_back(static_cast<std::uint16_t>(i));
      value.push_back(static_cast<std::int16_t>(layer.matrix.codebook()[codes[i]]));
    }
    first.push_back(static_cast<std::uint32_t>(row.size()));
  }
  std::vector<std::vector<std::int16_t>> vectors;
  for (const auto& vector : layer.vectors) vectors.emplace_back(vector.begin(), vector.end());
  std::vector<std::int32_t> sums(layer.matrix.rows());
  Seconds best{1e9, 0};
  const double end = now() + seconds;
  unsigned k = 0;
  do {
    const std::vector<std::int16_t>& a = vectors[++k % kVectors];
    const double from = now();
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t j = 0; j < a.size(); ++j) {
      const std::int32_t activation = a[j];
      if (activation == 0) continue;
      for (std::uint32_t e = first[j]; e < first[j + 1]; ++e) sums[row[e]] += value[e] * activation;
    }
    for (std::int32_t& sum : sums) sum = std::max(sum, 0);
    benchmark::DoNotOptimize(sums.data());
    best.inference = std::min(best.inference, now() - from);
  } while (now() < end);
  return best;
}

struct Totals {
  double log_speedup = 0;
  double log_product = 0;
  double hw = 0;
  double tlm = 0;
  double product = 0;
  unsigned layers = 0;
} totals;

void BM_layer(benchmark::State& state, const std::string& name) {
  const std::string root = EIE_SOURCE_DIR;
  const HwConfig config = load_config(root + "/configs/eie64.yaml");
  const PaperLayer layer(config, load_workload(root + "/configs/workloads/paper.yaml").select(name).front());
  Seconds hw;
  Seconds tlm;
  Seconds product;
  for (auto _ : state) {
    hw = in_child<Seconds>([&] { return run_engine("hw", config, layer, 0.5); });
    tlm = in_child<Seconds>([&] { return run_engine("tlm", config, layer, 0.5); });
    product = run_product(layer, 0.5);
    if (hw.inference == 0 || tlm.inference == 0) {
      state.SkipWithError("the measurement failed");
      return;
    }
    state.SetIterationTime(tlm.inference);
  }
  state.counters["hw_us"] = hw.inference * 1e6;
  state.counters["tlm_us"] = tlm.inference * 1e6;
  state.counters["product_us"] = product.inference * 1e6;
  state.counters["hw/tlm"] = hw.inference / tlm.inference;
  state.counters["tlm/product"] = tlm.inference / product.inference;
  state.counters["image_us"] = tlm.image * 1e6;
  totals.log_speedup += std::log(hw.inference / tlm.inference);
  totals.log_product += std::log(tlm.inference / product.inference);
  totals.hw += hw.inference;
  totals.tlm += tlm.inference;
  totals.product += product.inference;
  ++totals.layers;
}

void BM_all_layers(benchmark::State& state) {
  for (auto _ : state) state.SetIterationTime(totals.tlm);
  if (totals.layers == 0) return;
  state.counters["hw_us"] = totals.hw * 1e6;
  state.counters["tlm_us"] = totals.tlm * 1e6;
  state.counters["product_us"] = totals.product * 1e6;
  state.counters["hw/tlm"] = totals.hw / totals.tlm;
  state.counters["tlm/product"] = totals.tlm / totals.product;
  state.counters["hw/tlm geomean"] = std::exp(totals.log_speedup / totals.layers);
  state.counters["tlm/product geomean"] = std::exp(totals.log_product / totals.layers);
}

}  // namespace
}  // namespace eie::tb

int sc_main(int, char*[]) { return 0; }

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const char* name : {"alex6", "alex7", "alex8", "vgg6", "vgg7", "vgg8", "nt_we", "nt_wd", "nt_lstm"}) {
    benchmark::RegisterBenchmark(name, eie::tb::BM_layer, std::string(name))->UseManualTime()->Iterations(1);
  }
  benchmark::RegisterBenchmark("all", eie::tb::BM_all_layers)->UseManualTime()->Iterations(1);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
