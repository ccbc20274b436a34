/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Condition: waiting, without a Mutex, for somebody to say that things changed. */

#include "mutex.h"
#include "vosal.h"
#include "wait.h"

struct condition {
	PyObject_HEAD struct k_spinlock lock;
	struct vosal_side side;
	PyObject *mutex;
};

static bool never(struct vosal_side *side, struct vosal_waiter *waiter)
{
	(void)side;
	(void)waiter;
	return false;
}

/** Wakes the n most urgent. The lock is held. */
static void wake(struct vosal_side *side, int n)
{
	struct vosal_waiter *waiter;

	vosal_sort(side);
	while (n-- > 0 && (waiter = vosal_first(side)) != NULL) {
		vosal_grant(waiter);
	}
}

/** A notification that nobody takes goes to the next. */
static void undo(struct vosal_side *side, struct vosal_waiter *waiter)
{
	(void)waiter;
	wake(side, 1);
}

PyDoc_STRVAR(doc, "Condition(mutex=None)\n"
		  "--\n"
		  "\n"
		  "wait() gives up the mutex, waits for notify(), and has the mutex again.\n"
		  "\n"
		  "Without a mutex it makes one of its own.");

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"mutex", NULL};
	PyObject *mutex = Py_None;
	struct vosal_types *types;
	struct condition *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Condition", names, &mutex)) {
		return NULL;
	}
	self = (struct condition *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	vosal_side_init(&self->side, &self->lock, never, NULL, undo);
	types = vosal_types_of((PyObject *)self);
	if (types == NULL) {
		Py_DECREF(self);
		return NULL;
	}
	if (mutex == Py_None) {
		self->mutex = PyObject_CallNoArgs((PyObject *)types->mutex);
	} else if (PyObject_TypeCheck(mutex, types->mutex)) {
		self->mutex = Py_NewRef(mutex);
	} else {
		PyErr_Format(PyExc_TypeError, "mutex must be a Mutex, not %T", mutex);
	}
	if (self->mutex == NULL) {
		Py_DECREF(self);
		return NULL;
	}
	return (PyObject *)self;
}

static struct vosal_mutex *mutex_of(PyObject *object)
{
	return (struct vosal_mutex *)((struct condition *)object)->mutex;
}

/** How often the calling thread has the mutex; 0 with RuntimeError set. */
static unsigned int depth_of(PyObject *object)
{
	unsigned int depth = port_lock_depth(&mutex_of(object)->lock);

	if (depth == 0) {
		PyErr_SetString(PyExc_RuntimeError, "acquire the condition's mutex first");
	}
	return depth;
}

static void give_up(struct port_lock *lock, unsigned int depth)
{
	while (depth-- > 0) {
		(void)port_lock_give(lock);
	}
}

/** For who was notified and ends with an exception. */
static void pass_on(struct condition *self)
{
	k_spinlock_key_t key = k_spin_lock(&self->lock);

	wake(&self->side, 1);
	k_spin_unlock(&self->lock, key);
	port_reschedule();
}

PyDoc_STRVAR(wait_doc,
	     "wait($self, /, timeout=None)\n"
	     "--\n"
	     "\n"
	     "Wait for notify(), for at most timeout seconds.\n"
	     "\n"
	     "Returns False when the time has passed. Has the mutex again then, for which it\n"
	     "waits without a time-out. Only an exception, of Ctrl-C or abort(), does not wait\n"
	     "for another thread that has the mutex, and comes without it.");

static PyObject *wait_(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"timeout", NULL};
	struct condition *self = (struct condition *)object;
	struct vosal_waiter waiter = {.thread = port_thread_self()};
	struct vosal_mutex *mutex = mutex_of(object);
	struct port_lock *lock = &mutex->lock;
	PyObject *timeout = Py_None;
	unsigned int depth;
	k_timepoint_t forever = sys_timepoint_calc(K_FOREVER);
	k_timepoint_t end;
	k_spinlock_key_t key;
	bool raised;
	bool closed;
	int taken;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:wait", names, &timeout) ||
	    vosal_timeout(timeout, &end) < 0) {
		return NULL;
	}
	depth = depth_of(object);
	if (depth == 0) {
		return NULL;
	}
	key = k_spin_lock(&self->lock);
	closed = self->side.closed;
	if (!closed) {
		vosal_enter(&self->side, &waiter);
	}
	k_spin_unlock(&self->lock, key);
	if (closed) {
		return vosal_closed(object);
	}
	Py_BEGIN_ALLOW_THREADS give_up(lock, depth);
	/* Letting go of a lock may have slept on the thread's semaphore: this looks first. */
	port_wake_self();
	ret = vosal_sleep(&self->side, &waiter, end, true);
	taken = ret == EINTR ? EINTR : port_lock_take(lock, forever, true);
	Py_END_ALLOW_THREADS raised = taken == EINTR && (PyErr_CheckSignals() < 0 ||
							 vosal_mutex_acquire(mutex, forever) < 0);
	if (raised) {
		taken = port_lock_take(lock, sys_timepoint_calc(K_NO_WAIT), false);
	} else {
		taken = 0;
	}
	while (taken == 0 && --depth > 0) {
		(void)port_lock_take(lock, forever, false);
	}
	if (raised) {
		if (ret == 0) {
			pass_on(self);
		}
		return NULL;
	}
	if (ret == ESHUTDOWN) {
		return vosal_closed(object);
	}
	/* A signal whose handler raises nothing is a wake-up that nobody meant: allowed. */
	return PyBool_FromLong(ret != ETIMEDOUT);
}

