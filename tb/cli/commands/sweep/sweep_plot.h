// SPDX-License-Identifier: Apache-2.0
// Time, energy and area of a sweep's points as a picture, with those that no other beats.
#pragma once

#include <string>

#include "tb/sweep/results/table.h"

namespace eie::tb {

/// Draws one panel a front, energy over time, area as colour. Throws UserError.
void draw_sweep(const SweepTable& table, const std::string& path);

}  // namespace eie::tb
