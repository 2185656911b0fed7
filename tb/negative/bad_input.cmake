# The program itself on bad input, as a process. Included by CMakeLists.txt.
if("eie4" IN_LIST EIE_CONFIGS)
  eie_add_test(bad_input_test LABEL negative SANITIZED SOURCES ${CMAKE_CURRENT_LIST_DIR}/bad_input_test.cpp
    LIBRARIES GTest::gtest_main)
  target_compile_definitions(bad_input_test PRIVATE EIE_PROGRAM="$<TARGET_FILE:eie>")
  add_dependencies(bad_input_test eie)
endif()
