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

/// The keys beside those of every report (docs/compression.md).
nlohmann::ordered_json compression_json(const CompressionReport& report);

}  // namespace eie::tb
