// SPDX-License-Identifier: Apache-2.0
// VCD: words between blanks, whatever the lines.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <unordered_map>

#include "tb/support/error.h"
#include "tb/trace/dump/dump_readers.h"

namespace eie::tb {
namespace {

/// The words of a file, one after the other.
class Words {
 public:
  explicit Words(const std::string& file) : in_(file, std::ios::binary), buffer_(1 << 20, '\0') {}

  /// Valid until the next call. False at the end.
  bool next(std::string_view& word) {
    for (;;) {
      while (at_ < end_ && blank(buffer_[at_])) ++at_;
      std::size_t to = at_;
      while (to < end_ && !blank(buffer_[to])) ++to;
      if (to < end_ || (over_ && to > at_)) {
        word = std::string_view(buffer_).substr(at_, to - at_);
        at_ = to;
        return true;
      }
      if (over_) return false;
      refill();
    }
  }
  std::uint64_t offset() const { return before_ + at_; }
  void seek(std::uint64_t offset) {
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset));
    before_ = offset;
    at_ = end_ = 0;
    over_ = false;
  }

 private:
  static bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
  void refill() {
    std::copy(buffer_.begin() + static_cast<long>(at_), buffer_.begin() + static_cast<long>(end_), buffer_.begin());
    before_ += at_;
    end_ -= at_;
    at_ = 0;
    if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    in_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - end_));
    end_ += static_cast<std::size_t>(in_.gcount());
    over_ = in_.gcount() == 0;
  }

  std::ifstream in_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::uint64_t before_ = 0;  // bytes of the file before the buffer
  bool over_ = false;
};

template <class Number>
bool number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

class VcdFile final : public DumpFile {
 public:
  explicit VcdFile(const std::string& file) : file_(file), words_(file) {
    read_header();
    body_ = words_.offset();
    std::string_view word;
    while (words_.next(word) && word[0] != '#') {
    }
    if (word.empty() || word[0] != '#')
      header_.first = header_.last = 0;
    else if (number(word.substr(1), header_.first))
      header_.last = last_time();
  }

  void changes(const std::vector<std::size_t>& variables, const DumpChange& change) override {
    std::unordered_map<std::string_view, std::vector<std::size_t>> wanted;
    for (const std::size_t v : variables) wanted[ids_.at(v)].push_back(v);
    words_.seek(body_);
    std::uint64_t now = 0;
    std::string_view word;
    std::string value;
    const auto tell = [&](std::string_view id) {
      const auto found = wanted.find(id);
      if (found == wanted.end()) return;
      for (const std::size_t v : found->second) change(now, v, value);
    };
    while (words_.next(word)) {
      switch (word[0]) {
        case '#':
          if (!number(word.substr(1), now)) bad("the time '" + std::string(word) + "'");
          break;
        case '0':
        case '1':
        case 'x':
        case 'X':
        case 'z':
        case 'Z':
          value.assign(1, word[0]);
          tell(word.substr(1));
          break;
        case 'b':
        case 'B':
        case 'r':
        case 'R':
        case 's':
        case 'S':
          value = word.substr(1);
          if (!words_.next(word)) bad("a value without its variable at the end");
          tell(word);
          break;
        case '$':
          if (word == "$comment") skip_to_end();
          break;
        default:
          bad("the word '" + std::string(word) + "' among the values");
      }
    }
  }

 private:
  [[noreturn]] void bad(const std::string& what) const { throw UserError(file_ + ": " + what + ": expected a whole VCD file"); }

  std::string text_to_end() {
    std::string text;
    std::string_view word;
    while (words_.next(word)) {
      if (word == "$end") return text;
      if (!text.empty()) text += ' ';
      text += word;
    }
    bad("ends within '" + text.substr(0, 40) + "'");
  }
  void skip_to_end() { text_to_end(); }

  void read_header() {
    std::vector<std::string> scopes;
    std::string_view word;
    while (words_.next(word)) {
      if (word == "$enddefinitions") return skip_to_end();
      if (word == "$scope") {
        const std::string text = text_to_end();
        const std::size_t blank = text.find(' ');
        if (blank == std::string::npos) bad("$scope without a name");
        scopes.push_back((scopes.empty() ? "" : scopes.back() + ".") + text.substr(blank + 1));
      } else if (word == "$upscope") {
        if (scopes.empty()) bad("$upscope without a $scope");
        scopes.pop_back();
        skip_to_end();
      } else if (word == "$var") {
        add_variable(text_to_end(), scopes.empty() ? "" : scopes.back());
      } else if (word == "$timescale") {
        set_timescale(text_to_end());
      } else if (word == "$comment") {
        header_.comments.push_back(text_to_end());
      } else {
        skip_to_end();
      }
    }
    bad("ends within its header");
  }

  /// TYPE WIDTH ID NAME [RANGE]
  void add_variable(std::string_view text, const std::string& scope) {
    std::vector<std::string> words;
    while (!text.empty()) {
      const std::size_t blank = std::min(text.find(' '), text.size());
      words.emplace_back(text.substr(0, blank));
      text.remove_prefix(std::min(blank + 1, text.size()));
    }
    DumpVariable v;
    if (words.size() < 4 || !number(std::string_view(words[1]), v.width)) bad("a $var that is none");
    v.scope = scope;
    v.name = words[3];
    if (words.size() > 4) v.range = words[4];
    const std::size_t bracket = v.name.rfind('[');
    if (v.range.empty() && bracket != std::string::npos && v.name.find(':', bracket) != std::string::npos) {
      v.range = v.name.substr(bracket);
      v.name.resize(bracket);
    }
    v.kind = words[0] == "real" || words[0] == "realtime" ? DumpKind::kReal
             : words[0] == "string"                       ? DumpKind::kText
                                                          : DumpKind::kBits;
    v.is_signed = words[0] == "integer";
    header_.variables.push_back(v);
    ids_.push_back(words[2]);
  }

  void set_timescale(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    int exponent = 0;
    std::size_t at = 0;
    if (text.empty() || text[at] != '1') bad("the time scale '" + text + "'");
    for (++at; at < text.size() && text[at] == '0'; ++at) ++exponent;
    const std::string unit = text.substr(at);
    const char* const units[] = {"s", "ms", "us", "ns", "ps", "fs"};
    for (int k = 0; k < 6; ++k) {
      if (unit == units[k]) {
        header_.exponent = exponent - 3 * k;
        return;
      }
    }
    bad("the time scale '" + text + "'");
  }

  /// The last time stamp, from the file's end backwards.
  std::uint64_t last_time() const {
    std::ifstream in(file_, std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::uint64_t>(in.tellg());
    for (std::uint64_t length = 1 << 16;; length *= 8) {
      const std::uint64_t from = size - body_ > length ? size - length : body_;
      std::string tail(size - from, '\0');
      in.seekg(static_cast<std::streamoff>(from));
      in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
      const std::size_t stamp = tail.rfind("\n#");
      if (stamp != std::string::npos) {
        std::size_t end = stamp + 2;
        while (end < tail.size() && tail[end] >= '0' && tail[end] <= '9') ++end;
        std::uint64_t time = 0;
        if (number(std::string_view(tail).substr(stamp + 2, end - stamp - 2), time)) return time;
      }
      if (from == body_) return header_.first;
    }
  }

  std::string file_;
  Words words_;
  std::uint64_t body_ = 0;
  std::vector<std::string> ids_;
};

}  // namespace

std::unique_ptr<DumpFile> open_vcd(const std::string& file) { return std::make_unique<VcdFile>(file); }

}  // namespace eie::tb
