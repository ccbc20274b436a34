/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief pthread mutexes and condition variables, and semaphores that a signal can interrupt.
 *
 * Mutexes guard short sections inside CPython and are Zephyr's own. Semaphores are what Python's
 * locks wait on, possibly for ever, and Ctrl-C must end such a wait: a waiter therefore sleeps on
 * its thread's own semaphore, which whoever posts, interrupts or times it out can wake, and then
 * looks at what has happened. So does who waits for a condition (see port_sleep() for why).
 */

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/dlist.h>

#include "port.h"

BUILD_ASSERT(sizeof(struct k_mutex) <= sizeof(pthread_mutex_t));

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)
{
	ARG_UNUSED(attr);

	return -k_mutex_init((struct k_mutex *)mutex);
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	ARG_UNUSED(mutex);

	return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return -k_mutex_lock((struct k_mutex *)mutex, K_FOREVER);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	return -k_mutex_lock((struct k_mutex *)mutex, K_NO_WAIT);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	return -k_mutex_unlock((struct k_mutex *)mutex);
}

struct waiter {
	sys_dnode_t node;
	struct port_thread *thread;
	atomic_val_t ticket; /* of who waits for a condition: lower ones are granted first */
	bool granted;
};

/** Wakes the longest waiter of a list. The list's lock is held. */
static bool grant(sys_dlist_t *waiters)
{
	sys_dnode_t *node = sys_dlist_get(waiters);
	struct waiter *waiter;

	if (node == NULL) {
		return false;
	}
	/* The waiter lives on a stack, and its thread may end, as soon as the lock is free. */
	waiter = CONTAINER_OF(node, struct waiter, node);
	waiter->granted = true;
	k_sem_give(&waiter->thread->wake);
	return true;
}

struct cond {
	sys_dlist_t waiters;
	struct k_spinlock lock;
	clockid_t clock;
};

BUILD_ASSERT(sizeof(struct cond) <= sizeof(pthread_cond_t));

int pthread_condattr_init(pthread_condattr_t *attr)
{
	attr->clock = CLOCK_REALTIME;
	return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
	ARG_UNUSED(attr);

	return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
		return EINVAL;
	}

	attr->clock = clock;
	return 0;
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr)
{
	struct cond *c = (struct cond *)cond;

	*c = (struct cond){.clock = attr != NULL ? attr->clock : CLOCK_REALTIME};
	sys_dlist_init(&c->waiters);
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond)
{
	ARG_UNUSED(cond);

	return 0;
}

/** The time that is left until a deadline of the clock. */
static k_timeout_t until(clockid_t clock, const struct timespec *deadline)
{
	int64_t left =
		(int64_t)deadline->tv_sec * NSEC_PER_SEC + deadline->tv_nsec - port_clock_ns(clock);

	return left <= 0 ? K_NO_WAIT : port_timeout_ns(left);
}

/**
 * Puts a waiter into the order of tickets. The condition's lock is held.
 *
 * Who timed out and waits again for the same condition keeps its ticket. The threads that want
 * the interpreter lock do so every few milliseconds, in step with each other, and the one that
 * goes to the end of the queue last each time would never be granted anything.
 */
static void line_up(struct cond *c, struct waiter *new)
{
	static atomic_t last_ticket;
	struct port_thread *thread = new->thread;
	struct waiter *waiter;

	if (thread->waited_for != c) {
		thread->waited_for = c;
		thread->ticket = atomic_inc(&last_ticket);
	}
	new->ticket = thread->ticket;
	SYS_DLIST_FOR_EACH_CONTAINER(&c->waiters, waiter, node) {
		if (new->ticket - waiter->ticket < 0) {
			sys_dlist_insert(&waiter->node, &new->node);
			return;
		}
	}
	sys_dlist_append(&c->waiters, &new->node);
}

