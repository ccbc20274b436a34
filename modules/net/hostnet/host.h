/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What native_sim is told of its host's network: between hostnet.c and host.c. */

#ifndef ZPY_NET_HOSTNET_HOST_H_
#define ZPY_NET_HOSTNET_HOST_H_

#include <stddef.h>
#include <stdint.h>

#define HOSTNET_NAME 16 /* bytes of an interface's name, with its end */
#define HOSTNET_DATA 16 /* bytes that the host knows of one thing */

/* X(name, the host's request) */
#define HOSTNET_THINGS(X)                                                                          \
	X("flags", SIOCGIFFLAGS)                                                                   \
	X("address", SIOCGIFADDR)                                                                  \
	X("netmask", SIOCGIFNETMASK)                                                               \
	X("mtu", SIOCGIFMTU)                                                                       \
	X("hardware", SIOCGIFHWADDR)

/* X(name, the host's file) */
#define HOSTNET_TABLES(X)                                                                          \
	X("dev", "/proc/net/dev")                                                                  \
	X("if_inet6", "/proc/net/if_inet6")                                                        \
	X("route", "/proc/net/route")                                                              \
	X("tcp", "/proc/net/tcp")                                                                  \
	X("tcp6", "/proc/net/tcp6")                                                                \
	X("udp", "/proc/net/udp")                                                                  \
	X("udp6", "/proc/net/udp6")                                                                \
	X("resolv.conf", "/etc/resolv.conf")

/** The name of the interface at a place, from 0. @return 0, or -1 if there is none */
int hostnet_name(int place, char *name);

/** What the host knows of an interface; thing is a place in the list. @return 0, or -1: nothing */
int hostnet_ask(const char *name, unsigned int thing, uint8_t *data);

/** Opens one of the tables. @return a number, or -1 */
int hostnet_open(unsigned int table);

/** @return bytes, 0 at the end, -1 */
int hostnet_read(int fd, void *buf, size_t size);

void hostnet_close(int fd);

/** The inodes of this process's sockets. @return how many there are, which may be above room */
int hostnet_inodes(uint64_t *inodes, int room);

#endif /* ZPY_NET_HOSTNET_HOST_H_ */
