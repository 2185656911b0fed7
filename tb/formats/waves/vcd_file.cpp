// SPDX-License-Identifier: Apache-2.0
// VCD: text, for tools that do not read FST.
#include <cinttypes>
#include <cstdio>
#include <vector>

#include "tb/formats/waves/scope_stack.h"
#include "tb/formats/waves/wave_file.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

/// Printable characters, the shortest codes first.
std::string code_of(std::size_t number) {
  std::string code;
  do {
    code += static_cast<char>('!' + number % 94);
    number /= 94;
  } while (number-- != 0);
  return code;
}

class VcdFile final : public WaveFile {
 public:
  VcdFile(const std::string& path, bool femtoseconds) : path_(path), file_(path) {
    text_ = std::string("$timescale 1 ") + (femtoseconds ? "fs" : "ps") + " $end\n";
  }

  Id declare(const WaveVariable& v) override {
    const auto id = static_cast<Id>(codes_.size());
    codes_.push_back(code_of(id));
    kinds_.push_back(v.kind);
    widths_.push_back(v.kind == WaveKind::kBits || v.kind == WaveKind::kSigned ? v.width : 0);
    declare_alias(v, id);
    return id;
  }
  void declare_alias(const WaveVariable& v, Id of) override {
    scopes_.go(
        v.scope, [this] { text_ += "$upscope $end\n"; },
        [this](const std::string& part) { text_ += "$scope module " + part + " $end\n"; });
    const char* type = v.kind == WaveKind::kReal ? "real" : v.kind == WaveKind::kText ? "string" : "wire";
    const unsigned width = v.kind == WaveKind::kReal ? 64 : v.kind == WaveKind::kText ? 1 : v.width;
    text_ += std::string("$var ") + type + " " + std::to_string(width) + " " + codes_[of] + " " + v.name +
             (width > 1 && v.kind != WaveKind::kReal ? " [" + std::to_string(width - 1) + ":0]" : "") + " $end\n";
  }
  void end_declarations() override {
    scopes_.go(
        "", [this] { text_ += "$upscope $end\n"; }, [](const std::string&) {});
    text_ += "$enddefinitions $end\n";
  }

  void time(std::uint64_t now) override {
    if (dumping_) text_ += "$end\n";
    dumping_ = false;
    text_ += '#';
    text_ += std::to_string(now);
    text_ += '\n';
    if (!started_) text_ += "$dumpvars\n";
    dumping_ = !started_;
    started_ = true;
    if (text_.size() > 1 << 16) flush();
  }
  void change(Id id, std::uint64_t bits) override {
    if (widths_[id] != 1) text_ += 'b';
    char digits[64];
    unsigned n = 0;
    do {
      digits[n++] = static_cast<char>('0' + (bits & 1));
      bits >>= 1;
    } while (bits != 0);
    while (n != 0) text_ += digits[--n];  // leading zeros may go
    end_value(id);
  }
  void change_digits(Id id, const char* digits) override {
    if (widths_[id] != 1) text_ += 'b';
    text_.append(digits, widths_[id]);
    end_value(id);
  }
  void unknown(Id id) override { change_digits(id, std::string(widths_[id], 'x').c_str()); }
  void change_real(Id id, double value) override {
    char number[40];
    std::snprintf(number, sizeof number, "r%.16g ", value);
    text_ += number + codes_[id] + '\n';
  }
  void change_text(Id id, const std::string& value) override {
    text_ += 's';
    for (const char c : value) text_ += c == ' ' ? '_' : c;  // a blank ends it
    text_ += ' ' + codes_[id] + '\n';
  }

  void close() override {
    if (dumping_) text_ += "$end\n";
    flush();
    in_full([this] { file_.commit(); });
  }

 private:
  void end_value(Id id) {
    if (widths_[id] != 1) text_ += ' ';
    text_ += codes_[id];
    text_ += '\n';
  }
  void flush() {
    in_full([this] { file_.write(text_.data(), text_.size()); });
    text_.clear();
  }
  template <class Write>
  void in_full(Write write) const {
    try {
      write();
    } catch (const UserError&) {
      throw UserError("--trace " + path_ + ": cannot be written in full: expected room for the waves");
    }
  }

  std::string path_;
  AtomicFile file_;
  std::string text_;
  std::vector<std::string> codes_;
  std::vector<WaveKind> kinds_;
  std::vector<unsigned> widths_;  // 0: not bits
  ScopeStack scopes_;
  bool started_ = false;
  bool dumping_ = false;
};

}  // namespace

std::unique_ptr<WaveFile> create_vcd_file(const std::string& path, bool femtoseconds) {
  return std::make_unique<VcdFile>(path, femtoseconds);
}

}  // namespace eie::tb
