/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What C functions for Python call: exceptions from numbers, and the end. */

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

static PyObject *call_end(PyObject *capsule, PyObject *unused)
{
	void (*const *end)(void) = PyCapsule_GetPointer(capsule, NULL);

	(void)unused;
	if (end == NULL) {
		return NULL;
	}
	(*end)();
	Py_RETURN_NONE;
}

int zpy_native_at_end(void (*const *end)(void))
{
	static PyMethodDef method = {"end", call_end, METH_NOARGS, NULL};
	PyObject *capsule;
	PyObject *callable;
	PyObject *atexit;
	PyObject *result;

	/* C's state is the machine's: another interpreter beside it may come and go. */
	if (*end == NULL || PyInterpreterState_Get() != PyInterpreterState_Main()) {
		return 0;
	}
	capsule = PyCapsule_New((void *)end, NULL, NULL);
	callable = capsule != NULL ? PyCFunction_New(&method, capsule) : NULL;
	Py_XDECREF(capsule);
	atexit = callable != NULL ? PyImport_ImportModule("atexit") : NULL;
	result = atexit != NULL ? PyObject_CallMethod(atexit, "register", "O", callable) : NULL;
	Py_XDECREF(atexit);
	Py_XDECREF(callable);
	Py_XDECREF(result);
	return result != NULL ? 0 : -1;
}
