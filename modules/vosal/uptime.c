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

PyDoc_STRVAR(sleep_doc,
	     "sleep_ns(ns, /)\n"
	     "--\n"
	     "\n"
	     "Sleep for at least ns nanoseconds, to the end of a tick of Zephyr's clock.");

static PyObject *sleep_ns(PyObject *module, PyObject *arg)
{
	long long ns = PyLong_AsLongLong(arg);
	k_timepoint_t end;
	int ret;

	(void)module;
	if (ns == -1 && PyErr_Occurred()) {
		return NULL;
	}
	if (ns < 0) {
		PyErr_SetString(PyExc_ValueError, "the time to sleep must not be negative");
		return NULL;
	}
	end = sys_timepoint_calc(ns > 0 ? port_timeout_ns(ns) : K_NO_WAIT);
	do {
		Py_BEGIN_ALLOW_THREADS ret = port_wait(end);
		Py_END_ALLOW_THREADS if (ret == EINTR && PyErr_CheckSignals() < 0)
		{
			return NULL;
		}
	} while (ret != ETIMEDOUT);
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
	{"sleep_ns", sleep_ns, METH_O, sleep_doc},
	{"uptime_ns", uptime_ns, METH_NOARGS, uptime_doc},
	{"cycles", cycles, METH_NOARGS, cycles_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_uptime_exec(PyObject *module)
{
	if (PyModule_AddFunctions(module, methods) < 0) {
		return -1;
	}
	if (PyModule_AddIntConstant(module, "TICK_NS",
				    NSEC_PER_SEC / CONFIG_SYS_CLOCK_TICKS_PER_SEC) < 0) {
		return -1;
	}
	return PyModule_AddIntConstant(module, "cycles_per_second", sys_clock_hw_cycles_per_sec());
}
