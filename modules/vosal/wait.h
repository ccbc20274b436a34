/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Waiting, as all objects of _vosal do it: threads and tasks in one queue.
 *
 * What can be waited for is a side: a queue has two, a semaphore one. Who waits is a thread, which
 * sleeps in port_wait(), or a Pending, behind which a task of an event loop waits. The most urgent
 * comes first. Threads are asked for their priority when something is granted; tasks have the one
 * that their loop's thread had when they began to wait.
 *
 * A task may be cancelled between the grant and its next step. So what it is granted is only set
 * aside for it, and it takes it when it runs: nothing is lost, and nothing has to be put back.
 */

#ifndef ZPY_VOSAL_WAIT_H_
#define ZPY_VOSAL_WAIT_H_

#include "Python.h"

#include <zephyr/kernel.h>
#include <zephyr/sys/dlist.h>
#include <zephyr/sys/slist.h>

#include "port.h"

struct vosal_side;
struct vosal_pending;

struct vosal_waiter {
	sys_dnode_t node;
	struct port_thread *thread;    /* who sleeps; NULL: */
	struct vosal_pending *pending; /* who is told */
	int priority;
	bool granted;
	bool closed;    /* granted because the object was closed */
	uint32_t value; /* what is wanted, then what was got */
	bool all;
	bool clear;
	void *item; /* where a message comes from or goes to */
};

struct vosal_side {
	struct k_spinlock *lock; /* the object's */
	sys_dlist_t waiters;
	bool closed;
	/** Takes what the waiter wants, or sets it aside, if it is there. The lock is held. */
	bool (*take)(struct vosal_side *side, struct vosal_waiter *waiter);
	/** A task takes what was set aside for it. The lock is held. NULL: it has it already. */
	void (*collect)(struct vosal_side *side, struct vosal_waiter *waiter);
	/** A task gives back what it was granted. The lock is held. NULL: nothing to give. */
	void (*undo)(struct vosal_side *side, struct vosal_waiter *waiter);
};

void vosal_side_init(struct vosal_side *side, struct k_spinlock *lock,
		     bool (*take)(struct vosal_side *, struct vosal_waiter *),
		     void (*collect)(struct vosal_side *, struct vosal_waiter *),
		     void (*undo)(struct vosal_side *, struct vosal_waiter *));

/** Is it a task that waits? */
static inline bool vosal_is_task(const struct vosal_waiter *waiter)
{
	return waiter->pending != NULL;
}

/** Puts the waiters into the order of their threads' priorities now. The lock is held. */
void vosal_sort(struct vosal_side *side);

/** The first waiter, or NULL; the most urgent one after vosal_sort(). The lock is held. */
struct vosal_waiter *vosal_first(struct vosal_side *side);

/** Takes a waiter out and wakes it. The lock is held; the caller reschedules afterwards. */
void vosal_grant(struct vosal_waiter *waiter);

/** Enters a waiter. The lock is held. */
void vosal_enter(struct vosal_side *side, struct vosal_waiter *waiter);

/** Sleeps until the waiter, which has entered, is granted. @return 0, EINTR, ETIMEDOUT, ESHUTDOWN
 */
int vosal_sleep(struct vosal_side *side, struct vosal_waiter *waiter, k_timepoint_t end,
		bool signals);

/** Takes, or waits. @return 0, EINTR, ETIMEDOUT, ESHUTDOWN */
int vosal_wait(struct vosal_side *side, struct vosal_waiter *waiter, k_timepoint_t end,
	       bool signals);

/** Wakes all and lets nobody wait again. */
void vosal_close(struct vosal_side *side);

/** The same for Python. @return 1, 0 after the time-out, -1 with an exception set */
int vosal_wait_python(struct vosal_side *side, struct vosal_waiter *waiter, k_timepoint_t end);

/** Seconds or None to a point in time. @return 0, or -1 with an exception set */
int vosal_timeout(PyObject *seconds, k_timepoint_t *end);

/** acquire()'s two arguments to a point in time. @return 0, or -1 with an exception set */
int vosal_blocking(int blocking, PyObject *seconds, k_timepoint_t *end);

/** Sets ValueError: the object is closed. Returns NULL. */
PyObject *vosal_closed(PyObject *object);

/* pending.c: waits of tasks */

struct vosal_notifier {
	PyObject_HEAD struct k_spinlock lock;
	sys_slist_t completed;
	struct open_file *event; /* NULL when closed */
	int fd;
};

struct vosal_pending {
	PyObject_HEAD struct vosal_waiter waiter;
	struct vosal_side *side;
	struct port_lock_waiter lock_waiter; /* a Mutex has no side */
	PyObject *owner;
	struct vosal_notifier *notifier;
	sys_snode_t node;
	PyObject *(*result)(struct vosal_pending *pending);
	PyObject *buffer;
	bool taken; /* what was set aside for it */
	bool cancelled;
};

/**
 * Begins a wait that does not sleep. notifier: a Notifier.
 *
 * @return a new Pending, which may be done at once, or NULL with an exception set.
 */
PyObject *vosal_pending_begin(PyObject *owner, struct vosal_side *side, PyObject *notifier,
			      const struct vosal_waiter *wanted, PyObject *buffer,
			      PyObject *(*result)(struct vosal_pending *));

/** A new Pending that waits for nothing yet. */
struct vosal_pending *vosal_pending_new(PyObject *owner, PyObject *notifier);

/** Tells the loop that a Pending is granted. From any context. */
void vosal_notify(struct vosal_pending *pending);

#endif /* ZPY_VOSAL_WAIT_H_ */
