#include "image.h"

#include <algorithm>

namespace eie {

Image::Image(const DeviceConfig& config, const Memories& memories, const ImageKey& key)
    : config_(config), memories_(memories), key_(key), n_pe_(config.n_pe) {
  // Pointer j + 1 of the last column wraps around, as the bank address does.
  const std::size_t columns = key.columns;
  pointers_.resize((columns + 1) * n_pe_);
  for (unsigned p = 0; p < n_pe_; ++p) {
    for (std::size_t c = 0; c <= columns; ++c) {
      pointers_[c * n_pe_ + p] = memories.pointer(p, (key.pointer_base + c) & (config.pointer_depth - 1));
    }
  }
  std::uint64_t described = 0;
  for (std::size_t k = 0; k < columns * n_pe_; ++k) {
    if (pointers_[k + n_pe_] > pointers_[k]) described += pointers_[k + n_pe_] - pointers_[k];
  }
  eager_ = described <= config.max_entries() * n_pe_;
  if (!eager_) return;
  parts_.entries.reserve(described);
  first_entry_.reserve(columns + 1);
  first_padding_.reserve(columns + 1);
  dropped_.reserve(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    first_entry_.push_back(parts_.entries.size());
    first_padding_.push_back(parts_.padding.size());
    dropped_.push_back(decode(c, parts_));
  }
  first_entry_.push_back(parts_.entries.size());
  first_padding_.push_back(parts_.padding.size());
}

/// Calls visit(entry, code, local row, beyond) for the entries of a PE's column in order. The row counter is that of the
/// arithmetic unit: it restarts in each column, and once it is past the last register the rest of the column is.
template <class Visit>
void Image::visit(unsigned pe, std::size_t c, Visit&& visit) const {
  const std::uint32_t begin = pointers(c)[pe];
  const std::uint32_t end = pointers(c + 1)[pe];
  const unsigned bits = config_.entry_bits();
  const unsigned per_word = 64 / bits;
  const std::uint64_t word_mask = memories_.spmat_beats() - 1;
  const std::uint64_t entry_mask = (std::uint64_t{1} << bits) - 1;
  const std::uint64_t code_mask = config_.codes() - 1;
  const std::uint64_t* spmat = memories_.spmat(pe);
  std::uint64_t next = 0;
  bool beyond = false;
  for (std::uint32_t at = begin; at < end; ++at) {
    const std::uint64_t entry = spmat[(at / per_word) & word_mask] >> (at % per_word * bits) & entry_mask;
    next += entry >> config_.code_width;
    beyond = beyond || next >= config_.registers;
    if (!visit(at - begin, static_cast<std::uint32_t>(entry & code_mask), static_cast<std::uint32_t>(next), beyond)) break;
    ++next;
  }
}

bool Image::decode(std::size_t c, Parts& to) const {
  bool dropped = false;
  for (unsigned p = 0; p < n_pe_; ++p) {
    dropped = dropped || pointers(c + 1)[p] < pointers(c)[p];
    std::uint32_t padding = 0;
    visit(p, c, [&](std::uint32_t, std::uint32_t code, std::uint32_t local, bool beyond) {
      const std::uint32_t row = local * n_pe_ + p;
      if (code == 0) {
        ++padding;
      } else if (beyond || row >= key_.rows) {
        dropped = true;
      } else {
        to.entries.push_back(row << 8 | code);
      }
      return true;
    });
    if (padding != 0) to.padding.push_back({p, padding});
  }
  return dropped;
}

Column Image::column(std::size_t c) {
  Column column;
  if (eager_) {
    column.begin = parts_.entries.data() + first_entry_[c];
    column.end = parts_.entries.data() + first_entry_[c + 1];
    column.padding_begin = parts_.padding.data() + first_padding_[c];
    column.padding_end = parts_.padding.data() + first_padding_[c + 1];
    column.dropped = dropped_[c];
  } else {
    parts_.entries.clear();
    parts_.padding.clear();
    column.dropped = decode(c, parts_);
    column.begin = parts_.entries.data();
    column.end = column.begin + parts_.entries.size();
    column.padding_begin = parts_.padding.data();
    column.padding_end = column.padding_begin + parts_.padding.size();
  }
  return column;
}

std::vector<Dropped> Image::drops(std::size_t c) const {
  std::vector<Dropped> drops;
  for (unsigned p = 0; p < n_pe_; ++p) {
    if (pointers(c + 1)[p] < pointers(c)[p]) drops.push_back({p, 0, true});
    visit(p, c, [&](std::uint32_t entry, std::uint32_t code, std::uint32_t local, bool beyond) {
      if (code != 0 && (beyond || local * n_pe_ + p >= key_.rows)) drops.push_back({p, entry, false});
      return true;
    });
  }
  return drops;
}

std::uint32_t Image::entry_of_row(std::size_t c, std::uint32_t row) const {
  const unsigned pe = row % n_pe_;
  std::uint32_t found = 0;
  visit(pe, c, [&](std::uint32_t entry, std::uint32_t, std::uint32_t local, bool) {
    found = entry;
    return local * n_pe_ + pe != row;
  });
  return found;
}

std::size_t Image::bytes() const {
  return pointers_.size() * sizeof(std::uint32_t) + parts_.entries.capacity() * sizeof(PackedEntry) +
         parts_.padding.capacity() * sizeof(Padding) +
         (first_entry_.size() + first_padding_.size()) * sizeof(std::size_t);
}

Image& ImageCache::get(const ImageKey& key) {
  if (version_ != memories_.weights_version()) {
    images_.clear();
    version_ = memories_.weights_version();
  }
  const auto at = std::find_if(images_.begin(), images_.end(),
                               [&](const std::unique_ptr<Image>& image) { return image->key() == key; });
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

}  // namespace eie
