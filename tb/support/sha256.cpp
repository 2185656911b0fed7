// SPDX-License-Identifier: Apache-2.0
#include "tb/support/sha256.h"

#include <cstdio>
#include <memory>
#include <openssl/evp.h>
#include <vector>

namespace eie::tb {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(const void* bytes, std::size_t count) { EVP_DigestUpdate(context_.get(), bytes, count); }
  std::string text() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &length);
    static const char kDigits[] = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
      text += kDigits[digest[i] >> 4];
      text += kDigits[digest[i] & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256(const std::string& bytes) {
  Digest digest;
  digest.add(bytes.data(), bytes.size());
  return digest.text();
}

std::string sha256_file(const std::string& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return "";
  Digest digest;
  std::vector<char> bytes(1 << 20);
  for (std::size_t n = 1; n > 0;) {
    n = std::fread(bytes.data(), 1, bytes.size(), file.get());
    digest.add(bytes.data(), n);
  }
  return std::ferror(file.get()) != 0 ? "" : digest.text();
}

}  // namespace eie::tb
