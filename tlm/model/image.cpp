// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/image.h"

#include <algorithm>

#include "hw/config.h"

namespace eie::model {

Image::Image(const DeviceConfig& config, const Memories& memories, const ImageKey& key)
    : config_(check(config)),
      memories_(memories),
      key_(key),
      n_pe_(config.n_pe),
      log2_bits_(log2_ceil(config.entry_bits())),
      log2_per_word_(6 - log2_bits_) {
  const std::size_t columns = key.columns;
  pointers_.set_narrow(config.pointer_width <= 16);
  pointers_.resize((columns + 1) * n_pe_);
  make_slots(columns);
  std::uint64_t described = 0;
  for (std::size_t c = 0; c <= columns; ++c) {
    // Pointer j + 1 of the last column wraps around, as the bank address does.
    const std::size_t at = (key.pointer_base + c) & (config.pointer_depth - 1);
    for (unsigned p = 0; p < n_pe_; ++p) {
      const std::uint32_t here = memories.pointer(p, at);
      pointers_.set(c * n_pe_ + p, here);
      if (c != 0 && here > pointer(c - 1, p)) {
        described += here - pointer(c - 1, p);
        longest_column_ = std::max(longest_column_, here - pointer(c - 1, p));
      }
    }
  }
  set_local_rows();
  eager_ = described <= config.max_entries() * n_pe_ && described < UINT32_MAX;
  if (!eager_) return;
  entries_.resize(described);
  columns_.reserve(columns);
  for (std::size_t c = 0; c < columns; ++c) columns_.push_back(decode(c));
}

Image::Image(const DeviceConfig& config, const Memories& memories, const ImageKey& key, const SeenBatch& seen)
    : config_(check(config)),
      memories_(memories),
      key_(key),
      n_pe_(config.n_pe),
      log2_bits_(log2_ceil(config.entry_bits())),
      log2_per_word_(6 - log2_bits_),
      stride_(2),
      seen_(&seen),
      broadcast_(key.columns, 0) {
  pointers_.set_narrow(config.pointer_width <= 16);
  pointers_.resize(std::size_t{key.columns} * stride_ * n_pe_);
  make_slots(std::size_t{key.columns} * stride_);
  for (std::size_t i = 0; i < seen.columns.size(); ++i) {
    const std::size_t c = std::size_t{seen.columns[i]} * stride_;
    broadcast_[seen.columns[i]] = static_cast<std::uint32_t>(i);
    for (unsigned p = 0; p < n_pe_; ++p) {
      const SeenColumn& column = seen.seen[i * n_pe_ + p];
      pointers_.set(c * n_pe_ + p, column.begin);
      pointers_.set((c + 1) * n_pe_ + p, column.end);
      if (column.end > column.begin) longest_column_ = std::max(longest_column_, column.end - column.begin);
    }
  }
  set_local_rows();
}

void Image::make_slots(std::size_t columns) {
  slots_.set_narrow(pointers_.narrow());
  if (config_.skip_padding) slots_.resize(columns * n_pe_);
}

void Image::set_local_rows() {
  for (unsigned p = 0; p < n_pe_; ++p) {
    const std::uint32_t rows = key_.rows > p ? (key_.rows - p + n_pe_ - 1) / n_pe_ : 0;
    local_rows_.push_back(std::min(rows, config_.registers));
  }
  entries_.set_narrow(config_.batch_columns() * config_.codes() <= 65536);
}

/// Calls visit(entry, code, local row, slot, takes its slot) for the entries of a PE's column in order, until it returns false.
/// The row counter is that of the arithmetic unit: it restarts in each column; once it is past the last register the rest of
/// the column is. Returns the slots seen.
template <class Visit>
std::uint32_t Image::visit(unsigned pe, std::size_t c, Visit&& visit) const {
  const std::uint32_t begin = pointer(c, pe);
  const std::uint32_t end = pointer(c + 1, pe);
  const std::uint64_t word_mask = memories_.spmat_beats() - 1;
  const std::uint32_t in_word = (1u << log2_per_word_) - 1;
  const std::uint64_t entry_mask = (std::uint64_t{1} << config_.entry_bits()) - 1;
  const std::uint64_t code_mask = config_.codes() - 1;
  const std::uint64_t* spmat = memories_.spmat(pe);
  const SeenColumn* seen = seen_ == nullptr ? nullptr : &seen_->seen[std::size_t{broadcast_[c / stride_]} * n_pe_ + pe];
  if (seen != nullptr && !seen->listed) seen = nullptr;
  SlotWalk walk(config_);
  std::uint32_t slot = 0;
  std::uint64_t local = 0;
  for (std::uint32_t at = begin; at < end; ++at) {
    const std::uint64_t entry = seen != nullptr
                                    ? seen->entries[at - begin]
                                    : spmat[(at >> log2_per_word_) & word_mask] >> ((at & in_word) << log2_bits_) & entry_mask;
    local += entry >> config_.code_width;
    const bool takes = walk.takes_slot(at, static_cast<std::uint32_t>(entry), at + 1 == end);
    if (!visit(at - begin, static_cast<std::uint32_t>(entry & code_mask), local, slot, takes)) break;
    slot += takes ? 1 : 0;
    ++local;
  }
  return slot;
}

/// Appends the column's entries and padding. The same walk as visit(), written out: it is most of the work of an image.
template <class Packed, class Pointer, bool kSkipPadding>
Column Image::decode_to(std::size_t c) {
  const unsigned n_pe = n_pe_;
  const unsigned log2_bits = log2_bits_;
  const unsigned log2_per_word = log2_per_word_;
  const std::uint32_t in_word = (1u << log2_per_word) - 1;
  const auto word_mask = static_cast<std::uint32_t>(memories_.spmat_beats() - 1);
  const auto code_width = config_.code_width;
  const std::uint32_t code_mask = config_.codes() - 1;
  const std::uint32_t run_mask = (1u << config_.run_width) - 1;
  const std::uint32_t* local_rows = local_rows_.data();
  const Pointer* begins = pointers_.data<Pointer>() + c * n_pe;
  const Pointer* ends = begins + n_pe;
  Packed* to = entries_.data<Packed>() + used_;
  Column column;
  column.first_entry = static_cast<std::uint32_t>(used_);
  column.first_padding = static_cast<std::uint32_t>(padding_.size());
  bool dropped = false;
  [[maybe_unused]] SlotWalk walk(config_);
  for (unsigned p = 0; p < n_pe; ++p) {
    const std::uint32_t begin = begins[p];
    const std::uint32_t end = ends[p];
    dropped = dropped || end < begin;
    const std::uint64_t* spmat = memories_.spmat(p);
    const std::uint32_t rows = local_rows[p];
    std::uint32_t local = 0;
    std::uint32_t padding = 0;
    [[maybe_unused]] std::uint32_t slots = 0;
    walk.begin_column();
    for (std::uint32_t at = begin; at < end; ++at) {
      const auto entry = static_cast<std::uint32_t>(spmat[(at >> log2_per_word) & word_mask] >> ((at & in_word) << log2_bits));
      if constexpr (kSkipPadding) slots += walk.takes_slot(at, entry & walk.entry_mask(), at + 1 == end) ? 1 : 0;
      const std::uint32_t code = entry & code_mask;
      local += entry >> code_width & run_mask;
      if (code != 0 && local < rows) {
        *to++ = static_cast<Packed>((local * n_pe + p) << code_width | code);
      } else {
        padding += code == 0 ? 1 : 0;
        dropped = dropped || code != 0;
      }
      ++local;
    }
    if (padding != 0) padding_.push_back({p, padding});
    if constexpr (kSkipPadding) slots_.set(c * n_pe + p, slots);
  }
  column.dropped = dropped;
  used_ = static_cast<std::size_t>(to - entries_.data<Packed>());
  column.last_entry = static_cast<std::uint32_t>(used_);
  column.last_padding = static_cast<std::uint32_t>(padding_.size());
  return column;
}

/// The same of a batch whose bits flipped.
template <class Packed>
Column Image::decode_seen(std::size_t c) {
  Packed* to = entries_.data<Packed>();
  Column column;
  for (unsigned p = 0; p < n_pe_; ++p) {
    column.dropped = column.dropped || pointer(c + 1, p) < pointer(c, p);
    std::uint32_t padding = 0;
    const std::uint32_t slots = visit(p, c, [&](std::uint32_t, std::uint32_t code, std::uint64_t local, std::uint32_t, bool) {
      if (code != 0 && local < local_rows_[p]) {
        *to++ = static_cast<Packed>((static_cast<std::uint32_t>(local) * n_pe_ + p) << config_.code_width | code);
      } else {
        padding += code == 0 ? 1 : 0;
        column.dropped = column.dropped || code != 0;
      }
      return true;
    });
    if (padding != 0) padding_.push_back({p, padding});
    if (config_.skip_padding) slots_.set(c * n_pe_ + p, slots);
  }
  column.last_entry = static_cast<std::uint32_t>(to - entries_.data<Packed>());
  column.last_padding = static_cast<std::uint32_t>(padding_.size());
  return column;
}

Column Image::decode(std::size_t c) {
  if (seen_ != nullptr) return entries_.narrow() ? decode_seen<std::uint16_t>(c) : decode_seen<std::uint32_t>(c);
  if (pointers_.narrow()) {
    return entries_.narrow() ? decode_to<std::uint16_t, std::uint16_t>(c) : decode_to<std::uint32_t, std::uint16_t>(c);
  }
  return entries_.narrow() ? decode_to<std::uint16_t, std::uint32_t>(c) : decode_to<std::uint32_t, std::uint32_t>(c);
}

Column Image::column(std::size_t c) {
  if (eager_) return columns_[c];
  padding_.clear();
  used_ = 0;
  // A column adds to each row at most once.
  if (entries_.size() < config_.batch_columns()) entries_.resize(config_.batch_columns());
  return decode(c);
}

std::vector<Dropped> Image::drops(std::size_t c) const {
  std::vector<Dropped> drops;
  for (unsigned p = 0; p < n_pe_; ++p) {
    if (pointer(c + 1, p) < pointer(c, p)) drops.push_back({p, 0, 0, true, 0});
    const std::uint32_t rows = local_rows_[p];
    visit(p, c, [&](std::uint32_t entry, std::uint32_t code, std::uint64_t local, std::uint32_t slot, bool) {
      if (code != 0 && local >= rows) {
        drops.push_back({p, entry, slot, false, static_cast<std::uint32_t>(local * n_pe_ + p)});
      }
      return true;
    });
  }
  return drops;
}

void Image::padding_slots(std::size_t c, unsigned pe, std::vector<std::uint32_t>& slots) const {
  slots.clear();
  visit(pe, c, [&](std::uint32_t, std::uint32_t code, std::uint64_t, std::uint32_t slot, bool takes) {
    if (code == 0 && takes) slots.push_back(slot);
    return true;
  });
}

Image::EntryPlace Image::entry_of_row(std::size_t c, std::uint32_t row) const {
  const unsigned pe = row % n_pe_;
  EntryPlace found;
  visit(pe, c, [&](std::uint32_t entry, std::uint32_t, std::uint64_t local, std::uint32_t slot, bool) {
    found = {entry, slot};
    return local * n_pe_ + pe < row;
  });
  return found;
}

std::size_t Image::bytes() const {
  return pointers_.bytes() + slots_.bytes() + entries_.bytes() + padding_.capacity() * sizeof(Padding) +
         columns_.capacity() * sizeof(Column);
}

Image& ImageCache::get(const ImageKey& key) {
  if (version_ != memories_.weights_version()) {
    images_.clear();
    version_ = memories_.weights_version();
  }
  const auto at =
      std::find_if(images_.begin(), images_.end(), [&](const std::unique_ptr<Image>& image) { return image->key() == key; });
  if (at != images_.end()) {
    std::rotate(at, at + 1, images_.end());
    return *images_.back();
  }
  std::size_t bytes = 0;
  for (const auto& image : images_) bytes += image->bytes();
  while (!images_.empty() && bytes > kMaxBytes) {
    bytes -= images_.front()->bytes();
    images_.erase(images_.begin());
  }
  ++decoded_;
  images_.push_back(std::make_unique<Image>(config_, memories_, key));
  return *images_.back();
}

}  // namespace eie::model
