// SPDX-License-Identifier: Apache-2.0
// eie.1, in the macros of man(7).
#include <sstream>

#include "tb/cli/commands.h"
#include "tb/cli/help/completion.h"
#include "tb/cli/help/option_value.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

// Text in which nothing is a request or an escape.
std::string roff(const std::string& text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '`') {
      out += "\\(aq";
    } else {
      out += c;
    }
    line_begins = c == '\n';
  }
  return out;
}

std::string default_of(const boost::program_options::option_description& option) {
  // "NAME (=value)"
  const std::string text = option.format_parameter();
  const std::size_t at = text.find("(=");
  return at == std::string::npos ? "" : text.substr(at + 2, text.size() - at - 3);
}

}  // namespace

std::string manual_page() {
  std::ostringstream page;
  page << ".TH EIE 1 \"\" \"eie " << kVersion << "\" \"User Commands\"\n"
       << ".SH NAME\neie \\- layers and networks on EIE, the Efficient Inference Engine, in SystemC\n"
       << ".SH SYNOPSIS\n";
  for (const Command& command : commands()) {
    const std::string usage = command.options().usage();
    const std::size_t space = usage.find(' ');
    page << ".B eie " << command.name << "\n"
         << (space == std::string::npos ? "" : roff(usage.substr(space + 1)) + "\n") << ".br\n";
  }
  page << ".SH DESCRIPTION\n"
       << roff(
              "Runs pruned, weight-shared layers on a model of EIE (Han et al., ISCA 2016), cycle by cycle, "
              "and compares every\n"
              "result with a golden model, bit by bit.\n")
       << ".SH EXAMPLES\n";
  for (const Example& example : examples()) {
    page << ".TP\n.B eie " << roff(example.line) << "\n" << roff(example.about) << "\n";
  }
  page << ".SH COMMANDS\n";
  for (const Command& command : commands()) {
    const Options options = command.options();
    page << ".SS \"eie " << command.name << ": " << roff(command.about) << "\"\n" << roff(options.about()) << "\n";
    for (const auto& option : options.description().options()) {
      const std::string value = value_of(*option);
      const std::string preset = default_of(*option);
      page << ".TP\n.B " << roff(option->format_name());
      if (!value.empty()) page << " " << roff(value);
      page << "\n" << roff(option->description()) << (preset.empty() ? "" : "; default: " + roff(preset)) << "\n";
    }
  }
  page << ".SH EXIT STATUS\n";
  for (const ExitStatus& status : exit_statuses()) page << ".TP\n.B " << status.status << "\n" << roff(status.about) << "\n";
  page << ".SH ENVIRONMENT\n.TP\n.B EIE_DATA_DIR\n"
       << roff(
              "A folder with configs/, configs/workloads/ and configs/networks/, searched before the "
              "others.\n")
       << ".SH FILES\n"
       << roff(
              "Configurations, workloads and networks are found by name in configs/ of $EIE_DATA_DIR, of the "
              "current folder and of\n"
              "share/eie beside the program or above it.\n");
  return page.str();
}

}  // namespace eie::tb
