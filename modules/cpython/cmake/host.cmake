# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# The interpreter on the host that compiles the library for the image.
#
# Code objects differ between versions, so it is built from the same source, with upstream's own
# configure and Makefile, up to _bootstrap_python: the core without extension modules, which can
# compile and marshal. It depends on nothing but the source, so all boards share one.

if(NOT CPYTHON_HOST_DIR)
  set(CPYTHON_HOST_DIR "$ENV{CPYTHON_HOST_DIR}")
endif()
if(NOT CPYTHON_HOST_DIR)
  # Zephyr's own place for what outlives a build directory.
  string(MD5 id "${CPYTHON_SRC}")
  string(SUBSTRING ${id} 0 8 id)
  set(CPYTHON_HOST_DIR ${USER_CACHE_DIR}/cpython-host-${CPYTHON_VERSION}-${id})
endif()
set(CPYTHON_HOST ${CPYTHON_HOST_DIR}/_bootstrap_python)

add_custom_command(
  OUTPUT ${CPYTHON_HOST}
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CPYTHON_SRC} -DDIR=${CPYTHON_HOST_DIR}
    -P ${CMAKE_CURRENT_LIST_DIR}/build_host.cmake
  COMMENT "Building CPython ${CPYTHON_VERSION} for this computer (once)"
  USES_TERMINAL
  VERBATIM
)
