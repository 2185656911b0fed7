// SPDX-License-Identifier: Apache-2.0
// safetensors: https://huggingface.co/docs/safetensors, "Format". Eight bytes, the size N of the header; N bytes of JSON,
// {"NAME": {"dtype": "F16", "shape": [1, 16, 256], "data_offsets": [BEGIN, END]}, ..., "__metadata__": {...}};
// then the bytes of the tensors, without a hole, little endian, C order.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "tb/formats/models/dense_file.h"
#include "tb/formats/models/members.h"
#include "tb/formats/readers.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

using json = nlohmann::json;

constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kLargestHeader = 100000000;  // the limit of the format's own library
constexpr std::size_t kMostDimensions = 32;
constexpr const char* kLegal = "F16, BF16, F32, F64, I8 to I64, U8 to U64 or BOOL";

struct Tensor {
  std::string name;
  std::string dtype;
  std::vector<std::size_t> shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Bits of an element; none for a type that the format does not have.
std::optional<unsigned> element_bits(const std::string& dtype) {
  static const std::vector<std::pair<const char*, unsigned>> types = {
      {"BOOL", 8},    {"U8", 8},      {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F4", 4},
      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"I16", 16}, {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},
      {"U32", 32},    {"F32", 32},    {"F64", 64}, {"I64", 64},    {"U64", 64},    {"C64", 64}};
  for (const auto& [name, bits] : types) {
    if (dtype == name) return bits;
  }
  return std::nullopt;
}

// None for a type that is not read here.
std::optional<NumberType> number_type(const std::string& dtype) {
  if (dtype == "BOOL") return NumberType{'b', 1, false};
  if (dtype == "BF16") return NumberType{'B', 2, false};
  const std::optional<unsigned> bits = element_bits(dtype);
  if (!bits || dtype.find('_') != std::string::npos || *bits < 8 || dtype[0] == 'C') return std::nullopt;
  return NumberType{dtype[0] == 'F' ? 'f' : dtype[0] == 'I' ? 'i' : 'u', *bits / 8, false};
}

/// Takes the header's JSON piece by piece: no tree of it is built, and what is not expected ends it.
class HeaderReader : public nlohmann::json_sax<json> {
 public:
  explicit HeaderReader(std::string name) : name_(std::move(name)) {}

  std::vector<Tensor> tensors;

  bool start_object(std::size_t) override {
    switch (state_) {
      case State::kStart:
        state_ = State::kNames;
        return true;
      case State::kTensor:
        state_ = State::kKeys;
        return true;
      case State::kMetadata:
        state_ = State::kMetadataKeys;
        return true;
      default:
        unexpected("a map");
    }
  }
  bool key(string_t& text) override {
    switch (state_) {
      case State::kNames:
        if (text == "__metadata__") {
          if (metadata_) fail("has two __metadata__", "one");
          metadata_ = true;
          state_ = State::kMetadata;
          return true;
        }
        if (first_not_utf8(text) != std::string::npos) fail("has a tensor's name that is not UTF-8", "UTF-8");
        tensors.emplace_back();
        tensors.back().name = text;
        seen_.clear();
        state_ = State::kTensor;
        return true;
      case State::kKeys:
        if (std::find(seen_.begin(), seen_.end(), text) != seen_.end()) fail(where() + " has two '" + text + "'", "one");
        seen_.push_back(text);
        state_ = text == "dtype"          ? State::kType
                 : text == "shape"        ? State::kShape
                 : text == "data_offsets" ? State::kOffsets
                                          : State::kStart;
        if (state_ == State::kStart) fail(where() + " has the key '" + printable(text) + "'", "dtype, shape and data_offsets");
        return true;
      default:  // of the metadata, which may say anything
        state_ = State::kMetadataText;
        return true;
    }
  }
  bool end_object() override {
    switch (state_) {
      case State::kKeys:
        if (seen_.size() != 3) fail(where() + " is not whole", "dtype, shape and data_offsets");
        state_ = State::kNames;
        return true;
      case State::kMetadataKeys:
        state_ = State::kNames;
        return true;
      default:
        state_ = State::kDone;
        return true;
    }
  }
  bool start_array(std::size_t) override {
    if (state_ != State::kShape && state_ != State::kOffsets) unexpected("a list");
    state_ = state_ == State::kShape ? State::kSides : State::kEnds;
    return true;
  }
  bool end_array() override {
    if (state_ == State::kEnds && ends_ != 2) fail(where() + " has " + std::to_string(ends_) + " data_offsets", "begin and end");
    ends_ = 0;
    state_ = State::kKeys;
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (state_ == State::kSides) {
      if (tensors.back().shape.size() == kMostDimensions) fail(where() + " has over 32 dimensions", "up to 32");
      tensors.back().shape.push_back(value);
      return true;
    }
    if (state_ != State::kEnds || ends_ == 2) unexpected("a number");
    (ends_++ == 0 ? tensors.back().begin : tensors.back().end) = value;
    return true;
  }
  bool string(string_t& text) override {
    if (state_ == State::kMetadataText) {
      state_ = State::kMetadataKeys;
      return true;
    }
    if (state_ != State::kType) unexpected("a text");
    tensors.back().dtype = text;
    state_ = State::kKeys;
    return true;
  }
  bool number_integer(number_integer_t) override { unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { unexpected("a number with a fraction"); }
  bool boolean(bool) override { unexpected("a boolean"); }
  bool null() override { unexpected("null"); }
  bool binary(binary_t&) override { unexpected("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    fail("has a malformed header (JSON) at byte " + std::to_string(kSizeBytes + position), "a whole header");
  }

 private:
  enum class State {
    kStart,
    kNames,
    kTensor,
    kKeys,
    kType,
    kShape,
    kSides,
    kOffsets,
    kEnds,
    kMetadata,
    kMetadataKeys,
    kMetadataText,
    kDone
  };

  [[noreturn]] void fail(const std::string& found, const std::string& expected) const { fail_file(name_, found, expected); }
  [[noreturn]] void unexpected(const std::string& what) const {
    fail(where() + " holds " + what + " where it should not", "a map of tensors: dtype, shape and data_offsets of each");
  }
  std::string where() const {
    if (state_ == State::kMetadata || state_ == State::kMetadataText) return "its __metadata__";
    return tensors.empty() ? "its header" : "tensor " + printable(tensors.back().name);
  }

  std::string name_;
  State state_ = State::kStart;
  std::vector<std::string> seen_;
  int ends_ = 0;
  bool metadata_ = false;
};

// One type, every byte of the data once, no name twice.
void check(const std::string& path, std::vector<Tensor>& tensors, std::size_t held) {
  auto fail = [&](const Tensor& tensor, const std::string& found, const std::string& expected) {
    fail_file(path, "tensor " + printable(tensor.name) + " " + found, expected);
  };
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return tensors[a].name < tensors[b].name; });
  for (std::size_t k = 1; k < order.size(); ++k) {
    if (tensors[order[k - 1]].name == tensors[order[k]].name) fail(tensors[order[k]], "is given twice", "it once");
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(tensors[a].begin, tensors[a].end) < std::pair(tensors[b].begin, tensors[b].end);
  });
  std::size_t at = 0;
  for (const std::size_t k : order) {
    const Tensor& tensor = tensors[k];
    const std::string ends = "[" + std::to_string(tensor.begin) + ", " + std::to_string(tensor.end) + "]";
    if (tensor.begin != at || tensor.end < tensor.begin) {
      fail(tensor, "has data_offsets " + ends, "a begin of " + std::to_string(at) + ", where the tensor before it ends");
    }
    if (tensor.end > held) {
      fail(tensor, "has data_offsets " + ends + ", and the file has " + std::to_string(held) + " bytes of data", "a whole file");
    }
    const std::optional<unsigned> bits = element_bits(tensor.dtype);
    if (!bits) fail(tensor, "has dtype '" + printable(tensor.dtype) + "'", kLegal);
    const std::size_t size = tensor.end - tensor.begin;
    const std::size_t elements = bytes_of(tensor.shape, {'u', 1, false}, 2 * size + 1);
    if (elements == SIZE_MAX || elements * *bits != size * 8) {
      fail(tensor, "has " + std::to_string(size) + " bytes of data", "shape " + shape_text(tensor.shape) + " of " + tensor.dtype);
    }
    at = tensor.end;
  }
  if (at != held) fail_file(path, "has " + std::to_string(held - at) + " bytes after its tensors", "none");
}

