// SPDX-License-Identifier: Apache-2.0
// .npz: a zip archive of .npy files (libzip), plain or as scipy.sparse.save_npz writes it.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <zip.h>

#include "tb/formats/readers.h"

namespace eie::tb {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

/// An open archive.
class Archive {
 public:
  Archive(const std::string& path, const FileBytes& bytes) : path_(path), bytes_(bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_.reset(source != nullptr ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr);
    if (!zip_) {
      const std::string cause = zip_error_strerror(&error);
      zip_source_free(source);
      zip_error_fini(&error);
      fail_file(path_, "is a zip archive that cannot be read (" + cause + ")", "a whole .npz file");
    }
    zip_error_fini(&error);
    for (zip_int64_t k = 0; k < zip_get_num_entries(zip_.get(), 0); ++k) {
      const char* const name = zip_get_name(zip_.get(), static_cast<zip_uint64_t>(k), ZIP_FL_ENC_RAW);
      names_.emplace_back(name != nullptr ? name : "");
    }
  }

  const std::vector<std::string>& names() const { return names_; }

  /// The array NAME or NAME.npy; nothing when there is none.
  std::optional<std::size_t> find(const std::string& member) const {
    for (const std::string& name : {member, member + ".npy"}) {
      const auto at = std::find(names_.begin(), names_.end(), name);
      if (at != names_.end()) return static_cast<std::size_t>(at - names_.begin());
    }
    return std::nullopt;
  }

  /// The first bytes of a member, or all of them; checks the archive's checksum of a whole one.
  std::vector<unsigned char> read(std::size_t index, std::size_t limit = SIZE_MAX) const {
    zip_stat_t state;
    const std::string name = path_ + ":" + names_[index];
    auto fail = [&](const std::string& cause) { fail_file(name, "cannot be read (" + cause + ")", "a whole member"); };
    if (zip_stat_index(zip_.get(), index, 0, &state) != 0) fail(zip_strerror(zip_.get()));
    const std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(zip_.get(), index, 0));
    if (!file) fail(zip_strerror(zip_.get()));
    const std::size_t whole = static_cast<std::size_t>(state.size);
    // Deflate makes at most about 1032 bytes of one: a size beyond that is not true.
    if (whole / 1100 > bytes_.size()) fail("it says that it has " + std::to_string(whole) + " bytes");
    std::vector<unsigned char> bytes(std::min(whole, limit));
    std::size_t got = 0;
    while (got < bytes.size()) {
      const zip_int64_t more = zip_fread(file.get(), bytes.data() + got, bytes.size() - got);
      if (more < 0) fail(zip_file_strerror(file.get()));
      if (more == 0) fail("it ends early");
      got += static_cast<std::size_t>(more);
    }
    unsigned char beyond = 0;
    if (limit <= whole) return bytes;
    const zip_int64_t more = zip_fread(file.get(), &beyond, 1);  // at the end the checksum is compared
    if (more != 0) fail(more < 0 ? zip_file_strerror(file.get()) : "it has more bytes than it says");
    return bytes;
  }

  std::size_t size(std::size_t index) const {
    zip_stat_t state;
    return zip_stat_index(zip_.get(), index, 0, &state) == 0 ? static_cast<std::size_t>(state.size) : 0;
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  FileBytes bytes_;
  std::unique_ptr<zip_t, Discard> zip_;
  std::vector<std::string> names_;
};

std::string without_suffix(const std::string& name) {
  const std::string suffix = ".npy";
  const bool has = name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
  return has ? name.substr(0, name.size() - suffix.size()) : name;
}

/// The arrays of one scipy.sparse matrix.
class SciPyMatrix {
 public:
  explicit SciPyMatrix(const Archive& archive) : archive_(archive) {}

  static bool is_one(const Archive& archive) { return archive.find("format") && archive.find("shape") && archive.find("data"); }

  std::unique_ptr<MatrixFile> open() {
    const std::string format = text("format");
    const std::vector<std::int64_t> sizes = integers("shape", 2);
    if (sizes[0] < 0 || sizes[1] < 0)
      fail("has shape (" + std::to_string(sizes[0]) + ", " + std::to_string(sizes[1]) + ")", "sizes");
    rows_ = static_cast<std::size_t>(sizes[0]);
    columns_ = static_cast<std::size_t>(sizes[1]);
    check_sparse_size(archive_.path(), rows_, columns_);
    if (format == "csr" || format == "csc") {
      compressed(format == "csr");
    } else if (format == "coo") {
      coordinates();
    } else if (format == "bsr") {
      blocks();
    } else if (format == "dia") {
      diagonals();
    } else {
      fail("is a scipy.sparse matrix of format '" + format + "'", "csr, csc, coo, bsr or dia (scipy: W.tocsr())");
    }
    return std::make_unique<SparseFile>(archive_.path(), "scipy.sparse " + format, type_,
                                        std::vector<std::size_t>{rows_, columns_}, elements_);
  }

 private:
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    fail_file(archive_.path(), found, expected);
  }

