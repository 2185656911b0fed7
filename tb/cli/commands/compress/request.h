// SPDX-License-Identifier: Apache-2.0
// What a compression is asked for, in words: the same whether the program's options or Python's arguments have them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tb/compress/compress.h"
#include "tb/compress/container.h"

namespace eie::tb {

/// Under the names of the program's options: density, threshold, rate, prune-balance, window, start, seed, bits.
struct CompressionRequest {
  std::map<std::string, std::string> words;  // given or by default; a container keeps them
  std::set<std::string> given;               // not by default
  unsigned code_width = 4;
  unsigned index_bits = 4;
  std::uint64_t seed = 1;
  std::size_t window = 64;
  std::function<std::string(const std::string& option)> spelled;  // an option as the user knows it: "--density", "density"

  std::string text(const std::string& option) const {
    const auto found = words.find(option);
    return found == words.end() ? std::string() : found->second;
  }
};

/// What does not depend on the layers. Throws UserError.
CompressOptions compress_options_of(const CompressionRequest& request, unsigned n_pe);

/// What each layer is asked for, from density, threshold and rate; the rate and the balance in `how`. Throws UserError.
void set_requests(const CompressionRequest& request, std::vector<LayerInput>& layers, CompressOptions& how);

/// What was asked for, as a container keeps it.
ContainerOptions container_words(const CompressionRequest& request);

}  // namespace eie::tb
