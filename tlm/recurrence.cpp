#include "recurrence.h"

#include <algorithm>

#include "clones.h"

namespace eie {
namespace {

constexpr std::uint32_t kNoRow = UINT32_MAX;
// Relative cycles are moved back to 0 above this. A PE is ahead of the broadcasts by at most (Q + L + 2) columns of
// 2^20 entries, which is below 2^29.
constexpr std::int32_t kRebase = 1 << 29;

unsigned log2_of(unsigned n) {
  unsigned bits = 0;
  while ((1u << bits) < n) ++bits;
  return bits;
}

/// The arrays of one step; restrict, so that the loops become vector code.
struct StepArrays {
  const std::uint32_t* __restrict begin;
  const std::uint32_t* __restrict end;
  std::int32_t* __restrict accepted;
  std::int32_t* __restrict free;
  std::int32_t* __restrict window;
  std::int32_t* __restrict has;
  std::uint32_t* __restrict held;
  std::uint32_t* __restrict entries;
  std::uint32_t* __restrict reads;
};

/// Entries and Spmat row fetches of one column in every PE.
EIE_VECTOR_CLONES
void count_column(const StepArrays a, unsigned n, unsigned log2_row, std::uint32_t row_mask) {
  const std::uint32_t* __restrict begin = a.begin;
  const std::uint32_t* __restrict end = a.end;
  std::uint32_t* __restrict held = a.held;
  std::uint32_t* __restrict entries = a.entries;
  std::uint32_t* __restrict reads = a.reads;
  for (unsigned p = 0; p < n; ++p) {
    const std::uint32_t b = begin[p];
    const std::uint32_t e = end[p];
    const bool any = e > b;
    const std::uint32_t first_row = b >> log2_row;
    const std::uint32_t last_row = (e - 1) >> log2_row;
    const std::uint32_t rows = last_row - first_row + 1 - (held[p] == (first_row & row_mask) ? 1u : 0u);
    entries[p] += any ? e - b : 0u;
    reads[p] += any ? rows : 0u;
    held[p] = any ? last_row & row_mask : held[p];
  }
}

/// The paper's pointer unit. Returns the latest acceptance.
EIE_VECTOR_CLONES
std::int32_t step_paper(const StepArrays a, unsigned n, std::int32_t earliest) {
  const std::uint32_t* __restrict begin = a.begin;
  const std::uint32_t* __restrict end = a.end;
  std::int32_t* __restrict free = a.free;
  std::int32_t latest = earliest;
  for (unsigned p = 0; p < n; ++p) {
    const auto k = static_cast<std::int32_t>(end[p] - begin[p]);
    const std::int32_t accepted = std::max(earliest, free[p]);
    latest = std::max(latest, accepted);
    free[p] = accepted + std::max(k, 1);
  }
  return latest;
}

/// With look-ahead: `depth` descriptors.
EIE_VECTOR_CLONES
std::int32_t step_look_ahead(const StepArrays a, unsigned n, std::int32_t earliest, unsigned depth) {
  const std::uint32_t* __restrict begin = a.begin;
  const std::uint32_t* __restrict end = a.end;
  std::int32_t* __restrict accepted = a.accepted;
  std::int32_t* __restrict free = a.free;
  std::int32_t* __restrict has = a.has;
  std::int32_t* __restrict oldest = a.window;
  std::int32_t latest = earliest;
  for (unsigned p = 0; p < n; ++p) {
    const auto k = static_cast<std::int32_t>(end[p] - begin[p]);
    const std::int32_t at = std::max(std::max(earliest, accepted[p] + 1), oldest[p] - 1);
    latest = std::max(latest, at);
    accepted[p] = at;
    has[p] = k > 0 ? -1 : 0;
  }
  for (unsigned l = 0; l + 1 < depth; ++l) {
    std::int32_t* __restrict older = a.window + std::size_t{l} * n;
    const std::int32_t* __restrict newer = a.window + std::size_t{l + 1} * n;
    for (unsigned p = 0; p < n; ++p) older[p] = has[p] != 0 ? newer[p] : older[p];
  }
  std::int32_t* __restrict newest = a.window + std::size_t{depth - 1} * n;
  for (unsigned p = 0; p < n; ++p) {
    const auto k = static_cast<std::int32_t>(end[p] - begin[p]);
    const std::int32_t first = std::max(accepted[p] + 1, free[p]);
    newest[p] = has[p] != 0 ? first : newest[p];
    free[p] = has[p] != 0 ? first + k : free[p];
  }
  return latest;
}

}  // namespace

Recurrence::Recurrence(const DeviceConfig& config)
    : n_pe_(config.n_pe),
      queue_depth_(config.queue_depth),
      look_ahead_(config.look_ahead),
      levels_((log2_of(config.n_pe) + log2_of(config.lnzd_fan_in) - 1) / log2_of(config.lnzd_fan_in)),
      log2_row_(log2_of(config.entries_per_row())),
      row_mask_(config.spmat_depth - 1),
      accepted_(n_pe_),
      free_(n_pe_),
      window_(std::size_t{n_pe_} * look_ahead_),
      has_(n_pe_),
      held_(n_pe_),
      count_entries_(n_pe_),
      count_reads_(n_pe_),
      latest_(queue_depth_),
      entries_(n_pe_),
      reads_(n_pe_) {}

void Recurrence::begin_launch() {
  std::fill(held_.begin(), held_.end(), kNoRow);
  std::fill(entries_.begin(), entries_.end(), 0);
  std::fill(reads_.begin(), reads_.end(), 0);
}

void Recurrence::rebase(std::int32_t by) {
  base_ += by;
  for (std::int32_t& cycle : accepted_) cycle -= std::min(by, cycle);
  for (std::int32_t& cycle : free_) cycle -= std::min(by, cycle);
  for (std::int32_t& cycle : window_) cycle -= std::min(by, cycle);
}

void Recurrence::flush_counters() {
  for (unsigned p = 0; p < n_pe_; ++p) {
    entries_[p] += count_entries_[p];
    reads_[p] += count_reads_[p];
  }
  std::fill(count_entries_.begin(), count_entries_.end(), 0);
  std::fill(count_reads_.begin(), count_reads_.end(), 0);
}

BatchTiming Recurrence::run(const Image& image, const std::vector<std::uint32_t>& columns,
                            std::vector<std::int64_t>* first_entries) {
  // Every queue and pointer unit is empty; 0 is before anything.
  base_ = 0;
  std::fill(accepted_.begin(), accepted_.end(), 0);
  std::fill(free_.begin(), free_.end(), 0);
  std::fill(window_.begin(), window_.end(), 0);
  std::fill(latest_.begin(), latest_.end(), 0);
  BatchTiming timing;
  const std::int64_t first_broadcast = 1 + levels_;
  std::int64_t broadcast = first_broadcast - 1;
  std::size_t slot = 0;  // of latest_: broadcast i - Q, then i
  StepArrays a{nullptr,     nullptr,      accepted_.data(),      free_.data(),        window_.data(),
               has_.data(), held_.data(), count_entries_.data(), count_reads_.data()};
  for (const std::uint32_t column : columns) {
    const std::int64_t next = std::max(broadcast + 1, latest_[slot] + 1);
    timing.queue_full_cycles += static_cast<std::uint64_t>(next - (broadcast + 1));
    broadcast = next;
    if (broadcast - base_ > kRebase) {
      rebase(static_cast<std::int32_t>(broadcast - base_));
      flush_counters();
    }
    a.begin = image.pointers(column);
    a.end = image.pointers(column + 1);
    count_column(a, n_pe_, log2_row_, row_mask_);
    const auto earliest = static_cast<std::int32_t>(broadcast - base_ + 1);
    const std::int32_t latest =
        look_ahead_ == 0 ? step_paper(a, n_pe_, earliest) : step_look_ahead(a, n_pe_, earliest, look_ahead_);
    latest_[slot] = base_ + latest;
    slot = slot + 1 == queue_depth_ ? 0 : slot + 1;
    if (first_entries != nullptr) {
      for (unsigned p = 0; p < n_pe_; ++p) {
        const auto k = static_cast<std::int32_t>(a.end[p] - a.begin[p]);
        std::int32_t first = look_ahead_ == 0 ? free_[p] - std::max(k, 1) + 1 : accepted_[p] + 1;
        if (look_ahead_ != 0 && k > 0) first = free_[p] - k;
        first_entries->push_back(base_ + first);
      }
    }
  }
  flush_counters();
  // The root is exhausted the cycle after the last broadcast, then the CCU drains. A PE is idle in the first cycle in
  // which its queue is empty and no entry address is out; it reports that a cycle later.
  const std::int64_t exhausted = columns.empty() ? 1 : broadcast + 1;
  std::int64_t idle = exhausted + 1;
  if (!columns.empty()) {
    for (unsigned p = 0; p < n_pe_; ++p) {
      const bool empty = a.end[p] <= a.begin[p];
      const std::int32_t at = look_ahead_ != 0 ? std::max(accepted_[p] + 1, free_[p]) : free_[p] + (empty ? 0 : 1);
      idle = std::max(idle, base_ + at);
    }
  }
  const std::int64_t drained = idle + 1;
  timing.cycles = static_cast<std::uint64_t>(drained + 3);  // two more cycles for the last sum, and on
  return timing;
}

}  // namespace eie
