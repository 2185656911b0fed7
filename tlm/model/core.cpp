// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/core.h"

#include <algorithm>

#include "tlm/model/inner_loops.h"

namespace eie::model {
namespace {

std::int64_t sign_extend(std::uint64_t bits, unsigned width) {
  return static_cast<std::int64_t>(bits << (64 - width)) >> (64 - width);
}

// --- One column --------------------------------------------------------------------------------------------

/// acc[row] += term[code], no sum can leave its range. kCodeWidth 0: it is known at run time only.
template <unsigned kCodeWidth, class Acc, class Packed>
void add_column(Acc* acc, const Acc* term, unsigned code_width, const Packed* entry, const Packed* end) {
  const unsigned width = kCodeWidth != 0 ? kCodeWidth : code_width;
  const std::uint32_t code_mask = (1u << width) - 1;
#pragma GCC unroll 4
  for (; entry != end; ++entry) {
    const std::uint32_t packed = *entry;
    acc[packed >> width] += term[packed & code_mask];
  }
}

/// The same with saturation. Calls saturated(row) where a sum was clamped.
template <class Acc, class Packed, class Saturated>
void add_column_clamped(Acc* acc, const Acc* term, unsigned code_width, const Packed* entry, const Packed* end, Acc lowest,
                        Acc highest, Saturated&& saturated) {
  const unsigned code_mask = (1u << code_width) - 1;
  for (; entry != end; ++entry) {
    Acc& sum = acc[*entry >> code_width];
    const Acc exact = sum + term[*entry & code_mask];
    sum = std::min(std::max(exact, lowest), highest);
    if (sum != exact) saturated(*entry >> code_width);
  }
}

/// term[code] = codebook[code] * a, scaled to the accumulator's format and rounded (docs/numerics.md). Returns the largest
/// magnitude. The 32-bit one is for products of 16-bit numbers; a shift over the product's width leaves 0 in both.
EIE_VECTOR_CLONES
std::int32_t fill_terms(std::int32_t* __restrict term, const std::int32_t* __restrict codebook, std::size_t codes, std::int32_t a,
                        unsigned shift) {
  const unsigned whole = std::min(shift, 31u);
  const unsigned half = std::min(shift - 1, 31u);
  const std::int32_t round = shift == 0 ? 0 : 1;
  std::int32_t largest = 0;
  for (std::size_t code = 0; code < codes; ++code) {
    const std::int32_t product = codebook[code] * a;
    term[code] = (product >> whole) + (product >> half & round);
    largest = std::max(largest, std::max(term[code], -term[code]));
  }
  return largest;
}
std::int64_t fill_terms(std::int64_t* __restrict term, const std::int64_t* __restrict codebook, std::size_t codes, std::int64_t a,
                        unsigned shift) {
  std::int64_t largest = 0;
  for (std::size_t code = 0; code < codes; ++code) {
    const std::int64_t product = codebook[code] * a;
    term[code] = shift == 0 ? product : (product >> shift) + (product >> (shift - 1) & 1);
    largest = std::max(largest, std::max(term[code], -term[code]));
  }
  return largest;
}

template <class Acc>
[[gnu::always_inline]] inline Acc largest_magnitude_of(const Acc* acc, std::size_t n) {
  Acc low = 0;
  Acc high = 0;
  for (std::size_t i = 0; i < n; ++i) {
    low = std::min(low, acc[i]);
    high = std::max(high, acc[i]);
  }
  return std::max(-low, high);
}
EIE_VECTOR_CLONES
std::int32_t largest_magnitude(const std::int32_t* acc, std::size_t n) { return largest_magnitude_of(acc, n); }
std::int64_t largest_magnitude(const std::int64_t* acc, std::size_t n) { return largest_magnitude_of(acc, n); }

// --- Core --------------------------------------------------------------------------------------------------

/// Acc: int32_t while no sum or scaled product needs more than 31 bits, else int64_t.
template <class Acc>
class CoreOf final : public Core {
 public:
  explicit CoreOf(const DeviceConfig& config)
      : config_(config),
        recurrence_(config),
        highest_(static_cast<Acc>((std::int64_t{1} << (config.acc_width - 1)) - 1)),
        lowest_(static_cast<Acc>(-highest_ - 1)),
        term_(256) {
    source_.assign(config.batch_columns(), 0);
    destination_.assign(config.batch_columns(), 0);
  }

  void reset() override {
    std::fill(source_.begin(), source_.end(), 0);
    std::fill(destination_.begin(), destination_.end(), 0);
  }

  void set_recorder(LaunchRecorder* recorder) override { recorder_ = recorder; }

