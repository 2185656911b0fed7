# What `cmake --install` puts where; docs/using_the_model.md describes it. Component Development: headers, libraries and the
# CMake package (build target eie_package); component Runtime: the program.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(EIE_INSTALL_CMAKE ${CMAKE_INSTALL_LIBDIR}/cmake/eie)
set(EIE_INSTALL_CONFIGS ${CMAKE_INSTALL_DATADIR}/eie/configs)

set_target_properties(eie_model PROPERTIES EXPORT_NAME model)
set_target_properties(eie_tlm PROPERTIES EXPORT_NAME tlm)
set_target_properties(eie_hw PROPERTIES EXPORT_NAME hw)
set_target_properties(eie_config PROPERTIES EXPORT_NAME config)

install(TARGETS eie RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Runtime)
install(FILES tb/layers/report.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/eie COMPONENT Runtime)
install(TARGETS eie_hw eie_model eie_tlm EXPORT eieTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)
install(TARGETS eie_config EXPORT eieYamlTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)

# The tree of the sources, because they include one another by relative paths.
install(DIRECTORY hw tlm DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eie COMPONENT Development FILES_MATCHING PATTERN "*.h")
install(FILES tb/config.h tb/error.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eie/tb COMPONENT Development)
install(DIRECTORY configs/ DESTINATION ${EIE_INSTALL_CONFIGS} COMPONENT Development
  FILES_MATCHING PATTERN "*.yaml" PATTERN "networks" EXCLUDE PATTERN "workloads" EXCLUDE)

# The compiled configurations as headers, <eie/cfg/NAME.h>. In the build they find hw/ from the root of the tree.
foreach(name IN LISTS EIE_CONFIGS)
  string(REPLACE "-" "_" identifier ${name})
  install(CODE "
    file(READ \"${PROJECT_BINARY_DIR}/generated/cfg/${identifier}.h\" text)
    string(REPLACE \"#include \\\"hw/\" \"#include \\\"../hw/\" text \"\${text}\")
    file(WRITE \"${PROJECT_BINARY_DIR}/generated/install/${identifier}.h\" \"\${text}\")"
    COMPONENT Development)
  install(FILES ${PROJECT_BINARY_DIR}/generated/install/${identifier}.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eie/cfg COMPONENT Development)
endforeach()

install(EXPORT eieTargets NAMESPACE eie:: DESTINATION ${EIE_INSTALL_CMAKE} COMPONENT Development)
install(EXPORT eieYamlTargets NAMESPACE eie:: DESTINATION ${EIE_INSTALL_CMAKE} COMPONENT Development)
configure_package_config_file(cmake/eieConfig.cmake.in ${PROJECT_BINARY_DIR}/eieConfig.cmake
  INSTALL_DESTINATION ${EIE_INSTALL_CMAKE} PATH_VARS EIE_INSTALL_CONFIGS)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/eieConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/eieConfig.cmake ${PROJECT_BINARY_DIR}/eieConfigVersion.cmake cmake/EieSystemC.cmake
  DESTINATION ${EIE_INSTALL_CMAKE} COMPONENT Development)

add_custom_target(eie_package)
add_dependencies(eie_package eie_tlm eie_config eie_cfg_headers)

# The package as another project uses it. The flags are those of the build, without optimization, to compile faster.
if(EIE_TESTS AND "eie4" IN_LIST EIE_CONFIGS)
  string(REGEX REPLACE "-O[0-9s]|-Werror" "" flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}")
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(flags "${CMAKE_CXX_FLAGS}")
  endif()
  add_test(NAME consumer.find_package COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR}
    -DFOLDER=${PROJECT_BINARY_DIR}/consumer -DGENERATOR=${CMAKE_GENERATOR} -DCOMPILER=${CMAKE_CXX_COMPILER}
    -DLAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER} -DBUILD_TYPE= -DFLAGS=${flags} -DSTANDARD=${CMAKE_CXX_STANDARD}
    -DSOURCE=${PROJECT_SOURCE_DIR} -DSYSTEMC=${SystemCLanguage_DIR} -P ${PROJECT_SOURCE_DIR}/tb/examples/consumer/check.cmake)
  set_tests_properties(consumer.find_package PROPERTIES LABELS system TIMEOUT 300)
endif()
