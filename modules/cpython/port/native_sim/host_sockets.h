/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The host's sockets, as sockets.c asks for them: between the machine and its host.
 *
 * Nothing here waits: the host's process is the whole machine. Functions return a negative place
 * in HOST_ERRORS, counted from -1, when they fail; types, options and events are places and bits
 * of the other lists in host_names.h.
 */

#ifndef ZPY_PORT_NATIVE_SIM_HOST_SOCKETS_H_
#define ZPY_PORT_NATIVE_SIM_HOST_SOCKETS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Raised when something that is watched has news. Zephyr numbers its own from 0. */
#define ZPY_HOST_IRQ (N_IRQS - 1)

struct zpy_host_addr {
	uint8_t version; /* of IP: 4 or 6; 0 for no address */
	uint16_t port;   /* in network order */
	uint32_t scope;
	uint8_t addr[16];
};

/** A socket that never waits. @return its number with the host */
int zpy_host_socket(int version, unsigned int type, int protocol);

/** Closes it, and ends what zpy_host_watch() has begun. */
void zpy_host_close(int fd);

int zpy_host_bind(int fd, const struct zpy_host_addr *addr);
int zpy_host_connect(int fd, const struct zpy_host_addr *addr);
int zpy_host_listen(int fd, int backlog);
int zpy_host_accept(int fd, struct zpy_host_addr *addr);
int zpy_host_shutdown(int fd, bool reading, bool writing);
int zpy_host_name(int fd, bool peer, struct zpy_host_addr *addr);

/** whole: tell the whole length of a datagram. addr may be NULL. @return bytes */
int64_t zpy_host_recv(int fd, void *buf, size_t size, bool peek, bool whole,
		      struct zpy_host_addr *addr);
int64_t zpy_host_send(int fd, const void *buf, size_t size, const struct zpy_host_addr *addr);

/** Bytes that can be read. */
int zpy_host_available(int fd);

/** size: the room, then what is used of it. @return 0 */
int zpy_host_getsockopt(int fd, unsigned int option, void *value, size_t *size);
int zpy_host_setsockopt(int fd, unsigned int option, const void *value, size_t size);

/** Takes the socket's error: 0 for none. */
int zpy_host_error(int fd);

/** Those of the events that are so, now. */
unsigned int zpy_host_poll(int fd, unsigned int events);

/** Has the interrupt raised, once, when one of the events comes; these take the place of others.
 * zpy_host_next() gives the watcher then. @return 0
 */
int zpy_host_watch(int fd, unsigned int events, void *watcher);

/** A watcher with news, whose watching has ended; NULL: there is none (any more). */
void *zpy_host_next(void);

struct zpy_host_query;

/** Begins to look a name up (version 4, 6, or 0 for both), and watches. NULL: no memory. */
struct zpy_host_query *zpy_host_resolve(const char *name, int version, void *watcher);

/** @return 0: no answer yet; how many addresses; negative: a place in HOST_NAME_ERRORS */
int zpy_host_answer(struct zpy_host_query *query, struct zpy_host_addr *addrs, int room);

/** Gives the question up, answered or not. */
void zpy_host_resolve_end(struct zpy_host_query *query);

int zpy_host_hostname(char *name, size_t size);

#endif /* ZPY_PORT_NATIVE_SIM_HOST_SOCKETS_H_ */
