// SPDX-License-Identifier: Apache-2.0
// eie export: one layer as stimulus and expected values for a testbench of the RTL.
#include <cstdio>
#include <filesystem>
#include <string>

#include "tb/cli/commands.h"
#include "tb/cli/options/layer_options.h"
#include "tb/cli/program.h"
#include "tb/host/recording_device.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/version.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

std::string plural(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string launches(const Plan& plan) {
  return std::to_string(plan.launches.size()) + (plan.launches.size() == 1 ? " launch" : " launches");
}

// A file's name in one line of comment.
std::string printable_name(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < ' ') c = '?';
  }
  return name;
}

// What both files are of, for people.
std::string description(const Report& report, const PreparedLayer& layer) {
  const Formats& f = layer.formats;
  return "// eie " + std::string(kVersion) + ", configuration " + report.config.name + " (" + plural(report.config.n_pe, "PE") +
         ")\n// layer " + printable_name(layer.files.weights) + ": " + plural(layer.image.rows, "row") + " x " +
         plural(layer.image.columns, "column") + ", " + (layer.bias.empty() ? "no bias" : "bias") + ", " +
         (layer.files.relu ? "ReLU" : "no ReLU") + ", " + launches(layer.plan) + "; fraction bits: weights " +
         std::to_string(f.weight_frac) + ", activations " + std::to_string(f.act_frac) + ", outputs " +
         std::to_string(f.out_frac) + "\n";
}

}  // namespace

Options export_options() {
  Options options("export W A --output DIR [options]",
                  "Writes down what a host does with the device to compute y = W a + b, for a testbench of the RTL:\n"
                  "  DIR/stimulus.txt   every access in order: loads, start, interrupt, results\n"
                  "  DIR/expected.txt   for every read its address, the expected value and a mask: outputs and all counters\n"
                  "The layer runs on the fast model through the port, and nothing is written unless its outputs are those of\n"
                  "the golden model. Then, with the RTL of the same configuration:\n"
                  "  scripts/rtl_testbench --rtl hw/rtl/eie4.sv --stimulus DIR [--stalls PERCENT] [--seed N]\n"
                  "plays it on tb/rtl/testbench/eie_tb.sv and compares. docs/synthesis.md describes files and testbench.");
  options.add_positional({"weights", "activations"});
  options.add_config();
  add_layer_files(options);
  add_layer_formats(options);
  options.add()("output", po::value<std::string>()->value_name("DIR"), "folder to write to, made if need be; required");
  options.add_json();
  return options;
}

int export_command(const std::vector<std::string>& arguments) {
  Options options = export_options();
  if (!options.parse(arguments)) return kExitDone;
  const LayerFiles layer = layer_files(options);
  const std::string folder = options.required("output");
  const std::string stimulus_path = folder + "/stimulus.txt";
  const std::string expected_path = folder + "/expected.txt";
  FileRoles roles;
  add_layer_inputs(options, roles);
  roles.output("--output", stimulus_path);
  roles.output("--output", expected_path);
  roles.output("--json", options.text("json"));

  Report report;
  report.command = "export";
  report.config = options.config();
  check_address_range(report.config);
  check_writable(options.text("json"));
  const LayerInputs activations = layer_inputs(options, layer, report.config);
  const Eigen::MatrixXd& inputs = activations.values;
  if (activations.several) {
    throw UserError(options.text("activations") + ": holds " + std::to_string(inputs.cols()) +
                    " samples: expected one, as the testbench plays one layer once");
  }
  report.seed = activations.seed;
  const std::unique_ptr<Device> device = make_engine("tlm", report.config, {});
  report.engine = device->engine();
  report.options = options.values();

  Progress progress;
  progress.show("preparing " + layer.weights);
  const std::vector<PreparedLayer> layers = prepare_layers({layer}, inputs, report.config, balance_of(options, layer.weights));
  progress.clear();
  note(report.command, layers.front().weights.note);
  note(report.command, left_out_note(layer));
  InputFiles read = layer_input_files(options, options.config_file(), layers.front(), options.has("json"));
  const std::string about = description(report, layers.front());

  OutputFolder output(folder);
  AtomicFile stimulus(stimulus_path);
  AtomicFile expected(expected_path);
  auto write = [](AtomicFile& file, const std::string& text) { file.write(text.data(), text.size()); };
  write(stimulus,
        "// EIE stimulus, format 1. Operations, numbers in hexadecimal: w ADDRESS DATA STROBE, r ADDRESS,\n"
        "// i LIMIT (interrupt within so many cycles), q (no interrupt), t CYCLES (of the launch), e COUNT (end)\n" +
            about);
  // The reads are few, and their header says how long the layer took.
  std::string values;
  RecordingDevice recorder(
      *device, report.config, [&](const std::string& text) { write(stimulus, text); },
      [&values](const std::string& text) { values += text; });
  Driver driver(recorder, report.config, LoadMode::kPort);
  driver.set_progress([&](const std::string&, std::size_t n, std::size_t count) {
    const std::string text = "launch " + std::to_string(n + 1) + " of " + std::to_string(count);
    progress.show(text);
    recorder.comment(text);
  });
  NetworkRun run = run_layers(driver, LoadMode::kPort, layers, inputs, report.config, {});
  recorder.finish();
  progress.clear();
  report.layers = std::move(run.reports);
  report.inputs = read.files();
  write(expected, "// EIE expected values, format 1. For each read, in hexadecimal: ADDRESS DATA MASK // what it is\n" + about +
                      "// outputs of the golden model; cycles " + std::to_string(report.layers.front().counters->cycles) +
                      " (decimal), in " + launches(layers.front().plan) + "\n" + values);

  if (report.match()) {
    stimulus.flush();
    expected.flush();
    const SignalGate gate;  // both or none
    stimulus.commit();
    expected.commit();
  }
  const int status = finish(report, options.text("json"), options.table());
  if (status != kExitDone) return status;
  std::fprintf(options.table(), "  stimulus      %s, %s, %s\n", plural(recorder.writes(), "write").c_str(),
               plural(recorder.reads(), "read").c_str(), plural(recorder.interrupts(), "interrupt").c_str());
  flush_stdout();
  output.keep();
  return kExitDone;
}

}  // namespace eie::tb
