// SPDX-License-Identifier: Apache-2.0
// The configurations that this program's engines are compiled for.
#pragma once

#include <vector>

#include "tb/config/config.h"

namespace eie::tb {

const std::vector<HwConfig>& compiled_for_hw();  // generated/compiled/compiled_for_hw.cpp
const std::vector<HwConfig>& compiled_for_rtl();

/// Whether a configuration is one of them, all values equal.
bool is_compiled(const HwConfig& config, const std::vector<HwConfig>& compiled);

}  // namespace eie::tb
