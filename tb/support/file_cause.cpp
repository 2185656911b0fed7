// SPDX-License-Identifier: Apache-2.0
#include "tb/support/file_cause.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace eie::tb {
namespace {

// Bytes of the well-formed sequence at `at` (Unicode 15, table 3-7); 0 when there is none.
std::size_t sequence(const std::string& text, std::size_t at) {
  auto byte = [&](std::size_t k) { return at + k < text.size() ? static_cast<unsigned char>(text[at + k]) : 0u; };
  auto in = [&](std::size_t k, unsigned low, unsigned high) { return byte(k) >= low && byte(k) <= high; };
  const unsigned b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return in(1, 0x80, 0xBF) ? 2 : 0;
  const bool tail = in(2, 0x80, 0xBF);
  if (b == 0xE0) return in(1, 0xA0, 0xBF) && tail ? 3 : 0;
  if (b == 0xED) return in(1, 0x80, 0x9F) && tail ? 3 : 0;  // no surrogates
  if (b >= 0xE1 && b <= 0xEF) return in(1, 0x80, 0xBF) && tail ? 3 : 0;
  const bool tails = tail && in(3, 0x80, 0xBF);
  if (b == 0xF0) return in(1, 0x90, 0xBF) && tails ? 4 : 0;
  if (b >= 0xF1 && b <= 0xF3) return in(1, 0x80, 0xBF) && tails ? 4 : 0;
  if (b == 0xF4) return in(1, 0x80, 0x8F) && tails ? 4 : 0;
  return 0;
}

}  // namespace

std::optional<std::string> file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  if (text.fail()) in.peek();  // nothing was there, or it cannot be read
  if (in.bad()) return std::nullopt;
  return text.str();
}

std::string why_unreadable(const std::string& path) {
  struct stat state {};
  if (stat(path.c_str(), &state) != 0) {
    if (errno == ENOENT) return "does not exist";
    return std::string("cannot be opened (") + std::strerror(errno) + ")";
  }
  if (S_ISDIR(state.st_mode)) return "is a directory";
  if (!S_ISREG(state.st_mode)) return "is no regular file";
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::string("cannot be opened (") + std::strerror(errno) + ")";
  close(file);
  return "";
}

std::size_t first_not_utf8(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string::npos;
}

std::string printable(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || (length == 1 && (byte < 0x20 || byte == 0x7F))) {
      char code[8];
      std::snprintf(code, sizeof code, "\\x%02X", byte);
      result += code;
      ++at;
    } else {
      result += text.substr(at, length);
      at += length;
    }
  }
  return result;
}

}  // namespace eie::tb
