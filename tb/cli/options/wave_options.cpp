// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/wave_options.h"

#include "tb/formats/waves/wave_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/trace/view.h"

namespace eie::tb {
namespace {

namespace po = boost::program_options;

const char* const kCompanions[] = {"trace-pe",     "trace-scope", "trace-from", "trace-to",
                                   "trace-launch", "trace-batch", "trace-on"};

}  // namespace

void add_wave_options(Options& options) {
  auto number = [] { return po::value<std::string>()->value_name("N"); };
  options.add()("trace", po::value<std::string>()->value_name("FILE"),
                "write waves, FILE.fst or FILE.vcd, and a GTKWave view of them; default: none");
  options.add()("trace-pe", po::value<std::string>()->value_name("N,..."),
                "only these PEs, with the CCU and the derived signals; default: all");
  options.add()("trace-scope", po::value<std::vector<std::string>>()->value_name("GLOB")->composing(),
                "only blocks, with all that is in them, and signals of these names, may be repeated; default: everything");
  options.add()("trace-from", number(), "first clock cycle of the waves; default: 0");
  options.add()("trace-to", number(), "last clock cycle of the waves; default: the end");
  options.add()("trace-launch", number(), "only this launch, from 1; default: all");
  options.add()("trace-batch", number(), "only this batch of the launch, from 1; default: all");
}

TraceOptions wave_options(const Options& options) {
  TraceOptions trace;
  trace.file = options.text("trace");
  for (const char* name : kCompanions) {
    if (trace.file.empty() && options.has(name)) {
      throw UserError("--trace is missing: expected --trace FILE with the other --trace options");
    }
  }
  if (trace.file.empty()) return trace;
  if (options.text("engine") == "tlm") {
    throw UserError("--trace " + trace.file + ": engine tlm has no signals; expected --engine hw or rtl");
  }
  if (!is_wave_file_name(trace.file)) {
    throw UserError("--trace " + trace.file + ": expected a file name that ends with .fst or .vcd");
  }
  trace.scopes = options.texts("trace-scope");
  if (options.has("trace-pe")) trace.pes = options.pes("trace-pe");
  if (options.has("trace-from")) trace.from = options.number("trace-from");
  if (options.has("trace-to")) trace.to = options.number("trace-to");
  if (trace.from > trace.to) throw UserError("--trace-from is after --trace-to: expected from <= to");
  if (options.has("trace-launch")) trace.launch = options.number_from_1("trace-launch");
  if (options.has("trace-batch")) trace.batch = options.number_from_1("trace-batch");
  if (trace.batch != 0 && trace.launch == 0) trace.launch = 1;
  check_writable(trace.file);
  return trace;
}

void add_wave_files(const Options& options, FileRoles& files) {
  const std::string trace = options.text("trace");
  files.output("--trace", trace);
  if (!trace.empty()) files.output("the view of --trace", view_name(trace));
}

void finish_waves(const std::string& command, Device& device, const TraceOptions& trace, const std::vector<LayerReport>& layers,
                  const std::optional<Moment>& moment) {
  device.finish();
  if (trace.file.empty()) return;
  ViewRequest request;
  const auto add = [&request](std::uint64_t launch, std::uint64_t cycle, const std::string& text, std::optional<unsigned> pe) {
    for (const ViewPlace& place : request.places) {
      if (place.at.launch == launch && place.at.cycle == cycle && place.text == text) return;
    }
    request.places.push_back({{launch, cycle}, text, pe, false});
  };
  const auto add_place = [&](const std::optional<FaultPlace>& place, const char* text) {
    if (place && place->launch && place->cycle) add(*place->launch, *place->cycle, text, place->pe);
  };
  if (moment) add(moment->launch, moment->cycle, moment->name, moment->pe);
  for (const LayerReport& layer : layers) add_place(layer.mismatch_at, "first mismatch");
  for (const LayerReport& layer : layers) {
    if (!layer.saturated_at) continue;
    add_place(layer.saturated_at, "first saturated sum");
    break;
  }
  note(command, leave_view(trace.file, request).note);
}

void finish_broken_waves(const std::string& command, Device& device, const TraceOptions& trace,
                         const std::optional<Moment>& moment) {
  try {
    finish_waves(command, device, trace, {}, moment);
    if (moment) {
      note(command, trace.file + " has launch " + std::to_string(trace.launch) + ", cycles " + std::to_string(trace.launch_from) +
                        " to " + std::to_string(trace.launch_to) + "; " + moment->name + " in cycle " +
                        std::to_string(moment->cycle) + ": " + moment->text);
    }
  } catch (const UserError&) {
    // the device's error is what matters: the window may lie behind it
  }
}

}  // namespace eie::tb
