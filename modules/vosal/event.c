/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Event: 32 bits, of which one or all can be waited for. */

#include "vosal.h"

#include <zpy/vosal.h>

#include "wait.h"

struct zpy_event {
	struct k_spinlock lock;
	struct vosal_side side;
	uint32_t bits;
};

struct event {
	PyObject_HEAD struct zpy_event inner;
};

static bool take(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_event *event = CONTAINER_OF(side, struct zpy_event, side);
	uint32_t got = event->bits & waiter->value;

	if (waiter->all ? got != waiter->value : got == 0) {
		return false;
	}
	if (waiter->clear) {
		event->bits &= ~got;
	}
	waiter->value = got;
	return true;
}

/** Grants all whose bits are there. The lock is held. */
static void serve(struct zpy_event *event)
{
	struct vosal_waiter *waiter;
	struct vosal_waiter *next;

	vosal_sort(&event->side);
	SYS_DLIST_FOR_EACH_CONTAINER_SAFE(&event->side.waiters, waiter, next, node) {
		if (take(&event->side, waiter)) {
			vosal_grant(waiter);
		}
	}
}

static void undo(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_event *event = CONTAINER_OF(side, struct zpy_event, side);

	if (waiter->clear) {
		event->bits |= waiter->value;
		serve(event);
	}
}

struct zpy_event *zpy_event_of(PyObject *object)
{
	struct vosal_types *types = vosal_types_of(object);

	if (types == NULL || !PyObject_TypeCheck(object, types->event)) {
		PyErr_Format(PyExc_TypeError, "an Event is needed, not %T", object);
		return NULL;
	}
	return &((struct event *)object)->inner;
}

/** Replaces the bits under the mask. @return the bits before, or a negative errno */
static int64_t change(struct zpy_event *event, uint32_t bits, uint32_t mask)
{
	k_spinlock_key_t key = k_spin_lock(&event->lock);
	uint32_t before = event->bits;

	if (event->side.closed) {
		k_spin_unlock(&event->lock, key);
		return -ESHUTDOWN;
	}
	event->bits = (event->bits & ~mask) | (bits & mask);
	serve(event);
	k_spin_unlock(&event->lock, key);
	port_reschedule();
	return before;
}

int zpy_event_set(struct zpy_event *event, uint32_t bits)
{
	return (int)MIN(change(event, bits, bits), 0);
}

int zpy_event_wait(struct zpy_event *event, uint32_t bits, bool all, bool clear,
		   k_timeout_t timeout, uint32_t *got)
{
	struct vosal_waiter waiter = {.value = bits, .all = all, .clear = clear};
	int ret = vosal_wait(&event->side, &waiter, sys_timepoint_calc(timeout), true);

	if (ret == 0 && got != NULL) {
		*got = waiter.value;
	}
	return -ret;
}

/** Takes 1..2**32-1. @return 1, or 0 with an exception set */
static int to_bits(PyObject *object, void *out)
{
	unsigned long long value = PyLong_AsUnsignedLongLong(object);

	if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError)) {
		return 0;
	}
	if (PyErr_Occurred() || value == 0 || value > UINT32_MAX) {
		PyErr_SetString(PyExc_ValueError, "bits must be in 1..0xffffffff");
		return 0;
	}
	*(uint32_t *)out = (uint32_t)value;
	return 1;
}

PyDoc_STRVAR(doc, "Event()\n"
		  "--\n"
		  "\n"
		  "32 bits. set() and clear() change them, wait() waits for one or all of some.\n"
		  "\n"
		  "C threads and interrupts can set bits too.");

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {NULL};
	struct event *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, ":Event", names)) {
		return NULL;
	}
	self = (struct event *)type->tp_alloc(type, 0);
	if (self != NULL) {
		vosal_side_init(&self->inner.side, &self->inner.lock, take, NULL, undo);
	}
	return (PyObject *)self;
}

static PyObject *changed(PyObject *object, int64_t before)
{
	return before < 0 ? vosal_closed(object) : PyLong_FromLongLong(before);
}

PyDoc_STRVAR(set_doc, "set($self, bits=1, /)\n"
		      "--\n"
		      "\n"
		      "Set bits. Returns the bits before.");

