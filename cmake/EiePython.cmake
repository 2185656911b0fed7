# SPDX-License-Identifier: Apache-2.0
# Option EIE_PYTHON: the package eie for Python (tb/python). Debian's Python is taken where there is one, whatever comes first in
# PATH: Debian's NumPy is for it. -DPython_EXECUTABLE=PATH takes another.
if(NOT Python_EXECUTABLE AND EXISTS /usr/bin/python3)
  set(Python_EXECUTABLE /usr/bin/python3 CACHE FILEPATH "The Python that the package eie is for")
endif()
find_package(Python COMPONENTS Interpreter Development.Module QUIET)
find_path(EIE_PYBIND11_FOLDER pybind11/pybind11.h DOC "Where pybind11's headers lie: python3 -m pybind11 --includes")
if(Python_FOUND AND EIE_PYBIND11_FOLDER)
  set(default ON)
else()
  set(default OFF)
endif()
option(EIE_PYTHON "Build the package eie for Python; on by default where pybind11 and Python's headers are found" ${default})
if(EIE_PYTHON AND NOT default)
  message(FATAL_ERROR "EIE_PYTHON is ON, and pybind11 (pybind11-dev) or Python's headers (python3-dev) are not found")
endif()

# eie_for_python(TARGET...): static libraries that go into the module too. Position-independent objects; nothing of them can be
# replaced from outside, which lets calls and tables be reached as directly as in a program.
function(eie_for_python)
  if(EIE_PYTHON)
    set_target_properties(${ARGN} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
endfunction()
