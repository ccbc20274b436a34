/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Zephyr's table of sockets (contexts): who takes one, gives it back, and which port it has.
 *
 * Zephyr marks a context as free before it lets go of the context's lock; on several CPUs another
 * thread may take it into use in between, and make the lock anew. So nobody takes a context while
 * somebody gives one back. No lock of a context or a connection is held when the guard is taken.
 *
 * With SO_REUSEADDR a port can be had of which only connections are left, whatever their state, as
 * everywhere else; Zephyr knows it for TIME_WAIT alone. And a socket that listens is closed for
 * good when close() returns: Zephyr leaves that to a thread.
 */

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

/* net_private.h writes to its log. */
LOG_MODULE_REGISTER(contexts, CONFIG_NET_TCP_LOG_LEVEL);

#include <zephyr/net/net_context.h>
#include <zephyr/net/net_ip.h>

#include "connection.h"
#include "net_private.h"

static K_MUTEX_DEFINE(guard);

/* The types are Zephyr's: what differs does not compile. */
__typeof__(net_context_get) __real_net_context_get, __wrap_net_context_get;
__typeof__(net_context_put) __real_net_context_put, __wrap_net_context_put;
__typeof__(net_context_unref) __real_net_context_unref, __wrap_net_context_unref;
__typeof__(net_context_bind) __real_net_context_bind, __wrap_net_context_bind;

/** Is it TCP's, and neither connected nor on the way there, now or before? */
static bool has_no_peer(struct net_context *context)
{
	return net_context_get_proto(context) == IPPROTO_TCP &&
	       !(context->flags & NET_CONTEXT_REMOTE_ADDR_SET);
}

/** The port, in the network's byte order; it lies at the same place in both families. */
static uint16_t *port_of(struct net_context *context)
{
	return &net_sin_ptr(&context->local)->sin_port;
}

/* Taking and giving back */

int __wrap_net_context_get(sa_family_t family, enum net_sock_type type, uint16_t proto,
			   struct net_context **context)
{
	int ret;

	k_mutex_lock(&guard, K_FOREVER);
	ret = __real_net_context_get(family, type, proto, context);
	k_mutex_unlock(&guard);
	return ret;
}

/** Nothing comes to its port any more, and the port is free. */
static void give_up_port(struct net_context *context)
{
	k_mutex_lock(&context->lock, K_FOREVER);
	if (context->conn_handler != NULL) {
		(void)net_conn_unregister(context->conn_handler);
		context->conn_handler = NULL;
	}
	*port_of(context) = 0;
	k_mutex_unlock(&context->lock);
}

int __wrap_net_context_put(struct net_context *context)
{
	int ret;

	k_mutex_lock(&guard, K_FOREVER);
	if (has_no_peer(context)) {
		give_up_port(context);
	}
	ret = __real_net_context_put(context);
	k_mutex_unlock(&guard);
	return ret;
}

int __wrap_net_context_unref(struct net_context *context)
{
	int ret;

	k_mutex_lock(&guard, K_FOREVER);
	ret = __real_net_context_unref(context);
	k_mutex_unlock(&guard);
	return ret;
}

/* Ports */

/** Looks for a socket without a peer that has an address. */
struct search {
	const struct net_context *self; /* is not meant */
	const struct sockaddr *addr;
	bool found;
};

/** Is that the context's address, or is one of the two every address? */
static bool meets(struct net_context *context, const struct sockaddr *addr)
{
	if (net_sin_ptr(&context->local)->sin_family != addr->sa_family) {
		return IS_ENABLED(CONFIG_NET_IPV4_MAPPING_TO_IPV6);
	}
	if (IS_ENABLED(CONFIG_NET_IPV6) && addr->sa_family == AF_INET6) {
		const struct in6_addr *own = net_sin6_ptr(&context->local)->sin6_addr;
		const struct in6_addr *other = &net_sin6(addr)->sin6_addr;

		return own != NULL &&
		       (net_ipv6_is_addr_unspecified(own) || net_ipv6_is_addr_unspecified(other) ||
			net_ipv6_addr_cmp(own, other));
	}
	if (IS_ENABLED(CONFIG_NET_IPV4)) {
		const struct in_addr *own = net_sin_ptr(&context->local)->sin_addr;
		const struct in_addr *other = &net_sin(addr)->sin_addr;

		return own != NULL &&
		       (net_ipv4_is_addr_unspecified(own) || net_ipv4_is_addr_unspecified(other) ||
			net_ipv4_addr_cmp(own, other));
	}
	return false;
}

static void look_at(struct net_context *context, void *user_data)
{
	struct search *search = user_data;

	if (context != search->self && has_no_peer(context) &&
	    *port_of(context) == net_sin(search->addr)->sin_port && meets(context, search->addr)) {
		search->found = true;
	}
}

/** Is the address in use, by nothing but connections, for one who does not mind those? */
static bool only_connections_have(const struct sockaddr *addr, socklen_t size,
				  struct net_context *context)
{
	struct search search = {.self = context, .addr = addr};
	size_t needed = addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						    : sizeof(struct sockaddr_in);

	if (!has_no_peer(context) || !net_context_is_reuseaddr_set(context) ||
	    addr->sa_family != net_context_get_family(context) || size < needed ||
	    net_sin(addr)->sin_port == 0 ||
	    !net_context_port_in_use(IPPROTO_TCP, ntohs(net_sin(addr)->sin_port), addr)) {
		return false;
	}
	net_context_foreach(look_at, &search);
	return !search.found;
}

/** Binds as Zephyr's TCP binds what it accepts: without a port, which is put in afterwards. */
static int bind_beside_connections(struct net_context *context, const struct sockaddr *addr,
				   socklen_t size)
{
	struct sockaddr without_port = {0};
	int ret;

	memcpy(&without_port, addr, MIN(size, sizeof(without_port)));
	net_sin(&without_port)->sin_port = 0;
	ret = __real_net_context_bind(context, &without_port, size);
	if (ret == 0) {
		k_mutex_lock(&context->lock, K_FOREVER);
		*port_of(context) = net_sin(addr)->sin_port;
		k_mutex_unlock(&context->lock);
	}
	return ret;
}

int __wrap_net_context_bind(struct net_context *context, const struct sockaddr *addr,
			    socklen_t size)
{
	int ret;

	k_mutex_lock(&guard, K_FOREVER);
	if (only_connections_have(addr, size, context)) {
		ret = bind_beside_connections(context, addr, size);
	} else {
		ret = __real_net_context_bind(context, addr, size);
	}
	k_mutex_unlock(&guard);
	return ret;
}
