// SPDX-License-Identifier: Apache-2.0
#include "tb/test/baseline/layer_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::baseline {
namespace {

using host::UserError;

constexpr char kMagic[8] = {'E', 'I', 'E', 'L', 'A', 'Y', '1', '\n'};
constexpr std::uint64_t kMost = 1u << 24;  // rows and columns

struct Head {
  char magic[8];
  std::uint32_t rows, columns, frames, entries;
};

template <class T>
void put(tb::AtomicFile& file, const std::vector<T>& values) {
  file.write(values.data(), values.size() * sizeof(T));
}

template <class T>
void get(std::ifstream& file, std::vector<T>& values, std::size_t count) {
  values.resize(count);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(T)));
}

}  // namespace

void write_layer(const std::string& path, const Layer& layer) {
  tb::AtomicFile file(path);
  Head head;
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.rows = layer.rows;
  head.columns = layer.columns;
  head.frames = layer.frames;
  head.entries = static_cast<std::uint32_t>(layer.value.size());
  file.write(&head, sizeof head);
  put(file, layer.row_start);
  put(file, layer.column);
  put(file, layer.value);
  put(file, layer.inputs);
  put(file, layer.outputs);
  file.commit();
}

Layer read_layer(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw UserError(path + ": cannot be read: expected a file of baseline_layers");
  const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
  file.seekg(0);
  Head head;
  file.read(reinterpret_cast<char*>(&head), sizeof head);
  if (!file || std::memcmp(head.magic, kMagic, sizeof kMagic) != 0) {
    throw UserError(path + ": its first bytes are others: expected a file of baseline_layers");
  }
  const auto legal = [&](const char* what, std::uint64_t value) {
    if (value < 1 || value > kMost) {
      throw UserError(path + ": " + what + " " + std::to_string(value) + ": expected 1 to " + std::to_string(kMost));
    }
  };
  legal("rows", head.rows);
  legal("columns", head.columns);
  legal("frames", head.frames);
  const std::uint64_t words =
      std::uint64_t{head.rows} + 1 + 2 * std::uint64_t{head.entries} + (std::uint64_t{head.rows} + head.columns) * head.frames;
  if (size != sizeof head + 4 * words) {
    throw UserError(path + ": has " + std::to_string(size) + " bytes: expected " + std::to_string(sizeof head + 4 * words));
  }
  Layer layer;
  const std::string file_name = path.substr(path.find_last_of('/') + 1);
  layer.name = file_name.substr(0, file_name.find_last_of('.'));
  layer.rows = head.rows;
  layer.columns = head.columns;
  layer.frames = head.frames;
  get(file, layer.row_start, std::size_t{head.rows} + 1);
  get(file, layer.column, head.entries);
  get(file, layer.value, head.entries);
  get(file, layer.inputs, std::size_t{head.columns} * head.frames);
  get(file, layer.outputs, std::size_t{head.rows} * head.frames);
  if (!file) throw UserError(path + ": cannot be read to its end: expected " + std::to_string(size) + " bytes");
  if (layer.row_start.front() != 0 || layer.row_start.back() != static_cast<std::int64_t>(head.entries) ||
      !std::is_sorted(layer.row_start.begin(), layer.row_start.end())) {
    throw UserError(path + ": the rows' starts do not ascend from 0: expected to " + std::to_string(head.entries));
  }
  for (const std::int32_t column : layer.column) {
    if (column < 0 || static_cast<std::uint32_t>(column) >= head.columns) {
      throw UserError(path + ": an entry in column " + std::to_string(column) + ": expected below " +
                      std::to_string(head.columns));
    }
  }
  return layer;
}

double relative_error(const Layer& layer, const std::vector<float>& seen, std::size_t frames) {
  double difference = 0;
  double largest = 0;
  for (std::size_t i = 0; i < layer.rows; ++i) {
    for (std::size_t k = 0; k < frames; ++k) {
      const double expected = static_cast<double>(layer.outputs[i * layer.frames + k]);
      const double apart = std::abs(static_cast<double>(seen[i * frames + k]) - expected);
      if (std::isnan(apart)) return apart;
      difference = std::max(difference, apart);
      largest = std::max(largest, std::abs(expected));
    }
  }
  return largest > 0 ? difference / largest : difference;
}

}  // namespace eie::baseline
