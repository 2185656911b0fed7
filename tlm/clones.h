// EIE_VECTOR_CLONES before a function: it is compiled for AVX2 as well as for the base instruction set, and the program
// takes the one that the processor has. Sanitizers cannot start programs with such functions, so they get one version.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define EIE_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define EIE_VECTOR_CLONES
#endif
