/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Queue: messages of one size; threads, tasks, C threads and interrupts at its ends.
 */

#include "vosal.h"

#include <string.h>

#include <zpy/vosal.h>

#include "wait.h"

struct zpy_queue {
	struct k_spinlock lock;
	struct vosal_side getters;
	struct vosal_side putters;
	size_t size;     /* of a message */
	size_t capacity; /* in messages */
	size_t first;
	size_t used;
	size_t reserved_messages; /* of those used: for tasks that are to get them */
	size_t reserved_room;     /* of the others: for tasks that are to put there */
	uint32_t dropped;         /* puts that found no room and could not wait */
	char *messages;
};

struct queue {
	PyObject_HEAD struct zpy_queue inner;
};

static char *place(struct zpy_queue *queue, size_t index)
{
	return queue->messages + (queue->first + index) % queue->capacity * queue->size;
}

static void pop(struct zpy_queue *queue, void *message)
{
	memcpy(message, place(queue, 0), queue->size);
	queue->first = (queue->first + 1) % queue->capacity;
	queue->used--;
}

static void push(struct zpy_queue *queue, const void *message)
{
	memcpy(place(queue, queue->used++), message, queue->size);
}

/** Gets a message for a thread, or reserves one for a task. @return false: there is none */
static bool get(struct zpy_queue *queue, struct vosal_waiter *waiter)
{
	if (queue->used == queue->reserved_messages) {
		return false;
	}
	if (vosal_is_task(waiter)) {
		queue->reserved_messages++;
	} else {
		pop(queue, waiter->item);
	}
	return true;
}

/** Puts a message of a thread, or reserves room for a task's. @return false: there is none */
static bool put(struct zpy_queue *queue, struct vosal_waiter *waiter)
{
	if (queue->used + queue->reserved_room == queue->capacity) {
		return false;
	}
	if (vosal_is_task(waiter)) {
		queue->reserved_room++;
	} else {
		push(queue, waiter->item);
	}
	return true;
}

/** Lets in who waits, for as long as there are messages and room. The lock is held. */
static void serve(struct zpy_queue *queue)
{
	vosal_sort(&queue->getters);
	vosal_sort(&queue->putters);
	while (true) {
		struct vosal_waiter *getter = vosal_first(&queue->getters);
		struct vosal_waiter *putter = vosal_first(&queue->putters);

		if (getter != NULL && get(queue, getter)) {
			vosal_grant(getter);
		} else if (putter != NULL && put(queue, putter)) {
			vosal_grant(putter);
		} else {
			return;
		}
	}
}

static bool take_message(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_queue *queue = CONTAINER_OF(side, struct zpy_queue, getters);

	if (!get(queue, waiter)) {
		return false;
	}
	serve(queue);
	return true;
}

static void collect_message(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_queue *queue = CONTAINER_OF(side, struct zpy_queue, getters);

	queue->reserved_messages--;
	pop(queue, waiter->item);
	serve(queue);
}

static void leave_message(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_queue *queue = CONTAINER_OF(side, struct zpy_queue, getters);

	(void)waiter;
	queue->reserved_messages--;
	serve(queue);
}

static bool take_room(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_queue *queue = CONTAINER_OF(side, struct zpy_queue, putters);

	if (!put(queue, waiter)) {
		return false;
	}
	serve(queue);
	return true;
}

static void collect_room(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_queue *queue = CONTAINER_OF(side, struct zpy_queue, putters);

	queue->reserved_room--;
	push(queue, waiter->item);
	serve(queue);
}

static void leave_room(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct zpy_queue *queue = CONTAINER_OF(side, struct zpy_queue, putters);

	(void)waiter;
	queue->reserved_room--;
	serve(queue);
}

struct zpy_queue *zpy_queue_of(PyObject *object)
{
	struct vosal_types *types = vosal_types_of(object);

	if (types == NULL || !PyObject_TypeCheck(object, types->queue)) {
		PyErr_Format(PyExc_TypeError, "a Queue is needed, not %T", object);
		return NULL;
	}
	return &((struct queue *)object)->inner;
}

size_t zpy_queue_size(const struct zpy_queue *queue)
{
	return queue->size;
}

int zpy_queue_put(struct zpy_queue *queue, const void *message, k_timeout_t timeout)
{
	struct vosal_waiter waiter = {.item = (void *)message};
	int ret = vosal_wait(&queue->putters, &waiter, sys_timepoint_calc(timeout), true);

	if (ret == ETIMEDOUT && K_TIMEOUT_EQ(timeout, K_NO_WAIT)) {
		k_spinlock_key_t key = k_spin_lock(&queue->lock);

		queue->dropped++;
		k_spin_unlock(&queue->lock, key);
	}
	return -ret;
}

