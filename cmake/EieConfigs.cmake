# One translation unit a configuration: eie_config_gen turns configs/NAME.yaml into generated/cfg/NAME.h (a struct of
# constants), and the instantiation of the hw engine goes into an object file of its own.

# eie_add_config(NAME FILE): adds FILE to the configurations of the hw engine.
function(eie_add_config name file)
  string(REPLACE "-" "_" identifier ${name})
  set(header ${PROJECT_BINARY_DIR}/generated/cfg/${identifier}.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND eie_config_gen ${file} ${PROJECT_BINARY_DIR}/generated/cfg
    DEPENDS eie_config_gen ${file}
    COMMENT "Configuration ${name}"
    VERBATIM)
  set(EIE_CFG ${identifier})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/hw_engine.cpp.in
                 ${PROJECT_BINARY_DIR}/generated/hw_engine_${identifier}.cpp @ONLY)
  set_property(GLOBAL APPEND PROPERTY EIE_CFG_HEADERS ${header})
  set_property(GLOBAL APPEND PROPERTY EIE_CFG_SOURCES
               ${PROJECT_BINARY_DIR}/generated/hw_engine_${identifier}.cpp)
  set_property(GLOBAL APPEND PROPERTY EIE_CFG_NAMES ${identifier})
endfunction()

# eie_write_config_list(): generated/cfg_list.h, a macro list of all configurations added, and generated/cfg_headers.h.
function(eie_write_config_list)
  get_property(names GLOBAL PROPERTY EIE_CFG_NAMES)
  set(text "// Generated: the configurations that are compiled for the hw engine.\n#define EIE_FOR_EACH_CFG(X)")
  foreach(name IN LISTS names)
    string(APPEND text " \\\n  X(${name})")
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/cfg_list.h CONTENT "${text}\n" @ONLY)
  set(text "// Generated.\n#pragma once\n")
  foreach(name IN LISTS names)
    string(APPEND text "#include \"cfg/${name}.h\"\n")
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/cfg_headers.h CONTENT "${text}" @ONLY)
endfunction()
