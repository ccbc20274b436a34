/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The interrupt source that every machine has: the console's UART. */

#include "vosal.h"

#include <zpy/vosal.h>

#include "port.h"

/* Once made it is never freed: its interrupt cannot be taken back for sure. */
static PyObject *console;

static void on_input(void *arg, uint32_t bytes)
{
	(void)zpy_interrupt_post(arg, bytes);
}

PyDoc_STRVAR(console_doc,
	     "interrupt_console()\n"
	     "--\n"
	     "\n"
	     "Return the Interrupt of the console's UART; value is the bytes that came.");

static PyObject *interrupt_console(PyObject *module, PyObject *unused)
{
	PyObject *source;

	(void)unused;
	Py_BEGIN_CRITICAL_SECTION(module);
	if (console == NULL) {
		console = zpy_interrupt_new("console");
		if (console != NULL) {
			port_console_on_input_arg = zpy_interrupt_of(console);
			port_console_on_input = on_input;
		}
	}
	source = Py_XNewRef(console);
	Py_END_CRITICAL_SECTION();
	return source;
}

static PyMethodDef methods[] = {
	{"interrupt_console", interrupt_console, METH_NOARGS, console_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_hardware_exec(PyObject *module)
{
	if (PyInterpreterState_Get() == PyInterpreterState_Main()) {
		/* After a restart the objects of the last interpreter are out of reach. */
		port_console_on_input = NULL;
		console = NULL;
	}
	return PyModule_AddFunctions(module, methods);
}
