// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/program.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "tb/cli/commands.h"
#include "tb/cli/help/nearest.h"
#include "tb/formats/kept_files.h"
#include "tb/host/device.h"
#include "tb/support/cleanup.h"
#include "tb/support/error.h"
#include "tb/support/file_cause.h"
#include "tb/support/version.h"
#include "tlm/config/device_config_check.h"

namespace eie::tb {
namespace {

void print_usage(std::FILE* out) {
  std::fprintf(out, "usage: eie <command> [options]\n\ncommands:\n");
  for (const Command& command : commands()) std::fprintf(out, "  %-11s %s\n", command.name, command.about);
  std::fprintf(out, "\n`eie <command> --help` lists the options. Exit status:\n");
  for (const ExitStatus& status : exit_statuses()) std::fprintf(out, "  %d  %s\n", status.status, status.about);
}

// What stands there when nothing was asked for.
void print_greeting(std::FILE* out) {
  std::fprintf(out, "EIE, the Efficient Inference Engine, version %s. For example:\n\n", kVersion);
  std::size_t width = 0;
  for (const Example& example : examples()) width = std::max(width, std::strlen(example.line));
  for (const Example& example : examples()) {
    std::fprintf(out, "  eie %-*s  %s\n", static_cast<int>(width), example.line, example.about);
  }
  std::fprintf(out, "\n`eie --help` lists the commands, `eie info` the configurations.\n");
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return printable(text);  // a file may have any bytes
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

#define EIE_COMMAND_ROW(name, about) {#name, about, name##_options, name##_command},
const std::vector<Command>& commands() {
  static const std::vector<Command> list = {EIE_COMMANDS(EIE_COMMAND_ROW)};
  return list;
}
#undef EIE_COMMAND_ROW

const std::vector<Example>& examples() {
  static const std::vector<Example> list = {
      {"run W.npy a.npy", "your layer on the paper's machine"},
      {"network digits --engine tlm", "a network that reads handwritten digits, on the fast model"},
      {"bench --engine tlm", "the paper's nine layers beside its numbers"},
  };
  return list;
}

const std::vector<ExitStatus>& exit_statuses() {
  static const std::vector<ExitStatus> list = {
      {kExitDone, "done, and every result matched the golden model"},
      {kExitMismatch, "a result did not match the golden model, engines differ, or the device failed"},
      {kExitUsage, "wrong usage or bad input: one line on standard error"},
  };
  return list;
}

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
  for (const Command& command : commands()) {
    if (name != command.name) continue;
    int status = kExitMismatch;
    std::string message;
    const KeptFiles kept;
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
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  std::vector<std::string> all = names;
  all.insert(all.end(), {"--help", "--version"});
  if (!name.empty()) {
    std::fprintf(stderr, "eie: unknown command '%s': expected one of %s%s\n", one_line(name).c_str(), listed(all).c_str(),
                 nearest_text(name, all).c_str());
  } else if (isatty(STDOUT_FILENO) != 0) {
    print_greeting(stdout);
  } else {  // a script gets its one line
    std::string lines;
    for (const Example& example : examples()) lines += (lines.empty() ? "eie " : ", eie ") + std::string(example.line);
    std::fprintf(stderr, "eie: no command: expected one of %s; for example: %s\n", listed(all).c_str(), lines.c_str());
  }
  return kExitUsage;
}

}  // namespace eie::tb
