# SPDX-License-Identifier: Apache-2.0
# RTL from hw/ by an installed Intel Compiler for SystemC (ICSC): option EIE_ICSC, environment variable ICSC_HOME.
#
# ICSC's CMake package (SVC) makes for each configuration a program that elaborates the design and then translates it.
# It brings a SystemC (3.0) and needs C++20, so that hw/ compiles with these here, and as C++17 with SystemC 2.3.4 elsewhere.
set(ICSC_HOME "$ENV{ICSC_HOME}" CACHE PATH "Folder of an installed Intel Compiler for SystemC")
if(NOT ICSC_HOME)
  message(FATAL_ERROR "EIE_ICSC=ON needs an installed Intel Compiler for SystemC: set ICSC_HOME to its folder")
endif()
set(ENV{ICSC_HOME} ${ICSC_HOME})  # svc_target reads it
find_package(SVC REQUIRED PATHS ${ICSC_HOME} NO_DEFAULT_PATH)

# eie_icsc_rtl(NAME CONFIG.yaml OUT.sv): a rule that makes OUT.sv, with its digests, in the build tree.
function(eie_icsc_rtl name config out)
  string(REPLACE "-" "_" identifier ${name})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/icsc)
  set(header ${folder}/cfg/${identifier}.h)
  set(EIE_CFG ${identifier})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/templates/rtl_top.cpp.in ${folder}/top_${identifier}.cpp @ONLY)
  add_custom_command(
    OUTPUT ${header}
    COMMAND eie_config_gen ${config} ${folder}/cfg
    DEPENDS eie_config_gen ${config}
    COMMENT "Configuration ${name} for synthesis"
    VERBATIM)

  set(CMAKE_CXX_STANDARD 20)
  set(CMAKE_CXX_EXTENSIONS ON)
  add_executable(icsc_${identifier} EXCLUDE_FROM_ALL ${folder}/top_${identifier}.cpp)
  target_include_directories(icsc_${identifier} PUBLIC ${PROJECT_SOURCE_DIR} ${folder})
  svc_target(icsc_${identifier} ELAB_TOP dut)
  set(tool icsc_${identifier}_sctool)
  target_sources(${tool} PRIVATE ${header})
  target_compile_options(${tool} PRIVATE -O0)
  set_target_properties(${tool} PROPERTIES EXCLUDE_FROM_ALL ON)

  # The tool reads the sources again when it runs, and so its output depends on them.
  file(GLOB hw_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/hw/*.h)
  set(plain ${CMAKE_CURRENT_BINARY_DIR}/sv_out/icsc_${identifier}.sv)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -D ICSC_HOME=${ICSC_HOME} -D TOOL=$<TARGET_FILE:${tool}> -D SV=${plain} -D LOG=${folder}/${name}.log
            -P ${PROJECT_SOURCE_DIR}/cmake/IcscRun.cmake
    COMMAND eie_rtl_tool stamp ${PROJECT_SOURCE_DIR}/hw ${config} ${plain} ${out}
    DEPENDS ${tool} eie_rtl_tool ${config} ${hw_headers} ${PROJECT_SOURCE_DIR}/cmake/IcscRun.cmake
    COMMENT "RTL of ${name}"
    VERBATIM)
endfunction()
