/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Gives memory back that mimalloc keeps although nothing is in it.
 *
 * A page that has become empty is kept until no thread can read it any more (QSBR), and looked at
 * again when its thread allocates. The pages of a thread that has ended, which may have been all
 * that a segment had, are looked at when another one needs a segment or ends. Where memory that is
 * not used is not there this costs nothing. Here stacks and files want it, too.
 *
 * The linker sends the calls of two functions here (--wrap).
 */

#include "segments.h"

#include "internal/mimalloc/mimalloc/internal.h"
#include "pycore_code.h"
#include "pycore_gc.h"
#include "pycore_interp.h"
#include "pycore_qsbr.h"
#include "pycore_runtime.h"
#include "pycore_tstate.h"

Py_ssize_t __real__PyGC_Collect(PyThreadState *tstate, int generation, _PyGC_Reason reason);
Py_ssize_t __wrap__PyGC_Collect(PyThreadState *tstate, int generation, _PyGC_Reason reason);
int __real_Py_FinalizeEx(void);
int __wrap_Py_FinalizeEx(void);

/** gc.collect() gives back what this thread and those that have ended do not use. */
Py_ssize_t __wrap__PyGC_Collect(PyThreadState *tstate, int generation, _PyGC_Reason reason)
{
	Py_ssize_t found = __real__PyGC_Collect(tstate, generation, reason);
	_PyThreadStateImpl *impl = (_PyThreadStateImpl *)tstate;

	/* Copies of bytecode that threads which have ended leave to those that come lie all over
	 * their segments.
	 */
	if (_Py_ClearUnusedTLBC(tstate->interp) < 0) {
		PyErr_Clear(); /* no memory for that: they stay */
	}
	/* The collection has stopped all threads: nobody reads what was empty before. */
	(void)_Py_qsbr_poll(impl->qsbr, _Py_qsbr_shared_current(impl->qsbr->shared));
	for (size_t i = 0; i < _Py_MIMALLOC_HEAP_COUNT; i++) {
		mi_heap_collect(&impl->mimalloc.heaps[i], false);
	}
	return found;
}

/** Nobody reads an empty page of an interpreter that has ended. */
static bool is_readable_no_more(const mi_heap_t *heap, const mi_heap_area_t *area, void *block,
				size_t size, void *unused)
{
	ARG_UNUSED(heap);
	ARG_UNUSED(block);
	ARG_UNUSED(size);
	ARG_UNUSED(unused);
	if (area->used == 0) {
		_mi_ptr_page(area->blocks)->qsbr_goal = 0;
	}
	return true;
}

/** What the interpreter has left is given back: the next one would not know of it. */
int __wrap_Py_FinalizeEx(void)
{
	int ret = __real_Py_FinalizeEx();
	mi_abandoned_pool_t *pool = &_PyRuntime._main_interpreter.mimalloc.abandoned_pool;
	static mi_heap_t heap;
	static mi_tld_t tld;

	for (uint8_t tag = 0; tag < _Py_MIMALLOC_HEAP_COUNT; tag++) {
		_mi_abandoned_pool_visit_blocks(pool, tag, false, is_readable_no_more, NULL);
	}
	/* A heap for whoever has no thread state, made as tstate_mimalloc_bind() makes those. */
	_mi_tld_init(&tld, &heap);
	tld.segments.abandoned = pool;
	_mi_heap_init_ex(&heap, &tld, _mi_arena_id_none(), false, 0);
	_mi_abandoned_collect(&heap, true, &tld.segments);
	return ret;
}
