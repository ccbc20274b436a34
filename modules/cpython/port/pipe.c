/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief pipe(): a ring of bytes between two descriptors.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/ring_buffer.h>

#include "port.h"

#define PIPE_SIZE 4096 /* POSIX's PIPE_BUF: writes up to this size are never torn apart */

struct pipe {
	struct k_mutex lock;
	struct ring_buf ring;
	int ends;                       /* both: 2; the last one frees the pipe */
	bool reader_gone;
	bool writer_gone;
	struct port_thread *waiters[8]; /* who sleeps until something changes */
	uint8_t bytes[PIPE_SIZE];
};

static void wake_all(struct pipe *pipe)
{
	for (int i = 0; i < ARRAY_SIZE(pipe->waiters); i++) {
		if (pipe->waiters[i] != NULL) {
			k_sem_give(&pipe->waiters[i]->wake);
			pipe->waiters[i] = NULL;
		}
	}
}

/** Sleeps until the pipe changes. The lock is held on entry and on return. */
static int wait_for_change(struct pipe *pipe)
{
	struct port_thread *self = port_thread_self();
	k_timeout_t timeout = K_MSEC(10); /* with every place taken, look again now and then */
	int ret;

	for (int i = 0; i < ARRAY_SIZE(pipe->waiters); i++) {
		if (pipe->waiters[i] == NULL || pipe->waiters[i] == self) {
			pipe->waiters[i] = self;
			timeout = K_FOREVER;
			break;
		}
	}
	k_mutex_unlock(&pipe->lock);
	ret = port_wait(sys_timepoint_calc(timeout));
	k_mutex_lock(&pipe->lock, K_FOREVER);
	for (int i = 0; i < ARRAY_SIZE(pipe->waiters); i++) {
		if (pipe->waiters[i] == self) {
			pipe->waiters[i] = NULL;
		}
	}
	return ret == EINTR ? -EINTR : 0;
}

static ssize_t pipe_read(struct open_file *of, void *buf, size_t size)
{
	struct pipe *pipe = of->data;
	ssize_t ret = 0;

	k_mutex_lock(&pipe->lock, K_FOREVER);
	while (size > 0 && ret == 0) {
		ret = ring_buf_get(&pipe->ring, buf, size);
		if (ret > 0) {
			wake_all(pipe);
		} else if (pipe->writer_gone) {
			break;
		} else {
			ret = of->flags & O_NONBLOCK ? -EAGAIN : wait_for_change(pipe);
		}
	}
	k_mutex_unlock(&pipe->lock);
	return ret;
}

static ssize_t pipe_write(struct open_file *of, const void *buf, size_t size)
{
	struct pipe *pipe = of->data;
	const uint8_t *data = buf;
	size_t done = 0;
	int ret = 0;

	k_mutex_lock(&pipe->lock, K_FOREVER);
	while (done < size && ret == 0) {
		size_t left = size - done;
		size_t room = ring_buf_space_get(&pipe->ring);

		if (pipe->reader_gone) {
			ret = -EPIPE;
		} else if (room >= left || (room > 0 && size > PIPE_SIZE)) {
			done += ring_buf_put(&pipe->ring, data + done, left);
			wake_all(pipe);
		} else {
			ret = of->flags & O_NONBLOCK ? -EAGAIN : wait_for_change(pipe);
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

static void pipe_close(struct open_file *of)
{
	struct pipe *pipe = of->data;
	bool last;

	k_mutex_lock(&pipe->lock, K_FOREVER);
	if ((of->flags & O_ACCMODE) == O_WRONLY) {
		pipe->writer_gone = true;
	} else {
		pipe->reader_gone = true;
	}
	last = --pipe->ends == 0;
	wake_all(pipe);
	k_mutex_unlock(&pipe->lock);
	if (last) {
		free(pipe);
	}
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
	.close = pipe_close,
	.stat = pipe_stat,
};

int pipe2(int fds[2], int flags)
{
	struct pipe *pipe;
	struct open_file *reader;
	struct open_file *writer;

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
		errno = EINVAL;
		return -1;
	}
	pipe = calloc(1, sizeof(*pipe));
	if (pipe == NULL) {
		errno = ENOMEM;
		return -1;
	}
	k_mutex_init(&pipe->lock);
	ring_buf_init(&pipe->ring, sizeof(pipe->bytes), pipe->bytes);
	reader = port_file_new(&pipe_ops, O_RDONLY | (flags & O_NONBLOCK), pipe);
	if (reader == NULL) {
		free(pipe);
		return -1;
	}
	pipe->ends = 1;
	writer = port_file_new(&pipe_ops, O_WRONLY | (flags & O_NONBLOCK), pipe);
	if (writer == NULL) {
		port_file_put(reader);
		return -1;
	}
	pipe->ends = 2;
	fds[0] = port_fd_install(reader);
	if (fds[0] < 0) {
		port_file_put(writer);
		return -1;
	}
	fds[1] = port_fd_install(writer);
	if (fds[1] < 0) {
		close(fds[0]);
		return -1;
	}
	return 0;
}

int pipe(int fds[2])
{
	return pipe2(fds, 0);
}
