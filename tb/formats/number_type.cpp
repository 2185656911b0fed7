// SPDX-License-Identifier: Apache-2.0
#include "tb/formats/number_type.h"

#include <cmath>
#include <cstring>

namespace eie::tb {
namespace {

template <class T>
T swap_bytes(T bits) {
  T result = 0;
  for (unsigned k = 0; k < sizeof(T); ++k) result = static_cast<T>(result << 8 | (bits >> 8 * k & 0xFF));
  return result;
}
template <>
std::uint8_t swap_bytes(std::uint8_t bits) {
  return bits;
}

double half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  double value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? INFINITY : std::nan("");
  } else if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else {
    value = std::ldexp(1024 + fraction, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

// Calls convert(bits) for each element; Bits is the unsigned integer of its size.
template <class Bits, class To, class Convert>
void each(const unsigned char* from, std::size_t count, bool swapped, To* to, Convert convert) {
  if (swapped) {
    for (std::size_t k = 0; k < count; ++k) {
      Bits bits;
      std::memcpy(&bits, from + k * sizeof bits, sizeof bits);
      to[k] = convert(swap_bytes(bits));
    }
    return;
  }
  for (std::size_t k = 0; k < count; ++k) {
    Bits bits;
    std::memcpy(&bits, from + k * sizeof bits, sizeof bits);
    to[k] = convert(bits);
  }
}

template <class T, class Bits>
T as(Bits bits) {
  static_assert(sizeof(T) == sizeof(Bits), "the same bits");
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class Bits, class Signed, class To>
void integers(const unsigned char* from, std::size_t count, const NumberType& type, To* to) {
  if (type.kind == 'i') {
    each<Bits>(from, count, type.swapped, to, [](Bits bits) { return static_cast<To>(as<Signed>(bits)); });
  } else if (type.kind == 'b') {
    each<Bits>(from, count, type.swapped, to, [](Bits bits) { return static_cast<To>(bits != 0 ? 1 : 0); });
  } else {
    each<Bits>(from, count, type.swapped, to, [](Bits bits) { return static_cast<To>(bits); });
  }
}

template <class To>
void integers(const unsigned char* from, std::size_t count, const NumberType& type, To* to) {
  switch (type.bytes) {
    case 1:
      return integers<std::uint8_t, std::int8_t>(from, count, type, to);
    case 2:
      return integers<std::uint16_t, std::int16_t>(from, count, type, to);
    case 4:
      return integers<std::uint32_t, std::int32_t>(from, count, type, to);
    default:
      return integers<std::uint64_t, std::int64_t>(from, count, type, to);
  }
}

}  // namespace

std::string NumberType::name() const {
  if (kind == 'b') return "bool";
  if (kind == 'B') return "bfloat16";
  const char* word = kind == 'f' ? "float" : kind == 'i' ? "int" : "uint";
  return word + std::to_string(8 * bytes);
}

void to_doubles(const unsigned char* from, std::size_t count, const NumberType& type, double* to) {
  if (!type.is_float()) return integers(from, count, type, to);
  if (type.kind == 'B') {
    return each<std::uint16_t>(from, count, type.swapped, to, [](std::uint16_t bits) {
      return static_cast<double>(as<float>(static_cast<std::uint32_t>(bits) << 16));
    });
  }
  switch (type.bytes) {
    case 2:
      return each<std::uint16_t>(from, count, type.swapped, to, [](std::uint16_t bits) { return half(bits); });
    case 4:
      return each<std::uint32_t>(from, count, type.swapped, to,
                                 [](std::uint32_t bits) { return static_cast<double>(as<float>(bits)); });
    default:
      return each<std::uint64_t>(from, count, type.swapped, to, [](std::uint64_t bits) { return as<double>(bits); });
  }
}

void to_integers(const unsigned char* from, std::size_t count, const NumberType& type, std::int64_t* to) {
  integers(from, count, type, to);
}

}  // namespace eie::tb
