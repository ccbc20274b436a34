/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Mutex: owned by a thread, which inherits the priority of who waits for it. */

#include "mutex.h"

#include "vosal.h"
#include "wait.h"

PyDoc_STRVAR(doc, "Mutex()\n"
		  "--\n"
		  "\n"
		  "A lock with an owner, which may lock it again.\n"
		  "\n"
		  "The owner runs at the priority of the most urgent thread that waits for it, so\n"
		  "that nothing less urgent than that keeps it from coming to an end.");

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {NULL};
	struct vosal_mutex *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, ":Mutex", names)) {
		return NULL;
	}
	self = (struct vosal_mutex *)type->tp_alloc(type, 0);
	if (self != NULL) {
		port_lock_init(&self->lock, true);
	}
	return (PyObject *)self;
}

int vosal_mutex_acquire(struct vosal_mutex *self, k_timepoint_t end)
{
	int ret = port_lock_take(&self->lock, sys_timepoint_calc(K_NO_WAIT), true);

	if (ret == ETIMEDOUT && !sys_timepoint_expired(end)) {
		do {
			/* As in vosal_wait_python(). */
			if (PyErr_CheckSignals() < 0) {
				return -1;
			}
			Py_BEGIN_ALLOW_THREADS ret = port_lock_take(&self->lock, end, true);
			Py_END_ALLOW_THREADS
		} while (ret == EINTR);
	}
	return ret == 0;
}

int vosal_mutex_release(struct vosal_mutex *self)
{
	if (port_lock_give(&self->lock) != 0) {
		PyErr_SetString(
			PyExc_RuntimeError,
			self->lock.owner == NULL
				? "cannot release a mutex that nobody has acquired"
				: "cannot release a mutex that another thread has acquired");
		return -1;
	}
	return 0;
}

int vosal_mutex_leave(struct vosal_mutex *self, PyObject *args)
{
	bool raised = PyTuple_GET_SIZE(args) > 0 && PyTuple_GET_ITEM(args, 0) != Py_None;

	return raised && port_lock_depth(&self->lock) == 0 ? 0 : vosal_mutex_release(self);
}

PyDoc_STRVAR(acquire_doc, "acquire($self, /, blocking=True, timeout=None)\n"
			  "--\n"
			  "\n"
			  "Lock it, or lock it once more. timeout is in seconds.\n"
			  "\n"
			  "Returns False when the time has passed, or another thread has it and\n"
			  "blocking is false.");

static PyObject *acquire(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"blocking", "timeout", NULL};
	int blocking = 1;
	PyObject *timeout = Py_None;
	k_timepoint_t end;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|pO:acquire", names, &blocking, &timeout) ||
	    vosal_blocking(blocking, timeout, &end) < 0) {
		return NULL;
	}
	ret = vosal_mutex_acquire((struct vosal_mutex *)object, end);
	return ret < 0 ? NULL : PyBool_FromLong(ret);
}

PyDoc_STRVAR(release_doc, "release($self, /)\n"
			  "--\n"
			  "\n"
			  "Unlock it. Raises RuntimeError in a thread that has not locked it.");

static PyObject *release(PyObject *object, PyObject *unused)
{
	(void)unused;
	if (vosal_mutex_release((struct vosal_mutex *)object) < 0) {
		return NULL;
	}
	Py_RETURN_NONE;
}

static void told(struct port_lock_waiter *waiter)
{
	vosal_notify(CONTAINER_OF(waiter, struct vosal_pending, lock_waiter));
}

PyDoc_STRVAR(begin_doc,
	     "acquire_begin($self, notifier, /)\n"
	     "--\n"
	     "\n"
	     "Begin to lock it for a task, without sleeping. Returns a Pending.\n"
	     "\n"
	     "The owner is the calling thread. Other tasks of it wait: this never locks\n"
	     "once more.");

static PyObject *acquire_begin(PyObject *object, PyObject *notifier)
{
	struct vosal_pending *pending = vosal_pending_new(object, notifier);

	if (pending == NULL) {
		return NULL;
	}
	/* The queue's reference must be there before anybody can be told. */
	Py_INCREF(pending);
	if (port_lock_begin(&((struct vosal_mutex *)object)->lock, &pending->lock_waiter, told)) {
		Py_DECREF(pending);
	}
	port_reschedule();
	return (PyObject *)pending;
}

static PyObject *enter(PyObject *object, PyObject *unused)
{
	(void)unused;
	if (vosal_mutex_acquire((struct vosal_mutex *)object, sys_timepoint_calc(K_FOREVER)) < 0) {
		return NULL;
	}
	return Py_NewRef(object);
}

static PyObject *leave(PyObject *object, PyObject *args)
{
	if (vosal_mutex_leave((struct vosal_mutex *)object, args) < 0) {
		return NULL;
	}
	Py_RETURN_NONE;
}

static PyObject *locked(PyObject *object, PyObject *unused)
{
	(void)unused;
	return PyBool_FromLong(((struct vosal_mutex *)object)->lock.owner != NULL);
}

static PyObject *owner(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromVoidPtr(((struct vosal_mutex *)object)->lock.owner);
}

static PyObject *depth(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromUnsignedLong(((struct vosal_mutex *)object)->lock.depth);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	port_lock_end(&((struct vosal_mutex *)object)->lock);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
	{"acquire", _PyCFunction_CAST(acquire), METH_VARARGS | METH_KEYWORDS, acquire_doc},
	{"release", release, METH_NOARGS, release_doc},
	{"acquire_begin", acquire_begin, METH_O, begin_doc},
	{"locked", locked, METH_NOARGS, "locked($self, /)\n--\n\nReturn whether it is locked."},
	{"__enter__", enter, METH_NOARGS, NULL},
	{"__exit__", leave, METH_VARARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
	{"owner", owner, NULL, "the ident of the thread that has it, or 0", NULL},
	{"depth", depth, NULL, "how often its owner has locked it", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_doc, (void *)doc}, {Py_tp_new, new},       {Py_tp_dealloc, dealloc},
	{Py_tp_methods, methods}, {Py_tp_getset, getset}, {0, NULL},
};

static PyType_Spec spec = {
	.name = "_vosal.Mutex",
	.basicsize = sizeof(struct vosal_mutex),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

int vosal_mutex_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	return vosal_add_type(module, &types->mutex, &spec);
}
