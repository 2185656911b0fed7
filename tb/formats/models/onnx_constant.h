// SPDX-License-Identifier: Apache-2.0
// An ONNX model as a message, and the constant tensors in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>
#ifndef ONNX_ML
#define ONNX_ML  // as Debian built it
#endif
#include <onnx/onnx_pb.h>

#include "tb/formats/models/dense_file.h"

namespace eie::tb {

/// Parses a whole model. Throws UserError: of one over 2 GiB, damaged, or that would take far more memory than its file.
std::shared_ptr<const onnx::ModelProto> parse_onnx(const std::string& path, const FileBytes& bytes);

/// A tensor whose values are in the file.
struct OnnxConstant {
  std::string name;                 // as the model calls it
  std::vector<std::size_t> stored;  // its shape, as it lies there
  DenseData data;
  bool transposed = false;  // of a matrix: it is used the other way round

  std::vector<std::size_t> shape() const;
  std::size_t size() const;
};

/// Reads tensors of a model: raw, typed or external data.
class OnnxTensors {
 public:
  OnnxTensors(std::string path, std::shared_ptr<const onnx::ModelProto> model)
      : path_(std::move(path)), model_(std::move(model)) {}

  /// Throws UserError: another type, a shape that its bytes do not have, external data that is not below the model's folder.
  OnnxConstant read(const onnx::TensorProto& tensor, const std::string& name);
  /// A constant of one dimension (none: a scalar).
  OnnxConstant of(const std::vector<double>& values, bool scalar, const std::string& name) const;

  /// All values, in C order of shape(). Throws UserError unless they are finite floats.
  std::vector<double> floats(const OnnxConstant& constant) const;
  /// Throws UserError unless they are integers or booleans.
  std::vector<std::int64_t> integers(const OnnxConstant& constant) const;

  /// Files of external data that were read, in order.
  const std::vector<std::string>& data_files() const { return data_files_; }

 private:
  FileBytes external(const onnx::TensorProto& tensor, const std::string& name, std::size_t need);
  FileBytes typed(const onnx::TensorProto& tensor, const std::string& name, const NumberType& type, std::size_t count) const;
  [[noreturn]] void fail(const std::string& name, const std::string& found, const std::string& expected) const;

  std::string path_;
  std::shared_ptr<const onnx::ModelProto> model_;
  std::unordered_map<std::string, FileBytes> mapped_;
  std::vector<std::string> data_files_;
};

}  // namespace eie::tb
