// SPDX-License-Identifier: Apache-2.0
// Sizes of an SRAM as a type: width and depth of its words, bits that a bit of its mask stands for.
#pragma once

#include <string>

namespace eie::tb {

template <unsigned kW, unsigned kD, unsigned kM>
struct Shape {
  static constexpr unsigned kWidth = kW;
  static constexpr unsigned kDepth = kD;
  static constexpr unsigned kMask = kM;
};

/// Names typed tests.
struct ShapeName {
  template <class S>
  static std::string GetName(int /*index*/) {
    return std::to_string(S::kWidth) + "x" + std::to_string(S::kDepth) + "m" + std::to_string(S::kMask);
  }
};

}  // namespace eie::tb
