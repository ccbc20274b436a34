/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Sockets on native_sim: the host's, without any network of Zephyr's.
 *
 * The host's sockets never wait (host_sockets.c). Who has to wait enters the socket's list of
 * waiters, has the host watch the socket, and sleeps in port_wait(), as for everything else, so a
 * signal ends it and poll() can wait for sockets and pipes at once. When the socket has news, an
 * interrupt wakes the list. Interrupts come only while time passes, and none passes in here: so
 * between looking and watching nothing is lost, and what a watcher has needs no lock.
 */

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zephyr/init.h>
#include <zephyr/irq.h>
#include <zephyr/kernel.h>

#include <irq_ctrl.h>

#include "../inet.h"
#include "host_names.h"
#include "host_sockets.h"

#define PRIORITY 2 /* of the interrupt, between Zephyr's timer and most others */

struct watcher {
	struct port_waiters waiters;
	unsigned int events; /* what the host watches for; 0: it does not */
};

struct inet_socket {
	struct watcher watcher;
	int fd; /* with the host */
	int type;
};

static struct inet_socket *socket_of(const struct open_file *of)
{
	return of->data;
}

/* What has other numbers with the host */

/** Turns a negative place in HOST_ERRORS into a negative errno. */
static int64_t result(int64_t ret)
{
#define NUMBER(name) name,
	static const int known[] = {HOST_ERRORS(NUMBER)};

	return ret < 0 ? -known[-1 - ret] : ret;
}

#define POLL(name) POLL##name,
static const short event_bits[] = {HOST_EVENTS(POLL)};

static unsigned int to_host_events(int events)
{
	unsigned int found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(event_bits); i++) {
		found |= events & event_bits[i] ? BIT(i) : 0;
	}
	return found;
}

static int from_host_events(unsigned int events)
{
	int found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(event_bits); i++) {
		found |= events & BIT(i) ? event_bits[i] : 0;
	}
	return found;
}

static int version_of(int family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0;
}

static void to_host(const struct inet_addr *from, struct zpy_host_addr *to)
{
	*to = (struct zpy_host_addr){
		.version = version_of(from->family),
		.port = from->port,
		.scope = from->scope,
	};
	memcpy(to->addr, from->addr, sizeof(to->addr));
}

static void from_host(const struct zpy_host_addr *from, struct inet_addr *to)
{
	*to = (struct inet_addr){
		.family = from->version == 4   ? AF_INET
			  : from->version == 6 ? AF_INET6
					       : AF_UNSPEC,
		.port = from->port,
		.scope = from->scope,
	};
	memcpy(to->addr, from->addr, sizeof(to->addr));
}

/* Waiting */

static void on_news(const void *arg)
{
	struct watcher *watcher;

	ARG_UNUSED(arg);
	while ((watcher = zpy_host_next()) != NULL) {
		watcher->events = 0;
		port_waiters_wake(&watcher->waiters);
	}
}

static int sockets_init(void)
{
	IRQ_CONNECT(ZPY_HOST_IRQ, PRIORITY, on_news, NULL, 0);
	irq_enable(ZPY_HOST_IRQ);
	return 0;
}

SYS_INIT(sockets_init, APPLICATION, 3);

/** Enters the caller and tells what is ready as poll() does. @return or a negative errno */
static int ask(struct inet_socket *sock, int events, struct port_waiter *waiter)
{
	struct watcher *watcher = &sock->watcher;
	unsigned int wanted = to_host_events(events | POLLERR); /* told without being asked for */
	unsigned int ready;

	port_waiter_add(&watcher->waiters, waiter);
	ready = zpy_host_poll(sock->fd, wanted);
	if (ready == 0 && (watcher->events & wanted) != wanted) {
		int ret = result(zpy_host_watch(sock->fd, watcher->events | wanted, watcher));

		if (ret < 0) {
			return ret;
		}
		watcher->events |= wanted;
	}
	return from_host_events(ready);
}

int inet_poll(struct open_file *of, int events, struct port_waiter waiters[2])
{
	int ret = ask(socket_of(of), events, &waiters[0]);

	return ret < 0 ? POLLERR : ret;
}

