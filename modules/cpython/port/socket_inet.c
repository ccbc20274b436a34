/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Sockets on Zephyr's network: its own IP stack, or the sockets of a modem or a host.
 *
 * A descriptor is an open file like any other; behind it is a socket of Zephyr's, which never
 * waits. Who has to wait enters the socket's list of waiters and sleeps in port_wait(), as for
 * everything else, so a signal ends it and poll() can wait for sockets and pipes at once.
 *
 * What wakes the list is a k_work_poll: Zephyr's work queue runs it once when one of the socket's
 * queues or semaphores changes. It is armed only while somebody waits, and only for what is waited
 * for. Nobody polls.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_context.h>
#include <zephyr/net/net_if.h>
#include <zephyr/net/net_pkt.h>
#include <zephyr/net/socket.h>
#include <zephyr/posix/fcntl.h>
#include <zephyr/sys/fdtable.h>

#include "sockets_internal.h"
#include "tcp_internal.h"

#include "inet.h"
#include "tcp_close.h"

/* <fcntl.h> of the port layer and Zephyr's have O_NONBLOCK in common, and POLL* is ZSOCK_POLL*. */

/* How long a sender sleeps while all network buffers are in use. */
#define BUFFER_WAIT K_MSEC(5)

#define EVENTS 3

extern const struct socket_op_vtable sock_fd_op_vtable;

struct inet_socket {
	int fd;                  /* in Zephyr's table of descriptors */
	struct net_context *ctx; /* NULL: somebody else's sockets, behind Zephyr's functions */
	int type;
	atomic_t refs; /* the open file's, and one while armed */
	struct k_mutex lock;
	struct port_waiters waiters;
	struct k_work_poll work;
	struct k_poll_event events[EVENTS];
	short armed; /* the events that the work waits for; 0: it does not wait */
	bool listening;
	bool connected; /* is, or has been */
	bool shut_read;
	bool shut_write;
	bool broadcast; /* what the program has set; Zephyr lets every socket broadcast */
};

static void on_event(struct k_work *work);

static struct inet_socket *socket_of(const struct open_file *of)
{
	return of->data;
}

static void put(struct inet_socket *sock)
{
	if (atomic_dec(&sock->refs) == 1) {
		free(sock);
	}
}

/* Addresses */

