// SPDX-License-Identifier: Apache-2.0
// Put into the sources by scripts/mutate: says whether a mutant is switched on. EIE_MUTANT=K in the environment switches on
// number K; EIE_MUTANT_SEEN=FILE, a file of bytes, gets a one at each number that a process comes by, however it ends.
#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace eie_mutant {

struct State {
  int mutant = -1;
  unsigned char* seen = nullptr;
  long size = 0;

  State() {
    const char* number = std::getenv("EIE_MUTANT");
    if (number != nullptr) mutant = std::atoi(number);
    const char* name = std::getenv("EIE_MUTANT_SEEN");
    if (name == nullptr) return;
    const int file = ::open(name, O_RDWR);
    struct stat about = {};
    if (file < 0 || fstat(file, &about) != 0) std::abort();
    size = static_cast<long>(about.st_size);
    void* bytes = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED) std::abort();
    seen = static_cast<unsigned char*>(bytes);
    ::close(file);
  }
};

inline const State& state() {
  static const State the_state;
  return the_state;
}

inline bool is_on(int number) {
  const State& now = state();
  if (now.seen != nullptr && number < now.size) now.seen[number] = 1;
  return now.mutant == number;
}

/// False where the compiler evaluates: a mutant there would not be a choice of the run.
constexpr bool on(int number) { return __builtin_is_constant_evaluated() ? false : is_on(number); }

}  // namespace eie_mutant
