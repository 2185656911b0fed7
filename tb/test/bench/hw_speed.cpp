// SPDX-License-Identifier: Apache-2.0
// Simulated cycles per second of the hw engine, tracing off, one core: Alex-7 on eie64; of the Verilated RTL
// of the same design; and beside them a reference: 64 chains of six clocked SC_METHODs, each copying one
// 32-bit signal, which is about the least that a signal-level model of 64 PEs with a process a block could
// do. Compare the two as a ratio inside one run.
//
// A SystemC kernel elaborates once per process, so each measurement runs in a child of its own.
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <systemc>
#include <vector>

#include "tb/engines/engines.h"
#include "tb/host/driver.h"
#include "tb/layers/synthetic_layer.h"
#include "tb/test/bench/child.h"

namespace eie::tb {
namespace {

struct Measurement {
  double cycles = 0;
  double seconds = 0;
};

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Measurement run_layer(const char* engine, const char* config_name, const char* layer_name) {
  const std::string root = EIE_SOURCE_DIR;
  const HwConfig config = load_config(root + "/configs/" + config_name + ".yaml");
  const LayerSpec spec = load_workload(root + "/configs/workloads/paper.yaml").select(layer_name).front();
  const SyntheticLayer layer(spec, 1, config);
  const std::unique_ptr<Device> device = make_engine(engine, config, TraceOptions());
  Driver driver(*device, config, LoadMode::kBackdoor);
  driver.load({layer.device_layer()});
  driver.run(layer.activations);  // warm-up
  Measurement m;
  const Stopwatch watch;
  while (watch.seconds() < 1.0) m.cycles += static_cast<double>(driver.run(layer.activations).front().counters.cycles);
  m.seconds = watch.seconds();
  return m;
}

class Stage : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> SC_NAMED(clk);
  sc_core::sc_in<sc_dt::sc_uint<32>> SC_NAMED(in);
  sc_core::sc_out<sc_dt::sc_uint<32>> SC_NAMED(out);
  SC_HAS_PROCESS(Stage);
  explicit Stage(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_METHOD(tick);
    sensitive << clk.pos();
    dont_initialize();
  }

 private:
  void tick() { out.write(in.read() + 1); }
};

Measurement run_chains(unsigned chains, unsigned stages) {
  sc_core::sc_clock clock("clock", sc_core::sc_time(1250, sc_core::SC_PS));
  sc_core::sc_vector<Stage> stage("stage", chains * stages);
  sc_core::sc_vector<sc_core::sc_signal<sc_dt::sc_uint<32>>> wire("wire", chains * stages);
  for (unsigned c = 0; c < chains; ++c) {
    for (unsigned s = 0; s < stages; ++s) {
      const unsigned k = c * stages + s;
      stage[k].clk(clock);
      stage[k].in(wire[c * stages + (s + stages - 1) % stages]);  // a ring: every signal changes in every cycle
      stage[k].out(wire[k]);
    }
  }
  constexpr double kStep = 2000;
  sc_core::sc_start(sc_core::sc_time(1250, sc_core::SC_PS) * kStep);
  Measurement m;
  const Stopwatch watch;
  while (watch.seconds() < 1.0) {
    sc_core::sc_start(sc_core::sc_time(1250, sc_core::SC_PS) * kStep);
    m.cycles += kStep;
  }
  m.seconds = watch.seconds();
  return m;
}

void report(benchmark::State& state, const std::function<Measurement()>& work) {
  double cycles = 0;
  for (auto _ : state) {
    const Measurement m = in_child<Measurement>(work);
    if (m.cycles == 0) {
      state.SkipWithError("the measurement failed");
      break;
    }
    cycles += m.cycles;
    state.SetIterationTime(m.seconds);
  }
  state.counters["kcycles/s"] = benchmark::Counter(cycles / 1e3, benchmark::Counter::kIsRate);
}

void BM_hw_alex7_eie64(benchmark::State& state) {
  report(state, [] { return run_layer("hw", "eie64", "alex7"); });
}
void BM_rtl_alex7_eie64(benchmark::State& state) {
  report(state, [] { return run_layer("rtl", "eie64", "alex7"); });
}
void BM_reference_64_chains_of_6_methods(benchmark::State& state) {
  report(state, [] { return run_chains(64, 6); });
}
BENCHMARK(BM_hw_alex7_eie64)->UseManualTime()->Iterations(1)->Repetitions(5)->ReportAggregatesOnly();
BENCHMARK(BM_rtl_alex7_eie64)->UseManualTime()->Iterations(1)->Repetitions(5)->ReportAggregatesOnly();
BENCHMARK(BM_reference_64_chains_of_6_methods)->UseManualTime()->Iterations(1)->Repetitions(5)->ReportAggregatesOnly();

}  // namespace
}  // namespace eie::tb

int sc_main(int, char*[]) { return 0; }

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
