// SPDX-License-Identifier: Apache-2.0
// The compile-time form of a configuration: the C++ struct that hw/ is instantiated with.
#pragma once

#include <string>

#include "tb/config/config.h"

namespace eie::tb {

/// The struct's name: that of the configuration, '-' written as '_'.
std::string config_identifier(const HwConfig& config);

/// Text of the header `<name>.h`: struct eie::cfg::<identifier> with one `static constexpr` value per key.
std::string config_header(const HwConfig& config);

}  // namespace eie::tb
