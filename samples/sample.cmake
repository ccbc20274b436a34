# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# A sample in Python: ZPy's application, with the sample's program in the image as
# /samples/<name>.py. At the prompt: run("/samples/<name>.py").

set(ZPY_APP ${CMAKE_CURRENT_LIST_DIR}/../app)
set(APPLICATION_CONFIG_DIR ${ZPY_APP})
list(APPEND ZEPHYR_EXTRA_MODULES ${CMAKE_CURRENT_LIST_DIR}/..)
set(ENV{ZEPHYR_TOOLCHAIN_SUPPORTS_THREAD_LOCAL_STORAGE} y)
include(${ZPY_APP}/boards/simulated.cmake)

macro(zpy_sample)
  target_sources(app PRIVATE ${ZPY_APP}/src/main.c)
  target_link_libraries(app PRIVATE cpython_headers)
  cpython_files(program /samples)
endmacro()
