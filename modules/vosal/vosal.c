/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The module _vosal: what the machine is, and the subjects put together. */

#include "vosal.h"

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/kernel_version.h>
#include <zephyr/version.h>

PyDoc_STRVAR(doc,
	     "Zephyr's kernel for Python: console, threads and what they wait for, interrupts,\n"
	     "memory, time and power.\n"
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

struct vosal_types *vosal_types_of(PyObject *object)
{
	PyObject *module = PyType_GetModuleByDef(Py_TYPE(object), &vosal_module);

	return module != NULL ? PyModule_GetState(module) : NULL;
}

PyObject *vosal_name(const char *name)
{
	return PyUnicode_DecodeUTF8(name, (Py_ssize_t)strlen(name), "ignore");
}

int vosal_add_type(PyObject *module, PyTypeObject **type, PyType_Spec *spec)
{
	*type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
	return *type != NULL ? PyModule_AddType(module, *type) : -1;
}

/* The types are a struct of pointers, and nothing else. */
#define TYPES (sizeof(struct vosal_types) / sizeof(PyTypeObject *))

static int traverse(PyObject *module, visitproc visit, void *arg)
{
	PyTypeObject **types = PyModule_GetState(module);

	for (size_t i = 0; i < TYPES; i++) {
		Py_VISIT(types[i]);
	}
	return 0;
}

static int clear(PyObject *module)
{
	PyTypeObject **types = PyModule_GetState(module);

	for (size_t i = 0; i < TYPES; i++) {
		Py_CLEAR(types[i]);
	}
	return 0;
}

static void free_module(void *module)
{
	(void)clear(module);
}

static PyModuleDef_Slot slots[] = {
	{Py_mod_exec, exec},
	{Py_mod_exec, vosal_pending_exec},
	{Py_mod_exec, vosal_condition_exec},
	{Py_mod_exec, vosal_console_exec},
	{Py_mod_exec, vosal_directory_exec},
	{Py_mod_exec, vosal_event_exec},
	{Py_mod_exec, vosal_hardware_exec},
	{Py_mod_exec, vosal_interrupt_exec},
	{Py_mod_exec, vosal_line_exec},
	{Py_mod_exec, vosal_memory_exec},
	{Py_mod_exec, vosal_mounts_exec},
	{Py_mod_exec, vosal_mutex_exec},
	{Py_mod_exec, vosal_power_exec},
	{Py_mod_exec, vosal_repl_exec},
	{Py_mod_exec, vosal_queue_exec},
	{Py_mod_exec, vosal_semaphore_exec},
	{Py_mod_exec, vosal_threads_exec},
	{Py_mod_exec, vosal_timer_exec},
	{Py_mod_exec, vosal_unsafe_exec},
	{Py_mod_exec, vosal_uptime_exec},
	{Py_mod_exec, vosal_views_exec},
	{Py_mod_exec, vosal_watchdog_exec},
	{Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED},
	{Py_mod_gil, Py_MOD_GIL_NOT_USED},
	{0, NULL},
};

struct PyModuleDef vosal_module = {
	PyModuleDef_HEAD_INIT, .m_name = "_vosal",
	.m_doc = doc,          .m_size = sizeof(struct vosal_types),
	.m_slots = slots,      .m_traverse = traverse,
	.m_clear = clear,      .m_free = free_module,
};

PyMODINIT_FUNC PyInit__vosal(void)
{
	return PyModuleDef_Init(&vosal_module);
}
