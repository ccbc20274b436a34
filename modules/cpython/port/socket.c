/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Sockets: pairs inside the machine. Other families have no network yet.
 *
 * A pair is what asyncio wakes its loop with; each end reads one pipe and writes the other.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zephyr/kernel.h>

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

static int pair_poll(struct open_file *of, struct port_waiter waiters[2])
{
	struct pair_end *end = of->data;

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

static int pair_stat(struct open_file *of, struct stat *st)
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
	.stat = pair_stat,
};

/** The open file of a descriptor that is a socket, or NULL with errno set. */
static struct open_file *get_socket(int fd)
{
	struct open_file *of = port_fd_get(fd);

	if (of != NULL && of->ops != &pair_ops) {
		port_file_put(of);
		errno = ENOTSOCK;
		return NULL;
	}
	return of;
}

/** Fails with an error, but with EBADF or ENOTSOCK where the descriptor is the reason. */
static int refuse(int fd, int error)
{
	struct open_file *of = get_socket(fd);

	if (of != NULL) {
		port_file_put(of);
		errno = error;
	}
	return -1;
}

int socket(int family, int type, int protocol)
{
	ARG_UNUSED(family);
	ARG_UNUSED(type);
	ARG_UNUSED(protocol);
	errno = EAFNOSUPPORT;
	return -1;
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

	/* Without named sockets there is no AF_UNIX in Python; it asks for a pair of AF_INET. */
	if (family != AF_INET || type != SOCK_STREAM || protocol != 0) {
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
	return port_fd_install_pair(first, second, fds);
}

int bind(int fd, const struct sockaddr *addr, socklen_t size)
{
	ARG_UNUSED(addr);
	ARG_UNUSED(size);
	return refuse(fd, EINVAL);
}

int connect(int fd, const struct sockaddr *addr, socklen_t size)
{
	ARG_UNUSED(addr);
	ARG_UNUSED(size);
	return refuse(fd, EISCONN);
}

int listen(int fd, int backlog)
{
	ARG_UNUSED(backlog);
	return refuse(fd, EINVAL);
}

int accept(int fd, struct sockaddr *addr, socklen_t *size)
{
	ARG_UNUSED(addr);
	ARG_UNUSED(size);
	return refuse(fd, EINVAL);
}

int shutdown(int fd, int how)
{
	struct open_file *of = get_socket(fd);
	struct pair_end *end;

	if (of == NULL) {
		return -1;
	}
	end = of->data;
	if (how == SHUT_RD || how == SHUT_RDWR) {
		port_pipe_shutdown(end->in, false);
	}
	if (how == SHUT_WR || how == SHUT_RDWR) {
		port_pipe_shutdown(end->out, true);
	}
	port_file_put(of);
	return port_result(how < SHUT_RD || how > SHUT_RDWR ? -EINVAL : 0);
}

static int unnamed(int fd, struct sockaddr *addr, socklen_t *size)
{
	struct open_file *of = get_socket(fd);
	struct sockaddr_in none = {.sin_family = AF_INET};

	if (of == NULL) {
		return -1;
	}
	port_file_put(of);
	memcpy(addr, &none, MIN(*size, sizeof(none)));
	*size = sizeof(none);
	return 0;
}

int getsockname(int fd, struct sockaddr *addr, socklen_t *size)
{
	return unnamed(fd, addr, size);
}

int getpeername(int fd, struct sockaddr *addr, socklen_t *size)
{
	return unnamed(fd, addr, size);
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	struct open_file *of = get_socket(fd);
	int answer = 0;
	int ret = 0;

	if (of == NULL) {
		return -1;
	}
	port_file_put(of);
	if (level != SOL_SOCKET) {
		ret = -ENOPROTOOPT;
	} else if (option == SO_TYPE) {
		answer = SOCK_STREAM;
	} else if (option == SO_DOMAIN) {
		answer = AF_INET;
	} else if (option != SO_ERROR && option != SO_PROTOCOL && option != SO_ACCEPTCONN) {
		ret = -ENOPROTOOPT;
	}
	if (ret == 0) {
		*size = MIN(*size, sizeof(answer));
		memcpy(value, &answer, *size);
	}
	return port_result(ret);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	ARG_UNUSED(level);
	ARG_UNUSED(option);
	ARG_UNUSED(value);
	ARG_UNUSED(size);
	return refuse(fd, ENOPROTOOPT);
}

ssize_t recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *addr,
		 socklen_t *addr_size)
{
	struct open_file *of = get_socket(fd);
	struct pair_end *end;
	bool wait;
	size_t done = 0;
	ssize_t ret;

	if (of == NULL) {
		return -1;
	}
	end = of->data;
	wait = !(of->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT);
	do {
		ret = port_pipe_read(end->in, (char *)buf + done, size - done, wait,
				     flags & MSG_PEEK);
		done += MAX(ret, 0);
	} while (ret > 0 && (flags & MSG_WAITALL) && !(flags & MSG_PEEK) && done < size);
	port_file_put(of);
	if (addr != NULL && addr_size != NULL) {
		*addr_size = 0; /* the peer has no name */
	}
	return done > 0 ? (ssize_t)done : port_result(ret);
}

ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	return recvfrom(fd, buf, size, flags, NULL, NULL);
}

