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
		item = Py_BuildValue("(NKisnnK)", vosal_name(row->name),
				     (unsigned long long)row->ident, row->priority, row->state,
				     (Py_ssize_t)row->stack_size, (Py_ssize_t)row->stack_unused,
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

/* Four of the margins that CPython keeps free at the end of a stack: with less it runs nothing. */
#define STACK_MIN (4 * 2048 * sizeof(void *))

struct wanted {
	uintptr_t ident;
	int (*act)(struct port_thread *thread, void *arg);
	void *arg;
};

static int act_if(struct port_thread *thread, void *arg)
{
	struct wanted *wanted = arg;

	return (uintptr_t)thread == wanted->ident ? wanted->act(thread, wanted->arg) : 0;
}

/** Acts on the thread of an ident while it cannot end. @return 0, or -1 with an exception set */
static int with_thread(PyObject *ident, int (*act)(struct port_thread *thread, void *arg),
		       void *arg)
{
	struct wanted wanted = {.act = act, .arg = arg};

	wanted.ident = PyLong_AsUnsignedLongLong(ident);
	if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError)) {
		return -1;
	}
	if (PyErr_Occurred() || port_thread_foreach(act_if, &wanted) == 0) {
		PyErr_SetString(PyExc_ValueError, "no thread has this ident");
		return -1;
	}
	return 0;
}

/**
 * An integer that is `least` or more and at most `most`, or `other`.
 *
 * @return 0; -1 with TypeError; 1 for a number that is none of these.
 */
static int to_range(PyObject *arg, long long other, long long least, long long most,
		    long long *value)
{
	PyObject *number = PyNumber_Index(arg);
	int overflow;

	if (number == NULL) {
		return -1;
	}
	*value = PyLong_AsLongLongAndOverflow(number, &overflow);
	Py_DECREF(number);
	return overflow != 0 || (*value != other && (*value < least || *value > most));
}

static int to_priority(PyObject *arg, int *priority)
{
	const int least = -CONFIG_NUM_COOP_PRIORITIES;
	const int most = CONFIG_NUM_PREEMPT_PRIORITIES - 1;
	long long value;
	int ret = to_range(arg, least, least, most, &value);

	if (ret > 0) {
		PyErr_Format(PyExc_ValueError, "priority must be in %d (most urgent)..%d, not %S",
			     least, most, arg);
	}
	*priority = ret == 0 ? (int)value : 0;
	return ret == 0 ? 0 : -1;
}

PyDoc_STRVAR(next_doc,
	     "thread_next(priority, stack_size=0, cpu=-1)\n"
	     "--\n"
	     "\n"
	     "Say how the next thread that the calling thread starts is to be.\n"
	     "\n"
	     "priority is Zephyr's: lower is more urgent, below 0 is cooperative. stack_size is\n"
	     "in bytes, 0 for the default. cpu is the only one that it may run on, -1 for any.");

static PyObject *thread_next(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"priority", "stack_size", "cpu", NULL};
	const long long heap = MIN(port_heap_size(), PY_SSIZE_T_MAX);
	PyObject *wanted[3] = {NULL};
	long long stack_size = 0;
	long long cpu = -1;
	int priority;
	int ret;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO:thread_next", names, &wanted[0],
					 &wanted[1], &wanted[2]) ||
	    to_priority(wanted[0], &priority) < 0) {
		return NULL;
	}
	ret = wanted[1] != NULL ? to_range(wanted[1], 0, STACK_MIN, heap, &stack_size) : 0;
	if (ret > 0) {
		PyErr_Format(PyExc_ValueError, "stack_size must be 0 or in %zu..%lld bytes, not %S",
			     STACK_MIN, heap, wanted[1]);
	}
	if (ret != 0) {
		return NULL;
	}
	ret = wanted[2] != NULL ? to_range(wanted[2], -1, 0, arch_num_cpus() - 1, &cpu) : 0;
	if (ret > 0) {
		PyErr_Format(PyExc_ValueError, "cpu must be -1 or in 0..%d, not %S",
			     (int)arch_num_cpus() - 1, wanted[2]);
	}
	if (ret != 0) {
		return NULL;
	}
	if (cpu >= 0 && arch_num_cpus() > 1 && !IS_ENABLED(CONFIG_SCHED_CPU_MASK)) {
		PyErr_SetString(PyExc_ValueError, "a thread cannot be bound to a CPU: set "
						  "CONFIG_SCHED_CPU_MASK=y");
		return NULL;
	}
	port_thread_self()->next = (struct port_thread_attr){
		.set = true, .priority = priority, .stack_size = stack_size, .cpu = (int)cpu};
	Py_RETURN_NONE;
}

static int get_priority(struct port_thread *thread, void *arg)
{
	*(int *)arg = thread->priority;
	return 1;
}

static int set_priority(struct port_thread *thread, void *arg)
{
	port_thread_set_priority(thread, *(int *)arg);
	return 1;
}

