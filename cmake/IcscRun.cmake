# SPDX-License-Identifier: Apache-2.0
# cmake -D ICSC_HOME=folder -D TOOL=program -D SV=its output -D LOG=file -P IcscRun.cmake: runs ICSC and judges what it says.
#
# On an error the tool still says that translation went well, and writes a wrong file: only its exit status counts. Of
# warnings only those listed here are expected (docs/synthesis.md says why they are harmless).
set(expected "arith_unit\\.h.* warning: Signed shift operation may lead to non-equivalent code")

file(REMOVE ${SV})
get_filename_component(folder ${SV} DIRECTORY)
get_filename_component(folder ${folder} DIRECTORY)
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${ICSC_HOME}/lib ${TOOL}
  WORKING_DIRECTORY ${folder} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE errors)
file(WRITE ${LOG} "${text}${errors}")
if(NOT status EQUAL 0 OR NOT EXISTS ${SV})
  message(FATAL_ERROR "ICSC failed (status ${status}); see ${LOG}")
endif()
file(STRINGS ${LOG} warnings REGEX " warning: ")
list(FILTER warnings EXCLUDE REGEX "${expected}")
if(warnings)
  list(JOIN warnings "\n" warnings)
  message(FATAL_ERROR "ICSC gave unexpected warnings:\n${warnings}")
endif()