  struct Array {
    std::string name;
    std::vector<unsigned char> bytes;
    NpyHeader header;
    std::size_t size = 1;
    const unsigned char* data() const { return bytes.data() + header.data_offset; }
  };
  Array array(const std::string& name) const {
    const std::optional<std::size_t> at = archive_.find(name);
    if (!at) fail("is a scipy.sparse matrix without its array '" + name + "'", "what scipy.sparse.save_npz writes");
    Array a;
    a.name = archive_.path() + ":" + name;
    a.bytes = archive_.read(*at);
    const std::string_view all(reinterpret_cast<const char*>(a.bytes.data()), a.bytes.size());
    a.header = parse_npy(a.name, all.substr(0, kNpyHeaderLimit), all.size(), name == "format");
    const std::size_t held = all.size() - a.header.data_offset;
    const std::size_t item = a.header.text ? std::max(1u, a.header.text_bytes) : a.header.type.bytes;
    for (const std::size_t side : a.header.shape) {
      if (side != 0 && a.size > held / side) fail_file(a.name, "is truncated", "shape " + shape_text(a.header.shape));
      a.size *= side;
    }
    if (a.size * item != held)
      fail_file(a.name, "has " + std::to_string(held) + " bytes of data", "shape " + shape_text(a.header.shape));
    return a;
  }
  std::string text(const std::string& name) const {
    const Array a = array(name);
    std::string result;
    for (std::size_t k = 0; k < a.header.text_bytes; ++k) {
      if (a.data()[k] != 0) result += static_cast<char>(a.data()[k]);
    }
    return result;
  }
  std::vector<std::int64_t> integers(const std::string& name, std::size_t count) const {
    const Array a = array(name);
    if (a.header.type.is_float()) fail_file(a.name, "holds " + a.header.type.name(), "integers");
    if (count != SIZE_MAX && a.size != count) {
      fail_file(a.name, "has " + std::to_string(a.size) + " elements", std::to_string(count));
    }
    std::vector<std::int64_t> values(a.size);
    to_integers(a.data(), a.size, a.header.type, values.data());
    return values;
  }
  // Each in 0 .. limit - 1.
  std::vector<std::int64_t> indices(const std::string& name, std::size_t count, std::size_t limit) const {
    std::vector<std::int64_t> values = integers(name, count);
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (values[k] < 0 || static_cast<std::size_t>(values[k]) >= limit) {
        fail_file(archive_.path() + ":" + name, "element [" + std::to_string(k) + "] is " + std::to_string(values[k]),
                  "0 to " + std::to_string(limit - 1));
      }
    }
    return values;
  }
  // Row or column pointers: from 0 to `count`, ascending.
  std::vector<std::int64_t> pointers(std::size_t lines, std::size_t count) const {
    std::vector<std::int64_t> p = integers("indptr", lines + 1);
    if (p.front() != 0 || static_cast<std::size_t>(p.back()) != count || !std::is_sorted(p.begin(), p.end())) {
      fail("has wrong row or column pointers", "an ascending indptr from 0 to " + std::to_string(count));
    }
    return p;
  }
  // The values, of `dimensions` dimensions; their shape.
  std::vector<double> data(std::size_t dimensions, std::vector<std::size_t>& shape) {
    const Array a = array("data");
    if (a.header.shape.size() != dimensions) {
      fail_file(a.name, "has shape " + shape_text(a.header.shape), std::to_string(dimensions) + " dimensions");
    }
    shape = a.header.shape;
    type_ = a.header.type.name();
    std::vector<double> values(a.size);
    to_doubles(a.data(), a.size, a.header.type, values.data());
    if (!a.header.fortran || dimensions < 2) return values;
    std::vector<double> ordered(a.size);
    std::vector<std::size_t> at(dimensions, 0);
    for (const double x : values) {  // the first index runs fastest
      std::size_t k = 0;
      for (std::size_t d = 0; d < dimensions; ++d) k = k * shape[d] + at[d];
      ordered[k] = x;
      for (std::size_t d = 0; d < dimensions && ++at[d] == shape[d]; ++d) at[d] = 0;
    }
    return ordered;
  }

  void compressed(bool by_row) {
    std::vector<std::size_t> shape;
    const std::vector<double> values = data(1, shape);
    const std::vector<std::int64_t> other = indices("indices", values.size(), by_row ? columns_ : rows_);
    const std::size_t lines = by_row ? rows_ : columns_;
    const std::vector<std::int64_t> pointer = pointers(lines, values.size());
    for (std::size_t line = 0; line < lines; ++line) {
      for (auto e = static_cast<std::size_t>(pointer[line]); e < static_cast<std::size_t>(pointer[line + 1]); ++e) {
        const auto k = static_cast<std::size_t>(other[e]);
        elements_.add(by_row ? line : k, by_row ? k : line, values[e]);
      }
    }
  }

  void coordinates() {
    std::vector<std::size_t> shape;
    const std::vector<double> values = data(1, shape);
    const std::vector<std::int64_t> row = indices("row", values.size(), rows_);
    const std::vector<std::int64_t> column = indices("col", values.size(), columns_);
    for (std::size_t e = 0; e < values.size(); ++e) {
      elements_.add(static_cast<std::size_t>(row[e]), static_cast<std::size_t>(column[e]), values[e]);
    }
  }

  void blocks() {
    std::vector<std::size_t> shape;
    const std::vector<double> values = data(3, shape);  // blocks x rows x columns of a block
    const std::size_t high = shape[1];
    const std::size_t wide = shape[2];
    if (high == 0 || wide == 0 || rows_ % high != 0 || columns_ % wide != 0) {
      fail("has blocks of shape " + shape_text({high, wide}), "ones that divide shape " + shape_text({rows_, columns_}));
    }
    const std::vector<std::int64_t> column = indices("indices", shape[0], columns_ / wide);
    const std::vector<std::int64_t> pointer = pointers(rows_ / high, shape[0]);
    for (std::size_t line = 0; line < rows_ / high; ++line) {
      for (auto b = static_cast<std::size_t>(pointer[line]); b < static_cast<std::size_t>(pointer[line + 1]); ++b) {
        for (std::size_t k = 0; k < high * wide; ++k) {
          elements_.add(line * high + k / wide, static_cast<std::size_t>(column[b]) * wide + k % wide,
                        values[b * high * wide + k]);
        }
      }
    }
  }

  void diagonals() {
    std::vector<std::size_t> shape;
    const std::vector<double> values = data(2, shape);  // diagonals x columns
    const std::vector<std::int64_t> offset = integers("offsets", shape[0]);
    for (std::size_t d = 0; d < shape[0]; ++d) {
      for (std::size_t j = 0; j < std::min(shape[1], columns_); ++j) {
        const std::int64_t i = static_cast<std::int64_t>(j) - offset[d];
        if (i < 0 || static_cast<std::size_t>(i) >= rows_) continue;
        elements_.add(static_cast<std::size_t>(i), j, values[d * shape[1] + j]);
      }
    }
  }

  const Archive& archive_;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::string type_;
  Triplets elements_;
};

