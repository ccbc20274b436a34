/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The watchdog: when nobody feeds it, the machine says so, and starts anew.
 *
 * It runs in an interrupt and in the work queue, which is more urgent than any Python thread, so it
 * bites also when a thread keeps the interpreter lock or the processor for ever.
 */

#include "vosal.h"

#include "pycore_traceback.h"
#include "pycore_pystate.h"

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/reboot.h>

#include "port.h"

static bool starved(struct port_alarm *hunger);
static void bite(struct k_work *work);

static struct port_alarm hunger = {.rang = starved};
static K_WORK_DEFINE(biting, bite);
static int64_t timeout_ns;
static bool restart_first;
static bool asked; /* the interpreter was asked to restart, and has not */

static bool starved(struct port_alarm *unused)
{
	ARG_UNUSED(unused);
	k_work_submit(&biting);
	return false;
}

static int raise_exit(void *unused)
{
	ARG_UNUSED(unused);
	PyErr_SetString(PyExc_SystemExit, "the watchdog was not fed");
	return -1;
}

static void bite(struct k_work *work)
{
	ARG_UNUSED(work);
	printk("[ZPy] ERROR kernel.watchdog: not fed for %d ms: the event loop is stuck\n",
	       (int)(timeout_ns / NSEC_PER_MSEC));
	/* As faulthandler does it, from outside the interpreter. */
	_Py_DumpTracebackThreads(2, NULL, NULL);
	if (restart_first && !asked && Py_AddPendingCall(raise_exit, NULL) == 0) {
		printk("[ZPy] ERROR kernel.watchdog: restarting the interpreter\n");
		asked = true;
		port_alarm_set(&hunger, sys_timepoint_calc(port_timeout_ns(timeout_ns)));
		return;
	}
	printk("[ZPy] ERROR kernel.watchdog: rebooting\n");
	port_reset_leave(PORT_RESET_WATCHDOG, "event loop stuck");
	sys_reboot(SYS_REBOOT_COLD);
}

PyDoc_STRVAR(start_doc,
	     "watchdog_start(timeout=None, restart=None)\n"
	     "--\n"
	     "\n"
	     "Start the watchdog; return the seconds in which it has to be fed.\n"
	     "\n"
	     "timeout None is what the build says; 0.0 is returned, and nothing started, if that\n"
	     "is 0. restart: restart the interpreter before rebooting; None: what the build says.");

static PyObject *watchdog_start(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"timeout", "restart", NULL};
	PyObject *timeout = Py_None;
	PyObject *restart = Py_None;
	double seconds = CONFIG_ZPY_WATCHDOG_TIMEOUT_MS / 1e3;
	int first = IS_ENABLED(CONFIG_ZPY_WATCHDOG_RESTART);

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:watchdog_start", names, &timeout,
					 &restart)) {
		return NULL;
	}
	if (timeout != Py_None) {
		seconds = PyFloat_AsDouble(timeout);
		if (seconds == -1.0 && PyErr_Occurred()) {
			return NULL;
		}
		if (!(seconds >= 0.01 && seconds <= 86400)) {
			PyErr_SetString(PyExc_ValueError, "timeout must be in 0.01..86400 s");
			return NULL;
		}
	}
	if (restart != Py_None) {
		first = PyObject_IsTrue(restart);
		if (first < 0) {
			return NULL;
		}
	}
	if (seconds > 0) {
		timeout_ns = (int64_t)(seconds * 1e9);
		restart_first = first;
		asked = false;
		port_alarm_set(&hunger, sys_timepoint_calc(port_timeout_ns(timeout_ns)));
	}
	return PyFloat_FromDouble(seconds);
}

PyDoc_STRVAR(feed_doc, "watchdog_feed()\n"
		       "--\n"
		       "\n"
		       "Feed it: its time begins anew. Nothing happens when it was not started.");

static PyObject *watchdog_feed(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	if (timeout_ns > 0) {
		asked = false;
		port_alarm_set(&hunger, sys_timepoint_calc(port_timeout_ns(timeout_ns)));
	}
	Py_RETURN_NONE;
}

static void stop(void)
{
	timeout_ns = 0;
	port_alarm_cancel(&hunger);
}

PyDoc_STRVAR(stop_doc, "watchdog_stop()\n"
		       "--\n"
		       "\n"
		       "Stop it.");

static PyObject *watchdog_stop(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	stop();
	Py_RETURN_NONE;
}

PyDoc_STRVAR(reason_doc,
	     "reset_reason()\n"
	     "--\n"
	     "\n"
	     "Return (reason, text, count): why the machine was reset last.\n"
	     "\n"
	     "reason is 'power-on' (or nothing is known), 'software', 'crash', 'watchdog' or\n"
	     "'deep sleep', count the number of resets since the power came.");

static PyObject *reset_reason(PyObject *module, PyObject *unused)
{
	static const char *const names[] = {"power-on", "software", "crash", "watchdog",
					    "deep sleep"};
	const char *text;
	unsigned int count;
	enum port_reset reason = port_reset_reason(&text, &count);

	(void)module;
	(void)unused;
	return Py_BuildValue("(ssI)", names[MIN(reason, ARRAY_SIZE(names) - 1)], text, count);
}

static PyMethodDef methods[] = {
	{"watchdog_start", _PyCFunction_CAST(watchdog_start), METH_VARARGS | METH_KEYWORDS,
	 start_doc},
	{"watchdog_feed", watchdog_feed, METH_NOARGS, feed_doc},
	{"watchdog_stop", watchdog_stop, METH_NOARGS, stop_doc},
	{"reset_reason", reset_reason, METH_NOARGS, reason_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_watchdog_exec(PyObject *module)
{
	if (PyInterpreterState_Get() == PyInterpreterState_Main()) {
		stop(); /* an interpreter that has just started owes nothing */
	}
	if (PyModule_AddIntConstant(module, "WATCHDOG_MS", CONFIG_ZPY_WATCHDOG_TIMEOUT_MS) < 0) {
		return -1;
	}
	return PyModule_AddFunctions(module, methods);
}
