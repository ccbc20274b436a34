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
#include <zephyr/sys/reboot.h>

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
	/* A machine without an entropy source would otherwise hash alike at every start. */
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

/** A prompt for when the kernel cannot give one. Does not return unless it fails itself. */
static void emergency(void)
{
	PyObject *exception = PyErr_GetRaisedException();
	PyObject *result = call("kernel.emergency", "run", exception);

	if (result == NULL) {
		/* Not even that: show both failures and stop, with the machine as it is. */
		PyErr_Print();
		PyErr_SetRaisedException(exception);
		PyErr_Print();
		return;
	}
	Py_DECREF(result);
	Py_DECREF(exception);
}

/** Runs the kernel once. @return true to start the interpreter again. */
static bool run_kernel(void)
{
	PyObject *outcome = call("kernel.boot", "main", NULL);
	bool restart = false;

	if (outcome == NULL) {
		emergency();
		return false;
	}
	if (PyUnicode_Check(outcome)) {
		restart = PyUnicode_EqualToUTF8(outcome, "restart");
		if (PyUnicode_EqualToUTF8(outcome, "poweroff")) {
			Py_XDECREF(call("_vosal", "poweroff", NULL));
		}
	}
	Py_DECREF(outcome);
	return restart;
}

int main(void)
{
	bool again;
	int ret = port_fs_init();

	if (ret != 0) {
		printk("[ZPy] FATAL no root file system: error %d\n", ret);
		return 0;
	}
	do {
		PyStatus status = start();

		if (PyStatus_Exception(status)) {
			printk("[ZPy] FATAL interpreter: %s: %s\n",
			       status.func != NULL ? status.func : "", status.err_msg);
			return 0;
		}
		again = run_kernel();
		if (Py_FinalizeEx() != 0) {
			printk("[ZPy] ERROR kernel.boot: the interpreter did not end cleanly\n");
		}
	} while (again);

	sys_reboot(SYS_REBOOT_COLD);
	return 0;
}
