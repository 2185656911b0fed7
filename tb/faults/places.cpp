// SPDX-License-Identifier: Apache-2.0
#include "tb/faults/places.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "tb/engines/model_device.h"
#include "tb/golden/golden.h"
#include "tlm/model/timing/slots.h"

namespace eie::tb {
namespace {

/// All launches.
class Watch final : public EventSink {
 public:
  void launch(const LaunchEvents& events) override { launches.push_back(events); }
  std::vector<LaunchEvents> launches;
};

/// The chain on the fast model, with the same faults. They come once: another run takes another of these.
class Again {
 public:
  Again(const ChainThatRan& chain, const HwConfig& config, const std::vector<Flip>& flips, bool relu)
      : device_(std::make_unique<ModelDevice>(config), config, flips), driver_(device_, config, LoadMode::kBackdoor) {
    std::vector<DeviceLayer> layers = chain.layers;
    for (DeviceLayer& layer : layers) layer.relu = relu && layer.relu;
    driver_.load(std::move(layers));
  }
  void observe(EventSink& sink) { device_.observe(sink); }
  std::vector<LayerResult> run(const std::vector<std::int32_t>& inputs, std::size_t sample) {
    driver_.set_samples_before(sample);
    return driver_.run(inputs);
  }

 private:
  FaultyDevice device_;
  Driver driver_;
};

/// An output of the first layer from a part of its inputs, without ReLU, on the device and as it should be.
class Partial {
 public:
  Partial(const ChainThatRan& chain, const HwConfig& config, const std::vector<Flip>& flips, std::size_t sample, std::size_t row)
      : chain_(chain), config_(config), flips_(flips), sample_(sample), row_(row) {}

  /// Columns from `count` on are 0. False: they are the same.
  bool differs(std::size_t count) {
    const DeviceLayer& layer = chain_.layers.front();
    std::vector<std::int32_t> inputs = chain_.inputs(sample_);
    std::fill(inputs.begin() + static_cast<std::ptrdiff_t>(count), inputs.end(), 0);
    expected =
        golden_layer(chain_.codes(), inputs, layer.bias, layer.shift, false, config_.data_width, config_.acc_width).outputs[row_];
    seen = Again(chain_, config_, flips_, false).run(inputs, sample_).front().outputs[row_];
    return expected != seen;
  }

  std::int32_t expected = 0;
  std::int32_t seen = 0;

 private:
  const ChainThatRan& chain_;
  const HwConfig& config_;
  const std::vector<Flip>& flips_;
  std::size_t sample_;
  std::size_t row_;
};

/// Place in the PE's column of the entry that writes a local row, kNoEntry if the image has none, and the cycle of the column
/// that it takes.
struct EntryPlace {
  std::uint32_t entry = kNoEntry;
  std::uint32_t slot = 0;
};

/// `first_column`: of the launch, where a row of Spmat begins.
EntryPlace entry_of(const DeviceLayer& layer, const HwConfig& config, std::size_t block, unsigned pe, std::size_t first_column,
                    std::size_t column, std::uint64_t row) {
  const PeCode& code = layer.image->pe(block, pe);
  const std::uint32_t begin = code.pointers[column];
  const std::uint32_t end = code.pointers[column + 1];
  model::SlotWalk walk(config);
  EntryPlace place;
  std::uint64_t local = 0;
  for (std::uint32_t at = begin; at < end; ++at) {
    local += code.entries[at] >> layer.image->code_width;
    if (local == row) {
      place.entry = at - begin;
      return place;
    }
    ++local;
    place.slot += walk.takes_slot(at - code.pointers[first_column], code.entries[at], at + 1 == end) ? 1 : 0;
  }
  return EntryPlace();
}

/// Of the layers before this one.
std::size_t launches_before(const ChainThatRan& chain, std::size_t l) {
  std::size_t count = 0;
  for (std::size_t before = 0; before < l; ++before) count += chain.layers[before].plan->launches.size();
  return count;
}

void find_mismatch(const ChainThatRan& chain, const HwConfig& config, const std::vector<Flip>& flips,
                   const std::vector<LaunchEvents>& launches, std::size_t l, LayerReport& report) {
  const DeviceLayer& layer = chain.layers[l];
  const FirstFault& first = *report.verdict->first_mismatch;
  const LayerOrder as_numbered;
  const LayerOrder& order = layer.order != nullptr ? *layer.order : as_numbered;
  const std::size_t row = place_of(order.rows, first.row);  // as the device counts
  FaultPlace place;
  place.sample = first.sample;
  place.row = first.row;
  place.expected = first.expected;
  place.seen = first.seen;
  const std::uint64_t launch =
      (launches.empty() ? 0 : launches.front().context.launch) + chain.launches_before + launches_before(chain, l);
  std::size_t block = 0;
  for (std::size_t n = 0; n < layer.plan->launches.size(); ++n) {
    const RowBlock& rows = layer.image->blocks[layer.plan->launches[n].block];
    if (row < rows.first_row || row >= rows.first_row + rows.rows) continue;
    block = layer.plan->launches[n].block;
    place.launch = launch + n;  // the last one that adds to the row
  }
  place.pe = static_cast<unsigned>((row - layer.image->blocks[block].first_row) % config.n_pe);
  report.mismatch_at = place;
  if (l != 0) return;
  Partial partial(chain, config, flips, first.sample, row);
  std::size_t high = layer.image->columns;
  if (!partial.differs(high)) return;  // not the model's fault
  std::size_t low = 0;
  if (partial.differs(low)) return;  // there before the first column: a bias
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (partial.differs(middle) ? high : low) = middle;
  }
  partial.differs(high);
  place.column = at_place(order.columns, high - 1);
  place.expected = partial.expected;
  place.seen = partial.seen;
  const std::uint64_t local = (row - layer.image->blocks[block].first_row) / config.n_pe;
  const EntryPlace anywhere = entry_of(layer, config, block, *place.pe, 0, high - 1, local);
  if (anywhere.entry != kNoEntry) place.entry = anywhere.entry;
  for (const LaunchEvents& events : launches) {
    const LaunchContext& context = events.context;
    if (row < context.first_row || row >= context.first_row + context.rows || high - 1 < context.first_column ||
        high - 1 >= context.first_column + context.columns) {
      continue;
    }
    place.launch = context.launch + chain.launches_before;
    const EntryPlace entry = entry_of(layer, config, block, *place.pe, context.first_column, high - 1, local);
    for (const PeEvent& event : events.activity.pe[*place.pe]) {
      const bool there = event.reason == CycleReason::kWork || event.reason == CycleReason::kPadding;
      if (!there || event.column != *place.column) continue;
      place.cycle = event.cycle + entry.slot;
      break;
    }
    break;
  }
  report.mismatch_at = place;
}

void find_saturation(const ChainThatRan& chain, const std::vector<LaunchEvents>& launches, std::size_t l, std::size_t sample,
                     LayerReport& report) {
  const std::size_t first = launches_before(chain, l);
  const std::size_t end = std::min(launches.size(), first + chain.layers[l].plan->launches.size());
  for (std::size_t n = first; n < end; ++n) {
    const LaunchEvents& events = launches[n];
    if (events.activity.saturated.empty()) continue;
    const PlaceEvent& event = events.activity.saturated.front();
    FaultPlace place;
    place.sample = sample;
    place.launch = events.context.launch + chain.launches_before;
    place.cycle = event.cycle;
    place.pe = event.pe;
    place.row = event.row;
    place.column = event.column;
    place.entry = event.entry;
    report.saturated_at = place;
    return;
  }
}

}  // namespace

