/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What socket.c and names.c ask of Zephyr's network (socket_inet.c, names_inet.c), or of
 * the host's (native_sim/sockets.c).
 *
 * Zephyr's headers and the port layer's own both define struct sockaddr, so no file can include
 * both. Between them are the types below; options, flags and families have the same numbers on both
 * sides. Functions return what their POSIX namesakes do, or a negative errno.
 */

#ifndef ZPY_PORT_INET_H_
#define ZPY_PORT_INET_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "port.h"

struct inet_addr {
	uint16_t family;
	uint16_t port; /* in network order */
	uint8_t addr[16];
	uint32_t scope; /* IPv6: number of the interface */
};

/** The operations of an open file with a socket (socket.c), which are made of those below. */
extern const struct open_ops inet_ops;

/** A new open file with a socket, or NULL with errno set. */
struct open_file *inet_socket(int family, int type, int protocol);

/** See open_ops in port.h. */
int inet_poll(struct open_file *of, int events, struct port_waiter waiters[2]);
void inet_close(struct open_file *of);

int inet_bind(struct open_file *of, const struct inet_addr *addr);
int inet_connect(struct open_file *of, const struct inet_addr *addr);
int inet_listen(struct open_file *of, int backlog);

/** @return 0 and an open file of its own for the connection. */
int inet_accept(struct open_file *of, struct open_file **accepted, struct inet_addr *addr);

int inet_shutdown(struct open_file *of, bool reading, bool writing);

/** The socket's address, or that of its peer. */
int inet_name(struct open_file *of, bool peer, struct inet_addr *addr);

int inet_getsockopt(struct open_file *of, int level, int option, void *value, size_t *size);
int inet_setsockopt(struct open_file *of, int level, int option, const void *value, size_t size);

/** addr may be NULL. @return bytes; for a datagram its whole length, which may be above size. */
ssize_t inet_recv(struct open_file *of, void *buf, size_t size, int flags, struct inet_addr *addr);

ssize_t inet_send(struct open_file *of, const void *buf, size_t size, int flags,
		  const struct inet_addr *addr);

/** Bytes that recv() would give at once. */
int inet_available(struct open_file *of);

/** Interrupted by a signal; in the place of an EAI_ code that does not exist. */
#define INET_INTERRUPTED (-101)

/** Asks the name servers. @return how many addresses were found (at most room), an EAI_*, or
 * INET_INTERRUPTED.
 */
int inet_resolve(const char *name, int family, struct inet_addr *addrs, int room);

#endif /* ZPY_PORT_INET_H_ */
