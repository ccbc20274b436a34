/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Semaphore: a count that threads, tasks, C threads and interrupts give and take. */

#include "vosal.h"

#include <zpy/vosal.h>

#include "wait.h"

struct zpy_semaphore {
	struct k_spinlock lock;
	struct vosal_side side;
	unsigned int count;
	unsigned int reserved; /* of the count: for tasks that are to take it */
	unsigned int limit;
};

struct semaphore {
	PyObject_HEAD struct zpy_semaphore inner;
};

static bool take(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_semaphore *semaphore = CONTAINER_OF(side, struct zpy_semaphore, side);

	if (semaphore->count == semaphore->reserved) {
		return false;
	}
	if (vosal_is_task(waiter)) {
		semaphore->reserved++;
	} else {
		semaphore->count--;
	}
	return true;
}

/** Lets in who waits, for as long as there is something to take. The lock is held. */
static void serve(struct zpy_semaphore *semaphore)
{
	struct vosal_waiter *waiter;

	while ((waiter = vosal_first(&semaphore->side)) != NULL && take(&semaphore->side, waiter)) {
		vosal_grant(waiter);
	}
}

static void collect(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_semaphore *semaphore = CONTAINER_OF(side, struct zpy_semaphore, side);

	(void)waiter;
	semaphore->reserved--;
	semaphore->count--;
}

static void undo(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_semaphore *semaphore = CONTAINER_OF(side, struct zpy_semaphore, side);

	(void)waiter;
	semaphore->reserved--;
	vosal_sort(side);
	serve(semaphore);
}

/** Gives n, or nothing if that is too much. @return 0, -ESHUTDOWN, -EOVERFLOW */
static int give(struct zpy_semaphore *semaphore, unsigned int n)
{
	k_spinlock_key_t key = k_spin_lock(&semaphore->lock);
	struct vosal_waiter *waiter;
	unsigned int granted = 0;
	unsigned int stay = n; /* in the count: all that no thread takes at once */
	int ret = 0;

	vosal_sort(&semaphore->side);
	SYS_DLIST_FOR_EACH_CONTAINER(&semaphore->side.waiters, waiter, node) {
		if (granted++ == n) {
			break;
		}
		stay -= !vosal_is_task(waiter);
	}
	if (semaphore->side.closed) {
		ret = -ESHUTDOWN;
	} else if (stay > semaphore->limit - semaphore->count) {
		ret = -EOVERFLOW;
	} else {
		semaphore->count += n;
		serve(semaphore);
	}
	k_spin_unlock(&semaphore->lock, key);
	port_reschedule();
	return ret;
}

struct zpy_semaphore *zpy_semaphore_of(PyObject *object)
{
	struct vosal_types *types = vosal_types_of(object);

	if (types == NULL || !PyObject_TypeCheck(object, types->semaphore)) {
		PyErr_Format(PyExc_TypeError, "a Semaphore is needed, not %T", object);
		return NULL;
	}
	return &((struct semaphore *)object)->inner;
}

int zpy_semaphore_take(struct zpy_semaphore *semaphore, k_timeout_t timeout)
{
	struct vosal_waiter waiter = {0};

	return -vosal_wait(&semaphore->side, &waiter, sys_timepoint_calc(timeout), true);
}

int zpy_semaphore_give(struct zpy_semaphore *semaphore)
{
	return give(semaphore, 1);
}

PyDoc_STRVAR(doc,
	     "Semaphore(value=0, limit=2147483647)\n"
	     "--\n"
	     "\n"
	     "A count. acquire() waits until it is not 0 and takes 1, release() gives 1.\n"
	     "\n"
	     "The most urgent waiter is first. C threads and interrupts can give and take too.");

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"value", "limit", NULL};
	int value = 0;
	int limit = INT_MAX;
	struct semaphore *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|ii:Semaphore", names, &value, &limit)) {
		return NULL;
	}
	if (limit < 1) {
		PyErr_SetString(PyExc_ValueError, "limit must be at least 1");
		return NULL;
	}
	if (value < 0 || value > limit) {
		PyErr_SetString(PyExc_ValueError, "value must be in 0..limit");
		return NULL;
	}
	self = (struct semaphore *)type->tp_alloc(type, 0);
	if (self != NULL) {
		self->inner.count = value;
		self->inner.limit = limit;
		vosal_side_init(&self->inner.side, &self->inner.lock, take, collect, undo);
	}
	return (PyObject *)self;
}

