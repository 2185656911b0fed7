// SPDX-License-Identifier: Apache-2.0
// What came of one point, and its line in a journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eie::tb {

enum class SweepStatus {
  kOk,
  kRefused,   // not possible: an illegal configuration, a layer that does not fit, outside the technology's rules
  kOver,      // possible, but over a constraint
  kMismatch,  // not what the golden model says
  kFailed     // the device failed
};
constexpr unsigned kSweepStatuses = 5;

/// "ok", "refused", "over", "mismatch", "failed".
const char* status_name(SweepStatus status);

struct SweepRow {
  std::uint64_t index = 0;
  std::string digest;  // of the point
  SweepStatus status = SweepStatus::kOk;
  std::optional<std::uint64_t> cycles;
  std::optional<double> time_us;
  std::optional<double> energy_uj;
  std::optional<double> power_mw;
  std::optional<double> area_mm2;
  std::optional<double> load_balance;
  std::string reason;  // of another status than ok
};

/// A number as text that reads back equal; empty for none.
std::string row_number(const std::optional<double>& value);

/// `text`, a tab, eight digits of CRC-32, a line break: a line that shows whether all of it is there.
std::string sealed_line(const std::string& text);
/// What sealed_line() was given, from its line without the break; nothing for another line.
std::optional<std::string> unsealed(std::string_view line);

/// A row as a sealed line, and back; nothing for a line that is damaged.
std::string row_line(const SweepRow& row);
std::optional<SweepRow> row_of_line(std::string_view line);

}  // namespace eie::tb
