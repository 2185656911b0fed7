// SPDX-License-Identifier: Apache-2.0
// What one launch does to register files, memories and counters, and how long it takes. No clock, no SystemC.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/model/ecc/ecc.h"
#include "tlm/model/events/launch_recorder.h"
#include "tlm/model/image.h"
#include "tlm/model/memories.h"
#include "tlm/model/pe_counts.h"
#include "tlm/model/timing/recurrence.h"

namespace eie::model {

/// The layer descriptor as the registers hold it (hw/register_map.h), fields already as narrow as in the device.
struct Descriptor {
  std::uint64_t in_length = 0;
  std::uint64_t out_length = 0;
  std::uint64_t pointer_base = 0;
  std::uint64_t in_address = 0;
  std::uint64_t out_address = 0;
  std::uint64_t bias_address = 0;
  unsigned shift = 0;
  bool relu = false;
  bool bias = false;
  bool first = false;
  bool last = false;
  bool src_resident = false;
};

struct LaunchCounts {
  std::uint64_t cycles = 0;
  std::uint64_t broadcasts = 0;
  std::uint64_t queue_full_cycles = 0;
  std::uint64_t act_transfer_cycles = 0;
  std::uint64_t batches = 0;
};

/// A 64-bit word on its way from the destination registers of all PEs into their activation SRAMs.
struct StoredWord {
  std::uint64_t cycle = 0;          // of the launch; at the end of it the SRAMs have the word
  std::uint64_t address = 0;        // word of the activation SRAM
  std::vector<std::uint64_t> mask;  // per PE: the bits that are written
  std::vector<std::uint64_t> data;
};

/// A moment at which STATUS.error or STATUS.saturated is set.
struct FlagEvent {
  std::uint64_t cycle = 0;  // of the launch; set at the end of it
  bool error = false;
  bool saturated = false;
};

/// What came of a launch. Cycle 0 is the first one with STATUS.busy set; counts.cycles - 1 is the last.
struct LaunchResult {
  LaunchCounts counts;
  std::vector<PeCounts> pe;
  std::vector<StoredWord> stores;
  std::vector<FlagEvent> flags;  // ascending; empty in a launch that goes well
};

/// Register files and the walk through a launch. The stores of a launch are not yet in the memories when run() returns:
/// the caller applies them when their time comes.
class Core {
 public:
  static std::unique_ptr<Core> make(const DeviceConfig& config);
  virtual ~Core() = default;

  /// Clears register files and which of them is the source.
  virtual void reset() = 0;

  /// From now on it is told what each launch does; it must outlive the runs. Null: nobody is.
  virtual void set_recorder(LaunchRecorder* recorder) = 0;

  /// `codebook` has config.codes() entries, entry 0 is 0.
  /// `flips`: bits of the memories that flip meanwhile. They are not in the memories when run() returns, as the stores.
  /// `ecc`: with ECC, what the reads see where bits are wrong or flip; may be null if none is.
  virtual LaunchResult run(const Descriptor& layer, const Memories& memories, ImageCache& images,
                           const std::vector<std::int64_t>& codebook, const std::vector<MemoryFlip>& flips = {},
                           EccReplay* ecc = nullptr) = 0;
};

/// Writes a stored word into the memories.
void apply(const StoredWord& store, Memories& memories);

}  // namespace eie::model
