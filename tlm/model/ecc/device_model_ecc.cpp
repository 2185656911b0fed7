// SPDX-License-Identifier: Apache-2.0
// The device's share in error correction: what it counts, and what its accesses see.
#include <algorithm>

#include "tlm/model/device_model.h"

namespace eie::model {

/// Errors of memory words that were read come into counters and flags.
void DeviceModel::count_ecc_events(std::uint64_t edge) {
  constexpr std::uint64_t counter_mask = (std::uint64_t{1} << 40) - 1;
  for (; !ecc_events_.empty() && ecc_events_.front().edge < edge; ecc_events_.pop_front()) {
    const EccEvent& event = ecc_events_.front();
    ecc_corrected_ = (ecc_corrected_ + (event.corrected ? 1 : 0)) & counter_mask;
    ecc_detected_ = (ecc_detected_ + (event.detected ? 1 : 0)) & counter_mask;
    if (!event.detected) continue;
    uncorrected_ = true;
    ecc_irq_.raise(event.edge);
  }
}

void DeviceModel::expect(const EccEvent& event) {
  if (!event.corrected && !event.detected) return;
  const auto later = [](const EccEvent& a, const EccEvent& b) { return a.edge < b.edge; };
  ecc_events_.insert(std::upper_bound(ecc_events_.begin(), ecc_events_.end(), event, later), event);
}

/// IRQ_STATUS.uncorrected behind an edge; of what was not asked about yet, too.
bool DeviceModel::ecc_irq_status(std::uint64_t edge) const {
  const auto pending = [edge](const EccEvent& event) { return event.detected && event.edge <= edge; };
  return std::any_of(ecc_events_.begin(), ecc_events_.end(), pending) || ecc_irq_.status(edge);
}

/// What the port gives for a memory word: with ECC, what the decoders make of it.
std::uint64_t DeviceModel::read_through(std::uint64_t edge, const Place& at) {
  std::uint64_t data = read_memory(at);
  if (!ecc_.any() || !AddressMap::is_memory(at.target)) return data;
  for (const EccMemories::Place& place : ecc_.places(memory_of(at.target), at.pe, at.word)) {
    EccEvent event;
    data ^= EccMemories::bits_of(place, ecc_.read(place.sram, place.word, edge + 1, event));
    expect(event);
  }
  return data;
}

/// A word as it lies in the memory, for a back door.
std::uint64_t DeviceModel::stored(const Place& at) const {
  std::uint64_t data = read_memory(at);
  if (!ecc_.any() || !AddressMap::is_memory(at.target)) return data;
  for (const EccMemories::Place& place : ecc_.places(memory_of(at.target), at.pe, at.word)) {
    data ^= EccMemories::bits_of(place, ecc_.stored(place.sram, place.word));
  }
  return data;
}

bool DeviceModel::flip_now(std::uint64_t edge, const MemoryFlip& flip) {
  after(edge);
  if (running_) return false;
  if (config_.ecc) {
    const auto operation = ecc_.operation_of(flip, edge + 1);
    if (operation) ecc_.apply(*operation);
  } else {
    flip_bit(flip);
  }
  return true;
}

}  // namespace eie::model
