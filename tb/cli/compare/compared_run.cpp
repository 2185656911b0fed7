// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/compare/compared_run.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include "tb/cli/in_child.h"
#include "tb/support/cleanup.h"
#include "tb/support/error.h"
#include "tb/trace/event_lines.h"

namespace eie::tb {
namespace {

using Json = nlohmann::ordered_json;

/// In a child: the run once more, up to the launch in which a host saw a difference. Returns what happened, as lines, and
/// writes waves where the engine has any.
std::string do_run_again(const ComparedRun& run, const Options& options, const LayerFiles& files, LoadMode mode,
                         std::uint64_t launch, const std::string& dump, bool waves) {
  struct Enough {};
  class Lines final : public EventSink {
   public:
    void launch(const LaunchEvents& events) override { append_lines(events, text); }
    std::string text;
  } lines;
  const LayerInputs inputs = layer_inputs(options, files, run.named.config);
  TraceOptions trace;
  if (waves) trace.file = dump;
  FaultyDevice device(named_engine(run.engine, run.named, trace), run.named.config, run.flips);
  if (!waves) device.observe(lines);
  const std::vector<PreparedLayer> layers =
      prepare_layers({files}, inputs.values, run.named.config, balance_of(options, files.weights));
  Driver driver(device, run.named.config, mode);
  std::uint64_t begun = 0;
  driver.set_progress([&](const std::string&, std::size_t, std::size_t) {
    if (begun++ == launch) throw Enough();
  });
  try {
    run_layers(driver, mode, layers, inputs.values, run.named.config, {});
  } catch (const Enough&) {
    // the difference lies behind us
  } catch (const DeviceError&) {
    // as far as it came
  }
  device.finish();
  return lines.text;
}

/// The first sum that differs from the golden model in one of the runs alone, if its place is known.
std::optional<FirstDifference> wrong_sum(const ComparedRun& expected, const ComparedRun& seen) {
  const Json& a = expected.report["mismatch_at"];
  const Json& b = seen.report["mismatch_at"];
  if (a.is_null() == b.is_null()) return std::nullopt;
  const Json& at = a.is_null() ? b : a;
  if (at["cycle"].is_null() || at["launch"].is_null()) return std::nullopt;
  FirstDifference d;
  d.launch = at["launch"];
  d.cycle = at["cycle"];
  if (at["pe"].is_number()) d.pe = at["pe"].get<unsigned>();
  d.block = "arith_unit";
  d.what = "sum of row " + at["row"].dump() + " with column " + at["column"].dump();
  d.a = at[a.is_null() ? "expected" : "seen"].dump();
  d.b = at[a.is_null() ? "seen" : "expected"].dump();
  return d;
}

/// Waves of two runs from their beginning get large: beyond this, in cycles, events are all there is.
constexpr std::uint64_t kLongestWaves = 200'000;

}  // namespace

std::optional<FirstDifference> find_cycle(const ComparedRun& expected, const ComparedRun& seen, const LoggedRead& at,
                                          const Options& options, const LayerFiles& files, LoadMode mode) {
  if (at.launch == 0) return std::nullopt;
  std::vector<std::string> dumps(2);
  const auto again = [&](bool waves) {
    std::vector<std::function<std::string()>> works;
    for (const ComparedRun* run : {&expected, &seen}) {
      const std::string dump = dumps[run == &expected ? 0 : 1];
      works.push_back([&, run, dump, waves] { return do_run_again(*run, options, files, mode, at.launch, dump, waves); });
    }
    return in_children(works, options.jobs());
  };
  const std::vector<std::string> lines = again(false);
  const std::optional<FirstDifference> by_events = difference_of_events(lines[0], lines[1]);
  if (expected.engine == "tlm" || seen.engine == "tlm" || at.end > kLongestWaves) {
    return by_events ? by_events : wrong_sum(expected, seen);
  }
  std::optional<Temporary> folder;
  try {
    {
      const SignalGate gate;
      folder.emplace(temporary_name(std::filesystem::temp_directory_path().string()));
      std::filesystem::create_directory(folder->path());
    }
    dumps = {folder->path() + "/a.fst", folder->path() + "/b.fst"};
    again(true);
    const std::optional<FirstDifference> by_waves = difference_of_waves(dumps[0], dumps[1]);
    if (!by_waves) return by_events;
    const auto order = [](const FirstDifference& d) { return std::make_pair(d.launch, d.cycle); };
    return by_events && order(*by_events) < order(*by_waves) ? by_events : by_waves;
  } catch (const UserError&) {
    return by_events;  // waves of this engine and configuration are not built in, or there is no room for them
  }
}

}  // namespace eie::tb