  LaunchResult run(const Descriptor& layer, const Memories& memories, ImageCache& images,
                   const std::vector<std::int64_t>& codebook, const std::vector<MemoryFlip>& flips, EccReplay* ecc) override {
    ecc_ = ecc;
    const auto of_weights = [](const MemoryFlip& flip) { return flip.memory != MemoryFlip::Memory::kAct; };
    std::unique_ptr<FlipReplay> replay;  // with flips of Spmat or Ptr
    if (ecc != nullptr ? ecc->follows_weights() : std::any_of(flips.begin(), flips.end(), of_weights)) {
      replay = std::make_unique<FlipReplay>(config_, memories, flips, ecc);
    }
    LaunchResult result;
    result.pe.resize(config_.n_pe);
    recurrence_.begin_launch();
    Image& image = images.get({static_cast<std::uint32_t>(layer.pointer_base), static_cast<std::uint32_t>(layer.in_length),
                               static_cast<std::uint32_t>(layer.out_length)});
    codebook_.assign(codebook.begin(), codebook.end());
    std::uint64_t act_reads = 0;
    if (recorder_ != nullptr) recorder_->begin_launch();
    std::uint64_t cycle = 0;
    pass(LaunchState::kIdle, 1, CycleReason::kFill, cycle);
    if (layer.first && layer.bias) {
      const std::uint64_t words = words_for(layer.out_length, 0);
      load(destination_, memories, layer.bias_address, words, cycle, flips);
      act_reads += words;
      pass(LaunchState::kBias, words + 1, CycleReason::kTransfer, cycle);
      result.counts.act_transfer_cycles += words + 1;
    } else if (layer.first) {
      std::fill(destination_.begin(), destination_.end(), 0);
      pass(LaunchState::kClear, 1, CycleReason::kFill, cycle);
    }
    std::uint64_t columns_left = layer.in_length;
    std::uint64_t done = 0;
    std::uint64_t in_address = layer.in_address;
    do {
      const std::uint64_t length = std::min(columns_left, config_.batch_columns());
      const std::uint64_t words = words_for(length, 0);
      if (recorder_ != nullptr) recorder_->begin_batch(done, length);
      if (!layer.src_resident) {
        load(source_, memories, in_address, words, cycle, flips);
        act_reads += words;
        pass(LaunchState::kLoad, words + 1, CycleReason::kTransfer, cycle);
        result.counts.act_transfer_cycles += words + 1;
      }
      pass(LaunchState::kArm, 1, CycleReason::kFill, cycle);
      find_columns(done, length);
      if (replay != nullptr) {
        const SeenBatch seen = replay->batch(image.key().pointer_base, columns_, cycle);
        Image as_read(config_, memories, image.key(), seen);
        run_batch(layer, as_read, cycle, result);
      } else {
        run_batch(layer, image, cycle, result);
      }
      in_address += words;
      columns_left -= length;
      done += length;
      ++result.counts.batches;
    } while (columns_left != 0);
    if (layer.last) store(layer, cycle, result);
    pass(LaunchState::kFinish, 1, CycleReason::kDrain, cycle);
    if (recorder_ != nullptr) recorder_->end_launch();
    result.counts.cycles = cycle;
    for (unsigned p = 0; p < config_.n_pe; ++p) {
      PeCounts& pe = result.pe[p];
      const PeWork work = recurrence_.work(p);
      pe.entries = work.entries;
      pe.padding_skipped = work.entries - work.slots;
      pe.spmat_reads = work.spmat_reads;
      pe.starved = cycle - work.slots;
      pe.ptr_reads = 2 * result.counts.broadcasts;
      pe.act_reads = act_reads;
    }
    std::stable_sort(result.flags.begin(), result.flags.end(),
                     [](const FlagEvent& a, const FlagEvent& b) { return a.cycle < b.cycle; });
    return result;
  }

 private:
  using File = std::vector<Acc>;  // of all PEs: register r of PE p at [r * n_pe + p]

  /// A write that was dropped or clamped, to be dated.
  struct Mark {
    std::size_t broadcast = 0;  // of the batch
    std::uint32_t row = 0;
    bool error = false;  // some write of the column was dropped
  };

  /// Cycles of a state other than compute and drain.
  void pass(LaunchState state, std::uint64_t cycles, CycleReason reason, std::uint64_t& cycle) {
    cycle += cycles;
    if (recorder_ != nullptr) recorder_->pass(state, cycles, reason);
  }

  /// Words that hold `length` values interleaved over the PEs, the first at lane `offset`.
  std::uint64_t words_for(std::uint64_t length, std::uint64_t offset) const {
    return (config_.local_length(length) + offset + config_.lanes() - 1) / config_.lanes();
  }

