# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# A sample: ZPy's application with something more in it. A program in Python is in the image as
# /samples/<name>.py: run("/samples/<name>.py") at the prompt.

set(ZPY_APP ${CMAKE_CURRENT_LIST_DIR}/../app)
set(APPLICATION_CONFIG_DIR ${ZPY_APP})
list(APPEND ZEPHYR_EXTRA_MODULES ${CMAKE_CURRENT_LIST_DIR}/..)
set(ENV{ZEPHYR_TOOLCHAIN_SUPPORTS_THREAD_LOCAL_STORAGE} y)
include(${ZPY_APP}/boards/simulated.cmake)
include(${ZPY_APP}/boards/small.cmake)

macro(zpy_sample)
  target_sources(app PRIVATE ${ZPY_APP}/src/main.c)
  target_link_libraries(app PRIVATE cpython_headers)
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/program)
    cpython_files(program /samples)
  endif()
endmacro()
