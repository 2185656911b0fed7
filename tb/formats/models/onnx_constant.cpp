// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/models/onnx_constant.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "tb/formats/readers.h"
#include "tb/support/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLegal = "float16, bfloat16, float32, float64, integers or bool";

std::optional<NumberType> number_type(std::int32_t type) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return NumberType{'f', 4, false};
    case onnx::TensorProto::DOUBLE:
      return NumberType{'f', 8, false};
    case onnx::TensorProto::FLOAT16:
      return NumberType{'f', 2, false};
    case onnx::TensorProto::BFLOAT16:
      return NumberType{'B', 2, false};
    case onnx::TensorProto::BOOL:
      return NumberType{'b', 1, false};
    case onnx::TensorProto::INT8:
      return NumberType{'i', 1, false};
    case onnx::TensorProto::INT16:
      return NumberType{'i', 2, false};
    case onnx::TensorProto::INT32:
      return NumberType{'i', 4, false};
    case onnx::TensorProto::INT64:
      return NumberType{'i', 8, false};
    case onnx::TensorProto::UINT8:
      return NumberType{'u', 1, false};
    case onnx::TensorProto::UINT16:
      return NumberType{'u', 2, false};
    case onnx::TensorProto::UINT32:
      return NumberType{'u', 4, false};
    case onnx::TensorProto::UINT64:
      return NumberType{'u', 8, false};
    default:
      return std::nullopt;
  }
}

// Types after version 1.12, whose library does not know them, have a number.
std::string type_name(std::int32_t type) {
  const std::string name = onnx::TensorProto::DataType_Name(type);
  return name.empty() ? "type " + std::to_string(type) : name;
}

// The elements of a typed field, each cut to the bytes of its type.
template <class Field>
FileBytes packed(const Field& field, const NumberType& type) {
  std::vector<unsigned char> bytes(static_cast<std::size_t>(field.size()) * type.bytes);
  for (int k = 0; k < field.size(); ++k) {
    const auto value = field.Get(k);
    std::memcpy(bytes.data() + static_cast<std::size_t>(k) * type.bytes, &value, type.bytes);  // little endian
  }
  return FileBytes(std::move(bytes));
}

bool parse_size(const std::string& text, std::size_t& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

}  // namespace

std::vector<std::size_t> OnnxConstant::shape() const {
  return transposed ? std::vector<std::size_t>{stored[1], stored[0]} : stored;
}

std::size_t OnnxConstant::size() const { return data.bytes.size() / data.type.bytes; }

void OnnxTensors::fail(const std::string& name, const std::string& found, const std::string& expected) const {
  fail_file(path_, "tensor " + printable(name) + " " + found, expected);
}

OnnxConstant OnnxTensors::read(const onnx::TensorProto& tensor, const std::string& name) {
  OnnxConstant constant;
  constant.name = name;
  const std::optional<NumberType> type = number_type(tensor.data_type());
  if (!type) fail(name, "holds " + type_name(tensor.data_type()), kLegal);
  if (tensor.has_segment()) fail(name, "is a segment of one", "a whole tensor");
  constant.data.type = *type;
  constexpr int kMostDimensions = 32;
  if (tensor.dims_size() > kMostDimensions) fail(name, "has over 32 dimensions", "up to 32");
  for (const std::int64_t side : tensor.dims()) {
    if (side <= 0) fail(name, "has a dimension of " + std::to_string(side), "at least 1");
    constant.stored.push_back(static_cast<std::size_t>(side));
  }
  const std::string of = "shape " + shape_text(constant.stored) + " of " + type->name();
  const std::size_t need = bytes_of(constant.stored, *type, SIZE_MAX / 2);
  if (need == SIZE_MAX) fail(name, "has " + of, "elements that memory can hold");
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    constant.data.bytes = external(tensor, name, need);
  } else if (tensor.has_raw_data()) {
    const std::string& raw = tensor.raw_data();
    constant.data.bytes = FileBytes(model_, reinterpret_cast<const unsigned char*>(raw.data()), raw.size());
  } else {
    constant.data.bytes = typed(tensor, name, *type, need / type->bytes);
  }
  if (constant.data.bytes.size() != need) {
    fail(name, "has " + std::to_string(constant.data.bytes.size()) + " bytes of data", std::to_string(need) + " for " + of);
  }
  return constant;
}

