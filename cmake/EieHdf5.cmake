# SPDX-License-Identifier: Apache-2.0
# eie::hdf5, the C library of HDF5. Debian's shared one loads 25 more with it (libcurl and what that needs, for files on the
# web): 20 ms at each start of a program. So programs get the static one, which leaves them out; a module (of Python, say)
# needs position-independent code and gets the shared one.
find_package(HDF5 1.10 REQUIRED COMPONENTS C)
get_filename_component(folder "${HDF5_C_LIBRARY_hdf5}" DIRECTORY)
find_library(EIE_HDF5_STATIC libhdf5.a HINTS ${folder} NO_DEFAULT_PATH)
find_library(EIE_SZIP sz)
find_package(ZLIB REQUIRED)
add_library(eie_hdf5 INTERFACE)
add_library(eie::hdf5 ALIAS eie_hdf5)
target_include_directories(eie_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
if(EIE_HDF5_STATIC AND EIE_SZIP)
  target_link_libraries(eie_hdf5 INTERFACE
    $<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>,${EIE_HDF5_STATIC};${EIE_SZIP};ZLIB::ZLIB;${CMAKE_DL_LIBS};m,${HDF5_C_LIBRARY_hdf5}>)
else()
  target_link_libraries(eie_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
endif()