int zpy_queue_get(struct zpy_queue *queue, void *message, k_timeout_t timeout)
{
	struct vosal_waiter waiter = {.item = message};

	return -vosal_wait(&queue->getters, &waiter, sys_timepoint_calc(timeout), true);
}

PyDoc_STRVAR(doc,
	     "Queue(size, capacity)\n"
	     "--\n"
	     "\n"
	     "capacity messages of size bytes each. put() waits for room, get() for a message.\n"
	     "\n"
	     "C threads can put and get, and interrupts too.");

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"size", "capacity", NULL};
	Py_ssize_t size;
	Py_ssize_t capacity;
	struct queue *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "nn:Queue", names, &size, &capacity)) {
		return NULL;
	}
	if (size < 1 || size > 65536) {
		PyErr_SetString(PyExc_ValueError, "size must be in 1..65536 bytes");
		return NULL;
	}
	if (capacity < 1) {
		PyErr_SetString(PyExc_ValueError, "capacity must be at least 1 message");
		return NULL;
	}
	if (capacity > PY_SSIZE_T_MAX / size) {
		return PyErr_NoMemory();
	}
	self = (struct queue *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	vosal_side_init(&self->inner.getters, &self->inner.lock, take_message, collect_message,
			leave_message);
	vosal_side_init(&self->inner.putters, &self->inner.lock, take_room, collect_room,
			leave_room);
	self->inner.size = size;
	self->inner.capacity = capacity;
	self->inner.messages = PyMem_Malloc(size * capacity);
	if (self->inner.messages == NULL) {
		Py_DECREF(self);
		return PyErr_NoMemory();
	}
	return (PyObject *)self;
}

/** The bytes of a message, as a new bytes object; it must have the queue's size. */
static PyObject *message_of(PyObject *object, PyObject *message)
{
	struct zpy_queue *queue = &((struct queue *)object)->inner;
	PyObject *bytes = PyBytes_CheckExact(message) ? Py_NewRef(message) : NULL;

	if (bytes == NULL) {
		Py_buffer view;

		if (PyObject_GetBuffer(message, &view, PyBUF_SIMPLE) < 0) {
			return NULL;
		}
		bytes = PyBytes_FromStringAndSize(view.buf, view.len);
		PyBuffer_Release(&view);
	}
	if (bytes != NULL && (size_t)PyBytes_GET_SIZE(bytes) != queue->size) {
		PyErr_Format(PyExc_ValueError, "a message of this queue has %zu bytes, not %zd",
			     queue->size, PyBytes_GET_SIZE(bytes));
		Py_CLEAR(bytes);
	}
	return bytes;
}

PyDoc_STRVAR(put_doc, "put($self, message, /, timeout=None)\n"
		      "--\n"
		      "\n"
		      "Wait for room, for at most timeout seconds, and put a message.\n"
		      "\n"
		      "message is a bytes-like object of the queue's size. Returns False when the\n"
		      "time has passed.");

static PyObject *queue_put(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"", "timeout", NULL};
	struct queue *self = (struct queue *)object;
	struct vosal_waiter waiter = {0};
	PyObject *message;
	PyObject *timeout = Py_None;
	k_timepoint_t end;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:put", names, &message, &timeout) ||
	    vosal_timeout(timeout, &end) < 0) {
		return NULL;
	}
	message = message_of(object, message);
	if (message == NULL) {
		return NULL;
	}
	waiter.item = PyBytes_AS_STRING(message);
	ret = vosal_wait_python(&self->inner.putters, &waiter, end);
	Py_DECREF(message);
	return ret < 0 ? NULL : PyBool_FromLong(ret);
}

PyDoc_STRVAR(get_doc, "get($self, /, timeout=None)\n"
		      "--\n"
		      "\n"
		      "Wait for a message, for at most timeout seconds, and return it.\n"
		      "\n"
		      "Returns None when the time has passed.");

