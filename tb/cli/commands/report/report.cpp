// SPDX-License-Identifier: Apache-2.0
// eie report: reports of other commands as a page.
#include <cstdio>

#include "tb/cli/commands.h"
#include "tb/cli/html/page.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/program.h"
#include "tb/formats/file_bytes.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/thousands.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

}  // namespace

Options report_options() {
  Options options("report REPORT.json [MORE.json] -o FILE.html [options]",
                  "Makes one HTML page, with everything in it, of what --json of run, network, bench, compare or sweep wrote:\n"
                  "summary, layers, where the cycles went, energy, load of the PEs. Several reports stand side by side, with\n"
                  "which configuration to build and why.");
  options.add_positional({"reports"});
  options.add()("reports", po::value<std::vector<std::string>>()->value_name("FILE")->composing(),
                "a report as JSON, may be repeated; required");
  options.add()("output,o", po::value<std::string>()->value_name("FILE"), "the page; - is standard output; required");
  return options;
}

int report_command(const std::vector<std::string>& arguments) {
  Options options = report_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::vector<std::string> reports = options.texts("reports");
  if (reports.empty()) throw UserError("--reports is missing: expected --reports FILE, or the file alone");
  const std::string output = options.required("output");
  FileRoles files;
  for (const std::string& report : reports) files.input("--reports", report);
  files.output("--output", output);
  check_writable(output);
  ReportData data;
  for (const std::string& report : reports) {
    add_report(data, report, FileBytes::map(report, "a report that eie wrote with --json").text());
  }
  label_runs(data);
  const std::string page = report_page(data);
  AtomicFile file(output);
  file.write(page.data(), page.size());
  file.commit();
  if (output != "-") {
    std::printf("%s: %s bytes, of %s\n", output.c_str(), thousands(page.size()).c_str(),
                counted(reports.size(), "report").c_str());
    flush_stdout();
  }
  return kExitDone;
}

}  // namespace eie::tb
