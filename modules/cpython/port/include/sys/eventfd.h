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

/* Zephyr's network brings functions of these names, for descriptors of its own. */
int port_eventfd(unsigned int value, int flags);
int port_eventfd_read(int fd, eventfd_t *value);
int port_eventfd_write(int fd, eventfd_t value);

#define eventfd(value, flags)    port_eventfd(value, flags)
#define eventfd_read(fd, value)  port_eventfd_read(fd, value)
#define eventfd_write(fd, value) port_eventfd_write(fd, value)

#endif /* ZPY_PORT_SYS_EVENTFD_H_ */
