#include "program.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "commands.h"
#include "device.h"
#include "error.h"
#include "tb/support/cleanup.h"
#include "tlm/config/device_config_check.h"
#include "version.h"

namespace eie::tb {
namespace {

struct Command {
  const char* name;
  const char* about;
  int (*run)(const std::vector<std::string>& arguments);
};

constexpr Command kCommands[] = {
    {"run", "one layer: weights and activations from files", run_command},
    {"encode", "a weight matrix into the device's format, as .npy files", encode_command},
    {"network", "a chain of layers on many samples", network_command},
    {"bench", "the paper's nine layers, made synthetically", bench_command},
    {"export", "one layer as stimulus and expected values for a testbench of the RTL", export_command},
    {"figure3", "the paper's worked example, from Figure 2 to Figure 3 and the product", figure3_command},
};

void print_usage(std::FILE* out) {
  std::fprintf(out, "usage: eie <command> [options]\n\ncommands:\n");
  for (const Command& command : kCommands) std::fprintf(out, "  %-9s %s\n", command.name, command.about);
  std::fprintf(out,
               "\n`eie <command> --help` lists the options. Exit status: 0 done and matched, 1 a result did "
               "not match\n"
               "the golden model or the device failed, 2 wrong usage or bad input.\n");
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

// The exit status after printing help or version.
int printed() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return kExitDone;
  pollfd end{STDOUT_FILENO, POLLOUT, 0};
  if (poll(&end, 1, 0) > 0 && (end.revents & POLLERR) != 0) end_by_broken_pipe();
  std::fprintf(stderr, "eie: standard output: cannot be written: expected a writable stream\n");
  return kExitUsage;
}

}  // namespace

int program(int argc, const char* const* argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "--help" || name == "-h") {
    print_usage(stdout);
    return printed();
  }
  if (name == "--version") {
    std::printf("eie %s\n", kVersion);
    return printed();
  }
  for (const Command& command : kCommands) {
    if (name != command.name) continue;
    int status = kExitMismatch;
    std::string message;
    try {
      return command.run(std::vector<std::string>(argv + 2, argv + argc));
    } catch (const OutputClosed& error) {
      end_by_broken_pipe();
      status = kExitUsage;
      message = error.what();
    } catch (const UserError& error) {
      status = kExitUsage;
      message = error.what();
    } catch (const InvalidConfig& error) {
      status = kExitUsage;
      message = error.what();
    } catch (const DeviceError& error) {
      message = error.what();
    } catch (const std::bad_alloc&) {
      message = "out of memory";
    } catch (const std::exception& error) {
      message = std::string("internal error: ") + error.what();
    }
    std::fprintf(stderr, "eie %s: %s\n", command.name, one_line(message).c_str());
    return status;
  }
  std::fprintf(stderr, "eie: %s: expected one of run, encode, network, bench, export, figure3, --help, --version\n",
               name.empty() ? "no command" : ("unknown command '" + one_line(name) + "'").c_str());
  return kExitUsage;
}

}  // namespace eie::tb
