/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Sockets (socket.c). The numbers are Zephyr's, so that its IP stack can take them as they
 * are; addresses are not handed over as they are.
 */

#ifndef ZPY_PORT_SYS_SOCKET_H_
#define ZPY_PORT_SYS_SOCKET_H_

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef unsigned short sa_family_t;
typedef unsigned int socklen_t;

/* Of the same size as a sockaddr_in: programs clear the one by the size of the other. */
struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};

struct sockaddr_storage {
	sa_family_t ss_family;
	uint64_t ss_data[15];
};

struct msghdr {
	void *msg_name;
	socklen_t msg_namelen;
	struct iovec *msg_iov;
	size_t msg_iovlen;
	void *msg_control;
	size_t msg_controllen;
	int msg_flags;
};

/* No ancillary data is sent or received; the macros let sendmsg() and recvmsg() be compiled. */
struct cmsghdr {
	size_t cmsg_len;
	int cmsg_level;
	int cmsg_type;
};

#define CMSG_ALIGN_(len) (((len) + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1))
#define CMSG_LEN(len)    (CMSG_ALIGN_(sizeof(struct cmsghdr)) + (len))
#define CMSG_SPACE(len)  (CMSG_ALIGN_(sizeof(struct cmsghdr)) + CMSG_ALIGN_(len))
#define CMSG_DATA(cmsg)  ((unsigned char *)(cmsg) + CMSG_ALIGN_(sizeof(struct cmsghdr)))
#define CMSG_FIRSTHDR(msg)                                                                         \
	((msg)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr *)(msg)->msg_control    \
							 : NULL)
#define CMSG_NXTHDR(msg, cmsg)                                                                     \
	((char *)(cmsg) + CMSG_ALIGN_((cmsg)->cmsg_len) + sizeof(struct cmsghdr) >                 \
			 (char *)(msg)->msg_control + (msg)->msg_controllen                        \
		 ? NULL                                                                            \
		 : (struct cmsghdr *)((char *)(cmsg) + CMSG_ALIGN_((cmsg)->cmsg_len)))

#define AF_UNSPEC 0
#define AF_INET   1
#define AF_INET6  2

#define SOCK_STREAM   1
#define SOCK_DGRAM    2
#define SOCK_RAW      3
#define SOCK_NONBLOCK 0x800
#define SOCK_CLOEXEC  0x80000

#define SOL_SOCKET    1
#define SO_DEBUG      1
#define SO_REUSEADDR  2
#define SO_TYPE       3
#define SO_ERROR      4
#define SO_DONTROUTE  5
#define SO_BROADCAST  6
#define SO_SNDBUF     7
#define SO_RCVBUF     8
#define SO_KEEPALIVE  9
#define SO_OOBINLINE  10
#define SO_PRIORITY   12
#define SO_LINGER     13
#define SO_REUSEPORT  15
#define SO_RCVLOWAT   18
#define SO_SNDLOWAT   19
#define SO_RCVTIMEO   20
#define SO_SNDTIMEO   21
#define SO_ACCEPTCONN 30
#define SO_PROTOCOL   38
#define SO_DOMAIN     39
#define SOMAXCONN     128

#define MSG_OOB      0x01
#define MSG_PEEK     0x02
#define MSG_CTRUNC   0x08
#define MSG_TRUNC    0x20
#define MSG_DONTWAIT 0x40
#define MSG_WAITALL  0x100
#define MSG_ERRQUEUE 0x2000
#define MSG_NOSIGNAL 0x4000 /* there is no signal for it */

#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2

int socket(int family, int type, int protocol);
int socketpair(int family, int type, int protocol, int fds[2]);
int bind(int fd, const struct sockaddr *addr, socklen_t size);
int connect(int fd, const struct sockaddr *addr, socklen_t size);
int listen(int fd, int backlog);
int accept(int fd, struct sockaddr *addr, socklen_t *size);
int accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags);
int shutdown(int fd, int how);
int getsockname(int fd, struct sockaddr *addr, socklen_t *size);
int getpeername(int fd, struct sockaddr *addr, socklen_t *size);
int getsockopt(int fd, int level, int option, void *value, socklen_t *size);
int setsockopt(int fd, int level, int option, const void *value, socklen_t size);
ssize_t recv(int fd, void *buf, size_t size, int flags);
ssize_t recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *addr,
		 socklen_t *addr_size);
ssize_t recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t send(int fd, const void *buf, size_t size, int flags);
ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *addr,
	       socklen_t addr_size);
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags);

#endif /* ZPY_PORT_SYS_SOCKET_H_ */
