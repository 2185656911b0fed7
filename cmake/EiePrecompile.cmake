# SPDX-License-Identifier: Apache-2.0
# The headers of libraries, precompiled: half of the time that small files take. With a compiler cache each file is its own entry, which
# a precompiled header would spoil, and so they are on only where there is none.
if(CCACHE)
  set(default OFF)
else()
  set(default ON)
endif()
option(EIE_PRECOMPILE "Precompile the headers of libraries" ${default})

set(EIE_HEADERS_STD <algorithm> <array> <cstdint> <functional> <iostream> <map> <memory> <optional> <sstream> <string> <vector>)
set(EIE_HEADERS_WORDS ${EIE_HEADERS_STD} <Eigen/Core> <boost/program_options.hpp> <nlohmann/json.hpp>)
set(EIE_HEADERS_NUMBERS ${EIE_HEADERS_STD} <Eigen/Core> <nlohmann/json.hpp>)
set(EIE_HEADERS_SYSTEMC ${EIE_HEADERS_STD} <systemc> <tlm>)
set(EIE_HEADERS_TEST ${EIE_HEADERS_STD} <gtest/gtest.h>)
set(EIE_HEADERS_SYSTEMC_TEST ${EIE_HEADERS_TEST} <systemc> <tlm>)

# eie_precompile(TARGET KIND): KIND is one of the lists above, in small letters.
function(eie_precompile target kind)
  if(EIE_PRECOMPILE)
    string(TOUPPER ${kind} name)
    target_precompile_headers(${target} PRIVATE ${EIE_HEADERS_${name}})
  endif()
endfunction()

option(EIE_JOIN "Compile sources of some libraries several at a time" ${default})

# eie_join(TARGET): its sources in a folder are compiled together, which shares headers and what they instantiate. By folder, so that a
# program which needs one of them does not need what other folders need.
function(eie_join target)
  if(EIE_JOIN)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    get_target_property(sources ${target} SOURCES)
    foreach(source IN LISTS sources)
      get_filename_component(folder ${source} DIRECTORY)
      string(REPLACE "/" "_" folder "${folder}")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder})
    endforeach()
  endif()
endfunction()
