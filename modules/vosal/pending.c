/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Waits of tasks: a Pending stands in a queue, a Notifier wakes the loop that it is for.
 *
 * The queue, then the notifier's list, has a reference to a Pending; drain() gives it away.
 */

#include "vosal.h"

#include <fcntl.h>
#include <unistd.h>

#include "wait.h"

void vosal_notify(struct vosal_pending *pending)
{
	struct vosal_notifier *notifier = pending->notifier;
	k_spinlock_key_t key = k_spin_lock(&notifier->lock);

	sys_slist_append(&notifier->completed, &pending->node);
	if (notifier->event != NULL) {
		port_event_add(notifier->event, 1);
	}
	k_spin_unlock(&notifier->lock, key);
}

static PyObject *notifier_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	struct vosal_notifier *self;

	if (PyTuple_GET_SIZE(args) != 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0)) {
		PyErr_SetString(PyExc_TypeError, "Notifier() takes no arguments");
		return NULL;
	}
	self = (struct vosal_notifier *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	sys_slist_init(&self->completed);
	self->fd = -1;
	self->event = port_event_new(O_NONBLOCK);
	if (self->event == NULL) {
		PyErr_SetFromErrno(PyExc_OSError);
		Py_DECREF(self);
		return NULL;
	}
	atomic_inc(&self->event->refs); /* one for the descriptor, one for interrupts */
	self->fd = port_fd_install(self->event);
	if (self->fd < 0) {
		PyErr_SetFromErrno(PyExc_OSError);
		Py_DECREF(self);
		return NULL;
	}
	return (PyObject *)self;
}

/** Takes all that is completed. */
static sys_slist_t take_completed(struct vosal_notifier *self)
{
	k_spinlock_key_t key = k_spin_lock(&self->lock);
	sys_slist_t all = self->completed;

	sys_slist_init(&self->completed);
	k_spin_unlock(&self->lock, key);
	return all;
}

PyDoc_STRVAR(drain_doc,
	     "drain($self, /)\n"
	     "--\n"
	     "\n"
	     "Return a list of the Pending objects that were granted since the last call.");

static PyObject *notifier_drain(PyObject *object, PyObject *unused)
{
	struct vosal_notifier *self = (struct vosal_notifier *)object;
	PyObject *list = PyList_New(0);
	uint64_t count;
	sys_slist_t all;
	sys_snode_t *node;

	(void)unused;
	if (list == NULL) {
		return NULL;
	}
	if (self->fd >= 0) {
		(void)read(self->fd, &count, sizeof(count)); /* it may be 0, which is no error */
	}
	all = take_completed(self);
	while ((node = sys_slist_get(&all)) != NULL) {
		PyObject *pending = (PyObject *)CONTAINER_OF(node, struct vosal_pending, node);
		int ret = PyList_Append(list, pending);

		Py_DECREF(pending);
		if (ret < 0) {
			Py_CLEAR(list);
			break;
		}
	}
	while ((node = sys_slist_get(&all)) != NULL) {
		Py_DECREF((PyObject *)CONTAINER_OF(node, struct vosal_pending, node));
	}
	return list;
}

PyDoc_STRVAR(fileno_doc,
	     "fileno($self, /)\n"
	     "--\n"
	     "\n"
	     "Return the descriptor that is readable when drain() has something to give.");

static PyObject *notifier_fileno(PyObject *object, PyObject *unused)
{
	struct vosal_notifier *self = (struct vosal_notifier *)object;

	(void)unused;
	if (self->fd < 0) {
		return vosal_closed(object);
	}
	return PyLong_FromLong(self->fd);
}

/** Gives away the references to all that is completed. */
static void drop_completed(struct vosal_notifier *self)
{
	sys_slist_t all = take_completed(self);
	sys_snode_t *node;

	while ((node = sys_slist_get(&all)) != NULL) {
		Py_DECREF((PyObject *)CONTAINER_OF(node, struct vosal_pending, node));
	}
}

