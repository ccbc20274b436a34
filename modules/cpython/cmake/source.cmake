# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# Where upstream's source is and which version it has.
#
# Sets CPYTHON_SRC, CPYTHON_VERSION and ZLIB_SRC, or stops with what to do.

# The west workspace, if any: the folder that holds Zephyr's.
get_filename_component(WORKSPACE ${ZEPHYR_BASE} DIRECTORY)

# Finds the source of a west project: a CMake or environment variable first, then the workspace.
function(find_west_project variable path file)
  set(${variable} "$ENV{${variable}}" CACHE PATH "Source of ${path}")
  set(dir "${${variable}}")
  if(NOT dir)
    set(dir ${WORKSPACE}/${path})
  endif()
  if(NOT EXISTS ${dir}/${file})
    message(FATAL_ERROR
      "No source of ${path} at ${dir}.\n"
      "Run 'west update' in a workspace made from this repository's west.yml, "
      "or name a checkout with -D${variable}=<folder>.")
  endif()
  set(${variable} ${dir} PARENT_SCOPE)
endfunction()

find_west_project(CPYTHON_SRC cpython Include/patchlevel.h)
find_west_project(ZLIB_SRC modules/lib/zlib inflate.c)

file(STRINGS ${CPYTHON_SRC}/Include/patchlevel.h patchlevel REGEX "define PY_VERSION ")
string(REGEX MATCH "\"([0-9]+\\.[0-9]+)\\.?([^\"]*)\"" _ "${patchlevel}")
set(CPYTHON_SHORT_VERSION ${CMAKE_MATCH_1})
set(CPYTHON_VERSION ${CMAKE_MATCH_1}.${CMAKE_MATCH_2})
if(NOT CPYTHON_SHORT_VERSION STREQUAL "3.14")
  message(FATAL_ERROR
    "${CPYTHON_SRC} is CPython ${CPYTHON_VERSION}; ZPy builds with 3.14 (3.14.0 and later patch "
    "releases). Check out a tag v3.14.*, or name another folder with -DCPYTHON_SRC=<folder>.")
endif()
message(STATUS "CPython ${CPYTHON_VERSION}: ${CPYTHON_SRC}")
