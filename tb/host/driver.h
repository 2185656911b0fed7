// SPDX-License-Identifier: Apache-2.0
// The host's side of the device (hw/register_map.h): loads layers, starts launches, reads results and
// counters.
//
// It works on the abstract Device, so that it drives every engine in the same way.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tb/config/config.h"
#include "tb/host/device.h"
#include "tb/host/placement.h"
#include "tlm/model/pe_counts.h"

namespace eie::tb {

/// How images, biases and activations get into the device: through its port, which costs simulated time, or
/// through the simulation's back door, which costs none.
enum class LoadMode { kBackdoor, kPort };

/// Counters of one PE (reg::kPeEntries ...).
using model::PeCounts;

/// Counters summed over launches.
struct Counters {
  std::uint64_t launches = 0;
  std::uint64_t batches = 0;
  std::uint64_t cycles = 0;
  std::uint64_t broadcasts = 0;
  std::uint64_t queue_full_cycles = 0;
  std::uint64_t act_transfer_cycles = 0;
  std::uint64_t io_beats = 0;       // 64-bit beats written through the port; 0 with LoadMode::kBackdoor
  std::uint64_t ecc_corrected = 0;  // reads of memory words in which an error was corrected; of a layer, not of its launches
  std::vector<PeCounts> pe;
  void add(const Counters& other);
};

/// What came of one layer.
struct LayerResult {
  std::vector<std::int32_t> outputs;
  Counters counters;
  std::vector<Counters> launches;  // the same, launch by launch; io_beats are not known by launch
  bool saturated = false;
};

class Driver {
 public:
  /// Called before each launch: layer, number of the launch in the layer, launches of the layer.
  using Progress = std::function<void(const std::string& layer, std::size_t launch, std::size_t launches)>;

  /// Resets the device and checks that its CAP registers say what the configuration says. Throws DeviceError.
  Driver(Device& device, const HwConfig& config, LoadMode mode);

  void set_progress(Progress progress) { progress_ = std::move(progress); }

  /// Takes over a chain of layers (columns of the next = rows of the one before) and loads what can stay in
  /// the device. Images and plans must outlive the runs. Throws DeviceError; std::logic_error if the chain
  /// does not fit together.
  /// `there`: the images of these layers are in the device, as load() of another driver of a device with the same memories left
  /// them; those that can stay are not stored again.
  void load(std::vector<DeviceLayer> layers, bool there = false);

  /// Runs all layers on one input vector. Between layers the activations stay on the device where they fit.
  /// The beats of load() count to the first run. Throws DeviceError on SLVERR, a hang, or STATUS.error.
  std::vector<LayerResult> run(const std::vector<std::int32_t>& inputs);

  /// The samples before the next one, of all that the run has: its launches are numbered behind theirs. Otherwise run() counts.
  void set_samples_before(std::uint64_t samples) { sample_ = samples; }

  const Placement& placement() const { return placement_; }

 private:
  struct ActAddresses {
    std::uint64_t in_word = 0;
    std::uint64_t bias_word = 0;
    std::uint64_t out_word = 0;
  };

  void check_capabilities();
  void store(std::vector<Device::Beat>& beats);
  void store_image(std::size_t layer, std::size_t launch);
  void store_vector(const std::vector<std::int32_t>& vector, std::size_t first, std::size_t count, std::uint64_t word);
  void store_bias(const DeviceLayer& layer, std::size_t block, std::uint64_t word);
  std::vector<std::int32_t> fetch_vector(std::size_t length, std::uint64_t word, bool through_port);
  void store_codebook(const std::vector<std::int32_t>& codebook);
  LayerResult run_layer(std::size_t layer, const std::vector<std::int32_t>& inputs, bool inputs_on_device);
  void run_launch(std::size_t layer, std::size_t launch, const ActAddresses& at, bool source_resident, LayerResult& result);
  [[noreturn]] void throw_uncorrected(const std::string& where) const;
  void announce(std::size_t layer, std::size_t launch);
  bool source_resident(std::size_t layer, bool inputs_on_device) const;
  std::uint64_t watchdog(const DeviceLayer& layer, const Launch& launch) const;

  Device& device_;
  HwConfig config_;
  LoadMode mode_;
  Progress progress_;
  std::vector<DeviceLayer> layers_;
  Placement placement_;
  std::vector<std::int32_t> codebook_;                             // in the device now
  std::optional<std::pair<std::size_t, std::size_t>> image_at_0_;  // (layer, launch) if images are not resident
  std::uint64_t sample_ = 0;                                       // of the next run()
  std::uint64_t launches_of_run_ = 0;                              // of all layers, in one run()
  std::uint64_t launches_before_ = 0;                              // those of the layers loaded before these
  std::uint64_t announced_ = 0;                                    // number of the latest launch
  std::uint64_t io_beats_ = 0;                                     // not yet reported
  std::uint64_t ecc_corrected_ = 0;                                // of the device, already reported
  std::vector<std::uint64_t> load_beats_;                          // of load(), per layer, until the layer's first run
};

}  // namespace eie::tb
