/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief pthread mutexes and condition variables, and semaphores that a signal can interrupt.
 *
 * Mutexes guard short sections inside CPython; who owns one inherits the priority of who waits for
 * it. Semaphores are what Python's
 * locks wait on, possibly for ever, and Ctrl-C must end such a wait: a waiter therefore sleeps on
 * its thread's own semaphore, which whoever posts, interrupts or times it out can wake, and then
 * looks at what has happened. So does who waits for a condition (see port_sleep() for why). All
 * lists are in the order of priorities, and of time among equals.
 */

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/dlist.h>

#include "port.h"

/* Priorities. A thread runs at the most urgent of its own priority, those of the threads that wait
 * for its mutexes, and what is lent to it by those who wait for the interpreter lock. One spinlock
 * guards all mutexes, so that an inherited priority can travel along a chain of them.
 */

static struct k_spinlock inheritance;

static int priority_of(const struct port_thread *thread)
{
	return k_thread_priority_get(thread->kernel);
}

void port_reschedule(void)
{
	if (!k_is_in_isr()) {
		k_sched_lock();
		k_sched_unlock();
	}
}

/** Puts a waiter behind those that are as urgent. The spinlock is held. */
static void queue_up(struct port_lock_waiter *new)
{
	struct port_lock_waiter *waiter;
	int priority = priority_of(new->thread);

	SYS_DLIST_FOR_EACH_CONTAINER(&new->lock->waiters, waiter, node) {
		if (priority < priority_of(waiter->thread)) {
			sys_dlist_insert(&waiter->node, &new->node);
			return;
		}
	}
	sys_dlist_append(&new->lock->waiters, &new->node);
}

/** Works out what a thread runs at, and hands it on to whom it waits for. The spinlock is held. */
static void inherit(struct port_thread *thread)
{
	while (thread != NULL) {
		int priority = MIN(thread->priority, thread->lent);
		struct port_lock *lock;

		SYS_DLIST_FOR_EACH_CONTAINER(&thread->held, lock, node) {
			struct port_lock_waiter *waiter;

			/* The first of them that is not a task of the owner's own. */
			SYS_DLIST_FOR_EACH_CONTAINER(&lock->waiters, waiter, node) {
				if (waiter->thread != thread) {
					priority = MIN(priority, priority_of(waiter->thread));
					break;
				}
			}
		}
		if (priority == priority_of(thread)) {
			return;
		}
		k_thread_priority_set(thread->kernel, priority);
		if (thread->waits_for == NULL) {
			return;
		}
		sys_dlist_remove(&thread->waits_for->node);
		queue_up(thread->waits_for);
		thread = thread->waits_for->lock->owner;
	}
}

void port_thread_set_priority(struct port_thread *thread, int priority)
{
	k_spinlock_key_t key = k_spin_lock(&inheritance);

	thread->priority = priority;
	inherit(thread);
	k_spin_unlock(&inheritance, key);
	port_reschedule();
}

void port_thread_lend(struct port_thread *thread, int priority)
{
	k_spinlock_key_t key = k_spin_lock(&inheritance);

	thread->lent = MIN(thread->lent, priority);
	inherit(thread); /* also when it was lent before: a k_mutex forgets it when it is unlocked
			  */
	k_spin_unlock(&inheritance, key);
}

void port_thread_unlend(void)
{
	struct port_thread *self = port_thread_self();
	k_spinlock_key_t key;

	if (self->lent == PORT_PRIORITY_NONE) {
		return;
	}
	key = k_spin_lock(&inheritance);
	self->lent = PORT_PRIORITY_NONE;
	inherit(self);
	k_spin_unlock(&inheritance, key);
}

void port_lock_init(struct port_lock *lock, bool robust)
{
	*lock = (struct port_lock){.robust = robust};
	sys_dlist_init(&lock->waiters);
}

/** Makes a thread the owner; NULL: nobody. The spinlock is held. */
static inline void set_owner(struct port_lock *lock, struct port_thread *thread)
{
	if (lock->robust) {
		if (lock->owner != NULL) {
			sys_dlist_remove(&lock->owned);
		}
		if (thread != NULL) {
			sys_dlist_append(&thread->owned, &lock->owned);
		}
	}
	lock->owner = thread;
	lock->depth = thread != NULL ? 1 : 0;
}

void port_lock_end(struct port_lock *lock)
{
	k_spinlock_key_t key = k_spin_lock(&inheritance);

	set_owner(lock, NULL);
	k_spin_unlock(&inheritance, key);
}

/** Takes the waiter out of its queue. The spinlock is held. */
static void leave(struct port_lock_waiter *waiter)
{
	struct port_lock *lock = waiter->lock;

	sys_dlist_remove(&waiter->node);
	if (waiter->told == NULL) {
		waiter->thread->waits_for = NULL;
	} else {
		sys_dlist_remove(&waiter->asked);
	}
	if (sys_dlist_is_empty(&lock->waiters)) {
		sys_dlist_remove(&lock->node);
	}
}

