// SPDX-License-Identifier: Apache-2.0
// eie waves: a view for waves that are there.
#include <cstdio>

#include "tb/cli/commands.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/program.h"
#include "tb/support/error.h"
#include "tb/trace/dump/dump_file.h"
#include "tb/trace/view.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

}  // namespace

Options waves_options() {
  Options options(
      "waves FILE [options]",
      "Writes a GTKWave view for a file of waves: launch and broadcasts, then the PEs that explain the run, open at the\n"
      "first mismatch, saturated sum or stall. scripts/waves FILE opens it.");
  options.add_positional({"waves"});
  options.add()("waves", po::value<std::string>()->value_name("FILE"), "the waves, FST or VCD; required");
  options.add()("pe", po::value<std::string>()->value_name("N,N"), "PEs to show open; default: those that explain the run");
  options.add()(
      "at", po::value<std::string>()->value_name("CYCLE"),
      "open at this cycle of the launch; default: what comes first of a mismatch, an error, a saturated sum and a stall");
  options.add()("launch", po::value<std::string>()->value_name("N")->default_value("1"), "the launch of --at");
  options.add()("output,o", po::value<std::string>()->value_name("VIEW.gtkw"), "the view; default: beside FILE, with its name");
  return options;
}

int waves_command(const std::vector<std::string>& arguments) {
  Options options = waves_options();
  if (!options.parse(arguments)) return kExitDone;
  const std::string waves = options.required("waves");
  const std::string view = options.has("output") ? options.text("output") : view_name(waves);
  if (view.size() < 6 || view.compare(view.size() - 5, 5, ".gtkw") != 0) {
    throw UserError("--output is '" + view + "': expected a name that ends with .gtkw, by which GTKWave knows a view");
  }
  FileRoles files;
  files.input("the waves", waves);
  files.output("the view", view);
  if (!options.defaulted("launch") && !options.has("at")) {
    throw UserError("--launch without --at: expected both, or neither");
  }
  ViewRequest request;
  if (options.has("pe")) request.pes = options.pes("pe");
  if (options.has("at")) {
    request.places.push_back({{options.number("launch"), options.number("at")}, "cycle " + options.text("at"), {}});
  }
  const auto dump = open_dump(waves);
  const std::string text = view_text(*dump, request);
  const WrittenView written = write_view(text, waves, view, !options.has("output"));
  note("waves", written.note);
  std::printf("%s: open it with scripts/waves %s, or gtkwave %s\n", written.file.c_str(), written.file.c_str(),
              written.file.c_str());
  flush_stdout();
  return kExitDone;
}

}  // namespace eie::tb
