/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Interrupt: from an ISR to the interrupt thread, which runs Python.
 *
 * zpy_interrupt_post() takes the time, puts the event into the source's own queue and the source
 * into the line of those that have something; interrupt_wait() takes one event of the first source
 * and sends the source to the end of the line. So no source can keep another from being served.
 *
 * Sources are Python objects, but interrupts do not count references: a source leaves the line
 * and the list of all before it is freed.
 */

#include "interrupt.h"

#include <stdio.h>
#include <string.h>

#include <zephyr/init.h>

#include "vosal.h"
#include "wait.h"

#define NAME_SIZE 32

struct happening {
	uint64_t cycles;
	uint32_t value;
};

struct zpy_interrupt {
	sys_dnode_t node;        /* in the list of all */
	sys_dnode_t ready;       /* in the line, if it is_ready */
	unsigned int generation; /* the interpreter that made it */
	bool is_ready;
	bool masked;
	char name[NAME_SIZE];
	struct happening *queue;
	uint32_t depth;
	uint32_t first;
	uint32_t used;
	uint64_t debounce; /* cycles in which what follows an event is not one */
	uint64_t last;
	bool any; /* there was a last one */
	struct port_alarm trigger;
	uint32_t trigger_value;
	uint64_t count;
	uint64_t dropped;
	uint64_t bounced;
	uint64_t suppressed; /* while masked */
	uint64_t handled;
	uint64_t latency_sum; /* cycles from the ISR to interrupt_wait()'s return */
	uint64_t latency_worst;
};

struct interrupt {
	PyObject_HEAD struct zpy_interrupt inner;
};

static bool any_ready(struct vosal_side *side, struct vosal_waiter *waiter);
static bool in_isr(struct port_alarm *alarm);

static struct k_spinlock lock;
static sys_dlist_t all = SYS_DLIST_STATIC_INIT(&all);
static sys_dlist_t line = SYS_DLIST_STATIC_INIT(&line);
static struct vosal_side server = {
	.lock = &lock,
	.waiters = SYS_DLIST_STATIC_INIT(&server.waiters),
	.take = any_ready,
};

static unsigned int generation; /* of interpreters: a restart leaves sources without objects */

/* Whose callbacks run now, and since when: what watches over them reads it without a lock. */
static char running[NAME_SIZE];
static int64_t running_since;

static bool any_ready(struct vosal_side *side, struct vosal_waiter *waiter)
{
	(void)side;
	(void)waiter;
	return !sys_dlist_is_empty(&line);
}

bool vosal_interrupt_post_at(struct zpy_interrupt *source, uint32_t value, uint64_t cycles)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	struct vosal_waiter *waiter;
	bool queued = false;

	source->count++;
	if (source->generation != generation) {
		source->masked = true;
	}
	if (source->masked) {
		source->suppressed++;
	} else if (source->any && cycles - source->last < source->debounce) {
		source->bounced++;
	} else if (source->used == source->depth) {
		source->dropped++;
	} else {
		source->any = true;
		source->last = cycles;
		source->queue[(source->first + source->used++) % source->depth] =
			(struct happening){.cycles = cycles, .value = value};
		if (!source->is_ready) {
			source->is_ready = true;
			sys_dlist_append(&line, &source->ready);
		}
		waiter = vosal_first(&server);
		if (waiter != NULL) {
			vosal_grant(waiter);
		}
		queued = true;
	}
	k_spin_unlock(&lock, key);
	port_reschedule();
	return queued;
}

bool zpy_interrupt_post(struct zpy_interrupt *source, uint32_t value)
{
	return vosal_interrupt_post_at(source, value, port_cycles());
}

PyDoc_STRVAR(doc, "Interrupt(name, depth=64, debounce=0)\n"
		  "--\n"
		  "\n"
		  "A source of interrupts, with a queue of depth events.\n"
		  "\n"
		  "debounce is in seconds: what follows an event in that time is not one.");