PyDoc_STRVAR(notify_doc,
	     "notify($self, /, n=1)\n"
	     "--\n"
	     "\n"
	     "Wake n of those that wait, the most urgent ones. Needs the mutex. ValueError\n"
	     "once it is closed.");

static PyObject *notify(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"n", NULL};
	struct condition *self = (struct condition *)object;
	k_spinlock_key_t key;
	bool closed;
	int n = 1;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|i:notify", names, &n)) {
		return NULL;
	}
	if (depth_of(object) == 0) {
		return NULL;
	}
	key = k_spin_lock(&self->lock);
	closed = self->side.closed;
	wake(&self->side, n);
	k_spin_unlock(&self->lock, key);
	if (closed) {
		return vosal_closed(object);
	}
	/* Who is woken needs the mutex: it runs when release() lets it. */
	Py_RETURN_NONE;
}

PyDoc_STRVAR(notify_all_doc, "notify_all($self, /)\n"
			     "--\n"
			     "\n"
			     "Wake all that wait. Needs the mutex.");

static PyObject *notify_all(PyObject *object, PyObject *unused)
{
	PyObject *n = Py_BuildValue("(i)", INT_MAX);
	PyObject *ret;

	(void)unused;
	if (n == NULL) {
		return NULL;
	}
	ret = notify(object, n, NULL);
	Py_DECREF(n);
	return ret;
}

PyDoc_STRVAR(begin_doc, "wait_begin($self, notifier, /)\n"
			"--\n"
			"\n"
			"Begin to wait for notify(). Returns a Pending.\n"
			"\n"
			"The caller has the mutex now, and gives it up and gets it back itself.");

static PyObject *wait_begin(PyObject *object, PyObject *notifier)
{
	struct vosal_waiter waiter = {0};

	if (depth_of(object) == 0) {
		return NULL;
	}
	return vosal_pending_begin(object, &((struct condition *)object)->side, notifier, &waiter,
				   NULL, NULL);
}

PyDoc_STRVAR(close_doc, "close($self, /)\n"
			"--\n"
			"\n"
			"End its use: who waits, and who uses it later, gets ValueError.");

static PyObject *close_(PyObject *object, PyObject *unused)
{
	(void)unused;
	vosal_close(&((struct condition *)object)->side);
	Py_RETURN_NONE;
}

static PyObject *enter(PyObject *object, PyObject *unused)
{
	(void)unused;
	if (vosal_mutex_acquire(mutex_of(object), sys_timepoint_calc(K_FOREVER)) < 0) {
		return NULL;
	}
	return Py_NewRef(object);
}

static PyObject *leave(PyObject *object, PyObject *args)
{
	if (vosal_mutex_leave(mutex_of(object), args) < 0) {
		return NULL;
	}
	Py_RETURN_NONE;
}

static PyObject *mutex(PyObject *object, void *unused)
{
	(void)unused;
	return Py_NewRef(((struct condition *)object)->mutex);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	Py_XDECREF(((struct condition *)object)->mutex);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
	{"wait", _PyCFunction_CAST(wait_), METH_VARARGS | METH_KEYWORDS, wait_doc},
	{"notify", _PyCFunction_CAST(notify), METH_VARARGS | METH_KEYWORDS, notify_doc},
	{"notify_all", notify_all, METH_NOARGS, notify_all_doc},
	{"wait_begin", wait_begin, METH_O, begin_doc},
	{"close", close_, METH_NOARGS, close_doc},
	{"__enter__", enter, METH_NOARGS, NULL},
	{"__exit__", leave, METH_VARARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
	{"mutex", mutex, NULL, "its Mutex", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_doc, (void *)doc}, {Py_tp_new, new},       {Py_tp_dealloc, dealloc},
	{Py_tp_methods, methods}, {Py_tp_getset, getset}, {0, NULL},
};

static PyType_Spec spec = {
	.name = "_vosal.Condition",
	.basicsize = sizeof(struct condition),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

int vosal_condition_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	return vosal_add_type(module, &types->condition, &spec);
}