union zephyr_addr {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static int to_zephyr(const struct inet_addr *from, union zephyr_addr *to, socklen_t *size)
{
	memset(to, 0, sizeof(*to));
	switch (from->family) {
	case AF_INET:
		to->in.sin_family = AF_INET;
		to->in.sin_port = from->port;
		memcpy(&to->in.sin_addr, from->addr, sizeof(to->in.sin_addr));
		*size = sizeof(to->in);
		return 0;
	case AF_INET6:
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_port = from->port;
		memcpy(&to->in6.sin6_addr, from->addr, sizeof(to->in6.sin6_addr));
		to->in6.sin6_scope_id = from->scope;
		*size = sizeof(to->in6);
		return 0;
	default:
		return -EAFNOSUPPORT;
	}
}

static void from_zephyr(const union zephyr_addr *from, struct inet_addr *to)
{
	*to = (struct inet_addr){.family = from->any.sa_family};
	if (from->any.sa_family == AF_INET6) {
		to->port = from->in6.sin6_port;
		memcpy(to->addr, &from->in6.sin6_addr, sizeof(from->in6.sin6_addr));
		if (net_ipv6_is_ll_addr(&from->in6.sin6_addr)) {
			to->scope = from->in6.sin6_scope_id;
		}
	} else {
		to->port = from->in.sin_port;
		memcpy(to->addr, &from->in.sin_addr, sizeof(from->in.sin_addr));
	}
}

/* Readiness */

static bool has_tcp(const struct inet_socket *sock)
{
	return sock->ctx != NULL && sock->type == SOCK_STREAM;
}

/** What poll() says of a socket of Zephyr's own stack. */
static int look(struct inet_socket *sock)
{
	struct net_context *ctx = sock->ctx;
	int ready = 0;

	if (sock_is_error(ctx)) {
		return ZSOCK_POLLIN | ZSOCK_POLLOUT | ZSOCK_POLLERR;
	}
	if (!k_fifo_is_empty(&ctx->recv_q) || sock_is_eof(ctx) || sock->shut_read) {
		ready |= ZSOCK_POLLIN;
	}
	if (!has_tcp(sock)) {
		return ready | ZSOCK_POLLOUT;
	}
	if (sock->listening) {
		return ready;
	}
	switch (net_context_get_state(ctx)) {
	case NET_CONTEXT_CONNECTING:
		break;
	case NET_CONTEXT_CONNECTED:
		if (!tcp_close_may_write(ctx) || k_sem_count_get(net_tcp_tx_sem_get(ctx)) > 0) {
			ready |= ZSOCK_POLLOUT; /* also when writing would fail at once */
		}
		if ((sock_is_eof(ctx) || sock->shut_read) && !tcp_close_may_write(ctx)) {
			ready |= ZSOCK_POLLHUP;
		}
		break;
	default:
		ready |= ZSOCK_POLLOUT | ZSOCK_POLLHUP; /* not connected */
	}
	return ready;
}

/** Names what the work has to wait for. @return how many of sock->events are used. */
static int prepare(struct inet_socket *sock, short events)
{
	int used = 0;

	if (events & ZSOCK_POLLIN) {
		k_poll_event_init(&sock->events[used++], K_POLL_TYPE_FIFO_DATA_AVAILABLE,
				  K_POLL_MODE_NOTIFY_ONLY, &sock->ctx->recv_q);
	}
	if (has_tcp(sock) && sock->ctx->tcp != NULL && !sock->listening) {
		if (net_context_get_state(sock->ctx) == NET_CONTEXT_CONNECTING) {
			k_poll_event_init(&sock->events[used++], K_POLL_TYPE_SEM_AVAILABLE,
					  K_POLL_MODE_NOTIFY_ONLY, net_tcp_conn_sem_get(sock->ctx));
		} else if (events & ZSOCK_POLLOUT) {
			k_poll_event_init(&sock->events[used++], K_POLL_TYPE_SEM_AVAILABLE,
					  K_POLL_MODE_NOTIFY_ONLY, net_tcp_tx_sem_get(sock->ctx));
		}
	}
	return used;
}

/** Calls Zephyr's half of poll() for sockets that are not its own stack's. */
static int foreign(struct inet_socket *sock, bool update, struct zsock_pollfd *pfd,
		   struct k_poll_event **at)
{
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *obj = zvfs_get_fd_obj_and_vtable(sock->fd, &vtable, &lock);
	int ret;

