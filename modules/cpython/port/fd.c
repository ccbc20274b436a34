/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief File descriptors: small numbers for open files, shared by dup() and counted.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "port.h"

struct slot {
	struct open_file *of;
	bool cloexec; /* kept and told; there is no exec() to act on it */
};

static struct open_file console;
static struct slot slots[CONFIG_CPYTHON_OPEN_MAX] = {{&console}, {&console}, {&console}};
static K_MUTEX_DEFINE(slots_lock);

/* The console as descriptors 0 to 2: lines with echo in, \n as \r\n out. It serves what runs
 * before or without the kernel's own console: boot messages, tracebacks, the emergency prompt.
 */

static ssize_t console_read_line(struct open_file *of, void *buf, size_t size)
{
	static char line[256];
	static size_t length;
	static size_t given;

	ARG_UNUSED(of);
	while (given == length) {
		char c;
		ssize_t got;

		length = given = 0;
		do {
			got = port_console_read(&c, 1, K_FOREVER);
			if (got < 0) {
				length = given = 0;
				return got;
			}
			if (c == '\x04' && length == 0) {
				return 0;
			}
			if ((c == '\b' || c == '\x7f') && length > 0) {
				length--;
				port_console_write("\b \b", 3);
			} else if (c == '\r' || c == '\n') {
				line[length++] = c = '\n';
				port_console_write("\r\n", 2);
			} else if ((unsigned char)c >= ' ' && length < sizeof(line) - 1) {
				line[length++] = c;
				port_console_write(&c, 1);
			}
		} while (c != '\n');
	}
	size = MIN(size, length - given);
	memcpy(buf, line + given, size);
	given += size;
	return size;
}

static ssize_t console_write_text(struct open_file *of, const void *buf, size_t size)
{
	const char *text = buf;
	const char *end = text + size;

	ARG_UNUSED(of);
	while (text < end) {
		const char *eol = memchr(text, '\n', end - text);

		port_console_write(text, (eol != NULL ? eol : end) - text);
		if (eol == NULL) {
			break;
		}
		port_console_write("\r\n", 2);
		text = eol + 1;
	}
	return size;
}

static int console_stat(struct open_file *of, struct stat *st)
{
	ARG_UNUSED(of);
	*st = (struct stat){.st_mode = S_IFCHR | 0620, .st_nlink = 1, .st_blksize = 1024};
	return 0;
}

static int console_poll(struct open_file *of, int events, struct port_waiter waiters[2])
{
	ARG_UNUSED(of);
	ARG_UNUSED(events);
	port_waiter_add(&port_console_waiters, &waiters[0]);
	return POLLOUT | (port_console_available() > 0 ? POLLIN : 0);
}

static const struct open_ops console_ops = {
	.read = console_read_line,
	.poll = console_poll,
	.write = console_write_text,
	.stat = console_stat,
};

static struct open_file console = {
	.ops = &console_ops,
	.refs = ATOMIC_INIT(3),
	.flags = O_RDWR,
	.lock = Z_MUTEX_INITIALIZER(console.lock),
};

#undef fileno

int port_fileno(FILE *stream, const char *name)
{
	static const char *const standard[] = {"stdin", "stdout", "stderr"};

	for (int fd = 0; fd < ARRAY_SIZE(standard); fd++) {
		if (strcmp(name, standard[fd]) == 0) {
			return fd;
		}
	}
	if (stream == stdin || stream == stdout) {
		return stream == stdout;
	}
	return fileno(stream);
}

struct open_file *port_file_new(const struct open_ops *ops, int flags, void *data)
{
	struct open_file *of = calloc(1, sizeof(*of));

	if (of == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	of->ops = ops;
	of->refs = ATOMIC_INIT(1);
	of->flags = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK);
	of->data = data;
	k_mutex_init(&of->lock);
	return of;
}

void port_file_put(struct open_file *of)
{
	if (atomic_dec(&of->refs) != 1) {
		return;
	}
	if (of->ops->close != NULL) {
		of->ops->close(of);
	}
	free(of->path);
	if (of != &console) {
		free(of);
	}
}

/** Puts an open file into the lowest free slot from the given one. The lock is held. */
static int install_from(int first, struct open_file *of)
{
	for (int fd = first; fd < ARRAY_SIZE(slots); fd++) {
		if (slots[fd].of == NULL) {
			slots[fd] = (struct slot){.of = of};
			return fd;
		}
	}
	return -EMFILE;
}

int port_fd_install(struct open_file *of)
{
	int fd;

	k_mutex_lock(&slots_lock, K_FOREVER);
	fd = install_from(0, of);
	k_mutex_unlock(&slots_lock);
	if (fd < 0) {
		port_file_put(of);
	}
	return port_result(fd);
}

struct open_file *port_fd_get(int fd)
{
	struct open_file *of = NULL;
	/* The report of a crash must not wait for a thread that will never go on. */
	bool locked = !port_dying && k_mutex_lock(&slots_lock, K_FOREVER) == 0;

	if (fd >= 0 && fd < ARRAY_SIZE(slots)) {
		of = slots[fd].of;
	}
	if (of != NULL) {
		atomic_inc(&of->refs);
	}
	if (locked) {
		k_mutex_unlock(&slots_lock);
	}
	if (of == NULL) {
		errno = EBADF;
	}
	return of;
}

