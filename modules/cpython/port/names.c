/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Names of hosts and services: getaddrinfo() and its kin.
 *
 * Numbers and "localhost" are answered here, other names by Zephyr's resolver (names_inet.c)
 * or the host's (native_sim/sockets.c).
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "inet.h"

#define ADDRS_MAX 8 /* of one name */

#if !defined(CONFIG_NET_SOCKETS)
int sethostname(const char *name, size_t size)
{
	ARG_UNUSED(name);
	ARG_UNUSED(size);
	errno = EPERM; /* it is the board's, or the host's */
	return -1;
}
#endif

#if !defined(CONFIG_CPYTHON_SOCKETS)
int gethostname(char *name, size_t size)
{
	if (strlen(CONFIG_BOARD) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, CONFIG_BOARD);
	return 0;
}
#endif

/* Services that programs ask for by name; a number always works. */
static const struct service {
	const char *name;
	uint16_t port;
	bool tcp;
	bool udp;
} services[] = {
	{"echo", 7, true, true},       {"discard", 9, true, true},  {"daytime", 13, true, true},
	{"ftp-data", 20, true, false}, {"ftp", 21, true, false},    {"ssh", 22, true, false},
	{"telnet", 23, true, false},   {"smtp", 25, true, false},   {"time", 37, true, true},
	{"domain", 53, true, true},    {"tftp", 69, false, true},   {"http", 80, true, false},
	{"pop3", 110, true, false},    {"ntp", 123, false, true},   {"imap", 143, true, false},
	{"snmp", 161, false, true},    {"https", 443, true, true},  {"syslog", 514, false, true},
	{"imaps", 993, true, false},   {"pop3s", 995, true, false}, {"mqtt", 1883, true, false},
	{"mdns", 5353, false, true},   {"coap", 5683, true, true},  {"http-alt", 8080, true, false},
	{"mqtts", 8883, true, false},
};

static bool serves(const struct service *service, const char *protocol)
{
	return protocol == NULL || (service->tcp && strcmp(protocol, "tcp") == 0) ||
	       (service->udp && strcmp(protocol, "udp") == 0);
}

static const struct service *service_named(const char *name, const char *protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (strcmp(name, services[i].name) == 0 && serves(&services[i], protocol)) {
			return &services[i];
		}
	}
	return NULL;
}

static const struct service *service_at(int port, const char *protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (port == services[i].port && serves(&services[i], protocol)) {
			return &services[i];
		}
	}
	return NULL;
}

/** The answer's storage is one for all: who asks holds the interpreter's lock. */
static struct servent *as_servent(const struct service *service, const char *protocol)
{
	static char *aliases[] = {NULL};
	static struct servent entry;

	if (service == NULL) {
		return NULL;
	}
	entry = (struct servent){
		.s_name = (char *)service->name,
		.s_aliases = aliases,
		.s_port = htons(service->port),
		.s_proto = protocol != NULL ? (char *)protocol
			   : service->tcp   ? "tcp"
					    : "udp",
	};
	return &entry;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
	return as_servent(service_named(name, protocol), protocol);
}

struct servent *getservbyport(int port, const char *protocol)
{
	return as_servent(service_at(ntohs(port), protocol), protocol);
}

struct protoent *getprotobyname(const char *name)
{
	static char *aliases[] = {NULL};
	static struct protoent protocols[] = {
		{"ip", aliases, IPPROTO_IP},     {"icmp", aliases, IPPROTO_ICMP},
		{"tcp", aliases, IPPROTO_TCP},   {"udp", aliases, IPPROTO_UDP},
		{"ipv6", aliases, IPPROTO_IPV6}, {"ipv6-icmp", aliases, IPPROTO_ICMPV6},
	};

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(name, protocols[i].p_name) == 0) {
			return &protocols[i];
		}
	}
	return NULL;
}

/* Hosts */

