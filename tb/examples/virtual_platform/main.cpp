// SPDX-License-Identifier: Apache-2.0
// virtual_platform: a network, end to end, on a platform with EIE in it (README.md).
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <systemc>

#include "tb/engines/compiled.h"
#include "tb/engines/rtl/eie_rtl.h"
#include "tb/examples/virtual_platform/case.h"
#include "tb/examples/virtual_platform/hw_platform.h"
#include "tb/examples/virtual_platform/simulate.h"
#include "tb/support/error.h"
#include "tlm/config/device_config_check.h"
#include "tlm/eie_tlm.h"

namespace eie::platform {
namespace {

namespace po = boost::program_options;

unsigned number(const std::string& option, const std::string& text, unsigned low, unsigned high) {
  unsigned value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < low || value > high) {
    throw tb::UserError(option + " is '" + text + "': expected an integer from " + std::to_string(low) + " to " +
                        std::to_string(high));
  }
  return value;
}

/// The command line; nothing after --help, which it prints.
std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  std::string samples;
  std::string burst;
  std::string gdb;
  po::options_description options("Options");
  options.add_options()("config", po::value(&arguments.config)->value_name("FILE"),
                        "hardware configuration; default: configs/eie64.yaml");
  options.add_options()("network", po::value(&arguments.network)->value_name("FILE"),
                        "default: configs/networks/digits/digits.yaml");
  options.add_options()("samples", po::value(&samples)->value_name("N")->default_value(std::to_string(arguments.samples)),
                        "run the first N samples, 0: all");
  options.add_options()("engine", po::value(&arguments.engine)->value_name("tlm|hw|rtl")->default_value(arguments.engine),
                        "model of the device: fast, signal level, or the generated RTL");
  options.add_options()("firmware", po::value(&arguments.firmware)->value_name("FILE"),
                        "an ELF file: the program of the CPU as instructions of a RISC-V core");
  options.add_options()("gdb", po::value(&gdb)->value_name("PORT"),
                        "with --firmware: waits for gdb at this port, 0: one that is free");
  options.add_options()("burst", po::value(&burst)->value_name("N")->default_value(std::to_string(arguments.burst)),
                        "64-bit beats of a DMA burst, 1 to 256");
  options.add_options()("help", "this text");
  po::variables_map given;
  try {
    const int style = po::command_line_style::unix_style & ~static_cast<int>(po::command_line_style::allow_guessing);
    const po::positional_options_description no_arguments;
    po::store(po::command_line_parser(argc, argv).options(options).positional(no_arguments).style(style).run(), given);
    po::notify(given);
  } catch (const po::error& error) {
    throw tb::UserError(std::string(error.what()) + ": expected an option of --help");
  }
  if (given.count("help") != 0) {
    std::cout << "usage: virtual_platform [options]\n\n"
                 "Runs a network on a platform of CPU, bus, memory, DMA engine and EIE, and checks every output.\n\n"
              << options << std::flush;
    return std::nullopt;
  }
  arguments.samples = number("--samples", samples, 0, 1000000);
  arguments.burst = number("--burst", burst, 1, EieDma::kMaxBurstBeats);
  if (given.count("gdb") != 0) {
    arguments.gdb = number("--gdb", gdb, 0, 65535);
    if (arguments.firmware.empty()) throw tb::UserError("--gdb: there is nothing to debug: expected --firmware as well");
  }
#ifndef EIE_RISCV
  if (!arguments.firmware.empty()) {
    throw tb::UserError(
        "--firmware: this program was built without a RISC-V core: expected a build with Unicorn and libelf "
        "(Debian: libunicorn-dev, libelf-dev)");
  }
#endif
  return arguments;
}

int run_hw(const Arguments& arguments) {
  Case c = prepare(arguments);
  return tb::find_compiled(compiled_platforms(), c.config, "hw of this platform").simulate(arguments, c);
}

int run(int argc, char** argv) {
  const std::optional<Arguments> given = parse(argc, argv);
  if (!given) return kExitMatch;
  const Arguments& arguments = *given;
  // Here an engine gets its class: anything with the ports of EieTlm will do.
  if (arguments.engine == "hw") return run_hw(arguments);
  if (arguments.engine == "tlm") {
    Case c = prepare(arguments);
    return simulate<EieTlm>(arguments, c, c.config);
  }
  if (arguments.engine == "rtl") {
    Case c = prepare(arguments);
    return simulate<tb::EieRtl>(arguments, c, c.config);
  }
  throw tb::UserError("--engine is '" + arguments.engine + "': expected hw, rtl or tlm");
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
  } catch (const eie::InvalidConfig& error) {
    std::fprintf(stderr, "virtual_platform: %s\n", error.what());
    return eie::platform::kExitUsage;
  } catch (const sc_core::sc_report& error) {
    const bool clock = std::string(error.get_msg_type()).rfind("eie/clock/", 0) == 0;
    std::fprintf(stderr, "virtual_platform: %s\n", clock ? error.get_msg() : error.what());
    return clock ? eie::platform::kExitUsage : eie::platform::kExitMismatch;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "virtual_platform: %s\n", error.what());
    return eie::platform::kExitMismatch;
  }
}

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