static PyObject *make(PyTypeObject *type, const char *name, int depth)
{
	struct interrupt *self;
	k_spinlock_key_t key;

	/* One whose name is cut would not be found by it. */
	if (strlen(name) >= NAME_SIZE) {
		return PyErr_Format(PyExc_ValueError, "a source's name has %d bytes at most",
				    NAME_SIZE - 1);
	}
	self = (struct interrupt *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	self->inner.depth = depth;
	self->inner.trigger.rang = in_isr;
	self->inner.generation = generation;
	strcpy(self->inner.name, name);
	sys_dnode_init(&self->inner.node);
	self->inner.queue = PyMem_Malloc(depth * sizeof(*self->inner.queue));
	if (self->inner.queue == NULL) {
		Py_DECREF(self);
		return PyErr_NoMemory();
	}
	PyUnstable_EnableTryIncRef((PyObject *)self);
	key = k_spin_lock(&lock);
	sys_dlist_append(&all, &self->inner.node);
	k_spin_unlock(&lock, key);
	return (PyObject *)self;
}

static int to_cycles(PyObject *seconds, uint64_t *cycles)
{
	double value = PyFloat_AsDouble(seconds);

	if (value == -1.0 && PyErr_Occurred()) {
		return -1;
	}
	if (!(value >= 0 && value <= 3600)) {
		PyErr_SetString(PyExc_ValueError, "debounce must be in 0..3600 s");
		return -1;
	}
	*cycles = (uint64_t)(value * sys_clock_hw_cycles_per_sec());
	return 0;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"name", "depth", "debounce", NULL};
	const char *name;
	int depth = 64;
	PyObject *debounce = NULL;
	PyObject *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s|iO:Interrupt", names, &name, &depth,
					 &debounce)) {
		return NULL;
	}
	if (depth < 1 || depth > 65536) {
		PyErr_SetString(PyExc_ValueError, "depth must be in 1..65536");
		return NULL;
	}
	self = make(type, name, depth);
	if (self != NULL && debounce != NULL &&
	    to_cycles(debounce, &((struct interrupt *)self)->inner.debounce) < 0) {
		Py_CLEAR(self);
	}
	return self;
}

PyObject *zpy_interrupt_new(const char *name)
{
	PyObject *module = PyImport_ImportModule("_vosal");
	struct vosal_types *types = module != NULL ? PyModule_GetState(module) : NULL;
	PyObject *self = types != NULL ? make(types->interrupt, name, 64) : NULL;

	Py_XDECREF(module);
	return self;
}

struct zpy_interrupt *zpy_interrupt_of(PyObject *object)
{
	struct vosal_types *types = vosal_types_of(object);

	if (types == NULL || !PyObject_TypeCheck(object, types->interrupt)) {
		PyErr_Format(PyExc_TypeError, "an Interrupt is needed, not %T", object);
		return NULL;
	}
	return &((struct interrupt *)object)->inner;
}

static void dealloc(PyObject *object)
{
	struct interrupt *self = (struct interrupt *)object;
	PyTypeObject *type = Py_TYPE(object);
	k_spinlock_key_t key;

	port_alarm_cancel(&self->inner.trigger);
	key = k_spin_lock(&lock);
	/* The lists that one of an earlier interpreter was in are gone. */
	if (self->inner.generation == generation) {
		if (sys_dnode_is_linked(&self->inner.node)) {
			sys_dlist_remove(&self->inner.node);
		}
		if (self->inner.is_ready) {
			sys_dlist_remove(&self->inner.ready);
		}
	}
	k_spin_unlock(&lock, key);
	PyMem_Free(self->inner.queue);
	type->tp_free(object);
	Py_DECREF(type);
}

static int to_value(PyObject *object, void *out)
{
	unsigned long value = PyLong_AsUnsignedLongMask(object);

	if (value == (unsigned long)-1 && PyErr_Occurred()) {
		return 0;
	}
	*(uint32_t *)out = (uint32_t)value;
	return 1;
}

PyDoc_STRVAR(post_doc, "post($self, value=0, /)\n"
		       "--\n"
		       "\n"
		       "Tell that it has happened. value has 32 bits.\n"
		       "\n"
		       "Returns False when the event was masked, bounced or dropped.");

static PyObject *post(PyObject *object, PyObject *args)
{
	uint32_t value = 0;

	if (!PyArg_ParseTuple(args, "|O&:post", to_value, &value)) {
		return NULL;
	}
	return PyBool_FromLong(zpy_interrupt_post(&((struct interrupt *)object)->inner, value));
}