std::unique_ptr<MatrixFile> open_member(const Archive& archive, std::size_t index) {
  return open_npy(archive.path() + ":" + without_suffix(archive.names()[index]), FileBytes(archive.read(index)));
}

}  // namespace

bool is_zip(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 4);
  return start == std::string_view("PK\3\4", 4) || start == std::string_view("PK\5\6", 4);
}

std::unique_ptr<MatrixFile> open_npz(const std::string& path, const std::string& member, const FileBytes& bytes,
                                     const Wanted& wanted) {
  const Archive archive(path, bytes);
  std::vector<std::size_t> arrays;
  std::vector<std::string> foreign;
  for (std::size_t k = 0; k < archive.names().size(); ++k) {
    const std::string& name = archive.names()[k];
    if (without_suffix(name) != name) {
      arrays.push_back(k);
    } else {
      foreign.push_back(name);
    }
  }
  auto names_of = [&](const std::vector<std::size_t>& list) {
    std::string text;
    for (std::size_t k = 0; k < list.size() && k < 12; ++k) {
      text += (k != 0 ? ", " : "") + without_suffix(archive.names()[list[k]]);
    }
    return text + (list.size() > 12 ? ", ..." : "");
  };
  if (!member.empty()) {
    const std::optional<std::size_t> at = archive.find(member);
    if (!at && arrays.empty()) refuse_foreign_zip(path, foreign);
    if (!at) fail_file(path, "has no member '" + member + "'", "one of " + names_of(arrays));
    return open_member(archive, *at);
  }
  if (arrays.empty()) refuse_foreign_zip(path, foreign);
  if (SciPyMatrix::is_one(archive)) return SciPyMatrix(archive).open();
  if (arrays.size() == 1) return open_member(archive, arrays.front());

  std::vector<std::size_t> fitting;
  std::string shapes;
  for (const std::size_t k : arrays) {
    const std::vector<unsigned char> start = archive.read(k, kNpyHeaderLimit);
    const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
    const std::string name = without_suffix(archive.names()[k]);
    NpyHeader header;
    try {
      header = parse_npy(path + ":" + name, text, archive.size(k));
    } catch (const std::exception&) {
      continue;  // an array of another kind does not fit
    }
    shapes += (shapes.empty() ? "" : ", ") + name + " " + shape_text(header.shape);
    if (wanted.fits(header.shape)) fitting.push_back(k);
  }
  if (fitting.size() == 1) return open_member(archive, fitting.front());
  const std::string which = fitting.empty() ? "none" : std::to_string(fitting.size());
  if (shapes.size() > 300) shapes = shapes.substr(0, 300) + " ...";
  fail_file(path, "holds " + std::to_string(arrays.size()) + " arrays (" + shapes + ") of which " + which + " may be meant",
            wanted.what + ", named as " + path + ":NAME");
}

}  // namespace eie::tb
