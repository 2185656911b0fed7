// SPDX-License-Identifier: Apache-2.0
// Integers of an exact width: UInt<W> and Int<W>, W up to 64.
//
// For a synthesis compiler they are sc_uint<W> and sc_int<W>. In simulation they are the same integers in the smallest
// machine type that holds them: sc_uint carries a virtual table and its width along (32 bytes for one bit), which
// made copies of records and register files the largest cost of a simulated cycle. What both offer is what hw/ uses:
// assignment truncates to W bits (and sign-extends), expressions are 64-bit, x[i] reads bit i.
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <type_traits>

#include "clocked.h"

namespace eie {

#if EIE_SYNTHESIS_VIEW

template <unsigned W>
using UInt = sc_dt::sc_uint<W>;
template <unsigned W>
using Int = sc_dt::sc_int<W>;

#else

template <unsigned W>
class UInt {
  static_assert(W >= 1 && W <= 64, "1 to 64 bits");

 public:
  using Store = std::conditional_t<
      (W <= 8), unsigned char,
      std::conditional_t<(W <= 16), unsigned short, std::conditional_t<(W <= 32), unsigned int, sc_dt::uint64> > >;

  constexpr UInt() = default;
  template <class I, class = std::enable_if_t<std::is_integral_v<I> > >
  constexpr UInt(I value) : value_(static_cast<Store>(static_cast<std::uint64_t>(value) & kMask)) {}
  template <unsigned V>
  constexpr UInt(const UInt<V>& o) : UInt(o.to_uint64()) {}
  UInt(const sc_dt::sc_uint_base& o) : UInt(o.to_uint64()) {}
  constexpr UInt(const UInt&) = default;
  constexpr UInt& operator=(const UInt&) = default;

  constexpr operator std::uint64_t() const { return value_; }
  constexpr std::uint64_t to_uint64() const { return value_; }
  constexpr unsigned to_uint() const { return static_cast<unsigned>(value_); }
  constexpr bool operator[](unsigned bit) const { return (std::uint64_t{value_} >> bit & 1) != 0; }

  friend void sc_trace(sc_core::sc_trace_file* file, const UInt& object, const std::string& name) {
    sc_core::sc_trace(file, object.value_, name, static_cast<int>(W));
  }

 private:
  static constexpr std::uint64_t kMask = ~std::uint64_t{0} >> (64 - W);
  Store value_ = 0;
};

template <unsigned W>
class Int {
  static_assert(W >= 1 && W <= 64, "1 to 64 bits");

 public:
  using Store = std::conditional_t<(W <= 16), short, std::conditional_t<(W <= 32), int, sc_dt::int64> >;

  constexpr Int() = default;
  template <class I, class = std::enable_if_t<std::is_integral_v<I> > >
  constexpr Int(I value) : value_(extend(static_cast<std::uint64_t>(value))) {}
  template <unsigned V>
  constexpr Int(const Int<V>& o) : Int(o.to_int64()) {}
  template <unsigned V>
  constexpr Int(const UInt<V>& o) : Int(o.to_uint64()) {}  // same bits
  Int(const sc_dt::sc_int_base& o) : Int(o.to_int64()) {}
  constexpr Int(const Int&) = default;
  constexpr Int& operator=(const Int&) = default;

  constexpr operator std::int64_t() const { return value_; }
  constexpr std::int64_t to_int64() const { return value_; }
  constexpr int to_int() const { return static_cast<int>(value_); }
  constexpr bool operator[](unsigned bit) const { return (std::int64_t{value_} >> bit & 1) != 0; }

  friend void sc_trace(sc_core::sc_trace_file* file, const Int& object, const std::string& name) {
    sc_core::sc_trace(file, object.value_, name, static_cast<int>(W));
  }

 private:
  static constexpr Store extend(std::uint64_t bits) {
    return static_cast<Store>(static_cast<std::int64_t>(bits << (64 - W)) >> (64 - W));
  }
  Store value_ = 0;
};

#endif

/// The bits of a signed value, W to be named.
template <unsigned W>
inline UInt<W> bits_of(const Int<W>& value) {
#if EIE_SYNTHESIS_VIEW
  UInt<W> bits;
  bits = value.range(W - 1, 0);
  return bits;
#else
  return UInt<W>(value.to_int64());
#endif
}

}  // namespace eie