/** Waits until the socket has something to tell. @return 0, -EINTR */
static int await(struct inet_socket *sock, int events)
{
	struct port_waiter waiter = {0};
	int ret;

	while ((ret = ask(sock, events, &waiter)) == 0) {
		if (port_wait(sys_timepoint_calc(K_FOREVER)) == EINTR) {
			ret = -EINTR;
			break;
		}
	}
	port_waiter_remove(&waiter);
	return MIN(ret, 0);
}

/* Opening and closing */

/** An open file for a socket of the host's, which it takes over. */
static struct open_file *adopt(int fd, int type)
{
	struct inet_socket *sock = calloc(1, sizeof(*sock));
	struct open_file *of = sock != NULL ? port_file_new(&inet_ops, O_RDWR, sock) : NULL;

	if (of == NULL) {
		free(sock);
		zpy_host_close(fd);
		errno = ENOMEM;
		return NULL;
	}
	sock->fd = fd;
	sock->type = type;
	port_waiters_init(&sock->watcher.waiters);
	return of;
}

struct open_file *inet_socket(int family, int type, int protocol)
{
	static const int types[] = {HOST_TYPES(NUMBER)};
	int version = version_of(family);

	if (version == 0) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i] == type) {
			int fd = port_result(result(zpy_host_socket(version, i, protocol)));

			return fd < 0 ? NULL : adopt(fd, type);
		}
	}
	errno = EPROTONOSUPPORT;
	return NULL;
}

void inet_close(struct open_file *of)
{
	struct inet_socket *sock = socket_of(of);

	zpy_host_close(sock->fd);
	free(sock);
}

/* Connections */

int inet_bind(struct open_file *of, const struct inet_addr *addr)
{
	struct zpy_host_addr to;

	to_host(addr, &to);
	return result(zpy_host_bind(socket_of(of)->fd, &to));
}

int inet_connect(struct open_file *of, const struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	struct zpy_host_addr to;
	int ret;

	to_host(addr, &to);
	ret = result(zpy_host_connect(sock->fd, &to));
	if (ret != -EINPROGRESS || of->flags & O_NONBLOCK) {
		return ret;
	}
	ret = await(sock, POLLOUT);
	return ret != 0 ? ret : result(zpy_host_error(sock->fd));
}

int inet_listen(struct open_file *of, int backlog)
{
	return result(zpy_host_listen(socket_of(of)->fd, backlog));
}

int inet_accept(struct open_file *of, struct open_file **accepted, struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	struct zpy_host_addr from;

	while (true) {
		int ret = result(zpy_host_accept(sock->fd, &from));

		if (ret >= 0) {
			*accepted = adopt(ret, sock->type);
			from_host(&from, addr);
			return *accepted != NULL ? 0 : -errno;
		}
		if (ret != -EAGAIN || of->flags & O_NONBLOCK) {
			return ret;
		}
		ret = await(sock, POLLIN);
		if (ret != 0) {
			return ret;
		}
	}
}

int inet_shutdown(struct open_file *of, bool reading, bool writing)
{
	return result(zpy_host_shutdown(socket_of(of)->fd, reading, writing));
}

int inet_name(struct open_file *of, bool peer, struct inet_addr *addr)
{
	struct zpy_host_addr name = {0};
	int ret = result(zpy_host_name(socket_of(of)->fd, peer, &name));

	if (ret == 0) {
		from_host(&name, addr);
	}
	return ret;
}

/* Options */

/** @return the option's place in HOST_OPTIONS, or a negative errno */
static int place_of(int level, int name)
{
	static const struct {
		int level;
		int name;
	} options[] = {
#define OPTION(level, name) {level, name},
		HOST_OPTIONS(OPTION)};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (options[i].level == level && options[i].name == name) {
			return i;
		}
	}
	return -ENOPROTOOPT;
}

