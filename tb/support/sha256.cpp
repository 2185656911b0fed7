// SPDX-License-Identifier: Apache-2.0
#include "tb/support/sha256.h"

#include <cstdio>
#include <memory>
#include <openssl/evp.h>
#include <vector>

namespace eie::tb {
struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) { EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr); }
Sha256::~Sha256() = default;

void Sha256::add(const void* bytes, std::size_t count) { EVP_DigestUpdate(state_->context.get(), bytes, count); }

std::string Sha256::text() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(state_->context.get(), digest, &length);
  static const char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.add(bytes.data(), bytes.size());
  return digest.text();
}

std::string sha256_file(const std::string& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return "";
  Sha256 digest;
  std::vector<char> bytes(1 << 20);
  for (std::size_t n = 1; n > 0;) {
    n = std::fread(bytes.data(), 1, bytes.size(), file.get());
    digest.add(bytes.data(), n);
  }
  return std::ferror(file.get()) != 0 ? "" : digest.text();
}

}  // namespace eie::tb
