// SPDX-License-Identifier: Apache-2.0
// HDF5 files in memory: groups, attributes and arrays of numbers, as much of the library as containers need.
//
// The library's own messages are silenced: what fails is thrown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace eie::tb {

/// Something is not in the file, or is of another kind. what() is half a sentence: "has no dataset 'bias'".
class Hdf5Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The library's number of an object, closed at the end.
class Hdf5Handle {
 public:
  using Closer = int (*)(std::int64_t);
  Hdf5Handle(std::int64_t id, Closer closer) : id_(id), closer_(closer) {}
  ~Hdf5Handle() { close(); }
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(other.id_), closer_(other.closer_) { other.id_ = -1; }
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;
  std::int64_t id() const { return id_; }
  void close() {
    if (id_ >= 0) closer_(id_);
    id_ = -1;
  }

 private:
  std::int64_t id_;
  Closer closer_;
};

/// A group. Each reader throws Hdf5Error when the thing is not there or is of another kind.
class Hdf5Group {
 public:
  explicit Hdf5Group(Hdf5Handle handle) : handle_(std::move(handle)) {}

  Hdf5Group make_group(const std::string& name);
  void write(const std::string& attribute, const std::string& value);
  void write(const std::string& attribute, const char* value) { write(attribute, std::string(value)); }
  void write(const std::string& attribute, std::uint64_t value);
  void write(const std::string& attribute, std::int64_t value);
  void write(const std::string& attribute, double value);
  /// An array in C order, deflated where it has elements. T: uint8_t, uint16_t, uint32_t or double.
  template <class T>
  void write_array(const std::string& name, const std::vector<T>& values, const std::vector<std::size_t>& shape);

  Hdf5Group group(const std::string& name) const;
  bool has_group_or_array(const std::string& name) const;
  bool has_attribute(const std::string& name) const;
  std::vector<std::string> attributes() const;
  std::string text(const std::string& attribute) const;
  std::uint64_t count(const std::string& attribute) const;
  std::int64_t integer(const std::string& attribute) const;
  double real(const std::string& attribute) const;
  /// An array of just that shape. Refused before anything is allocated: elements that no deflated data of the stored size
  /// give. Integers are converted to T, which must hold them.
  template <class T>
  std::vector<T> array(const std::string& name, const std::vector<std::size_t>& shape) const;
  /// The shape of an array.
  std::vector<std::size_t> shape(const std::string& name) const;

 private:
  Hdf5Handle attribute_of(const std::string& name, int type_class) const;
  Hdf5Handle handle_;
};

/// A file in memory.
class Hdf5File {
 public:
  /// A new one. So many bytes will stand in front of it (512 or a larger power of two): readers look for it there.
  static Hdf5File make(std::size_t user_block);
  /// One that is there: `size` bytes, the user block included. They are copied.
  static Hdf5File open(const unsigned char* bytes, std::size_t size);

  Hdf5Group root() const;
  /// The whole file made, with zeros for the user block. Nothing can be added afterwards.
  std::vector<unsigned char> bytes();

 private:
  Hdf5File(Hdf5Handle handle, std::size_t user_block) : handle_(std::move(handle)), user_block_(user_block) {}
  Hdf5Handle handle_;
  std::size_t user_block_;
};

}  // namespace eie::tb
