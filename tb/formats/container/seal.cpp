// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/container/seal.h"

#include <algorithm>

#include "tb/support/sha256.h"

namespace eie::tb {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kStart = "EIE container, format ";
constexpr std::string_view kFormat = "1";
constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n"sv;

std::string text_for(std::string_view rest) {
  std::string text =
      std::string(kStart) + std::string(kFormat) + "\nsize " + std::to_string(rest.size()) + "\nsha256 " +
      sha256(std::string_view(rest)) +
      "\nSize and digest are those of the HDF5 file that begins behind these 512 bytes: h5dump and h5py read it.\n";
  text.resize(kSealBytes, '\0');
  return text;
}

// The value of a line of the text.
std::string_view value_of(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  return text.substr(0, text.find('\n'));
}

}  // namespace

void seal(std::vector<unsigned char>& bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string text = text_for(all.substr(kSealBytes));
  std::copy(text.begin(), text.end(), bytes.begin());
}

bool is_sealed(std::string_view bytes) {
  return bytes.substr(0, kStart.size()) == kStart ||
         (bytes.size() > kSealBytes && bytes.substr(kSealBytes, kSignature.size()) == kSignature &&
          bytes.substr(0, 6) != "MATLAB");
}

std::string broken_seal(std::string_view bytes) {
  if (bytes.substr(0, kStart.size()) != kStart) return "is no EIE container, or its beginning is damaged: expected a whole one";
  const std::string_view text = bytes.substr(0, kSealBytes);
  const std::string_view format = value_of(text, kStart);
  if (format != kFormat && format.size() < 8 &&
      std::all_of(format.begin(), format.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return "is a container of format " + std::string(format) + ": expected format " + std::string(kFormat);
  }
  const std::size_t behind = bytes.size() - std::min(bytes.size(), kSealBytes);
  const std::string size = std::to_string(behind);
  if (bytes.size() <= kSealBytes || value_of(text, "\nsize ") != size) {
    const std::string expected(value_of(text, "\nsize ").substr(0, 20));
    const bool known =
        !expected.empty() && std::all_of(expected.begin(), expected.end(), [](char c) { return c >= '0' && c <= '9'; });
    return "has " + size + " bytes behind its first 512: expected " + (known ? expected : "a whole container") +
           " (is it truncated?)";
  }
  if (text != text_for(bytes.substr(kSealBytes))) {
    return "is damaged: its SHA-256 is not that which it was written with: expected a whole container";
  }
  return {};
}

}  // namespace eie::tb
