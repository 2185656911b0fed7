// SPDX-License-Identifier: Apache-2.0
// What an engine is compiled for: a row a configuration, its values and what makes its device. The tables are generated
// (cmake/EieConfigs.cmake).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tb/engines/engines.h"

namespace eie::tb {

struct CompiledEngine {
  HwConfig config;
  std::unique_ptr<Device> (*make)(const TraceOptions&);
};

/// The tables of the program's engines.
const std::vector<CompiledEngine>& compiled_hw_engines();
const std::vector<CompiledEngine>& compiled_rtl_engines();

/// The first key in which a configuration differs from the expected one, with both values, or an empty string.
std::string first_difference(const HwConfig& config, const HwConfig& expected);

/// The index of this configuration among those compiled for `engine`. Throws NotCompiled when it is none of them (naming those
/// that are) and when the values differ from those that were compiled.
std::size_t index_of_compiled(const std::vector<HwConfig>& compiled, const HwConfig& config, const std::string& engine);

/// The row of this configuration; a Row has a member `config`.
template <class Row>
const Row& find_compiled(const std::vector<Row>& table, const HwConfig& config, const std::string& engine) {
  std::vector<HwConfig> compiled;
  for (const Row& row : table) compiled.push_back(row.config);
  return table[index_of_compiled(compiled, config, engine)];
}

}  // namespace eie::tb
