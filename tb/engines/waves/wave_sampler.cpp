// SPDX-License-Identifier: Apache-2.0
#include "tb/engines/waves/wave_sampler.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>

namespace eie::tb {
namespace {

/// Neighbours of at most this distance are compared with what lies between them.
constexpr std::size_t kGap = 7;
constexpr unsigned kSmall = 8;   // bytes that are kept as a number
constexpr unsigned kBlock = 64;  // bytes of an array that are compared at once

template <class Part>
Part load(const unsigned char* from) {
  Part part;
  std::memcpy(&part, from, sizeof part);
  return part;
}

/// A value of 1, 2, 4 or 8 bytes.
std::uint64_t load_value(const unsigned char* from, unsigned bytes) {
  switch (bytes) {
    case 1:
      return *from;
    case 2:
      return load<std::uint16_t>(from);
    case 4:
      return load<std::uint32_t>(from);
    default:
      return load<std::uint64_t>(from);
  }
}

/// All of 1 to 8 bytes as a number, by loads of one size that overlap.
template <class Part>
std::uint64_t both_ends(const unsigned char* from, unsigned bytes) {
  return std::uint64_t{load<Part>(from)} | std::uint64_t{load<Part>(from + bytes - sizeof(Part))} << 8 * (bytes - sizeof(Part));
}
std::uint64_t small_value(const unsigned char* from, unsigned bytes) {
  if (bytes == 8) return load<std::uint64_t>(from);
  if (bytes >= 4) return both_ends<std::uint32_t>(from, bytes);
  if (bytes >= 2) return both_ends<std::uint16_t>(from, bytes);
  return *from;
}

/// More than eight bytes, by words of eight, the last of which overlaps.
bool differ(const unsigned char* a, const unsigned char* b, unsigned bytes) {
  std::uint64_t difference = load<std::uint64_t>(a + bytes - 8) ^ load<std::uint64_t>(b + bytes - 8);
  for (unsigned k = 0; k + 8 < bytes; k += 8) difference |= load<std::uint64_t>(a + k) ^ load<std::uint64_t>(b + k);
  return difference != 0;
}

std::uint64_t mask_of(unsigned width) { return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1; }

}  // namespace

void WaveSampler::prepare() {
  const auto order = [](const SampledValue& v) {
    return std::make_tuple(v.known[0] != nullptr, v.known, reinterpret_cast<std::uintptr_t>(v.live));
  };
  std::sort(values_.begin(), values_.end(), [&](const SampledValue& a, const SampledValue& b) { return order(a) < order(b); });
  for (std::size_t k = 0; k < values_.size(); ++k) {
    if (values_[k].known[0] != nullptr) {
      add_conditional(values_[k]);
    } else {
      add_to_group(values_[k], k != 0 && values_[k].of_array && values_[k - 1].of_array);
    }
  }
}

void WaveSampler::add_to_group(const SampledValue& v, bool same_array) {
  const bool is_long = v.bytes > kSmall;
  Group* last = groups_.empty() ? nullptr : &groups_.back();
  // An array is compared by blocks; what else lies together, as far as a few bytes hold it.
  const bool joins = last != nullptr && !is_long && items_.back().bytes != 0 && v.live <= last->live + last->bytes + kGap &&
                     v.live + v.bytes <= last->live + (same_array ? kBlock : kSmall);
  if (!joins) {
    groups_.push_back({v.live, 0, 0, 0, static_cast<std::uint32_t>(items_.size()), 0});
    last = &groups_.back();
  }
  const auto offset = static_cast<std::size_t>(v.live - last->live);
  items_.push_back({mask_of(v.width), v.id, static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(v.width),
                    static_cast<std::uint8_t>(is_long ? 0 : v.bytes)});
  if (last->bytes <= kSmall) last->shadow = static_cast<std::uint32_t>(shadow_.size());
  last->bytes = std::max(last->bytes, static_cast<std::uint32_t>(offset + v.bytes));
  ++last->count;
  if (last->bytes > kSmall) shadow_.resize(last->shadow + last->bytes);
}

void WaveSampler::add_conditional(const SampledValue& v) {
  if (conditionals_.empty() || conditionals_.back().known != v.known) {
    conditionals_.push_back({v.known, false, static_cast<std::uint32_t>(conditional_items_.size()), 0});
  }
  conditional_items_.push_back({v.live, 0, mask_of(v.width), v.id, static_cast<std::uint8_t>(v.bytes)});
  ++conditionals_.back().count;
}

void WaveSampler::write_small(Group& g, std::uint64_t now, WaveFile& file) const {
  const std::uint64_t changed = now ^ g.last;
  g.last = now;
  for (const Item* item = &items_[g.first]; item != &items_[g.first] + g.count; ++item) {
    const unsigned shift = 8 * item->offset;
    if ((changed >> shift & item->mask) != 0) file.change(item->id, now >> shift & item->mask);
  }
}

void WaveSampler::write_block(const Group& g, WaveFile& file) {
  unsigned char* const shadow = &shadow_[g.shadow];
  for (const Item* item = &items_[g.first]; item != &items_[g.first] + g.count; ++item) {
    const std::uint64_t now = load_value(g.live + item->offset, item->bytes) & item->mask;
    if (now != (load_value(shadow + item->offset, item->bytes) & item->mask)) file.change(item->id, now);
  }
}

void WaveSampler::write_long(const Group& g, WaveFile& file) const {
  const Item& item = items_[g.first];
  std::string digits(item.width, '0');
  for (unsigned bit = 0; bit < item.width; ++bit) {
    if ((g.live[bit / 8] >> bit % 8 & 1) != 0) digits[item.width - 1 - bit] = '1';
  }
  file.change_digits(item.id, digits.c_str());
}

void WaveSampler::write_changes(WaveFile& file) {
  for (Group& g : groups_) {
    if (g.bytes <= kSmall) {
      const std::uint64_t now = small_value(g.live, g.bytes);
      if (now != g.last) write_small(g, now, file);
    } else if (differ(g.live, &shadow_[g.shadow], g.bytes)) {
      if (items_[g.first].bytes == 0) {
        write_long(g, file);
      } else {
        write_block(g, file);
      }
      std::memcpy(&shadow_[g.shadow], g.live, g.bytes);
    }
  }
  write_conditional(file, false);
}

void WaveSampler::write_all(WaveFile& file) {
  for (Group& g : groups_) {
    if (g.bytes <= kSmall) {
      g.last = small_value(g.live, g.bytes);
    } else {
      std::memcpy(&shadow_[g.shadow], g.live, g.bytes);
    }
    if (items_[g.first].bytes == 0) {
      write_long(g, file);
      continue;
    }
    for (std::uint32_t k = g.first; k < g.first + g.count; ++k) {
      const Item& item = items_[k];
      file.change(item.id, load_value(g.live + item.offset, item.bytes) & item.mask);
    }
  }
  write_conditional(file, true);
}

void WaveSampler::write_unknown(WaveFile& file) const {
  for (const Item& item : items_) file.unknown(item.id);
  for (const ConditionalItem& item : conditional_items_) file.unknown(item.id);
}

void WaveSampler::write_conditional(WaveFile& file, bool all) {
  for (Conditional& c : conditionals_) {
    const bool known = *c.known[0] && *c.known[1];
    if (!known && !c.was && !all) continue;
    ConditionalItem* const end = &conditional_items_[c.first] + c.count;
    for (ConditionalItem* item = &conditional_items_[c.first]; item != end; ++item) {
      if (!known) {
        file.unknown(item->id);
        continue;
      }
      const std::uint64_t now = load_value(item->live, item->bytes) & item->mask;
      if (all || !c.was || now != item->last) file.change(item->id, now);
      item->last = now;
    }
    c.was = known;
  }
}

}  // namespace eie::tb
