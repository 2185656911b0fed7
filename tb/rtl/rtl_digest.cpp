// SPDX-License-Identifier: Apache-2.0
#include "tb/rtl/rtl_digest.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <utility>

#include "tb/config/config_cpp.h"
#include "tb/support/file_cause.h"
#include "tb/support/sha256.h"

namespace eie::tb {
namespace {

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

class Tokenizer {
 public:
  explicit Tokenizer(const std::string& source) {
    // One kind of line end; continued lines are joined when they are read, but not in raw strings.
    for (std::size_t k = 0; k < source.size(); ++k) {
      if (source[k] == '\r' && k + 1 < source.size() && source[k + 1] == '\n') continue;
      text_ += source[k];
    }
    text_ += '\n';
  }

  std::vector<std::string> run() {
    while (at_end() == false) {
      const char c = peek();
      if (c == '\n') {
        end_line();
      } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        take();
      } else if (c == '/' && peek(1) == '/') {
        while (peek() != '\n') take();
      } else if (c == '/' && peek(1) == '*') {
        comment();
      } else {
        token(c);
      }
    }
    return std::move(tokens_);
  }

 private:
  // Position `k` characters ahead, after continued lines.
  std::size_t ahead(std::size_t k) const {
    std::size_t at = skip(at_);
    for (; k != 0 && at < text_.size(); --k) at = skip(at + 1);
    return at;
  }
  std::size_t skip(std::size_t at) const {
    while (at + 1 < text_.size() && text_[at] == '\\' && text_[at + 1] == '\n') at += 2;
    return at;
  }
  char peek(std::size_t k = 0) const {
    const std::size_t at = ahead(k);
    return at < text_.size() ? text_[at] : '\0';
  }
  bool at_end() const { return skip(at_) >= text_.size(); }
  char take() {
    at_ = skip(at_);
    return text_[at_++];
  }

  void add(const std::string& token) {
    tokens_.push_back(token);
    line_empty_ = false;
  }
  void end_line() {
    take();
    if (directive_) tokens_.emplace_back("\n");
    directive_ = false;
    line_empty_ = true;
    define_ = 0;
  }

  void comment() {
    take();
    take();
    while (!(peek() == '*' && peek(1) == '/')) {
      if (at_end()) throw TokenError("a comment does not end");
      take();
    }
    take();
    take();
  }

  void token(char c) {
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (is_name(c)) {
      name();
    } else if (c == '"' || c == '\'') {
      quoted("");
    } else {
      punctuation();
    }
  }

  void number() {
    std::string text;
    while (is_name(peek()) || peek() == '.' || (peek() == '\'' && is_name(peek(1)))) {
      text += take();
      const char last = text.back();
      const bool exponent = last == 'e' || last == 'E' || last == 'p' || last == 'P';
      if (exponent && (peek() == '+' || peek() == '-')) text += take();
    }
    add(text);
  }

  void name() {
    std::string text;
    while (is_name(peek())) text += take();
    const bool prefix = text == "L" || text == "u" || text == "U" || text == "u8";
    const bool raw = text == "R" || text == "LR" || text == "uR" || text == "UR" || text == "u8R";
    if (raw && peek() == '"') {
      raw_string(text);
      return;
    }
    if (prefix && (peek() == '"' || peek() == '\'')) {
      quoted(text);
      return;
    }
    add(text);
    if (directive_ && define_ == 1) {
      define_ = 2;
      if (peek() == '(') tokens_.emplace_back("()");
    } else if (directive_ && define_ == 0 && text == "define" && tokens_.size() >= 2 && tokens_.end()[-2] == "#") {
      define_ = 1;
    }
  }

  void quoted(const std::string& prefix) {
    std::string text = prefix;
    const char quote = take();
    text += quote;
    while (peek() != quote) {
      if (at_end() || peek() == '\n') throw TokenError("a string or character does not end");
      const char c = take();
      text += c;
      if (c == '\\' && !at_end()) text += take();
    }
    text += take();
    add(text);
  }