  /// From cycle `start` on, a word a cycle.
  void load(File& file, const Memories& memories, std::uint64_t address, std::uint64_t words, std::uint64_t start,
            const std::vector<MemoryFlip>& flips) {
    const unsigned lanes = config_.lanes();
    for (unsigned p = 0; p < config_.n_pe; ++p) {
      const std::uint64_t* act = memories.act(p);
      for (std::uint64_t w = 0; w < words; ++w) {
        const std::uint64_t at = (address + w) & (config_.act_depth - 1);
        std::uint64_t word = act[at];
        if (ecc_ != nullptr) {
          word = ecc_->activations(p, at, start + w);
        } else if (!flips.empty()) {
          word = word_with_flips(word, flips, MemoryFlip::Memory::kAct, p, at, start + w);
        }
        for (unsigned lane = 0; lane < lanes; ++lane) {
          const std::uint64_t r = (w * lanes + lane) & (config_.registers - 1);
          file[r * config_.n_pe + p] = static_cast<Acc>(sign_extend(word, config_.data_width));
          word >>= config_.data_width;
        }
      }
    }
  }

  /// The columns of the batch that will be broadcast.
  void find_columns(std::uint64_t done, std::uint64_t length) {
    columns_.clear();
    values_.clear();
    for (std::uint64_t j = 0; j < length; ++j) {
      if (source_[j] != 0) {
        columns_.push_back(static_cast<std::uint32_t>(done + j));
        values_.push_back(source_[j]);
      }
    }
  }

  void run_batch(const Descriptor& layer, Image& image, std::uint64_t& cycle, LaunchResult& result) {
    for (std::uint32_t& column : columns_) column *= image.stride();
    marks_.clear();
    if (image.entries().narrow()) {
      accumulate<std::uint16_t>(layer, image, result);
    } else {
      accumulate<std::uint32_t>(layer, image, result);
    }
    first_entries_.clear();
    const BatchTiming timing = recurrence_.run(image, columns_, marks_.empty() ? nullptr : &first_entries_);
    date_marks(image, cycle, result);
    if (recorder_ != nullptr) recorder_->compute(image, columns_, values_);
    cycle += timing.cycles;
    result.counts.broadcasts += columns_.size();
    result.counts.queue_full_cycles += timing.queue_full_cycles;
  }

  template <class Packed>
  void accumulate(const Descriptor& layer, Image& image, LaunchResult& result) {
    Acc* acc = destination_.data();
    // No sum is larger than this; exact again whenever it no longer shows that nothing can be clamped.
    Acc bound = highest_;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Column column = image.column(columns_[i]);
      const Packed* entries = image.entries().data<Packed>();
      const Packed* begin = entries + column.first_entry;
      const Packed* end = entries + column.last_entry;
      prefetch_column<Packed>(image, i + kAhead);
      const Acc largest = fill_terms(term_.data(), codebook_.data(), codebook_.size(), values_[i], layer.shift);
      for (std::uint32_t at = column.first_padding; at != column.last_padding; ++at) {
        const Padding& padding = image.padding()[at];
        result.pe[padding.pe].padding += padding.entries;
      }
      if (column.dropped) marks_.push_back({i, 0, true});
      if (largest > highest_ - bound) bound = largest_magnitude(acc, destination_.size());
      if (bound <= highest_ && largest <= highest_ - bound) {
        if (config_.code_width == 4) {
          add_column<4>(acc, term_.data(), 4, begin, end);
        } else {
          add_column<0>(acc, term_.data(), config_.code_width, begin, end);
        }
        bound = static_cast<Acc>(bound + largest);
      } else {
        add_column_clamped(acc, term_.data(), config_.code_width, begin, end, lowest_, highest_, [&](std::uint32_t row) {
          marks_.push_back({i, row, false});
        });
        bound = highest_;
      }
    }
  }

  /// The columns of a batch are known, and far apart in memory.
  template <class Packed>
  void prefetch_column(const Image& image, std::size_t i) const {
    if (!image.eager() || i >= columns_.size()) return;
    const Column& column = image.decoded(columns_[i]);
    prefetch(image.entries().data<Packed>() + column.first_entry, (column.last_entry - column.first_entry) * sizeof(Packed));
    if (i + kAhead < columns_.size()) __builtin_prefetch(&image.decoded(columns_[i + kAhead]));
  }

