// SPDX-License-Identifier: Apache-2.0
// The device behind its host port, without SystemC: registers, memory windows, launches, all in clock edges.
//
// An access takes effect at a clock edge, as in HostPort; the caller says which. Edges of successive calls should not
// go backwards (a loosely timed platform may let them: then the device answers as of the latest one, but for the interrupt,
// irq_timeline.h). What a launch
// does is computed when it starts and becomes visible when its time comes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tlm/config/device_config.h"
#include "tlm/irq_timeline.h"
#include "tlm/model/address_map.h"
#include "tlm/model/core.h"
#include "tlm/model/ecc/ecc.h"
#include "tlm/model/image.h"
#include "tlm/model/memories.h"

namespace eie::model {

class DeviceModel {
 public:
  explicit DeviceModel(const DeviceConfig& config);
  DeviceModel(const DeviceModel&) = delete;
  DeviceModel& operator=(const DeviceModel&) = delete;

  const DeviceConfig& config() const { return config_; }
  const AddressMap& map() const { return map_; }

  /// Reads the 64-bit word that holds `address`. Without side effects.
  Access read(std::uint64_t edge, std::uint64_t address, std::uint64_t& data);

  /// Writes the bytes that `strobe` names of the 64-bit word that holds `address` (strobe.h). None is always kOk and does
  /// nothing; registers and codebook entries take whole halves, kNotAllowed otherwise.
  Access write(std::uint64_t edge, std::uint64_t address, std::uint64_t data, unsigned strobe);

  /// Reset at this edge, by the input or by CTRL: everything but Spmat, Ptr and Act. The registers are cleared now, the
  /// core one edge later: a word of activations that is on its way then is still stored.
  void reset(std::uint64_t edge);

  /// Edge that ends the running launch: its last cycle, after which busy is clear and the interrupt is raised.
  std::optional<std::uint64_t> finish_edge() const;

  /// Everything that has happened up to and including this edge is in registers and memories.
  void after(std::uint64_t edge);

  /// The interrupt line behind this edge.
  bool irq_line(std::uint64_t edge) const {
    return (irq_status(edge) && irq_.enabled(edge)) || (ecc_irq_status(edge) && ecc_irq_.enabled(edge));
  }

  /// The first edge behind this one at which the line may change; IrqTimeline::kNever if none is known.
  std::uint64_t next_irq_change(std::uint64_t edge) const;

  /// Nobody will ask for the line or access the device before this edge any more.
  void forget_before(std::uint64_t edge) {
    irq_.forget_before(edge);
    ecc_irq_.forget_before(edge);
  }

  /// The same device with other queues, look-ahead, clock or name, reset: what its memories hold stays, decoded. Throws
  /// std::invalid_argument when anything else differs, and as the constructor does.
  void retime(std::uint64_t edge, const DeviceConfig& config);

  // --- For observers --------------------------------------------------------------------------------------

  /// Is told what a launch does, when it starts. It may take the lists out, if it puts others in.
  using LaunchObserver = std::function<void(LaunchActivity&)>;
  void observe(LaunchObserver observer);

  /// Where the next launch lies in its layer.
  void set_origin(const LaunchOrigin& origin);

  /// A bit of a memory flips in the launch that starts next. What is read through DMI meanwhile may have it early or late.
  void flip_in_next_launch(const MemoryFlip& flip) { next_flips_.push_back(flip); }
  /// A bit flips now, while no launch runs; false while one does.
  bool flip_now(std::uint64_t edge, const MemoryFlip& flip);
  /// Flips whose launch was over before their cycle.
  const std::vector<MemoryFlip>& missed_flips() const { return missed_flips_; }

  // --- For debuggers and DMI -----------------------------------------------------------------------------

  /// A 64-bit word of a register, codebook entry, memory or counter as it is behind this edge, also while a launch runs.
  /// False outside the map.
  bool peek(std::uint64_t edge, std::uint64_t address, std::uint64_t& data);

  /// Bytes of a 64-bit word of Spmat, Ptr or Act; false elsewhere and while a launch runs.
  bool poke(std::uint64_t address, std::uint64_t data, unsigned strobe);

