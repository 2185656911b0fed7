// SPDX-License-Identifier: Apache-2.0
// eie wavediff: two files of waves, compared.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tb/cli/commands.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/program.h"
#include "tb/cli/report/report.h"
#include "tb/layers/input_files.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"
#include "tb/trace/dump/dump_file.h"
#include "tb/trace/wave_diff.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

nlohmann::ordered_json json_of(const WaveDifference& d) {
  nlohmann::ordered_json report = {{"schema", kReportSchema},    {"version", kVersion},    {"command", "wavediff"},
                                   {"equal", d.signals.empty()}, {"compared", d.compared}, {"only_a", d.only_a},
                                   {"only_b", d.only_b},         {"from", d.from},         {"to", d.to}};
  report["signals"] = nlohmann::ordered_json::array();
  for (const SignalDifference& s : d.signals) {
    report["signals"].push_back({{"signal", s.path()}, {"cycle", s.cycle}, {"cycles", s.cycles}, {"a", s.a}, {"b", s.b}});
  }
  report["blocks"] = nlohmann::ordered_json::array();
  for (const BlockDifference& b : d.blocks) {
    report["blocks"].push_back({{"block", b.scope}, {"signals", b.signals}, {"differing", b.differing}, {"first", b.first}});
  }
  return report;
}

void print(std::FILE* out, const WaveDifference& d) {
  std::fprintf(
      out,
      "%zu signals compared in cycles %lld to %lld of the launch, %zu differ; %zu only in the first, %zu only in the second\n",
      d.compared, static_cast<long long>(d.from), static_cast<long long>(d.to), d.signals.size(), d.only_a, d.only_b);
  if (d.signals.empty()) return;
  std::fprintf(out, "first difference: cycle %lld\n", static_cast<long long>(d.signals.front().cycle));
  for (const SignalDifference& s : d.signals) {
    if (s.cycle != d.signals.front().cycle) break;
    std::fprintf(out, "  %-44s %s, %s\n", s.path().c_str(), s.a.c_str(), s.b.c_str());
  }
  std::fprintf(out, "%-32s %10s %10s %12s\n", "block", "signals", "differing", "first cycle");
  for (const BlockDifference& b : d.blocks) {
    std::fprintf(out, "%-32s %10zu %10zu %12lld\n", b.scope.c_str(), b.signals, b.differing, static_cast<long long>(b.first));
  }
}

}  // namespace

Options wavediff_options() {
  Options options(
      "wavediff A B [options]",
      "Compares two files of waves, FST or VCD, signal by signal and cycle by cycle, aligned on the start of their first\n"
      "launch: of engines hw and rtl, or of two versions. An unknown bit equals any. Exit status 1: they differ.");
  options.add_positional({"first", "second"});
  options.add()("first", po::value<std::string>()->value_name("FILE"), "waves; required");
  options.add()("second", po::value<std::string>()->value_name("FILE"), "the waves to compare them with; required");
  options.add_json();
  return options;
}

int wavediff_command(const std::vector<std::string>& arguments) {
  Options options = wavediff_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::string first = options.required("first");
  const std::string second = options.required("second");
  FileRoles files;
  files.input("the first waves", first);
  files.input("the second waves", second);
  files.output("--json", options.text("json"));
  check_writable(options.text("json"));
  const auto a = open_dump(first);
  const auto b = open_dump(second);
  const WaveDifference difference = compare_waves(*a, first, *b, second);
  if (options.has("json")) {
    InputFiles read(true);
    read.add("first", first);
    read.add("second", second);
    nlohmann::ordered_json report = json_of(difference);
    report["options"] = options.values();
    report["inputs"] = inputs_json(read.files());
    write_json(report, options.text("json"));
  }
  print(options.table(), difference);
  flush_stdout();
  return difference.signals.empty() ? kExitDone : kExitMismatch;
}

}  // namespace eie::tb
