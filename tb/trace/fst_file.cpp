// FST through fstapi, as Verilator and GTKWave have it.
#include <fstapi.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "tb/atomic_file.h"
#include "tb/error.h"
#include "tb/trace/scope_stack.h"
#include "tb/trace/wave_file.h"

namespace eie::tb {
namespace {

/// Changes that are kept before they are packed. Less makes a larger file, more does not stay in the processor's caches.
constexpr std::size_t kBlockBytes = std::size_t{8} << 20;
/// What fstapi keeps with each change beside its digits.
constexpr std::size_t kChangeBytes = 6;

/// Eight binary digits of a byte.
constexpr std::array<std::array<char, 8>, 256> make_digits() {
  std::array<std::array<char, 8>, 256> all{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) all[byte][7 - bit] = static_cast<char>('0' + (byte >> bit & 1));
  }
  return all;
}
constexpr std::array<std::array<char, 8>, 256> kDigits = make_digits();

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
    variables_.push_back({0, v.kind == WaveKind::kBits || v.kind == WaveKind::kSigned ? v.width : 0});
    const auto id = static_cast<Id>(variables_.size() - 1);
    variables_[id].handle = create(v, 0);
    return id;
  }
  void declare_alias(const WaveVariable& v, Id of) override { create(v, variables_[of].handle); }
  void end_declarations() override {
    scopes_.go("", [this] { fstWriterSetUpscope(context_); }, [](const std::string&) {});
  }

  void time(std::uint64_t now) override {
    if (held_ > kBlockBytes) {
      fstWriterFlushContext(context_);
      held_ = 0;
    }
    fstWriterEmitTimeChange(context_, now);
    last_ = now;
  }
  void change(Id id, std::uint64_t bits) override {
    const Variable& v = variables_[id];
    char digits[64];
    const unsigned bytes = (v.width + 7) / 8;
    for (unsigned k = 0; k < bytes; ++k) std::memcpy(digits + 8 * k, kDigits[bits >> 8 * (bytes - 1 - k) & 0xFF].data(), 8);
    emit(v, digits + (8 * bytes - v.width));
  }
  void change_digits(Id id, const char* digits) override { emit(variables_[id], digits); }
  void unknown(Id id) override { emit(variables_[id], std::string(variables_[id].width, 'x').c_str()); }
  void change_real(Id id, double value) override {
    fstWriterEmitValueChange(context_, variables_[id].handle, &value);
    held_ += kChangeBytes + sizeof value;
  }
  void change_text(Id id, const std::string& value) override {
    fstWriterEmitVariableLengthValueChange(context_, variables_[id].handle, value.data(),
                                           static_cast<std::uint32_t>(value.size()));
    held_ += kChangeBytes + value.size();
  }

  void close() override {
    fstWriterClose(context_);
    context_ = nullptr;
    check();
    std::ifstream in(file_.path(), std::ios::binary);
    std::vector<char> part(1 << 20);
    while (in) {
      in.read(part.data(), static_cast<std::streamsize>(part.size()));
      out_.write(part.data(), static_cast<std::size_t>(in.gcount()));
    }
    out_.commit();
    file_.remove();
    names_.remove();
  }

 private:
  struct Variable {
    fstHandle handle;
    unsigned width;
  };

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
  void emit(const Variable& v, const char* digits) {
    fstWriterEmitValueChange(context_, v.handle, digits);
    held_ += kChangeBytes + v.width;
  }

  /// fstapi does not say whether its writes succeeded: what it reads back must be what was written.
  void check() const {
    void* reader = fstReaderOpen(file_.path().c_str());
    bool whole = reader != nullptr;
    if (whole) {
      whole = fstReaderGetEndTime(reader) == last_ && fstReaderGetMaxHandle(reader) == variables_.size();
      fstReaderClose(reader);
    }
    if (!whole) throw UserError("--trace " + path_ + ": cannot be written in full: expected room for the waves");
  }

  std::string path_;
  AtomicFile out_;
  Temporary file_;
  Temporary names_;
  void* context_ = nullptr;
  std::vector<Variable> variables_;
  ScopeStack scopes_;
  std::size_t held_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace

std::unique_ptr<WaveFile> create_fst_file(const std::string& path, bool femtoseconds) {
  return std::make_unique<FstFile>(path, femtoseconds);
}

}  // namespace eie::tb
