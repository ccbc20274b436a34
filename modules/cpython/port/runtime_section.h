/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Included before Python/pylifecycle.c: _PyRuntime starts without contents. See runtime.c.
 */

#ifndef ZPY_PORT_RUNTIME_SECTION_H_
#define ZPY_PORT_RUNTIME_SECTION_H_

extern struct pyruntimestate _PyRuntime __attribute__((section(".cpython_runtime")));

#endif /* ZPY_PORT_RUNTIME_SECTION_H_ */
