/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Addresses as text: picolibc's <arpa/inet.h> has the byte order alone (socket.c). */

#ifndef ZPY_PORT_ARPA_INET_H_
#define ZPY_PORT_ARPA_INET_H_

#include_next <arpa/inet.h>
#include <stdint.h>
#include <sys/socket.h>

#define INET_ADDRSTRLEN  16
#define INET6_ADDRSTRLEN 46

typedef uint32_t in_addr_t;

struct in_addr {
	in_addr_t s_addr;
};

struct in6_addr {
	uint8_t s6_addr[16];
};

int inet_aton(const char *text, struct in_addr *addr);
char *inet_ntoa(struct in_addr addr);
int inet_pton(int family, const char *text, void *addr);
const char *inet_ntop(int family, const void *addr, char *text, socklen_t size);

#endif /* ZPY_PORT_ARPA_INET_H_ */
