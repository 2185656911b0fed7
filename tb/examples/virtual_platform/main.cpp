// virtual_platform: a network, end to end, on a platform with EIE in it (README.md).
#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "../../../tlm/eie_tlm.h"
#include "../../config.h"
#include "../../error.h"
#include "../../golden.h"
#include "../../network.h"
#include "../../network_file.h"
#include "../../quantise.h"
#include "blob.h"
#include "platform.h"
#include "sw/network.h"

namespace eie::platform {
namespace {

constexpr int kExitMatch = 0;
constexpr int kExitMismatch = 1;
constexpr int kExitUsage = 2;

const char kUsage[] =
    "usage: virtual_platform [options]\n"
    "\n"
    "Runs a network on a platform of CPU, bus, memory, DMA engine and EIE, and checks every output.\n"
    "\n"
    "  --config FILE   hardware configuration; default: configs/eie64.yaml\n"
    "  --network FILE  default: configs/networks/digits/digits.yaml\n"
    "  --samples N     run the first N samples, 0: all; default: 64\n"
    "  --engine tlm    model of the device; default: tlm\n"
    "  --burst N       64-bit beats of a DMA burst, 1 to 256; default: 16\n"
    "  --help          this text\n";

struct Arguments {
  std::string config = EIE_SOURCE_DIR "/configs/eie64.yaml";
  std::string network = EIE_SOURCE_DIR "/configs/networks/digits/digits.yaml";
  std::string engine = "tlm";
  unsigned samples = 64;
  unsigned burst = 16;
  bool help = false;
};

unsigned number(const std::string& option, const std::string& text, unsigned low, unsigned high) {
  unsigned value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < low || value > high) {
    throw tb::UserError(option + " is '" + text + "': expected an integer from " + std::to_string(low) + " to " +
                        std::to_string(high));
  }
  return value;
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int k = 1; k < argc; ++k) {
    const std::string option = argv[k];
    if (option == "--help") {
      arguments.help = true;
      continue;
    }
    const bool known = option == "--config" || option == "--network" || option == "--samples" ||
                       option == "--engine" || option == "--burst";
    if (!known) throw tb::UserError(option + ": expected an option of --help");
    if (++k == argc) throw tb::UserError(option + ": expected a value");
    const std::string value = argv[k];
    if (option == "--config") arguments.config = value;
    if (option == "--network") arguments.network = value;
    if (option == "--engine") arguments.engine = value;
    if (option == "--samples") arguments.samples = number(option, value, 0, 1000000);
    if (option == "--burst") arguments.burst = number(option, value, 1, EieDma::kMaxBurstBeats);
  }
  return arguments;
}

using Vectors = std::vector<std::vector<std::int32_t>>;

/// The network, its inputs, and what must come out.
struct Case {
  tb::HwConfig config;
  std::vector<tb::PreparedLayer> layers;
  std::vector<std::int64_t> labels;  // may be empty
  Vectors inputs;
  Vectors golden;
  Blob blob;
};

Case prepare(const Arguments& arguments) {
  Case c;
  c.config = tb::load_config(arguments.config);
  const tb::NetworkFile network = tb::load_network(arguments.network, c.config.data_width);
  const Eigen::MatrixXd inputs = tb::load_network_inputs(network.inputs, arguments.samples);
  c.layers = tb::prepare_layers(network.layers, inputs, c.config);
  if (c.layers.size() > NETWORK_MAX_LAYERS) {
    throw tb::UserError(arguments.network + ": has " + std::to_string(c.layers.size()) + " layers: expected at most " +
                        std::to_string(NETWORK_MAX_LAYERS));
  }
  const auto samples = static_cast<std::size_t>(inputs.cols());
  if (!network.labels.empty()) {
    c.labels = tb::load_network_labels(network.labels, samples, c.layers.back().image.rows);
  }
  for (std::size_t s = 0; s < samples; ++s) {
    const auto column = inputs.col(static_cast<Eigen::Index>(s));
    c.inputs.push_back(tb::quantise(std::vector<double>(column.begin(), column.end()),
                                    c.layers.front().formats.act_frac, c.config.data_width));
    std::vector<std::int32_t> activations = c.inputs.back();
    for (const tb::PreparedLayer& layer : c.layers) {
      activations = tb::golden_layer(*layer.weights.codes, activations, layer.bias, layer.formats.shift,
                                     layer.files.relu, c.config.data_width, c.config.acc_width)
                        .outputs;
    }
    c.golden.push_back(activations);
  }
  c.blob = make_blob(arguments.network, c.layers, c.inputs, c.config);
  const std::uint64_t bytes = c.blob.words.size() * 8;
  if (bytes > kMemory.bytes - kBlob) {
    throw tb::UserError(arguments.network + ": takes " + std::to_string(bytes) + " bytes of memory: expected at most " +
                        std::to_string(kMemory.bytes - kBlob) + "; give fewer --samples");
  }
  return c;
}