PyDoc_STRVAR(acquire_doc,
	     "acquire($self, /, blocking=True, timeout=None)\n"
	     "--\n"
	     "\n"
	     "Wait until the count is not 0, and take 1. timeout is in seconds.\n"
	     "\n"
	     "Returns False when the time has passed, or there is nothing to take and\n"
	     "blocking is false.");

static PyObject *acquire(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"blocking", "timeout", NULL};
	struct semaphore *self = (struct semaphore *)object;
	struct vosal_waiter waiter = {0};
	int blocking = 1;
	PyObject *timeout = Py_None;
	k_timepoint_t end;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|pO:acquire", names, &blocking, &timeout) ||
	    vosal_blocking(blocking, timeout, &end) < 0) {
		return NULL;
	}
	ret = vosal_wait_python(&self->inner.side, &waiter, end);
	return ret < 0 ? NULL : PyBool_FromLong(ret);
}

PyDoc_STRVAR(release_doc,
	     "release($self, /, n=1)\n"
	     "--\n"
	     "\n"
	     "Give n. Raises ValueError, and gives nothing, if that is more than the limit.");

static PyObject *release(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"n", NULL};
	int n = 1;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:release", names, &n)) {
		return NULL;
	}
	if (n < 1) {
		PyErr_SetString(PyExc_ValueError, "n must be at least 1");
		return NULL;
	}
	ret = give(&((struct semaphore *)object)->inner, (unsigned int)n);
	if (ret == -EOVERFLOW) {
		PyErr_SetString(PyExc_ValueError,
				"released too many times: the semaphore is at its limit");
		return NULL;
	}
	if (ret < 0) {
		return vosal_closed(object);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(begin_doc, "acquire_begin($self, notifier, /)\n"
			"--\n"
			"\n"
			"Begin what acquire() does, without sleeping. Returns a Pending.");

static PyObject *acquire_begin(PyObject *object, PyObject *notifier)
{
	struct semaphore *self = (struct semaphore *)object;
	struct vosal_waiter waiter = {0};

	return vosal_pending_begin(object, &self->inner.side, notifier, &waiter, NULL, NULL);
}

PyDoc_STRVAR(close_doc, "close($self, /)\n"
			"--\n"
			"\n"
			"End its use: who waits, and who uses it later, gets ValueError.");

static PyObject *close_(PyObject *object, PyObject *unused)
{
	(void)unused;
	vosal_close(&((struct semaphore *)object)->inner.side);
	Py_RETURN_NONE;
}

static PyObject *enter(PyObject *object, PyObject *unused)
{
	struct vosal_waiter waiter = {0};

	(void)unused;
	if (vosal_wait_python(&((struct semaphore *)object)->inner.side, &waiter,
			      sys_timepoint_calc(K_FOREVER)) < 0) {
		return NULL;
	}
	return Py_NewRef(object);
}

static PyObject *leave(PyObject *object, PyObject *args)
{
	(void)args;
	if (zpy_semaphore_give(&((struct semaphore *)object)->inner) == -EOVERFLOW) {
		PyErr_SetString(PyExc_ValueError, "released too many times");
		return NULL;
	}
	Py_RETURN_NONE;
}

static PyObject *value(PyObject *object, void *unused)
{
	struct zpy_semaphore *semaphore = &((struct semaphore *)object)->inner;
	k_spinlock_key_t key = k_spin_lock(&semaphore->lock);
	unsigned int free = semaphore->count - semaphore->reserved;

	(void)unused;
	k_spin_unlock(&semaphore->lock, key);
	return PyLong_FromUnsignedLong(free);
}

static PyObject *limit(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromLong(((struct semaphore *)object)->inner.limit);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
	{"acquire", _PyCFunction_CAST(acquire), METH_VARARGS | METH_KEYWORDS, acquire_doc},
	{"release", _PyCFunction_CAST(release), METH_VARARGS | METH_KEYWORDS, release_doc},
	{"acquire_begin", acquire_begin, METH_O, begin_doc},
	{"close", close_, METH_NOARGS, close_doc},
	{"__enter__", enter, METH_NOARGS, NULL},
	{"__exit__", leave, METH_VARARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
	{"value", value, NULL, "the count", NULL},
	{"limit", limit, NULL, "the highest count", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_doc, (void *)doc}, {Py_tp_new, new},       {Py_tp_dealloc, dealloc},
	{Py_tp_methods, methods}, {Py_tp_getset, getset}, {0, NULL},
};

static PyType_Spec spec = {
	.name = "_vosal.Semaphore",
	.basicsize = sizeof(struct semaphore),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

int vosal_semaphore_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	return vosal_add_type(module, &types->semaphore, &spec);
}
