# SPDX-License-Identifier: Apache-2.0
# Every dependency comes from Debian (docs/dependencies.md says what each is for).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Debian's SystemC 2.3.4 has systemc.pc and no CMake package. Its library is built with C++17.
include(${CMAKE_CURRENT_LIST_DIR}/EieSystemC.cmake)
if(NOT eie_SystemC_FOUND)
  message(FATAL_ERROR "SystemC was found neither as the CMake package SystemCLanguage nor by pkg-config (systemc.pc)")
endif()

find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(yaml-cpp REQUIRED)
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
find_package(Eigen3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)  # its CMake package in Debian wants the tools of libzip too
add_library(libzip::zip ALIAS PkgConfig::libzip)
include(${CMAKE_CURRENT_LIST_DIR}/EiePython.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/EieHdf5.cmake)
# ONNX's messages. Its CMake package in Debian wants a library that no package has.
pkg_check_modules(protobuf REQUIRED IMPORTED_TARGET protobuf)
find_library(EIE_ONNX_PROTO onnx_proto REQUIRED)
add_library(eie::onnx INTERFACE IMPORTED)
target_link_libraries(eie::onnx INTERFACE ${EIE_ONNX_PROTO} PkgConfig::protobuf)
if(EIE_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  find_path(EIE_VALIJSON_FOLDER valijson/validator.hpp REQUIRED)
endif()
if(EIE_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