int close(int fd)
{
	struct open_file *of = NULL;

	k_mutex_lock(&slots_lock, K_FOREVER);
	if (fd >= 0 && fd < ARRAY_SIZE(slots)) {
		of = slots[fd].of;
		slots[fd].of = NULL;
	}
	k_mutex_unlock(&slots_lock);
	if (of == NULL) {
		errno = EBADF;
		return -1;
	}
	port_file_put(of);
	return 0;
}

static int dup_from(int from, int first, bool cloexec)
{
	struct open_file *of = port_fd_get(from);
	int fd;

	if (of == NULL) {
		return -1;
	}
	k_mutex_lock(&slots_lock, K_FOREVER);
	fd = install_from(first, of);
	if (fd >= 0) {
		slots[fd].cloexec = cloexec;
	}
	k_mutex_unlock(&slots_lock);
	if (fd < 0) {
		port_file_put(of);
	}
	return port_result(fd);
}

int dup(int fd)
{
	return dup_from(fd, 0, false);
}

int dup3(int from, int to, int flags)
{
	struct open_file *of;
	struct open_file *old;

	if (from == to || (flags & ~O_CLOEXEC) != 0) {
		errno = EINVAL;
		return -1;
	}
	if (to < 0 || to >= ARRAY_SIZE(slots)) {
		errno = EBADF;
		return -1;
	}
	of = port_fd_get(from);
	if (of == NULL) {
		return -1;
	}
	k_mutex_lock(&slots_lock, K_FOREVER);
	old = slots[to].of;
	slots[to] = (struct slot){.of = of, .cloexec = flags & O_CLOEXEC};
	k_mutex_unlock(&slots_lock);
	if (old != NULL) {
		port_file_put(old);
	}
	return to;
}

int dup2(int from, int to)
{
	if (from == to) {
		struct open_file *of = port_fd_get(from);

		if (of == NULL) {
			return -1;
		}
		port_file_put(of);
		return to;
	}
	return dup3(from, to, 0);
}

int fcntl(int fd, int cmd, ...)
{
	struct open_file *of = port_fd_get(fd);
	va_list args;
	int arg;
	int ret = 0;

	if (of == NULL) {
		return -1;
	}
	va_start(args, cmd);
	arg = va_arg(args, int);
	va_end(args);

	switch (cmd) {
	case F_GETFD:
		ret = slots[fd].cloexec ? FD_CLOEXEC : 0;
		break;
	case F_SETFD:
		slots[fd].cloexec = arg & FD_CLOEXEC;
		break;
	case F_GETFL:
		ret = of->flags;
		break;
	case F_SETFL:
		of->flags =
			(of->flags & ~(O_APPEND | O_NONBLOCK)) | (arg & (O_APPEND | O_NONBLOCK));
		break;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (arg < 0 || arg >= ARRAY_SIZE(slots)) {
			ret = -EINVAL;
			break;
		}
		ret = dup_from(fd, arg, cmd == F_DUPFD_CLOEXEC);
		port_file_put(of);
		return ret;
	default:
		ret = -EINVAL;
	}
	port_file_put(of);
	return port_result(ret);
}

int ioctl(int fd, unsigned long request, ...)
{
	struct open_file *of = port_fd_get(fd);
	va_list args;
	int ret;

	if (of == NULL) {
		return -1;
	}
	va_start(args, request);
	ret = port_socket_ioctl(of, request, va_arg(args, int *));
	va_end(args);
	port_file_put(of);
	return port_result(ret);
}

ssize_t read(int fd, void *buf, size_t size)
{
	struct open_file *of = port_fd_get(fd);
	ssize_t ret = -EBADF;

	if (of == NULL) {
		return -1;
	}
	if ((of->flags & O_ACCMODE) != O_WRONLY && of->ops->read != NULL) {
		ret = of->ops->read(of, buf, size);
	}
	port_file_put(of);
	return port_result(ret);
}

ssize_t write(int fd, const void *buf, size_t size)
{
	struct open_file *of = port_fd_get(fd);
	ssize_t ret = -EBADF;

	if (of == NULL) {
		return -1;
	}
	if ((of->flags & O_ACCMODE) != O_RDONLY && of->ops->write != NULL) {
		ret = of->ops->write(of, buf, size);
	}
	port_file_put(of);
	return port_result(ret);
}

/** Runs read() or write() over each part until one comes short. */
static ssize_t each(int fd, const struct iovec *iov, int count, bool writing)
{
	ssize_t total = 0;

	for (int i = 0; i < count; i++) {
		ssize_t done = writing ? write(fd, iov[i].iov_base, iov[i].iov_len)
				       : read(fd, iov[i].iov_base, iov[i].iov_len);

		if (done < 0) {
			return total > 0 ? total : -1;
		}
		total += done;
		if ((size_t)done < iov[i].iov_len) {
			break;
		}
	}
	return total;
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
	return each(fd, iov, count, false);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	return each(fd, iov, count, true);
}

int fstat(int fd, struct stat *st)
{
	struct open_file *of = port_fd_get(fd);
	int ret;

	if (of == NULL) {
		return -1;
	}
	ret = of->ops->stat(of, st);
	port_file_put(of);
	return port_result(ret);
}

int isatty(int fd)
{
	struct open_file *of = port_fd_get(fd);
	bool is;

	if (of == NULL) {
		return 0;
	}
	is = of->ops == &console_ops;
	port_file_put(of);
	if (!is) {
		errno = ENOTTY;
	}
	return is;
}
