# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# Boards that always have the small profile, before find_package(Zephyr).

if(BOARD MATCHES "^(mimxrt1060_evk|stm32h7b3i_dk|mps2/an385)")
  list(PREPEND EXTRA_CONF_FILE ${CMAKE_CURRENT_LIST_DIR}/../snippets/small/small.conf)
endif()
