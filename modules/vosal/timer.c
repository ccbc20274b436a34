/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Timer: one-shot or periodic, with the error of its period measured.
 *
 * Each expiry sets the next one by the time at which that is due, so a period that is no multiple
 * of Zephyr's tick does not drift.
 */

#include "interrupt.h"

#include "vosal.h"
#include "wait.h"

struct timer {
	PyObject_HEAD struct k_spinlock lock;
	struct vosal_side side;
	struct port_alarm alarm;
	PyObject *interrupt;
	struct zpy_interrupt *source; /* the inside of it, or NULL */
	int64_t due;                  /* uptime in ns */
	int64_t period;               /* ns; 0: one shot */
	bool active;
	uint32_t status; /* expiries that nobody has waited for */
	uint64_t expiries;
	uint64_t overruns;
	uint64_t error_sum; /* ns after the time it was due */
	int64_t error_worst;
};

static bool take(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct timer *self = CONTAINER_OF(side, struct timer, side);

	if (self->status == 0) {
		return false;
	}
	waiter->value = self->status;
	self->status = 0;
	return true;
}

/** Tells all that wait what has been counted, if anything has. The lock is held. */
static void serve(struct timer *self)
{
	uint32_t status = self->status;
	struct vosal_waiter *waiter;

	while (status > 0 && (waiter = vosal_first(&self->side)) != NULL) {
		waiter->value = status;
		self->status = 0;
		vosal_grant(waiter);
	}
}

static void undo(struct vosal_side *side, struct vosal_waiter *waiter)
{
	struct timer *self = CONTAINER_OF(side, struct timer, side);

	self->status += waiter->value;
	serve(self);
}

/** When the time has come that is due. */
static k_timepoint_t when(int64_t due, int64_t now)
{
	return sys_timepoint_calc(due > now ? port_timeout_ns(due - now) : K_NO_WAIT);
}

static bool expired(struct port_alarm *alarm)
{
	struct timer *self = CONTAINER_OF(alarm, struct timer, alarm);
	uint64_t cycles = port_cycles();
	int64_t now = (int64_t)k_cyc_to_ns_floor64(cycles);
	k_spinlock_key_t key = k_spin_lock(&self->lock);
	int64_t error = now - self->due;
	uint32_t status;
	bool again = self->active;

	if (!again || error < 0) {
		alarm->end = when(self->due, now); /* a tick too early */
		k_spin_unlock(&self->lock, key);
		return again;
	}
	self->expiries++;
	self->error_sum += error;
	self->error_worst = MAX(self->error_worst, error);
	self->overruns += self->status > 0;
	self->status++;
	if (self->period > 0) {
		self->due += self->period;
		if (self->due <= now) {
			/* Whole periods have passed: they count, and the rhythm stays. */
			int64_t missed = (now - self->due) / self->period + 1;

			self->overruns += missed;
			self->expiries += missed;
			self->status += missed;
			self->due += missed * self->period;
		}
		alarm->end = when(self->due, now);
	} else {
		again = self->active = false;
	}
	status = self->status;
	serve(self);
	if (self->source != NULL) {
		/* The interrupt thread takes them: nobody has to wait for the timer itself. */
		self->status = 0;
		(void)vosal_interrupt_post_at(self->source, status, cycles);
	}
	k_spin_unlock(&self->lock, key);
	return again;
}

PyDoc_STRVAR(doc, "Timer(interrupt=None)\n"
		  "--\n"
		  "\n"
		  "A timer, to be started. wait() waits for it.\n"
		  "\n"
		  "With an Interrupt it also posts an event to that when it expires.");

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"interrupt", NULL};
	PyObject *interrupt = Py_None;
	struct timer *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Timer", names, &interrupt)) {
		return NULL;
	}
	self = (struct timer *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	vosal_side_init(&self->side, &self->lock, take, NULL, undo);
	self->alarm.rang = expired;
	self->interrupt = Py_NewRef(interrupt);
	if (interrupt != Py_None) {
		self->source = zpy_interrupt_of(interrupt);
		if (self->source == NULL) {
			Py_DECREF(self);
			return NULL;
		}
	}
	return (PyObject *)self;
}

static int to_ns(PyObject *seconds, const char *what, int64_t *ns)
{
	double value = PyFloat_AsDouble(seconds);

	if (value == -1.0 && PyErr_Occurred()) {
		return -1;
	}
	if (!(value >= 0 && value <= 1e9)) {
		PyErr_Format(PyExc_ValueError, "%s must be in 0..1e9 s", what);
		return -1;
	}
	*ns = (int64_t)(value * 1e9 + 0.5);
	return 0;
}

PyDoc_STRVAR(start_doc,
	     "start($self, /, delay=None, period=0)\n"
	     "--\n"
	     "\n"
	     "Start it: once after delay seconds, then every period seconds if that is not\n"
	     "0. Without a delay the first time is after one period.");

static PyObject *start(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"delay", "period", NULL};
	struct timer *self = (struct timer *)object;
	PyObject *delay = Py_None;
	PyObject *period = NULL;
	int64_t period_ns = 0;
	int64_t delay_ns;
	int64_t now;
	k_spinlock_key_t key;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:start", names, &delay, &period) ||
	    (period != NULL && to_ns(period, "period", &period_ns) < 0)) {
		return NULL;
	}
	if (period_ns > 0 && period_ns < NSEC_PER_SEC / CONFIG_SYS_CLOCK_TICKS_PER_SEC) {
		PyErr_Format(PyExc_ValueError, "period must be 0 or at least a tick, %d ns",
			     (int)(NSEC_PER_SEC / CONFIG_SYS_CLOCK_TICKS_PER_SEC));
		return NULL;
	}
	delay_ns = period_ns;
	if (delay != Py_None && to_ns(delay, "delay", &delay_ns) < 0) {
		return NULL;
	}
	if (delay == Py_None && period_ns == 0) {
		PyErr_SetString(PyExc_ValueError, "give a delay, a period, or both");
		return NULL;
	}
	key = k_spin_lock(&self->lock);
	if (self->side.closed) {
		k_spin_unlock(&self->lock, key);
		return vosal_closed(object);
	}
	now = port_clock_ns(CLOCK_MONOTONIC);
	self->due = now + delay_ns;
	self->period = period_ns;
	self->active = true;
	self->status = 0;
	k_spin_unlock(&self->lock, key);
	port_alarm_set(&self->alarm, when(now + delay_ns, now));
	Py_RETURN_NONE;
}

