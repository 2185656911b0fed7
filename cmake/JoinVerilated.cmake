# SPDX-License-Identifier: Apache-2.0
# cmake -D FOLDER=dir -D PREFIX=name -P JoinVerilated.cmake: one file that includes what Verilator wrote for every cycle, one for
# what runs once (constructors, settling).
file(GLOB all RELATIVE ${FOLDER} ${FOLDER}/${PREFIX}*.cpp)
list(SORT all)
set(fast "")
set(slow "")
foreach(file IN LISTS all)
  if(file MATCHES "(__Slow|__Syms|__Dpi)\\.cpp$")
    string(APPEND slow "#include \"${file}\"\n")
  else()
    string(APPEND fast "#include \"${file}\"\n")
  endif()
endforeach()
file(WRITE ${FOLDER}/${PREFIX}_fast.cpp "${fast}")
file(WRITE ${FOLDER}/${PREFIX}_slow.cpp "${slow}")
