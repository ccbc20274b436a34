# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# What the image holds besides the standard library. Whoever builds with this module says so, with
# a line for each directory, anywhere in its own build files: ZPy does in kernel_py/CMakeLists.txt,
# an application may for its own Python code.

# Collects the options of freeze.py and romfs.py; they are read when the build is generated.
add_library(cpython_image INTERFACE)

# cpython_package(<directory or file> [AS <name>] [FROZEN <module>...])
#
# Makes a package (a directory with __init__.py) or a module (a .py file) importable under its own
# name, or another. Its code is compiled and deflated: that is small, and an import inflates it. The
# modules after FROZEN ("kernel.boot", or a pattern: "kernel.*") are read-only data instead, three
# times as large: for what every boot imports.
function(cpython_package source)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "AS" "FROZEN")
  cpython_image_source(cpython_package)
  if(NOT ARG_AS)
    get_filename_component(ARG_AS ${source} NAME_WE)
  endif()
  set_property(TARGET cpython_image APPEND PROPERTY CPYTHON_FREEZE --root ${source}=${ARG_AS})
  foreach(module ${ARG_FROZEN})
    set_property(TARGET cpython_image APPEND PROPERTY CPYTHON_FREEZE --freeze ${module})
  endforeach()
endfunction()

# cpython_files(<directory> /<name>)
#
# Puts all files below a directory into the image as they are, deflated. The machine shows them in
# /rom/<name>, and ZPy's kernel in /<name>, too, where they can be changed.
function(cpython_files source place)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "" "")
  cpython_image_source(cpython_files)
  if(NOT place MATCHES "^/[A-Za-z0-9._-]+$" OR place MATCHES "^/(dev|flash|lib|proc|rom|tmp|[.]+)$")
    message(FATAL_ERROR "cpython_files: ${place} is no directory of its own in /")
  endif()
  if(NOT IS_DIRECTORY ${source})
    message(FATAL_ERROR "cpython_files: ${source} is no directory")
  endif()
  set_property(TARGET cpython_image APPEND PROPERTY CPYTHON_FILES --add ${source}=${place})
endfunction()

# What the two have in common: the source's whole path, and nothing left over.
macro(cpython_image_source caller)
  get_filename_component(source ${source} ABSOLUTE)
  if(NOT EXISTS ${source})
    message(FATAL_ERROR "${caller}: there is no ${source}")
  endif()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${caller}: what is ${ARG_UNPARSED_ARGUMENTS}?")
  endif()
endmacro()
