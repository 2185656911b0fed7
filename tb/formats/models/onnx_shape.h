// SPDX-License-Identifier: Apache-2.0
// What is known of the shape of the value that runs through a chain, and how constants meet it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>
#ifndef ONNX_ML
#define ONNX_ML
#endif
#include <onnx/onnx_pb.h>

namespace eie::tb {

/// The first dimension is the batch, unless there is only one: then it is one sample of that many features.
class OnnxShape {
 public:
  /// As the model declares it.
  explicit OnnxShape(const onnx::ValueInfoProto& value);

  /// Dimensions; -1: not known. Nothing: not even how many.
  const std::optional<std::vector<std::int64_t>>& dimensions() const { return dimensions_; }
  /// Elements of a sample; nothing: not known, or beyond 2^40.
  std::optional<std::size_t> elements() const;
  /// "(N, 3, ?)"; "unknown"
  std::string text() const;

  /// Makes it (batch, features), or (features,) of one sample.
  void set_features(std::size_t features);
  /// False: the batch would not stay apart, or the elements would not fit.
  bool flatten(std::int64_t axis);
  bool reshape(const std::vector<std::int64_t>& target, bool allow_zero);

  /// The constant's shape with leading 1s to as many dimensions as this has: broadcast as NumPy does it; with `axis` of opset 6,
  /// from that dimension on. Fills in dimensions that were not known. Nothing: it would enlarge this, or differs over the
  /// batch.
  std::optional<std::vector<std::size_t>> meet(const std::vector<std::size_t>& constant,
                                               std::optional<std::int64_t> axis = std::nullopt);

  /// One value of the constant for each element of a sample, in C order, or a single one for all. `shape` is from meet();
  /// nothing: the elements are not known.
  std::optional<std::vector<double>> spread(const std::vector<double>& values, const std::vector<std::size_t>& shape) const;

 private:
  std::size_t first() const { return dimensions_ && dimensions_->size() == 1 ? 0 : 1; }

  std::optional<std::vector<std::int64_t>> dimensions_;
};

}  // namespace eie::tb
