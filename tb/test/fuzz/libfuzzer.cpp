// SPDX-License-Identifier: Apache-2.0
// A target as libFuzzer calls it, with the memory that it takes weighed against its input.
#include <cstdio>
#include <cstdlib>
#include <sanitizer/allocator_interface.h>

#include "tb/test/fuzz/fuzz_target.h"

namespace {

std::size_t held = 0;
std::size_t peak = 0;
bool counts = false;

void take(const volatile void* place, std::size_t) {
  if (!counts) return;
  held += __sanitizer_get_allocated_size(place);
  peak = held > peak ? held : peak;
}

void give(const volatile void* place) {
  if (!counts || place == nullptr || __sanitizer_get_ownership(place) == 0) return;
  const std::size_t size = __sanitizer_get_allocated_size(place);
  held -= size < held ? size : held;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  __sanitizer_install_malloc_and_free_hooks(take, give);
  const eie::tb::FuzzTarget target = eie::tb::fuzz_target();
  std::fprintf(stderr, "memory limit: %zu x input + %zu\n", target.times, target.constant);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const eie::tb::FuzzTarget target = eie::tb::fuzz_target();
  static bool warm = false;  // what libraries make once is not counted
  if (!warm) eie::tb::run_target(target, data, size);
  warm = true;
  held = peak = 0;
  counts = true;
  eie::tb::run_target(target, data, size);
  counts = false;
  const std::size_t limit = target.times * size + target.constant;
  if (peak > limit) {
    std::fprintf(stderr, "fuzz target: %zu bytes of input took %zu bytes of memory, over %zu x + %zu\n", size, peak, target.times,
                 target.constant);
    std::abort();
  }
  return 0;
}