ssize_t send(int fd, const void *buf, size_t size, int flags)
{
	struct open_file *of = get_socket(fd);
	struct pair_end *end;
	ssize_t ret;

	if (of == NULL) {
		return -1;
	}
	end = of->data;
	ret = port_pipe_write(end->out, buf, size,
			      !(of->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT));
	port_file_put(of);
	return port_result(ret);
}

ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *addr,
	       socklen_t addr_size)
{
	ARG_UNUSED(addr_size);
	return addr != NULL ? refuse(fd, EISCONN) : send(fd, buf, size, flags);
}

int gethostname(char *name, size_t size)
{
	if (strlen(CONFIG_BOARD) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, CONFIG_BOARD);
	return 0;
}

/* Addresses as text */

static const char *parse_ipv4(const char *text, uint8_t out[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned int value = 0;
		int digits = 0;

		while (*text >= '0' && *text <= '9' && digits < 3) {
			value = value * 10 + (*text++ - '0');
			digits++;
		}
		if (digits == 0 || value > 255 || (i < 3 && *text++ != '.')) {
			return NULL;
		}
		out[i] = value;
	}
	return text;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool parse_ipv6(const char *text, uint8_t out[16])
{
	int used = 0;
	int gap = -1;

	if (text[0] == ':' && text[1] != ':') {
		return false;
	}
	memset(out, 0, 16);
	while (*text != '\0') {
		const char *start = text;
		unsigned int value = 0;
		int digits = 0;

		if (text[0] == ':' && text[1] == ':') {
			if (gap >= 0) {
				return false;
			}
			gap = used;
			text += 2;
			continue;
		}
		if (text[0] == ':') {
			text++;
			if (*text == '\0') {
				return false;
			}
			continue;
		}
		for (; hex_digit(*text) >= 0 && digits < 4; digits++) {
			value = value << 4 | hex_digit(*text++);
		}
		if (*text == '.' && used <= 12) {
			text = parse_ipv4(start, &out[used]);
			used += 4;
			if (text == NULL || *text != '\0') {
				return false;
			}
			break;
		}
		if (digits == 0 || used > 14 || (*text != ':' && *text != '\0')) {
			return false;
		}
		out[used++] = value >> 8;
		out[used++] = value;
	}
	if (gap >= 0) {
		if (used == 16) {
			return false;
		}
		memmove(&out[16 - (used - gap)], &out[gap], used - gap);
		memset(&out[gap], 0, 16 - used);
		used = 16;
	}
	return used == 16;
}

int inet_pton(int family, const char *text, void *addr)
{
	uint8_t out[16];
	const char *end;

	switch (family) {
	case AF_INET:
		end = parse_ipv4(text, out);
		if (end == NULL || *end != '\0') {
			return 0;
		}
		memcpy(addr, out, 4);
		return 1;
	case AF_INET6:
		if (!parse_ipv6(text, out)) {
			return 0;
		}
		memcpy(addr, out, 16);
		return 1;
	default:
		errno = EAFNOSUPPORT;
		return -1;
	}
}

int inet_aton(const char *text, struct in_addr *addr)
{
	return inet_pton(AF_INET, text, addr);
}

static void format_ipv6(const uint8_t *addr, char *text)
{
	int gap = -1;
	int gap_length = 1;

	/* The longest run of zeros, if it is more than one group (RFC 5952). */
	for (int i = 0; i < 8; i++) {
		int length = 0;

		while (i + length < 8 && addr[2 * (i + length)] == 0 &&
		       addr[2 * (i + length) + 1] == 0) {
			length++;
		}
		if (length > gap_length) {
			gap = i;
			gap_length = length;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == gap) {
			text += sprintf(text, i == 0 ? "::" : ":");
			i += gap_length - 1;
			continue;
		}
		text += sprintf(text, i == 7 ? "%x" : "%x:", addr[2 * i] << 8 | addr[2 * i + 1]);
	}
	*text = '\0';
}

const char *inet_ntop(int family, const void *addr, char *text, socklen_t size)
{
	const uint8_t *bytes = addr;
	char out[INET6_ADDRSTRLEN];

	if (family == AF_INET) {
		sprintf(out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
	} else if (family == AF_INET6) {
		format_ipv6(bytes, out);
	} else {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (strlen(out) >= size) {
		errno = ENOSPC;
		return NULL;
	}
	return strcpy(text, out);
}

char *inet_ntoa(struct in_addr addr)
{
	static char text[INET_ADDRSTRLEN];

	return (char *)inet_ntop(AF_INET, &addr, text, sizeof(text));
}

/* Names: numbers alone */

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	static const struct addrinfo none;
	struct {
		struct addrinfo info;
		struct sockaddr_in addr;
	} *one;
	struct in_addr addr;
	unsigned long port = 0;
	char *end;

	hints = hints != NULL ? hints : &none;
	if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET) {
		return EAI_FAMILY;
	}
	if (host == NULL) {
		addr.s_addr = htonl(hints->ai_flags & AI_PASSIVE ? INADDR_ANY : INADDR_LOOPBACK);
	} else if (strcmp(host, "localhost") == 0) {
		addr.s_addr = htonl(INADDR_LOOPBACK);
	} else if (inet_pton(AF_INET, host, &addr) != 1) {
		return EAI_NONAME;
	}
	if (service != NULL) {
		port = strtoul(service, &end, 10);
		if (end == service || *end != '\0' || port > UINT16_MAX) {
			return EAI_SERVICE;
		}
	}
	one = calloc(1, sizeof(*one));
	if (one == NULL) {
		return EAI_MEMORY;
	}
	one->addr = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = addr,
	};
	one->info = (struct addrinfo){
		.ai_family = AF_INET,
		.ai_socktype = hints->ai_socktype != 0 ? hints->ai_socktype : SOCK_STREAM,
		.ai_protocol = hints->ai_protocol,
		.ai_addrlen = sizeof(one->addr),
		.ai_addr = (struct sockaddr *)&one->addr,
	};
	*result = &one->info;
	return 0;
}

