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

# FST: fstapi.c comes with Verilator, and wants zlib. Without it waves are VCD.
find_program(EIE_VERILATOR_FST verilator)
if(EIE_VERILATOR_FST)
  execute_process(COMMAND ${EIE_VERILATOR_FST} --getenv VERILATOR_ROOT OUTPUT_VARIABLE verilator_root
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  find_path(EIE_FSTAPI_FOLDER fstapi.c PATHS ${verilator_root}/include/gtkwave NO_DEFAULT_PATH)
endif()
if(EIE_FSTAPI_FOLDER)
  find_package(ZLIB REQUIRED)
endif()

if(EIE_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  find_path(EIE_VALIJSON_FOLDER valijson/validator.hpp REQUIRED)
endif()
if(EIE_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
