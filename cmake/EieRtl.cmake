# SPDX-License-Identifier: Apache-2.0
# Engine rtl: the RTL of hw/rtl, Verilated.
#
# Verilator's own CMake function runs it at configure time. Here it runs in the build, and what it writes is compiled as
# three files: the code that runs in every cycle, the code that runs once, and the engine's factory.
find_program(EIE_VERILATOR verilator REQUIRED)
execute_process(COMMAND ${EIE_VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE verilator_root
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(EIE_VERILATOR_INCLUDE ${verilator_root}/include CACHE INTERNAL "Headers and run-time sources of Verilator")

# Pinned: what a benchmark of the RTL depends on.
set(EIE_VERILATOR_FLAGS --cc -O3 --x-assign fast --x-initial fast --no-trace --threads 1 --output-split 0 CACHE INTERNAL "")
set(EIE_VERILATED_FAST -O2 CACHE INTERNAL "")
set(EIE_VERILATED_SLOW -O0 CACHE INTERNAL "")

# Generated code and Verilator's own: not held to this project's warnings.
add_library(eie_verilated STATIC ${EIE_VERILATOR_INCLUDE}/verilated.cpp ${EIE_VERILATOR_INCLUDE}/verilated_dpi.cpp
                                 ${EIE_VERILATOR_INCLUDE}/verilated_threads.cpp)
target_include_directories(eie_verilated SYSTEM PUBLIC ${EIE_VERILATOR_INCLUDE} ${EIE_VERILATOR_INCLUDE}/vltstd)
target_compile_options(eie_verilated PRIVATE -w -O2)
target_link_libraries(eie_verilated PUBLIC Threads::Threads)

# eie_verilate(PREFIX RTL.sv CONTROL.vlt [FLAGS...]): sets PREFIX_SOURCES; the class is PREFIX, its header PREFIX.h in the folder PREFIX_FOLDER.
function(eie_verilate prefix rtl control)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${prefix})
  set(fast ${folder}/${prefix}_fast.cpp)
  set(slow ${folder}/${prefix}_slow.cpp)
  add_custom_command(
    OUTPUT ${fast} ${slow} ${folder}/${prefix}.h
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND eie_rtl_tool inline ${rtl} ${folder}/rtl.sv
    COMMAND ${EIE_VERILATOR} ${EIE_VERILATOR_FLAGS} -Wno-lint -Wno-style --top-module Eie --prefix ${prefix} --Mdir ${folder}
            ${ARGN}
            ${control} ${folder}/rtl.sv
    COMMAND ${CMAKE_COMMAND} -D FOLDER=${folder} -D PREFIX=${prefix} -P ${PROJECT_SOURCE_DIR}/cmake/JoinVerilated.cmake
    DEPENDS ${rtl} ${control} eie_rtl_tool ${PROJECT_SOURCE_DIR}/cmake/JoinVerilated.cmake
    COMMENT "Verilating ${prefix}"
    VERBATIM)
  set_source_files_properties(${fast} PROPERTIES COMPILE_OPTIONS "-w;${EIE_VERILATED_FAST}")
  set_source_files_properties(${slow} PROPERTIES COMPILE_OPTIONS "-w;${EIE_VERILATED_SLOW}")
  set(${prefix}_SOURCES ${fast} ${slow} PARENT_SCOPE)
  set(${prefix}_FOLDER ${folder} PARENT_SCOPE)
endfunction()
