/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Restarting the machine and turning it off. */

#include "vosal.h"

#include <zephyr/sys/poweroff.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/sys_io.h>

#include "port.h"

#ifdef CONFIG_NATIVE_LIBRARY
#include <nsi_main.h>
#endif

PyDoc_STRVAR(reboot_doc, "reboot(slept=False)\n"
			 "--\n"
			 "\n"
			 "Reset the machine. Does not return.\n"
			 "\n"
			 "slept: what reset_reason() says next is 'deep sleep', not 'software'.");

static PyObject *reboot(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"slept", NULL};
	int slept = 0;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|p:reboot", names, &slept)) {
		return NULL;
	}
	port_reset_leave(slept ? PORT_RESET_DEEP_SLEEP : PORT_RESET_SOFTWARE,
			 slept ? "deepsleep()" : "reboot()");
	sys_reboot(SYS_REBOOT_COLD);
	CODE_UNREACHABLE;
}

PyDoc_STRVAR(poweroff_doc,
	     "poweroff(status=0)\n"
	     "--\n"
	     "\n"
	     "Turn the machine off. Does not return.\n"
	     "\n"
	     "status (0..255) becomes the exit status where the machine is a program on a\n"
	     "host. A board that cannot be turned off stops, with its interrupts locked.");

static PyObject *poweroff(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"status", NULL};
	int status = 0;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:poweroff", names, &status)) {
		return NULL;
	}
#if defined(CONFIG_NATIVE_LIBRARY)
	nsi_exit(status);
#elif defined(CONFIG_BOARD_QEMU_X86_64)
	/* QEMU's isa-debug-exit, which Zephyr's run target always adds. */
	(void)irq_lock();
	sys_out32(status, 0xf4);
#elif defined(CONFIG_POWEROFF)
	sys_poweroff();
#endif
	k_fatal_halt(K_ERR_KERNEL_PANIC);
	Py_UNREACHABLE();
}

static PyMethodDef methods[] = {
	{"reboot", _PyCFunction_CAST(reboot), METH_VARARGS | METH_KEYWORDS, reboot_doc},
	{"poweroff", _PyCFunction_CAST(poweroff), METH_VARARGS | METH_KEYWORDS, poweroff_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_power_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
