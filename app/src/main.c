/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief From Zephyr to Python: starts the interpreter and hands the machine to kernel.boot.
 */

#include "Python.h"

#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "port.h"

/** Starts the interpreter: isolated from any environment, everything from the image. */
static PyStatus start(void)
{
	PyPreConfig preconfig;
	PyConfig config;
	PyStatus status;

	PyPreConfig_InitIsolatedConfig(&preconfig);
	preconfig.utf8_mode = 1;
	status = Py_PreInitialize(&preconfig);
	if (PyStatus_Exception(status)) {
		return status;
	}

	PyConfig_InitIsolatedConfig(&config);
	config.install_signal_handlers = 1;
	config.faulthandler = 1;
	config.site_import = 0;
	config.use_environment = 0;
	config.write_bytecode = 0;
	config.buffered_stdio = 1;
	config.parse_argv = 0;
	/* What a thread prints goes where its session is: see kernel.streams. */
	config.thread_inherit_context = 1;
	status = Py_InitializeFromConfig(&config);
	PyConfig_Clear(&config);
	return status;
}

/** Calls module.function(argument or nothing). @return a new reference, NULL with an exception. */
static PyObject *call(const char *module, const char *function, PyObject *argument)
{
	PyObject *imported = PyImport_ImportModule(module);
	PyObject *callable;
	PyObject *result;

	if (imported == NULL) {
		return NULL;
	}
	callable = PyObject_GetAttrString(imported, function);
	Py_DECREF(imported);
	if (callable == NULL) {
		return NULL;
	}
	result = argument != NULL ? PyObject_CallOneArg(callable, argument)
				  : PyObject_CallNoArgs(callable);
	Py_DECREF(callable);
	return result;
}

/**
 * Gives a prompt when the kernel cannot; Ctrl-D there resets the machine.
 *
 * Returns only when not even that works, with both failures shown.
 */
static void emergency(void)
{
	PyObject *exception = PyErr_GetRaisedException();
	PyObject *result = call("kernel.emergency", "run", exception);

	if (result == NULL) {
		PyErr_Print();
	}
	PyErr_SetRaisedException(exception);
	PyErr_Print();
	Py_XDECREF(result);
}

int main(void)
{
	int ret = port_fs_init();

	if (ret != 0) {
		printk("[ZPy] FATAL no root file system: error %d\n", ret);
		return 0;
	}
	/* kernel.boot.main() returns when the session asks for a fresh interpreter. */
	while (true) {
		PyStatus status = start();
		PyObject *outcome;

		if (PyStatus_Exception(status)) {
			printk("[ZPy] FATAL interpreter: %s: %s\n",
			       status.func != NULL ? status.func : "", status.err_msg);
			break;
		}
		outcome = call("kernel.boot", "main", NULL);
		if (outcome == NULL) {
			emergency();
			break;
		}
		Py_DECREF(outcome);
		if (Py_FinalizeEx() != 0) {
			printk("[ZPy] ERROR kernel.boot: the interpreter did not end cleanly\n");
		}
	}
	/* The machine stays as it is, for whoever looks at its last words. */
	return 0;
}
