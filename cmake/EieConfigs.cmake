# One translation unit a configuration: eie_config_gen turns a YAML file into generated/cfg/NAME.h (a struct of constants),
# and the instantiation of the hw engine goes into an object file of its own.

# eie_compile_configs(LIST FILES...): sets LIST_SOURCES in the caller's scope, and writes generated/LIST.h, which includes
# the configurations' headers and defines EIE_FOR_EACH_CFG(X).
function(eie_compile_configs list)
  set(sources)
  set(includes "")
  set(entries "")
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME_WE)
    string(REPLACE "-" "_" identifier ${name})
    set(header ${PROJECT_BINARY_DIR}/generated/cfg/${identifier}.h)
    add_custom_command(
      OUTPUT ${header}
      COMMAND eie_config_gen ${file} ${PROJECT_BINARY_DIR}/generated/cfg
      DEPENDS eie_config_gen ${file}
      COMMENT "Configuration ${name}"
      VERBATIM)
    set(EIE_CFG ${identifier})
    configure_file(${PROJECT_SOURCE_DIR}/cmake/templates/hw_engine.cpp.in
                   ${PROJECT_BINARY_DIR}/generated/hw_engine_${identifier}.cpp @ONLY)
    list(APPEND sources ${header} ${PROJECT_BINARY_DIR}/generated/hw_engine_${identifier}.cpp)
    string(APPEND includes "#include \"cfg/${identifier}.h\"\n")
    string(APPEND entries " \\\n  X(${identifier})")
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/${list}.h @ONLY CONTENT
    "// Generated: the configurations that are compiled for the hw engine.\n#pragma once\n${includes}\n#define EIE_FOR_EACH_CFG(X)${entries}\n")
  set(${list}_SOURCES ${sources} PARENT_SCOPE)
endfunction()
