/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Sockets: POSIX's functions, for two kinds of them.
 *
 * Those of the Internet's families are in socket_inet.c, or in native_sim/sockets.c. A pair is
 * inside the machine: each end reads one pipe and writes the other. It is what asyncio wakes its
 * loop with.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "inet.h"
#include "port.h"

struct pair_end {
	struct port_pipe *in;
	struct port_pipe *out;
};

static ssize_t pair_read(struct open_file *of, void *buf, size_t size)
{
	struct pair_end *end = of->data;

	return port_pipe_read(end->in, buf, size, !(of->flags & O_NONBLOCK), false);
}

static ssize_t pair_write(struct open_file *of, const void *buf, size_t size)
{
	struct pair_end *end = of->data;

	return port_pipe_write(end->out, buf, size, !(of->flags & O_NONBLOCK));
}

static int pair_poll(struct open_file *of, int events, struct port_waiter waiters[2])
{
	struct pair_end *end = of->data;

	ARG_UNUSED(events);
	return port_pipe_poll(end->in, false, &waiters[0]) |
	       port_pipe_poll(end->out, true, &waiters[1]);
}

static void pair_close(struct open_file *of)
{
	struct pair_end *end = of->data;

	port_pipe_close(end->in, false);
	port_pipe_close(end->out, true);
	free(end);
}

static int socket_stat(struct open_file *of, struct stat *st)
{
	*st = (struct stat){
		.st_mode = S_IFSOCK | 0777,
		.st_ino = (uintptr_t)of->data,
		.st_nlink = 1,
		.st_blksize = 4096,
	};
	return 0;
}

static const struct open_ops pair_ops = {
	.read = pair_read,
	.write = pair_write,
	.poll = pair_poll,
	.close = pair_close,
	.stat = socket_stat,
};

#if defined(CONFIG_CPYTHON_SOCKETS)
static ssize_t inet_read(struct open_file *of, void *buf, size_t size)
{
	ssize_t ret = inet_recv(of, buf, size, 0, NULL);

	return ret > (ssize_t)size ? (ssize_t)size : ret;
}

static ssize_t inet_write(struct open_file *of, const void *buf, size_t size)
{
	return inet_send(of, buf, size, 0, NULL);
}

const struct open_ops inet_ops = {
	.read = inet_read,
	.write = inet_write,
	.poll = inet_poll,
	.close = inet_close,
	.stat = socket_stat,
};
#else
#define inet_ops pair_ops /* there is only one kind */
#endif

static bool is_inet(const struct open_file *of)
{
	return IS_ENABLED(CONFIG_CPYTHON_SOCKETS) && of->ops == &inet_ops;
}

/** The open file of a descriptor that is a socket, or NULL with errno set. */
static struct open_file *get_socket(int fd)
{
	struct open_file *of = port_fd_get(fd);

	if (of != NULL && of->ops != &pair_ops && of->ops != &inet_ops) {
		port_file_put(of);
		errno = ENOTSOCK;
		return NULL;
	}
	return of;
}

/** Ends a call: gives the socket back, and the result as POSIX has it. */
static ssize_t finish(struct open_file *of, ssize_t ret)
{
	port_file_put(of);
	return port_result(ret);
}

/* Addresses */

static int from_posix(const struct sockaddr *addr, socklen_t size, struct inet_addr *to)
{
	*to = (struct inet_addr){0};
	if (addr == NULL || size < sizeof(addr->sa_family)) {
		return -EINVAL;
	}
	to->family = addr->sa_family;
	if (addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

		if (size < sizeof(*in)) {
			return -EINVAL;
		}
		to->port = in->sin_port;
		memcpy(to->addr, &in->sin_addr, sizeof(in->sin_addr));
		return 0;
	}
	if (addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

		if (size < sizeof(*in6)) {
			return -EINVAL;
		}
		to->port = in6->sin6_port;
		to->scope = in6->sin6_scope_id;
		memcpy(to->addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
		return 0;
	}
	return -EAFNOSUPPORT;
}

static void to_posix(const struct inet_addr *from, struct sockaddr *addr, socklen_t *size)
{
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} to = {0};
	socklen_t length = 0;

	if (addr == NULL || size == NULL) {
		return;
	}
	if (from->family == AF_INET) {
		to.in.sin_family = AF_INET;
		to.in.sin_port = from->port;
		memcpy(&to.in.sin_addr, from->addr, sizeof(to.in.sin_addr));
		length = sizeof(to.in);
	} else if (from->family == AF_INET6) {
		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_port = from->port;
		to.in6.sin6_scope_id = from->scope;
		memcpy(&to.in6.sin6_addr, from->addr, sizeof(to.in6.sin6_addr));
		length = sizeof(to.in6);
	}
	memcpy(addr, &to, MIN(*size, length));
	*size = length; /* 0: the peer has no name */
}