  void raw_string(const std::string& prefix) {
    at_ = skip(at_);
    const std::size_t open = text_.find('(', at_);
    const std::string delimiter = open == std::string::npos ? "" : text_.substr(at_ + 1, open - at_ - 1);
    const std::size_t close = open == std::string::npos ? open : text_.find(')' + delimiter + '"', open);
    if (close == std::string::npos) throw TokenError("a raw string does not end");
    const std::size_t end = close + delimiter.size() + 2;
    add(prefix + text_.substr(at_, end - at_));
    at_ = end;
  }

  void punctuation() {
    static constexpr std::array<const char*, 25> kLong = {"<<=", ">>=", "...", "->*", "<=>", "::", "->", ".*", "++",
                                                          "--",  "<<",  ">>",  "<=",  ">=",  "==", "!=", "&&", "||",
                                                          "+=",  "-=",  "*=",  "/=",  "%=",  "&=", "##"};
    static constexpr std::array<const char*, 2> kRest = {"|=", "^="};
    if (peek() == '#' && line_empty_) directive_ = true;
    auto matches = [this](const std::string& text) {
      for (std::size_t k = 0; k < text.size(); ++k) {
        if (peek(k) != text[k]) return false;
      }
      return true;
    };
    for (const char* text : kLong) {
      if (matches(text)) return take_all(text);
    }
    for (const char* text : kRest) {
      if (matches(text)) return take_all(text);
    }
    add(std::string(1, take()));
  }
  void take_all(const std::string& text) {
    for (std::size_t k = 0; k < text.size(); ++k) take();
    add(text);
  }

