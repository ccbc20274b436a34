/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The host's side of sockets.c: compiled for the host, outside of Zephyr.
 *
 * All threads of the machine are one thread of the host's at a time, so no socket ever waits, and
 * names are looked up in a thread of the host's. While the machine has sockets, its simulated
 * hardware looks every PERIOD_US whether something that is watched has news, and raises an
 * interrupt.
 */

#define _GNU_SOURCE /* accept4(), EAI_NODATA */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <irq_ctrl.h>
#include <nsi_hws_models_if.h>

#include "host_names.h"
#include "host_sockets.h"

/* Of simulated time. The clock of the machine ticks as often. */
#define PERIOD_US 100

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** errno, or another error, as the machine is told it. */
static int place_of(int error)
{
#define NUMBER(name) name,
	static const int known[] = {HOST_ERRORS(NUMBER)};

	for (size_t i = 0; i < COUNT(known); i++) {
		if (known[i] == error) {
			return -1 - (int)i;
		}
	}
	return -1;
}

static int result(int ret)
{
	return ret < 0 ? place_of(errno) : ret;
}

/* News */

static int watched = -1; /* an epoll descriptor */
static int users;        /* sockets and questions */
static uint64_t look_time = NSI_NEVER;

static void look(void)
{
	struct pollfd all = {.fd = watched, .events = POLLIN};

	if (poll(&all, 1, 0) > 0) {
		hw_irq_ctrl_set_irq(ZPY_HOST_IRQ);
	}
	look_time = users > 0 ? nsi_hws_get_time() + PERIOD_US : NSI_NEVER;
}

NSI_HW_EVENT(look_time, look, 500);

int zpy_host_watch(int fd, unsigned int events, void *watcher)
{
#define EPOLL(name) EPOLL##name,
	static const unsigned int bits[] = {HOST_EVENTS(EPOLL)};
	struct epoll_event event = {.events = EPOLLONESHOT, .data.ptr = watcher};
	int ret;

	if (watched < 0) {
		watched = epoll_create1(EPOLL_CLOEXEC);
		if (watched < 0) {
			return place_of(errno);
		}
	}
	for (size_t i = 0; i < COUNT(bits); i++) {
		event.events |= events & (1u << i) ? bits[i] : 0;
	}
	ret = epoll_ctl(watched, EPOLL_CTL_MOD, fd, &event);
	if (ret < 0 && errno == ENOENT) {
		ret = epoll_ctl(watched, EPOLL_CTL_ADD, fd, &event);
	}
	if (ret == 0 && look_time == NSI_NEVER) {
		look_time = nsi_hws_get_time() + PERIOD_US;
		nsi_hws_find_next_event();
	}
	return result(ret);
}

void *zpy_host_next(void)
{
	struct epoll_event event;

	return epoll_wait(watched, &event, 1, 0) == 1 ? event.data.ptr : NULL;
}

static void forget(int fd)
{
	struct epoll_event none = {0};

	if (watched >= 0) {
		(void)epoll_ctl(watched, EPOLL_CTL_DEL, fd, &none); /* it may be not in it */
	}
}

unsigned int zpy_host_poll(int fd, unsigned int events)
{
#define POLL(name) POLL##name,
	static const short bits[] = {HOST_EVENTS(POLL)};
	struct pollfd one = {.fd = fd};
	unsigned int found = 0;

	for (size_t i = 0; i < COUNT(bits); i++) {
		one.events |= events & (1u << i) ? bits[i] : 0;
	}
	if (poll(&one, 1, 0) > 0) {
		for (size_t i = 0; i < COUNT(bits); i++) {
			found |= one.revents & bits[i] ? 1u << i : 0;
		}
	}
	return found;
}

/* Addresses */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage space;
};

static int family_of(int version)
{
	return version == 4 ? AF_INET : version == 6 ? AF_INET6 : AF_UNSPEC;
}

static socklen_t to_host(const struct zpy_host_addr *from, union address *to)
{
	memset(to, 0, sizeof(*to));
	if (from->version == 6) {
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_port = from->port;
		to->in6.sin6_scope_id = from->scope;
		memcpy(&to->in6.sin6_addr, from->addr, sizeof(to->in6.sin6_addr));
		return sizeof(to->in6);
	}
	to->in.sin_family = AF_INET;
	to->in.sin_port = from->port;
	memcpy(&to->in.sin_addr, from->addr, sizeof(to->in.sin_addr));
	return sizeof(to->in);
}

static void from_host(const struct sockaddr *from, socklen_t size, struct zpy_host_addr *to)
{
	*to = (struct zpy_host_addr){0};
	if (size >= sizeof(struct sockaddr_in) && from->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)from;

		to->version = 4;
		to->port = in->sin_port;
		memcpy(to->addr, &in->sin_addr, sizeof(in->sin_addr));
	} else if (size >= sizeof(struct sockaddr_in6) && from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

		to->version = 6;
		to->port = in6->sin6_port;
		to->scope = in6->sin6_scope_id;
		memcpy(to->addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
	}
}

/* Sockets */

int zpy_host_socket(int version, unsigned int type, int protocol)
{
	static const int types[] = {HOST_TYPES(NUMBER)};
	int fd = socket(family_of(version), types[type] | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	users += fd >= 0;
	return result(fd);
}

void zpy_host_close(int fd)
{
	struct linger linger;
	socklen_t size = sizeof(linger);

	forget(fd);
	/* Lingering is the one thing that lets a socket wait that has been told not to. */
	if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &size) == 0 && linger.l_onoff &&
	    linger.l_linger > 0) {
		linger.l_onoff = 0;
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	}
	(void)close(fd);
	users--;
}

int zpy_host_bind(int fd, const struct zpy_host_addr *addr)
{
	union address to;
	socklen_t size = to_host(addr, &to);

	return result(bind(fd, &to.any, size));
}