static bool in_isr(struct port_alarm *alarm)
{
	struct zpy_interrupt *source = CONTAINER_OF(alarm, struct zpy_interrupt, trigger);

	(void)zpy_interrupt_post(source, source->trigger_value);
	return false;
}

PyDoc_STRVAR(trigger_doc, "trigger($self, value=0, /)\n"
			  "--\n"
			  "\n"
			  "Post out of a true interrupt: the system timer's, at its next tick.\n"
			  "\n"
			  "What is triggered again before that happens once.");

static PyObject *trigger(PyObject *object, PyObject *args)
{
	struct zpy_interrupt *source = &((struct interrupt *)object)->inner;
	uint32_t value = 0;

	if (!PyArg_ParseTuple(args, "|O&:trigger", to_value, &value)) {
		return NULL;
	}
	source->trigger_value = value;
	port_alarm_set(&source->trigger, sys_timepoint_calc(K_NO_WAIT));
	Py_RETURN_NONE;
}

static PyObject *name(PyObject *object, void *unused)
{
	(void)unused;
	return PyUnicode_FromString(((struct interrupt *)object)->inner.name);
}

static PyObject *depth(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromUnsignedLong(((struct interrupt *)object)->inner.depth);
}

static PyObject *masked(PyObject *object, void *unused)
{
	(void)unused;
	return PyBool_FromLong(((struct interrupt *)object)->inner.masked);
}

static int set_masked(PyObject *object, PyObject *value, void *unused)
{
	int truth = value != NULL ? PyObject_IsTrue(value) : -1;

	(void)unused;
	if (value == NULL) {
		PyErr_SetString(PyExc_AttributeError, "masked cannot be deleted");
	}
	if (truth < 0) {
		return -1;
	}
	((struct interrupt *)object)->inner.masked = truth;
	return 0;
}

static PyObject *debounce(PyObject *object, void *unused)
{
	(void)unused;
	return PyFloat_FromDouble((double)((struct interrupt *)object)->inner.debounce /
				  sys_clock_hw_cycles_per_sec());
}

static int set_debounce(PyObject *object, PyObject *value, void *unused)
{
	(void)unused;
	if (value == NULL) {
		PyErr_SetString(PyExc_AttributeError, "debounce cannot be deleted");
		return -1;
	}
	return to_cycles(value, &((struct interrupt *)object)->inner.debounce);
}

/** The counters: closure is the offset of one. */
static PyObject *counter(PyObject *object, void *closure)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	uint64_t value = *(uint64_t *)((char *)object + (size_t)closure);

	k_spin_unlock(&lock, key);
	return PyLong_FromUnsignedLongLong(value);
}

static PyObject *nanoseconds(PyObject *object, void *closure)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	uint64_t value = *(uint64_t *)((char *)object + (size_t)closure);

	k_spin_unlock(&lock, key);
	return PyLong_FromUnsignedLongLong(k_cyc_to_ns_floor64(value));
}

static PyObject *pending(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromUnsignedLong(((struct interrupt *)object)->inner.used);
}

PyDoc_STRVAR(reset_doc, "reset($self, /)\n"
			"--\n"
			"\n"
			"Set all counters and times to 0.");

static PyObject *reset(PyObject *object, PyObject *unused)
{
	struct zpy_interrupt *source = &((struct interrupt *)object)->inner;
	k_spinlock_key_t key = k_spin_lock(&lock);

	(void)unused;
	source->count = source->dropped = source->bounced = source->suppressed = 0;
	source->handled = source->latency_sum = source->latency_worst = 0;
	k_spin_unlock(&lock, key);
	Py_RETURN_NONE;
}

static PyObject *repr(PyObject *object)
{
	struct zpy_interrupt *source = &((struct interrupt *)object)->inner;

	return PyUnicode_FromFormat("<Interrupt %s: %llu>", source->name,
				    (unsigned long long)source->count);
}

/** What a task waits with is written in Python. */
static PyObject *in_python(PyObject *object, const char *function)
{
	PyObject *module = PyImport_ImportModule("kernel.interrupts");
	PyObject *result =
		module != NULL ? PyObject_CallMethod(module, function, "O", object) : NULL;

	Py_XDECREF(module);
	return result;
}

