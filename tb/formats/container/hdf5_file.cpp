// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/container/hdf5_file.h"

#include <algorithm>
#include <cstring>
#include <hdf5.h>
#include <type_traits>
#include <zlib.h>

namespace eie::tb {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t> && std::is_same_v<herr_t, int>);

// Elements of a chunk: small enough to be inflated in the cache, large enough for few of them.
constexpr std::size_t kChunk = std::size_t{1} << 18;
constexpr unsigned kDeflateLevel = 6;
// Deflate makes at most this many bytes of one (zlib, "maximum compression factor").
constexpr std::uint64_t kLargestInflation = 1032;
constexpr std::uint64_t kSmallArray = 4096;

/// While one lives, the library prints nothing.
class Quiet {
 public:
  Quiet() {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Quiet() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

Hdf5Handle checked(hid_t id, Hdf5Handle::Closer closer, const std::string& what) {
  if (id < 0) throw Hdf5Error(what);
  return {id, closer};
}

void check(herr_t status, const std::string& what) {
  if (status < 0) throw Hdf5Error(what);
}

Hdf5Handle property_list(hid_t of) { return checked(H5Pcreate(of), H5Pclose, "out of memory"); }

// A file in memory, never on a disk, of a version that HDF5 1.8 and later read. (1.10 takes wrong images of newer versions: their
// superblocks have a checksum, which it does not renew.)
Hdf5Handle memory_access(std::size_t step) {
  Hdf5Handle access = property_list(H5P_FILE_ACCESS);
  check(H5Pset_fapl_core(access.id(), step, 0), "out of memory");
  check(H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18), "out of memory");
  return access;
}

template <class T>
hid_t memory_type() {
  if constexpr (std::is_same_v<T, double>) {
    return H5T_NATIVE_DOUBLE;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return H5T_NATIVE_INT64;
  } else {
    return sizeof(T) == 1   ? H5T_NATIVE_UINT8
           : sizeof(T) == 2 ? H5T_NATIVE_UINT16
           : sizeof(T) == 4 ? H5T_NATIVE_UINT32
                            : H5T_NATIVE_UINT64;
  }
}

template <class T>
hid_t file_type() {
  if constexpr (std::is_same_v<T, double>) {
    return H5T_IEEE_F64LE;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return H5T_STD_I64LE;
  } else {
    return sizeof(T) == 1 ? H5T_STD_U8LE : sizeof(T) == 2 ? H5T_STD_U16LE : sizeof(T) == 4 ? H5T_STD_U32LE : H5T_STD_U64LE;
  }
}

/// Entries of a layer whose codes are equally frequent are as good as random: to inflate them would take longer than to read
/// what is saved.
template <class T>
bool worth_deflating(const std::vector<T>& values) {
  constexpr std::size_t kSample = std::size_t{1} << 20;  // bytes, from the middle
  const std::size_t bytes = values.size() * sizeof(T);
  if (bytes == 0) return false;
  const auto size = static_cast<uLong>(std::min(bytes, kSample));
  const auto* const middle = reinterpret_cast<const Bytef*>(values.data()) + (bytes - size) / 2;
  std::vector<Bytef> packed(compressBound(size));
  uLongf used = packed.size();
  return compress2(packed.data(), &used, middle, size, kDeflateLevel) != Z_OK || used < size - size / 8;
}

template <class T>
void write_number(hid_t at, const std::string& name, T value) {
  const Quiet quiet;
  const std::string what = "attribute '" + name + "' cannot be made";
  const Hdf5Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, what);
  const Hdf5Handle attribute =
      checked(H5Acreate2(at, name.c_str(), file_type<T>(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, what);
  check(H5Awrite(attribute.id(), memory_type<T>(), &value), what);
}

Hdf5Handle text_type() {
  Hdf5Handle type = checked(H5Tcopy(H5T_C_S1), H5Tclose, "out of memory");
  check(H5Tset_size(type.id(), H5T_VARIABLE), "out of memory");
  check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "out of memory");
  return type;
}

std::vector<std::size_t> shape_of(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > H5S_MAX_RANK) throw Hdf5Error("has an array without a shape");
  std::vector<hsize_t> sides(static_cast<std::size_t>(rank));
  check(H5Sget_simple_extent_dims(space, sides.data(), nullptr), "has an array without a shape");
  return {sides.begin(), sides.end()};
}

Hdf5Handle dataset_of(hid_t group, const std::string& name) {
  return checked(H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose, "has no dataset '" + name + "'");
}

herr_t add_name(hid_t, const char* name, const H5A_info_t*, void* list) {
  static_cast<std::vector<std::string>*>(list)->push_back(name);
  return 0;
}

}  // namespace