/** Enters a waiter, whose priority the owner inherits. The spinlock is held. */
static void stand_in_line(struct port_lock_waiter *waiter)
{
	struct port_lock *lock = waiter->lock;

	if (sys_dlist_is_empty(&lock->waiters)) {
		sys_dlist_append(&lock->owner->held, &lock->node);
	}
	queue_up(waiter);
	inherit(lock->owner);
}

/** Takes a lock that nobody else has. The spinlock is held. */
static inline bool take_free(struct port_lock *lock, struct port_thread *thread)
{
	if (lock->owner == NULL) {
		set_owner(lock, thread);
	} else if (lock->owner == thread) {
		lock->depth++;
	} else {
		return false;
	}
	return true;
}

/** Gives a lock to the first that waits for it. The spinlock is held. @return is there one? */
static bool pass_on(struct port_lock *lock)
{
	struct port_lock_waiter *waiter =
		SYS_DLIST_PEEK_HEAD_CONTAINER(&lock->waiters, waiter, node);
	struct port_thread *heir;

	if (waiter == NULL) {
		set_owner(lock, NULL);
		return false;
	}
	heir = waiter->thread;
	sys_dlist_remove(&lock->node); /* it is in the former owner's list no more */
	sys_dlist_append(&heir->held, &lock->node);
	leave(waiter);
	set_owner(lock, heir);
	waiter->granted = true;
	if (waiter->told != NULL) {
		waiter->told(waiter);
	} else {
		k_sem_give(&heir->wake);
	}
	inherit(heir);
	return true;
}

int port_lock_take(struct port_lock *lock, k_timepoint_t end, bool signals)
{
	struct port_lock_waiter self = {.thread = port_thread_self(), .lock = lock};
	k_spinlock_key_t key = k_spin_lock(&inheritance);

	if (take_free(lock, self.thread)) {
		k_spin_unlock(&inheritance, key);
		return 0;
	}
	if (K_TIMEOUT_EQ(sys_timepoint_timeout(end), K_NO_WAIT)) {
		k_spin_unlock(&inheritance, key);
		return ETIMEDOUT;
	}
	self.thread->waits_for = &self;
	stand_in_line(&self);
	k_spin_unlock(&inheritance, key);

	while (true) {
		int ret = signals ? port_wait(end) : port_sleep(end);

		key = k_spin_lock(&inheritance);
		if (self.granted || ret != 0) {
			if (!self.granted) {
				leave(&self);
				inherit(lock->owner);
			}
			k_spin_unlock(&inheritance, key);
			return self.granted ? 0 : ret;
		}
		k_spin_unlock(&inheritance, key);
	}
}

bool port_lock_begin(struct port_lock *lock, struct port_lock_waiter *waiter,
		     void (*told)(struct port_lock_waiter *waiter))
{
	k_spinlock_key_t key;

	*waiter =
		(struct port_lock_waiter){.thread = port_thread_self(), .lock = lock, .told = told};
	key = k_spin_lock(&inheritance);
	if (lock->owner == NULL) {
		set_owner(lock, waiter->thread);
		waiter->granted = true;
	} else {
		sys_dlist_append(&waiter->thread->asked, &waiter->asked);
		stand_in_line(waiter);
	}
	k_spin_unlock(&inheritance, key);
	return waiter->granted;
}

bool port_lock_granted(const struct port_lock_waiter *waiter)
{
	return waiter->granted;
}

bool port_lock_cancel(struct port_lock_waiter *waiter)
{
	k_spinlock_key_t key = k_spin_lock(&inheritance);
	bool waited = !waiter->granted;

	if (waited && waiter->thread != NULL) {
		leave(waiter);
		inherit(waiter->lock->owner);
	}
	k_spin_unlock(&inheritance, key);
	return waited;
}

unsigned int port_lock_depth(const struct port_lock *lock)
{
	return lock->owner == port_thread_self() ? lock->depth : 0;
}

int port_lock_give(struct port_lock *lock)
{
	struct port_thread *self = port_thread_self();
	k_spinlock_key_t key = k_spin_lock(&inheritance);
	bool passed;

	if (lock->owner != self) {
		k_spin_unlock(&inheritance, key);
		return EPERM;
	}
	if (--lock->depth > 0) {
		k_spin_unlock(&inheritance, key);
		return 0;
	}
	passed = pass_on(lock);
	if (passed) {
		inherit(self);
	}
	k_spin_unlock(&inheritance, key);
	if (passed) {
		port_reschedule();
	}
	return 0;
}

size_t port_lock_thread_ends(struct port_thread *thread)
{
	k_spinlock_key_t key = k_spin_lock(&inheritance);
	struct port_lock_waiter *waiter;
	struct port_lock *lock;
	size_t owned = 0;

	while ((waiter = SYS_DLIST_PEEK_HEAD_CONTAINER(&thread->asked, waiter, asked)) != NULL) {
		leave(waiter);
		waiter->thread = NULL;
		inherit(waiter->lock->owner);
	}
	while ((lock = SYS_DLIST_PEEK_HEAD_CONTAINER(&thread->owned, lock, owned)) != NULL) {
		(void)pass_on(lock);
		owned++;
	}
	k_spin_unlock(&inheritance, key);
	return owned;
}

