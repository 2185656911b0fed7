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

Options run_options();
int run_command(const std::vector<std::string>& arguments);
Options compare_options();
int compare_command(const std::vector<std::string>& arguments);
Options encode_options();
int encode_command(const std::vector<std::string>& arguments);
Options network_options();
int network_command(const std::vector<std::string>& arguments);
Options bench_options();
int bench_command(const std::vector<std::string>& arguments);
Options export_options();
int export_command(const std::vector<std::string>& arguments);
Options figure3_options();
int figure3_command(const std::vector<std::string>& arguments);
Options info_options();
int info_command(const std::vector<std::string>& arguments);
Options waves_options();
int waves_command(const std::vector<std::string>& arguments);
Options wavediff_options();
int wavediff_command(const std::vector<std::string>& arguments);
Options why_options();
int why_command(const std::vector<std::string>& arguments);
Options stalls_options();
int stalls_command(const std::vector<std::string>& arguments);
Options completion_options();
int completion_command(const std::vector<std::string>& arguments);
Options manual_options();
int manual_command(const std::vector<std::string>& arguments);

}  // namespace eie::tb