static void loopback(int family, struct inet_addr *addr)
{
	*addr = (struct inet_addr){.family = family};
	if (family == AF_INET6) {
		addr->addr[15] = 1;
	} else {
		uint32_t number = htonl(INADDR_LOOPBACK);

		memcpy(addr->addr, &number, sizeof(number));
	}
}

/** An address in numbers; one of IPv6 may name its interface after a "%". */
static bool numeric(const char *host, int family, struct inet_addr *addr)
{
	char text[INET6_ADDRSTRLEN];
	const char *zone = strchr(host, '%');
	size_t length = zone != NULL ? (size_t)(zone - host) : strlen(host);

	*addr = (struct inet_addr){0};
	if (family != AF_INET6 && zone == NULL && inet_pton(AF_INET, host, addr->addr) == 1) {
		addr->family = AF_INET;
		return true;
	}
	if (family == AF_INET || length >= sizeof(text)) {
		return false;
	}
	memcpy(text, host, length);
	text[length] = '\0';
	if (inet_pton(AF_INET6, text, addr->addr) != 1) {
		return false;
	}
	addr->family = AF_INET6;
	if (zone != NULL) {
		char *end;

		addr->scope = strtoul(zone + 1, &end, 10);
		return zone[1] != '\0' && *end == '\0';
	}
	return true;
}

static bool is_localhost(const char *host)
{
	char own[64];

	return strcasecmp(host, "localhost") == 0 ||
	       (gethostname(own, sizeof(own)) == 0 && strcasecmp(host, own) == 0);
}

/** All addresses of a host, IPv4 first. @return how many, or an EAI_ code */
static int look_up(const char *host, const struct addrinfo *hints, struct inet_addr *addrs)
{
	int family = hints->ai_family;
	int found = 0;

	if (host != NULL && numeric(host, family, &addrs[0])) {
		return 1;
	}
	if (host != NULL && (hints->ai_flags & AI_NUMERICHOST)) {
		return EAI_NONAME;
	}
	if (host == NULL || is_localhost(host)) {
		for (int each = AF_INET; each <= AF_INET6; each++) {
			if (family != AF_UNSPEC && family != each) {
				continue;
			}
			if (each == AF_INET6 && !IS_ENABLED(CONFIG_NET_IPV6) &&
			    !IS_ENABLED(CONFIG_CPYTHON_HOST_SOCKETS)) {
				continue;
			}
			loopback(each, &addrs[found]);
			if (host == NULL && (hints->ai_flags & AI_PASSIVE)) {
				memset(addrs[found].addr, 0, sizeof(addrs[found].addr));
			}
			found++;
		}
		return found > 0 ? found : EAI_FAMILY;
	}
	/* Resolvers would make addresses of numbers that are none. */
	if (numeric(host, AF_UNSPEC, &addrs[0]) || strspn(host, "0123456789.") == strlen(host) ||
	    host[0] == '\0' || strlen(host) > 253 || strchr(host, ' ') != NULL) {
		return EAI_NONAME;
	}
#if defined(CONFIG_CPYTHON_SOCKETS)
	found = inet_resolve(host, family, addrs, ADDRS_MAX);
#endif
	if (found == INET_INTERRUPTED) {
		errno = EINTR;
		return EAI_SYSTEM;
	}
	return found > 0 ? found : found == 0 || found == EAI_NODATA ? EAI_NONAME : found;
}

static int look_up_port(const char *service, const struct addrinfo *hints, int type)
{
	const struct service *known;
	char *end;
	unsigned long port;

	if (service == NULL) {
		return 0;
	}
	port = strtoul(service, &end, 10);
	if (end != service && *end == '\0') {
		return port <= UINT16_MAX ? (int)port : EAI_SERVICE;
	}
	if (hints->ai_flags & AI_NUMERICSERV) {
		return EAI_NONAME;
	}
	known = service_named(service, type == SOCK_DGRAM ? "udp" : "tcp");
	return known != NULL ? known->port : EAI_SERVICE;
}

