/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief picolibc's <sys/select.h> with select() itself (poll.c). */

#ifndef ZPY_PORT_SYS_SELECT_H_
#define ZPY_PORT_SYS_SELECT_H_

#include_next <sys/select.h>

int select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional,
	   struct timeval *timeout);

#endif /* ZPY_PORT_SYS_SELECT_H_ */