static int cond_wait(struct cond *c, pthread_mutex_t *mutex, k_timeout_t timeout)
{
	struct waiter self = {.thread = port_thread_self()};
	k_timepoint_t end = sys_timepoint_calc(timeout);
	k_spinlock_key_t key = k_spin_lock(&c->lock);
	int ret = 0;

	line_up(c, &self);
	k_spin_unlock(&c->lock, key);
	pthread_mutex_unlock(mutex);
	while (true) {
		ret = port_sleep(end);
		key = k_spin_lock(&c->lock);
		if (self.granted) {
			self.thread->waited_for = NULL;
			ret = 0;
			break;
		}
		if (ret != 0) {
			sys_dlist_remove(&self.node);
			break;
		}
		k_spin_unlock(&c->lock, key);
	}
	k_spin_unlock(&c->lock, key);
	pthread_mutex_lock(mutex);
	return ret;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return cond_wait((struct cond *)cond, mutex, K_FOREVER);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
			   const struct timespec *deadline)
{
	struct cond *c = (struct cond *)cond;

	return cond_wait(c, mutex, until(c->clock, deadline));
}

int pthread_cond_signal(pthread_cond_t *cond)
{
	struct cond *c = (struct cond *)cond;
	k_spinlock_key_t key = k_spin_lock(&c->lock);

	(void)grant(&c->waiters);
	k_spin_unlock(&c->lock, key);
	return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
	struct cond *c = (struct cond *)cond;
	k_spinlock_key_t key = k_spin_lock(&c->lock);

	while (grant(&c->waiters)) {
	}
	k_spin_unlock(&c->lock, key);
	return 0;
}

struct sem {
	sys_dlist_t waiters;
	struct k_spinlock lock;
	unsigned int count;
};

BUILD_ASSERT(sizeof(struct sem) <= sizeof(sem_t));

int sem_init(sem_t *sem, int shared, unsigned int value)
{
	struct sem *s = (struct sem *)sem;

	ARG_UNUSED(shared);
	*s = (struct sem){.count = value};
	sys_dlist_init(&s->waiters);
	return 0;
}

int sem_destroy(sem_t *sem)
{
	ARG_UNUSED(sem);

	return 0;
}

int sem_getvalue(sem_t *sem, int *value)
{
	*value = (int)((struct sem *)sem)->count;
	return 0;
}

static int sem_take(struct sem *s, k_timeout_t timeout)
{
	struct waiter self = {.thread = port_thread_self()};
	k_timepoint_t end;
	k_spinlock_key_t key = k_spin_lock(&s->lock);

	if (s->count > 0) {
		s->count--;
		k_spin_unlock(&s->lock, key);
		return 0;
	}
	if (K_TIMEOUT_EQ(timeout, K_NO_WAIT)) {
		k_spin_unlock(&s->lock, key);
		return ETIMEDOUT;
	}
	sys_dlist_append(&s->waiters, &self.node);
	k_spin_unlock(&s->lock, key);

	end = sys_timepoint_calc(timeout);
	while (true) {
		int ret = port_wait(end);

		key = k_spin_lock(&s->lock);
		if (self.granted) {
			k_spin_unlock(&s->lock, key);
			return 0;
		}
		if (ret != 0) {
			sys_dlist_remove(&self.node);
			k_spin_unlock(&s->lock, key);
			return ret;
		}
		k_spin_unlock(&s->lock, key);
	}
}

static int fail_with(int error)
{
	if (error != 0) {
		errno = error;
		return -1;
	}
	return 0;
}

int sem_wait(sem_t *sem)
{
	return fail_with(sem_take((struct sem *)sem, K_FOREVER));
}

int sem_trywait(sem_t *sem)
{
	return fail_with(sem_take((struct sem *)sem, K_NO_WAIT) != 0 ? EAGAIN : 0);
}

int sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *deadline)
{
	return fail_with(sem_take((struct sem *)sem, until(clock, deadline)));
}

int sem_timedwait(sem_t *sem, const struct timespec *deadline)
{
	return sem_clockwait(sem, CLOCK_REALTIME, deadline);
}

int sem_post(sem_t *sem)
{
	struct sem *s = (struct sem *)sem;
	k_spinlock_key_t key = k_spin_lock(&s->lock);

	if (!grant(&s->waiters)) {
		s->count++;
	}
	k_spin_unlock(&s->lock, key);
	return 0;
}
