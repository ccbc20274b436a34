# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# Builds _bootstrap_python in DIR from SOURCE. Run as a script, by any number of builds at once.

file(MAKE_DIRECTORY ${DIR})
file(LOCK ${DIR} DIRECTORY)
if(EXISTS ${DIR}/_bootstrap_python)
  return()
endif()

# The environment of a Zephyr build speaks of the target's compiler.
foreach(variable CC CFLAGS CPPFLAGS LDFLAGS CROSS_COMPILE)
  unset(ENV{${variable}})
endforeach()
cmake_host_system_information(RESULT jobs QUERY NUMBER_OF_LOGICAL_CORES)

function(step what)
  message(STATUS "CPython for this computer: ${what}")
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${DIR} RESULT_VARIABLE result
    OUTPUT_FILE ${DIR}/${what}.log ERROR_FILE ${DIR}/${what}.log)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}); see ${DIR}/${what}.log")
  endif()
endfunction()

step(configure ${SOURCE}/configure --without-ensurepip --disable-test-modules OPT=-O1 -q)
step(make make -j${jobs} _bootstrap_python)