void find_places(const ChainThatRan& chain, const HwConfig& config, const std::vector<Flip>& all_flips,
                 std::vector<LayerReport>& reports) {
  std::vector<Flip> flips;  // the model has no registers
  std::copy_if(all_flips.begin(), all_flips.end(), std::back_inserter(flips),
               [](const Flip& flip) { return flip.memory != Flip::Memory::kRegister; });
  std::optional<std::size_t> ran;  // the sample whose launches are at hand
  std::vector<LaunchEvents> launches;
  auto again = [&](std::size_t sample) -> const std::vector<LaunchEvents>& {
    if (ran == sample) return launches;
    Watch watch;
    Again run(chain, config, flips, true);
    run.observe(watch);
    try {
      run.run(chain.inputs(sample), sample);
    } catch (const DeviceError&) {
      // STATUS.error: what was seen until then will do
    }
    ran = sample;
    launches = std::move(watch.launches);
    return launches;
  };
  // The first mismatch in time; what comes behind it has wrong inputs.
  std::optional<std::size_t> first;
  for (std::size_t l = 0; l < reports.size(); ++l) {
    const std::optional<FirstFault>& fault = reports[l].verdict->first_mismatch;
    if (fault && (!first || fault->sample < reports[*first].verdict->first_mismatch->sample)) first = l;
  }
  if (first) {
    LayerReport& report = reports[*first];
    find_mismatch(chain, config, flips, again(report.verdict->first_mismatch->sample), *first, report);
  }
  for (std::size_t l = 0; l < reports.size(); ++l) {
    const Verdict& verdict = *reports[l].verdict;
    if (verdict.saturated_sample) {
      find_saturation(chain, again(*verdict.saturated_sample), l, *verdict.saturated_sample, reports[l]);
    }
  }
}

void find_places(const std::vector<PreparedLayer>& layers, const HwConfig& config, const std::vector<Flip>& flips,
                 std::vector<LayerReport>& reports) {
  ChainThatRan chain;
  for (const PreparedLayer& layer : layers) {
    chain.layers.push_back({layer.files.name, &layer.image, &layer.plan, layer.weights.codes->codebook(), layer.bias,
                            layer.formats.shift, layer.files.relu, layer.formats, layer.order});
  }
  chain.codes = [&layers]() -> const ColumnSource& { return layers.front().codes(); };
  chain.inputs = [&layers](std::size_t sample) -> const std::vector<std::int32_t>& {
    return layers.front().fixed.activations[sample];
  };
  find_places(chain, config, flips, reports);
}

}  // namespace eie::tb
