// SPDX-License-Identifier: Apache-2.0
// What the inner loops ask of compiler and processor.
//
// EIE_VECTOR_CLONES before a function: it is compiled for AVX2 as well as for the base instruction set, and the program
// takes the one that the processor has. Sanitizers cannot start programs with such functions, so they get one version.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define EIE_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define EIE_VECTOR_CLONES
#endif

namespace eie::model {

/// Columns of a batch are known beforehand, and far apart in memory: lists are asked for this many columns ahead.
constexpr std::size_t kAhead = 6;

/// Asks for the first cache lines of a list that will be read soon.
inline void prefetch(const void* from, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  const auto first = reinterpret_cast<std::uintptr_t>(from) / kLine * kLine;
  const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(from) + bytes;
  for (std::uintptr_t line = first; line < last && line < first + 1024; line += kLine) {
    __builtin_prefetch(reinterpret_cast<const void*>(line));
  }
}

}  // namespace eie::model
