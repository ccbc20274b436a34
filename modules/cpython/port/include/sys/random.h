/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_SYS_RANDOM_H_
#define ZPY_PORT_SYS_RANDOM_H_

#include <sys/types.h>

#define GRND_NONBLOCK 1
#define GRND_RANDOM   2

ssize_t getrandom(void *buf, size_t size, unsigned int flags);

#endif /* ZPY_PORT_SYS_RANDOM_H_ */
