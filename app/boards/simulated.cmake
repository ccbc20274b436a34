# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# What boards that are simulated have in common, before find_package(Zephyr).

# There is no hardware, so they have emulated hardware, that there is something to program.
if(BOARD MATCHES "^(qemu_x86_64|qemu_cortex_a53|native_sim)")
  list(PREPEND EXTRA_CONF_FILE ${CMAKE_CURRENT_LIST_DIR}/emulated.conf)
endif()

# QEMU's have the same network.
if(BOARD MATCHES "^(qemu_x86_64|qemu_cortex_a53)")
  list(PREPEND EXTRA_CONF_FILE ${CMAKE_CURRENT_LIST_DIR}/network.conf)
endif()