/* Making sockets */

/** Sets the close-on-exec flag if the type of the socket asks for it. @return fd */
static int keep_from_others(int fd, int type)
{
	if (fd >= 0 && type & SOCK_CLOEXEC) {
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	return fd;
}

int socket(int family, int type, int protocol)
{
	struct open_file *of = NULL;

#if defined(CONFIG_CPYTHON_SOCKETS)
	of = inet_socket(family, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), protocol);
#else
	ARG_UNUSED(family);
	ARG_UNUSED(protocol);
	errno = EAFNOSUPPORT;
#endif
	if (of == NULL) {
		return -1;
	}
	of->flags |= type & SOCK_NONBLOCK ? O_NONBLOCK : 0;
	return keep_from_others(port_fd_install(of), type);
}

/** An end with its open file; takes over its side of both pipes. */
static struct open_file *new_end(struct port_pipe *in, struct port_pipe *out)
{
	struct pair_end *end = malloc(sizeof(*end));
	struct open_file *of = end != NULL ? port_file_new(&pair_ops, O_RDWR, end) : NULL;

	if (of == NULL) {
		port_pipe_close(in, false);
		port_pipe_close(out, true);
		free(end);
		errno = ENOMEM;
		return NULL;
	}
	*end = (struct pair_end){.in = in, .out = out};
	return of;
}

int socketpair(int family, int type, int protocol, int fds[2])
{
	struct port_pipe *there;
	struct port_pipe *back;
	struct open_file *first;
	struct open_file *second;
	int ret;

	/* Without named sockets there is no AF_UNIX in Python; it asks for a pair of AF_INET. */
	if (family != AF_INET || (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM ||
	    protocol != 0) {
		errno = family != AF_INET ? EAFNOSUPPORT : EPROTONOSUPPORT;
		return -1;
	}
	there = port_pipe_new();
	back = port_pipe_new();
	if (there == NULL || back == NULL) {
		free(there);
		free(back);
		errno = ENOMEM;
		return -1;
	}
	first = new_end(back, there);
	second = new_end(there, back);
	if (first == NULL || second == NULL) {
		if (first != NULL) {
			port_file_put(first);
		}
		if (second != NULL) {
			port_file_put(second);
		}
		return -1;
	}
	first->flags |= type & SOCK_NONBLOCK ? O_NONBLOCK : 0;
	second->flags |= type & SOCK_NONBLOCK ? O_NONBLOCK : 0;
	ret = port_fd_install_pair(first, second, fds);
	if (ret == 0) {
		(void)keep_from_others(fds[0], type);
		(void)keep_from_others(fds[1], type);
	}
	return ret;
}

int bind(int fd, const struct sockaddr *addr, socklen_t size)
{
	struct open_file *of = get_socket(fd);
	int ret = -EINVAL;

	if (of == NULL) {
		return -1;
	}
	if (is_inet(of)) {
		struct inet_addr to;

		ret = from_posix(addr, size, &to);
		ret = ret == 0 ? inet_bind(of, &to) : ret;
	}
	return finish(of, ret);
}

int connect(int fd, const struct sockaddr *addr, socklen_t size)
{
	struct open_file *of = get_socket(fd);
	int ret = -EISCONN;

	if (of == NULL) {
		return -1;
	}
	if (is_inet(of)) {
		struct inet_addr to;

		ret = from_posix(addr, size, &to);
		ret = ret == 0 ? inet_connect(of, &to) : ret;
	}
	return finish(of, ret);
}

int listen(int fd, int backlog)
{
	struct open_file *of = get_socket(fd);

	if (of == NULL) {
		return -1;
	}
	return finish(of, is_inet(of) ? inet_listen(of, backlog) : -EINVAL);
}

int accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags)
{
	struct open_file *of = get_socket(fd);
	struct open_file *accepted;
	struct inet_addr from;
	int ret;

	if (of == NULL) {
		return -1;
	}
	ret = is_inet(of) ? inet_accept(of, &accepted, &from) : -EINVAL;
	port_file_put(of);
	if (ret != 0) {
		return port_result(ret);
	}
	to_posix(&from, addr, size);
	accepted->flags |= flags & SOCK_NONBLOCK ? O_NONBLOCK : 0;
	return keep_from_others(port_fd_install(accepted), flags);
}

