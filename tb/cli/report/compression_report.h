// SPDX-License-Identifier: Apache-2.0
// What `eie compress` found out, as a table and as JSON.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tb/compress/compress.h"
#include "tb/compress/device_fit.h"
#include "tb/config/config.h"
#include "tb/layers/input_files.h"

namespace eie::tb {

struct CompressionReport {
  const Compression* compression = nullptr;
  std::vector<DeviceFit> fits;  // one a layer
  HwConfig config;
  unsigned index_bits = 0;
};

/// What the user should know: what does not fit the configuration, layers that were asked for more weights than they have.
std::vector<std::string> compression_warnings(const CompressionReport& report);

void print_compression(const CompressionReport& report, std::FILE* out);

/// The report as JSON (docs/compression.md). `options`: those of the command, with their values.
nlohmann::ordered_json compression_report_json(const CompressionReport& report, const nlohmann::ordered_json& options,
                                               const std::vector<InputFile>& inputs);

}  // namespace eie::tb
