// SPDX-License-Identifier: Apache-2.0
// Allocator for lists of many megabytes: asks the system for large pages, so that walking them misses fewer translations.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace eie::model {

template <class T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) {}

  T* allocate(std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    if (bytes < kPage) return static_cast<T*>(::operator new(bytes));
    const std::size_t rounded = (bytes + kPage - 1) / kPage * kPage;
    void* at = std::aligned_alloc(kPage, rounded);
    if (at == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    madvise(at, rounded, MADV_HUGEPAGE);  // advice only: it does not matter if the system has none
#endif
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t n) {
    if (n * sizeof(T) < kPage) {
      ::operator delete(at);
    } else {
      std::free(at);
    }
  }
  friend bool operator==(const LargePages&, const LargePages&) { return true; }
  friend bool operator!=(const LargePages&, const LargePages&) { return false; }

 private:
  static constexpr std::size_t kPage = std::size_t{2} << 20;
};

}  // namespace eie::model