static PyObject *set(PyObject *object, PyObject *args)
{
	uint32_t bits = 1;

	if (!PyArg_ParseTuple(args, "|O&:set", to_bits, &bits)) {
		return NULL;
	}
	return changed(object, change(&((struct event *)object)->inner, bits, bits));
}

PyDoc_STRVAR(clear_doc, "clear($self, bits=0xffffffff, /)\n"
			"--\n"
			"\n"
			"Clear bits. Returns the bits before.");

static PyObject *clear(PyObject *object, PyObject *args)
{
	uint32_t bits = UINT32_MAX;

	if (!PyArg_ParseTuple(args, "|O&:clear", to_bits, &bits)) {
		return NULL;
	}
	return changed(object, change(&((struct event *)object)->inner, 0, bits));
}

PyDoc_STRVAR(wait_doc,
	     "wait($self, /, bits=1, timeout=None, *, all=False, clear=False)\n"
	     "--\n"
	     "\n"
	     "Wait until one of the bits is set, or all of them. Returns those that are.\n"
	     "\n"
	     "clear takes them away. Returns 0 when timeout seconds have passed.");

static PyObject *wait_(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"bits", "timeout", "all", "clear", NULL};
	struct event *self = (struct event *)object;
	struct vosal_waiter waiter = {.value = 1};
	uint32_t bits = 1;
	int all = 0;
	int clear = 0;
	PyObject *timeout = Py_None;
	k_timepoint_t end;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O&O$pp:wait", names, to_bits, &bits,
					 &timeout, &all, &clear) ||
	    vosal_timeout(timeout, &end) < 0) {
		return NULL;
	}
	waiter = (struct vosal_waiter){.value = bits, .all = all, .clear = clear};
	ret = vosal_wait_python(&self->inner.side, &waiter, end);
	return ret < 0 ? NULL : PyLong_FromUnsignedLong(ret > 0 ? waiter.value : 0);
}

static PyObject *result(struct vosal_pending *pending)
{
	return PyLong_FromUnsignedLong(pending->waiter.value);
}

PyDoc_STRVAR(begin_doc, "wait_begin($self, notifier, /, bits=1, *, all=False, clear=False)\n"
			"--\n"
			"\n"
			"Begin what wait() does, without sleeping. Returns a Pending.");

static PyObject *wait_begin(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"", "bits", "all", "clear", NULL};
	struct vosal_waiter waiter;
	PyObject *notifier;
	uint32_t bits = 1;
	int all = 0;
	int clear = 0;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O&$pp:wait_begin", names, &notifier,
					 to_bits, &bits, &all, &clear)) {
		return NULL;
	}
	waiter = (struct vosal_waiter){.value = bits, .all = all, .clear = clear};
	return vosal_pending_begin(object, &((struct event *)object)->inner.side, notifier, &waiter,
				   NULL, result);
}

PyDoc_STRVAR(close_doc, "close($self, /)\n"
			"--\n"
			"\n"
			"End its use: who waits, and who uses it later, gets ValueError.");

static PyObject *close_(PyObject *object, PyObject *unused)
{
	(void)unused;
	vosal_close(&((struct event *)object)->inner.side);
	Py_RETURN_NONE;
}

static PyObject *bits(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromUnsignedLong(((struct event *)object)->inner.bits);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
	{"set", set, METH_VARARGS, set_doc},
	{"clear", clear, METH_VARARGS, clear_doc},
	{"wait", _PyCFunction_CAST(wait_), METH_VARARGS | METH_KEYWORDS, wait_doc},
	{"wait_begin", _PyCFunction_CAST(wait_begin), METH_VARARGS | METH_KEYWORDS, begin_doc},
	{"close", close_, METH_NOARGS, close_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
	{"bits", bits, NULL, "the bits that are set", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_doc, (void *)doc}, {Py_tp_new, new},       {Py_tp_dealloc, dealloc},
	{Py_tp_methods, methods}, {Py_tp_getset, getset}, {0, NULL},
};

static PyType_Spec spec = {
	.name = "_vosal.Event",
	.basicsize = sizeof(struct event),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

int vosal_event_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	return vosal_add_type(module, &types->event, &spec);
}