static PyObject *iterate(PyObject *object)
{
	return in_python(object, "Events");
}

PyDoc_STRVAR(next_doc, "next($self, /)\n"
		       "--\n"
		       "\n"
		       "The next event, to be awaited.");

static PyObject *next_event(PyObject *object, PyObject *unused)
{
	(void)unused;
	return in_python(object, "next_event");
}

#define OFFSET(field) ((void *)offsetof(struct interrupt, inner.field))

static PyMethodDef methods[] = {
	{"post", post, METH_VARARGS, post_doc},
	{"trigger", trigger, METH_VARARGS, trigger_doc},
	{"next", next_event, METH_NOARGS, next_doc},
	{"reset", reset, METH_NOARGS, reset_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
	{"name", name, NULL, "its name", NULL},
	{"depth", depth, NULL, "the events that its queue has room for", NULL},
	{"masked", masked, set_masked, "whether events are ignored", NULL},
	{"debounce", debounce, set_debounce, "seconds in which what follows an event is none",
	 NULL},
	{"pending", pending, NULL, "the events in its queue", NULL},
	{"count", counter, NULL, "how often it has happened", OFFSET(count)},
	{"dropped", counter, NULL, "events that found the queue full", OFFSET(dropped)},
	{"bounced", counter, NULL, "events that came too soon", OFFSET(bounced)},
	{"suppressed", counter, NULL, "events while it was masked", OFFSET(suppressed)},
	{"handled", counter, NULL, "events that interrupt_wait() returned", OFFSET(handled)},
	{"latency_worst_ns", nanoseconds, NULL, "the longest way to interrupt_wait()'s return",
	 OFFSET(latency_worst)},
	{"latency_sum_ns", nanoseconds, NULL, "all ways together", OFFSET(latency_sum)},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_doc, (void *)doc}, {Py_tp_new, new},   {Py_tp_dealloc, dealloc},
	{Py_am_aiter, iterate},   {Py_tp_repr, repr}, {Py_tp_methods, methods},
	{Py_tp_getset, getset},   {0, NULL},
};

static PyType_Spec spec = {
	.name = "_vosal.Interrupt",
	.basicsize = sizeof(struct interrupt),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

/** Takes the first event of the first source, with a reference to that. NULL: there is none. */
static struct interrupt *next(struct happening *happening)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	struct interrupt *found = NULL;

	while (found == NULL && !sys_dlist_is_empty(&line)) {
		sys_dnode_t *node = sys_dlist_get(&line);
		struct zpy_interrupt *source = CONTAINER_OF(node, struct zpy_interrupt, ready);

		source->is_ready = false;
		found = CONTAINER_OF(source, struct interrupt, inner);
		if (!PyUnstable_TryIncRef((PyObject *)found)) {
			found = NULL; /* it is being freed */
			continue;
		}
		*happening = source->queue[source->first];
		source->first = (source->first + 1) % source->depth;
		if (--source->used > 0) {
			source->is_ready = true;
			sys_dlist_append(&line, &source->ready);
		}
		source->handled++;
	}
	k_spin_unlock(&lock, key);
	return found;
}

PyDoc_STRVAR(interrupt_wait_doc,
	     "interrupt_wait(timeout=None)\n"
	     "--\n"
	     "\n"
	     "Wait for an event of any source; return (source, time_ns, value).\n"
	     "\n"
	     "time_ns is the uptime at which it happened. Returns None after timeout seconds.\n"
	     "For the interrupt thread: see kernel.interrupts.");

static PyObject *interrupt_wait(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"timeout", NULL};
	PyObject *timeout = Py_None;
	struct happening happening;
	struct interrupt *source;
	k_spinlock_key_t key;
	k_timepoint_t end;
	uint64_t latency;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:interrupt_wait", names, &timeout) ||
	    vosal_timeout(timeout, &end) < 0) {
		return NULL;
	}
	running_since = 0;
	while ((source = next(&happening)) == NULL) {
		struct vosal_waiter waiter = {0};
		int ret = vosal_wait_python(&server, &waiter, end);

		if (ret < 0) {
			return NULL;
		}
		if (ret == 0) {
			Py_RETURN_NONE;
		}
	}
	latency = port_cycles() - happening.cycles;
	key = k_spin_lock(&lock);
	source->inner.latency_sum += latency;
	source->inner.latency_worst = MAX(source->inner.latency_worst, latency);
	k_spin_unlock(&lock, key);
	(void)memcpy(running, source->inner.name, NAME_SIZE);
	running_since = k_uptime_get();
	return Py_BuildValue("(NKI)", source,
			     (unsigned long long)k_cyc_to_ns_floor64(happening.cycles),
			     (unsigned int)happening.value);
}