int zpy_host_connect(int fd, const struct zpy_host_addr *addr)
{
	union address to;
	socklen_t size = to_host(addr, &to);

	return result(connect(fd, &to.any, size));
}

int zpy_host_listen(int fd, int backlog)
{
	return result(listen(fd, backlog));
}

int zpy_host_accept(int fd, struct zpy_host_addr *addr)
{
	union address from;
	socklen_t size = sizeof(from);
	int accepted = accept4(fd, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (accepted >= 0) {
		users++;
		from_host(&from.any, size, addr);
	}
	return result(accepted);
}

int zpy_host_shutdown(int fd, bool reading, bool writing)
{
	return result(shutdown(fd, reading && writing ? SHUT_RDWR : reading ? SHUT_RD : SHUT_WR));
}

int zpy_host_name(int fd, bool peer, struct zpy_host_addr *addr)
{
	union address name;
	socklen_t size = sizeof(name);
	int ret = peer ? getpeername(fd, &name.any, &size) : getsockname(fd, &name.any, &size);

	if (ret == 0) {
		from_host(&name.any, size, addr);
	}
	return result(ret);
}

int64_t zpy_host_recv(int fd, void *buf, size_t size, bool peek, bool whole,
		      struct zpy_host_addr *addr)
{
	union address from;
	socklen_t length = sizeof(from);
	ssize_t ret = recvfrom(fd, buf, size, (peek ? MSG_PEEK : 0) | (whole ? MSG_TRUNC : 0),
			       &from.any, &length);

	if (ret < 0) {
		return place_of(errno);
	}
	if (addr != NULL) {
		from_host(&from.any, length, addr);
	}
	return ret;
}

int64_t zpy_host_send(int fd, const void *buf, size_t size, const struct zpy_host_addr *addr)
{
	union address to;
	socklen_t length = addr != NULL ? to_host(addr, &to) : 0;
	ssize_t ret = sendto(fd, buf, size, MSG_NOSIGNAL, addr != NULL ? &to.any : NULL, length);

	return ret < 0 ? place_of(errno) : ret;
}

int zpy_host_available(int fd)
{
	int bytes = 0;
	int ret = ioctl(fd, FIONREAD, &bytes);

	return ret < 0 ? place_of(errno) : bytes;
}

/* Options */

static const struct {
	int level;
	int name;
} options[] = {
#define OPTION(level, name) {level, name},
	HOST_OPTIONS(OPTION)};

int zpy_host_getsockopt(int fd, unsigned int option, void *value, size_t *size)
{
	socklen_t length = *size;
	int ret = getsockopt(fd, options[option].level, options[option].name, value, &length);

	*size = length;
	return result(ret);
}

int zpy_host_setsockopt(int fd, unsigned int option, const void *value, size_t size)
{
	return result(setsockopt(fd, options[option].level, options[option].name, value, size));
}

int zpy_host_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);
	int ret = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);

	return ret < 0 ? place_of(errno) : error != 0 ? place_of(error) : 0;
}

/* Names */

struct zpy_host_query {
	atomic_int refs; /* the machine's, and the thread's that asks */
	atomic_bool done;
	int event; /* an eventfd, which is what the machine watches */
	int version;
	int status;
	struct addrinfo *found;
	char name[];
};

static void put(struct zpy_host_query *query)
{
	if (atomic_fetch_sub(&query->refs, 1) == 1) {
		if (query->found != NULL) {
			freeaddrinfo(query->found);
		}
		(void)close(query->event);
		free(query);
	}
}

static void *ask(void *arg)
{
	struct zpy_host_query *query = arg;
	const struct addrinfo hints = {
		.ai_family = family_of(query->version),
		.ai_socktype = SOCK_STREAM,
	};
	const uint64_t one = 1;

	query->status = getaddrinfo(query->name, NULL, &hints, &query->found);
	atomic_store(&query->done, true);
	(void)!write(query->event, &one, sizeof(one)); /* there is room for one */
	put(query);
	return NULL;
}

struct zpy_host_query *zpy_host_resolve(const char *name, int version, void *watcher)
{
	struct zpy_host_query *query = calloc(1, sizeof(*query) + strlen(name) + 1);
	pthread_t thread;

	if (query == NULL) {
		return NULL;
	}
	strcpy(query->name, name);
	query->version = version;
	atomic_init(&query->refs, 2);
	users++;
	query->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (query->event < 0 || zpy_host_watch(query->event, 1, watcher) < 0 ||
	    pthread_create(&thread, NULL, ask, query) != 0) {
		put(query);
		zpy_host_resolve_end(query);
		return NULL;
	}
	pthread_detach(thread);
	return query;
}

int zpy_host_answer(struct zpy_host_query *query, struct zpy_host_addr *addrs, int room)
{
	static const int known[] = {HOST_NAME_ERRORS(NUMBER)};
	int count = 0;

	if (!atomic_load(&query->done)) {
		return 0;
	}
	for (size_t i = 0; i < COUNT(known) && query->status != 0; i++) {
		if (known[i] == query->status) {
			return -1 - (int)i;
		}
	}
	for (struct addrinfo *each = query->found; each != NULL && count < room;
	     each = each->ai_next) {
		from_host(each->ai_addr, each->ai_addrlen, &addrs[count++]);
	}
	return count > 0 ? count : -1;
}

void zpy_host_resolve_end(struct zpy_host_query *query)
{
	forget(query->event);
	users--;
	put(query);
}

int zpy_host_hostname(char *name, size_t size)
{
	int ret = gethostname(name, size);

	if (ret == 0 && memchr(name, '\0', size) == NULL) {
		return place_of(ENAMETOOLONG);
	}
	return result(ret);
}