Hdf5Group Hdf5Group::make_group(const std::string& name) {
  const Quiet quiet;
  const Hdf5Handle properties = property_list(H5P_GROUP_CREATE);
  check(H5Pset_obj_track_times(properties.id(), false), "out of memory");  // the same network, the same bytes
  return Hdf5Group(checked(H5Gcreate2(handle_.id(), name.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Gclose,
                           "group '" + name + "' cannot be made"));
}

void Hdf5Group::write(const std::string& attribute, const std::string& value) {
  const Quiet quiet;
  const std::string what = "attribute '" + attribute + "' cannot be made";
  const Hdf5Handle type = text_type();
  const Hdf5Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, what);
  const Hdf5Handle made =
      checked(H5Acreate2(handle_.id(), attribute.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, what);
  const char* const text = value.c_str();
  check(H5Awrite(made.id(), type.id(), &text), what);
}

void Hdf5Group::write(const std::string& attribute, std::uint64_t value) { write_number(handle_.id(), attribute, value); }
void Hdf5Group::write(const std::string& attribute, std::int64_t value) { write_number(handle_.id(), attribute, value); }
void Hdf5Group::write(const std::string& attribute, double value) { write_number(handle_.id(), attribute, value); }

template <class T>
void Hdf5Group::write_array(const std::string& name, const std::vector<T>& values, const std::vector<std::size_t>& shape) {
  const Quiet quiet;
  const std::string what = "dataset '" + name + "' cannot be made";
  const std::vector<hsize_t> sides(shape.begin(), shape.end());
  const Hdf5Handle space = checked(H5Screate_simple(static_cast<int>(sides.size()), sides.data(), nullptr), H5Sclose, what);
  const Hdf5Handle properties = property_list(H5P_DATASET_CREATE);
  check(H5Pset_obj_track_times(properties.id(), false), what);
  if (worth_deflating(values)) {
    std::vector<hsize_t> chunk = sides;  // whole rows of it, as many as there is room for
    std::size_t size = values.size();
    for (hsize_t& side : chunk) {
      if (size <= kChunk) break;
      const std::size_t below = size / side;
      side = std::max<std::size_t>(1, kChunk / below);
      size = below * side;
    }
    check(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), what);
    if (sizeof(T) > 1) check(H5Pset_shuffle(properties.id()), what);
    check(H5Pset_deflate(properties.id(), kDeflateLevel), what);
  }
  const Hdf5Handle made =
      checked(H5Dcreate2(handle_.id(), name.c_str(), file_type<T>(), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
              H5Dclose, what);
  if (!values.empty()) check(H5Dwrite(made.id(), memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), what);
}

Hdf5Group Hdf5Group::group(const std::string& name) const {
  const Quiet quiet;
  return Hdf5Group(checked(H5Gopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Gclose, "has no group '" + name + "'"));
}

bool Hdf5Group::has_group_or_array(const std::string& name) const {
  const Quiet quiet;
  return H5Lexists(handle_.id(), name.c_str(), H5P_DEFAULT) > 0;
}

bool Hdf5Group::has_attribute(const std::string& name) const {
  const Quiet quiet;
  return H5Aexists(handle_.id(), name.c_str()) > 0;
}

std::vector<std::string> Hdf5Group::attributes() const {
  const Quiet quiet;
  std::vector<std::string> names;
  check(H5Aiterate2(handle_.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name, &names), "has a group without attributes");
  return names;
}

Hdf5Handle Hdf5Group::attribute_of(const std::string& name, int type_class) const {
  const std::string what = "has no attribute '" + name + "'";
  Hdf5Handle attribute = checked(H5Aopen(handle_.id(), name.c_str(), H5P_DEFAULT), H5Aclose, what);
  const Hdf5Handle type = checked(H5Aget_type(attribute.id()), H5Tclose, what);
  const Hdf5Handle space = checked(H5Aget_space(attribute.id()), H5Sclose, what);
  if (H5Tget_class(type.id()) != type_class || H5Sget_simple_extent_npoints(space.id()) != 1) {
    throw Hdf5Error("has an attribute '" + name + "' of another kind");
  }
  return attribute;
}

std::string Hdf5Group::text(const std::string& attribute) const {
  const Quiet quiet;
  const Hdf5Handle handle = attribute_of(attribute, H5T_STRING);
  const Hdf5Handle stored = checked(H5Aget_type(handle.id()), H5Tclose, "has no attribute '" + attribute + "'");
  if (H5Tis_variable_str(stored.id()) <= 0) throw Hdf5Error("has an attribute '" + attribute + "' of another kind");
  const Hdf5Handle type = text_type();
  char* value = nullptr;
  check(H5Aread(handle.id(), type.id(), &value), "has an attribute '" + attribute + "' that cannot be read");
  const std::string text = value != nullptr ? value : "";
  H5free_memory(value);
  return text;
}

std::uint64_t Hdf5Group::count(const std::string& attribute) const {
  const Quiet quiet;
  const Hdf5Handle handle = attribute_of(attribute, H5T_INTEGER);
  std::uint64_t value = 0;
  check(H5Aread(handle.id(), H5T_NATIVE_UINT64, &value), "has an attribute '" + attribute + "' that cannot be read");
  return value;
}

std::int64_t Hdf5Group::integer(const std::string& attribute) const {
  const Quiet quiet;
  const Hdf5Handle handle = attribute_of(attribute, H5T_INTEGER);
  std::int64_t value = 0;
  check(H5Aread(handle.id(), H5T_NATIVE_INT64, &value), "has an attribute '" + attribute + "' that cannot be read");
  return value;
}

double Hdf5Group::real(const std::string& attribute) const {
  const Quiet quiet;
  const Hdf5Handle handle = attribute_of(attribute, H5T_FLOAT);
  double value = 0;
  check(H5Aread(handle.id(), H5T_NATIVE_DOUBLE, &value), "has an attribute '" + attribute + "' that cannot be read");
  return value;
}

std::vector<std::size_t> Hdf5Group::shape(const std::string& name) const {
  const Quiet quiet;
  const Hdf5Handle dataset = dataset_of(handle_.id(), name);
  const Hdf5Handle space = checked(H5Dget_space(dataset.id()), H5Sclose, "has no dataset '" + name + "'");
  return shape_of(space.id());
}

template <class T>
std::vector<T> Hdf5Group::array(const std::string& name, const std::vector<std::size_t>& shape) const {
  const Quiet quiet;
  const std::string what = "has a dataset '" + name + "' ";
  const Hdf5Handle dataset = dataset_of(handle_.id(), name);
  const Hdf5Handle space = checked(H5Dget_space(dataset.id()), H5Sclose, what + "without a shape");
  if (shape_of(space.id()) != shape) throw Hdf5Error(what + "of another shape");
  const Hdf5Handle type = checked(H5Dget_type(dataset.id()), H5Tclose, what + "without a type");
  const bool is_real = std::is_same_v<T, double>;
  if (H5Tget_class(type.id()) != (is_real ? H5T_FLOAT : H5T_INTEGER) || H5Tget_size(type.id()) > sizeof(T)) {
    throw Hdf5Error(what + "of another type");
  }
  std::uint64_t size = 1;
  for (const std::size_t side : shape) size *= side;
  const std::uint64_t bytes = size * H5Tget_size(type.id());
  const std::uint64_t stored = H5Dget_storage_size(dataset.id());
  if (bytes > stored * kLargestInflation && (stored == 0 || bytes > kSmallArray)) throw Hdf5Error(what + "that is not all there");
  if (sizeof(T) > 1 && H5Tget_size(type.id()) == 1) {  // the library would widen them in small pieces
    const std::vector<std::uint8_t> narrow = array<std::uint8_t>(name, shape);
    return {narrow.begin(), narrow.end()};
  }
  std::vector<T> values(size);
  if (size != 0)
    check(H5Dread(dataset.id(), memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), what + "that cannot be read");
  return values;
}

Hdf5File Hdf5File::make(std::size_t user_block) {
  const Quiet quiet;
  const Hdf5Handle access = memory_access(std::size_t{1} << 20);
  const Hdf5Handle creation = property_list(H5P_FILE_CREATE);
  check(H5Pset_obj_track_times(creation.id(), false), "out of memory");
  return Hdf5File(checked(H5Fcreate("container", H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose, "out of memory"),
                  user_block);
}

Hdf5File Hdf5File::open(const unsigned char* bytes, std::size_t size) {
  const Quiet quiet;
  const Hdf5Handle access = memory_access(std::size_t{1} << 16);
  check(H5Pset_file_image(access.id(), const_cast<unsigned char*>(bytes), size), "out of memory");
  return Hdf5File(checked(H5Fopen("container", H5F_ACC_RDONLY, access.id()), H5Fclose, "is no HDF5 file"), 0);
}

Hdf5Group Hdf5File::root() const {
  const Quiet quiet;
  return Hdf5Group(checked(H5Gopen2(handle_.id(), "/", H5P_DEFAULT), H5Gclose, "has no root group"));
}

std::vector<unsigned char> Hdf5File::bytes() {
  const Quiet quiet;
  check(H5Fflush(handle_.id(), H5F_SCOPE_GLOBAL), "out of memory");
  const ssize_t size = H5Fget_file_image(handle_.id(), nullptr, 0);
  if (size < 0) throw Hdf5Error("out of memory");
  const auto length = static_cast<std::size_t>(size);
  std::vector<unsigned char> all(user_block_ + length);
  if (H5Fget_file_image(handle_.id(), all.data() + user_block_, length) != size) throw Hdf5Error("out of memory");
  handle_.close();
  return all;
}

template void Hdf5Group::write_array(const std::string&, const std::vector<std::uint8_t>&, const std::vector<std::size_t>&);
template void Hdf5Group::write_array(const std::string&, const std::vector<std::uint16_t>&, const std::vector<std::size_t>&);
template void Hdf5Group::write_array(const std::string&, const std::vector<std::uint32_t>&, const std::vector<std::size_t>&);
template void Hdf5Group::write_array(const std::string&, const std::vector<double>&, const std::vector<std::size_t>&);
template std::vector<std::uint8_t> Hdf5Group::array(const std::string&, const std::vector<std::size_t>&) const;
template std::vector<std::uint16_t> Hdf5Group::array(const std::string&, const std::vector<std::size_t>&) const;
template std::vector<std::uint32_t> Hdf5Group::array(const std::string&, const std::vector<std::size_t>&) const;
template std::vector<double> Hdf5Group::array(const std::string&, const std::vector<std::size_t>&) const;

}  // namespace eie::tb