PyDoc_STRVAR(interrupts_doc, "interrupts()\n"
			     "--\n"
			     "\n"
			     "Return a list of all Interrupt objects.");

static PyObject *interrupts(PyObject *module, PyObject *unused)
{
	PyObject *list = PyList_New(0);
	size_t size = 0;
	size_t used = 0;
	PyObject **found = NULL;
	struct zpy_interrupt *source;

	(void)module;
	(void)unused;
	/* Memory cannot be asked for under the lock: count, make room, and look again. */
	do {
		k_spinlock_key_t key;

		while (used > 0) {
			Py_DECREF(found[--used]);
		}
		PyMem_Free(found);
		size += 16;
		found = PyMem_Malloc(size * sizeof(*found));
		if (found == NULL) {
			Py_XDECREF(list);
			return PyErr_NoMemory();
		}
		key = k_spin_lock(&lock);
		SYS_DLIST_FOR_EACH_CONTAINER(&all, source, node) {
			PyObject *object =
				(PyObject *)CONTAINER_OF(source, struct interrupt, inner);

			if (used < size && PyUnstable_TryIncRef(object)) {
				found[used++] = object;
			}
		}
		k_spin_unlock(&lock, key);
	} while (used == size);
	for (size_t i = 0; i < used; i++) {
		if (list != NULL && PyList_Append(list, found[i]) < 0) {
			Py_CLEAR(list);
		}
		Py_DECREF(found[i]);
	}
	PyMem_Free(found);
	return list;
}

/* Callbacks that do not come back. The work queue is more urgent than any Python thread. */

static void watch(struct k_work *work);
static K_WORK_DELAYABLE_DEFINE(watching, watch);

static void watch(struct k_work *work)
{
	static int64_t said;
	int64_t since = running_since;
	int64_t now = k_uptime_get();

	(void)work;
	if (since != 0 && since != said && now - since >= CONFIG_ZPY_INTERRUPT_SLOW_MS) {
		char text[128];
		int size = snprintf(text, sizeof(text),
				    "[ZPy] WARN  kernel.interrupts: %s: a callback runs for %d ms "
				    "and does not return\r\n",
				    running, (int)(now - since));

		said = since;
		(void)port_console_write(text, MIN(size, (int)sizeof(text) - 1));
	}
	k_work_schedule(&watching, K_MSEC(CONFIG_ZPY_INTERRUPT_SLOW_MS / 2));
}

static int start_watching(void)
{
	k_work_schedule(&watching, K_MSEC(CONFIG_ZPY_INTERRUPT_SLOW_MS));
	return 0;
}

SYS_INIT(start_watching, APPLICATION, 90);

static PyMethodDef functions[] = {
	{"interrupt_wait", _PyCFunction_CAST(interrupt_wait), METH_VARARGS | METH_KEYWORDS,
	 interrupt_wait_doc},
	{"interrupts", interrupts, METH_NOARGS, interrupts_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_interrupt_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	if (PyInterpreterState_Get() == PyInterpreterState_Main()) {
		k_spinlock_key_t key = k_spin_lock(&lock);

		running_since = 0;
		generation++;
		sys_dlist_init(&all);
		sys_dlist_init(&line);
		sys_dlist_init(&server.waiters);
		k_spin_unlock(&lock, key);
	}
	if (PyModule_AddIntConstant(module, "INTERRUPT_PRIORITY", CONFIG_ZPY_INTERRUPT_PRIORITY) <
		    0 ||
	    PyModule_AddFunctions(module, functions) < 0) {
		return -1;
	}
	return vosal_add_type(module, &types->interrupt, &spec);
}
