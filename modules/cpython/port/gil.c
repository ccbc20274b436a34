/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The interpreter lock goes to the most urgent thread, at once.
 *
 * Upstream (ceval_gil.c) lets a thread that wants the lock wait for the switch interval, 5 ms,
 * before it asks the holder to let go. Among threads of one priority that stays so. A thread that
 * is more urgent than the holder does not wait before it asks, and lends the holder its priority,
 * so that nothing in between keeps the holder from coming to the place where it lets go. A thread
 * that is less urgent does not ask at all: it gets the lock when the holder waits for something.
 * Only who is next in line asks; the others sleep until they are.
 *
 * ceval_gil.c is compiled with these two functions in the place of pthread_cond_timedwait() and
 * pthread_cond_signal(), which it calls for its locks' conditions alone.
 */

#include "Python.h"
#include "pycore_ceval.h"
#include "pycore_gil.h"

#include <pthread.h>

#include "port.h"

static struct port_thread *holder_of(const struct _gil_runtime_state *gil, PyThreadState **tstate)
{
	*tstate = _Py_atomic_load_ptr_relaxed(&gil->last_holder);
	/* A thread's ident is the address of its record: see pthread_self(). */
	return *tstate != NULL ? (struct port_thread *)(*tstate)->thread_id : NULL;
}

int port_gil_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
		       const struct timespec *deadline)
{
	struct _gil_runtime_state *gil = CONTAINER_OF(cond, struct _gil_runtime_state, cond);
	struct port_thread *self = port_thread_self();
	int priority = k_thread_priority_get(self->kernel);
	PyThreadState *tstate;
	k_timeout_t interval = K_USEC(gil->interval);

	ARG_UNUSED(deadline); /* it is the interval's end */
	while (true) {
		struct port_thread *holder = holder_of(gil, &tstate);

		/* The mutex is held and the lock is taken: the holder cannot let go, let alone
		 * end, before it has the mutex.
		 */
		if (holder == NULL || holder == self || priority == holder->priority) {
			return port_cond_wait_turn(cond, mutex, interval);
		}
		if (priority < holder->priority) {
			port_thread_lend(holder, priority);
			if (_Py_eval_breaker_bit_is_set(tstate, _PY_GIL_DROP_REQUEST_BIT)) {
				return port_cond_wait_turn(cond, mutex, interval);
			}
			return ETIMEDOUT; /* upstream asks now, and comes back to wait */
		}
		if (port_cond_wait_turn(cond, mutex, interval) == 0) {
			return 0;
		}
		if (!_Py_atomic_load_int_relaxed(&gil->locked)) {
			return ETIMEDOUT;
		}
	}
}

int port_gil_signal(pthread_cond_t *cond)
{
	/* The mutex is still held: who is woken runs when it is free. */
	if (port_cond_signal(cond)) {
		port_thread_self()->reschedule = true;
	}
	port_thread_unlend();
	return 0;
}
