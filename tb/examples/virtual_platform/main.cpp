// SPDX-License-Identifier: Apache-2.0
// virtual_platform: a network, end to end, on a platform with EIE in it (README.md).
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <systemc>
#include <vector>

#include "tb/engines/compiled.h"
#include "tb/examples/virtual_platform/case.h"
#include "tb/examples/virtual_platform/hw_platform.h"
#include "tb/examples/virtual_platform/simulate.h"
#include "tb/support/error.h"
#include "tlm/config/device_config_check.h"
#include "tlm/eie_tlm.h"

namespace eie::platform {
namespace {

const char kUsage[] =
    "usage: virtual_platform [options]\n"
    "\n"
    "Runs a network on a platform of CPU, bus, memory, DMA engine and EIE, and checks every output.\n"
    "\n"
    "  --config FILE   hardware configuration; default: configs/eie64.yaml\n"
    "  --network FILE  default: configs/networks/digits/digits.yaml\n"
    "  --samples N     run the first N samples, 0: all; default: 64\n"
    "  --engine tlm|hw model of the device: fast, or signal level; default: tlm\n"
    "  --burst N       64-bit beats of a DMA burst, 1 to 256; default: 16\n"
    "  --help          this text\n";

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
    const bool known =
        option == "--config" || option == "--network" || option == "--samples" || option == "--engine" || option == "--burst";
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

int run_hw(const Arguments& arguments) {
  Case c = prepare(arguments);
  return tb::find_compiled(compiled_platforms(), c.config, "hw of this platform").simulate(arguments, c);
}

int run(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  if (arguments.help) {
    std::fputs(kUsage, stdout);
    return kExitMatch;
  }
  // Here an engine gets its class: anything with the ports of EieTlm will do.
  if (arguments.engine == "hw") return run_hw(arguments);
  if (arguments.engine == "tlm") {
    Case c = prepare(arguments);
    return simulate<EieTlm>(arguments, c, c.config);
  }
  throw tb::UserError("--engine is '" + arguments.engine + "': expected hw or tlm");
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
