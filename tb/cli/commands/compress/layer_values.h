// SPDX-License-Identifier: Apache-2.0
// Options with a value for each layer: "0.1", "fc1=0.08,fc2=0.09", "0.1,fc3=0.25".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace eie::tb {

/// One value a layer, in their order; a value without a name is for all layers that are not named. Empty text: none at all.
/// `option` is as the user knows it (--density). Throws the UserError `option is '...': ...` for a name that no layer has, a
/// layer or a value for the others given twice, and what is no number between `low` (itself only if `with_low`) and `high`.
struct LayerValueRange {
  double low;
  bool with_low;
  double high;
  const char* expected;  // "numbers over 0, up to 1"
};
std::vector<std::optional<double>> layer_values(const std::string& option, const std::string& text,
                                                const std::vector<std::string>& layers, const LayerValueRange& range);

}  // namespace eie::tb
