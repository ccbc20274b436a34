/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Included before Objects/object.c: when a chain of deallocations is too deep.
 *
 * _Py_Dealloc() puts a container off for later where the stack has less than two margins (16 KiB
 * each, on a 64-bit machine) above the soft limit, and does what was put off where there are four.
 * The limit itself is two margins above the stack's end. In a thread with a stack of 64 KiB there
 * are never two: no container would ever be freed. For such a thread a margin is an eighth of what
 * its stack has above the limit.
 */

#ifndef ZPY_PORT_DEALLOC_H_
#define ZPY_PORT_DEALLOC_H_

#include "Python.h"
#include "pycore_pystate.h"

static inline intptr_t port_dealloc_margin(PyThreadState *tstate)
{
	intptr_t margin = _Py_RecursionLimit_GetMargin(tstate);

	if (margin < 4) {
		const _PyThreadStateImpl *impl = (const _PyThreadStateImpl *)tstate;
		intptr_t all = impl->c_stack_top - impl->c_stack_soft_limit;
		intptr_t left = _Py_get_machine_stack_pointer() - impl->c_stack_soft_limit;

		if (left >= all / 2) {
			return 4;
		}
		if (margin < 2 && left >= all / 4) {
			return 2;
		}
	}
	return margin;
}

#define _Py_RecursionLimit_GetMargin port_dealloc_margin

#endif /* ZPY_PORT_DEALLOC_H_ */