  /// A memory region for direct access.
  struct Region {
    std::uint64_t first = 0;  // address of its first byte
    std::uint64_t bytes = 0;
    std::uint64_t* beats = nullptr;
    bool writable = false;  // Ptr is not: its upper bits read as 0, which plain memory cannot do
    bool weights = false;   // Spmat or Ptr
  };
  /// The memory that holds this address, if any.
  std::optional<Region> region(std::uint64_t address);

  /// Somebody may have written Spmat through a pointer.
  void touch_weights() { memories_.touch_weights(); }

  /// Images decoded so far.
  std::uint64_t images_decoded() const { return images_.decoded(); }

  /// Decodes what a start with the present descriptor would use, ahead of it.
  void decode_now();

 private:
  using Place = AddressMap::Place;
  using Target = AddressMap::Target;
  struct Running {
    std::uint64_t start_edge = 0;
    LaunchResult result;
    std::size_t stored = 0;  // stores applied
    std::size_t flagged = 0;
    std::vector<MemoryFlip> flips;  // by cycle
    std::size_t flipped = 0;
    std::vector<EccOperation> ecc;  // what SRAMs with wrong bits do, by edge
    std::size_t ecc_done = 0;
    std::uint64_t finish_edge() const { return start_edge + result.counts.cycles; }
    std::uint64_t edge_of(std::uint64_t cycle) const { return start_edge + 1 + cycle; }
  };

  bool busy(std::uint64_t edge) const { return running_ && edge < running_->finish_edge(); }
  void before(std::uint64_t edge);
  Access check_write(std::uint64_t edge, const Place& at, unsigned strobe) const;
  bool irq_status(std::uint64_t edge) const;
  bool ecc_irq_status(std::uint64_t edge) const;
  void count_ecc_events(std::uint64_t edge);
  void expect(const EccEvent& event);
  std::uint64_t read_through(std::uint64_t edge, const Place& at);
  std::uint64_t stored(const Place& at) const;
  std::uint64_t read_register(std::uint64_t edge, std::uint64_t reg, bool busy) const;
  std::uint64_t* descriptor_register(std::uint64_t reg);
  Access write_register(std::uint64_t edge, std::uint64_t reg, std::uint64_t data, bool low);
  std::uint64_t read_memory(const Place& at) const;
  void write_memory(const Place& at, std::uint64_t data, unsigned strobe);
  Descriptor descriptor() const;
  void start(std::uint64_t edge);
  void complete();
  void change_memories(Running& running, std::uint64_t edge);
  void flip_bit(const MemoryFlip& bit);
  void clear_registers();

  DeviceConfig config_;
  const AddressMap map_;
  Memories memories_;
  ImageCache images_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<LaunchRecorder> recorder_;
  LaunchObserver observer_;
  std::optional<Running> running_;
  std::vector<MemoryFlip> next_flips_;
  std::vector<MemoryFlip> missed_flips_;
  EccMemories ecc_;
  std::deque<EccEvent> ecc_events_;  // not yet counted, by edge; of the running launch, too

  // Registers
  bool done_ = false;
  bool error_ = false;
  bool saturated_ = false;
  bool uncorrected_ = false;
  std::uint64_t ecc_corrected_ = 0;
  std::uint64_t ecc_detected_ = 0;
  std::uint64_t in_length_ = 0;
  std::uint64_t out_length_ = 0;
  std::uint64_t pointer_base_ = 0;
  std::uint64_t in_address_ = 0;
  std::uint64_t out_address_ = 0;
  std::uint64_t bias_address_ = 0;
  std::uint64_t layer_ctrl_ = 0;
  LaunchCounts counts_;
  std::vector<PeCounts> pe_counts_;
  std::vector<std::int64_t> codebook_;
  IrqTimeline irq_;      // done
  IrqTimeline ecc_irq_;  // uncorrected
};

}  // namespace eie::model

// In use outside the model, under names that say what they are.
namespace eie {
using model::DeviceModel;
}  // namespace eie
