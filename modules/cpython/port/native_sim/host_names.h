/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What the machine and its host both have a name for, but not always the same number.
 *
 * sockets.c makes tables of these lists with the machine's headers, host_sockets.c with the
 * host's. What travels between them is a place in a list.
 */

#ifndef ZPY_PORT_NATIVE_SIM_HOST_NAMES_H_
#define ZPY_PORT_NATIVE_SIM_HOST_NAMES_H_

/* The first stands for what is not in the list. */
#define HOST_ERRORS(X)                                                                             \
	X(EIO)                                                                                     \
	X(EACCES)                                                                                  \
	X(EADDRINUSE)                                                                              \
	X(EADDRNOTAVAIL)                                                                           \
	X(EAFNOSUPPORT)                                                                            \
	X(EAGAIN)                                                                                  \
	X(EALREADY)                                                                                \
	X(EBADF)                                                                                   \
	X(ECONNABORTED)                                                                            \
	X(ECONNREFUSED)                                                                            \
	X(ECONNRESET)                                                                              \
	X(EDESTADDRREQ)                                                                            \
	X(EDOM)                                                                                    \
	X(EEXIST)                                                                                  \
	X(EFAULT)                                                                                  \
	X(EHOSTDOWN)                                                                               \
	X(EHOSTUNREACH)                                                                            \
	X(EINPROGRESS)                                                                             \
	X(EINTR)                                                                                   \
	X(EINVAL)                                                                                  \
	X(EISCONN)                                                                                 \
	X(EMFILE)                                                                                  \
	X(EMSGSIZE)                                                                                \
	X(ENAMETOOLONG)                                                                            \
	X(ENETDOWN)                                                                                \
	X(ENETRESET)                                                                               \
	X(ENETUNREACH)                                                                             \
	X(ENFILE)                                                                                  \
	X(ENOBUFS)                                                                                 \
	X(ENODEV)                                                                                  \
	X(ENOENT)                                                                                  \
	X(ENOMEM)                                                                                  \
	X(ENOPROTOOPT)                                                                             \
	X(ENOSPC)                                                                                  \
	X(ENOSYS)                                                                                  \
	X(ENOTCONN)                                                                                \
	X(ENOTSOCK)                                                                                \
	X(ENXIO)                                                                                   \
	X(EOPNOTSUPP)                                                                              \
	X(EPERM)                                                                                   \
	X(EPIPE)                                                                                   \
	X(EPROTO)                                                                                  \
	X(EPROTONOSUPPORT)                                                                         \
	X(EPROTOTYPE)                                                                              \
	X(ESOCKTNOSUPPORT)                                                                         \
	X(ETIMEDOUT)                                                                               \
	X(ETOOMANYREFS)

/* The first stands for what is not in the list. */
#define HOST_NAME_ERRORS(X)                                                                        \
	X(EAI_FAIL)                                                                                \
	X(EAI_AGAIN)                                                                               \
	X(EAI_FAMILY)                                                                              \
	X(EAI_MEMORY)                                                                              \
	X(EAI_NODATA)                                                                              \
	X(EAI_NONAME)

#define HOST_TYPES(X)                                                                              \
	X(SOCK_STREAM)                                                                             \
	X(SOCK_DGRAM)                                                                              \
	X(SOCK_RAW)

/* A bit each */
#define HOST_EVENTS(X)                                                                             \
	X(IN)                                                                                      \
	X(OUT)                                                                                     \
	X(PRI)                                                                                     \
	X(ERR)                                                                                     \
	X(HUP)

#define HOST_OPTIONS(X)                                                                            \
	X(SOL_SOCKET, SO_ACCEPTCONN)                                                               \
	X(SOL_SOCKET, SO_BROADCAST)                                                                \
	X(SOL_SOCKET, SO_DEBUG)                                                                    \
	X(SOL_SOCKET, SO_DONTROUTE)                                                                \
	X(SOL_SOCKET, SO_KEEPALIVE)                                                                \
	X(SOL_SOCKET, SO_LINGER)                                                                   \
	X(SOL_SOCKET, SO_OOBINLINE)                                                                \
	X(SOL_SOCKET, SO_PRIORITY)                                                                 \
	X(SOL_SOCKET, SO_PROTOCOL)                                                                 \
	X(SOL_SOCKET, SO_RCVBUF)                                                                   \
	X(SOL_SOCKET, SO_RCVLOWAT)                                                                 \
	X(SOL_SOCKET, SO_REUSEADDR)                                                                \
	X(SOL_SOCKET, SO_REUSEPORT)                                                                \
	X(SOL_SOCKET, SO_SNDBUF)                                                                   \
	X(SOL_SOCKET, SO_SNDLOWAT)                                                                 \
	X(IPPROTO_IP, IP_ADD_MEMBERSHIP)                                                           \
	X(IPPROTO_IP, IP_DROP_MEMBERSHIP)                                                          \
	X(IPPROTO_IP, IP_MULTICAST_TTL)                                                            \
	X(IPPROTO_IP, IP_TOS)                                                                      \
	X(IPPROTO_IP, IP_TTL)                                                                      \
	X(IPPROTO_IPV6, IPV6_JOIN_GROUP)                                                           \
	X(IPPROTO_IPV6, IPV6_LEAVE_GROUP)                                                          \
	X(IPPROTO_IPV6, IPV6_MULTICAST_HOPS)                                                       \
	X(IPPROTO_IPV6, IPV6_TCLASS)                                                               \
	X(IPPROTO_IPV6, IPV6_UNICAST_HOPS)                                                         \
	X(IPPROTO_IPV6, IPV6_V6ONLY)                                                               \
	X(IPPROTO_TCP, TCP_KEEPCNT)                                                                \
	X(IPPROTO_TCP, TCP_KEEPIDLE)                                                               \
	X(IPPROTO_TCP, TCP_KEEPINTVL)                                                              \
	X(IPPROTO_TCP, TCP_NODELAY)

#endif /* ZPY_PORT_NATIVE_SIM_HOST_NAMES_H_ */
