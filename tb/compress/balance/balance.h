// SPDX-License-Identifier: Apache-2.0
// Rows dealt to PEs and local rows so that the PEs have the same work: over all columns, and within windows of consecutive
// columns, which a queue in front of each PE does not even out (EIE, section VI-A and Figure 8; docs/balance.md).
//
// The hardware does not know of it: a layer's rows are given to the device in another order, the next layer's columns follow.
#pragma once

#include <cstddef>
#include <vector>

#include "tb/compress/balance/layer_order.h"
#include "tb/config/config.h"
#include "tb/encoding/encoder.h"
#include "tb/encoding/matrix_source.h"

namespace eie::tb {

enum class BalanceKind { kNone, kRows, kWindows };

/// Columns of a window where nobody says otherwise: docs/balance.md has the study.
constexpr std::size_t kBalanceWindow = 64;

struct BalanceRequest {
  BalanceKind kind = BalanceKind::kNone;
  std::size_t window = kBalanceWindow;  // columns, at least 1
  /// How often each column is broadcast, 0 to 1; empty, or nothing but zeros: all of them equally often.
  std::vector<double> use;
};

/// Work of the PE that has most / work of a PE in the mean, 1 where it is even. Work is non-zero weights, each as often as its
/// column is used; rows of one block count together.
struct Evenness {
  double all = 1;      // over all columns
  double windows = 1;  // the largest of each window added up
};

/// What came of it.
struct Balance {
  BalanceKind kind = BalanceKind::kNone;
  std::size_t window = 0;   // columns; more than asked for where a matrix would have too many of them
  bool calibrated = false;  // some columns count more than others
  Evenness before;
  Evenness after;
};

struct BalancedRows {
  Order rows;  // empty with kNone
  Balance balance;
};

/// An order of the source's rows for these row blocks. Every PE keeps its number of rows in every block. kRows: longest first,
/// each to the PE with the least work. kWindows: from there on, rows of two PEs are exchanged as long as that makes work more
/// even, at random with a fixed seed. In a PE the rows with most entries come first: the zeros that are left are then at
/// the end of a column, where they need no padding. The same input gives the same order everywhere.
///
/// Reads every column once. Memory: four bytes a row and window. Throws std::logic_error for a `use` of another length.
BalancedRows balance_rows(const ColumnSource& source, const HwConfig& config, const std::vector<RowBlock>& blocks,
                          const BalanceRequest& request);

/// "none", "rows", "windows".
const char* balance_name(BalanceKind kind);

}  // namespace eie::tb
