/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The host's side of entropy_host.c: compiled for the host, outside of Zephyr. */

#define _GNU_SOURCE /* getrandom() */

#include <sys/random.h>

#include "host_random.h"

int zpy_host_random(uint8_t *buffer, uint16_t length)
{
	/* So few bytes come as a whole. It waits while the host has just been switched on alone. */
	return getrandom(buffer, length, 0) == length ? 0 : -1;
}
