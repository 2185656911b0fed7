# SPDX-License-Identifier: Apache-2.0
# Runs PROGRAM on configuration CONFIG with both engines: the outputs must be the same but for the engine's name.
foreach(engine tlm hw)
  execute_process(COMMAND ${PROGRAM} --config ${CONFIG} --samples 8 --engine ${engine}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "--engine ${engine}: status ${result}\n${output}${errors}")
  endif()
  string(REPLACE " (${engine})" "" ${engine} "${output}")
  if(${engine} STREQUAL output)
    message(FATAL_ERROR "--engine ${engine}: the output does not name the engine\n${output}")
  endif()
endforeach()
if(NOT tlm STREQUAL hw)
  message(FATAL_ERROR "tlm:\n${tlm}\nhw:\n${hw}")
endif()