FileBytes OnnxTensors::typed(const onnx::TensorProto& tensor, const std::string& name, const NumberType& type,
                             std::size_t count) const {
  auto check = [&](int size) {
    if (static_cast<std::size_t>(size) == count) return;
    fail(name, "has " + std::to_string(size) + " elements of data", std::to_string(count) + " for its shape");
  };
  auto view = [&](const auto& field) {
    check(field.size());
    return FileBytes(model_, reinterpret_cast<const unsigned char*>(field.data()), count * type.bytes);
  };
  if (type.kind == 'f' && type.bytes == 4) return view(tensor.float_data());
  if (type.kind == 'f' && type.bytes == 8) return view(tensor.double_data());
  if (type.kind == 'i' && type.bytes == 8) return view(tensor.int64_data());
  if (type.kind == 'u' && type.bytes >= 4) {
    check(tensor.uint64_data_size());
    return packed(tensor.uint64_data(), type);
  }
  check(tensor.int32_data_size());  // all smaller ones, halves by their bits
  return packed(tensor.int32_data(), type);
}

FileBytes OnnxTensors::external(const onnx::TensorProto& tensor, const std::string& name, std::size_t need) {
  std::string location;
  std::size_t offset = 0;
  std::optional<std::size_t> length;
  for (const auto& entry : tensor.external_data()) {
    const std::string& value = entry.value();
    if (entry.key() == "location") {
      location = value;
    } else if (entry.key() == "offset") {
      if (!parse_size(value, offset)) fail(name, "has external data at offset '" + printable(value) + "'", "a number of bytes");
    } else if (entry.key() == "length") {
      length.emplace();
      if (!parse_size(value, *length)) fail(name, "has external data of length '" + printable(value) + "'", "a number of bytes");
    } else if (entry.key() != "checksum") {
      fail(name, "has external data with the key '" + printable(entry.key()) + "'", "location, offset, length and checksum");
    }
  }
  const std::string shown = "has external data in '" + printable(location) + "'";
  const std::string expected = "a file below the folder of the model";
  const fs::path below(location);
  if (location.empty() || location.find('\0') != std::string::npos || below.is_absolute()) fail(name, shown, expected);
  for (const fs::path& part : below) {
    if (part == "..") fail(name, shown, expected);
  }
  std::error_code failure;
  const fs::path folder = fs::canonical(fs::absolute(fs::path(path_), failure).parent_path(), failure);
  const fs::path place = fs::weakly_canonical(folder / below, failure);  // links resolved: one may lead elsewhere
  const std::string relative = place.lexically_relative(folder).string();
  if (failure || relative.empty() || relative == "." || relative.rfind("..", 0) == 0) fail(name, shown, expected);
  const std::string file = (fs::path(path_).parent_path() / below).string();
  auto at = mapped_.find(file);
  if (at == mapped_.end()) {
    FileBytes bytes;
    try {
      bytes = FileBytes::map(file, "the external data of " + path_);
    } catch (const UserError& error) {
      fail(name, shown + " (" + error.what() + ")", expected);
    }
    at = mapped_.emplace(file, std::move(bytes)).first;
    data_files_.push_back(file);
  }
  const FileBytes& all = at->second;
  const std::size_t size = length.value_or(need);
  if (offset > all.size() || size > all.size() - offset) {
    fail(name,
         shown + " from byte " + std::to_string(offset) + " to " + std::to_string(offset) + " + " + std::to_string(size) +
             ", which has " + std::to_string(all.size()) + " bytes",
         "a whole file");
  }
  return all.part(offset, size);
}

OnnxConstant OnnxTensors::of(const std::vector<double>& values, bool scalar, const std::string& name) const {
  std::vector<unsigned char> bytes(values.size() * sizeof(double));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  OnnxConstant constant;
  constant.name = name;
  if (!scalar) constant.stored = {values.size()};
  constant.data = {FileBytes(std::move(bytes)), {'f', 8, false}, false};
  return constant;
}

std::vector<double> OnnxTensors::floats(const OnnxConstant& constant) const {
  if (!constant.data.type.is_float()) fail(constant.name, "holds " + constant.data.type.name(), "floats");
  std::vector<double> values(constant.size());
  to_doubles(constant.data.bytes.data(), values.size(), constant.data.type, values.data());
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (std::isfinite(values[k])) continue;
    fail(constant.name, "has element [" + std::to_string(k) + "], which is " + (std::isnan(values[k]) ? "NaN" : "infinite"),
         "finite numbers");
  }
  if (!constant.transposed) return values;
  std::vector<double> ordered(values.size());
  const std::size_t rows = constant.stored[0];
  const std::size_t columns = constant.stored[1];
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) ordered[j * rows + i] = values[i * columns + j];
  }
  return ordered;
}

std::vector<std::int64_t> OnnxTensors::integers(const OnnxConstant& constant) const {
  if (constant.data.type.is_float()) fail(constant.name, "holds " + constant.data.type.name(), "integers");
  std::vector<std::int64_t> values(constant.size());
  to_integers(constant.data.bytes.data(), values.size(), constant.data.type, values.data());
  return values;
}

}  // namespace eie::tb