int h_errno;

struct hostent *gethostbyname(const char *name)
{
	static struct in_addr addr;
	static char *addrs[] = {(char *)&addr, NULL};
	static char *aliases[] = {NULL};
	static char text[INET_ADDRSTRLEN];
	static struct hostent host = {text, aliases, AF_INET, sizeof(addr), addrs};

	/* The socket module holds a lock while it uses the answer. */
	if (inet_pton(AF_INET, name, &addr) != 1) {
		h_errno = 1; /* HOST_NOT_FOUND */
		return NULL;
	}
	inet_ntop(AF_INET, &addr, text, sizeof(text));
	return &host;
}

void freeaddrinfo(struct addrinfo *list)
{
	free(list);
}

int getnameinfo(const struct sockaddr *addr, socklen_t size, char *host, socklen_t host_size,
		char *service, socklen_t service_size, int flags)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

	if (addr->sa_family != AF_INET || size < sizeof(*in)) {
		return EAI_FAMILY;
	}
	if (flags & NI_NAMEREQD) {
		return EAI_NONAME;
	}
	if (host != NULL && inet_ntop(AF_INET, &in->sin_addr, host, host_size) == NULL) {
		return EAI_OVERFLOW;
	}
	if (service != NULL &&
	    snprintf(service, service_size, "%u", ntohs(in->sin_port)) >= (int)service_size) {
		return EAI_OVERFLOW;
	}
	return 0;
}

const char *gai_strerror(int error)
{
	switch (error) {
	case EAI_AGAIN:
		return "Temporary failure in name resolution";
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
