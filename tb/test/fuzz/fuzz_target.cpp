// SPDX-License-Identifier: Apache-2.0
#include "tb/test/fuzz/fuzz_target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "tb/support/error.h"

namespace eie::tb {
namespace {

[[noreturn]] void end(const std::string& what) {
  std::fprintf(stderr, "fuzz target: %s\n", what.c_str());
  std::abort();
}

}  // namespace

void read_all(const MatrixFile& file) {
  if (const SparseRows* sparse = file.sparse()) {
    double sum = 0;
    for (const double x : sparse->value) sum += x;
    if (sparse->offset.size() != file.rows() + 1 || sparse->offset.back() != sparse->value.size()) end("row offsets are wrong");
    for (const std::uint32_t j : sparse->column) {
      if (j >= file.columns()) end("a column is beyond the shape");
    }
    return;
  }
  std::vector<double> row(file.columns());
  for (std::size_t i = 0; i < file.rows(); ++i) file.read_rows(i, 1, row.data());
}

FileInMemory::FileInMemory(const FileBytes& bytes) : file_(memfd_create("fuzz", MFD_CLOEXEC)) {
  if (file_ < 0) end("no file in memory");
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t put = write(file_, bytes.data() + at, bytes.size() - at);
    if (put <= 0) end("a file in memory cannot be written");
    at += static_cast<std::size_t>(put);
  }
}

FileInMemory::~FileInMemory() { close(file_); }

std::string FileInMemory::path() const { return "/proc/self/fd/" + std::to_string(file_); }

void run_target(const FuzzTarget& target, const unsigned char* data, std::size_t size) {
  // A copy of exactly that size, so that a sanitizer sees what is read behind it.
  const FileBytes bytes(std::vector<unsigned char>(data, data + size));
  try {
    target.read(bytes);
  } catch (const UserError& error) {
    const std::string text = error.what();
    if (text.empty() || text.find(": expected ") == std::string::npos) end("an error without what was expected: " + text);
    if (text.size() > 4096 + size) end("an error of " + std::to_string(text.size()) + " bytes");
  } catch (const std::exception& error) {
    end(std::string("an error that is none of a user: ") + error.what());
  }
}

}  // namespace eie::tb
