/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What C functions for Python call: exceptions from numbers. */

#include <zpy/native.h>

PyObject *zpy_raise_errno(int error, const char *text)
{
	PyObject *module = PyImport_ImportModule("kernel.errors");
	PyObject *exception = module != NULL
				      ? PyObject_CallMethod(module, "from_errno", "is", error, text)
				      : NULL;

	Py_XDECREF(module);
	if (exception != NULL) {
		PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
		Py_DECREF(exception);
	}
	return NULL;
}
