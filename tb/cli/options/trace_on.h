// SPDX-License-Identifier: Apache-2.0
// --trace-on: waves around the first event of a kind. A first run, in a process of its own, finds it; the run that follows is
// the same, and records the window.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tb/cli/options/options.h"
#include "tb/cli/report/moments.h"
#include "tb/engines/waves/trace_options.h"
#include "tb/faults/flip.h"
#include "tb/layers/network.h"

namespace eie::tb {

void add_trace_on(Options& options);

/// What came of --trace-on.
class TraceOn {
 public:
  /// Does nothing without the option. Throws UserError for what contradicts itself.
  explicit TraceOn(const Options& options);

  bool wanted() const { return kind_.has_value(); }

  /// Finds the event: `run` does the whole run with a finder that observes the device and is asked before each launch. Then
  /// `trace` has the window, or no file where there is no such event. Throws what the run throws, but for the device's errors.
  void find(TraceOptions& trace, const std::function<void(MomentFinder&)>& run);
  /// The same for layers from files.
  void find(const Options& options, TraceOptions& trace, const HwConfig& config, const std::vector<LayerFiles>& files,
            const Eigen::MatrixXd& inputs, const std::vector<Flip>& flips, const BalanceChoice& balance);

  const std::optional<Moment>& moment() const { return moment_; }
  /// Into the report, and a note.
  void tell(Report& report) const;

 private:
  std::string file_;
  std::optional<MomentKind> kind_;
  std::uint64_t before_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::optional<Moment> moment_;
};

}  // namespace eie::tb
