/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The host's side of repl.c: compiled for the host, outside of Zephyr. */

#include <stdlib.h>

#include "environment.h"

const char *zpy_host_environment(const char *name)
{
	return getenv(name);
}
