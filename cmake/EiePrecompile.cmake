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

# eie_join(TARGET): its sources are compiled several at a time, which shares headers and what they instantiate; under the same option.
function(eie_join target)
  if(EIE_PRECOMPILE)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
endfunction()
