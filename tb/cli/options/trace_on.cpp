// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options/trace_on.h"

#include <algorithm>

#include "tb/cli/in_child.h"
#include "tb/faults/places.h"
#include "tb/support/error.h"

namespace eie::tb {

namespace po = boost::program_options;

void add_trace_on(Options& options) {
  options.add()("trace-on", po::value<std::string>()->value_name("mismatch|saturated|stall|error"),
                "only the cycles around the first event of this kind, found by a run before; default: none");
  options.add()("trace-before", po::value<std::string>()->value_name("N")->default_value("100"), "cycles before that event");
}

TraceOn::TraceOn(const Options& options) : file_(options.text("trace")) {
  if (!options.has("trace-on")) {
    if (options.declares("trace-before") && !options.defaulted("trace-before"))
      throw UserError("--trace-before is given without --trace-on: expected both");
    return;
  }
  kind_ = moment_kind(options.text("trace-on"));
  before_ = options.number("trace-before");
  for (const char* other : {"trace-from", "trace-to", "trace-launch", "trace-batch"}) {
    if (options.has(other)) {
      throw UserError("--trace-on with --" + std::string(other) + ": expected one of the two, each names a window");
    }
  }
}

void TraceOn::find(TraceOptions& trace, const std::function<void(MomentFinder&)>& run) {
  if (!wanted()) return;
  const std::string found = in_children({[&]() -> std::string {
                                          MomentFinder finder(*kind_);
                                          try {
                                            run(finder);
                                          } catch (const MomentFinder::Found&) {
                                            // no more of the run is needed
                                          } catch (const DeviceError& error) {
                                            finder.device_failed(error.what());
                                          }
                                          return finder.moment() ? finder.moment()->packed() : "";
                                        }},
                                        1)
                                .front();
  if (found.empty()) {
    trace = TraceOptions();
    return;
  }
  moment_ = Moment::unpacked(found);
  const std::uint64_t end = std::max<std::uint64_t>(moment_->launch_cycles, 1) - 1;
  first_ = moment_->cycle - std::min(before_, moment_->cycle);
  last_ = std::min(end, moment_->cycle + moment_->cycles - 1 + kCyclesAfterMoment);
  trace.launch = moment_->launch;
  trace.launch_from = first_;
  trace.launch_to = last_;
}

void TraceOn::find(const Options& options, TraceOptions& trace, const HwConfig& config, const std::vector<LayerFiles>& files,
                   const Eigen::MatrixXd& inputs, const std::vector<Flip>& flips, const BalanceChoice& balance) {
  find(trace, [&](MomentFinder& finder) {
    Progress progress;
    const auto device = std::make_unique<FaultyDevice>(options.engine(config), config, flips);
    device->observe(finder);
    const std::vector<PreparedLayer> layers = prepare_layers(files, inputs, config, balance);
    Driver driver(*device, config, options.load_mode());
    driver.set_progress([&](const std::string&, std::size_t, std::size_t) { finder.stop_if_found(); });
    NetworkRun run;
    try {
      run = run_layers(driver, options.load_mode(), layers, inputs, config, [&](std::size_t s, std::size_t count) {
        progress.show("looking for --trace-on " + std::string(moment_name(*kind_)) + ": sample", s, count);
      });
    } catch (const DeviceError&) {
      device->finish();  // the finder gets the launch as far as it came
      throw;
    }
    device->finish();
    find_places(layers, config, flips, run.reports);
    finder.take(run.reports);
  });
}

void TraceOn::tell(Report& report) const {
  if (!wanted()) return;
  const std::string name = moment_name(*kind_);
  if (!moment_) {
    report.trace_window = {{"on", name},      {"file", nullptr}, {"launch", nullptr}, {"cycle", nullptr},
                           {"from", nullptr}, {"to", nullptr},   {"what", nullptr}};
    note(report.command, "--trace-on " + name + ": the run has no " + moment_text(*kind_) + "; " + file_ + " is not written");
    return;
  }
  report.trace_window = {{"on", name},     {"file", file_}, {"launch", moment_->launch}, {"cycle", moment_->cycle},
                         {"from", first_}, {"to", last_},   {"what", moment_->text}};
}

}  // namespace eie::tb
