/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Waiting, as all objects of _vosal do it. */

#include "wait.h"

#include <limits.h>

void vosal_side_init(struct vosal_side *side, struct k_spinlock *lock,
		     bool (*take)(struct vosal_side *, struct vosal_waiter *),
		     void (*collect)(struct vosal_side *, struct vosal_waiter *),
		     void (*undo)(struct vosal_side *, struct vosal_waiter *))
{
	*side = (struct vosal_side){.lock = lock, .take = take, .collect = collect, .undo = undo};
	sys_dlist_init(&side->waiters);
}

struct vosal_waiter *vosal_first(struct vosal_side *side)
{
	struct vosal_waiter *first = SYS_DLIST_PEEK_HEAD_CONTAINER(&side->waiters, first, node);

	return first;
}

void vosal_grant(struct vosal_waiter *waiter)
{
	/* The waiter may live on a stack: it is not there any more once the lock is free. */
	sys_dlist_remove(&waiter->node);
	waiter->granted = true;
	if (waiter->thread != NULL) {
		k_sem_give(&waiter->thread->wake);
	} else {
		vosal_notify(waiter->pending);
	}
}

/** Puts a waiter behind those that are as urgent. The lock is held. */
static void line_up(struct vosal_side *side, struct vosal_waiter *new)
{
	struct vosal_waiter *waiter;

	SYS_DLIST_FOR_EACH_CONTAINER(&side->waiters, waiter, node) {
		if (new->priority < waiter->priority) {
			sys_dlist_insert(&waiter->node, &new->node);
			return;
		}
	}
	sys_dlist_append(&side->waiters, &new->node);
}

void vosal_enter(struct vosal_side *side, struct vosal_waiter *new)
{
	new->priority = k_thread_priority_get(k_current_get());
	line_up(side, new);
}

void vosal_sort(struct vosal_side *side)
{
	struct vosal_waiter *waiter;
	struct vosal_waiter *next;
	int least = INT_MIN; /* urgent of those before */

	/* They are in order, but for those whose priority has changed since the last time. */
	SYS_DLIST_FOR_EACH_CONTAINER_SAFE(&side->waiters, waiter, next, node) {
		if (waiter->thread != NULL) {
			waiter->priority = k_thread_priority_get(waiter->thread->kernel);
		}
		if (waiter->priority < least) {
			sys_dlist_remove(&waiter->node);
			line_up(side, waiter);
		} else {
			least = waiter->priority;
		}
	}
}

int vosal_sleep(struct vosal_side *side, struct vosal_waiter *waiter, k_timepoint_t end,
		bool signals)
{
	while (true) {
		int ret = signals ? port_wait(end) : port_sleep(end);
		k_spinlock_key_t key = k_spin_lock(side->lock);

		if (waiter->granted) {
			ret = waiter->closed ? ESHUTDOWN : 0;
		} else if (ret != 0) {
			sys_dlist_remove(&waiter->node);
		} else {
			k_spin_unlock(side->lock, key);
			continue;
		}
		k_spin_unlock(side->lock, key);
		return ret;
	}
}

int vosal_wait(struct vosal_side *side, struct vosal_waiter *waiter, k_timepoint_t end,
	       bool signals)
{
	k_spinlock_key_t key = k_spin_lock(side->lock);
	int ret = 0;

	waiter->granted = false;
	if (side->closed) {
		ret = ESHUTDOWN;
	} else if (!side->take(side, waiter)) {
		if (!sys_timepoint_expired(end)) {
			k_spin_unlock(side->lock, key);
			/* The thread's record may have to be made: not under a spinlock. */
			waiter->thread = port_thread_self();
			key = k_spin_lock(side->lock);
			if (side->closed) {
				ret = ESHUTDOWN;
			} else if (!side->take(side, waiter)) {
				vosal_enter(side, waiter);
				k_spin_unlock(side->lock, key);
				return vosal_sleep(side, waiter, end, signals);
			}
		} else {
			ret = ETIMEDOUT;
		}
	}
	k_spin_unlock(side->lock, key);
	if (ret == 0 && !k_is_in_isr()) {
		port_reschedule(); /* what was taken may have let another in */
	}
	return ret;
}

void vosal_close(struct vosal_side *side)
{
	k_spinlock_key_t key = k_spin_lock(side->lock);
	struct vosal_waiter *waiter;

	side->closed = true;
	while ((waiter = vosal_first(side)) != NULL) {
		waiter->closed = true;
		vosal_grant(waiter);
	}
	k_spin_unlock(side->lock, key);
	port_reschedule();
}

int vosal_wait_python(struct vosal_side *side, struct vosal_waiter *waiter, k_timepoint_t end)
{
	int ret = vosal_wait(side, waiter, sys_timepoint_calc(K_NO_WAIT), true);

	if (ret == ETIMEDOUT && !sys_timepoint_expired(end)) {
		do {
			/* Before the first wait, too: what came then may have ended another one. */
			if (PyErr_CheckSignals() < 0) {
				return -1;
			}
			Py_BEGIN_ALLOW_THREADS ret = vosal_wait(side, waiter, end, true);
			Py_END_ALLOW_THREADS
		} while (ret == EINTR);
	}
	if (ret == ESHUTDOWN) {
		(void)vosal_closed(NULL);
		return -1;
	}
	return ret == 0;
}

int vosal_timeout(PyObject *seconds, k_timepoint_t *end)
{
	double value;

	if (seconds == NULL || seconds == Py_None) {
		*end = sys_timepoint_calc(K_FOREVER);
		return 0;
	}
	value = PyFloat_AsDouble(seconds);
	if (value == -1.0 && PyErr_Occurred()) {
		return -1;
	}
	if (!(value >= 0)) {
		PyErr_SetString(PyExc_ValueError, "timeout must be None or a number >= 0");
		return -1;
	}
	*end = sys_timepoint_calc(value > 0 ? port_timeout_ns((int64_t)(MIN(value, 1e9) * 1e9))
					    : K_NO_WAIT);
	return 0;
}

int vosal_blocking(int blocking, PyObject *seconds, k_timepoint_t *end)
{
	if (!blocking && seconds != Py_None) {
		PyErr_SetString(PyExc_ValueError, "a timeout is for a blocking call");
		return -1;
	}
	if (!blocking) {
		*end = sys_timepoint_calc(K_NO_WAIT);
		return 0;
	}
	return vosal_timeout(seconds, end);
}

PyObject *vosal_closed(PyObject *object)
{
	if (object != NULL) {
		PyErr_Format(PyExc_ValueError, "the %s is closed", _PyType_Name(Py_TYPE(object)));
	} else {
		PyErr_SetString(PyExc_ValueError, "the object is closed");
	}
	return NULL;
}

void zpy_thread_leave(void)
{
	port_thread_leave();
}