int accept(int fd, struct sockaddr *addr, socklen_t *size)
{
	return accept4(fd, addr, size, 0);
}

static int pair_shutdown(struct open_file *of, bool reading, bool writing)
{
	struct pair_end *end = of->data;

	if (reading) {
		port_pipe_shutdown(end->in, false);
	}
	if (writing) {
		port_pipe_shutdown(end->out, true);
	}
	return 0;
}

int shutdown(int fd, int how)
{
	struct open_file *of = get_socket(fd);
	bool reading = how == SHUT_RD || how == SHUT_RDWR;
	bool writing = how == SHUT_WR || how == SHUT_RDWR;

	if (of == NULL) {
		return -1;
	}
	if (!reading && !writing) {
		return finish(of, -EINVAL);
	}
	return finish(of, is_inet(of) ? inet_shutdown(of, reading, writing)
				      : pair_shutdown(of, reading, writing));
}

static int name(int fd, bool peer, struct sockaddr *addr, socklen_t *size)
{
	struct open_file *of = get_socket(fd);
	struct inet_addr named = {.family = AF_INET}; /* a pair's ends have no name */
	int ret = 0;

	if (of == NULL) {
		return -1;
	}
	if (is_inet(of)) {
		ret = inet_name(of, peer, &named);
	}
	if (ret == 0) {
		to_posix(&named, addr, size);
	}
	return finish(of, ret);
}

int getsockname(int fd, struct sockaddr *addr, socklen_t *size)
{
	return name(fd, false, addr, size);
}

int getpeername(int fd, struct sockaddr *addr, socklen_t *size)
{
	return name(fd, true, addr, size);
}

/* Options */

static int pair_getsockopt(int level, int option, void *value, socklen_t *size)
{
	int answer = 0;

	if (level != SOL_SOCKET) {
		return -ENOPROTOOPT;
	}
	if (option == SO_TYPE) {
		answer = SOCK_STREAM;
	} else if (option == SO_DOMAIN) {
		answer = AF_INET;
	} else if (option != SO_ERROR && option != SO_PROTOCOL && option != SO_ACCEPTCONN) {
		return -ENOPROTOOPT;
	}
	*size = MIN(*size, sizeof(answer));
	memcpy(value, &answer, *size);
	return 0;
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	struct open_file *of = get_socket(fd);
	size_t length = *size;
	int ret;

	if (of == NULL) {
		return -1;
	}
	if (is_inet(of)) {
		ret = inet_getsockopt(of, level, option, value, &length);
		*size = length;
	} else {
		ret = pair_getsockopt(level, option, value, size);
	}
	return finish(of, ret);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	struct open_file *of = get_socket(fd);

	if (of == NULL) {
		return -1;
	}
	return finish(of,
		      is_inet(of) ? inet_setsockopt(of, level, option, value, size) : -ENOPROTOOPT);
}

int port_socket_ioctl(struct open_file *of, unsigned long request, int *value)
{
	if (request != FIONREAD || !is_inet(of)) {
		return -ENOTTY;
	}
	*value = inet_available(of);
	return *value < 0 ? *value : 0;
}

/* Data */

static ssize_t pair_recv(struct open_file *of, void *buf, size_t size, int flags)
{
	struct pair_end *end = of->data;
	bool wait = !(of->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT);
	size_t done = 0;
	ssize_t ret;

	do {
		ret = port_pipe_read(end->in, (char *)buf + done, size - done, wait,
				     flags & MSG_PEEK);
		done += MAX(ret, 0);
	} while (ret > 0 && (flags & MSG_WAITALL) && !(flags & MSG_PEEK) && done < size);
	return done > 0 ? (ssize_t)done : ret;
}

static ssize_t pair_send(struct open_file *of, const void *buf, size_t size, int flags)
{
	struct pair_end *end = of->data;

	return port_pipe_write(end->out, buf, size,
			       !(of->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT));
}