	if (obj == NULL) {
		return -EBADF;
	}
	k_mutex_lock(lock, K_FOREVER);
	ret = update ? zvfs_fdtable_call_ioctl(vtable, obj, ZFD_IOCTL_POLL_UPDATE, pfd, at)
		     : zvfs_fdtable_call_ioctl(vtable, obj, ZFD_IOCTL_POLL_PREPARE, pfd, at,
					       &sock->events[EVENTS]);
	k_mutex_unlock(lock);
	return ret;
}

/** Ends what foreign() began; call when the work does not wait any more. */
static void end_foreign(struct inet_socket *sock)
{
	struct zsock_pollfd pfd = {.fd = sock->fd, .events = sock->armed};
	struct k_poll_event *at = sock->events;

	if (sock->ctx == NULL) {
		(void)foreign(sock, true, &pfd, &at);
	}
}

/** Has the waiters woken when one of the events comes. The socket is locked. */
static int arm(struct inet_socket *sock, short events)
{
	int used;

	if (sock->ctx != NULL) {
		used = prepare(sock, events);
	} else {
		struct zsock_pollfd pfd = {.fd = sock->fd, .events = events};
		struct k_poll_event *at = sock->events;
		int ret = foreign(sock, false, &pfd, &at);

		if (ret < 0 && ret != -EALREADY) {
			return ret;
		}
		used = at - sock->events;
	}
	if (used == 0) {
		return 0;
	}
	sock->armed = events;
	atomic_inc(&sock->refs);
	return k_work_poll_submit(&sock->work, sock->events, used, K_FOREVER);
}

/** @return true if the work does not wait (any more); false: it is about to wake the waiters. */
static bool disarm(struct inet_socket *sock)
{
	if (sock->armed == 0) {
		return true;
	}
	if (k_work_poll_cancel(&sock->work) != 0) {
		return false;
	}
	end_foreign(sock);
	sock->armed = 0;
	put(sock); /* not the last: the open file has one */
	return true;
}

static void on_event(struct k_work *work)
{
	struct inet_socket *sock = CONTAINER_OF(work, struct inet_socket, work.work);

	k_mutex_lock(&sock->lock, K_FOREVER);
	if (sock->fd >= 0) {
		end_foreign(sock);
	}
	sock->armed = 0;
	port_waiters_wake(&sock->waiters);
	k_mutex_unlock(&sock->lock);
	put(sock);
}

static int ask(struct inet_socket *sock, short events, struct port_waiter *waiter)
{
	int ready = 0;

	port_waiter_add(&sock->waiters, waiter);
	k_mutex_lock(&sock->lock, K_FOREVER);
	if (sock->ctx != NULL) {
		ready = look(sock);
	} else if ((sock->armed & events) != events && disarm(sock)) {
		struct zsock_pollfd pfd = {.fd = sock->fd, .events = events};

		if (zsock_poll(&pfd, 1, 0) > 0) {
			ready = pfd.revents;
		}
	}
	if ((ready & (events | ZSOCK_POLLERR | ZSOCK_POLLHUP)) == 0 &&
	    (sock->armed & events) != events) {
		short wanted = events | sock->armed;

		/* If the work cannot be stopped any more, it will wake this thread to ask again. */
		if (disarm(sock)) {
			(void)arm(sock, wanted);
			if (sock->ctx != NULL) {
				/* The end of the stream wakes those who wait already, and is not
				 * seen by who begins to wait just after it: look once more.
				 */
				ready = look(sock);
			}
		}
	}
	k_mutex_unlock(&sock->lock);
	return ready;
}

int inet_poll(struct open_file *of, int events, struct port_waiter waiters[2])
{
	return ask(socket_of(of), events & (ZSOCK_POLLIN | ZSOCK_POLLOUT), &waiters[0]);
}

/** Waits until the socket has something to tell. @return 0, -EINTR */
static int await(struct inet_socket *sock, short events)
{
	struct port_waiter waiter = {0};
	int ret = 0;

	while ((ask(sock, events, &waiter) & (events | ZSOCK_POLLERR | ZSOCK_POLLHUP)) == 0) {
		if (port_wait(sys_timepoint_calc(K_FOREVER)) == EINTR) {
			ret = -EINTR;
			break;
		}
	}
	port_waiter_remove(&waiter);
	return ret;
}

/** Wakes who waits for the socket, because of something that Zephyr does not know. */
static void wake(struct inet_socket *sock)
{
	port_waiters_wake(&sock->waiters);
}

/* Opening and closing */

/** An open file for a socket of Zephyr's, which it takes over. */
static struct open_file *adopt(int fd, int type)
{
	struct inet_socket *sock = calloc(1, sizeof(*sock));
	struct open_file *of = sock != NULL ? port_file_new(&inet_ops, O_RDWR, sock) : NULL;

	if (of == NULL) {
		free(sock);
		(void)zsock_close(fd);
		errno = ENOMEM;
		return NULL;
	}
	sock->fd = fd;
	sock->ctx = zvfs_get_fd_obj(fd, &sock_fd_op_vtable.fd_vtable, 0);
	sock->type = type;
	sock->refs = ATOMIC_INIT(1);
	k_mutex_init(&sock->lock);
	k_work_poll_init(&sock->work, on_event);
	port_waiters_init(&sock->waiters);
	(void)zsock_fcntl(fd, F_SETFL, O_NONBLOCK);
	return of;
}

struct open_file *inet_socket(int family, int type, int protocol)
{
	int fd;