  std::string text_;
  std::size_t at_ = 0;
  std::vector<std::string> tokens_;
  bool line_empty_ = true;  // no token in this line yet
  bool directive_ = false;  // the line is a preprocessor directive
  unsigned define_ = 0;     // 1 after #define, 2 after its name
};

/// Leaves out what a synthesis compiler does not see: walks over the tokens of a file with the conditionals that it is in.
class SynthesisFilter {
 public:
  explicit SynthesisFilter(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  std::vector<std::string> run() {
    while (at_ < tokens_.size()) {
      if (tokens_[at_] == "#") {
        directive();
      } else {
        keep(at_ + 1);
      }
    }
    if (!open_.empty()) throw TokenError("a conditional does not end");
    return std::move(kept_);
  }

 private:
  enum class Kind { kOther, kView, kNoView };  // some condition, `#if EIE_SYNTHESIS_VIEW`, `#if !EIE_SYNTHESIS_VIEW`
  struct Conditional {
    Kind kind;
    bool seen;  // the half at hand, and all that is around it
  };

  bool seen() const { return open_.empty() || open_.back().seen; }
  void keep(std::size_t end) {
    if (seen()) kept_.insert(kept_.end(), tokens_.begin() + static_cast<long>(at_), tokens_.begin() + static_cast<long>(end));
    at_ = end;
  }

  void directive() {
    const auto line_end = std::find(tokens_.begin() + static_cast<long>(at_), tokens_.end(), "\n");
    const std::size_t end = static_cast<std::size_t>(line_end - tokens_.begin()) + (line_end == tokens_.end() ? 0 : 1);
    const std::vector<std::string> words(tokens_.begin() + static_cast<long>(at_) + 1, line_end);
    const std::string name = words.empty() ? "" : words.front();
    if (name == "if" || name == "ifdef" || name == "ifndef") {
      begin(words, end);
    } else if (name == "else" || name == "elif" || name == "endif") {
      if (open_.empty()) throw TokenError("#" + name + " without a conditional");
      next_half(name, end);
    } else {
      keep(end);
    }
  }

  void begin(const std::vector<std::string>& words, std::size_t end) {
    using Words = std::vector<std::string>;
    Kind kind = Kind::kOther;
    if (words == Words{"if", "EIE_SYNTHESIS_VIEW"}) kind = Kind::kView;
    if (words == Words{"if", "!", "EIE_SYNTHESIS_VIEW"}) kind = Kind::kNoView;
    const bool around = seen();
    if (kind == Kind::kOther) keep(end);
    at_ = end;
    open_.push_back({kind, around && kind != Kind::kNoView});
  }

  void next_half(const std::string& name, std::size_t end) {
    Conditional& now = open_.back();
    if (now.kind == Kind::kOther) {
      keep(end);
    } else if (name == "elif") {
      throw TokenError("#elif behind a condition on EIE_SYNTHESIS_VIEW: expected #else");
    } else if (name == "else") {
      const bool around = open_.size() == 1 || open_[open_.size() - 2].seen;
      now.seen = around && now.kind == Kind::kNoView;
    }
    at_ = end;
    if (name == "endif") open_.pop_back();
  }

  std::vector<std::string> tokens_;
  std::vector<std::string> kept_;
  std::vector<Conditional> open_;
  std::size_t at_ = 0;
};

// Tokens with their lengths: no two sequences give the same text.
void append(std::string& all, const std::string& name, const std::string& source) {
  std::vector<std::string> tokens;
  try {
    tokens = synthesis_tokens(source);
  } catch (const TokenError& error) {
    throw TokenError(name + ": " + error.what());
  }
  tokens.insert(tokens.begin(), name);
  for (const std::string& token : tokens) all += std::to_string(token.size()) + ':' + token + '\n';
}

constexpr const char* kSourceLine = "// source sha256 ";
constexpr const char* kTextLine = "// text sha256 ";

}  // namespace

std::vector<std::string> cpp_tokens(const std::string& source) { return Tokenizer(source).run(); }

std::vector<std::string> synthesis_tokens(const std::string& source) { return SynthesisFilter(cpp_tokens(source)).run(); }

std::string source_text(const std::string& file) {
  std::optional<std::string> text = file_text(file);
  if (!text) throw std::runtime_error(file + ": cannot be read");
  return *std::move(text);
}

std::string rtl_source_digest(const std::string& hw, const HwConfig& config) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(hw)) {
    if (entry.path().extension() == ".h") files.push_back(entry.path());
  }
  if (files.empty()) throw std::runtime_error(hw + ": holds no headers");
  std::sort(files.begin(), files.end());
  std::string all;
  for (const auto& file : files) append(all, file.filename().string(), source_text(file.string()));
  append(all, "configuration", config_header(config));
  return sha256(all);
}

std::string stamp_rtl(const std::string& rtl, const std::string& config, const std::string& source_digest) {
  return "// Generated from hw/ for configuration '" + config + "' (docs/synthesis.md). Do not edit.\n" + kSourceLine +
         source_digest + "\n" + kTextLine + sha256(rtl) + "\n" + rtl;
}

std::string check_rtl(const std::string& file_text, const std::string& source_digest) {
  auto line_at = [&file_text](std::size_t at) { return file_text.substr(at, file_text.find('\n', at) - at); };
  const std::size_t second = file_text.find('\n');
  const std::size_t third = second == std::string::npos ? second : file_text.find('\n', second + 1);
  const std::size_t body = third == std::string::npos ? third : file_text.find('\n', third + 1);
  if (body == std::string::npos || line_at(second + 1).rfind(kSourceLine, 0) != 0 ||
      line_at(third + 1).rfind(kTextLine, 0) != 0) {
    return "has no digests in its first three lines";
  }
  if (line_at(second + 1) != kSourceLine + source_digest) {
    return "is stale: hw/ or the configuration has changed since it was generated; expected source sha256 " + source_digest;
  }
  if (line_at(third + 1) != kTextLine + sha256(file_text.substr(body + 1))) {
    return "was edited: its text is not the one that was generated";
  }
  return "";
}

}  // namespace eie::tb
