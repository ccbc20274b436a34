/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Interrupt sources that the machine has by itself: the console's UART, the clock. */

#include "vosal.h"

#include <zephyr/drivers/rtc.h>

#include <zpy/vosal.h>

#include "port.h"

/* Once made they are never freed: their interrupts cannot be taken back for sure. */
static PyObject *console;
static PyObject *clock_;

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
	(void)module;
	(void)unused;
	if (console == NULL) {
		console = zpy_interrupt_new("console");
		if (console == NULL) {
			return NULL;
		}
		port_console_on_input_arg = zpy_interrupt_of(console);
		port_console_on_input = on_input;
	}
	return Py_NewRef(console);
}

#if DT_NODE_HAS_STATUS(DT_ALIAS(rtc), okay) && defined(CONFIG_RTC_UPDATE)

static void on_update(const struct device *dev, void *arg)
{
	(void)dev;
	(void)zpy_interrupt_post(arg, 1);
}

PyDoc_STRVAR(rtc_doc, "interrupt_rtc()\n"
		      "--\n"
		      "\n"
		      "Return the Interrupt of the real-time clock: one each second.");

static PyObject *interrupt_rtc(PyObject *module, PyObject *unused)
{
	const struct device *rtc = DEVICE_DT_GET(DT_ALIAS(rtc));
	int ret;

	(void)module;
	(void)unused;
	if (clock_ == NULL) {
		PyObject *made = zpy_interrupt_new("rtc");

		if (made == NULL) {
			return NULL;
		}
		ret = rtc_update_set_callback(rtc, on_update, zpy_interrupt_of(made));
		if (ret != 0) {
			Py_DECREF(made);
			errno = -ret;
			return PyErr_SetFromErrno(PyExc_OSError);
		}
		clock_ = made;
	}
	return Py_NewRef(clock_);
}

#endif

static PyMethodDef methods[] = {
	{"interrupt_console", interrupt_console, METH_NOARGS, console_doc},
#if DT_NODE_HAS_STATUS(DT_ALIAS(rtc), okay) && defined(CONFIG_RTC_UPDATE)
	{"interrupt_rtc", interrupt_rtc, METH_NOARGS, rtc_doc},
#endif
	{NULL, NULL, 0, NULL},
};

int vosal_hardware_exec(PyObject *module)
{
	if (PyInterpreterState_Get() == PyInterpreterState_Main()) {
		/* After a restart the objects of the last interpreter are out of reach. */
		port_console_on_input = NULL;
		console = NULL;
		clock_ = NULL;
	}
	return PyModule_AddFunctions(module, methods);
}
