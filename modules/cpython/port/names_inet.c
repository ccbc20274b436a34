/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Names of hosts, by Zephyr's DNS resolver or whoever has the sockets. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/hostname.h>
#include <zephyr/net/socket.h>

#include "inet.h"

int gethostname(char *name, size_t size)
{
	const char *own = net_hostname_get();

	if (strlen(own) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, own);
	return 0;
}

int sethostname(const char *name, size_t size)
{
#if defined(CONFIG_NET_HOSTNAME_DYNAMIC)
	int ret = size == 0 ? -EINVAL : net_hostname_set((char *)name, size);

	if (ret != 0) {
		errno = ret == -ENOMEM ? EINVAL : -ret; /* too long, as Linux says it */
		return -1;
	}
	return 0;
#else
	ARG_UNUSED(name);
	ARG_UNUSED(size);
	errno = EPERM;
	return -1;
#endif
}

#if defined(CONFIG_DNS_RESOLVER) && !defined(CONFIG_NET_SOCKETS_OFFLOAD)

#define ROOM 8

/* How long one question may take, in milliseconds. */
#define TIMEOUT_MS 5000

/** A question; the asker and the resolver each hold it, since either may be done first. */
struct query {
	atomic_t refs;
	struct port_waiters waiters;
	struct k_spinlock lock;
	bool done;
	int status;
	int found;
	struct inet_addr addrs[ROOM];
};

static void put(struct query *query)
{
	if (atomic_dec(&query->refs) == 1) {
		free(query);
	}
}

static void on_answer(enum dns_resolve_status status, struct dns_addrinfo *info, void *user_data)
{
	struct query *query = user_data;
	k_spinlock_key_t key = k_spin_lock(&query->lock);

	if (status == DNS_EAI_INPROGRESS) {
		if (info != NULL && query->found < ROOM) {
			struct inet_addr *addr = &query->addrs[query->found++];

			*addr = (struct inet_addr){.family = info->ai_family};
			if (info->ai_family == AF_INET6) {
				memcpy(addr->addr, &net_sin6(&info->ai_addr)->sin6_addr, 16);
			} else {
				memcpy(addr->addr, &net_sin(&info->ai_addr)->sin_addr, 4);
			}
		}
		k_spin_unlock(&query->lock, key);
		return;
	}
	query->status = status;
	query->done = true;
	k_spin_unlock(&query->lock, key);
	port_waiters_wake(&query->waiters);
	put(query);
}

/** @return addresses found, DNS_EAI_* (negative), or -EINTR as DNS_EAI_CANCELED */
static int ask(const char *name, enum dns_query_type type, struct inet_addr *addrs, int room)
{
	struct query *query = calloc(1, sizeof(*query));
	struct port_waiter waiter = {0};
	uint16_t id = 0;
	int ret;

	if (query == NULL) {
		return DNS_EAI_MEMORY;
	}
	query->refs = ATOMIC_INIT(2);
	port_waiters_init(&query->waiters);
	port_waiter_add(&query->waiters, &waiter);
	ret = dns_get_addr_info(name, type, &id, on_answer, query, TIMEOUT_MS);
	if (ret < 0) {
		port_waiter_remove(&waiter);
		put(query);
		put(query);
		return ret == -EAGAIN || ret == -ENOENT ? DNS_EAI_AGAIN : DNS_EAI_FAIL;
	}
	while (!query->done) {
		if (port_wait(sys_timepoint_calc(K_FOREVER)) == EINTR) {
			/* The resolver then calls on_answer(), now or by its time-out. */
			(void)dns_cancel_addr_info(id);
			port_waiter_remove(&waiter);
			put(query);
			return DNS_EAI_CANCELED;
		}
	}
	port_waiter_remove(&waiter);
	ret = MIN(query->found, room);
	memcpy(addrs, query->addrs, ret * sizeof(*addrs));
	if (ret == 0) {
		/* Zephyr says "canceled" when nobody has answered in time. */
		ret = query->status == DNS_EAI_ALLDONE    ? DNS_EAI_NODATA
		      : query->status == DNS_EAI_CANCELED ? DNS_EAI_AGAIN
							  : query->status;
	}
	put(query);
	return ret;
}

int inet_resolve(const char *name, int family, struct inet_addr *addrs, int room)
{
	int found = 0;
	int status = DNS_EAI_NONAME;
	int ret;

	if (family != AF_INET6) {
		ret = ask(name, DNS_QUERY_TYPE_A, addrs, room);
		if (ret == DNS_EAI_CANCELED) {
			return ret;
		}
		found += MAX(ret, 0);
		status = ret;
	}
	if (family != AF_INET && IS_ENABLED(CONFIG_NET_IPV6)) {
		ret = ask(name, DNS_QUERY_TYPE_AAAA, addrs + found, room - found);
		if (ret == DNS_EAI_CANCELED && found == 0) {
			return ret;
		}
		found += MAX(ret, 0);
		status = found == 0 && status != DNS_EAI_AGAIN ? ret : status;
	}
	return found > 0 ? found : status;
}

#else

int inet_resolve(const char *name, int family, struct inet_addr *addrs, int room)
{
	struct zsock_addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *list = NULL;
	int found = 0;
	int ret = zsock_getaddrinfo(name, NULL, &hints, &list);

	if (ret != 0) {
		return ret < 0 ? ret : DNS_EAI_FAIL;
	}
	for (struct zsock_addrinfo *info = list; info != NULL && found < room;
	     info = info->ai_next) {
		struct inet_addr *addr = &addrs[found++];

		*addr = (struct inet_addr){.family = info->ai_family};
		if (info->ai_family == AF_INET6) {
			memcpy(addr->addr, &net_sin6(info->ai_addr)->sin6_addr, 16);
		} else {
			memcpy(addr->addr, &net_sin(info->ai_addr)->sin_addr, 4);
		}
	}
	zsock_freeaddrinfo(list);
	return found > 0 ? found : DNS_EAI_NODATA;
}

#endif