	if (family != AF_INET && family != AF_INET6) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (type != SOCK_STREAM && type != SOCK_DGRAM) {
		errno = EPROTONOSUPPORT;
		return NULL;
	}
	if (protocol != 0 && protocol != (type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP)) {
		errno = EPROTONOSUPPORT;
		return NULL;
	}
	fd = zsock_socket(family, type, type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP);
	if (fd < 0) {
		/* Zephyr's words for a full table of connections differ. */
		errno = errno == ENOENT || errno == ENOMEM ? ENFILE : errno;
		return NULL;
	}
	return adopt(fd, type);
}

void inet_close(struct open_file *of)
{
	struct inet_socket *sock = socket_of(of);
	int fd = sock->fd;

	k_mutex_lock(&sock->lock, K_FOREVER);
	(void)disarm(sock);
	sock->fd = -1;
	k_mutex_unlock(&sock->lock);
	if (has_tcp(sock) && !sock->listening) {
		tcp_close_prepare(sock->ctx);
	}
	(void)zsock_close(fd);
	put(sock);
}

/* Connections */

int inet_bind(struct open_file *of, const struct inet_addr *addr)
{
	union zephyr_addr to;
	socklen_t size;
	int ret = to_zephyr(addr, &to, &size);

	if (ret == 0 && zsock_bind(socket_of(of)->fd, &to.any, size) != 0) {
		/* No interface has the address: Zephyr has another word for that. */
		ret = errno == ENOENT || errno == ENODEV ? -EADDRNOTAVAIL : -errno;
	}
	return ret;
}

/** The error of a connection that did not come about, 0 if it did. */
static int connect_result(struct inet_socket *sock)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (zsock_getsockopt(sock->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
		return -errno;
	}
	if (error == 0 && sock->ctx != NULL &&
	    net_context_get_state(sock->ctx) != NET_CONTEXT_CONNECTED) {
		return -ECONNREFUSED;
	}
	return -error;
}

/**
 * Has a socket that is bound to a port alone go out where the peer is: Zephyr has chosen an
 * interface when it was bound, before it knew of any peer.
 */
static void choose_interface(struct net_context *ctx, const union zephyr_addr *to)
{
	struct net_if *iface = NULL;

	if (ctx == NULL || net_context_is_bound_to_iface(ctx)) {
		return;
	}
	if (IS_ENABLED(CONFIG_NET_IPV4) && to->any.sa_family == AF_INET &&
	    net_context_get_family(ctx) == AF_INET) {
		const struct in_addr *local = net_sin_ptr(&ctx->local)->sin_addr;

		if (local != NULL && net_ipv4_is_addr_unspecified(local)) {
			iface = net_if_ipv4_select_src_iface(&to->in.sin_addr);
		}
	} else if (IS_ENABLED(CONFIG_NET_IPV6) && to->any.sa_family == AF_INET6 &&
		   net_context_get_family(ctx) == AF_INET6) {
		const struct in6_addr *local = net_sin6_ptr(&ctx->local)->sin6_addr;

		if (local != NULL && net_ipv6_is_addr_unspecified(local)) {
			iface = net_if_ipv6_select_src_iface(&to->in6.sin6_addr);
		}
	}
	if (iface != NULL) {
		net_context_set_iface(ctx, iface);
	}
}

int inet_connect(struct open_file *of, const struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	union zephyr_addr to;
	socklen_t size;
	int ret = to_zephyr(addr, &to, &size);

	if (ret != 0) {
		return ret;
	}
	if (has_tcp(sock) && net_context_get_state(sock->ctx) == NET_CONTEXT_CONNECTED) {
		return -EISCONN;
	}
	choose_interface(sock->ctx, &to);
	if (zsock_connect(sock->fd, &to.any, size) == 0) {
		sock->connected = true;
		return 0;
	}
	switch (errno) {
	case EINPROGRESS:
		sock->connected = true;
		if (of->flags & O_NONBLOCK) {
			return -EINPROGRESS;
		}
		ret = await(sock, ZSOCK_POLLOUT);
		return ret != 0 ? ret : connect_result(sock);
	case ENOENT:
	case ENODEV:
	case ENETDOWN:
		return -ENETUNREACH;
	default:
		return -errno;
	}
}

int inet_listen(struct open_file *of, int backlog)
{
	struct inet_socket *sock = socket_of(of);

	if (sock->listening) {
		return 0;
	}
	if (sock->type != SOCK_STREAM) {
		return -EOPNOTSUPP;
	}
	if (zsock_listen(sock->fd, MAX(backlog, 1)) != 0) {
		return -errno;
	}
	sock->listening = true;
	return 0;
}

int inet_accept(struct open_file *of, struct open_file **accepted, struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	union zephyr_addr from;

	if (sock->type != SOCK_STREAM) {
		return -EOPNOTSUPP;
	}
	if (!sock->listening) {
		return -EINVAL;
	}
	while (true) {
		socklen_t size = sizeof(from);
		int fd;
		int ret;

		if (sock->shut_read) {
			return -EINVAL;
		}
		memset(&from, 0, sizeof(from));
		fd = zsock_accept(sock->fd, &from.any, &size);
		if (fd >= 0) {
			*accepted = adopt(fd, SOCK_STREAM);
			if (*accepted == NULL) {
				return -ENOMEM;
			}
			socket_of(*accepted)->connected = true;
			if (has_tcp(socket_of(*accepted))) {
				tcp_close_accepted(socket_of(*accepted)->ctx);
			}
			from_zephyr(&from, addr);
			return 0;
		}
		if (errno != EAGAIN) {
			return -errno;
		}
		if (of->flags & O_NONBLOCK) {
			return -EAGAIN;
		}
		ret = await(sock, ZSOCK_POLLIN);
		if (ret != 0) {
			return ret;
		}
	}
}

int inet_shutdown(struct open_file *of, bool reading, bool writing)
{
	struct inet_socket *sock = socket_of(of);
	int ret = 0;

	if (sock->type == SOCK_STREAM && !sock->connected && !sock->listening) {
		return -ENOTCONN;
	}
	if (sock->ctx == NULL) {
		ret = zsock_shutdown(sock->fd, reading && writing ? ZSOCK_SHUT_RDWR
					       : reading          ? ZSOCK_SHUT_RD
								  : ZSOCK_SHUT_WR);
		ret = ret != 0 ? -errno : 0;
	} else if (has_tcp(sock) && !sock->listening && writing) {
		ret = tcp_close_write(sock->ctx);
	}
	if (ret == 0) {
		sock->shut_read |= reading;
		sock->shut_write |= writing && !sock->listening;
		wake(sock);
	}
	return ret;
}

int inet_name(struct open_file *of, bool peer, struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	union zephyr_addr name = {0};
	socklen_t size = sizeof(name);

	if ((peer ? zsock_getpeername : zsock_getsockname)(sock->fd, &name.any, &size) != 0) {
		int family = AF_INET;
		socklen_t length = sizeof(family);

		if (peer || errno != EINVAL) {
			return -errno;
		}
		/* A socket without an address has the one that is all zero. */
		(void)zsock_getsockopt(sock->fd, SOL_SOCKET, SO_DOMAIN, &family, &length);
		*addr = (struct inet_addr){.family = family};
		return 0;
	}
	from_zephyr(&name, addr);
	return 0;
}

/* Options */

int inet_getsockopt(struct open_file *of, int level, int option, void *value, size_t *size)
{
	struct inet_socket *sock = socket_of(of);
	int number = 0;
	socklen_t length = *size;

	if (level == SOL_SOCKET && option == SO_ACCEPTCONN) {
		number = sock->listening;
	} else if (level == SOL_SOCKET && option == SO_ERROR && sock->ctx != NULL) {
		/* Telling an error takes it away, which Zephyr leaves out. */
		number = sock_is_error(sock->ctx) ? POINTER_TO_INT(sock->ctx->user_data) : 0;
		sock->ctx->user_data = INT_TO_POINTER(0);
		sock_set_flag(sock->ctx, SOCK_ERROR, 0);
		if (number != 0) {
			sock_set_eof(sock->ctx);
		}
	} else if (level == SOL_SOCKET && option == SO_TYPE) {
		number = sock->type;
	} else if (level == SOL_SOCKET && option == SO_BROADCAST) {
		number = sock->broadcast;
	} else {
		uint8_t octet = 0;
		bool small = level == IPPROTO_IP || level == IPPROTO_IPV6;
		void *into = length == sizeof(int) ? (void *)&number : value;
		int ret;

		/* Zephyr has numbers of one byte here, where POSIX has an int. */
		if (small && length == sizeof(int)) {
			into = &octet;
			length = sizeof(octet);
		}
		ret = zsock_getsockopt(sock->fd, level, option, into, &length);
		if (ret != 0 && small && errno == EINVAL) {
			into = &number;
			length = sizeof(number);
			ret = zsock_getsockopt(sock->fd, level, option, into, &length);
		}
		if (ret != 0) {
			return -errno;
		}
		if (into == value) {
			*size = length;
			return 0;
		}
		number = into == &octet ? octet : number;
	}
	*size = MIN(*size, sizeof(number));
	memcpy(value, &number, *size);
	return 0;
}

/** Memberships in POSIX's three forms, in the one that Zephyr knows. */
static int join_ipv4(struct inet_socket *sock, int option, const void *value, size_t size)
{
	struct ip_mreqn group = {0};

	if (size != sizeof(group) && size != 2 * sizeof(struct in_addr)) {
		return -EINVAL;
	}
	memcpy(&group, value, size);
	return zsock_setsockopt(sock->fd, IPPROTO_IP, option, &group, sizeof(group)) ? -errno : 0;
}

int inet_setsockopt(struct open_file *of, int level, int option, const void *value, size_t size)
{
	struct inet_socket *sock = socket_of(of);
	int number = 0;
	uint8_t octet;

	if (level == IPPROTO_IP && (option == IP_ADD_MEMBERSHIP || option == IP_DROP_MEMBERSHIP)) {
		return join_ipv4(sock, option, value, size);
	}
	if (size == sizeof(number)) {
		memcpy(&number, value, sizeof(number));
		if (level == SOL_SOCKET && option == SO_BROADCAST) {
			sock->broadcast = number != 0;
			return 0;
		}
		if (level == SOL_SOCKET && (option == SO_OOBINLINE || option == SO_DONTROUTE)) {
			return number == 0 ? 0 : -ENOPROTOOPT; /* there is nothing out of band */
		}
		if (level == SOL_SOCKET && (option == SO_SNDBUF || option == SO_RCVBUF)) {
			/* Who wants more than there can be gets the most, as elsewhere. */
			number = MIN(number, UINT16_MAX);
		}
		if ((level == IPPROTO_TCP && option == TCP_NODELAY) ||
		    (level == SOL_SOCKET && (option == SO_REUSEADDR || option == SO_REUSEPORT ||
					     option == SO_KEEPALIVE))) {
			number = number != 0; /* anything but 0 is "on" */
		}
		if (level == IPPROTO_IP || level == IPPROTO_IPV6) {
			if (number < 0 || number > UINT8_MAX) {
				return -EINVAL;
			}
			octet = number;
			if (zsock_setsockopt(sock->fd, level, option, &octet, sizeof(octet)) == 0) {
				return 0;
			}
			if (errno != EINVAL) {
				return -errno;
			}
		}
		value = &number;
	}
	return zsock_setsockopt(sock->fd, level, option, value, size) != 0 ? -errno : 0;
}

/* Data */

int inet_available(struct open_file *of)
{
	int bytes = 0;

	return zsock_ioctl(socket_of(of)->fd, ZFD_IOCTL_FIONREAD, &bytes) != 0 ? -errno : bytes;
}

/** Receives without waiting; what came before an error comes before it. */
static ssize_t try_recv(struct inet_socket *sock, void *buf, size_t size, int flags,
			struct inet_addr *addr)
{
	union zephyr_addr from = {0};
	socklen_t length = sizeof(from);
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	bool failed = false;
	ssize_t ret;