  /// Turns marks into the cycles in which the host port sees the pulses: the address of slot n is out in S + n, the entry
  /// one cycle later; a dropped write is reported one cycle after the entry, a clamped sum three.
  void date_marks(const Image& image, std::uint64_t start, LaunchResult& result) {
    for (const Mark& mark : marks_) {
      const std::uint32_t column = columns_[mark.broadcast];
      const std::int64_t* first = first_entries_.data() + mark.broadcast * config_.n_pe;
      if (mark.error) {
        for (const Dropped& drop : image.drops(column)) {
          const std::int64_t at = drop.backwards ? first[drop.pe] + 1 : first[drop.pe] + drop.slot + 2;
          result.flags.push_back({start + static_cast<std::uint64_t>(at), true, false});
          if (recorder_ == nullptr) continue;
          PlaceEvent place = place_of(start, at, drop.pe, image.number(column));
          if (!drop.backwards) {
            place.row = drop.row;
            place.entry = drop.entry;
          }
          recorder_->error(place);
        }
      } else {
        const unsigned pe = mark.row % config_.n_pe;
        const Image::EntryPlace entry = image.entry_of_row(column, mark.row);
        const std::int64_t at = first[pe] + entry.slot + 4;
        result.flags.push_back({start + static_cast<std::uint64_t>(at), false, true});
        if (recorder_ == nullptr) continue;
        PlaceEvent place = place_of(start, at, pe, image.number(column));
        place.row = mark.row;
        place.entry = entry.entry;
        recorder_->saturated(place);
      }
    }
  }

  static PlaceEvent place_of(std::uint64_t start, std::int64_t at, std::uint32_t pe, std::uint32_t column) {
    PlaceEvent place;
    place.cycle = static_cast<std::uint32_t>(start + static_cast<std::uint64_t>(at));
    place.pe = static_cast<std::uint16_t>(pe);
    place.column = column;
    return place;
  }

  void store(const Descriptor& layer, std::uint64_t& cycle, LaunchResult& result) {
    const unsigned lanes = config_.lanes();
    const unsigned width = config_.data_width;
    const std::uint64_t offset = layer.out_address & (lanes - 1);
    const std::uint64_t words = words_for(layer.out_length, offset);
    const std::uint64_t value_mask = (std::uint64_t{1} << width) - 1;
    const auto highest = static_cast<Acc>((std::int64_t{1} << (width - 1)) - 1);
    const auto lowest = static_cast<Acc>(-highest - 1);
    for (std::uint64_t w = 0; w < words; ++w) {
      StoredWord word;
      word.cycle = cycle + w + 1;
      word.address = (layer.out_address / lanes + w) & (config_.act_depth - 1);
      word.mask.assign(config_.n_pe, 0);
      word.data.assign(config_.n_pe, 0);
      for (unsigned lane = 0; lane < lanes; ++lane) {
        const std::uint64_t place = w * lanes + lane;
        if (place < offset || place - offset >= config_.registers) continue;
        for (unsigned p = 0; p < config_.n_pe; ++p) {
          const std::uint64_t row = (place - offset) * config_.n_pe + p;
          if (row >= layer.out_length) break;
          const Acc sum = destination_[row];
          const Acc output = layer.relu && sum < 0 ? Acc{0} : std::min(std::max(sum, lowest), highest);
          source_[row] = output;
          word.mask[p] |= value_mask << (lane * width);
          word.data[p] |= (static_cast<std::uint64_t>(output) & value_mask) << (lane * width);
        }
      }
      result.stores.push_back(std::move(word));
    }
    pass(LaunchState::kStore, words + 1, CycleReason::kTransfer, cycle);
    result.counts.act_transfer_cycles += words + 1;
  }

  const DeviceConfig config_;
  Recurrence recurrence_;
  const Acc highest_;
  const Acc lowest_;
  File source_;       // input activations
  File destination_;  // sums
  LaunchRecorder* recorder_ = nullptr;
  EccReplay* ecc_ = nullptr;  // of the launch
  // Of the batch at hand
  std::vector<std::uint32_t> columns_;
  std::vector<Acc> values_;
  std::vector<Acc> codebook_;
  std::vector<Acc> term_;
  std::vector<Mark> marks_;
  std::vector<std::int64_t> first_entries_;
};

}  // namespace

std::unique_ptr<Core> Core::make(const DeviceConfig& config) {
  check(config);
  // 16-bit products scaled by nothing are below 2^30 in magnitude, and so are the sums.
  if (config.data_width <= 16 && config.acc_width <= 30) return std::make_unique<CoreOf<std::int32_t>>(config);
  return std::make_unique<CoreOf<std::int64_t>>(config);
}

void apply(const StoredWord& store, Memories& memories) {
  for (unsigned p = 0; p < store.mask.size(); ++p) {
    std::uint64_t& word = memories.act(p)[store.address];
    word = (word & ~store.mask[p]) | (store.data[p] & store.mask[p]);
  }
}

}  // namespace eie::model