int inet_getsockopt(struct open_file *of, int level, int option, void *value, size_t *size)
{
	struct inet_socket *sock = socket_of(of);
	int number;
	int ret;

	if (level != SOL_SOCKET ||
	    (option != SO_ERROR && option != SO_TYPE && option != SO_DOMAIN)) {
		ret = place_of(level, option);
		return ret < 0 ? ret : result(zpy_host_getsockopt(sock->fd, ret, value, size));
	}
	/* These tell numbers that the host has others for. */
	if (option == SO_ERROR) {
		number = -result(zpy_host_error(sock->fd));
	} else if (option == SO_TYPE) {
		number = sock->type;
	} else {
		struct inet_addr name;

		ret = inet_name(of, false, &name);
		if (ret != 0) {
			return ret;
		}
		number = name.family;
	}
	*size = MIN(*size, sizeof(number));
	memcpy(value, &number, *size);
	return 0;
}

int inet_setsockopt(struct open_file *of, int level, int option, const void *value, size_t size)
{
	int place = place_of(level, option);

	return place < 0 ? place
			 : result(zpy_host_setsockopt(socket_of(of)->fd, place, value, size));
}

/* Data */

int inet_available(struct open_file *of)
{
	return result(zpy_host_available(socket_of(of)->fd));
}

ssize_t inet_recv(struct open_file *of, void *buf, size_t size, int flags, struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	bool stream = sock->type == SOCK_STREAM;
	bool wait = !(of->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT);
	bool peek = flags & MSG_PEEK;
	bool all = (flags & MSG_WAITALL) && !peek && stream;
	struct zpy_host_addr from;
	size_t done = 0;

	while (true) {
		ssize_t ret = result(zpy_host_recv(sock->fd, (char *)buf + done, size - done, peek,
						   !stream, &from));

		if (ret >= 0) {
			done += ret;
			if (addr != NULL) {
				from_host(&from, addr);
			}
			if (ret == 0 || !all || done == size) {
				return done;
			}
			continue;
		}
		if (ret == -EAGAIN && wait) {
			ret = await(sock, POLLIN);
			if (ret == 0) {
				continue;
			}
		}
		return done > 0 ? (ssize_t)done : ret;
	}
}

ssize_t inet_send(struct open_file *of, const void *buf, size_t size, int flags,
		  const struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	bool wait = !(of->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT);
	struct zpy_host_addr to;
	size_t done = 0;

	if (addr != NULL) {
		to_host(addr, &to);
	}
	while (true) {
		ssize_t ret = result(zpy_host_send(sock->fd, (const char *)buf + done, size - done,
						   addr != NULL ? &to : NULL));

		if (ret >= 0) {
			done += ret;
			if (done == size || !wait || sock->type != SOCK_STREAM) {
				return done;
			}
			continue;
		}
		if (ret == -EAGAIN && wait) {
			ret = await(sock, POLLOUT);
			if (ret == 0) {
				continue;
			}
		}
		return done > 0 ? (ssize_t)done : ret;
	}
}

/* Names */

int inet_resolve(const char *name, int family, struct inet_addr *addrs, int room)
{
	static const int known[] = {HOST_NAME_ERRORS(NUMBER)};
	struct zpy_host_addr found[8];
	struct watcher watcher = {0};
	struct port_waiter waiter = {0};
	struct zpy_host_query *query;
	int ret;

	port_waiters_init(&watcher.waiters);
	query = zpy_host_resolve(name, version_of(family), &watcher);
	if (query == NULL) {
		return EAI_MEMORY;
	}
	port_waiter_add(&watcher.waiters, &waiter);
	while ((ret = zpy_host_answer(query, found, MIN(room, ARRAY_SIZE(found)))) == 0) {
		if (port_wait(sys_timepoint_calc(K_FOREVER)) == EINTR) {
			ret = INET_INTERRUPTED;
			break;
		}
	}
	port_waiter_remove(&waiter);
	zpy_host_resolve_end(query);
	for (int i = 0; i < ret; i++) {
		from_host(&found[i], &addrs[i]);
	}
	return ret >= 0 || ret == INET_INTERRUPTED ? ret : known[-1 - ret];
}

int gethostname(char *name, size_t size)
{
	return port_result(result(zpy_host_hostname(name, size)));
}