	(void)zvfs_get_fd_obj_and_vtable(sock->fd, &vtable, &lock);
	k_mutex_lock(lock, K_FOREVER);
	if (sock->ctx != NULL) {
		failed = sock_is_error(sock->ctx);
		if (failed && has_tcp(sock) && !k_fifo_is_empty(&sock->ctx->recv_q)) {
			sock_set_flag(sock->ctx, SOCK_ERROR, 0);
		}
	}
	ret = zsock_recvfrom(sock->fd, buf, size, flags, &from.any, &length);
	ret = ret < 0 ? -errno : ret;
	if (failed) {
		sock_set_error(sock->ctx);
	}
	k_mutex_unlock(lock);
	if (ret >= 0 && addr != NULL) {
		if (sock->type == SOCK_STREAM || length == 0) {
			*addr = (struct inet_addr){0};
		} else {
			from_zephyr(&from, addr);
		}
	}
	return ret;
}

ssize_t inet_recv(struct open_file *of, void *buf, size_t size, int flags, struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	bool wait = !(of->flags & O_NONBLOCK) && !(flags & ZSOCK_MSG_DONTWAIT);
	bool all = (flags & ZSOCK_MSG_WAITALL) && !(flags & ZSOCK_MSG_PEEK) &&
		   sock->type == SOCK_STREAM;
	int pass = (flags & ZSOCK_MSG_PEEK) | ZSOCK_MSG_DONTWAIT;
	size_t done = 0;
	char none;

	if (sock->listening || (sock->type == SOCK_STREAM && !sock->connected)) {
		return -ENOTCONN;
	}
	if (sock->type == SOCK_DGRAM) {
		pass |= ZSOCK_MSG_TRUNC; /* tells the datagram's length */
		if (size == 0) {
			/* Zephyr would leave the datagram where it is. */
			buf = &none;
			size = 1;
		}
	} else if (size == 0) {
		return 0;
	}
	while (true) {
		ssize_t ret = try_recv(sock, (char *)buf + done, size - done, pass, addr);

		if (ret >= 0) {
			done += ret;
			if (ret == 0 || !all || done == size) {
				return done;
			}
			continue;
		}
		if (ret != -EAGAIN) {
			return done > 0 ? (ssize_t)done : ret;
		}
		if (sock->shut_read) {
			return done;
		}
		if (!wait) {
			return done > 0 ? (ssize_t)done : -EAGAIN;
		}
		ret = await(sock, ZSOCK_POLLIN);
		if (ret != 0) {
			return done > 0 ? (ssize_t)done : ret;
		}
	}
}

/** Zephyr's reason for not sending, in POSIX's words. */
static int send_error(const struct inet_socket *sock, int error)
{
	switch (error) {
	case ENOTCONN:
	case ESHUTDOWN:
		return sock->connected && sock->type == SOCK_STREAM ? EPIPE : ENOTCONN;
	case ENOENT:
	case ENODEV:
	case ENETDOWN:
		return ENETUNREACH;
	default:
		return error;
	}
}

ssize_t inet_send(struct open_file *of, const void *buf, size_t size, int flags,
		  const struct inet_addr *addr)
{
	struct inet_socket *sock = socket_of(of);
	bool wait = !(of->flags & O_NONBLOCK) && !(flags & ZSOCK_MSG_DONTWAIT);
	union zephyr_addr to;
	socklen_t length = 0;
	size_t done = 0;
	ssize_t ret;

	if (addr != NULL && sock->type == SOCK_DGRAM) {
		ret = to_zephyr(addr, &to, &length);
		if (ret != 0) {
			return ret;
		}
	} else if (sock->type == SOCK_DGRAM && !sock->connected) {
		return -EDESTADDRREQ;
	}
	if (sock->shut_write) {
		return -EPIPE;
	}
	if (sock->listening || (sock->type == SOCK_STREAM && !sock->connected)) {
		return -EPIPE;
	}
	if (sock->type == SOCK_STREAM && size == 0) {
		return 0;
	}
	while (true) {
		if (has_tcp(sock) && sock_is_error(sock->ctx)) {
			ret = -POINTER_TO_INT(sock->ctx->user_data);
		} else {
			ret = zsock_sendto(sock->fd, (const char *)buf + done, size - done,
					   ZSOCK_MSG_DONTWAIT, length > 0 ? &to.any : NULL, length);
			ret = ret < 0 ? -send_error(sock, errno) : ret;
		}
		if (ret >= 0) {
			done += ret;
			if (done == size || !wait || sock->type == SOCK_DGRAM) {
				return done;
			}
			continue;
		}
		if (ret != -EAGAIN && ret != -ENOBUFS && ret != -ENOMEM) {
			return done > 0 ? (ssize_t)done : ret;
		}
		if (ret != -EAGAIN) {
			/* No network buffer is free. Nothing tells when one is; it is a matter of
			 * milliseconds, and who polls shall not run in circles meanwhile.
			 */
			ret = port_wait(sys_timepoint_calc(BUFFER_WAIT)) == EINTR ? -EINTR
										  : -EAGAIN;
			if (!wait || ret == -EINTR) {
				return done > 0 ? (ssize_t)done : ret;
			}
			continue;
		}
		if (!wait) {
			return done > 0 ? (ssize_t)done : -EAGAIN;
		}
		ret = await(sock, ZSOCK_POLLOUT);
		if (ret != 0) {
			return done > 0 ? (ssize_t)done : ret;
		}
	}
}
