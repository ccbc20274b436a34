/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Linux's eventfd() (eventfd.c): a counter with a descriptor that can be waited for.
 */

#ifndef ZPY_PORT_SYS_EVENTFD_H_
#define ZPY_PORT_SYS_EVENTFD_H_

#include <fcntl.h>
#include <stdint.h>

typedef uint64_t eventfd_t;

#define EFD_SEMAPHORE 1
#define EFD_CLOEXEC   O_CLOEXEC
#define EFD_NONBLOCK  O_NONBLOCK

int eventfd(unsigned int value, int flags);
int eventfd_read(int fd, eventfd_t *value);
int eventfd_write(int fd, eventfd_t value);

#endif /* ZPY_PORT_SYS_EVENTFD_H_ */
