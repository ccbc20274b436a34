/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The module _vosal: what the machine is, and the subjects put together. */

#include "vosal.h"

#include <zephyr/kernel.h>
#include <zephyr/kernel_version.h>
#include <zephyr/version.h>

PyDoc_STRVAR(doc, "Zephyr's kernel for Python: console, threads, memory, time and power.\n"
		  "\n"
		  "The readable reference is kernel_py/sim/_vosal.py, which the sim board uses.");

static int exec(PyObject *module)
{
	if (PyModule_AddStringConstant(module, "BOARD", CPYTHON_BOARD_NAME) < 0 ||
	    PyModule_AddStringConstant(module, "ARCH", CONFIG_ARCH) < 0 ||
	    PyModule_AddStringConstant(module, "ZEPHYR_VERSION", KERNEL_VERSION_STRING) < 0 ||
	    PyModule_AddStringConstant(module, "VERSION", ZPY_VERSION) < 0 ||
	    PyModule_AddIntConstant(module, "CPUS", arch_num_cpus()) < 0) {
		return -1;
	}
	return 0;
}

static PyModuleDef_Slot slots[] = {
	{Py_mod_exec, exec},
	{Py_mod_exec, vosal_console_exec},
	{Py_mod_exec, vosal_directory_exec},
	{Py_mod_exec, vosal_memory_exec},
	{Py_mod_exec, vosal_mounts_exec},
	{Py_mod_exec, vosal_power_exec},
	{Py_mod_exec, vosal_repl_exec},
	{Py_mod_exec, vosal_threads_exec},
	{Py_mod_exec, vosal_uptime_exec},
	{Py_mod_exec, vosal_views_exec},
	{Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED},
	{Py_mod_gil, Py_MOD_GIL_NOT_USED},
	{0, NULL},
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,
	.m_name = "_vosal",
	.m_doc = doc,
	.m_slots = slots,
};

PyMODINIT_FUNC PyInit__vosal(void)
{
	return PyModuleDef_Init(&module);
}
