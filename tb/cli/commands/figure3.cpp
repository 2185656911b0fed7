// SPDX-License-Identifier: Apache-2.0
// eie figure3: the example of the paper, from the encoder through the accelerator, beside what the paper prints.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tb/cli/commands.h"
#include "tb/cli/options/file_roles.h"
#include "tb/cli/options/observation.h"
#include "tb/cli/options/options.h"
#include "tb/cli/program.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/plan.h"
#include "tb/engines/engines.h"
#include "tb/golden/golden.h"
#include "tb/host/driver.h"
#include "tb/layers/figure2.h"
#include "tb/support/atomic_file.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

template <class Values>
void print_row(std::FILE* table, const char* name, const Values& values) {
  std::fprintf(table, "  %-22s", name);
  for (const auto value : values) std::fprintf(table, "%4d", static_cast<int>(value));
  std::fprintf(table, "\n");
}

}  // namespace

Options figure3_options() {
  Options options("figure3 [options]",
                  "Encodes the 16 x 8 matrix of the paper's Figure 2 for four PEs, loads it through the port, reads PE 0's\n"
                  "memories back (Figure 3), and computes the product. The configuration must have four PEs and 4 + 4 bit\n"
                  "entries.");
  options.add_config("eie4");
  options.add()("engine", boost::program_options::value<std::string>()->value_name("hw|tlm|rtl")->default_value("hw"),
                "as for run");
  options.add_json();
  add_short_observation(options);
  return options;
}

int figure3_command(const std::vector<std::string>& arguments) {
  Options options = figure3_options();
  if (!options.parse(arguments)) return kExitDone;
  const HwConfig config = options.config();
  if (config.n_pe != 4 || config.code_width != 4 || config.run_width != 4) {
    throw UserError("configuration '" + config.name + "' has " + std::to_string(config.n_pe) +
                    " PEs: expected 4 as in Figure 3, with code_width and run_width 4");
  }
  FileRoles files;
  files.input("--config", options.config_file());
  files.output("--json", options.text("json"));
  add_observation_files(options, files);
  check_writable(options.text("json"));
  Observation observation(options, "figure3");

  const std::unique_ptr<CodeMatrix> matrix = figure2_matrix();
  const EncodedLayer image = encode(*matrix, config, split_rows(matrix->rows(), config));
  const Plan plan = plan_launches(image, config, false, "figure 2");
  DeviceLayer layer;
  layer.name = "figure 2";
  layer.image = &image;
  layer.plan = &plan;
  layer.codebook = matrix->codebook();
  layer.relu = true;
  const std::unique_ptr<Device> device = options.engine(config, observation.trace());
  observation.observe(*device, config);
  Driver driver(*device, config, LoadMode::kPort);
  driver.load({layer});
  const LayerResult result = driver.run(kFigure2Input).front();
  const GoldenResult golden = golden_layer(*matrix, kFigure2Input, {}, 0, true, config.data_width, config.acc_width);

  std::vector<unsigned> codes;
  std::vector<unsigned> runs;
  std::vector<unsigned> pointers;
  const std::uint64_t window = config.window_base(0);
  for (std::size_t k = 0; k < kFigure3Runs.size(); ++k) {
    const std::uint64_t entry = device->read(window + k / 8 * 8, 8) >> (8 * (k % 8)) & 0xFF;
    codes.push_back(static_cast<unsigned>(entry & 0xF));
    runs.push_back(static_cast<unsigned>(entry >> 4));
  }
  for (std::size_t j = 0; j < kFigure3Pointers.size(); ++j) {
    pointers.push_back(static_cast<unsigned>(device->read(window + config.window().ptr_offset + 4 * j, 4)));
  }
  observation.write(*device);
  const bool same = runs == kFigure3Runs && pointers == kFigure3Pointers && result.outputs == golden.outputs;
  if (options.has("json")) {
    nlohmann::ordered_json report = {{"schema", kReportSchema},
                                     {"version", kVersion},
                                     {"command", "figure3"},
                                     {"config", config.name},
                                     {"engine", device->engine()},
                                     {"reproduced", same},
                                     {"codes", codes},
                                     {"runs", runs},
                                     {"pointers", pointers},
                                     {"outputs", result.outputs},
                                     {"cycles", result.counters.cycles}};
    InputFiles read(true);
    read.add("config", options.config_file());
    report.update(what_ran_json(config, options.values(), read.files()));
    write_json(report, options.text("json"));
  }
  std::FILE* const table = options.table();
  std::fprintf(table, "PE 0 of %s, read back from its memories:\n", config.name.c_str());
  print_row(table, "v, weight codes", codes);
  print_row(table, "z, relative row index", runs);
  print_row(table, "   the paper's", kFigure3Runs);
  print_row(table, "p, column pointers", pointers);
  print_row(table, "   the paper's", kFigure3Pointers);
  std::fprintf(table, "Product with a = (0, 0, 5, 0, -7, 2, 0, 9), ReLU, in %llu cycles:\n",
               static_cast<unsigned long long>(result.counters.cycles));
  print_row(table, "b", result.outputs);
  print_row(table, "   golden", golden.outputs);
  std::fprintf(table, "Figure 3: %s\n", same ? "reproduced" : "DIFFERS");
  flush_stdout();
  return same ? kExitDone : kExitMismatch;
}

}  // namespace eie::tb
