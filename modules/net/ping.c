/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief _net.ping(): one echo request of ICMP, and the wait for its answer.
 *
 * The answer comes on the network's receiving thread, which finds this call in Zephyr's list of
 * ICMP contexts. The list is under a lock while it is walked, so the context may live on the stack
 * of the caller: once it has been taken out, nobody looks at it any more.
 */

#include "ping.h"

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/net/icmp.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/net_pkt.h>

#include "port.h"

#define SIZE_MAX_PAYLOAD 1400 /* a frame of Ethernet; fragments are another matter */

struct ping {
	struct port_waiters waiters;
	struct sockaddr addr;
	uint16_t identifier;
	uint16_t sequence;
	uint64_t sent;     /* cycles */
	uint64_t answered; /* cycles */
	size_t size;
	uint8_t ttl;
	atomic_t done;
};

static int on_reply(struct net_icmp_ctx *ctx, struct net_pkt *pkt, struct net_icmp_ip_hdr *ip,
		    struct net_icmp_hdr *icmp, void *user_data)
{
	struct ping *ping = user_data;
	struct net_pkt_cursor start;
	uint16_t identifier;
	uint16_t sequence;

	ARG_UNUSED(ctx);
	ARG_UNUSED(icmp);
	if (ping == NULL || atomic_get(&ping->done) != 0) {
		return 0;
	}
	/* Others may wait for this packet: it is left as it was. */
	net_pkt_cursor_backup(pkt, &start);
	if (net_pkt_read_be16(pkt, &identifier) == 0 && net_pkt_read_be16(pkt, &sequence) == 0 &&
	    identifier == ping->identifier && sequence == ping->sequence) {
		ping->answered = port_cycles();
		ping->size = net_pkt_remaining_data(pkt);
		ping->ttl = ip->family == AF_INET ? ip->ipv4->ttl : ip->ipv6->hop_limit;
		atomic_set(&ping->done, 1);
		port_waiters_wake(&ping->waiters);
	}
	net_pkt_cursor_restore(pkt, &start);
	return 0;
}

/** Sends and waits. @return 0, ETIMEDOUT, EINTR, or a negative errno. */
static int ask(struct ping *ping, struct net_icmp_ctx *ctx, size_t size, k_timepoint_t end,
	       bool again)
{
	struct port_waiter waiter = {0};
	struct net_icmp_ping_params params = {
		.identifier = ping->identifier,
		.sequence = ping->sequence,
		.priority = -1,
		.data_size = size,
	};
	int ret = 0;

	port_waiter_add(&ping->waiters, &waiter);
	if (!again) {
		ping->sent = port_cycles();
		ret = net_icmp_send_echo_request(ctx, NULL, &ping->addr, &params, ping);
	}
	while (ret == 0 && atomic_get(&ping->done) == 0) {
		ret = port_wait(end);
	}
	port_waiter_remove(&waiter);
	return atomic_get(&ping->done) != 0 ? 0 : ret;
}

const char net_ping_doc[] =
	PyDoc_STR("ping(address, identifier, sequence, size, timeout)\n"
		  "--\n"
		  "\n"
		  "Send an echo request with size bytes (at most 1400) and wait for its answer.\n"
		  "Return (nanoseconds, bytes, time to live), or None after timeout seconds.");

PyObject *net_ping(PyObject *module, PyObject *args)
{
	struct ping ping = {0};
	struct net_icmp_ctx ctx;
	const char *text;
	int size;
	double timeout;
	k_timepoint_t end;
	bool v4;
	bool again = false;
	int ret;

	(void)module;
	if (!PyArg_ParseTuple(args, "sHHid:ping", &text, &ping.identifier, &ping.sequence, &size,
			      &timeout)) {
		return NULL;
	}
	if (size < 0 || size > SIZE_MAX_PAYLOAD) {
		return PyErr_Format(PyExc_ValueError, "size must be from 0 to %d",
				    SIZE_MAX_PAYLOAD);
	}
	if (!(timeout >= 0 && timeout <= 1e6)) {
		PyErr_SetString(PyExc_ValueError, "timeout must be from 0 to 1e6 seconds");
		return NULL;
	}
	v4 = net_addr_pton(AF_INET, text, &net_sin(&ping.addr)->sin_addr) == 0;
	if (v4) {
		ping.addr.sa_family = AF_INET;
	} else if (net_addr_pton(AF_INET6, text, &net_sin6(&ping.addr)->sin6_addr) == 0) {
		ping.addr.sa_family = AF_INET6;
	} else {
		return PyErr_Format(PyExc_ValueError, "'%s' is no IPv4 or IPv6 address", text);
	}
	port_waiters_init(&ping.waiters);
	ret = net_icmp_init_ctx(&ctx, v4 ? NET_ICMPV4_ECHO_REPLY : NET_ICMPV6_ECHO_REPLY, 0,
				on_reply);
	if (ret < 0) {
		errno = -ret;
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	end = sys_timepoint_calc(port_timeout_ns((int64_t)(timeout * 1e9)));
	do {
		Py_BEGIN_ALLOW_THREADS;
		ret = ask(&ping, &ctx, size, end, again);
		Py_END_ALLOW_THREADS;
		again = true;
	} while (ret == EINTR && PyErr_CheckSignals() == 0);
	/* May wait for the thread that walks the list. */
	Py_BEGIN_ALLOW_THREADS;
	net_icmp_cleanup_ctx(&ctx);
	Py_END_ALLOW_THREADS;
	if (ret == EINTR) {
		return NULL; /* with the exception of the signal's handler */
	}
	if (ret == ETIMEDOUT) {
		Py_RETURN_NONE;
	}
	if (ret < 0) {
		errno = -ret;
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	return Py_BuildValue("(Kni)",
			     (unsigned long long)k_cyc_to_ns_floor64(ping.answered - ping.sent),
			     (Py_ssize_t)ping.size, (int)ping.ttl);
}
