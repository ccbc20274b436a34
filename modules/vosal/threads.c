/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Zephyr's threads as Python sees them. */

#include "vosal.h"

#include <pthread.h>

#include <zephyr/kernel.h>

#include "port.h"

PyDoc_STRVAR(threads_doc,
	     "threads()\n"
	     "--\n"
	     "\n"
	     "Return a list of (name, ident, priority, state, stack_size, stack_unused, cycles).\n"
	     "\n"
	     "ident is what threading.get_ident() returns in that thread, or 0 for a thread\n"
	     "that has never run Python. Sizes are in bytes, cycles are those spent running.");

struct row {
	k_tid_t thread;
	char name[CONFIG_THREAD_MAX_NAME_LEN];
	uintptr_t ident;
	int priority;
	char state[32];
	size_t stack_size;
	size_t stack_unused;
	uint64_t cycles;
};

struct table {
	struct row *rows;
	size_t size;
	size_t used;
};

static int find_ident(struct port_thread *thread, void *arg)
{
	struct row *row = arg;

	if (thread->kernel != row->thread) {
		return 0;
	}
	row->ident = (uintptr_t)thread;
	return 1;
}

static void add_row(const struct k_thread *constant, void *arg)
{
	struct k_thread *thread = (struct k_thread *)constant;
	struct table *table = arg;
	k_thread_runtime_stats_t stats;
	const char *name = k_thread_name_get(thread);
	struct row *row;

	if (table->used++ >= table->size) {
		return; /* only counted */
	}
	row = &table->rows[table->used - 1];
	*row = (struct row){
		.thread = thread,
		.priority = k_thread_priority_get(thread),
		.stack_size = thread->stack_info.size,
	};
	strncpy(row->name, name != NULL ? name : "", sizeof(row->name) - 1);
	(void)k_thread_state_str(thread, row->state, sizeof(row->state));
	(void)k_thread_stack_space_get(thread, &row->stack_unused);
	if (k_thread_runtime_stats_get(thread, &stats) == 0) {
		row->cycles = stats.execution_cycles;
	}
}

/* Within port_thread_foreach() no Python thread can be freed, so Zephyr's list can be read. */
static int add_all(struct port_thread *first, void *table)
{
	(void)first;
	k_thread_foreach_unlocked(add_row, table);
	return 1;
}

static PyObject *threads(PyObject *module, PyObject *unused)
{
	struct table table = {.size = 16};
	PyObject *list;

	(void)module;
	(void)unused;
	/* Threads come and go: look until the table holds them all. */
	while (true) {
		table.rows = PyMem_Malloc(table.size * sizeof(*table.rows));
		if (table.rows == NULL) {
			return PyErr_NoMemory();
		}
		table.used = 0;
		(void)port_thread_foreach(add_all, &table);
		if (table.used <= table.size) {
			break;
		}
		table.size = table.used + 8;
		PyMem_Free(table.rows);
	}

	list = PyList_New(table.used);
	for (size_t i = 0; list != NULL && i < table.used; i++) {
		struct row *row = &table.rows[i];
		PyObject *item;

		(void)port_thread_foreach(find_ident, row);
		item = Py_BuildValue("(sKisnnK)", row->name, (unsigned long long)row->ident,
				     row->priority, row->state, (Py_ssize_t)row->stack_size,
				     (Py_ssize_t)row->stack_unused,
				     (unsigned long long)row->cycles);
		if (item == NULL) {
			Py_CLEAR(list);
			break;
		}
		PyList_SET_ITEM(list, i, item);
	}
	PyMem_Free(table.rows);
	return list;
}

PyDoc_STRVAR(name_doc, "thread_name(name, /)\n"
		       "--\n"
		       "\n"
		       "Name the calling thread for Zephyr. Longer names are cut.");

static PyObject *thread_name(PyObject *module, PyObject *arg)
{
	const char *text = PyUnicode_AsUTF8(arg);
	char name[CONFIG_THREAD_MAX_NAME_LEN];

	(void)module;
	if (text == NULL) {
		return NULL;
	}
	strncpy(name, text, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	errno = pthread_setname_np(pthread_self(), name);
	if (errno != 0) {
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(interrupt_doc,
	     "thread_interrupt(ident, exception=KeyboardInterrupt, /)\n"
	     "--\n"
	     "\n"
	     "Raise an exception in a thread, and end what it waits for.\n"
	     "\n"
	     "ident is threading's; exception a class, or None: what was to be raised and has\n"
	     "not been yet is forgotten. Raises ValueError if there is no such thread.");

static PyObject *thread_interrupt(PyObject *module, PyObject *args)
{
	unsigned long ident;
	PyObject *exception = PyExc_KeyboardInterrupt;

	(void)module;
	if (!PyArg_ParseTuple(args, "k|O:thread_interrupt", &ident, &exception)) {
		return NULL;
	}
	if (exception == Py_None) {
		exception = NULL;
	} else if (!PyExceptionClass_Check(exception)) {
		PyErr_SetString(PyExc_TypeError, "exception must be an exception class or None");
		return NULL;
	}
	if (PyThreadState_SetAsyncExc(ident, exception) == 0) {
		PyErr_Format(PyExc_ValueError, "no thread %lu runs Python", ident);
		return NULL;
	}
	if (exception != NULL) {
		/* A thread with a thread state has not ended, and cannot while we hold the GIL. */
		port_thread_interrupt((struct port_thread *)(uintptr_t)ident);
	}
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
	{"thread_interrupt", thread_interrupt, METH_VARARGS, interrupt_doc},
	{"threads", threads, METH_NOARGS, threads_doc},
	{"thread_name", thread_name, METH_O, name_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_threads_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
