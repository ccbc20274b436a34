/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The first contents of _PyRuntime, without a copy of them in the image.
 *
 * Upstream has the interpreter's initial state twice: as the contents of _PyRuntime, for the first
 * start, and as a constant in Python/pystate.c, for every further start in the same process. They
 * are 300 KiB each. Here _PyRuntime is memory without contents (runtime_section.h), and looks to
 * upstream as if the interpreter had been started before: the first start takes the constant too.
 */

#include "Python.h"
#include "pycore_runtime.h"

#include <zephyr/init.h>

static int runtime_init(void)
{
	memset(&_PyRuntime, 0, sizeof(_PyRuntime));
	_PyRuntime._initialized = 1;
	return 0;
}

SYS_INIT(runtime_init, APPLICATION, 0);
