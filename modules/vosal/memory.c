/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The heap in numbers. */

#include "vosal.h"

#include "port.h"

PyDoc_STRVAR(heap_info_doc,
	     "heap_info()\n"
	     "--\n"
	     "\n"
	     "Return (total, used, peak): bytes of the heap that all allocations share.");

static PyObject *heap_info(PyObject *module, PyObject *unused)
{
	struct port_heap heap;

	(void)module;
	(void)unused;
	port_heap_info(&heap);
	return Py_BuildValue("(nnn)", heap.total, heap.used, heap.peak);
}

static PyMethodDef methods[] = {
	{"heap_info", heap_info, METH_NOARGS, heap_info_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_memory_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