/** One answer with its address, to be freed as one. */
static struct addrinfo *new_answer(const struct inet_addr *addr, int type, int port)
{
	struct answer {
		struct addrinfo info;
		union {
			struct sockaddr_in in;
			struct sockaddr_in6 in6;
		} addr;
	} *answer = calloc(1, sizeof(*answer));

	if (answer == NULL) {
		return NULL;
	}
	answer->info = (struct addrinfo){
		.ai_family = addr->family,
		.ai_socktype = type,
		.ai_protocol = type == SOCK_STREAM  ? IPPROTO_TCP
			       : type == SOCK_DGRAM ? IPPROTO_UDP
						    : 0,
		.ai_addr = (struct sockaddr *)&answer->addr,
	};
	if (addr->family == AF_INET6) {
		answer->info.ai_addrlen = sizeof(answer->addr.in6);
		answer->addr.in6.sin6_family = AF_INET6;
		answer->addr.in6.sin6_port = htons(port);
		answer->addr.in6.sin6_scope_id = addr->scope;
		memcpy(&answer->addr.in6.sin6_addr, addr->addr, 16);
	} else {
		answer->info.ai_addrlen = sizeof(answer->addr.in);
		answer->addr.in.sin_family = AF_INET;
		answer->addr.in.sin_port = htons(port);
		memcpy(&answer->addr.in.sin_addr, addr->addr, 4);
	}
	return &answer->info;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	static const struct addrinfo none;
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
	struct inet_addr addrs[ADDRS_MAX];
	struct addrinfo **next = result;
	int refused = EAI_SOCKTYPE;
	int found;

	*result = NULL;
	hints = hints != NULL ? hints : &none;
	if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET &&
	    hints->ai_family != AF_INET6) {
		return EAI_FAMILY;
	}
	if (host == NULL && service == NULL) {
		return EAI_NONAME;
	}
	found = look_up(host, hints, addrs);
	if (found < 0) {
		return found;
	}
	for (int i = 0; i < found; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(types); j++) {
			int port;
			int protocol = types[j] == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;

			if ((hints->ai_socktype != 0 && hints->ai_socktype != types[j]) ||
			    (hints->ai_protocol != 0 && hints->ai_protocol != protocol)) {
				continue;
			}
			port = look_up_port(service, hints, types[j]);
			if (port < 0) {
				refused = port;
				continue;
			}
			*next = new_answer(&addrs[i], types[j], port);
			if (*next == NULL) {
				freeaddrinfo(*result);
				*result = NULL;
				return EAI_MEMORY;
			}
			next = &(*next)->ai_next;
		}
	}
	if (*result == NULL) {
		return refused;
	}
	if (hints->ai_flags & AI_CANONNAME) {
		(*result)->ai_canonname = strdup(host != NULL ? host : "localhost");
	}
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	while (list != NULL) {
		struct addrinfo *next = list->ai_next;

		free(list->ai_canonname);
		free(list);
		list = next;
	}
}

int h_errno;

/** The answer's storage is one for all: the socket module holds a lock while it uses it. */
static struct hostent *as_hostent(const char *name, const struct inet_addr *found, int count)
{
	static uint8_t storage[ADDRS_MAX][16];
	static char *addrs[ADDRS_MAX + 1];
	static char *aliases[] = {NULL};
	static char text[256];
	static struct hostent host;

	count = MIN(count, ADDRS_MAX);
	for (int i = 0; i < count; i++) {
		memcpy(storage[i], found[i].addr, sizeof(storage[i]));
		addrs[i] = (char *)storage[i];
	}
	addrs[count] = NULL;
	snprintf(text, sizeof(text), "%s", name);
	host = (struct hostent){
		.h_name = text,
		.h_aliases = aliases,
		.h_addrtype = found[0].family,
		.h_length = found[0].family == AF_INET6 ? 16 : 4,
		.h_addr_list = addrs,
	};
	return &host;
}