static void stop_timer(struct timer *self)
{
	k_spinlock_key_t key = k_spin_lock(&self->lock);

	self->active = false;
	k_spin_unlock(&self->lock, key);
	port_alarm_cancel(&self->alarm);
}

PyDoc_STRVAR(stop_doc, "stop($self, /)\n"
		       "--\n"
		       "\n"
		       "Stop it. What it has counted stays.");

static PyObject *stop(PyObject *object, PyObject *unused)
{
	(void)unused;
	stop_timer((struct timer *)object);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(wait_doc, "wait($self, /, timeout=None)\n"
		       "--\n"
		       "\n"
		       "Wait until it has expired since the last wait; return how often.\n"
		       "\n"
		       "Returns 0 when timeout seconds have passed.");

static PyObject *wait_(PyObject *object, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"timeout", NULL};
	struct timer *self = (struct timer *)object;
	struct vosal_waiter waiter = {0};
	PyObject *timeout = Py_None;
	k_timepoint_t end;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:wait", names, &timeout) ||
	    vosal_timeout(timeout, &end) < 0) {
		return NULL;
	}
	ret = vosal_wait_python(&self->side, &waiter, end);
	return ret < 0 ? NULL : PyLong_FromUnsignedLong(ret > 0 ? waiter.value : 0);
}

static PyObject *result(struct vosal_pending *pending)
{
	return PyLong_FromUnsignedLong(pending->waiter.value);
}

PyDoc_STRVAR(begin_doc, "wait_begin($self, notifier, /)\n"
			"--\n"
			"\n"
			"Begin what wait() does, without sleeping. Returns a Pending.");

static PyObject *wait_begin(PyObject *object, PyObject *notifier)
{
	struct vosal_waiter waiter = {0};

	return vosal_pending_begin(object, &((struct timer *)object)->side, notifier, &waiter, NULL,
				   result);
}

PyDoc_STRVAR(close_doc,
	     "close($self, /)\n"
	     "--\n"
	     "\n"
	     "Stop it and end its use: who waits, and who uses it later, gets ValueError.");

static PyObject *close_(PyObject *object, PyObject *unused)
{
	(void)unused;
	stop_timer((struct timer *)object);
	vosal_close(&((struct timer *)object)->side);
	Py_RETURN_NONE;
}

static PyObject *active(PyObject *object, void *unused)
{
	(void)unused;
	return PyBool_FromLong(((struct timer *)object)->active);
}

static PyObject *period(PyObject *object, void *unused)
{
	(void)unused;
	return PyFloat_FromDouble(((struct timer *)object)->period / 1e9);
}

static PyObject *interrupt(PyObject *object, void *unused)
{
	(void)unused;
	return Py_NewRef(((struct timer *)object)->interrupt);
}

/** The counters: closure is the offset of one. */
static PyObject *counter(PyObject *object, void *closure)
{
	struct timer *self = (struct timer *)object;
	k_spinlock_key_t key = k_spin_lock(&self->lock);
	uint64_t value = *(uint64_t *)((char *)object + (size_t)closure);

	k_spin_unlock(&self->lock, key);
	return PyLong_FromUnsignedLongLong(value);
}

static void dealloc(PyObject *object)
{
	struct timer *self = (struct timer *)object;
	PyTypeObject *type = Py_TYPE(object);

	stop_timer(self);
	Py_XDECREF(self->interrupt);
	type->tp_free(object);
	Py_DECREF(type);
}

#define OFFSET(field) ((void *)offsetof(struct timer, field))

static PyMethodDef methods[] = {
	{"start", _PyCFunction_CAST(start), METH_VARARGS | METH_KEYWORDS, start_doc},
	{"stop", stop, METH_NOARGS, stop_doc},
	{"wait", _PyCFunction_CAST(wait_), METH_VARARGS | METH_KEYWORDS, wait_doc},
	{"wait_begin", wait_begin, METH_O, begin_doc},
	{"close", close_, METH_NOARGS, close_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
	{"active", active, NULL, "whether it will expire", NULL},
	{"period", period, NULL, "seconds, 0 for one shot", NULL},
	{"interrupt", interrupt, NULL, "the Interrupt that it posts to, or None", NULL},
	{"expiries", counter, NULL, "how often it has expired", OFFSET(expiries)},
	{"overruns", counter, NULL, "expiries that came before the last was waited for",
	 OFFSET(overruns)},
	{"error_worst_ns", counter, NULL, "the longest time that it was late", OFFSET(error_worst)},
	{"error_sum_ns", counter, NULL, "all times that it was late, together", OFFSET(error_sum)},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
	{Py_tp_doc, (void *)doc}, {Py_tp_new, new},       {Py_tp_dealloc, dealloc},
	{Py_tp_methods, methods}, {Py_tp_getset, getset}, {0, NULL},
};

static PyType_Spec spec = {
	.name = "_vosal.Timer",
	.basicsize = sizeof(struct timer),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slots,
};

int vosal_timer_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	return vosal_add_type(module, &types->timer, &spec);
}
