// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/write/write_matrix.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <zip.h>

#include "tb/formats/npy.h"
#include "tb/support/atomic_file.h"
#include "tb/support/error.h"

namespace eie::tb {
namespace {

constexpr std::size_t kTile = 64;  // rows at a time

/// The shortest text that is read back as the same double.
void append_number(std::string& text, double x) {
  char digits[32];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
}

/// Calls visit(row, values) for each row.
template <class Visit>
void for_each_row(const MatrixFile& file, Visit&& visit) {
  std::vector<double> tile(std::min(kTile, file.rows()) * file.columns());
  for (std::size_t i0 = 0; i0 < file.rows(); i0 += kTile) {
    const std::size_t count = std::min(kTile, file.rows() - i0);
    file.read_rows(i0, count, tile.data());
    for (std::size_t i = 0; i < count; ++i) visit(i0 + i, tile.data() + i * file.columns());
  }
}

void write_npy_rows(AtomicFile& out, const MatrixFile& file) {
  const std::string header = npy_header("<f8", file.shape());
  out.write(header.data(), header.size());
  for_each_row(file, [&](std::size_t, const double* row) { out.write(row, file.columns() * sizeof(double)); });
}

void write_table(AtomicFile& out, const MatrixFile& file, char separator) {
  std::string text;
  for_each_row(file, [&](std::size_t, const double* row) {
    text.clear();
    for (std::size_t j = 0; j < file.columns(); ++j) {
      if (j != 0) text += separator;
      append_number(text, row[j]);
    }
    text += '\n';
    out.write(text.data(), text.size());
  });
}

/// The elements that are not 0, row after row.
SparseRows sparse_rows(const MatrixFile& file) {
  if (const SparseRows* rows = file.sparse()) return *rows;
  SparseRows rows;
  rows.offset.push_back(0);
  for_each_row(file, [&](std::size_t, const double* row) {
    for (std::size_t j = 0; j < file.columns(); ++j) {
      if (row[j] == 0) continue;
      rows.column.push_back(static_cast<std::uint32_t>(j));
      rows.value.push_back(row[j]);
    }
    rows.offset.push_back(rows.value.size());
  });
  return rows;
}

void write_matrix_market(AtomicFile& out, const MatrixFile& file) {
  const SparseRows rows = sparse_rows(file);
  std::string text = "%%MatrixMarket matrix coordinate real general\n" + std::to_string(file.rows()) + " " +
                     std::to_string(file.columns()) + " " + std::to_string(rows.value.size()) + "\n";
  for (std::size_t i = 0; i < file.rows(); ++i) {
    for (std::size_t e = rows.offset[i]; e < rows.offset[i + 1]; ++e) {
      text += std::to_string(i + 1) + " " + std::to_string(rows.column[e] + 1) + " ";
      append_number(text, rows.value[e]);
      text += '\n';
    }
    out.write(text.data(), text.size());
    text.clear();
  }
}

/// An archive of .npy files in memory.
class NpzWriter {
 public:
  explicit NpzWriter(std::string path) : path_(std::move(path)), source_(zip_source_buffer_create(nullptr, 0, 0, nullptr)) {
    if (source_ != nullptr) zip_ = zip_open_from_source(source_, ZIP_TRUNCATE, nullptr);
    if (zip_ == nullptr) {
      zip_source_free(source_);
      fail("out of memory");
    }
    zip_source_keep(source_);
  }
  ~NpzWriter() {
    if (zip_ != nullptr) zip_discard(zip_);
    zip_source_free(source_);
  }
  NpzWriter(const NpzWriter&) = delete;
  NpzWriter& operator=(const NpzWriter&) = delete;

  void add(const std::string& name, const char* element, const void* data, std::size_t bytes,
           const std::vector<std::size_t>& shape) {
    members_.push_back(std::make_unique<std::string>(npy_header(element, shape)));
    members_.back()->append(static_cast<const char*>(data), bytes);
    zip_source_t* const member = zip_source_buffer(zip_, members_.back()->data(), members_.back()->size(), 0);
    if (member == nullptr || zip_file_add(zip_, (name + ".npy").c_str(), member, 0) < 0) {
      zip_source_free(member);
      fail(zip_strerror(zip_));
    }
    zip_file_set_mtime(zip_, members_.size() - 1, kNoTime, 0);  // the same matrix, the same bytes
  }

  void write(AtomicFile& out) {
    if (zip_close(zip_) != 0) fail(zip_strerror(zip_));
    zip_ = nullptr;
    zip_stat_t state;
    if (zip_source_stat(source_, &state) != 0 || zip_source_open(source_) != 0) fail("out of memory");
    std::vector<char> bytes(state.size);
    const zip_int64_t got = zip_source_read(source_, bytes.data(), bytes.size());
    zip_source_close(source_);
    if (got != static_cast<zip_int64_t>(bytes.size())) fail("out of memory");
    out.write(bytes.data(), bytes.size());
  }

 private:
  static constexpr time_t kNoTime = 315619200;  // 1 January 1980 or the day after, wherever one is: the first of a zip
  [[noreturn]] void fail(const std::string& cause) const {
    throw UserError(path_ + ": cannot be written (" + cause + "): expected room for an archive");
  }

  std::string path_;
  zip_source_t* source_;
  zip_t* zip_ = nullptr;
  std::vector<std::unique_ptr<std::string>> members_;
};

void write_npz(const std::string& path, AtomicFile& out, const MatrixFile& file) {
  const SparseRows rows = sparse_rows(file);
  NpzWriter archive(path);
  const std::vector<std::int64_t> offset(rows.offset.begin(), rows.offset.end());
  const std::vector<std::int64_t> column(rows.column.begin(), rows.column.end());  // SciPy wants both of one type
  const std::int64_t shape[] = {static_cast<std::int64_t>(file.rows()), static_cast<std::int64_t>(file.columns())};
  archive.add("indices", "<i8", column.data(), column.size() * 8, {column.size()});
  archive.add("indptr", "<i8", offset.data(), offset.size() * 8, {offset.size()});
  archive.add("format", "|S3", "csr", 3, {});
  archive.add("shape", "<i8", shape, sizeof shape, {2});
  archive.add("data", "<f8", rows.value.data(), rows.value.size() * 8, {rows.value.size()});
  archive.write(out);
}

}  // namespace

const std::vector<std::string>& matrix_endings() {
  static const std::vector<std::string> endings = {".npy", ".npz", ".mtx", ".csv", ".tsv"};
  return endings;
}

void write_matrix(const std::string& path, const std::string& ending, const MatrixFile& file) {
  AtomicFile out(path);
  if (ending == ".npy") {
    write_npy_rows(out, file);
  } else if (ending == ".npz") {
    write_npz(path, out, file);
  } else if (ending == ".mtx") {
    write_matrix_market(out, file);
  } else if (ending == ".csv" || ending == ".tsv") {
    write_table(out, file, ending == ".csv" ? ',' : '\t');
  } else {
    throw UserError(path + ": is of no format that is written: expected .npy, .npz, .mtx, .csv or .tsv");
  }
  out.commit();
}

}  // namespace eie::tb