/** A datagram's length may be above size, as with MSG_TRUNC. */
static ssize_t receive(struct open_file *of, void *buf, size_t size, int flags,
		       struct inet_addr *from)
{
	if (flags & (MSG_OOB | MSG_ERRQUEUE)) {
		return -EOPNOTSUPP;
	}
	return is_inet(of) ? inet_recv(of, buf, size, flags, from)
			   : pair_recv(of, buf, size, flags);
}

static ssize_t transmit(struct open_file *of, const void *buf, size_t size, int flags,
			const struct inet_addr *to)
{
	if (flags & MSG_OOB) {
		return -EOPNOTSUPP;
	}
	if (is_inet(of)) {
		return inet_send(of, buf, size, flags, to);
	}
	return to != NULL ? -EISCONN : pair_send(of, buf, size, flags);
}

ssize_t recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *addr,
		 socklen_t *addr_size)
{
	struct open_file *of = get_socket(fd);
	struct inet_addr from = {0};
	ssize_t ret;

	if (of == NULL) {
		return -1;
	}
	ret = receive(of, buf, size, flags, &from);
	if (ret >= 0) {
		to_posix(&from, addr, addr_size);
	}
	if (ret > (ssize_t)size && !(flags & MSG_TRUNC)) {
		ret = size;
	}
	return finish(of, ret);
}

ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	return recvfrom(fd, buf, size, flags, NULL, NULL);
}

ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *addr,
	       socklen_t addr_size)
{
	struct open_file *of = get_socket(fd);
	struct inet_addr to;
	ssize_t ret = 0;

	if (of == NULL) {
		return -1;
	}
	if (addr != NULL) {
		ret = from_posix(addr, addr_size, &to);
	}
	if (ret == 0) {
		ret = transmit(of, buf, size, flags, addr != NULL ? &to : NULL);
	}
	return finish(of, ret);
}

ssize_t send(int fd, const void *buf, size_t size, int flags)
{
	return sendto(fd, buf, size, flags, NULL, 0);
}

/* Several buffers at once: they are gathered in, or spread from, one of their whole size. */

static ssize_t total_of(const struct msghdr *msg)
{
	size_t total = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		if (__builtin_add_overflow(total, msg->msg_iov[i].iov_len, &total) ||
		    total > SSIZE_MAX) {
			return -EINVAL;
		}
	}
	return total;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct open_file *of = get_socket(fd);
	struct inet_addr from = {0};
	ssize_t total = total_of(msg);
	size_t left;
	char *whole;
	ssize_t ret;

	if (of == NULL) {
		return -1;
	}
	whole = total < 0 ? NULL : malloc(MAX(total, 1));
	if (whole == NULL) {
		return finish(of, total < 0 ? total : -ENOMEM);
	}
	ret = receive(of, whole, total, flags, &from);
	if (ret >= 0) {
		const char *at = whole;

		left = MIN(ret, total);
		for (size_t i = 0; i < msg->msg_iovlen && left > 0; i++) {
			size_t part = MIN(left, msg->msg_iov[i].iov_len);

			memcpy(msg->msg_iov[i].iov_base, at, part);
			at += part;
			left -= part;
		}
		if (msg->msg_name != NULL) {
			to_posix(&from, msg->msg_name, &msg->msg_namelen);
		}
		msg->msg_controllen = 0;
		msg->msg_flags = ret > total ? MSG_TRUNC : 0;
		if (ret > total && !(flags & MSG_TRUNC)) {
			ret = total;
		}
	}
	free(whole);
	return finish(of, ret);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct open_file *of = get_socket(fd);
	struct inet_addr to;
	ssize_t total = total_of(msg);
	bool named = msg->msg_name != NULL && msg->msg_namelen > 0;
	char *whole = NULL;
	char *at;
	ssize_t ret = 0;

	if (of == NULL) {
		return -1;
	}
	if (msg->msg_controllen != 0) {
		ret = -EOPNOTSUPP; /* there is nothing of the kind that could be sent along */
	} else if (total < 0) {
		ret = total;
	} else if (named) {
		ret = from_posix(msg->msg_name, msg->msg_namelen, &to);
	}
	if (ret == 0) {
		whole = malloc(MAX(total, 1));
		ret = whole == NULL ? -ENOMEM : 0;
	}
	if (ret == 0) {
		at = whole;
		for (size_t i = 0; i < msg->msg_iovlen; i++) {
			memcpy(at, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
			at += msg->msg_iov[i].iov_len;
		}
		ret = transmit(of, whole, total, flags, named ? &to : NULL);
	}
	free(whole);
	return finish(of, ret);
}