struct hostent *gethostbyname(const char *name)
{
	struct inet_addr found[ADDRS_MAX];
	struct addrinfo hints = {.ai_family = AF_INET};
	int count = look_up(name, &hints, found);

	if (count <= 0) {
		h_errno = HOST_NOT_FOUND;
		return NULL;
	}
	return as_hostent(name, found, count);
}

static bool is_loopback(const struct inet_addr *addr)
{
	struct inet_addr own;

	loopback(addr->family, &own);
	return addr->family == AF_INET ? addr->addr[0] == 127
				       : memcmp(addr->addr, own.addr, sizeof(own.addr)) == 0;
}

struct hostent *gethostbyaddr(const void *addr, socklen_t size, int family)
{
	struct inet_addr from = {.family = family};

	if ((family != AF_INET && family != AF_INET6) || size != (family == AF_INET ? 4 : 16)) {
		h_errno = HOST_NOT_FOUND;
		return NULL;
	}
	memcpy(from.addr, addr, size);
	/* Zephyr's resolver does not ask for the name of an address. */
	if (!is_loopback(&from)) {
		h_errno = HOST_NOT_FOUND;
		return NULL;
	}
	return as_hostent("localhost", &from, 1);
}

const char *hstrerror(int error)
{
	return error == HOST_NOT_FOUND ? "Unknown host" : "Resolver error";
}

int getnameinfo(const struct sockaddr *addr, socklen_t size, char *host, socklen_t host_size,
		char *service, socklen_t service_size, int flags)
{
	struct inet_addr from = {.family = addr->sa_family};
	const struct service *known;
	int port;

	if (addr->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

		memcpy(from.addr, &in->sin_addr, 4);
		port = ntohs(in->sin_port);
	} else if (addr->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

		memcpy(from.addr, &in6->sin6_addr, 16);
		from.scope = in6->sin6_scope_id;
		port = ntohs(in6->sin6_port);
	} else {
		return EAI_FAMILY;
	}
	if (host != NULL && host_size > 0) {
		if (!(flags & NI_NUMERICHOST) && is_loopback(&from)) {
			if (snprintf(host, host_size, "localhost") >= (int)host_size) {
				return EAI_OVERFLOW;
			}
		} else if (flags & NI_NAMEREQD) {
			return EAI_NONAME;
		} else if (inet_ntop(from.family, from.addr, host, host_size) == NULL) {
			return EAI_OVERFLOW;
		} else if (from.scope != 0) {
			size_t used = strlen(host);

			if (snprintf(host + used, host_size - used, "%%%u", (unsigned)from.scope) >=
			    (int)(host_size - used)) {
				return EAI_OVERFLOW;
			}
		}
	}
	if (service != NULL && service_size > 0) {
		known = service_at(port, flags & NI_DGRAM ? "udp" : "tcp");
		if (known != NULL && !(flags & NI_NUMERICSERV)) {
			port = snprintf(service, service_size, "%s", known->name);
		} else {
			port = snprintf(service, service_size, "%d", port);
		}
		if (port >= (int)service_size) {
			return EAI_OVERFLOW;
		}
	}
	return 0;
}

const char *gai_strerror(int error)
{
	switch (error) {
	case EAI_AGAIN:
		return "Temporary failure in name resolution";
	case EAI_FAIL:
		return "Non-recoverable failure in name resolution";
	case EAI_FAMILY:
		return "Address family not supported";
	case EAI_MEMORY:
		return "Out of memory";
	case EAI_NONAME:
		return "Name or service not known";
	case EAI_SERVICE:
		return "Service not known";
	case EAI_SOCKTYPE:
		return "Socket type not supported";
	case EAI_OVERFLOW:
		return "Name does not fit";
	default:
		return "Name resolution failed";
	}
}