static void notifier_end(struct vosal_notifier *self)
{
	k_spinlock_key_t key = k_spin_lock(&self->lock);
	struct open_file *event = self->event;

	self->event = NULL;
	k_spin_unlock(&self->lock, key);
	if (self->fd >= 0) {
		close(self->fd);
		self->fd = -1;
	}
	if (event != NULL) {
		port_file_put(event);
	}
	drop_completed(self);
}

PyDoc_STRVAR(notifier_close_doc, "close($self, /)\n"
				 "--\n"
				 "\n"
				 "Give the descriptor back.");

static PyObject *notifier_close(PyObject *object, PyObject *unused)
{
	(void)unused;
	notifier_end((struct vosal_notifier *)object);
	Py_RETURN_NONE;
}

static void notifier_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	notifier_end((struct vosal_notifier *)object);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef notifier_methods[] = {
	{"drain", notifier_drain, METH_NOARGS, drain_doc},
	{"fileno", notifier_fileno, METH_NOARGS, fileno_doc},
	{"close", notifier_close, METH_NOARGS, notifier_close_doc},
	{NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(notifier_doc, "Notifier()\n"
			   "--\n"
			   "\n"
			   "What an event loop watches to hear of its Pending objects.");

static PyType_Slot notifier_slots[] = {
	{Py_tp_doc, (void *)notifier_doc},
	{Py_tp_new, notifier_new},
	{Py_tp_dealloc, notifier_dealloc},
	{Py_tp_methods, notifier_methods},
	{0, NULL},
};

static PyType_Spec notifier_spec = {
	.name = "_vosal.Notifier",
	.basicsize = sizeof(struct vosal_notifier),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = notifier_slots,
};

/* Pending */

struct vosal_pending *vosal_pending_new(PyObject *owner, PyObject *notifier)
{
	struct vosal_types *types = vosal_types_of(owner);
	struct vosal_pending *self;

	if (types == NULL) {
		return NULL;
	}
	if (!Py_IS_TYPE(notifier, types->notifier)) {
		PyErr_Format(PyExc_TypeError, "a Notifier is needed, not %T", notifier);
		return NULL;
	}
	if (((struct vosal_notifier *)notifier)->fd < 0) {
		vosal_closed(notifier);
		return NULL;
	}
	self = (struct vosal_pending *)types->pending->tp_alloc(types->pending, 0);
	if (self != NULL) {
		self->owner = Py_NewRef(owner);
		self->notifier = (struct vosal_notifier *)Py_NewRef(notifier);
		self->waiter.pending = self;
	}
	return self;
}

PyObject *vosal_pending_begin(PyObject *owner, struct vosal_side *side, PyObject *notifier,
			      const struct vosal_waiter *wanted, PyObject *buffer,
			      PyObject *(*result)(struct vosal_pending *))
{
	struct vosal_pending *self = vosal_pending_new(owner, notifier);
	k_spinlock_key_t key;
	bool closed;

	if (self == NULL) {
		return NULL;
	}
	self->waiter = *wanted;
	self->waiter.thread = NULL;
	self->waiter.pending = self;
	self->side = side;
	self->result = result;
	self->buffer = Py_XNewRef(buffer);
	key = k_spin_lock(side->lock);
	closed = side->closed;
	if (!closed) {
		if (side->take(side, &self->waiter)) {
			self->waiter.granted = true;
		} else {
			Py_INCREF(self);
			vosal_enter(side, &self->waiter);
		}
	}
	k_spin_unlock(side->lock, key);
	port_reschedule();
	if (closed) {
		Py_DECREF(self);
		return vosal_closed(owner);
	}
	return (PyObject *)self;
}

static void pending_dealloc(PyObject *object)
{
	struct vosal_pending *self = (struct vosal_pending *)object;
	PyTypeObject *type = Py_TYPE(object);

	Py_XDECREF(self->buffer);
	Py_XDECREF(self->owner);
	Py_XDECREF(self->notifier);
	type->tp_free(object);
	Py_DECREF(type);
}

static bool is_granted(struct vosal_pending *self)
{
	return self->side != NULL ? self->waiter.granted : port_lock_granted(&self->lock_waiter);
}

PyDoc_STRVAR(result_doc,
	     "result($self, /)\n"
	     "--\n"
	     "\n"
	     "Take and return what was waited for. Raises ValueError when the object was closed,\n"
	     "and RuntimeError before it is done.");

static PyObject *result(struct vosal_pending *self)
{
	if (!is_granted(self) || self->cancelled) {
		PyErr_SetString(PyExc_RuntimeError, "the wait is not done");
		return NULL;
	}
	if (self->waiter.closed) {
		return vosal_closed(self->owner);
	}
	if (self->side != NULL && self->side->collect != NULL) {
		k_spinlock_key_t key = k_spin_lock(self->side->lock);

		if (!self->taken) {
			self->taken = true;
			self->side->collect(self->side, &self->waiter);
		}
		k_spin_unlock(self->side->lock, key);
		port_reschedule(); /* what was taken may have let another in */
	}
	if (self->result != NULL) {
		return self->result(self);
	}
	Py_RETURN_TRUE;
}

static PyObject *pending_result(PyObject *object, PyObject *unused)
{
	PyObject *got;

	(void)unused;
	Py_BEGIN_CRITICAL_SECTION(object);
	got = result((struct vosal_pending *)object);
	Py_END_CRITICAL_SECTION();
	return got;
}

PyDoc_STRVAR(
	cancel_doc,
	"cancel($self, /)\n"
	"--\n"
	"\n"
	"Stop waiting, and give back what was granted and not taken. Returns True if it still\n"
	"waited.");

static bool cancel(struct vosal_pending *self)
{
	bool waited;

	if (self->cancelled) {
		return false;
	}
	if (self->side == NULL) {
		waited = port_lock_cancel(&self->lock_waiter);
		if (!waited) {
			(void)port_lock_give(self->lock_waiter.lock);
		}
	} else {
		k_spinlock_key_t key = k_spin_lock(self->side->lock);

		waited = !self->waiter.granted;
		if (waited) {
			sys_dlist_remove(&self->waiter.node);
		} else if (!self->waiter.closed && !self->taken && self->side->undo != NULL) {
			self->side->undo(self->side, &self->waiter);
		}
		k_spin_unlock(self->side->lock, key);
		port_reschedule();
	}
	self->cancelled = true;
	return waited;
}

static PyObject *pending_cancel(PyObject *object, PyObject *unused)
{
	bool waited;

	(void)unused;
	Py_BEGIN_CRITICAL_SECTION(object);
	waited = cancel((struct vosal_pending *)object);
	Py_END_CRITICAL_SECTION();
	if (waited) {
		Py_DECREF(object); /* the queue's */
	} else if (((struct vosal_pending *)object)->notifier->fd < 0) {
		/* Its loop was closed before it was granted: nobody calls drain() any more. */
		drop_completed(((struct vosal_pending *)object)->notifier);
	}
	return PyBool_FromLong(waited);
}

static PyObject *pending_done(PyObject *object, void *unused)
{
	(void)unused;
	return PyBool_FromLong(is_granted((struct vosal_pending *)object));
}

static PyMethodDef pending_methods[] = {
	{"result", pending_result, METH_NOARGS, result_doc},
	{"cancel", pending_cancel, METH_NOARGS, cancel_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef pending_getset[] = {
	{"done", pending_done, NULL, "whether it has been granted", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot pending_slots[] = {
	{Py_tp_doc, "A wait that does not sleep: the begin functions of the objects make it."},
	{Py_tp_dealloc, pending_dealloc},
	{Py_tp_methods, pending_methods},
	{Py_tp_getset, pending_getset},
	{0, NULL},
};

static PyType_Spec pending_spec = {
	.name = "_vosal.Pending",
	.basicsize = sizeof(struct vosal_pending),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = pending_slots,
};

int vosal_pending_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	return vosal_add_type(module, &types->notifier, &notifier_spec) < 0 ||
			       vosal_add_type(module, &types->pending, &pending_spec) < 0
		       ? -1
		       : 0;
}
