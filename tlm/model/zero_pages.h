// SPDX-License-Identifier: Apache-2.0
// Allocator for lists of zeros of which most stay zero: the system's pages are zero already, and take room and time only once
// they are written.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace eie::model {

/// For numbers. An element that a list makes without a value is 0, as ever.
template <class T>
struct ZeroPages {
  static_assert(std::is_integral_v<T>);
  using value_type = T;
  ZeroPages() = default;
  template <class U>
  ZeroPages(const ZeroPages<U>&) {}

  T* allocate(std::size_t n) {
    void* at = std::calloc(n, sizeof(T));
    if (at == nullptr && n != 0) throw std::bad_alloc();
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t) { std::free(at); }
  /// Zero already: what is allocated was never used before.
  template <class U>
  void construct(U*) {}
  template <class U, class... Values>
  void construct(U* at, Values&&... values) {
    ::new (static_cast<void*>(at)) U(std::forward<Values>(values)...);
  }
  friend bool operator==(const ZeroPages&, const ZeroPages&) { return true; }
  friend bool operator!=(const ZeroPages&, const ZeroPages&) { return false; }
};

}  // namespace eie::model
