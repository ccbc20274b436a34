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
#define INADDR_NONE      0xffffffffU

#define INADDR_UNSPEC_GROUP    0xe0000000U
#define INADDR_ALLHOSTS_GROUP  0xe0000001U
#define INADDR_MAX_LOCAL_GROUP 0xe00000ffU

typedef uint16_t in_port_t;

struct sockaddr_in {
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
	unsigned char sin_zero[8];
};

struct sockaddr_in6 {
	sa_family_t sin6_family;
	in_port_t sin6_port;
	uint32_t sin6_flowinfo;
	struct in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};

#define IP_TOS             1
#define IP_TTL             2
#define IP_MULTICAST_TTL   33
#define IP_ADD_MEMBERSHIP  35
#define IP_DROP_MEMBERSHIP 36

#define IPV6_UNICAST_HOPS   16
#define IPV6_MULTICAST_HOPS 18
#define IPV6_JOIN_GROUP     20
#define IPV6_LEAVE_GROUP    21
#define IPV6_V6ONLY         26
#define IPV6_TCLASS         67

#endif /* ZPY_PORT_NETINET_IN_H_ */
