// SPDX-License-Identifier: Apache-2.0
// The commands of the `eie` program. Each takes the arguments after its name and returns the exit status; it
// throws UserError for wrong usage or bad input and DeviceError when the device fails.
#pragma once

#include <string>
#include <vector>

#include "tb/cli/options/options.h"

namespace eie::tb {

/// One command. Help, completion and manual are made of these and of the options.
struct Command {
  const char* name;
  const char* about;
  Options (*options)();
  int (*run)(const std::vector<std::string>& arguments);
};

/// All commands: COMMAND(NAME, what it does). NAME_options() and NAME_command() stand in tb/cli/commands/.
#define EIE_COMMANDS(COMMAND)                                                                 \
  COMMAND(run, "one layer: weights and activations from files")                               \
  COMMAND(compare, "one layer on several configurations or engines, side by side")            \
  COMMAND(network, "a chain of layers on many samples")                                       \
  COMMAND(bench, "the paper's nine layers, made synthetically")                               \
  COMMAND(sweep, "a design space, point by point: one table, what is worth building")         \
  COMMAND(report, "an HTML page of reports: one, or several side by side")                    \
  COMMAND(why, "why a PE idles, a column waits or a queue is full: two lines")                \
  COMMAND(stalls, "which PEs and columns held the others back")                               \
  COMMAND(info, "configurations: what there is, and one in words")                            \
  COMMAND(compress, "a network made smaller: pruned, weights shared, Huffman-coded")          \
  COMMAND(inspect, "weights before a run: density, sharing, padding, work a PE, forecast")    \
  COMMAND(encode, "a weight matrix into the device's format, as .npy files")                  \
  COMMAND(convert, "matrices, networks, containers and images of memories, one into another") \
  COMMAND(export, "one layer as stimulus and expected values for a testbench of the RTL")     \
  COMMAND(figure3, "the paper's worked example, from Figure 2 to Figure 3 and the product")   \
  COMMAND(waves, "a GTKWave view that explains a file of waves")                              \
  COMMAND(wavediff, "the differences between two files of waves")                             \
  COMMAND(completion, "completion of commands and options for bash or zsh")                   \
  COMMAND(manual, "the manual page")

#define EIE_DECLARE_COMMAND(name, about) \
  Options name##_options();              \
  int name##_command(const std::vector<std::string>& arguments);
EIE_COMMANDS(EIE_DECLARE_COMMAND)
#undef EIE_DECLARE_COMMAND

/// In the order of the help.
const std::vector<Command>& commands();

/// A command line that shows what the program is for, after `eie `.
struct Example {
  const char* line;
  const char* about;
};
const std::vector<Example>& examples();

/// What the exit status says, in two columns.
struct ExitStatus {
  int status;
  const char* about;
};
const std::vector<ExitStatus>& exit_statuses();

}  // namespace eie::tb
