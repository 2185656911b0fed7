# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where; docs/using_the_model.md describes it. Component Development: headers, libraries and the
# CMake package (build target eie_package); component Runtime: the program.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(EIE_INSTALL_CMAKE ${CMAKE_INSTALL_LIBDIR}/cmake/eie)
set(EIE_INSTALL_CONFIGS ${CMAKE_INSTALL_DATADIR}/eie/configs)

set(EIE_INSTALL_DRIVER ${CMAKE_INSTALL_DATADIR}/eie/driver)

foreach(part model tlm hw config host driver_c)
  set_target_properties(eie_${part} PROPERTIES EXPORT_NAME ${part})
endforeach()

# An export set for each thing that a project may want without the libraries of the others.
install(TARGETS eie RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Runtime)
install(FILES tb/layers/report.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/eie COMPONENT Runtime)
install(TARGETS eie_driver_c EXPORT eieDriverTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)
install(TARGETS eie_model eie_host EXPORT eieHostTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)
install(TARGETS eie_hw eie_tlm EXPORT eieTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)
install(TARGETS eie_config EXPORT eieYamlTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)

# The tree of the sources, because they include one another by relative paths.
install(DIRECTORY hw tlm DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eie COMPONENT Development FILES_MATCHING PATTERN "*.h")
# What users call beside the models, and where it lies: neighbours in one folder.
foreach(header config/config.h support/error.h host/layer_program.h)
  get_filename_component(name ${header} NAME)
  install(CODE "
    file(READ \"${PROJECT_SOURCE_DIR}/tb/${header}\" text)
    string(REGEX REPLACE \"#include \\\"tb/[a-z_/]+/([a-z_]+[.]h)\\\"\" \"#include \\\"\\\\1\\\"\" text \"\${text}\")
    file(WRITE \"${PROJECT_BINARY_DIR}/generated/install/host/${name}\" \"\${text}\")"
    COMPONENT Development)
  install(FILES ${PROJECT_BINARY_DIR}/generated/install/host/${name} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eie/host
    COMPONENT Development)
endforeach()
# Their former places, for projects that name them. Further arguments are names of eie::model that were in eie.
function(eie_install_former place header)
  set(text "#pragma once\n#include <eie/${header}>\n")
  foreach(name IN LISTS ARGN)
    string(APPEND text "namespace eie { using model::${name}; }\n")
  endforeach()
  get_filename_component(folder ${place} DIRECTORY)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/install/${place} CONTENT "${text}")
  install(FILES ${PROJECT_BINARY_DIR}/generated/install/${place} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eie/${folder}
    COMPONENT Development)
endfunction()
foreach(header axi/axi_lite_manager.h axi/eie_hw.h config/compiled_config.h config/device_config.h dma/dma.h dma/dma_registers.h)
  get_filename_component(name ${header} NAME)
  eie_install_former(tlm/${name} tlm/${header})
endforeach()
eie_install_former(tlm/device_model.h tlm/model/device_model.h Access AddressMap Core Descriptor Image ImageCache ImageKey Memories PeCounts)
eie_install_former(tlm/image.h tlm/model/image.h Image ImageCache ImageKey Memories)
foreach(place config.h error.h config/config.h support/error.h host/layer_program.h)
  get_filename_component(name ${place} NAME)
  eie_install_former(tb/${place} host/${name})
endforeach()

# The C driver: headers for the library, and a folder with all of it to be compiled into other software.
set(driver ${PROJECT_SOURCE_DIR}/tb/examples/virtual_platform/sw)
set(driver_headers ${driver}/eie.h ${PROJECT_BINARY_DIR}/generated/sw/eie_regs.h)
install(FILES ${driver_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eie/driver COMPONENT Development)
install(FILES ${driver_headers} ${driver}/eie.c DESTINATION ${EIE_INSTALL_DRIVER} COMPONENT Development)

# Configurations are for both: find_package() names their folder, the program reads them.
install(DIRECTORY configs/ DESTINATION ${EIE_INSTALL_CONFIGS} COMPONENT Development
  FILES_MATCHING PATTERN "*.yaml" PATTERN "networks" EXCLUDE PATTERN "workloads" EXCLUDE)
install(DIRECTORY configs/ DESTINATION ${EIE_INSTALL_CONFIGS} COMPONENT Runtime PATTERN "paper" EXCLUDE)  # configs/paper/ is for scripts
install(FILES ${EIE_TEXTS}/eie DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT Runtime)
install(FILES ${EIE_TEXTS}/_eie DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT Runtime)
install(FILES ${EIE_TEXTS}/eie.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT Runtime)

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

foreach(set eieDriverTargets eieHostTargets eieTargets eieYamlTargets)
  install(EXPORT ${set} NAMESPACE eie:: DESTINATION ${EIE_INSTALL_CMAKE} COMPONENT Development)
endforeach()
configure_package_config_file(cmake/templates/eieConfig.cmake.in ${PROJECT_BINARY_DIR}/eieConfig.cmake
  INSTALL_DESTINATION ${EIE_INSTALL_CMAKE} PATH_VARS EIE_INSTALL_CONFIGS EIE_INSTALL_DRIVER)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/eieConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/eieConfig.cmake ${PROJECT_BINARY_DIR}/eieConfigVersion.cmake cmake/EieSystemC.cmake
  DESTINATION ${EIE_INSTALL_CMAKE} COMPONENT Development)

# pkg-config files, which find the tree from where they lie.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(EIE_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
  set(EIE_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
else()
  file(RELATIVE_PATH EIE_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" EIE_PC_PREFIX "\${pcfiledir}/${EIE_PC_PREFIX}")
  set(EIE_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
function(eie_install_pc name description requires libs)
  set(EIE_PC_NAME ${name})
  set(EIE_PC_DESCRIPTION "${description}")
  set(EIE_PC_REQUIRES "${requires}")
  set(EIE_PC_LIBS "${libs}")
  configure_file(cmake/templates/eie.pc.in ${PROJECT_BINARY_DIR}/pkgconfig/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/pkgconfig/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT Development)
endfunction()
eie_install_pc(eie-hw "Synthesizable SystemC model of EIE (headers)" "systemc" "")
eie_install_pc(eie-model "A launch of EIE as a plain C++ function" "" "-L\${libdir} -leie_model")
eie_install_pc(eie-tlm "TLM-2.0 models of EIE and its DMA engine" "eie-hw eie-model" "-L\${libdir} -leie_tlm -pthread")
eie_install_pc(eie-host "From a layer to the register writes that load and start it" "eie-model" "-L\${libdir} -leie_host")
eie_install_pc(eie-config "Configurations of EIE from YAML files" "eie-model yaml-cpp" "-L\${libdir} -leie_config")
eie_install_pc(eie-driver "Driver of EIE in C99" "" "-L\${libdir} -leie_driver_c")

add_custom_target(eie_package)
add_dependencies(eie_package eie_tlm eie_config eie_host eie_driver_c eie_cfg_headers)

# The package as another project uses it. The flags are those of the build, without optimization, to compile faster.
if(EIE_TESTS AND "eie4" IN_LIST EIE_CONFIGS)
  string(REGEX REPLACE "-O[0-9s]|-Werror" "" flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}")
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(flags "${CMAKE_CXX_FLAGS}")
  endif()
  add_test(NAME consumer.find_package COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR}
    -DFOLDER=${PROJECT_BINARY_DIR}/consumer -DC_COMPILER=${CMAKE_C_COMPILER} -DC_FLAGS=${CMAKE_C_FLAGS} -DGENERATOR=${CMAKE_GENERATOR} -DCOMPILER=${CMAKE_CXX_COMPILER}
    -DLAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER} -DBUILD_TYPE= -DFLAGS=${flags} -DSTANDARD=${CMAKE_CXX_STANDARD}
    -DSOURCE=${PROJECT_SOURCE_DIR} -DSYSTEMC=${SystemCLanguage_DIR} -P ${PROJECT_SOURCE_DIR}/tb/examples/consumer/check.cmake)
  set_tests_properties(consumer.find_package PROPERTIES LABELS system TIMEOUT 900)
endif()

# The program as it is installed.
if(EIE_TESTS)
  add_test(NAME Installed.Program COMMAND ${PROJECT_SOURCE_DIR}/tb/test/system/installed_program.sh
    ${PROJECT_BINARY_DIR} ${PROJECT_BINARY_DIR}/installed ${CMAKE_COMMAND})
  set_tests_properties(Installed.Program PROPERTIES LABELS system TIMEOUT 300)
endif()