/// A block of memory through the bus's debug interface, as a loader or a debugger sees it.
template <class Device>
void debug(Platform<Device>& platform, tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes) {
  tlm::tlm_generic_payload tx;
  tx.set_command(command);
  tx.set_address(address);
  tx.set_data_ptr(static_cast<unsigned char*>(data));
  tx.set_data_length(static_cast<unsigned>(bytes));
  if (platform.cpu.socket->transport_dbg(tx) != bytes) throw std::runtime_error("debug access outside the memory");
}

/// Output vectors of one mode out of the memory.
template <class Device>
Vectors fetch_outputs(Platform<Device>& platform, const Case& c, unsigned mode) {
  const unsigned lanes = c.config.lanes();
  const std::uint64_t words = c.blob.out_bytes / 8;
  const std::uint64_t sample_words = words * c.config.n_pe;
  std::vector<std::uint64_t> packed(sample_words * c.inputs.size());
  debug(platform, tlm::TLM_READ_COMMAND, kBlob + c.blob.outputs + mode * packed.size() * 8, packed.data(),
        packed.size() * 8);
  Vectors outputs;
  for (std::size_t s = 0; s < c.inputs.size(); ++s) {
    std::vector<std::int32_t> vector(c.layers.back().image.rows);
    for (std::size_t i = 0; i < vector.size(); ++i) {
      const std::size_t local = i / c.config.n_pe;
      const std::uint64_t word = packed[s * sample_words + i % c.config.n_pe * words + local / lanes];
      const unsigned left = 64 - c.config.data_width * (static_cast<unsigned>(local % lanes) + 1);
      vector[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(word << left) >> (64 - c.config.data_width));
    }
    outputs.push_back(vector);
  }
  return outputs;
}

/// Prints the first difference.
bool same_outputs(const char* mode, const Vectors& seen, const Vectors& expected) {
  for (std::size_t s = 0; s < expected.size(); ++s) {
    for (std::size_t i = 0; i < expected[s].size(); ++i) {
      if (seen[s][i] == expected[s][i]) continue;
      std::fprintf(stderr, "data moved by %s: sample %zu, output %zu is %d: expected %d\n", mode, s, i, seen[s][i],
                   expected[s][i]);
      return false;
    }
  }
  return true;
}

std::size_t right(const Vectors& outputs, const std::vector<std::int64_t>& labels) {
  std::size_t count = 0;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    const auto& y = outputs[s];
    count += std::max_element(y.begin(), y.end()) - y.begin() == labels[s] ? 1 : 0;
  }
  return count;
}

double each(std::uint64_t sum, unsigned samples) { return static_cast<double>(sum) / samples; }

void print(const Case& c, const network_result& result) {
  const network_times& cpu = result.times[NETWORK_CPU];
  const network_times& dma = result.times[NETWORK_DMA];
  std::printf("Weights and biases, once, in cycles of %g MHz:\n\n", c.config.clock_mhz);
  std::printf("layer         words   by CPU   by DMA   writing descriptors\n");
  for (unsigned l = 0; l < result.layers; ++l) {
    std::printf("%-10s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %21" PRIu64 "\n", c.layers[l].files.name.c_str(),
                result.layer[l].image_beats, cpu.image[l], dma.image[l], dma.image_descriptors[l]);
  }
  std::printf("\nOne sample, mean of %u:\n\n", result.samples);
  std::printf("              by CPU   by DMA\n");
  std::printf("inputs      %8.1f %8.1f\n", each(cpu.inputs, result.samples), each(dma.inputs, result.samples));
  for (unsigned l = 0; l < result.layers; ++l) {
    const network_layer& layer = result.layer[l];
    std::printf("%-10s  %8.1f %8.1f   of it computing: %.1f\n", c.layers[l].files.name.c_str(),
                each(layer.host_cycles[NETWORK_CPU], result.samples),
                each(layer.host_cycles[NETWORK_DMA], result.samples), each(layer.cycles[NETWORK_CPU], result.samples));
  }
  std::printf("outputs     %8.1f %8.1f\n\n", each(cpu.outputs, result.samples), each(dma.outputs, result.samples));
}

