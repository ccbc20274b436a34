/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The console as bytes: waiting for input, output, and Ctrl-C. */

#include "vosal.h"

#include "port.h"

#define READ_MAX 4096

PyDoc_STRVAR(read_doc,
	     "console_read(timeout=None)\n"
	     "--\n"
	     "\n"
	     "Wait for input and return all that has come, at most 4096 bytes.\n"
	     "\n"
	     "timeout is in seconds: None waits for ever, 0 does not wait. Returns b'' after\n"
	     "the time-out. Raises KeyboardInterrupt when the wait is interrupted.");

static PyObject *console_read(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"timeout", NULL};
	PyObject *timeout = Py_None;
	k_timepoint_t end = sys_timepoint_calc(K_FOREVER);
	PyObject *bytes;
	ssize_t got;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:console_read", names, &timeout)) {
		return NULL;
	}
	if (timeout != Py_None) {
		double seconds = PyFloat_AsDouble(timeout);

		if (seconds == -1.0 && PyErr_Occurred()) {
			return NULL;
		}
		if (!(seconds >= 0)) {
			PyErr_SetString(PyExc_ValueError, "timeout must not be negative");
			return NULL;
		}
		end = sys_timepoint_calc(port_timeout_ns((int64_t)(MIN(seconds, 1e9) * 1e9)));
	}
	bytes = PyBytes_FromStringAndSize(NULL, READ_MAX);
	if (bytes == NULL) {
		return NULL;
	}
	do {
		Py_BEGIN_ALLOW_THREADS got = port_console_read(PyBytes_AS_STRING(bytes), READ_MAX,
							       sys_timepoint_timeout(end));
		Py_END_ALLOW_THREADS if (got == -EINTR && PyErr_CheckSignals() < 0)
		{
			Py_DECREF(bytes);
			return NULL;
		}
	} while (got == -EINTR);
	if (got < 0) {
		Py_DECREF(bytes);
		errno = (int)-got;
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	_PyBytes_Resize(&bytes, got);
	return bytes;
}

PyDoc_STRVAR(write_doc, "console_write(data, /)\n"
			"--\n"
			"\n"
			"Write all of a bytes-like object as it is.");

static PyObject *console_write(PyObject *module, PyObject *data)
{
	Py_buffer view;

	(void)module;
	if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS port_console_write(view.buf, view.len);
	Py_END_ALLOW_THREADS PyBuffer_Release(&view);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(interrupt_doc,
	     "console_interrupt_char(code, /)\n"
	     "--\n"
	     "\n"
	     "Set the byte that interrupts the main thread instead of being delivered.\n"
	     "\n"
	     "-1 delivers every byte. Returns the previous code. Raises ValueError outside\n"
	     "-1..255.");

static PyObject *console_interrupt_char(PyObject *module, PyObject *arg)
{
	int code = PyLong_AsInt(arg);

	(void)module;
	if (code == -1 && PyErr_Occurred()) {
		return NULL;
	}
	if (code < -1 || code > 255) {
		PyErr_SetString(PyExc_ValueError, "code must be in -1..255");
		return NULL;
	}
	return PyLong_FromLong(port_console_set_interrupt(code));
}

PyDoc_STRVAR(size_doc, "console_size()\n"
		       "--\n"
		       "\n"
		       "Return (columns, rows): (80, 24), as a serial line cannot tell.");

static PyObject *console_size(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return Py_BuildValue("(ii)", 80, 24);
}

static PyMethodDef methods[] = {
	{"console_read", _PyCFunction_CAST(console_read), METH_VARARGS | METH_KEYWORDS, read_doc},
	{"console_write", console_write, METH_O, write_doc},
	{"console_interrupt_char", console_interrupt_char, METH_O, interrupt_doc},
	{"console_size", console_size, METH_NOARGS, size_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_console_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
