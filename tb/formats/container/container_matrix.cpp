// SPDX-License-Identifier: Apache-2.0
// A container's weights and biases as matrices: for commands that take single files.
#include <algorithm>
#include <mutex>

#include "tb/formats/container/stored_network.h"
#include "tb/formats/readers.h"

namespace eie::tb {
namespace {

/// The shared values of a layer, rows x columns. The rows are put together when somebody asks for them.
class ContainerWeights final : public MatrixFile {
 public:
  ContainerWeights(std::string name, ContainerMember member)
      : MatrixFile(std::move(name), "EIE container"), member_(std::move(member)), rows_of_(std::make_shared<Rows>()) {
    shape_ = {member_.stored().rows, member_.stored().columns};
    type_ = "float64";
  }
  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<ContainerWeights>(*this); }
  const SparseRows* sparse() const override {
    std::call_once(rows_of_->once, [this] { rows_of_->elements = transposed(member_.stored()); });
    return &rows_of_->elements;
  }

 private:
  struct Rows {
    std::once_flag once;
    SparseRows elements;
  };

  static SparseRows transposed(const StoredLayer& layer) {
    const std::vector<double>& values = layer.codebook.values;
    const SparseCodes& codes = layer.codes;
    SparseRows elements;
    elements.offset.assign(layer.rows + 1, 0);
    for (std::size_t e = 0; e < codes.row.size(); ++e) {
      if (values[codes.code[e]] != 0) ++elements.offset[codes.row[e] + 1];
    }
    for (std::size_t i = 0; i < layer.rows; ++i) elements.offset[i + 1] += elements.offset[i];
    elements.column.resize(elements.offset.back());
    elements.value.resize(elements.offset.back());
    std::vector<std::size_t> at(elements.offset.begin(), elements.offset.end() - 1);
    for (std::size_t j = 0; j < layer.columns; ++j) {
      for (std::size_t e = codes.offset[j]; e < codes.offset[j + 1]; ++e) {
        const double value = values[codes.code[e]];
        if (value == 0) continue;
        const std::size_t k = at[codes.row[e]]++;
        elements.column[k] = static_cast<std::uint32_t>(j);
        elements.value[k] = value;
      }
    }
    return elements;
  }

  void convert(std::size_t first, std::size_t count, double* values) const override {
    const SparseRows& elements = *sparse();
    std::fill(values, values + count * columns(), 0.0);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t e = elements.offset[first + i]; e < elements.offset[first + i + 1]; ++e) {
        values[i * columns() + elements.column[e]] = elements.value[e];
      }
    }
  }

  ContainerMember member_;
  std::shared_ptr<Rows> rows_of_;  // of all copies
};

class ContainerBias final : public MatrixFile {
 public:
  ContainerBias(std::string name, ContainerMember member)
      : MatrixFile(std::move(name), "EIE container"), member_(std::move(member)) {
    shape_ = {member_.stored().rows};
    type_ = "float64";
  }
  std::unique_ptr<MatrixFile> again() const override { return std::make_unique<ContainerBias>(*this); }

 private:
  void convert(std::size_t, std::size_t, double* values) const override {
    const std::vector<double>& bias = member_.stored().bias;
    std::copy(bias.begin(), bias.end(), values);
  }

  ContainerMember member_;
};

}  // namespace

std::unique_ptr<MatrixFile> open_container_matrix(const std::string& name) {
  ContainerMember member = container_member(name);
  if (member.bias) return std::make_unique<ContainerBias>(name, std::move(member));
  return std::make_unique<ContainerWeights>(name, std::move(member));
}

}  // namespace eie::tb
