# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# The standard library in the image, and what image.cmake has collected: frozen code, and files.

set(STDLIB ${GENERATED}/stdlib)
set(ROMFS ${GENERATED}/romfs)

set(freeze_options "$<TARGET_PROPERTY:cpython_image,CPYTHON_FREEZE>")
if(CONFIG_CPYTHON_STDLIB_COMPRESSED)
  list(APPEND freeze_options --core --no-sources --optimize 2)
endif()
if(CONFIG_CPYTHON_MODULE_CJKCODECS)
  list(APPEND freeze_options --with cjk)
endif()
if(NOT CONFIG_CPYTHON_MODULE_DECIMAL OR CONFIG_CPYTHON_TESTS)
  list(APPEND freeze_options --with pydecimal)
endif()
if(CONFIG_ZPY_TLS)
  list(APPEND freeze_options --with ssl)
endif()
if(CONFIG_CPYTHON_TESTS)
  # test_logging imports multiprocessing, although what it does with it is skipped.
  list(APPEND freeze_options --tests all --with pure --include multiprocessing)
endif()

add_custom_command(
  OUTPUT ${STDLIB}/frozen.c ${STDLIB}/frozen.S ${STDLIB}/frozen.bin ${STDLIB}/manifest
  COMMAND ${CMAKE_COMMAND} -E env PYTHONPATH=${CPYTHON_SRC}/Lib PYTHONDONTWRITEBYTECODE=1
    ${CPYTHON_HOST} ${SCRIPTS}/freeze.py --lib ${CPYTHON_SRC}/Lib --out ${STDLIB}
    --stdlib-dir ${CPYTHON_LIBRARY} --depfile ${STDLIB}/frozen.d "${freeze_options}"
  COMMAND_EXPAND_LISTS
  DEPENDS ${CPYTHON_HOST} ${SCRIPTS}/freeze.py ${SCRIPTS}/stdlib.py
  DEPFILE ${STDLIB}/frozen.d
  COMMENT "Compiling the standard library for the image"
  VERBATIM
)

# What sysconfig knows, under the name that it looks for.
set(SYSCONFIGDATA _sysconfigdata_${ABIFLAGS}_zephyr_${CONFIG_CPYTHON_MACHINE}-zephyr.py)
string(REPLACE "." "" short_version ${CPYTHON_SHORT_VERSION})
get_filename_component(compiler ${CMAKE_C_COMPILER} NAME)
add_custom_command(
  OUTPUT ${GENERATED}/${SYSCONFIGDATA}
  COMMAND ${PYTHON_EXECUTABLE} ${SCRIPTS}/sysconfigdata.py --pyconfig ${PORT}/pyconfig.h
    --kconfig ${DOTCONFIG} --out ${GENERATED}/${SYSCONFIGDATA}
    --set VERSION=${CPYTHON_SHORT_VERSION} --set CC=${compiler} --set CFLAGS=${OPTIMIZE}
    --set ABIFLAGS=${ABIFLAGS} --set LIBDIR=/lib --set BUILD_GNU_TYPE=${CONFIG_CPYTHON_MACHINE}-zephyr
    --set SOABI=cpython-${short_version}${ABIFLAGS}-${CONFIG_CPYTHON_MACHINE}-zephyr
  DEPENDS ${PORT}/pyconfig.h ${DOTCONFIG} ${SCRIPTS}/sysconfigdata.py
  VERBATIM
)

add_custom_command(
  OUTPUT ${ROMFS}/romfs_index.c ${ROMFS}/romfs.S ${ROMFS}/romfs.zip
  COMMAND ${PYTHON_EXECUTABLE} ${SCRIPTS}/romfs.py --manifest ${STDLIB}/manifest --out ${ROMFS}
    --add ${GENERATED}/${SYSCONFIGDATA}=${CPYTHON_LIBRARY}/${SYSCONFIGDATA}
    "$<TARGET_PROPERTY:cpython_image,CPYTHON_FILES>" --depfile ${ROMFS}/romfs.d
  COMMAND_EXPAND_LISTS
  DEPENDS ${STDLIB}/manifest ${GENERATED}/${SYSCONFIGDATA} ${SCRIPTS}/romfs.py
  DEPFILE ${ROMFS}/romfs.d
  COMMENT "Packing the files of the image"
  VERBATIM
)

# .incbin is invisible to the compiler's dependencies.
set_source_files_properties(${STDLIB}/frozen.S PROPERTIES OBJECT_DEPENDS ${STDLIB}/frozen.bin)
set_source_files_properties(${ROMFS}/romfs.S PROPERTIES OBJECT_DEPENDS ${ROMFS}/romfs.zip)

zephyr_library_named(cpython_stdlib)
zephyr_library_sources(
  ${STDLIB}/frozen.c
  ${STDLIB}/frozen.S
  ${ROMFS}/romfs_index.c
  ${ROMFS}/romfs.S
)
zephyr_library_link_libraries(cpython_headers)
zephyr_library_include_directories(${PORT}/fs)
