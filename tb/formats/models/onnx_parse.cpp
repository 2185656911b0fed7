// SPDX-License-Identifier: Apache-2.0
// A model as a message of Protocol Buffers.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <limits>

#include "tb/formats/models/onnx_constant.h"
#include "tb/formats/readers.h"

namespace eie::tb {
namespace {

namespace pb = google::protobuf;

// What the library makes of a message takes more room than the message in the file where it holds many small things: two bytes
// may become an object of hundreds. It is weighed before.
constexpr std::size_t kObject = 320;  // the largest of ONNX's classes, roughly, and the pointer to it
constexpr std::size_t kText = 64;
constexpr std::size_t kUnknown = 64;
constexpr std::size_t kFree = std::size_t{16} << 20;
constexpr std::size_t kTimes = 4;
constexpr int kDeepest = 100;  // the library's own limit

class Scale {
 public:
  explicit Scale(pb::io::CodedInputStream& in) : in_(in) {}

  std::size_t weight() const { return weight_; }

  /// False: it is damaged.
  bool weigh(const pb::Descriptor* type, int depth = 0) {
    using Lite = pb::internal::WireFormatLite;
    if (depth > kDeepest) return false;
    for (;;) {
      const std::uint32_t tag = in_.ReadTag();
      if (tag == 0) return in_.ConsumedEntireMessage();
      const pb::FieldDescriptor* const field = type == nullptr ? nullptr : type->FindFieldByNumber(Lite::GetTagFieldNumber(tag));
      weight_ += field == nullptr ? kUnknown : 0;
      if (Lite::GetTagWireType(tag) != Lite::WIRETYPE_LENGTH_DELIMITED) {
        weight_ += 2 * sizeof(std::int64_t);
        if (Lite::GetTagWireType(tag) == Lite::WIRETYPE_START_GROUP) weight_ += kUnknown * kDeepest;  // ONNX has none
        if (!Lite::SkipField(&in_, tag)) return false;
        continue;
      }
      std::uint32_t length = 0;
      if (!in_.ReadVarint32(&length) || length > static_cast<std::uint32_t>(std::numeric_limits<int>::max())) return false;
      if (field != nullptr && field->message_type() != nullptr) {
        weight_ += kObject;
        const auto limit = in_.PushLimit(static_cast<int>(length));
        if (in_.BytesUntilLimit() != static_cast<int>(length)) return false;  // beyond what it is in
        if (!weigh(field->message_type(), depth + 1)) return false;
        in_.PopLimit(limit);
        continue;
      }
      // A packed varint may be one byte and becomes eight; a list grows by doubling.
      const bool varints = field != nullptr && field->is_packable() && field->cpp_type() != pb::FieldDescriptor::CPPTYPE_FLOAT &&
                           field->cpp_type() != pb::FieldDescriptor::CPPTYPE_DOUBLE;
      weight_ += kText + (varints ? 12 * std::size_t{length} : length);
      if (!in_.Skip(static_cast<int>(length))) return false;
    }
  }

 private:
  pb::io::CodedInputStream& in_;
  std::size_t weight_ = 0;
};

}  // namespace

std::shared_ptr<const onnx::ModelProto> parse_onnx(const std::string& path, const FileBytes& bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    fail_file(path, "has " + std::to_string(bytes.size()) + " bytes, more than a message of Protocol Buffers may have",
              "up to 2^31 - 1, with the weights as external data (python: onnx.save(model, path, save_as_external_data=True))");
  }
  const auto size = static_cast<int>(bytes.size());
  auto damaged = [&] { fail_file(path, "is no ONNX model, or a damaged one", "a whole ONNX model (Protocol Buffers)"); };
  {
    pb::io::CodedInputStream in(bytes.data(), size);
    Scale scale(in);
    if (!scale.weigh(onnx::ModelProto::descriptor())) damaged();
    if (scale.weight() > kFree + kTimes * bytes.size()) {
      fail_file(path, "would take " + std::to_string(scale.weight() >> 20) + " MiB of memory, much more than its file",
                "up to 4 times the file and 16 MiB: it holds too many small parts, or numbers as varints");
    }
  }
  auto model = std::make_shared<onnx::ModelProto>();
  if (!model->ParseFromArray(bytes.data(), size)) damaged();
  if (!model->has_graph()) damaged();
  return model;
}

}  // namespace eie::tb
