/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief eventfd(): a counter with a descriptor; an interrupt may add to it.
 *
 * It is how something that happens in an interrupt or in a C thread wakes an event loop.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "port.h"

#define COUNT_MAX (UINT64_MAX - 1)

struct event {
	struct k_spinlock lock;
	struct port_waiters waiters;
	uint64_t count;
	bool semaphore; /* a read takes one, not all */
};

/** Takes what a read gives; 0 when there is nothing. */
static uint64_t take(struct event *event)
{
	k_spinlock_key_t key = k_spin_lock(&event->lock);
	uint64_t got = event->semaphore ? MIN(event->count, 1) : event->count;

	event->count -= got;
	k_spin_unlock(&event->lock, key);
	return got;
}

static bool add(struct event *event, uint64_t value)
{
	k_spinlock_key_t key = k_spin_lock(&event->lock);
	bool fits = value <= COUNT_MAX - event->count;

	event->count += fits ? value : 0;
	k_spin_unlock(&event->lock, key);
	return fits;
}

/** Sleeps until the counter changes, if it is as it was found to be. */
static int wait_while(struct event *event, bool (*stays)(struct event *event, uint64_t value),
		      uint64_t value)
{
	struct port_waiter waiter = {0};
	int ret = 0;

	port_waiter_add(&event->waiters, &waiter);
	if (stays(event, value)) {
		ret = port_wait(sys_timepoint_calc(K_FOREVER));
	}
	port_waiter_remove(&waiter);
	return ret == EINTR ? -EINTR : 0;
}

static bool is_empty(struct event *event, uint64_t value)
{
	ARG_UNUSED(value);
	return event->count == 0;
}

static bool is_full(struct event *event, uint64_t value)
{
	return value > COUNT_MAX - event->count;
}

static ssize_t event_read(struct open_file *of, void *buf, size_t size)
{
	struct event *event = of->data;
	uint64_t got;

	if (size < sizeof(got)) {
		return -EINVAL;
	}
	while ((got = take(event)) == 0) {
		int ret = of->flags & O_NONBLOCK ? -EAGAIN : wait_while(event, is_empty, 0);

		if (ret != 0) {
			return ret;
		}
	}
	port_waiters_wake(&event->waiters);
	memcpy(buf, &got, sizeof(got));
	return sizeof(got);
}

static ssize_t event_write(struct open_file *of, const void *buf, size_t size)
{
	struct event *event = of->data;
	uint64_t value;

	if (size < sizeof(value)) {
		return -EINVAL;
	}
	memcpy(&value, buf, sizeof(value));
	if (value > COUNT_MAX) {
		return -EINVAL;
	}
	while (!add(event, value)) {
		int ret = of->flags & O_NONBLOCK ? -EAGAIN : wait_while(event, is_full, value);

		if (ret != 0) {
			return ret;
		}
	}
	port_waiters_wake(&event->waiters);
	return sizeof(value);
}

static int event_poll(struct open_file *of, int events, struct port_waiter waiters[2])
{
	struct event *event = of->data;

	ARG_UNUSED(events);
	port_waiter_add(&event->waiters, &waiters[0]);
	return (event->count > 0 ? POLLIN : 0) | (event->count < COUNT_MAX ? POLLOUT : 0);
}

static void event_close(struct open_file *of)
{
	free(of->data);
}

static int event_stat(struct open_file *of, struct stat *st)
{
	*st = (struct stat){.st_mode = 0600, .st_ino = (uintptr_t)of->data, .st_nlink = 1};
	return 0;
}

static const struct open_ops event_ops = {
	.read = event_read,
	.write = event_write,
	.poll = event_poll,
	.close = event_close,
	.stat = event_stat,
};

struct open_file *port_event_new(int flags)
{
	struct event *event = calloc(1, sizeof(*event));
	struct open_file *of;

	if (event == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	port_waiters_init(&event->waiters);
	event->semaphore = (flags & EFD_SEMAPHORE) != 0;
	of = port_file_new(&event_ops, O_RDWR | (flags & O_NONBLOCK), event);
	if (of == NULL) {
		free(event);
	}
	return of;
}

void port_event_add(struct open_file *of, uint64_t value)
{
	struct event *event = of->data;

	(void)add(event, value);
	port_waiters_wake(&event->waiters);
}

int port_eventfd(unsigned int value, int flags)
{
	struct open_file *of;

	if ((flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) != 0) {
		errno = EINVAL;
		return -1;
	}
	of = port_event_new(flags);
	if (of == NULL) {
		return -1;
	}
	(void)add(of->data, value);
	return port_fd_install(of);
}

int port_eventfd_read(int fd, eventfd_t *value)
{
	return read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1;
}

int port_eventfd_write(int fd, eventfd_t value)
{
	return write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : -1;
}
