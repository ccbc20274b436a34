/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The way from an interrupt to Python: a bounded queue that one Python thread reads.
 *
 * Python never runs in an interrupt. A handler posts who it is for; machine's dispatcher thread
 * takes it out and calls what was asked to be called.
 */

#include "vhal.h"

#include "port.h"

static struct vhal_event ring[CONFIG_ZPY_VHAL_EVENTS];
static size_t head; /* the next to be taken */
static size_t used;
static uint32_t lost;
static struct port_thread *reader; /* sleeps until something comes */
static struct k_spinlock lock;

static uint32_t sources;

uint32_t vhal_event_source(void)
{
	/* 0 is nobody: it only wakes the reader. */
	return ++sources;
}

void vhal_event_post(uint32_t source, int32_t value)
{
	int64_t now = port_clock_ns(CLOCK_MONOTONIC);
	k_spinlock_key_t key = k_spin_lock(&lock);

	if (used < ARRAY_SIZE(ring)) {
		ring[(head + used++) % ARRAY_SIZE(ring)] =
			(struct vhal_event){.source = source, .value = value, .time_ns = now};
	} else {
		lost++;
	}
	/* Under the lock: once the reader has taken its name off, its record may be freed. */
	if (reader != NULL) {
		k_sem_give(&reader->wake);
	}
	k_spin_unlock(&lock, key);
}

static bool take(struct vhal_event *event)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	bool found = used > 0;

	if (found) {
		*event = ring[head];
		head = (head + 1) % ARRAY_SIZE(ring);
		used--;
	}
	k_spin_unlock(&lock, key);
	return found;
}

PyDoc_STRVAR(
	event_wait_doc,
	"event_wait(timeout=None, /)\n"
	"--\n"
	"\n"
	"Wait for the next event; return (source, value, time_ns), or None after the time-out.\n"
	"\n"
	"timeout is in seconds. One thread waits: a second one gets OSError(EBUSY). An event\n"
	"of source 0 comes from event_wake().");

static PyObject *event_wait(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct port_thread *self = port_thread_self();
	struct vhal_event event;
	k_timepoint_t end;
	k_spinlock_key_t key;
	bool found;
	bool busy;
	int ret = 0;

	(void)module;
	if (!vhal_count("event_wait", count, 0, 1) ||
	    !vhal_timeout(count > 0 ? args[0] : NULL, &end)) {
		return NULL;
	}
	if (self == NULL) {
		return PyErr_NoMemory();
	}
	key = k_spin_lock(&lock);
	busy = reader != NULL;
	if (!busy) {
		reader = self;
	}
	k_spin_unlock(&lock, key);
	if (busy) {
		return vhal_error_text(-EBUSY, "another thread waits for events");
	}
	do {
		Py_BEGIN_ALLOW_THREADS while (!(found = take(&event)) && ret == 0)
		{
			ret = port_wait(end);
		}
		Py_END_ALLOW_THREADS if (ret == EINTR)
		{
			ret = PyErr_CheckSignals() < 0 ? EINTR : 0;
		}
	} while (!found && ret == 0);
	key = k_spin_lock(&lock);
	reader = NULL;
	k_spin_unlock(&lock, key);
	if (PyErr_Occurred()) {
		return NULL;
	}
	if (!found) {
		Py_RETURN_NONE;
	}
	return Py_BuildValue("(IiL)", event.source, event.value, (long long)event.time_ns);
}

PyDoc_STRVAR(event_wake_doc,
	     "event_wake()\n"
	     "--\n"
	     "\n"
	     "End the wait of who waits in event_wait(), with an event of source 0.");

static PyObject *event_wake(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	(void)module;
	(void)args;
	if (!vhal_count("event_wake", count, 0, 0)) {
		return NULL;
	}
	vhal_event_post(0, 0);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(events_lost_doc, "events_lost()\n"
			      "--\n"
			      "\n"
			      "Return how many events found the queue full since the reset.");

static PyObject *events_lost(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	(void)module;
	(void)args;
	if (!vhal_count("events_lost", count, 0, 0)) {
		return NULL;
	}
	return PyLong_FromUnsignedLong(lost);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(event_wait),
	VHAL_METHOD(event_wake),
	VHAL_METHOD(events_lost),
	{NULL, NULL, 0, NULL},
};

void vhal_events_clear(void)
{
	k_spinlock_key_t key = k_spin_lock(&lock);

	used = 0;
	reader = NULL;
	k_spin_unlock(&lock, key);
}

int vhal_events_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
