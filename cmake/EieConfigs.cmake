# SPDX-License-Identifier: Apache-2.0
# One translation unit a configuration, and a table of them.
#
# eie_config_gen turns a YAML file into a header NAME.h with a struct of constants. The instantiation of an engine goes into an
# object file of its own, with a function that makes its device; a generated table has the values and that function, a row a
# configuration. No macros, and nothing to edit for a new configuration but its YAML file.

# eie_config_identifiers(OUT FILES...): the names of configuration files as identifiers.
function(eie_config_identifiers out)
  set(identifiers)
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME_WLE)
    string(REPLACE "-" "_" identifier ${name})
    list(APPEND identifiers ${identifier})
  endforeach()
  set(${out} ${identifiers} PARENT_SCOPE)
endfunction()

# eie_config_headers(FOLDER OUT FILES...): rules for generated/FOLDER/NAME.h; OUT is the list of them. Once a folder and file.
function(eie_config_headers folder out)
  set(headers)
  foreach(file IN LISTS ARGN)
    eie_config_identifiers(identifier ${file})
    set(header ${PROJECT_BINARY_DIR}/generated/${folder}/${identifier}.h)
    add_custom_command(
      OUTPUT ${header}
      COMMAND eie_config_gen ${file} ${PROJECT_BINARY_DIR}/generated/${folder}
      DEPENDS eie_config_gen ${file}
      COMMENT "Configuration ${identifier} (${folder})"
      VERBATIM)
    list(APPEND headers ${header})
  endforeach()
  set(${out} ${headers} PARENT_SCOPE)
endfunction()

# eie_compiled_table(OUT TABLE SYMBOL HEADER file.h ENTRY type FOLDER folder IDENTIFIERS id...
#                    [NAMESPACE ns] [FUNCTION prefix SIGNATURE "result(parameters)"])
# writes generated/compiled/SYMBOL.cpp, which defines `const std::vector<ENTRY>& SYMBOL()`; OUT is its path. A row is
# {values, &PREFIX_id}, or the values alone without FUNCTION. HEADER declares SYMBOL and ENTRY.
function(eie_compiled_table out)
  cmake_parse_arguments(ARG "" "TABLE;HEADER;ENTRY;FOLDER;NAMESPACE;FUNCTION;RESULT;PARAMETERS" "IDENTIFIERS" ${ARGN})
  set(EIE_TABLE ${ARG_TABLE})
  set(EIE_TABLE_HEADER ${ARG_HEADER})
  set(EIE_TABLE_ENTRY ${ARG_ENTRY})
  set(EIE_TABLE_NAMESPACE eie::tb)
  if(ARG_NAMESPACE)
    set(EIE_TABLE_NAMESPACE ${ARG_NAMESPACE})
  endif()
  set(EIE_TABLE_INCLUDES "")
  set(EIE_TABLE_DECLARATIONS "")
  set(EIE_TABLE_ROWS "")
  foreach(id IN LISTS ARG_IDENTIFIERS)
    string(APPEND EIE_TABLE_INCLUDES "#include \"${ARG_FOLDER}/${id}.h\"\n")
    if(ARG_FUNCTION)
      string(APPEND EIE_TABLE_DECLARATIONS "${ARG_RESULT} ${ARG_FUNCTION}_${id}(${ARG_PARAMETERS});\n")
      string(APPEND EIE_TABLE_ROWS "      {compiled_config<cfg::${id}>(), &${ARG_FUNCTION}_${id}},\n")
    else()
      string(APPEND EIE_TABLE_ROWS "      compiled_config<cfg::${id}>(),\n")
    endif()
  endforeach()
  if(EIE_TABLE_DECLARATIONS)
    string(APPEND EIE_TABLE_DECLARATIONS "\n")
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/templates/compiled_table.cpp.in
                 ${PROJECT_BINARY_DIR}/generated/compiled/${ARG_TABLE}.cpp @ONLY)
  set(${out} ${PROJECT_BINARY_DIR}/generated/compiled/${ARG_TABLE}.cpp PARENT_SCOPE)
endfunction()

# eie_compile_configs(TABLE HEADER FILES...): the hw engines of these configurations, and generated/compiled/NAME.h for what uses
# Eie<cfg::NAME> without compiling it again. TABLE_SOURCES is what to compile: headers, an
# engine each, and the table TABLE() that HEADER declares, of CompiledEngine.
function(eie_compile_configs table header)
  eie_config_headers(cfg sources ${ARGN})
  eie_config_identifiers(identifiers ${ARGN})
  foreach(EIE_CFG IN LISTS identifiers)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/templates/hw_engine.cpp.in
                   ${PROJECT_BINARY_DIR}/generated/hw_engine_${EIE_CFG}.cpp @ONLY)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/templates/compiled_eie.h.in
                   ${PROJECT_BINARY_DIR}/generated/compiled/${EIE_CFG}.h @ONLY)
    list(APPEND sources ${PROJECT_BINARY_DIR}/generated/hw_engine_${EIE_CFG}.cpp)
  endforeach()
  eie_compiled_table(file TABLE ${table} HEADER ${header} ENTRY CompiledEngine FOLDER cfg IDENTIFIERS ${identifiers}
    FUNCTION make_hw RESULT std::unique_ptr<Device> PARAMETERS "const TraceOptions& trace")
  set(${table}_SOURCES ${sources} ${file} PARENT_SCOPE)
endfunction()
