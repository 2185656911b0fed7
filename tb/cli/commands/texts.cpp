// SPDX-License-Identifier: Apache-2.0
// eie completion, eie manual: texts made of the commands and their options.
#include <cstdio>

#include "tb/cli/commands.h"
#include "tb/cli/help/completion.h"
#include "tb/cli/help/nearest.h"
#include "tb/cli/program.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

int give(const Options& options, const std::string& text) {
  if (options.has("output")) {
    write_if_changed(options.text("output"), text);
    return kExitDone;
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  flush_stdout();
  return kExitDone;
}

void add_output(Options& options) {
  options.add()("output", po::value<std::string>()->value_name("FILE"), "write to a file; default: standard output");
}

}  // namespace

Options completion_options() {
  Options options("completion bash|zsh [options]",
                  "Prints a script that completes commands, options, names of configurations and files. "
                  "Installed programs have it\n"
                  "already. Otherwise: source <(eie completion bash), or eie completion zsh --output "
                  "DIR/_eie in a folder of fpath.");
  options.add_positional({"shell"});
  options.add()("shell", po::value<std::string>()->value_name("bash|zsh"), "the shell; required");
  add_output(options);
  return options;
}

int completion_command(const std::vector<std::string>& arguments) {
  Options options = completion_options();
  if (!options.parse(arguments)) return kExitDone;
  if (!options.has("shell")) throw UserError("no shell is named: expected bash or zsh");
  const std::string shell = options.text("shell");
  if (shell == "bash") return give(options, bash_completion());
  if (shell == "zsh") return give(options, zsh_completion());
  throw UserError("--shell is '" + shell + "': expected bash or zsh" + nearest_text(shell, {"bash", "zsh"}));
}

Options manual_options() {
  Options options("manual [options]", "Prints the manual page in the language of man(1): eie manual | man -l -");
  add_output(options);
  return options;
}

int manual_command(const std::vector<std::string>& arguments) {
  Options options = manual_options();
  if (!options.parse(arguments)) return kExitDone;
  return give(options, manual_page());
}

}  // namespace eie::tb
