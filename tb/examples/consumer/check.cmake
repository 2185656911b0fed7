# SPDX-License-Identifier: Apache-2.0
# Installs the package into FOLDER, builds this project with it and runs it: with find_package, and with pkg-config. Arguments:
# BUILD, FOLDER, GENERATOR, COMPILER, C_COMPILER, LAUNCHER, BUILD_TYPE, FLAGS, C_FLAGS, STANDARD, SOURCE (the root of the
# project), SYSTEMC (folder of its CMake package, or nothing).
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/prefix --component Development)
# Moved, so that a path into the source or build tree cannot go unnoticed.
file(RENAME ${FOLDER}/prefix ${FOLDER}/moved)
file(GLOB scripts ${FOLDER}/moved/lib*/cmake/eie/*.cmake ${FOLDER}/moved/lib*/pkgconfig/*.pc)
if(NOT scripts)
  message(FATAL_ERROR "no CMake package was installed")
endif()
foreach(script IN LISTS scripts)
  file(READ ${script} text)
  foreach(folder ${SOURCE}/hw ${SOURCE}/tlm ${SOURCE}/tb ${BUILD}/generated ${FOLDER}/prefix)
    string(FIND "${text}" "${folder}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${script} names ${folder}")
    endif()
  endforeach()
endforeach()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${FOLDER}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${FOLDER}/moved
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
    -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_CXX_STANDARD=${STANDARD} -DSystemCLanguage_DIR=${SYSTEMC})
run(${CMAKE_COMMAND} --build ${FOLDER}/build)
# Runs a program, whose output has to contain `text`.
function(expect program text)
  run(${program})
  string(FIND "${output}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${program} printed\n${output}")
  endif()
endfunction()
expect(${FOLDER}/build/consumer "EIE1 with 4 PEs")
expect(${FOLDER}/build/consumer_hw "EIE1 with 4 PEs")
expect(${FOLDER}/build/layer "40 outputs as expected")
expect(${FOLDER}/build/bridge "EIE1 11111111 22222222")

# The worked examples (docs/examples.md): each ends with 1 where it is not close to its reference.
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/../networks -B ${FOLDER}/build_networks -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${FOLDER}/moved -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_CXX_STANDARD=${STANDARD}
    -DSystemCLanguage_DIR=${SYSTEMC})
run(${CMAKE_COMMAND} --build ${FOLDER}/build_networks)
foreach(program lstm conv1x1 winograd)
  foreach(config eie4 eie64)
    run(${FOLDER}/build_networks/${program} ${FOLDER}/moved/share/eie/configs/${config}.yaml)
    string(FIND "${output}" "against double precision: at most" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "${program} printed\n${output}")
    endif()
  endforeach()
endforeach()

# Plain C, where SystemC cannot be found.
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/driver -B ${FOLDER}/build_c -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${FOLDER}/moved
    -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
    -DCMAKE_C_FLAGS=${C_FLAGS} -DCMAKE_DISABLE_FIND_PACKAGE_SystemCLanguage=ON -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON)
run(${CMAKE_COMMAND} --build ${FOLDER}/build_c)
expect(${FOLDER}/build_c/driver "error 0, 4 PEs, 1 reset")
expect(${FOLDER}/build_c/driver_source "error 0, 4 PEs, 1 reset")

# pkg-config, where there is one. A SystemC that has no systemc.pc leaves the files without SystemC.
find_program(PKG_CONFIG NAMES pkg-config pkgconf)
if(NOT PKG_CONFIG)
  return()
endif()
file(GLOB pc_folder ${FOLDER}/moved/lib*/pkgconfig ${FOLDER}/moved/lib/*/pkgconfig)
set(ENV{PKG_CONFIG_PATH} "${pc_folder}:$ENV{PKG_CONFIG_PATH}")
separate_arguments(cxx_flags UNIX_COMMAND "${FLAGS}")
separate_arguments(c_flags UNIX_COMMAND "${C_FLAGS}")
# Compiles `source` with what pkg-config says of some packages; the other arguments are for the compiler.
function(compile program compiler source packages)
  run(${PKG_CONFIG} --cflags ${packages})
  separate_arguments(cflags UNIX_COMMAND "${output}")
  run(${PKG_CONFIG} --libs ${packages})
  separate_arguments(libs UNIX_COMMAND "${output}")
  run(${LAUNCHER} ${compiler} ${ARGN} ${cflags} -c ${CMAKE_CURRENT_LIST_DIR}/${source} -o ${FOLDER}/${program}.o)
  run(${compiler} ${ARGN} ${FOLDER}/${program}.o -o ${FOLDER}/${program} ${libs})
endfunction()
compile(pc_driver ${C_COMPILER} driver/main.c eie-driver -std=c99 ${c_flags})
expect(${FOLDER}/pc_driver "error 0, 4 PEs, 1 reset")
execute_process(COMMAND ${PKG_CONFIG} --exists systemc RESULT_VARIABLE without_systemc)
if(without_systemc)
  return()
endif()
run(${PKG_CONFIG} --variable=configs eie-tlm)
string(STRIP "${output}" configs)
set(options -std=c++${STANDARD} ${cxx_flags} -DCONFIG_FILE=\"${configs}/eie4.yaml\")
compile(pc_layer ${COMPILER} layer.cpp "eie-tlm;eie-host;eie-config" ${options})
expect(${FOLDER}/pc_layer "40 outputs as expected")
compile(pc_bridge ${COMPILER} bridge.cpp "eie-tlm;eie-config" ${options})
expect(${FOLDER}/pc_bridge "EIE1 11111111 22222222")
compile(pc_hw ${COMPILER} main.cpp "eie-hw;eie-tlm;eie-config" ${options} -DUSE_HW)
expect(${FOLDER}/pc_hw "EIE1 with 4 PEs")
