// SPDX-License-Identifier: Apache-2.0
#include "tlm/model/timing/recurrence.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "hw/config.h"
#include "tlm/model/inner_loops.h"
#include "tlm/model/timing/pe_timing.h"

namespace eie::model {
namespace {

constexpr std::uint32_t kNoSpmatRow = UINT32_MAX;

/// How a pointer unit works.
struct PointerUnit {
  unsigned waiting = 0;  // 0: as the paper's
  unsigned leaves_before = 0;
};

/// The arrays of one step, an element a PE. Count holds entries, slots or reads until the next flush.
template <class Pointer, class Cycle>
struct Arrays {
  using Count = std::make_unsigned_t<Cycle>;
  Cycle* free;
  Cycle* accepted;
  Cycle* window;
  Pointer* held;
  Count* entries;
  Count* slots;
  Count* reads;
};

/// Lanes of type T, side by side: 16 PEs with 16 bits each, or one with 32. Written once below as plain arithmetic, because
/// compilers find no vector code for the 16-bit loop.
template <class T, unsigned kLanes>
struct LanesOf {
  typedef T Type __attribute__((vector_size(sizeof(T) * kLanes)));
};
template <class T>
struct LanesOf<T, 1> {
  using Type = T;
};

template <class T, class Element>
[[gnu::always_inline]] inline T load(const Element* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T, class Element>
[[gnu::always_inline]] inline void store(Element* to, const T& value) {
  std::memcpy(to, &value, sizeof value);
}

/// One broadcast in kLanes PEs from p on, `passed` cycles after the broadcast before: entries, Spmat row fetches, and the
/// pointer unit. Returns when each PE accepts the column.
template <unsigned kLanes, class Pointer, class Cycle>
struct Step {
  using P = typename LanesOf<Pointer, kLanes>::Type;
  using C = typename LanesOf<Cycle, kLanes>::Type;
  using A = Arrays<Pointer, Cycle>;

  [[gnu::always_inline]] static C max(const C& a, const C& b) { return a > b ? a : b; }
  [[gnu::always_inline]] static C cycles(const P& k) { return (C)k; }

  [[gnu::always_inline]] static void count(const P& b, const P& e, const P& k, const A& a, unsigned p, unsigned log2_row,
                                           Pointer row_mask) {
    const P none = P{} + Pointer{0};
    const P one = none + Pointer{1};
    const P first_row = b >> log2_row;
    const P last_row = (e - one) >> log2_row;
    const P held = load<P>(a.held + p);
    const P rows = last_row - first_row + one - (held == (first_row & row_mask) ? one : none);
    store(a.entries + p, P(load<P>(a.entries + p) + k));
    store(a.reads + p, P(load<P>(a.reads + p) + (e > b ? rows : none)));
    store(a.held + p, P(e > b ? P(last_row & row_mask) : held));
  }

  [[gnu::always_inline]] static C paper(const C& k, const A& a, unsigned p, Cycle passed) {
    const C one = C{} + Cycle{1};
    const C accepted = max(load<C>(a.free + p) - passed, one);
    store(a.free + p, C(accepted + max(k, one)));
    return accepted;
  }

  [[gnu::always_inline]] static C look_ahead(const C& k, const A& a, unsigned p, Cycle passed, unsigned n,
                                             const PointerUnit& unit) {
    const unsigned depth = unit.waiting;
    const C none = C{} + Cycle{0};
    const C one = C{} + Cycle{1};
    C older = load<C>(a.window + p) - passed;
    const C room = older - static_cast<Cycle>(unit.leaves_before);
    const C accepted = max(max(load<C>(a.accepted + p) - passed + one, room), one);
    for (unsigned l = 0; l + 1 < depth; ++l) {
      const C newer = load<C>(a.window + std::size_t{l + 1} * n + p) - passed;
      store(a.window + std::size_t{l} * n + p, max(k > none ? newer : older, none));
      older = newer;
    }
    const C end = load<C>(a.free + p) - passed;
    const C first = max(accepted + one, end);
    store(a.window + std::size_t{depth - 1} * n + p, max(k > none ? first : older, none));
    store(a.free + p, max(k > none ? C(first + k) : end, none));
    store(a.accepted + p, accepted);
    return accepted;
  }

  /// `slots`: cycles of the column a PE; null: one an entry.
  [[gnu::always_inline]] static Cycle all(const Pointer* begin, const Pointer* end, const Pointer* slots, const A& a, unsigned n,
                                          unsigned log2_row, Pointer row_mask, Cycle passed, const PointerUnit& unit) {
    C latest = C{} + Cycle{1};
    for (unsigned p = 0; p < n; p += kLanes) {
      const P b = load<P>(begin + p);
      const P e = load<P>(end + p);
      const P none = P{} + Pointer{0};
      P k = e > b ? P(e - b) : none;
      count(b, e, k, a, p, log2_row, row_mask);
      if (slots != nullptr) {
        k = load<P>(slots + p);
        store(a.slots + p, P(load<P>(a.slots + p) + k));
      }
      latest = max(latest, unit.waiting == 0 ? paper(cycles(k), a, p, passed) : look_ahead(cycles(k), a, p, passed, n, unit));
    }
    Cycle lanes[kLanes];
    std::memcpy(lanes, &latest, sizeof lanes);
    return *std::max_element(lanes, lanes + kLanes);
  }
};

// One function for each width, each in a version for every instruction set.
constexpr unsigned kNarrowLanes = 16;
EIE_VECTOR_CLONES
std::int16_t step(const std::uint16_t* begin, const std::uint16_t* end, const std::uint16_t* slots,
                  const Arrays<std::uint16_t, std::int16_t>& a, unsigned n, unsigned log2_row, std::uint16_t row_mask,
                  std::int16_t passed, const PointerUnit& unit) {
  return Step<kNarrowLanes, std::uint16_t, std::int16_t>::all(begin, end, slots, a, n, log2_row, row_mask, passed, unit);
}
std::int32_t step(const std::uint32_t* begin, const std::uint32_t* end, const std::uint32_t* slots,
                  const Arrays<std::uint32_t, std::int32_t>& a, unsigned n, unsigned log2_row, std::uint32_t row_mask,
                  std::int32_t passed, const PointerUnit& unit) {
  return Step<1, std::uint32_t, std::int32_t>::all(begin, end, slots, a, n, log2_row, row_mask, passed, unit);
}

/// A column's element for each PE: in place where the list has this width, else copied. Null for an empty list.
template <class Pointer>
const Pointer* of_column(const PackedList& list, std::size_t column, unsigned n, std::vector<Pointer>& copy) {
  if (list.size() == 0) return nullptr;
  const std::size_t at = column * n;
  if (sizeof(Pointer) == 2 || !list.narrow()) return list.data<Pointer>() + at;
  const std::uint16_t* from = list.data<std::uint16_t>() + at;
  copy.assign(from, from + n);
  return copy.data();
}

}  // namespace

Recurrence::Recurrence(const DeviceConfig& config)
    : n_pe_(check(config).n_pe),
      queue_depth_(config.queue_depth),
      waiting_(waiting_columns(config)),
      leaves_before_(leaves_before(config)),
      skips_padding_(config.skip_padding),
      levels_((log2_ceil(config.n_pe) + log2_ceil(config.lnzd_fan_in) - 1) / log2_ceil(config.lnzd_fan_in)),
      log2_row_(log2_ceil(config.entries_per_row())),
      row_mask_(config.spmat_depth - 1),
      latest_(queue_depth_),
      held_(n_pe_),
      entries_(n_pe_),
      slots_(n_pe_),
      reads_(n_pe_) {}

void Recurrence::begin_launch() {
  std::fill(held_.begin(), held_.end(), kNoSpmatRow);
  std::fill(entries_.begin(), entries_.end(), 0);
  std::fill(slots_.begin(), slots_.end(), 0);
  std::fill(reads_.begin(), reads_.end(), 0);
}

BatchTiming Recurrence::run(const Image& image, const std::vector<std::uint32_t>& columns,
                            std::vector<std::int64_t>* first_entries) {
  // A PE is ahead of the broadcasts by no more than the columns in its queue and its descriptors.
  const std::uint64_t ahead = std::uint64_t{queue_depth_ + waiting_ + 2} * (image.longest_column() + 2);
  if (image.pointers().narrow() && ahead < 16000 && n_pe_ % kNarrowLanes == 0) {
    return run_on<std::uint16_t>(narrow_, image, columns, first_entries);
  }
  return run_on<std::uint32_t>(wide_, image, columns, first_entries);
}

template <class Pointer, class Cycle>
BatchTiming Recurrence::run_on(Lanes<Cycle>& lanes, const Image& image, const std::vector<std::uint32_t>& columns,
                               std::vector<std::int64_t>* first_entries) {
  using Count = std::make_unsigned_t<Cycle>;
  constexpr std::int64_t kLongAgo = sizeof(Cycle) == 2 ? 16000 : 1 << 30;  // after that many cycles nothing is left
  // Every queue and pointer unit is empty; 0 is before anything.
  lanes.free.assign(n_pe_, 0);
  lanes.accepted.assign(n_pe_, 0);
  lanes.window.assign(std::size_t{n_pe_} * waiting_, 0);
  std::fill(latest_.begin(), latest_.end(), 0);
  std::vector<Pointer> held(held_.begin(), held_.end());
  std::vector<Pointer> copies[3];  // of 16-bit lists for 32-bit cycles
  std::vector<Count> entries(n_pe_);
  std::vector<Count> slots_taken(n_pe_);
  std::vector<Count> reads(n_pe_);
  const Arrays<Pointer, Cycle> arrays{lanes.free.data(), lanes.accepted.data(), lanes.window.data(), held.data(),
                                      entries.data(),    slots_taken.data(),    reads.data()};
  const PointerUnit unit{waiting_, leaves_before_};
  auto flush = [&] {
    for (unsigned p = 0; p < n_pe_; ++p) {
      entries_[p] += entries[p];
      slots_[p] += slots_taken[p];
      reads_[p] += reads[p];
    }
    std::fill(slots_taken.begin(), slots_taken.end(), Count{0});
    std::fill(entries.begin(), entries.end(), Count{0});
    std::fill(reads.begin(), reads.end(), Count{0});
  };
  const std::uint64_t flush_after = std::numeric_limits<Count>::max() / std::max(image.longest_column(), 1u);
  std::uint64_t until_flush = flush_after;

  BatchTiming timing;
  std::int64_t broadcast = levels_;
  std::size_t slot = 0;  // of latest_: broadcast i - Q, then i
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::int64_t next = std::max(broadcast + 1, latest_[slot] + 1);
    timing.queue_full_cycles += static_cast<std::uint64_t>(next - (broadcast + 1));
    const auto passed = static_cast<Cycle>(std::min(next - broadcast, kLongAgo));
    broadcast = next;
    const Pointer* begin = of_column<Pointer>(image.pointers(), columns[i], n_pe_, copies[0]);
    const Pointer* end = of_column<Pointer>(image.pointers(), columns[i] + std::size_t{1}, n_pe_, copies[1]);
    const Pointer* slots = of_column<Pointer>(image.slots(), columns[i], n_pe_, copies[2]);
    const bool in_place = sizeof(Pointer) == 2 || !image.pointers().narrow();
    if (in_place && i + kAhead < columns.size()) {
      const std::size_t ahead = std::size_t{columns[i + kAhead]} * n_pe_;
      prefetch(image.pointers().data<Pointer>() + ahead, 2 * n_pe_ * sizeof(Pointer));
      if (slots != nullptr) prefetch(image.slots().data<Pointer>() + ahead, n_pe_ * sizeof(Pointer));
    }
    if (until_flush-- == 0) {
      flush();
      until_flush = flush_after - 1;
    }
    const Cycle latest = step(begin, end, slots, arrays, n_pe_, log2_row_, static_cast<Pointer>(row_mask_), passed, unit);
    latest_[slot] = broadcast + latest;
    slot = slot + 1 == queue_depth_ ? 0 : slot + 1;
    if (first_entries != nullptr) {
      for (unsigned p = 0; p < n_pe_; ++p) {
        const std::int64_t k = image.slots(columns[i], p);
        std::int64_t first = waiting_ == 0 ? lanes.free[p] - std::max<std::int64_t>(k, 1) + 1 : lanes.accepted[p] + 1;
        if (waiting_ != 0 && k > 0) first = lanes.free[p] - k;
        first_entries->push_back(broadcast + first);
      }
    }
  }
  flush();
  std::copy(held.begin(), held.end(), held_.begin());
  // The root is exhausted the cycle after the last broadcast, then the CCU drains. A PE is idle in the first cycle in
  // which its queue is empty and no entry address is out; it reports that a cycle later.
  const std::int64_t exhausted = columns.empty() ? 1 : broadcast + 1;
  std::int64_t idle = exhausted + 1;
  if (!columns.empty()) {
    for (unsigned p = 0; p < n_pe_; ++p) {
      const std::int64_t at = waiting_ != 0 ? std::max<std::int64_t>(lanes.accepted[p] + 1, lanes.free[p])
                                            : lanes.free[p] + (image.slots(columns.back(), p) != 0 ? 1 : 0);
      idle = std::max(idle, broadcast + at);
    }
  }
  const std::int64_t drained = idle + 1;
  timing.cycles = static_cast<std::uint64_t>(drained + 3);  // two more cycles for the last sum, and on
  return timing;
}

}  // namespace eie::model