std::vector<Tensor> read_header(const std::string& path, std::string_view bytes, std::size_t& data_offset) {
  if (bytes.size() < kSizeBytes) fail_file(path, "has " + std::to_string(bytes.size()) + " bytes", "a header");
  std::size_t size = 0;
  for (std::size_t k = 0; k < kSizeBytes; ++k) {
    size |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[k])) << 8 * k;
  }
  if (size > kLargestHeader) fail_file(path, "has a header of " + std::to_string(size) + " bytes", "up to 100000000");
  if (size > bytes.size() - kSizeBytes) fail_file(path, "is truncated", "a header of " + std::to_string(size) + " bytes");
  HeaderReader reader(path);
  const std::string_view header = bytes.substr(kSizeBytes, size);
  json::sax_parse(header.begin(), header.end(), &reader);
  data_offset = kSizeBytes + size;
  check(path, reader.tensors, bytes.size() - data_offset);
  return std::move(reader.tensors);
}

}  // namespace

bool is_safetensors(std::string_view bytes) {
  // A header of up to 100 MB has a size whose upper half is zero.
  return bytes.size() > kSizeBytes + 1 && bytes[kSizeBytes] == '{' && bytes.substr(4, 4) == std::string_view("\0\0\0\0", 4);
}

std::unique_ptr<MatrixFile> open_safetensors(const std::string& path, const std::string& member, const FileBytes& bytes,
                                             const Wanted& wanted) {
  std::size_t data_offset = 0;
  const std::vector<Tensor> tensors = read_header(path, bytes.text(), data_offset);
  if (tensors.empty()) fail_file(path, "holds no tensors", "at least one");
  std::vector<Member> members;
  for (const Tensor& tensor : tensors) members.push_back({tensor.name, tensor.shape});
  const Tensor& tensor = tensors[choose_member(path, member, members, wanted)];
  const std::string name = path + ":" + tensor.name;
  const std::optional<NumberType> type = number_type(tensor.dtype);
  if (!type) fail_file(name, "holds " + tensor.dtype, kLegal);
  if (tensor.shape.empty() || tensor.shape.size() > 2) {
    fail_file(name, "has shape " + shape_text(tensor.shape), "one or two dimensions");
  }
  if (tensor.begin == tensor.end) fail_file(name, "has no elements: shape " + shape_text(tensor.shape), "at least one");
  return std::make_unique<DenseFile>(name, "safetensors", tensor.shape,
                                     DenseData{bytes.part(data_offset + tensor.begin, tensor.end - tensor.begin), *type, false});
}

}  // namespace eie::tb
