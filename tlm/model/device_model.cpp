// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/device_model.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "tlm/config/config_keys.h"
#include "tlm/strobe.h"

namespace eie::model {
DeviceModel::DeviceModel(const DeviceConfig& config)
    : config_(check(config)),
      map_(config),
      memories_(config_),
      images_(config_, memories_),
      core_(Core::make(config_)),
      ecc_(config_),
      pe_counts_(config.n_pe),
      codebook_(config.codes()) {}

void DeviceModel::retime(std::uint64_t edge, const DeviceConfig& config) {
  DeviceConfig same = check(config);
  same.name = config_.name;
  same.queue_depth = config_.queue_depth;
  same.look_ahead = config_.look_ahead;
  same.clock_mhz = config_.clock_mhz;
  for_each_key([&](const auto& key, auto) {
    if (same.*key.value != config_.*key.value) {
      throw std::invalid_argument(std::string("a device's ") + key.name + " stays as it was made: expected another device");
    }
  });
  reset(edge);
  after(edge + 1);
  config_ = config;
  core_ = Core::make(config_);
  if (recorder_ != nullptr) observe(observer_);
}

// --- Time ----------------------------------------------------------------------------------------------------

/// What an access at this edge finds: the events of earlier edges, and at the finishing edge the stored outputs, but not yet
/// its flags and counters.
void DeviceModel::before(std::uint64_t edge) {
  count_ecc_events(edge);
  if (!running_) {
    if (ecc_.any()) ecc_.settle(edge);
    return;
  }
  Running& running = *running_;
  while (running.flagged < running.result.flags.size() && running.edge_of(running.result.flags[running.flagged].cycle) < edge) {
    const FlagEvent& flag = running.result.flags[running.flagged++];
    error_ = error_ || flag.error;
    saturated_ = saturated_ || flag.saturated;
  }
  change_memories(running, edge);
  if (edge > running.finish_edge()) complete();
}

/// Stores, and bits that flip, in their order: a word is stored at the end of its cycle, a bit flips at the beginning.
void DeviceModel::change_memories(Running& running, std::uint64_t edge) {
  const std::vector<StoredWord>& stores = running.result.stores;
  for (; running.ecc_done < running.ecc.size() && running.ecc[running.ecc_done].edge < edge; ++running.ecc_done) {
    ecc_.apply(running.ecc[running.ecc_done]);
  }
  if (ecc_.any()) ecc_.settle(edge);
  for (;;) {
    const std::uint64_t store =
        running.stored < stores.size() ? running.edge_of(stores[running.stored].cycle) : IrqTimeline::kNever;
    const std::uint64_t flip = running.flipped < running.flips.size() && !config_.ecc
                                   ? running.start_edge + running.flips[running.flipped].cycle
                                   : IrqTimeline::kNever;
    if (std::min(store, flip) >= edge) return;
    if (store <= flip) {
      apply(stores[running.stored++], memories_);
      continue;
    }
    flip_bit(running.flips[running.flipped++]);
  }
}

void DeviceModel::complete() {
  const std::uint64_t edge = running_->finish_edge();
  counts_ = running_->result.counts;
  running_.reset();
  done_ = true;
  irq_.raise(edge);
}

void DeviceModel::after(std::uint64_t edge) { before(edge + 1); }

/// IRQ_STATUS.done behind an edge. A launch that was not asked about since it ended has raised it too.
bool DeviceModel::irq_status(std::uint64_t edge) const {
  return (running_ && running_->finish_edge() <= edge) || irq_.status(edge);
}

std::uint64_t DeviceModel::next_irq_change(std::uint64_t edge) const {
  std::uint64_t detected = ecc_irq_.next_change(edge);
  for (const EccEvent& event : ecc_events_) {
    if (event.detected && event.edge > edge) {
      detected = std::min(detected, event.edge);
      break;
    }
  }
  const std::uint64_t finish = running_ && running_->finish_edge() > edge ? running_->finish_edge() : IrqTimeline::kNever;
  return std::min({finish, detected, irq_.next_change(edge)});
}

std::optional<std::uint64_t> DeviceModel::finish_edge() const {
  if (!running_) return std::nullopt;
  return running_->finish_edge();
}

// --- Accesses ------------------------------------------------------------------------------------------------

Access DeviceModel::read(std::uint64_t edge, std::uint64_t address, std::uint64_t& data) {
  before(edge);
  data = 0;
  const Place at = map_.locate(address);
  const Access answer = map_.allows(at, false);
  if (answer != Access::kOk) return answer;
  if (at.target == Target::kRegister) {
    data = read_register(edge - 1, at.reg, busy(edge));
  } else if (busy(edge)) {
    return Access::kBusy;
  } else {
    data = read_through(edge, at);
  }
  return Access::kOk;
}

Access DeviceModel::check_write(std::uint64_t edge, const Place& at, unsigned strobe) const {
  const Access answer = map_.allows(at, true);
  if (answer != Access::kOk) return answer;
  if (map_.is_by_halves(at, true) && !is_whole_halves(strobe)) return Access::kNotAllowed;
  const bool any_time = at.target == Target::kRegister && !AddressMap::is_descriptor(at.reg);
  return !any_time && busy(edge) ? Access::kBusy : Access::kOk;
}

Access DeviceModel::write(std::uint64_t edge, std::uint64_t address, std::uint64_t data, unsigned strobe) {
  before(edge);
  if (strobe == 0) return Access::kOk;
  const Place at = map_.locate(address);
  const Access answer = check_write(edge, at, strobe);
  if (answer != Access::kOk) return answer;
  if (at.target == Target::kRegister) return write_register(edge, at.reg, data, (strobe & 1) != 0);
  write_memory(at, data, strobe);
  if (ecc_.any() && AddressMap::is_memory(at.target)) {
    const std::uint64_t mask = merge_bytes(0, ~std::uint64_t{0}, strobe);
    for (const EccMemories::Place& place : ecc_.places(memory_of(at.target), at.pe, at.word)) {
      ecc_.write(place.sram, place.word, EccMemories::parts_under(place, mask), edge + 1);
    }
  }
  return Access::kOk;
}

std::uint64_t DeviceModel::read_memory(const Place& at) const {
  switch (at.target) {
    case Target::kCodebook:
      return static_cast<std::uint64_t>(codebook_[at.word]);
    case Target::kSpmat:
      return memories_.spmat(at.pe)[at.word];
    case Target::kPtr:
      return memories_.ptr(at.pe)[at.word];
    case Target::kAct:
      return memories_.act(at.pe)[at.word];
    default:
      break;
  }
  const PeCounts& counts = pe_counts_[at.pe];
  switch (at.word) {
    case reg::kPeEntries:
      return counts.entries;
    case reg::kPePadding:
      return counts.padding;
    case reg::kPeStarved:
      return counts.starved;
    case reg::kPeSpmatReads:
      return counts.spmat_reads;
    case reg::kPePtrReads:
      return counts.ptr_reads;
    case reg::kPeActReads:
      return counts.act_reads;
    default:
      return counts.padding_skipped;
  }
}

void DeviceModel::write_memory(const Place& at, std::uint64_t data, unsigned strobe) {
  switch (at.target) {
    case Target::kCodebook:
      if (at.word != 0 && (strobe & 1) != 0) {
        const unsigned unused = 64 - config_.data_width;
        codebook_[at.word] = static_cast<std::int64_t>(data << unused) >> unused;
      }
      break;
    case Target::kSpmat: {
      std::uint64_t& beat = memories_.spmat(at.pe)[at.word];
      beat = merge_bytes(beat, data, strobe);
      memories_.touch_weights();
      break;
    }
    case Target::kPtr: {
      std::uint64_t& beat = memories_.ptr(at.pe)[at.word];
      beat = memories_.stored_pointers(merge_bytes(beat, data, strobe));
      memories_.touch_weights();
      break;
    }
    default: {
      std::uint64_t& beat = memories_.act(at.pe)[at.word];
      beat = merge_bytes(beat, data, strobe);
      break;
    }
  }
}

bool DeviceModel::peek(std::uint64_t edge, std::uint64_t address, std::uint64_t& data) {
  after(edge);
  const Place at = map_.locate(address);
  if (map_.allows(at, false) != Access::kOk) return false;
  data = at.target == Target::kRegister ? read_register(edge, at.reg, running_.has_value()) : stored(at);
  return true;
}

bool DeviceModel::poke(std::uint64_t address, std::uint64_t data, unsigned strobe) {
  const Place at = map_.locate(address);
  if (running_ || (at.target != Target::kSpmat && at.target != Target::kPtr && at.target != Target::kAct)) return false;
  write_memory(at, data, strobe);
  if (ecc_.any()) {
    const std::uint64_t mask = merge_bytes(0, ~std::uint64_t{0}, strobe);
    for (const EccMemories::Place& place : ecc_.places(memory_of(at.target), at.pe, at.word)) {
      ecc_.poke(place.sram, place.word, EccMemories::parts_under(place, mask));
    }
  }
  return true;
}

void DeviceModel::flip_bit(const MemoryFlip& bit) {
  std::uint64_t* const words = bit.memory == MemoryFlip::Memory::kSpmat ? memories_.spmat(bit.pe)
                               : bit.memory == MemoryFlip::Memory::kPtr ? memories_.ptr(bit.pe)
                                                                        : memories_.act(bit.pe);
  words[bit.word] ^= std::uint64_t{1} << bit.bit;
  if (bit.memory != MemoryFlip::Memory::kAct) memories_.touch_weights();
}

std::optional<DeviceModel::Region> DeviceModel::region(std::uint64_t address) {
  if (config_.ecc) return std::nullopt;  // a pointer would go past the decoders
  const Place at = map_.locate(address);
  const std::uint64_t base = config_.window_base(at.pe);
  switch (at.target) {
    case Target::kSpmat:
      return Region{base, memories_.spmat_beats() * 8, memories_.spmat(at.pe), true, true};
    case Target::kPtr:
      return Region{base + map_.window().ptr_offset, memories_.ptr_beats() * 8, memories_.ptr(at.pe), false, true};
    case Target::kAct:
      return Region{base + map_.window().act_offset, memories_.act_beats() * 8, memories_.act(at.pe), true, false};
    default:
      return std::nullopt;
  }
}

// --- Registers -----------------------------------------------------------------------------------------------

/// Interrupt registers as they are behind this edge, all others as of the latest access.
std::uint64_t DeviceModel::read_register(std::uint64_t edge, std::uint64_t reg, bool busy) const {
  switch (reg) {
    case reg::kId:
      return reg::kIdValue;
    case reg::kVersion:
      return reg::kVersionValue;
    case reg::kCap0:
    case reg::kCap1:
    case reg::kCap2:
    case reg::kCap3:
      return cap_register(config_, static_cast<unsigned>(reg - reg::kCap0) / 8);
    case reg::kStatus:
      return (busy ? reg::kStatusBusy : 0) | (done_ ? reg::kStatusDone : 0) | (error_ ? reg::kStatusError : 0) |
             (saturated_ ? reg::kStatusSaturated : 0) | (uncorrected_ ? reg::kStatusUncorrected : 0);
    case reg::kIrqStatus:
      return (irq_status(edge) ? reg::kIrqDone : 0) | (ecc_irq_status(edge) ? reg::kIrqUncorrected : 0);
    case reg::kIrqEnable:
      return (irq_.enabled(edge) ? reg::kIrqDone : 0) | (ecc_irq_.enabled(edge) ? reg::kIrqUncorrected : 0);
    case reg::kInLength:
      return in_length_;
    case reg::kOutLength:
      return out_length_;
    case reg::kPointerBase:
      return pointer_base_;
    case reg::kInAddress:
      return in_address_;
    case reg::kOutAddress:
      return out_address_;
    case reg::kBiasAddress:
      return bias_address_;
    case reg::kLayerCtrl:
      return layer_ctrl_;
    case reg::kCycles:
      return counts_.cycles;
    case reg::kBroadcasts:
      return counts_.broadcasts;
    case reg::kQueueFullCycles:
      return counts_.queue_full_cycles;
    case reg::kActTransferCycles:
      return counts_.act_transfer_cycles;
    case reg::kBatches:
      return counts_.batches;
    case reg::kEccCorrected:
      return ecc_corrected_;
    case reg::kEccDetected:
      return ecc_detected_;
    default:
      return 0;
  }
}

std::uint64_t* DeviceModel::descriptor_register(std::uint64_t reg) {
  switch (reg) {
    case reg::kInLength:
      return &in_length_;
    case reg::kOutLength:
      return &out_length_;
    case reg::kPointerBase:
      return &pointer_base_;
    case reg::kInAddress:
      return &in_address_;
    case reg::kOutAddress:
      return &out_address_;
    case reg::kBiasAddress:
      return &bias_address_;
    default:
      return &layer_ctrl_;
  }
}

Access DeviceModel::write_register(std::uint64_t edge, std::uint64_t reg, std::uint64_t data, bool low) {
  if (!low) return Access::kOk;  // every field lies in the low half
  switch (reg) {
    case reg::kCtrl:
      if ((data & reg::kCtrlSoftReset) != 0) {
        reset(edge);
      } else if ((data & reg::kCtrlStart) != 0) {
        if (running_) return Access::kBusy;  // in the last cycle of a launch too
        start(edge);
      }
      break;
    case reg::kStatus:
      if ((data & reg::kStatusError) != 0) error_ = false;
      if ((data & reg::kStatusSaturated) != 0) saturated_ = false;
      if ((data & reg::kStatusUncorrected) != 0) uncorrected_ = false;
      break;
    case reg::kIrqStatus:
      if ((data & reg::kIrqDone) != 0) irq_.clear(edge);
      if ((data & reg::kIrqUncorrected) != 0) ecc_irq_.clear(edge);
      break;
    case reg::kIrqEnable:
      irq_.enable(edge, (data & reg::kIrqDone) != 0);
      ecc_irq_.enable(edge, config_.ecc && (data & reg::kIrqUncorrected) != 0);
      break;
    default:
      *descriptor_register(reg) = data & map_.kept_bits(reg);
      break;
  }
  return Access::kOk;
}

Descriptor DeviceModel::descriptor() const {
  Descriptor layer;
  layer.in_length = in_length_;
  layer.out_length = out_length_;
  layer.pointer_base = pointer_base_;
  layer.in_address = in_address_;
  layer.out_address = out_address_;
  layer.bias_address = bias_address_;
  layer.shift = static_cast<unsigned>(layer_ctrl_ >> reg::kShiftLsb & reg::kShiftMask);
  layer.relu = (layer_ctrl_ & reg::kLayerRelu) != 0;
  layer.bias = (layer_ctrl_ & reg::kLayerBias) != 0;
  layer.first = (layer_ctrl_ & reg::kLayerFirst) != 0;
  layer.last = (layer_ctrl_ & reg::kLayerLast) != 0;
  layer.src_resident = (layer_ctrl_ & reg::kLayerSrcResident) != 0;
  return layer;
}

void DeviceModel::start(std::uint64_t edge) {
  done_ = false;
  Running running;
  running.start_edge = edge;
  running.flips = std::move(next_flips_);
  next_flips_.clear();
  std::stable_sort(running.flips.begin(), running.flips.end(),
                   [](const MemoryFlip& a, const MemoryFlip& b) { return a.cycle < b.cycle; });
  std::unique_ptr<EccReplay> ecc;
  if (config_.ecc && (ecc_.any() || !running.flips.empty())) {
    ecc = std::make_unique<EccReplay>(config_, memories_, ecc_, running.flips, edge);
  }
  running.result = core_->run(descriptor(), memories_, images_, codebook_, running.flips, ecc.get());
  if (ecc != nullptr) {
    for (const StoredWord& store : running.result.stores) {
      for (unsigned p = 0; p < config_.n_pe; ++p) ecc->store(p, store.address, store.mask[p], store.cycle);
    }
    running.ecc = ecc->operations(running.result.counts.cycles);
    for (const EccEvent& event : ecc->events()) expect(event);
  }
  while (!running.flips.empty() && running.flips.back().cycle >= running.result.counts.cycles) {
    missed_flips_.push_back(running.flips.back());
    running.flips.pop_back();
  }
  pe_counts_ = running.result.pe;
  if (recorder_ != nullptr) observer_(recorder_->activity());
  running_ = std::move(running);
}

void DeviceModel::observe(LaunchObserver observer) {
  observer_ = std::move(observer);
  recorder_ = observer_ ? std::make_unique<LaunchRecorder>(config_) : nullptr;
  core_->set_recorder(recorder_.get());
}

void DeviceModel::set_origin(const LaunchOrigin& origin) {
  if (recorder_ != nullptr) recorder_->set_origin(origin);
}

void DeviceModel::decode_now() {
  images_.get({static_cast<std::uint32_t>(pointer_base_), static_cast<std::uint32_t>(in_length_),
               static_cast<std::uint32_t>(out_length_)});
}

void DeviceModel::clear_registers() {
  running_.reset();
  done_ = error_ = saturated_ = uncorrected_ = false;
  ecc_corrected_ = ecc_detected_ = 0;
  ecc_events_.clear();
  in_length_ = out_length_ = pointer_base_ = in_address_ = out_address_ = bias_address_ = layer_ctrl_ = 0;
  counts_ = LaunchCounts();
  pe_counts_.assign(config_.n_pe, PeCounts());
  codebook_.assign(codebook_.size(), 0);
  core_->reset();
}

void DeviceModel::reset(std::uint64_t edge) {
  before(edge);
  if (running_) {
    for (std::size_t k = running_->stored; k < running_->result.stores.size(); ++k) {
      const StoredWord& store = running_->result.stores[k];
      if (running_->edge_of(store.cycle) <= edge + 1) apply(store, memories_);
    }
  }
  if (running_) {  // an access of the next edge is made; only a write leaves something behind
    for (std::size_t k = running_->ecc_done; k < running_->ecc.size() && running_->ecc[k].edge <= edge + 1; ++k) {
      const EccOperation& operation = running_->ecc[k];
      if (operation.edge <= edge || operation.kind == EccOperation::Kind::kWrite) ecc_.apply(operation);
    }
  }
  ecc_.reset(edge + 1);
  clear_registers();
  irq_.reset(edge);
  ecc_irq_.reset(edge);
}

}  // namespace eie::model
