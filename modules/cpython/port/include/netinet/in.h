/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_NETINET_IN_H_
#define ZPY_PORT_NETINET_IN_H_

#include <arpa/inet.h>
#include <stdint.h>
#include <sys/socket.h>

#define IPPROTO_IP     0
#define IPPROTO_ICMP   1
#define IPPROTO_IGMP   2
#define IPPROTO_TCP    6
#define IPPROTO_UDP    17
#define IPPROTO_IPV6   41
#define IPPROTO_ICMPV6 58
#define IPPROTO_RAW    255

#define INADDR_ANY       0x00000000U
#define INADDR_BROADCAST 0xffffffffU
#define INADDR_LOOPBACK  0x7f000001U

typedef uint16_t in_port_t;

struct sockaddr_in {
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
};

struct sockaddr_in6 {
	sa_family_t sin6_family;
	in_port_t sin6_port;
	struct in6_addr sin6_addr;
	uint8_t sin6_scope_id;
};

#endif /* ZPY_PORT_NETINET_IN_H_ */