static PyObject *queue_get(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"timeout", NULL};
	struct queue *self = (struct queue *)object;
	struct vosal_waiter waiter = {0};
	PyObject *timeout = Py_None;
	PyObject *bytes;
	k_timepoint_t end;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:get", names, &timeout) ||
	    vosal_timeout(timeout, &end) < 0) {
		return NULL;
	}
	bytes = PyBytes_FromStringAndSize(NULL, self->inner.size);
	if (bytes == NULL) {
		return NULL;
	}
	waiter.item = PyBytes_AS_STRING(bytes);
	ret = vosal_wait_python(&self->inner.getters, &waiter, end);
	if (ret > 0) {
		return bytes;
	}
	Py_DECREF(bytes);
	return ret < 0 ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(put_begin_doc, "put_begin($self, notifier, message, /)\n"
			    "--\n"
			    "\n"
			    "Begin what put() does, without sleeping. Returns a Pending.");

static PyObject *put_begin(PyObject *object, PyObject *args)
{
	struct vosal_waiter waiter = {0};
	PyObject *notifier;
	PyObject *message;
	PyObject *pending;

	if (!PyArg_ParseTuple(args, "OO:put_begin", &notifier, &message)) {
		return NULL;
	}
	message = message_of(object, message);
	if (message == NULL) {
		return NULL;
	}
	waiter.item = PyBytes_AS_STRING(message);
	pending = vosal_pending_begin(object, &((struct queue *)object)->inner.putters, notifier,
				      &waiter, message, NULL);
	Py_DECREF(message);
	return pending;
}

static PyObject *got(struct vosal_pending *pending)
{
	return Py_NewRef(pending->buffer);
}

PyDoc_STRVAR(get_begin_doc, "get_begin($self, notifier, /)\n"
			    "--\n"
			    "\n"
			    "Begin what get() does, without sleeping. Returns a Pending.");

static PyObject *get_begin(PyObject *object, PyObject *notifier)
{
	struct queue *self = (struct queue *)object;
	PyObject *bytes = PyBytes_FromStringAndSize(NULL, self->inner.size);
	struct vosal_waiter waiter = {0};
	PyObject *pending;

	if (bytes == NULL) {
		return NULL;
	}
	waiter.item = PyBytes_AS_STRING(bytes);
	pending = vosal_pending_begin(object, &self->inner.getters, notifier, &waiter, bytes, got);
	Py_DECREF(bytes);
	return pending;
}

PyDoc_STRVAR(close_doc, "close($self, /)\n"
			"--\n"
			"\n"
			"End its use: who waits, and who uses it later, gets ValueError.");

static PyObject *close_(PyObject *object, PyObject *unused)
{
	struct queue *self = (struct queue *)object;

	(void)unused;
	vosal_close(&self->inner.getters);
	vosal_close(&self->inner.putters);
	Py_RETURN_NONE;
}

static Py_ssize_t length(PyObject *object)
{
	struct zpy_queue *queue = &((struct queue *)object)->inner;
	k_spinlock_key_t key = k_spin_lock(&queue->lock);
	size_t messages = queue->used - queue->reserved_messages;

	k_spin_unlock(&queue->lock, key);
	return (Py_ssize_t)messages;
}

static int is_true(PyObject *object)
{
	(void)object;
	return 1; /* an empty queue is one, too */
}

static PyObject *size(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromSize_t(((struct queue *)object)->inner.size);
}

static PyObject *capacity(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromSize_t(((struct queue *)object)->inner.capacity);
}

static PyObject *dropped(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromUnsignedLong(((struct queue *)object)->inner.dropped);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	PyMem_Free(((struct queue *)object)->inner.messages);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
	{"put", _PyCFunction_CAST(queue_put), METH_VARARGS | METH_KEYWORDS, put_doc},
	{"get", _PyCFunction_CAST(queue_get), METH_VARARGS | METH_KEYWORDS, get_doc},
	{"put_begin", put_begin, METH_VARARGS, put_begin_doc},
	{"get_begin", get_begin, METH_O, get_begin_doc},
	{"close", close_, METH_NOARGS, close_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
	{"size", size, NULL, "the bytes of a message", NULL},
	{"capacity", capacity, NULL, "the messages that it has room for", NULL},
	{"dropped", dropped, NULL, "messages that C or an interrupt put when it was full", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_doc, (void *)doc}, {Py_tp_new, new},
	{Py_tp_dealloc, dealloc}, {Py_tp_methods, methods},
	{Py_tp_getset, getset},   {Py_sq_length, length},
	{Py_nb_bool, is_true},    {0, NULL},
};

static PyType_Spec spec = {
	.name = "_vosal.Queue",
	.basicsize = sizeof(struct queue),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

int vosal_queue_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	return vosal_add_type(module, &types->queue, &spec);
}
