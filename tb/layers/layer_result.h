// SPDX-License-Identifier: Apache-2.0
// What came out of a layer: counters, cycles accounted for, agreement with the golden model. How it is printed is not known here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/compress/balance/balance.h"
#include "tb/encoding/codebook.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/fixed_point/quantisation.h"
#include "tb/encoding/quantise.h"
#include "tb/golden/reference.h"
#include "tb/host/driver.h"
#include "tb/host/pe_account.h"

namespace eie::tb {

/// Wall-clock seconds spent on the host.
struct HostSeconds {
  double encode = 0;    // reading, sharing and encoding weights
  double simulate = 0;  // the engine and the driver
  double golden = 0;    // golden model and floating-point reference
};

/// The first output that differs.
struct FirstFault {
  std::size_t sample = 0;
  std::size_t row = 0;
  std::int64_t expected = 0;
  std::int64_t seen = 0;
};

/// Where something went wrong (tb/faults/places.h); what is not known is left out.
struct FaultPlace {
  std::size_t sample = 0;
  std::optional<std::uint64_t> launch;
  std::optional<std::uint64_t> cycle;  // of the launch
  std::optional<unsigned> pe;
  std::optional<std::uint64_t> row;  // of the layer, as the column
  std::optional<std::uint64_t> column;
  std::optional<std::uint64_t> entry;    // in the PE's column
  std::optional<std::int64_t> expected;  // the sum there
  std::optional<std::int64_t> seen;
};

/// Agreement of device and golden model.
struct Verdict {
  std::uint64_t mismatches = 0;     // outputs that differ
  bool saturation_differs = false;  // the sticky bit differs
  bool saturated = false;           // an accumulator saturated, as the device says
  std::string first;                // the first mismatch in words
  std::optional<FirstFault> first_mismatch;
  std::optional<std::size_t> saturated_sample;  // the first
  bool match() const { return mismatches == 0 && !saturation_differs; }

  /// Compares one vector; `where` goes into the words ("layer fc1, sample 3").
  void add(const std::string& where, const LayerResult& device, const std::vector<std::int32_t>& golden, bool golden_saturated,
           std::size_t sample = 0);
};

/// The published numbers beside a bench layer.
struct PaperNumbers {
  double time_us = 0;
  std::optional<double> load_balance;  // Figure 8, when the configuration is one of its points
};

/// One layer. Members left empty become null in JSON.
struct LayerReport {
  std::string name;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::optional<Counters> counters;          // of the device
  std::optional<PeCycles> pe_cycles;         // where its cycles went; none if the engine keeps another time
  std::vector<std::uint64_t> sample_cycles;  // of each sample; empty: no samples
  bool port_load = false;
  std::optional<LayerTraffic> traffic;  // what the host moves; none: nothing ran
  std::optional<Work> stored;           // encode: all entries, not those broadcast
  std::size_t planned_launches = 0;     // encode: launches that a run will take
  std::optional<Formats> formats;
  std::optional<int> weight_frac;  // encode: the only format there is
  std::vector<std::int32_t> codebook;
  std::optional<Codebook> sharing;  // how weights from a file were shared
  std::optional<Balance> balance;   // how rows were dealt to PEs; none: as they are numbered
  bool from_shared = false;         // the weights are shared values already: float_error is against these
  std::optional<Verdict> verdict;
  std::optional<FaultPlace> mismatch_at;
  std::optional<FaultPlace> saturated_at;
  std::vector<std::string> to_see;  // commands that show them
  std::optional<FloatError> float_error;
  std::optional<Quantisation> quantisation;
  std::vector<std::string> warnings;  // why a cycle count or a result cannot be trusted
  std::optional<PaperNumbers> paper;
  HostSeconds seconds;

  double time_us(double clock_mhz) const;
  /// Entries that take a cycle / (PEs * cycles): the share of PE cycles with an entry. None where nothing ran, or without
  /// counters in the PEs.
  std::optional<double> load_balance() const;
};

/// Cycles that no arrangement of the same work can go below, and what the layer took beside them.
struct Floors {
  double nonzeros = 0;             // non-zero weights of the broadcast columns / PEs
  std::uint64_t broadcasts = 0;    // one a cycle
  std::optional<double> distance;  // cycles / the larger - 1; none when both are 0
};
Floors floors_of(const Counters& counters);  // of a device with counters in its PEs

/// Sum, least, largest and mean of some counts.
struct PeRange {
  std::uint64_t total = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  double mean = 0;
};
PeRange range_of(const std::vector<std::uint64_t>& values);

/// Sums over the PEs; `entries` a PE. Of the device's counters, or of what is stored where no device ran; unknown after a run
/// without counters in the PEs.
struct PeSums {
  bool known = false;
  std::vector<std::uint64_t> entries;
  std::uint64_t padding = 0, padding_skipped = 0, starved = 0, spmat = 0, ptr = 0, act = 0;
};
PeSums sums_of(const LayerReport& layer);

}  // namespace eie::tb
