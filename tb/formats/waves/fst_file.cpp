// SPDX-License-Identifier: Apache-2.0
// FST: names and scopes through fstapi, as Verilator and GTKWave have it, the changes of values through fst_blocks.h.
#include <cstdio>
#include <filesystem>
#include <fstapi.h>
#include <fstream>
#include <vector>

#include "tb/formats/waves/fst_blocks.h"
#include "tb/formats/waves/scope_stack.h"
#include "tb/formats/waves/wave_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"
#include "tb/support/file_cause.h"

namespace eie::tb {
namespace {

// Of the header, which is the first block. A block is a byte that says what it is, its length without that byte, and its content;
// numbers have eight bytes, the highest first.
constexpr std::size_t kHeaderBytes = 330;
constexpr std::size_t kStartTime = 9;
constexpr std::size_t kEndTime = 17;
constexpr std::size_t kBlockCount = 65;
constexpr char kGeometry = 3;   // FST_BL_GEOM
constexpr char kHierarchy = 4;  // FST_BL_HIER, packed in one of three ways
constexpr char kHierarchyPacked = 6;
constexpr char kHierarchyTwice = 7;

std::uint64_t number_at(const std::string& text, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t k = at; k < at + 8; ++k) number = number << 8 | static_cast<unsigned char>(text[k]);
  return number;
}
void put_number(std::string& text, std::size_t at, std::uint64_t number) {
  for (std::size_t k = at + 8; k != at; number >>= 8) text[--k] = static_cast<char>(number);
}

class FstFile final : public WaveFile {
 public:
  FstFile(const std::string& path, bool femtoseconds) : path_(path), out_(path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    {
      const SignalGate gate;
      file_ = Temporary(temporary_name(folder.string()));
      names_ = Temporary(file_.path() + ".hier");  // fstapi's own temporary file
      context_ = fstWriterCreate(file_.path().c_str(), 1);
    }
    if (context_ == nullptr) throw UserError("--trace " + path + ": cannot be written: expected a folder that takes files");
    fstWriterSetPackType(context_, FST_WR_PT_LZ4);
    fstWriterSetTimescale(context_, femtoseconds ? -15 : -12);
    fstWriterSetVersion(context_, "eie");
    fstWriterSetDate(context_, "");  // the same run writes the same file
  }
  ~FstFile() override {
    if (context_ != nullptr) fstWriterClose(context_);
  }

  Id declare(const WaveVariable& v) override {
    declared_.push_back(v);
    handles_.push_back(create(v, 0));
    return static_cast<Id>(handles_.size() - 1);
  }
  void declare_alias(const WaveVariable& v, Id of) override { create(v, handles_[of]); }
  /// What fstapi has written by now: the header, a block of values that means nothing, and what the names are.
  void end_declarations() override {
    scopes_.go(
        "", [this] { fstWriterSetUpscope(context_); }, [](const std::string&) {});
    fstWriterClose(context_);
    context_ = nullptr;
    const std::string text = file_text(file_.path()).value_or("");
    if (text.size() < kHeaderBytes) fail();
    head_ = text.substr(0, kHeaderBytes);
    bool geometry = false;
    bool hierarchy = false;
    for (std::size_t at = kHeaderBytes; at < text.size();) {
      const std::uint64_t bytes = text.size() - at < 9 ? text.size() : 1 + number_at(text, at + 1);
      if (bytes > text.size() - at) fail();
      const char type = text[at];
      const bool names = type == kHierarchy || type == kHierarchyPacked || type == kHierarchyTwice;
      if (type == kGeometry || names) tail_ += text.substr(at, bytes);
      geometry = geometry || type == kGeometry;
      hierarchy = hierarchy || names;
      at += bytes;
    }
    if (!geometry || !hierarchy) fail();  // fstapi does not say whether its writes succeeded
    blocks_ = std::make_unique<FstBlocks>(file_.path());
    for (const WaveVariable& v : declared_) {
      if (v.kind == WaveKind::kReal) {
        blocks_->add_variable(FstBlocks::Kind::kReal, 0);
      } else if (v.kind == WaveKind::kText) {
        blocks_->add_variable(FstBlocks::Kind::kText, 0);
      } else {
        blocks_->add_variable(FstBlocks::Kind::kBits, v.width);
      }
    }
    declared_.clear();
  }

  void time(std::uint64_t now) override { blocks_->time(now); }
  void change(Id id, std::uint64_t bits) override { blocks_->bits(id, bits); }
  void change_digits(Id id, const char* digits) override { blocks_->digits(id, digits); }
  void unknown(Id id) override { blocks_->unknown(id); }
  void change_real(Id id, double value) override { blocks_->real(id, value); }
  void change_text(Id id, const std::string& value) override { blocks_->text(id, value); }

  void close() override {
    if (!blocks_->finish()) fail();
    put_number(head_, kStartTime, blocks_->first_time());
    put_number(head_, kEndTime, blocks_->last_time());
    put_number(head_, kBlockCount, blocks_->count());
    out_.write(head_.data(), head_.size());
    std::ifstream in(file_.path(), std::ios::binary);
    std::vector<char> part(1 << 20);
    while (in) {
      in.read(part.data(), static_cast<std::streamsize>(part.size()));
      out_.write(part.data(), static_cast<std::size_t>(in.gcount()));
    }
    out_.write(tail_.data(), tail_.size());
    out_.commit();
    file_.remove();
    names_.remove();
  }

 private:
  fstHandle create(const WaveVariable& v, fstHandle alias) {
    scopes_.go(
        v.scope, [this] { fstWriterSetUpscope(context_); },
        [this](const std::string& part) { fstWriterSetScope(context_, FST_ST_VCD_MODULE, part.c_str(), nullptr); });
    if (v.kind == WaveKind::kReal) {
      return fstWriterCreateVar(context_, FST_VT_VCD_REAL, FST_VD_IMPLICIT, 8, v.name.c_str(), alias);
    }
    if (v.kind == WaveKind::kText) {
      return fstWriterCreateVar(context_, FST_VT_GEN_STRING, FST_VD_IMPLICIT, 0, v.name.c_str(), alias);
    }
    const std::string name = v.width > 1 ? v.name + " [" + std::to_string(v.width - 1) + ":0]" : v.name;
    return fstWriterCreateVar(context_, FST_VT_VCD_WIRE, FST_VD_IMPLICIT, v.width, name.c_str(), alias);
  }
  [[noreturn]] void fail() const {
    throw UserError("--trace " + path_ + ": cannot be written in full: expected room for the waves");
  }

  std::string path_;
  AtomicFile out_;
  Temporary file_;
  Temporary names_;
  void* context_ = nullptr;
  std::vector<WaveVariable> declared_;
  std::vector<fstHandle> handles_;
  ScopeStack scopes_;
  std::string head_;
  std::string tail_;
  std::unique_ptr<FstBlocks> blocks_;
};

}  // namespace

std::unique_ptr<WaveFile> create_fst_file(const std::string& path, bool femtoseconds) {
  return std::make_unique<FstFile>(path, femtoseconds);
}

}  // namespace eie::tb
