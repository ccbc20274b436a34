/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The time since the reset, and the counter behind it. */

#include "vosal.h"

#include <zephyr/kernel.h>

#include "port.h"

PyDoc_STRVAR(uptime_doc, "uptime_ns()\n"
			 "--\n"
			 "\n"
			 "Return the nanoseconds since the clock started, at the reset.");

static PyObject *uptime_ns(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return PyLong_FromLongLong(port_clock_ns(CLOCK_MONOTONIC));
}

PyDoc_STRVAR(cycles_doc, "cycles()\n"
			 "--\n"
			 "\n"
			 "Return the hardware counter that runs at cycles_per_second.");

static PyObject *cycles(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return PyLong_FromUnsignedLongLong(port_cycles());
}

static PyMethodDef methods[] = {
	{"uptime_ns", uptime_ns, METH_NOARGS, uptime_doc},
	{"cycles", cycles, METH_NOARGS, cycles_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_uptime_exec(PyObject *module)
{
	if (PyModule_AddFunctions(module, methods) < 0) {
		return -1;
	}
	return PyModule_AddIntConstant(module, "cycles_per_second", sys_clock_hw_cycles_per_sec());
}
