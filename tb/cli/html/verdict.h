// SPDX-License-Identifier: Apache-2.0
// Which of several configurations to build, and why, in words: computed from their reports alone.
#pragma once

#include <string>
#include <vector>

#include "tb/cli/html/read/report_data.h"

namespace eie::tb {

/// Values closer than this share of the smaller one count as equal.
constexpr double kEqualShare = 0.01;
/// Accuracies closer than this count as equal.
constexpr double kEqualAccuracy = 0.001;

/// Why two runs cannot be held against each other: other layers, other inputs. Empty: they did the same work.
std::string other_work(const RunData& a, const RunData& b);

/// The smaller is better, of `a` and `b`: -1 is a by more than kEqualShare, 1 is b, 0 neither.
int better(double a, double b);

struct Reasons {
  std::string title;               // which two
  std::vector<std::string> lines;  // one a quantity, then why
};
struct ReportVerdict {
  std::string headline;
  std::vector<std::string> lines;
  std::vector<Reasons> pairs;
  std::vector<std::string> limits;  // what the figures leave out
};

/// Of two runs or more.
ReportVerdict verdict_of(const std::vector<RunData>& runs);

/// Of the whole run; nothing where the report has none.
Number energy_uj_of(const RunData& run);

/// What a single run comes to, and what bounds it.
std::vector<std::string> summary_of(const RunData& run);

/// "queue_depth 7 and 12"; of the keys in which they differ, the name apart.
std::vector<std::string> differing_keys(const RunData& a, const RunData& b);

/// A reason of PE cycles in words, by the index of kCycleReasonKeys.
const char* reason_words(unsigned reason);

}  // namespace eie::tb
