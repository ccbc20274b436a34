/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief picolibc's <stdio.h> with a fileno() that knows the standard streams. */

#ifndef ZPY_PORT_STDIO_H_
#define ZPY_PORT_STDIO_H_

#include_next <stdio.h>

/* Zephyr's picolibc makes stdout and stderr one object without a descriptor, so only the name in
 * the source tells them apart.
 */
int port_fileno(FILE *stream, const char *name);

#undef fileno
#define fileno(stream) port_fileno(stream, #stream)

#endif /* ZPY_PORT_STDIO_H_ */
