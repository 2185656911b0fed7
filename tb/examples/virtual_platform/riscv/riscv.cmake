# SPDX-License-Identifier: Apache-2.0
# A RISC-V core in the platform, on Unicorn, and firmware for it: each where what it takes is installed.

pkg_check_modules(unicorn IMPORTED_TARGET unicorn)
pkg_check_modules(libelf IMPORTED_TARGET libelf)
find_program(EIE_RISCV_GCC riscv64-unknown-elf-gcc)
if(NOT unicorn_FOUND OR NOT libelf_FOUND)
  return()
endif()
add_library(eie_riscv STATIC riscv/elf_image.cpp riscv/gdb_server.cpp riscv/riscv_core.cpp)
target_link_libraries(eie_riscv PUBLIC eie_options eie_config eie::systemc PRIVATE PkgConfig::unicorn PkgConfig::libelf)
target_compile_definitions(eie_riscv PUBLIC EIE_RISCV)
target_link_libraries(virtual_platform PRIVATE eie_riscv)
if(NOT EIE_RISCV_GCC)
  return()
endif()

# Freestanding: picolibc, where it is installed, is for what the firmware prints. GCC 12's instruction set of 2.2 has the control and
# status registers in it; as an extension of their own they match none of its libraries.
set(machine -march=rv64ima -mabi=lp64 -misa-spec=2.2 -mcmodel=medany)
set(libc -nostdlib -ffreestanding)
execute_process(COMMAND ${EIE_RISCV_GCC} --specs=picolibc.specs -print-file-name=libc.a
  RESULT_VARIABLE no_picolibc OUTPUT_QUIET ERROR_QUIET)
if(no_picolibc EQUAL 0)
  set(libc --specs=picolibc.specs -nostartfiles -DFIRMWARE_PICOLIBC)
endif()
set(sw ${CMAKE_CURRENT_SOURCE_DIR}/sw)
file(GLOB firmware_headers CONFIGURE_DEPENDS ${sw}/*.h ${sw}/riscv/*.h)
foreach(program main core_check)
  set(sources ${sw}/riscv/start.S ${sw}/riscv/firmware.c ${sw}/riscv/${program}.c ${sw}/network.c ${sw}/eie.c)
  set(elf ${CMAKE_CURRENT_BINARY_DIR}/${program}.elf)
  add_custom_command(OUTPUT ${elf}
    COMMAND ${EIE_RISCV_GCC} ${libc} ${machine} -std=gnu99 -O2 -g -ffunction-sections -Wall -Wextra -Wshadow -Werror
      -I ${sw} -I ${sw}/riscv -I ${PROJECT_BINARY_DIR}/generated/sw
      -T ${sw}/riscv/link.ld -Wl,--gc-sections -Wl,--no-warn-rwx-segments ${sources} -lgcc -o ${elf}
    DEPENDS ${sources} ${firmware_headers} ${header} ${sw}/riscv/link.ld
    COMMENT "Building ${program}.elf for RISC-V" VERBATIM)
  list(APPEND programs ${elf})
endforeach()
add_custom_target(platform_firmware ALL DEPENDS ${programs})

if(EIE_TESTS)
  eie_add_test(riscv_core_test LABEL system SOURCES riscv/riscv_core_test.cpp
    LIBRARIES eie_riscv eie_platform_sw eie_config eie_tlm eie_sc_main)
  target_sources(riscv_core_test PRIVATE case.cpp blob.cpp)
  target_link_libraries(riscv_core_test PRIVATE eie_engines)
  target_compile_definitions(riscv_core_test PRIVATE EIE_CORE_CHECK="${CMAKE_CURRENT_BINARY_DIR}/core_check.elf")
  add_dependencies(riscv_core_test platform_firmware)
  # The same file on every engine: outputs, and every cycle.
  set(firmware_configs ${hw_configs})
  foreach(config IN LISTS firmware_configs)
    set(engines tlm hw)
    if(config STREQUAL "eie4" AND "eie4" IN_LIST EIE_RTL_CONFIGS)
      list(APPEND engines rtl)
    endif()
    add_test(NAME virtual_platform.firmware.${config}
      COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:virtual_platform> "-DENGINES=${engines}"
        -DCONFIG=${PROJECT_SOURCE_DIR}/configs/${config}.yaml -DFIRMWARE=${CMAKE_CURRENT_BINARY_DIR}/main.elf
        -P ${CMAKE_CURRENT_SOURCE_DIR}/same_output.cmake)
    set_tests_properties(virtual_platform.firmware.${config} PROPERTIES LABELS system TIMEOUT 300)
  endforeach()
  add_test(NAME virtual_platform.gdb
    COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/riscv/gdb_test.py $<TARGET_FILE:virtual_platform>
      ${CMAKE_CURRENT_BINARY_DIR}/main.elf ${PROJECT_SOURCE_DIR}/configs/eie4.yaml)
  set_tests_properties(virtual_platform.gdb PROPERTIES LABELS system TIMEOUT 300)
endif()