PyDoc_STRVAR(priority_doc,
	     "thread_priority(ident, priority=None, /)\n"
	     "--\n"
	     "\n"
	     "Return the priority of a thread, and set it if one is given.\n"
	     "\n"
	     "It is the thread's own: what it inherits at the moment shows in threads().\n"
	     "Raises ValueError if there is no such thread.");

static PyObject *thread_priority(PyObject *module, PyObject *args)
{
	PyObject *ident;
	PyObject *priority = Py_None;
	int before;
	int after;

	(void)module;
	if (!PyArg_ParseTuple(args, "O|O:thread_priority", &ident, &priority)) {
		return NULL;
	}
	if (with_thread(ident, get_priority, &before) < 0) {
		return NULL;
	}
	if (priority != Py_None) {
		if (to_priority(priority, &after) < 0 ||
		    with_thread(ident, set_priority, &after) < 0) {
			return NULL;
		}
	}
	return PyLong_FromLong(before);
}

PyDoc_STRVAR(guard_doc, "thread_guard()\n"
			"--\n"
			"\n"
			"From now on what thread_interrupt() asks of the calling thread waits.\n"
			"\n"
			"Until thread_run() calls a function, and again when that has returned.");

static PyObject *thread_guard(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	port_thread_self()->guarded = true;
	Py_RETURN_NONE;
}

PyDoc_STRVAR(run_doc,
	     "thread_run(function, /)\n"
	     "--\n"
	     "\n"
	     "Call a function, within which thread_interrupt() acts, and return its result.");

static PyObject *thread_run(PyObject *module, PyObject *function)
{
	struct port_thread *thread = port_thread_self();
	bool guarded = thread->guarded;
	PyObject *result;

	(void)module;
	thread->guarded = false;
	/* What came before may have ended a wait already, and will not end another. */
	result = PyErr_CheckSignals() == 0 ? PyObject_CallNoArgs(function) : NULL;
	thread->guarded = guarded;
	return result;
}

PyDoc_STRVAR(interrupt_doc,
	     "thread_interrupt(ident, exception=KeyboardInterrupt, /)\n"
	     "--\n"
	     "\n"
	     "Raise an exception in a thread, and end what it waits for.\n"
	     "\n"
	     "ident is threading's; exception a class, or None: what was to be raised and has\n"
	     "not been yet is forgotten. Raises ValueError if there is no such thread.");

static int interrupt_if(struct port_thread *thread, void *ident)
{
	if ((uintptr_t)thread != *(unsigned long *)ident) {
		return 0;
	}
	port_thread_interrupt(thread);
	return 1;
}

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
		(void)port_thread_foreach(interrupt_if, &ident);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(
	unraisable_doc,
	"unraisable(args, /)\n"
	"--\n"
	"\n"
	"What sys.unraisablehook is: a KeyboardInterrupt is raised again, the rest is shown.\n"
	"\n"
	"The interpreter runs finalizers wherever they are due, and what Ctrl-C raises in one\n"
	"of them would be ignored, and the Ctrl-C with it.");

/* In C, because a hook in Python would itself be where the exception is raised again. */
static PyObject *unraisable(PyObject *module, PyObject *args)
{
	PyObject *type = PyObject_GetAttrString(args, "exc_type");
	PyObject *hook;

	(void)module;
	if (type == NULL) {
		return NULL;
	}
	Py_DECREF(type);
	if (type == PyExc_KeyboardInterrupt) {
		(void)PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), type);
		Py_RETURN_NONE;
	}
	hook = PySys_GetObject("__unraisablehook__");
	if (hook == NULL) {
		PyErr_SetString(PyExc_RuntimeError, "lost sys.__unraisablehook__");
		return NULL;
	}
	return PyObject_CallOneArg(hook, args);
}

static PyMethodDef methods[] = {
	{"unraisable", unraisable, METH_O, unraisable_doc},
	{"thread_next", _PyCFunction_CAST(thread_next), METH_VARARGS | METH_KEYWORDS, next_doc},
	{"thread_priority", thread_priority, METH_VARARGS, priority_doc},
	{"thread_guard", thread_guard, METH_NOARGS, guard_doc},
	{"thread_run", thread_run, METH_O, run_doc},
	{"thread_interrupt", thread_interrupt, METH_VARARGS, interrupt_doc},
	{"threads", threads, METH_NOARGS, threads_doc},
	{"thread_name", thread_name, METH_O, name_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_threads_exec(PyObject *module)
{
	if (PyModule_AddFunctions(module, methods) < 0 ||
	    PyModule_AddIntConstant(module, "PRIORITY_MIN", -CONFIG_NUM_COOP_PRIORITIES) < 0 ||
	    PyModule_AddIntConstant(module, "PRIORITY_MAX", CONFIG_NUM_PREEMPT_PRIORITIES - 1) <
		    0) {
		return -1;
	}
	return PyModule_AddIntConstant(module, "PRIORITY_DEFAULT", CONFIG_CPYTHON_THREAD_PRIORITY);
}
