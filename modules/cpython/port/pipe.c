/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief pipe(): a ring of bytes between two descriptors; a pair of sockets is two of them.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/ring_buffer.h>

#include "port.h"

#define PIPE_SIZE 4096

struct port_pipe {
	struct k_mutex lock;
	struct ring_buf ring;
	struct port_waiters waiters; /* who sleeps until something changes */
	int ends;                    /* both: 2; the last one frees the pipe */
	bool reader_gone;
	bool writer_gone;
	uint8_t bytes[PIPE_SIZE];
};

struct port_pipe *port_pipe_new(void)
{
	struct port_pipe *pipe = calloc(1, sizeof(*pipe));

	if (pipe != NULL) {
		k_mutex_init(&pipe->lock);
		ring_buf_init(&pipe->ring, sizeof(pipe->bytes), pipe->bytes);
		port_waiters_init(&pipe->waiters);
		pipe->ends = 2;
	}
	return pipe;
}

/** Sleeps until the pipe changes. The lock is held on entry and on return. */
static int wait_for_change(struct port_pipe *pipe)
{
	struct port_waiter waiter = {0};
	int ret;

	port_waiter_add(&pipe->waiters, &waiter);
	k_mutex_unlock(&pipe->lock);
	ret = port_wait(sys_timepoint_calc(K_FOREVER));
	port_waiter_remove(&waiter);
	k_mutex_lock(&pipe->lock, K_FOREVER);
	return ret == EINTR ? -EINTR : 0;
}

ssize_t port_pipe_read(struct port_pipe *pipe, void *buf, size_t size, bool wait, bool peek)
{
	ssize_t ret = 0;

	k_mutex_lock(&pipe->lock, K_FOREVER);
	while (size > 0 && ret == 0) {
		ret = peek ? ring_buf_peek(&pipe->ring, buf, size)
			   : ring_buf_get(&pipe->ring, buf, size);
		if (ret > 0) {
			port_waiters_wake(&pipe->waiters);
		} else if (pipe->writer_gone || pipe->reader_gone) {
			break;
		} else {
			ret = wait ? wait_for_change(pipe) : -EAGAIN;
		}
	}
	k_mutex_unlock(&pipe->lock);
	return ret;
}

ssize_t port_pipe_write(struct port_pipe *pipe, const void *buf, size_t size, bool wait)
{
	const uint8_t *data = buf;
	size_t done = 0;
	int ret = 0;

	k_mutex_lock(&pipe->lock, K_FOREVER);
	while (done < size && ret == 0) {
		size_t left = size - done;
		size_t room = ring_buf_space_get(&pipe->ring);

		if (pipe->reader_gone || pipe->writer_gone) {
			ret = -EPIPE;
		} else if (room >= left || (room > 0 && size > PIPE_BUF)) {
			done += ring_buf_put(&pipe->ring, data + done, left);
			port_waiters_wake(&pipe->waiters);
		} else {
			ret = wait ? wait_for_change(pipe) : -EAGAIN;
		}
	}
	k_mutex_unlock(&pipe->lock);
	if (done > 0) {
		return done;
	}
	if (ret == -EPIPE) {
		port_signal_raise(SIGPIPE);
	}
	return ret;
}

int port_pipe_poll(struct port_pipe *pipe, bool writing, struct port_waiter *waiter)
{
	int events = 0;

	k_mutex_lock(&pipe->lock, K_FOREVER);
	port_waiter_add(&pipe->waiters, waiter);
	if (writing) {
		if (pipe->reader_gone) {
			events = POLLOUT | POLLERR;
		} else if (ring_buf_space_get(&pipe->ring) >= PIPE_BUF) {
			events = POLLOUT;
		}
	} else {
		events = (ring_buf_is_empty(&pipe->ring) ? 0 : POLLIN) |
			 (pipe->writer_gone ? POLLHUP : 0);
	}
	k_mutex_unlock(&pipe->lock);
	return events;
}

void port_pipe_shutdown(struct port_pipe *pipe, bool writing)
{
	k_mutex_lock(&pipe->lock, K_FOREVER);
	if (writing) {
		pipe->writer_gone = true;
	} else {
		pipe->reader_gone = true;
	}
	port_waiters_wake(&pipe->waiters);
	k_mutex_unlock(&pipe->lock);
}

void port_pipe_close(struct port_pipe *pipe, bool writing)
{
	bool last;

	port_pipe_shutdown(pipe, writing);
	k_mutex_lock(&pipe->lock, K_FOREVER);
	last = --pipe->ends == 0;
	k_mutex_unlock(&pipe->lock);
	if (last) {
		free(pipe);
	}
}

static bool is_writer(const struct open_file *of)
{
	return (of->flags & O_ACCMODE) == O_WRONLY;
}

static ssize_t pipe_read(struct open_file *of, void *buf, size_t size)
{
	return port_pipe_read(of->data, buf, size, !(of->flags & O_NONBLOCK), false);
}

static ssize_t pipe_write(struct open_file *of, const void *buf, size_t size)
{
	return port_pipe_write(of->data, buf, size, !(of->flags & O_NONBLOCK));
}

static int pipe_poll(struct open_file *of, int events, struct port_waiter waiters[2])
{
	ARG_UNUSED(events);
	return port_pipe_poll(of->data, is_writer(of), &waiters[0]);
}

static void pipe_close(struct open_file *of)
{
	port_pipe_close(of->data, is_writer(of));
}

static int pipe_stat(struct open_file *of, struct stat *st)
{
	*st = (struct stat){
		.st_mode = S_IFIFO | 0600,
		.st_ino = (uintptr_t)of->data,
		.st_nlink = 1,
		.st_blksize = PIPE_SIZE,
	};
	return 0;
}

static const struct open_ops pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.close = pipe_close,
	.stat = pipe_stat,
};

int port_fd_install_pair(struct open_file *first, struct open_file *second, int fds[2])
{
	fds[0] = port_fd_install(first);
	if (fds[0] < 0) {
		port_file_put(second);
		return -1;
	}
	fds[1] = port_fd_install(second);
	if (fds[1] < 0) {
		close(fds[0]);
		return -1;
	}
	return 0;
}

int pipe2(int fds[2], int flags)
{
	struct port_pipe *pipe;
	struct open_file *reader;
	struct open_file *writer;

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
		errno = EINVAL;
		return -1;
	}
	pipe = port_pipe_new();
	if (pipe == NULL) {
		errno = ENOMEM;
		return -1;
	}
	reader = port_file_new(&pipe_ops, O_RDONLY | (flags & O_NONBLOCK), pipe);
	writer = port_file_new(&pipe_ops, O_WRONLY | (flags & O_NONBLOCK), pipe);
	if (reader == NULL || writer == NULL) {
		free(reader);
		free(writer);
		free(pipe);
		return -1;
	}
	if (port_fd_install_pair(reader, writer, fds) != 0) {
		return -1;
	}
	if (flags & O_CLOEXEC) {
		(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
		(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

int pipe(int fds[2])
{
	return pipe2(fds, 0);
}
