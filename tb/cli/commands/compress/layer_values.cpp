// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/commands/compress/layer_values.h"

#include <algorithm>
#include <charconv>

#include "tb/cli/help/nearest.h"
#include "tb/support/error.h"

namespace eie::tb {

std::vector<std::optional<double>> layer_values(const std::string& option, const std::string& text,
                                                const std::vector<std::string>& layers, const LayerValueRange& range) {
  std::vector<std::optional<double>> values(layers.size());
  if (text.empty()) return values;
  auto fail = [&](const std::string& found, const std::string& expected) {
    throw UserError(option + " is '" + text + "': " + found + "expected " + expected);
  };
  std::optional<double> others;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, comma - at);
    at = comma + 1;
    const std::size_t equals = item.rfind('=');
    const std::string digits = equals == std::string::npos ? item : item.substr(equals + 1);
    double value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() ||
        !(range.with_low ? value >= range.low : value > range.low) || !(value <= range.high)) {
      fail(item == text ? "" : "'" + item + "': ",
           std::string(range.expected) + ", for all layers or as LAYER=VALUE,LAYER=VALUE");
    }
    if (equals == std::string::npos) {
      if (others) fail("two values without a layer's name: ", "one, for the layers that are not named");
      others = value;
      continue;
    }
    const std::string name = item.substr(0, equals);
    const auto layer = std::find(layers.begin(), layers.end(), name);
    if (layer == layers.end()) {
      fail("there is no layer '" + name + "': ", "one of " + listed(layers) + nearest_text(name, layers));
    }
    std::optional<double>& named = values[static_cast<std::size_t>(layer - layers.begin())];
    if (named) fail("layer '" + name + "' is named twice: ", "each once");
    named = value;
  }
  for (std::optional<double>& value : values) {
    if (!value) value = others;
  }
  return values;
}

}  // namespace eie::tb