int judge(const Case& c, const network_result& result, const Vectors& by_cpu, const Vectors& by_dma) {
  bool match = same_outputs("the CPU", by_cpu, c.golden) && same_outputs("DMA", by_dma, c.golden);
  for (unsigned l = 0; l < result.layers; ++l) {
    const std::uint64_t* cycles = result.layer[l].cycles;
    if (cycles[NETWORK_CPU] == cycles[NETWORK_DMA]) continue;
    std::fprintf(stderr, "layer %u: %" PRIu64 " cycles with data moved by the CPU, %" PRIu64 " by DMA\n", l,
                 cycles[NETWORK_CPU], cycles[NETWORK_DMA]);
    match = false;
  }
  if (!c.labels.empty()) {
    const std::size_t samples = c.labels.size();
    const std::size_t seen = right(by_dma, c.labels);
    const std::size_t expected = right(c.golden, c.labels);
    std::printf("accuracy: %zu of %zu, golden model: %zu\n", seen, samples, expected);
    match = match && seen == expected;
  }
  std::printf("%s\n", match ? "all outputs match the golden model" : "MISMATCH");
  return match ? kExitMatch : kExitMismatch;
}

/// The simulation, with Device as the model of EIE.
template <class Device, class... DeviceArguments>
int simulate(const Arguments& arguments, Case& c, DeviceArguments&&... device_arguments) {
  DmaConfig dma;
  dma.clock_period = sc_core::sc_time(1e6 / c.config.clock_mhz, sc_core::SC_PS);
  dma.burst_beats = arguments.burst;
  tlm::tlm_global_quantum::instance().set(sc_core::sc_time(1, sc_core::SC_US));
  Platform<Device> platform("platform", dma, std::forward<DeviceArguments>(device_arguments)...);

  network_platform program{};
  program.bus = platform.cpu.bus();
  program.cycles = &Cpu::cycles;
  program.eie_base = kEie.base;
  program.eie_irq = kEieIrq;
  program.dma_base = kDma.base;
  program.dma_irq = kDmaIrq;
  program.blob = kBlob;
  program.descriptors = kDescriptors;
  program.descriptor_space = kBlob - kDescriptors;
  network_result result{};
  int error = 0;
  platform.cpu.set_program([&] {
    sc_core::wait(2 * platform.kResetCycles * dma.clock_period);
    error = network_run(&program, &result);
  });
  // The loader has put the blob into the memory before the CPU starts.
  debug(platform, tlm::TLM_WRITE_COMMAND, kBlob, c.blob.words.data(), c.blob.words.size() * 8);

  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_SEC));
  if (!platform.cpu.ended()) {
    std::fprintf(stderr, "the program has not ended at %s\n", sc_core::sc_time_stamp().to_string().c_str());
    return kExitMismatch;
  }
  if (error != 0) {
    std::fprintf(stderr, "the program ended with error %d (enum eie_error in sw/eie.h)\n", error);
    return kExitMismatch;
  }
  std::printf("%s on %u PEs (%s), %u samples, DMA bursts of %u beats\n\n", std::filesystem::path(arguments.network).filename().c_str(),
              result.device.n_pe, arguments.engine.c_str(), result.samples, arguments.burst);
  print(c, result);
  return judge(c, result, fetch_outputs(platform, c, NETWORK_CPU), fetch_outputs(platform, c, NETWORK_DMA));
}

int run(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  if (arguments.help) {
    std::fputs(kUsage, stdout);
    return kExitMatch;
  }
  // Here an engine gets its class: anything with the ports of EieTlm will do.
  if (arguments.engine == "tlm") {
    Case c = prepare(arguments);
    return simulate<EieTlm>(arguments, c, c.config);
  }
  throw tb::UserError("--engine is '" + arguments.engine + "': expected tlm");
}

}  // namespace
}  // namespace eie::platform

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  try {
    return eie::platform::run(argc, argv);
  } catch (const eie::tb::UserError& error) {
    std::fprintf(stderr, "virtual_platform: %s\n", error.what());
    return eie::platform::kExitUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "virtual_platform: %s\n", error.what());
    return eie::platform::kExitMismatch;
  }
}

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