BUILD_ASSERT(sizeof(struct port_lock) <= sizeof(pthread_mutex_t));

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)
{
	ARG_UNUSED(attr);

	port_lock_init((struct port_lock *)mutex, false);
	return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	ARG_UNUSED(mutex);

	return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	k_spinlock_key_t key = k_spin_lock(&inheritance);
	bool taken = take_free((struct port_lock *)mutex, port_thread_self());

	k_spin_unlock(&inheritance, key);
	if (taken) {
		return 0; /* nearly always */
	}
	return port_lock_take((struct port_lock *)mutex, sys_timepoint_calc(K_FOREVER), false);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	int ret = port_lock_take((struct port_lock *)mutex, sys_timepoint_calc(K_NO_WAIT), false);

	return ret == ETIMEDOUT ? EBUSY : ret;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	int ret = port_lock_give((struct port_lock *)mutex);
	struct port_thread *self = port_thread_self();

	if (self->reschedule) {
		self->reschedule = false;
		port_reschedule();
	}
	return ret;
}

struct waiter {
	sys_dnode_t node;
	struct port_thread *thread;
	int priority;        /* the most urgent are granted first, */
	atomic_val_t ticket; /* then, of those who wait for a condition, lower tickets */
	bool granted;
	bool timed; /* it waits its turn, and the time for that runs */
};

#define WAITER_INIT                                                                                \
	{.thread = port_thread_self(), .priority = k_thread_priority_get(k_current_get())}

/** Puts a waiter before the first that has to come later. The list's lock is held. */
static void enqueue(sys_dlist_t *waiters, struct waiter *new)
{
	struct waiter *waiter;

	SYS_DLIST_FOR_EACH_CONTAINER(waiters, waiter, node) {
		if (new->priority < waiter->priority ||
		    (new->priority == waiter->priority && new->ticket - waiter->ticket < 0)) {
			sys_dlist_insert(&waiter->node, &new->node);
			return;
		}
	}
	sys_dlist_append(waiters, &new->node);
}

/** Wakes the first waiter of a list. The list's lock is held. */
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

	if (thread->waited_for != c) {
		thread->waited_for = c;
		thread->ticket = atomic_inc(&last_ticket);
	}
	new->ticket = thread->ticket;
	enqueue(&c->waiters, new);
}

/** Lets the time of the first that waits its turn run, if it does not yet. The lock is held. */
static void start_time_of_first(struct cond *c)
{
	struct waiter *first = SYS_DLIST_PEEK_HEAD_CONTAINER(&c->waiters, first, node);

	if (first != NULL && !first->timed) {
		first->timed = true;
		k_sem_give(&first->thread->wake);
	}
}

/** Waits; if in_turn, the time runs only while the thread is the first of those that wait. */
static int cond_wait(struct cond *c, pthread_mutex_t *mutex, k_timeout_t timeout, bool in_turn)
{
	struct waiter self = WAITER_INIT;
	k_timepoint_t end = sys_timepoint_calc(K_FOREVER);
	bool runs = false;
	k_spinlock_key_t key = k_spin_lock(&c->lock);
	int ret;

	line_up(c, &self);
	self.timed = !in_turn || sys_dlist_peek_head(&c->waiters) == &self.node;
	k_spin_unlock(&c->lock, key);
	pthread_mutex_unlock(mutex);
	while (true) {
		if (self.timed && !runs) {
			runs = true;
			end = sys_timepoint_calc(timeout);
		}
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
	if (in_turn) {
		start_time_of_first(c);
	}
	k_spin_unlock(&c->lock, key);
	pthread_mutex_lock(mutex);
	return ret;
}

int port_cond_wait_turn(pthread_cond_t *cond, pthread_mutex_t *mutex, k_timeout_t timeout)
{
	return cond_wait((struct cond *)cond, mutex, timeout, true);
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return cond_wait((struct cond *)cond, mutex, K_FOREVER, false);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
			   const struct timespec *deadline)
{
	struct cond *c = (struct cond *)cond;

	return cond_wait(c, mutex, until(c->clock, deadline), false);
}

bool port_cond_signal(pthread_cond_t *cond)
{
	struct cond *c = (struct cond *)cond;
	k_spinlock_key_t key = k_spin_lock(&c->lock);
	bool woken = grant(&c->waiters);

	k_spin_unlock(&c->lock, key);
	return woken;
}

int pthread_cond_signal(pthread_cond_t *cond)
{
	if (port_cond_signal(cond)) {
		port_reschedule();
	}
	return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
	struct cond *c = (struct cond *)cond;
	k_spinlock_key_t key = k_spin_lock(&c->lock);

	while (grant(&c->waiters)) {
	}
	k_spin_unlock(&c->lock, key);
	port_reschedule();
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
	struct waiter self = WAITER_INIT;
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
	enqueue(&s->waiters, &self);
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

	bool woken = grant(&s->waiters);

	if (!woken) {
		s->count++;
	}
	k_spin_unlock(&s->lock, key);
	if (woken) {
		port_reschedule();
	}
	return 0;
}
