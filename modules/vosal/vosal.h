/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The functions and types of _vosal, gathered from its subjects. */

#ifndef ZPY_VOSAL_VOSAL_H_
#define ZPY_VOSAL_VOSAL_H_

#include "Python.h"

/** The module's state: its types. */
struct vosal_types {
	PyTypeObject *notifier;
	PyTypeObject *pending;
	PyTypeObject *semaphore;
	PyTypeObject *mutex;
	PyTypeObject *condition;
	PyTypeObject *event;
	PyTypeObject *queue;
	PyTypeObject *timer;
	PyTypeObject *interrupt;
	PyTypeObject *registers;
	PyTypeObject *dma;
};

extern struct PyModuleDef vosal_module;

/** The types of the module that an object's type, or one it is derived from, belongs to. */
struct vosal_types *vosal_types_of(PyObject *object);

/** A thread's name for Python: the rest of a character is left out that was cut off at its end. */
PyObject *vosal_name(const char *name);

/** Makes a type and adds it to the module. @return 0, or -1 with an exception set */
int vosal_add_type(PyObject *module, PyTypeObject **type, PyType_Spec *spec);

/* Each subject adds its functions and constants. 0, or -1 with an exception set. */
int vosal_condition_exec(PyObject *module);
int vosal_console_exec(PyObject *module);
int vosal_directory_exec(PyObject *module);
int vosal_event_exec(PyObject *module);
int vosal_hardware_exec(PyObject *module);
int vosal_interrupt_exec(PyObject *module);
int vosal_line_exec(PyObject *module);
int vosal_memory_exec(PyObject *module);
int vosal_mounts_exec(PyObject *module);
int vosal_mutex_exec(PyObject *module);
int vosal_pending_exec(PyObject *module);
int vosal_power_exec(PyObject *module);
int vosal_repl_exec(PyObject *module);
int vosal_queue_exec(PyObject *module);
int vosal_semaphore_exec(PyObject *module);
int vosal_threads_exec(PyObject *module);
int vosal_timer_exec(PyObject *module);
int vosal_unsafe_exec(PyObject *module);
int vosal_uptime_exec(PyObject *module);
int vosal_views_exec(PyObject *module);
int vosal_watchdog_exec(PyObject *module);

#endif /* ZPY_VOSAL_VOSAL_H_ */
