# SPDX-License-Identifier: Apache-2.0
# eie_add_test(NAME SOURCES ... LIBRARIES ... [LABEL label] [SLOW filter] [PREFIX text] [SANITIZED]): one executable, one ctest test per TEST.
# Tests that the GoogleTest filter SLOW names have the label slow instead. PREFIX stands before their names in ctest.
# Every TEST runs in a process of its own, as a SystemC kernel elaborates once per process.
# SANITIZED: one of the tests that scripts/test runs under the sanitizers too (target sanitized_tests).
# A release's tests are compiled with -O1, those with the label unit with -O0: compiling takes longer than they run, and what
# they judge is compiled as ever.
include(GoogleTest)
add_custom_target(sanitized_tests)
function(eie_add_test name)
  cmake_parse_arguments(ARG "SANITIZED" "LABEL;SLOW;PREFIX" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE eie_options GTest::gtest ${ARG_LIBRARIES})
  target_compile_definitions(${name} PRIVATE EIE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(ARG_LABEL STREQUAL "unit")
    set(level 0)
  else()
    set(level 1)
  endif()
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O${level}>
    $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-zero-variadic-macro-arguments>)  # GoogleTest's TYPED_TEST_SUITE
  # One precompiled header for all tests of a kind and level. Its maker has no definitions: a header made with one is not used
  # without it.
  if(EIE_PRECOMPILE)
    set(kind test)
    set(libraries eie_options GTest::gtest)
    if("eie_sc_main" IN_LIST ARG_LIBRARIES)
      set(kind systemc_test)
      list(APPEND libraries eie::systemc)
    endif()
    set(maker eie_headers_${kind}_${level})
    if(NOT TARGET ${maker})
      file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/headers/${maker}.cpp CONTENT "// Generated: headers to precompile.\n")
      add_library(${maker} OBJECT ${PROJECT_BINARY_DIR}/generated/headers/${maker}.cpp)
      target_link_libraries(${maker} PRIVATE ${libraries})
      target_compile_options(${maker} PRIVATE $<$<CONFIG:Release>:-O${level}>)
      eie_precompile(${maker} ${kind})
    endif()
    target_precompile_headers(${name} REUSE_FROM ${maker})
  endif()
  if(ARG_SANITIZED)
    add_dependencies(sanitized_tests ${name})
  endif()
  set(all "")
  if(ARG_SLOW)
    set(all TEST_FILTER "-${ARG_SLOW}")
    gtest_discover_tests(${name}
      TEST_FILTER ${ARG_SLOW} TEST_LIST ${name}_slow TEST_PREFIX "${ARG_PREFIX}"
      DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS slow TIMEOUT 1800 ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)
  endif()
  gtest_discover_tests(${name} ${all} TEST_PREFIX "${ARG_PREFIX}"
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT 300 ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)
endfunction()
