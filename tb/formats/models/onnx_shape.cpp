// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/models/onnx_shape.h"

#include <algorithm>

namespace eie::tb {
namespace {

constexpr std::size_t kMostElements = std::size_t{1} << 40;

// Their product; nothing when one is not known, or it is too large.
std::optional<std::size_t> product(const std::vector<std::int64_t>& sides, std::size_t first) {
  std::size_t result = 1;
  for (std::size_t k = first; k < sides.size(); ++k) {
    if (sides[k] <= 0 || result > kMostElements / static_cast<std::size_t>(sides[k])) return std::nullopt;
    result *= static_cast<std::size_t>(sides[k]);
  }
  return result;
}

}  // namespace

OnnxShape::OnnxShape(const onnx::ValueInfoProto& value) {
  if (!value.has_type() || !value.type().has_tensor_type() || !value.type().tensor_type().has_shape()) return;
  dimensions_.emplace();
  for (const auto& side : value.type().tensor_type().shape().dim()) {
    dimensions_->push_back(side.has_dim_value() && side.dim_value() > 0 ? side.dim_value() : -1);
  }
  if (dimensions_->empty() || dimensions_->size() > 32) dimensions_.reset();
}

std::optional<std::size_t> OnnxShape::elements() const { return dimensions_ ? product(*dimensions_, first()) : std::nullopt; }

std::string OnnxShape::text() const {
  if (!dimensions_) return "unknown";
  std::string text = "(";
  for (std::size_t d = 0; d < dimensions_->size(); ++d) {
    const std::int64_t side = (*dimensions_)[d];
    text += (d != 0 ? ", " : "") + (side > 0 ? std::to_string(side) : d == 0 && first() == 1 ? "N" : "?");
  }
  return text + ")";
}

void OnnxShape::set_features(std::size_t features) {
  if (!dimensions_) dimensions_ = {-1, -1};
  dimensions_->resize(first() + 1);
  dimensions_->back() = static_cast<std::int64_t>(features);
}

bool OnnxShape::flatten(std::int64_t axis) {
  if (!dimensions_) {
    if (axis != 1) return false;
    dimensions_ = {-1, -1};
    return true;
  }
  const auto rank = static_cast<std::int64_t>(dimensions_->size());
  if (rank == 1) return false;  // the features would become the batch
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) return false;
  if (axis == 0 && dimensions_->front() != 1) return false;
  for (std::int64_t d = 1; d < axis; ++d) {
    if ((*dimensions_)[static_cast<std::size_t>(d)] != 1) return false;
  }
  const std::optional<std::size_t> all = elements();
  dimensions_ = {dimensions_->front(), all ? static_cast<std::int64_t>(*all) : -1};
  return true;
}

bool OnnxShape::reshape(const std::vector<std::int64_t>& target, bool allow_zero) {
  if (target.size() < 2 || target.size() > 32 || (dimensions_ && dimensions_->size() == 1)) return false;
  const std::optional<std::size_t> all = elements();
  const std::int64_t batch = dimensions_ ? dimensions_->front() : -1;
  std::vector<std::int64_t> rest(target.begin() + 1, target.end());
  std::size_t open = 0;  // dimensions that follow from the others
  for (std::size_t k = 0; k < rest.size(); ++k) {
    if (rest[k] == 0 && !allow_zero) {
      if (!dimensions_ || k + 1 >= dimensions_->size()) return false;
      rest[k] = (*dimensions_)[k + 1];
      if (rest[k] <= 0) return false;  // not known, and not to be taken for the open one
    } else if (rest[k] == -1) {
      ++open;
    } else if (rest[k] <= 0) {
      return false;
    }
  }
  if (open > 1) return false;
  if (open == 1) {
    const auto at = std::find(rest.begin(), rest.end(), -1);
    *at = 1;
    const std::optional<std::size_t> others = product(rest, 0);
    // Only a batch that stays leaves this to be inferred.
    const bool stays = target[0] == 0 ? !allow_zero : target[0] > 0 && target[0] == batch;
    if (!others || !stays || (all && *all % *others != 0)) return false;
    *at = all ? static_cast<std::int64_t>(*all / *others) : -1;
  } else {
    const std::optional<std::size_t> others = product(rest, 0);
    if (!others || (all && *all != *others)) return false;
    const bool stays = target[0] == 0 ? !allow_zero : target[0] == -1 || target[0] == batch || (all && target[0] == 1);
    if (!stays) return false;
  }
  rest.insert(rest.begin(), batch);
  dimensions_ = std::move(rest);
  return true;
}

std::optional<std::vector<std::size_t>> OnnxShape::meet(const std::vector<std::size_t>& constant,
                                                        std::optional<std::int64_t> axis) {
  std::vector<std::size_t> shape = constant;
  if (!dimensions_) {  // a vector says how many features there are
    const std::size_t last = shape.empty() ? 1 : shape.back();
    for (std::size_t d = 0; d + 1 < shape.size(); ++d) {
      if (shape[d] != 1) return std::nullopt;
    }
    if (shape.size() > 2 || (axis && *axis != 1)) return std::nullopt;
    if (last == 1) return std::vector<std::size_t>{1};
    dimensions_ = {-1, -1};
  }
  const std::size_t rank = dimensions_->size();
  if (shape.size() > rank) return std::nullopt;
  if (axis) {
    const std::int64_t at = *axis < 0 ? *axis + static_cast<std::int64_t>(rank) : *axis;
    if (at < 0 || static_cast<std::size_t>(at) + shape.size() > rank) return std::nullopt;
    shape.resize(rank - static_cast<std::size_t>(at), 1);
  }
  shape.insert(shape.begin(), rank - shape.size(), 1);
  if (first() == 1 && shape[0] != 1) return std::nullopt;
  for (std::size_t d = first(); d < rank; ++d) {
    std::int64_t& side = (*dimensions_)[d];
    if (shape[d] == 1) continue;
    if (side == -1) side = static_cast<std::int64_t>(shape[d]);
    if (side != static_cast<std::int64_t>(shape[d])) return std::nullopt;
  }
  return shape;
}

std::optional<std::vector<double>> OnnxShape::spread(const std::vector<double>& values,
                                                     const std::vector<std::size_t>& shape) const {
  if (values.size() == 1) return values;
  const std::optional<std::size_t> all = elements();
  if (!all) return std::nullopt;
  std::vector<double> result(*all);
  std::vector<std::size_t> at(shape.size(), 0);
  for (double& x : result) {
    std::size_t k = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) k = k * shape[d] + (shape[d] == 1 ? 0 : at[d]);
    x = values[k];
    for (std::size_t d = shape.size(); d-- > first();) {
      if (++at[d] < static_cast<std::size_t>((*dimensions_)[d])) break;
      at[d] = 0;
    }
  }
  return result;
}

}  // namespace eie::tb
