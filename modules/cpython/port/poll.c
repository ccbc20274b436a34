/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief poll() and select(): waiting for any of several descriptors.
 *
 * What can be waited for keeps a list of waiters. A poller puts itself into the lists of all its
 * descriptors, sleeps on its thread's own semaphore, and looks at all of them again.
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/select.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "port.h"

static struct k_spinlock lock; /* guards all lists of waiters: held for a few instructions */

void port_waiters_init(struct port_waiters *waiters)
{
	sys_dlist_init(&waiters->list);
}

void port_waiter_add(struct port_waiters *waiters, struct port_waiter *waiter)
{
	struct port_thread *self = port_thread_self();
	k_spinlock_key_t key = k_spin_lock(&lock);

	if (waiter->thread == NULL) {
		waiter->thread = self;
		sys_dlist_append(&waiters->list, &waiter->node);
	}
	k_spin_unlock(&lock, key);
}

void port_waiter_remove(struct port_waiter *waiter)
{
	k_spinlock_key_t key = k_spin_lock(&lock);

	if (waiter->thread != NULL) {
		waiter->thread = NULL;
		sys_dlist_remove(&waiter->node);
	}
	k_spin_unlock(&lock, key);
}

void port_waiters_wake(struct port_waiters *waiters)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	struct port_waiter *waiter;

	SYS_DLIST_FOR_EACH_CONTAINER(&waiters->list, waiter, node) {
		k_sem_give(&waiter->thread->wake);
	}
	k_spin_unlock(&lock, key);
	port_reschedule();
}

struct polled {
	struct open_file *of;
	struct port_waiter waiters[2];
};

/** Asks every descriptor. @return how many have something to tell. */
static int ask(struct pollfd *fds, struct polled *polled, nfds_t count)
{
	int ready = 0;

	for (nfds_t i = 0; i < count; i++) {
		struct open_file *of = polled[i].of;
		int events = 0;

		if (of == NULL) {
			events = fds[i].fd < 0 ? 0 : POLLNVAL;
		} else if (of->ops->poll != NULL) {
			events = of->ops->poll(of, fds[i].events, polled[i].waiters);
		} else {
			events = POLLIN | POLLOUT; /* a file never makes anyone wait */
		}
		fds[i].revents = events & (fds[i].events | POLLERR | POLLHUP | POLLNVAL);
		ready += fds[i].revents != 0;
	}
	return ready;
}

static int poll_until(struct pollfd *fds, nfds_t count, k_timeout_t timeout)
{
	k_timepoint_t end = sys_timepoint_calc(timeout);
	struct polled *polled = calloc(MAX(count, 1), sizeof(*polled));
	int ret;
	int waited = 0;

	if (polled == NULL) {
		return -ENOMEM;
	}
	for (nfds_t i = 0; i < count; i++) {
		int kept = errno;

		polled[i].of = fds[i].fd < 0 ? NULL : port_fd_get(fds[i].fd);
		errno = kept;
	}
	while (true) {
		ret = ask(fds, polled, count);
		if (ret != 0 || waited != 0) {
			break;
		}
		waited = port_wait(end);
		if (waited == EINTR) {
			ret = -EINTR;
			break;
		}
	}
	for (nfds_t i = 0; i < count; i++) {
		if (polled[i].of != NULL) {
			port_waiter_remove(&polled[i].waiters[0]);
			port_waiter_remove(&polled[i].waiters[1]);
			port_file_put(polled[i].of);
		}
	}
	free(polled);
	return ret;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	return port_result(poll_until(
		fds, count,
		timeout_ms < 0 ? K_FOREVER : port_timeout_ns((int64_t)timeout_ms * NSEC_PER_MSEC)));
}

static bool asked(fd_set *set, int fd)
{
	return set != NULL && FD_ISSET(fd, set);
}

/** Leaves in a set what is ready. @return how many that are. */
static int answer(fd_set *set, const struct pollfd *fds, int count, short events)
{
	int ready = 0;

	for (int i = 0; i < count; i++) {
		if (asked(set, fds[i].fd)) {
			if (fds[i].revents & events) {
				ready++;
			} else {
				FD_CLR(fds[i].fd, set);
			}
		}
	}
	return ready;
}

int select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional,
	   struct timeval *timeout)
{
	k_timeout_t wait = K_FOREVER;
	struct pollfd *fds;
	int used = 0;
	int ret;

	if (count < 0 || count > FD_SETSIZE ||
	    (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_usec < 0))) {
		errno = EINVAL;
		return -1;
	}
	if (timeout != NULL) {
		wait = port_timeout_ns((int64_t)timeout->tv_sec * NSEC_PER_SEC +
				       (int64_t)timeout->tv_usec * NSEC_PER_USEC);
	}
	fds = calloc(MAX(count, 1), sizeof(*fds));
	if (fds == NULL) {
		errno = ENOMEM;
		return -1;
	}
	for (int fd = 0; fd < count; fd++) {
		short events = (asked(readable, fd) ? POLLIN : 0) |
			       (asked(writable, fd) ? POLLOUT : 0) |
			       (asked(exceptional, fd) ? POLLPRI : 0);

		if (events != 0) {
			fds[used++] = (struct pollfd){.fd = fd, .events = events};
		}
	}
	ret = poll_until(fds, used, wait);
	for (int i = 0; i < used && ret >= 0; i++) {
		if (fds[i].revents & POLLNVAL) {
			ret = -EBADF;
		}
	}
	if (ret >= 0) {
		ret = answer(readable, fds, used, POLLIN | POLLHUP | POLLERR) +
		      answer(writable, fds, used, POLLOUT | POLLERR) +
		      answer(exceptional, fds, used, POLLPRI);
	}
	free(fds);
	return port_result(ret);
}
