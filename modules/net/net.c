/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The module _net: Zephyr's interfaces, addresses, name servers and counters for Python.
 *
 * Mechanism alone: what comes up when, and with which addresses, is decided in kernel.net.
 */

#include "Python.h"

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/dhcpv4.h>
#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/ethernet.h>
#include <zephyr/net/net_context.h>
#include <zephyr/net/net_if.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/net_mgmt.h>
#include <zephyr/net/net_pkt.h>
#include <zephyr/net/net_stats.h>

#include "bench.h"
#include "ping.h"
#include "port.h"
#include "tcp_close.h"

/* News: the number of changes so far, and who waits for the next */

static atomic_t changes;
static struct port_waiters waiters;

static void on_change(struct net_mgmt_event_callback *cb, uint32_t event, struct net_if *iface)
{
	ARG_UNUSED(cb);
	ARG_UNUSED(event);
	ARG_UNUSED(iface);
	atomic_inc(&changes);
	port_waiters_wake(&waiters);
}

static void listen_for_changes(void)
{
	static struct net_mgmt_event_callback callbacks[3];
	/* A callback is for events of one layer. */
	static const uint32_t events[] = {
		NET_EVENT_IF_UP | NET_EVENT_IF_DOWN | NET_EVENT_IF_ADMIN_UP |
			NET_EVENT_IF_ADMIN_DOWN,
		NET_EVENT_IPV4_ADDR_ADD | NET_EVENT_IPV4_ADDR_DEL | NET_EVENT_IPV4_DHCP_BOUND |
			NET_EVENT_IPV4_DHCP_STOP,
		NET_EVENT_IPV6_ADDR_ADD | NET_EVENT_IPV6_ADDR_DEL | NET_EVENT_IPV6_DAD_SUCCEED |
			NET_EVENT_IPV6_DAD_FAILED,
	};
	static bool done;

	if (done) {
		return; /* the interpreter has been started again */
	}
	done = true;
	port_waiters_init(&waiters);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		net_mgmt_init_event_callback(&callbacks[i], on_change, events[i]);
		net_mgmt_add_event_callback(&callbacks[i]);
	}
}

PyDoc_STRVAR(wait_doc,
	     "wait(seen, timeout)\n"
	     "--\n"
	     "\n"
	     "Wait until there have been more than `seen` changes of interfaces or addresses,\n"
	     "or for timeout seconds. Return the number of changes so far.");

static PyObject *net_wait(PyObject *module, PyObject *args)
{
	long long seen;
	double timeout;
	k_timepoint_t end;
	struct port_waiter waiter = {0};
	int interrupted = 0;

	(void)module;
	if (!PyArg_ParseTuple(args, "Ld:wait", &seen, &timeout)) {
		return NULL;
	}
	if (!(timeout >= 0 && timeout <= 1e9)) {
		PyErr_SetString(PyExc_ValueError, "timeout must be from 0 to 1e9 seconds");
		return NULL;
	}
	end = sys_timepoint_calc(port_timeout_ns((int64_t)(timeout * 1e9)));
	Py_BEGIN_ALLOW_THREADS;
	port_waiter_add(&waiters, &waiter);
	while (atomic_get(&changes) <= seen && interrupted == 0) {
		int ret = port_wait(end);

		if (ret == ETIMEDOUT) {
			break;
		}
		interrupted = ret == EINTR;
	}
	port_waiter_remove(&waiter);
	Py_END_ALLOW_THREADS;
	if (interrupted && PyErr_CheckSignals() < 0) {
		return NULL;
	}
	return PyLong_FromLong(atomic_get(&changes));
}

/* Helpers */

static PyObject *fail(int error)
{
	errno = error < 0 ? -error : error;
	return PyErr_SetFromErrno(PyExc_OSError);
}

static struct net_if *iface_of(int index)
{
	struct net_if *iface = net_if_get_by_index(index);

	if (iface == NULL) {
		fail(ENODEV);
	}
	return iface;
}

static struct net_if *iface_arg(PyObject *arg)
{
	int index = PyLong_AsInt(arg);

	if (index == -1 && PyErr_Occurred()) {
		return NULL;
	}
	return iface_of(index);
}

/** The two kinds of addresses, in the form that Zephyr has for both. */
static int parse(const char *text, struct in_addr *v4, struct in6_addr *v6)
{
	if (net_addr_pton(AF_INET, text, v4) == 0) {
		return AF_INET;
	}
	if (net_addr_pton(AF_INET6, text, v6) == 0) {
		return AF_INET6;
	}
	PyErr_Format(PyExc_ValueError, "'%s' is no IPv4 or IPv6 address", text);
	return -1;
}

static PyObject *text_of(int family, const void *addr)
{
	char text[NET_IPV6_ADDR_LEN];

	if (net_addr_ntop(family, addr, text, sizeof(text)) == NULL) {
		return fail(EINVAL);
	}
	return PyUnicode_FromString(text);
}

/** Adds a new object to a list and gives the reference up. */
static int append(PyObject *list, PyObject *item)
{
	int ret = item != NULL ? PyList_Append(list, item) : -1;

	Py_XDECREF(item);
	return ret;
}

/* Interfaces */

PyDoc_STRVAR(interfaces_doc,
	     "interfaces()\n"
	     "--\n"
	     "\n"
	     "Return a list of (index, name, kind, mac, mtu, up, carrier): kind is\n"
	     "'ethernet', 'loopback' or 'other', mac is bytes.");

static PyObject *interfaces(PyObject *module, PyObject *unused)
{
	PyObject *list = PyList_New(0);

	(void)module;
	(void)unused;
	for (int index = 1; list != NULL; index++) {
		struct net_if *iface = net_if_get_by_index(index);
		const struct net_linkaddr *link;
		const char *kind = "other";
		char name[16] = "";

		if (iface == NULL) {
			break;
		}
		link = net_if_get_link_addr(iface);
#if defined(CONFIG_NET_L2_ETHERNET)
		if (net_if_l2(iface) == &NET_L2_GET_NAME(ETHERNET)) {
			kind = "ethernet";
		}
#endif
#if defined(CONFIG_NET_L2_DUMMY)
		if (net_if_l2(iface) == &NET_L2_GET_NAME(DUMMY)) {
			kind = "loopback";
		}
#endif
		(void)net_if_get_name(iface, name, sizeof(name));
		if (append(list, Py_BuildValue("(issy#iOO)", index, name, kind,
					       link->addr != NULL ? (const char *)link->addr : "",
					       (Py_ssize_t)(link->addr != NULL ? link->len : 0),
					       (int)net_if_get_mtu(iface),
					       net_if_is_admin_up(iface) ? Py_True : Py_False,
					       net_if_is_carrier_ok(iface) ? Py_True : Py_False)) <
		    0) {
			Py_CLEAR(list);
		}
	}
	return list;
}

/* Takes an interface into use or out of it: set is net_if_up or net_if_down. */
static PyObject *set_admin(PyObject *arg, int (*set)(struct net_if *iface))
{
	struct net_if *iface = iface_arg(arg);
	int ret;

	if (iface == NULL) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = set(iface);
	Py_END_ALLOW_THREADS;
	if (ret < 0 && ret != -EALREADY) {
		return fail(ret);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(up_doc, "up(index)\n--\n\nTake an interface into use.");

static PyObject *up(PyObject *module, PyObject *arg)
{
	(void)module;
	return set_admin(arg, net_if_up);
}

PyDoc_STRVAR(down_doc, "down(index)\n--\n\nTake an interface out of use.");

static PyObject *down(PyObject *module, PyObject *arg)
{
	(void)module;
	return set_admin(arg, net_if_down);
}

/* Addresses */

static const char *state_name(enum net_addr_state state)
{
	switch (state) {
	case NET_ADDR_TENTATIVE:
		return "tentative";
	case NET_ADDR_PREFERRED:
		return "preferred";
	case NET_ADDR_DEPRECATED:
		return "deprecated";
	default:
		return "unknown";
	}
}

static const char *origin_name(enum net_addr_type type)
{
	switch (type) {
	case NET_ADDR_AUTOCONF:
		return "autoconf";
	case NET_ADDR_DHCP:
		return "dhcp";
	case NET_ADDR_OVERRIDABLE:
		return "overridable";
	default:
		return "manual";
	}
}

PyDoc_STRVAR(addresses_doc,
	     "addresses(index)\n"
	     "--\n"
	     "\n"
	     "Return a list of (address, prefix, state, origin): the length of the prefix in\n"
	     "bits; 'tentative', 'preferred' or 'deprecated'; 'manual', 'dhcp', 'autoconf'\n"
	     "or 'overridable'.");

static PyObject *addresses(PyObject *module, PyObject *arg)
{
	struct net_if *iface = iface_arg(arg);
	PyObject *list;

	(void)module;
	if (iface == NULL) {
		return NULL;
	}
	list = PyList_New(0);
#if defined(CONFIG_NET_IPV4)
	if (iface->config.ip.ipv4 != NULL) {
		ARRAY_FOR_EACH_PTR(iface->config.ip.ipv4->unicast, each) {
			struct net_if_addr *addr = &each->ipv4;

			if (list == NULL || !addr->is_used) {
				continue;
			}
			if (append(list,
				   Py_BuildValue("(Niss)", text_of(AF_INET, &addr->address.in_addr),
						 __builtin_popcount(each->netmask.s_addr),
						 state_name(addr->addr_state),
						 origin_name(addr->addr_type))) < 0) {
				Py_CLEAR(list);
			}
		}
	}
#endif
#if defined(CONFIG_NET_IPV6)
	if (iface->config.ip.ipv6 != NULL) {
		ARRAY_FOR_EACH_PTR(iface->config.ip.ipv6->unicast, addr) {
			const struct in6_addr *in6 = &addr->address.in6_addr;

			if (list == NULL || !addr->is_used) {
				continue;
			}
			if (append(list,
				   Py_BuildValue("(Niss)", text_of(AF_INET6, in6),
						 net_ipv6_is_addr_loopback((struct in6_addr *)in6)
							 ? 128
							 : 64,
						 state_name(addr->addr_state),
						 origin_name(addr->addr_type))) < 0) {
				Py_CLEAR(list);
			}
		}
	}
#endif
	return list;
}

PyDoc_STRVAR(address_add_doc, "address_add(index, address, prefix)\n"
			      "--\n"
			      "\n"
			      "Give an interface an address, whose network has that many bits.");

static PyObject *address_add(PyObject *module, PyObject *args)
{
	int index;
	const char *text;
	int prefix;
	struct net_if *iface;
	struct in_addr v4;
	struct in6_addr v6;
	int family;

	(void)module;
	if (!PyArg_ParseTuple(args, "isi:address_add", &index, &text, &prefix)) {
		return NULL;
	}
	family = parse(text, &v4, &v6);
	if (family < 0) {
		return NULL;
	}
	iface = iface_of(index);
	if (iface == NULL) {
		return NULL;
	}
	if (prefix < 0 || prefix > (family == AF_INET ? 32 : 128)) {
		PyErr_SetString(PyExc_ValueError, "prefix is out of range");
		return NULL;
	}
#if defined(CONFIG_NET_IPV4)
	if (family == AF_INET) {
		struct in_addr mask = {
			.s_addr = htonl(prefix == 0 ? 0 : UINT32_MAX << (32 - prefix)),
		};

		if (net_if_ipv4_addr_add(iface, &v4, NET_ADDR_MANUAL, 0) == NULL) {
			return fail(ENOSPC);
		}
		(void)net_if_ipv4_set_netmask_by_addr(iface, &v4, &mask);
		Py_RETURN_NONE;
	}
#endif
#if defined(CONFIG_NET_IPV6)
	if (family == AF_INET6) {
		if (net_if_ipv6_addr_add(iface, &v6, NET_ADDR_MANUAL, 0) == NULL) {
			return fail(ENOSPC);
		}
		Py_RETURN_NONE;
	}
#endif
	return fail(EAFNOSUPPORT);
}

PyDoc_STRVAR(address_remove_doc, "address_remove(index, address)\n"
				 "--\n"
				 "\n"
				 "Take an address from an interface.");

static PyObject *address_remove(PyObject *module, PyObject *args)
{
	int index;
	const char *text;
	struct net_if *iface;
	struct in_addr v4;
	struct in6_addr v6;
	int family;
	bool removed = false;

	(void)module;
	if (!PyArg_ParseTuple(args, "is:address_remove", &index, &text)) {
		return NULL;
	}
	family = parse(text, &v4, &v6);
	if (family < 0) {
		return NULL;
	}
	iface = iface_of(index);
	if (iface == NULL) {
		return NULL;
	}
#if defined(CONFIG_NET_IPV4)
	if (family == AF_INET) {
		removed = net_if_ipv4_addr_rm(iface, &v4);
	}
#endif
#if defined(CONFIG_NET_IPV6)
	if (family == AF_INET6) {
		removed = net_if_ipv6_addr_rm(iface, &v6);
	}
#endif
	if (!removed) {
		return fail(EADDRNOTAVAIL);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(gateway_doc, "gateway(index)\n"
			  "--\n"
			  "\n"
			  "Return the IPv4 address of the router behind an interface, or None.");

static PyObject *gateway(PyObject *module, PyObject *arg)
{
	struct net_if *iface = iface_arg(arg);

	(void)module;
	if (iface == NULL) {
		return NULL;
	}
#if defined(CONFIG_NET_IPV4)
	if (iface->config.ip.ipv4 != NULL && iface->config.ip.ipv4->gw.s_addr != 0) {
		return text_of(AF_INET, &iface->config.ip.ipv4->gw);
	}
#endif
	Py_RETURN_NONE;
}

PyDoc_STRVAR(gateway_set_doc, "gateway_set(index, address)\n"
			      "--\n"
			      "\n"
			      "Set the IPv4 address of the router; '0.0.0.0' for none.");

static PyObject *gateway_set(PyObject *module, PyObject *args)
{
	int index;
	const char *text;
	struct net_if *iface;
	struct in_addr v4;
	struct in6_addr v6;
	int family;

	(void)module;
	if (!PyArg_ParseTuple(args, "is:gateway_set", &index, &text)) {
		return NULL;
	}
	family = parse(text, &v4, &v6);
	if (family < 0) {
		return NULL;
	}
	iface = iface_of(index);
	if (iface == NULL) {
		return NULL;
	}
	if (family != AF_INET) {
		return fail(EAFNOSUPPORT);
	}
#if defined(CONFIG_NET_IPV4)
	net_if_ipv4_set_gw(iface, &v4);
	Py_RETURN_NONE;
#else
	return fail(EAFNOSUPPORT);
#endif
}

/* DHCP */

PyDoc_STRVAR(dhcp_start_doc,
	     "dhcp_start(index)\n"
	     "--\n"
	     "\n"
	     "Ask for an IPv4 address by DHCP, for as long as the interface is in use.");

static PyObject *dhcp_start(PyObject *module, PyObject *arg)
{
	struct net_if *iface = iface_arg(arg);

	(void)module;
	if (iface == NULL) {
		return NULL;
	}
#if defined(CONFIG_NET_DHCPV4)
	Py_BEGIN_ALLOW_THREADS;
	net_dhcpv4_start(iface);
	Py_END_ALLOW_THREADS;
	Py_RETURN_NONE;
#else
	return fail(ENOSYS);
#endif
}

PyDoc_STRVAR(dhcp_stop_doc, "dhcp_stop(index)\n"
			    "--\n"
			    "\n"
			    "Give the address back and stop asking.");

static PyObject *dhcp_stop(PyObject *module, PyObject *arg)
{
	struct net_if *iface = iface_arg(arg);

	(void)module;
	if (iface == NULL) {
		return NULL;
	}
#if defined(CONFIG_NET_DHCPV4)
	Py_BEGIN_ALLOW_THREADS;
	net_dhcpv4_stop(iface);
	Py_END_ALLOW_THREADS;
	Py_RETURN_NONE;
#else
	return fail(ENOSYS);
#endif
}

/* Name servers */

PyDoc_STRVAR(dns_servers_doc, "dns_servers()\n--\n\nReturn the addresses of the name servers.");

static PyObject *dns_servers(PyObject *module, PyObject *unused)
{
	PyObject *list = PyList_New(0);

	(void)module;
	(void)unused;
#if defined(CONFIG_DNS_RESOLVER)
	struct dns_resolve_context *dns = dns_resolve_get_default();

	for (size_t i = 0; list != NULL && i < ARRAY_SIZE(dns->servers); i++) {
		const struct sockaddr *addr = &dns->servers[i].dns_server;

		if ((addr->sa_family != AF_INET && addr->sa_family != AF_INET6) ||
		    dns->servers[i].is_mdns || dns->servers[i].is_llmnr) {
			continue;
		}
		if (append(list, text_of(addr->sa_family,
					 addr->sa_family == AF_INET
						 ? (const void *)&net_sin(addr)->sin_addr
						 : (const void *)&net_sin6(addr)->sin6_addr)) < 0) {
			Py_CLEAR(list);
		}
	}
#endif
	return list;
}

PyDoc_STRVAR(dns_set_doc, "dns_set(addresses)\n--\n\nUse these name servers and no others.");

static PyObject *dns_set(PyObject *module, PyObject *arg)
{
	(void)module;
#if defined(CONFIG_DNS_RESOLVER)
	const char *servers[CONFIG_DNS_RESOLVER_MAX_SERVERS + 1] = {NULL};
	PyObject *list = PySequence_Tuple(arg);
	int ret;

	if (list == NULL) {
		return NULL;
	}
	if (PyTuple_GET_SIZE(list) > CONFIG_DNS_RESOLVER_MAX_SERVERS) {
		Py_DECREF(list);
		PyErr_Format(PyExc_ValueError, "at most %d name servers",
			     CONFIG_DNS_RESOLVER_MAX_SERVERS);
		return NULL;
	}
	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(list); i++) {
		struct in_addr v4;
		struct in6_addr v6;

		servers[i] = PyUnicode_AsUTF8(PyTuple_GET_ITEM(list, i));
		if (servers[i] == NULL || parse(servers[i], &v4, &v6) < 0) {
			Py_DECREF(list);
			return NULL;
		}
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = dns_resolve_reconfigure(dns_resolve_get_default(), servers, NULL);
	Py_END_ALLOW_THREADS;
	Py_DECREF(list);
	if (ret < 0) {
		return fail(ret);
	}
	Py_RETURN_NONE;
#else
	(void)arg;
	return fail(ENOSYS);
#endif
}

/* Counters */

static int count(PyObject *dict, const char *name, unsigned long long value)
{
	PyObject *number = PyLong_FromUnsignedLongLong(value);
	int ret = number != NULL ? PyDict_SetItemString(dict, name, number) : -1;

	Py_XDECREF(number);
	return ret;
}

PyDoc_STRVAR(statistics_doc, "statistics(index)\n"
			     "--\n"
			     "\n"
			     "Return what an interface has counted since the start, as a dict.");

static PyObject *statistics(PyObject *module, PyObject *arg)
{
	struct net_if *iface = iface_arg(arg);
	PyObject *dict;

	(void)module;
	if (iface == NULL) {
		return NULL;
	}
	dict = PyDict_New();
	if (dict == NULL) {
		return NULL;
	}
#if defined(CONFIG_NET_STATISTICS_PER_INTERFACE)
	const struct net_stats *stats = &iface->stats;

	if (count(dict, "bytes_received", stats->bytes.received) < 0 ||
	    count(dict, "bytes_sent", stats->bytes.sent) < 0 ||
	    count(dict, "ipv4_received", stats->ipv4.recv) < 0 ||
	    count(dict, "ipv4_sent", stats->ipv4.sent) < 0 ||
	    count(dict, "ipv4_dropped", stats->ipv4.drop) < 0 ||
	    count(dict, "ipv6_received", stats->ipv6.recv) < 0 ||
	    count(dict, "ipv6_sent", stats->ipv6.sent) < 0 ||
	    count(dict, "ipv6_dropped", stats->ipv6.drop) < 0 ||
	    count(dict, "udp_received", stats->udp.recv) < 0 ||
	    count(dict, "udp_sent", stats->udp.sent) < 0 ||
	    count(dict, "udp_dropped", stats->udp.drop) < 0 ||
	    count(dict, "tcp_bytes_received", stats->tcp.bytes.received) < 0 ||
	    count(dict, "tcp_bytes_sent", stats->tcp.bytes.sent) < 0 ||
	    count(dict, "tcp_resent", stats->tcp.resent) < 0 ||
	    count(dict, "tcp_dropped", stats->tcp.drop) < 0 ||
	    count(dict, "tcp_reset", stats->tcp.rst) < 0 ||
	    count(dict, "tcp_refused", stats->tcp.conndrop) < 0 ||
	    count(dict, "errors", stats->processing_error) < 0) {
		Py_DECREF(dict);
		return NULL;
	}
#endif
#if defined(CONFIG_NET_STATISTICS_ETHERNET)
	if (net_if_l2(iface) == &NET_L2_GET_NAME(ETHERNET)) {
		const struct device *dev = net_if_get_device(iface);
		const struct ethernet_api *api = dev->api;
		const struct net_stats_eth *eth =
			api->get_stats != NULL ? api->get_stats(dev) : NULL;

		if (eth != NULL && (count(dict, "frames_received", eth->pkts.rx) < 0 ||
				    count(dict, "frames_sent", eth->pkts.tx) < 0 ||
				    count(dict, "frame_bytes_received", eth->bytes.received) < 0 ||
				    count(dict, "frame_bytes_sent", eth->bytes.sent) < 0 ||
				    count(dict, "receive_errors", eth->errors.rx) < 0 ||
				    count(dict, "send_errors", eth->errors.tx) < 0)) {
			Py_DECREF(dict);
			return NULL;
		}
	}
#endif
	return dict;
}

PyDoc_STRVAR(buffers_doc,
	     "buffers()\n"
	     "--\n"
	     "\n"
	     "Return (received, received_all, sent, sent_all): network buffers that are free,\n"
	     "and all there are, for each direction.");

static PyObject *buffers(PyObject *module, PyObject *unused)
{
	struct k_mem_slab *rx;
	struct k_mem_slab *tx;
	struct net_buf_pool *rx_data;
	struct net_buf_pool *tx_data;

	(void)module;
	(void)unused;
	net_pkt_get_info(&rx, &tx, &rx_data, &tx_data);
	return Py_BuildValue("(iiii)", (int)k_mem_slab_num_free_get(rx), (int)rx->info.num_blocks,
			     (int)k_mem_slab_num_free_get(tx), (int)tx->info.num_blocks);
}

/* Sockets */

struct socket_row {
	uint8_t family;
	uint8_t type;
	uint16_t ports[2];
	uint8_t addrs[2][16];
	const char *state;
};

struct socket_rows {
	struct socket_row *rows;
	size_t room;
	size_t used;
};

static void add_row(struct net_context *context, void *arg)
{
	struct socket_rows *all = arg;
	struct socket_row *row;

	if (all->used++ >= all->room) {
		return;
	}
	row = &all->rows[all->used - 1];
	*row = (struct socket_row){
		.family = net_context_get_family(context),
		.type = net_context_get_type(context),
		.state = tcp_close_state(context),
	};
	/* The local address is a pointer to one of the interface's. */
	if (row->family == AF_INET6) {
		const struct sockaddr_in6 *peer = net_sin6(&context->remote);

		row->ports[0] = net_sin6_ptr(&context->local)->sin6_port;
		if (net_sin6_ptr(&context->local)->sin6_addr != NULL) {
			memcpy(row->addrs[0], net_sin6_ptr(&context->local)->sin6_addr, 16);
		}
		if (context->flags & NET_CONTEXT_REMOTE_ADDR_SET) {
			row->ports[1] = peer->sin6_port;
			memcpy(row->addrs[1], &peer->sin6_addr, 16);
		}
	} else {
		const struct sockaddr_in *peer = net_sin(&context->remote);

		row->ports[0] = net_sin_ptr(&context->local)->sin_port;
		if (net_sin_ptr(&context->local)->sin_addr != NULL) {
			memcpy(row->addrs[0], net_sin_ptr(&context->local)->sin_addr, 4);
		}
		if (context->flags & NET_CONTEXT_REMOTE_ADDR_SET) {
			row->ports[1] = peer->sin_port;
			memcpy(row->addrs[1], &peer->sin_addr, 4);
		}
	}
}

PyDoc_STRVAR(sockets_doc,
	     "sockets()\n"
	     "--\n"
	     "\n"
	     "Return a list of (protocol, local, local_port, peer, peer_port, state): 'tcp' or\n"
	     "'udp', addresses as text, and for TCP its state in small letters.");

static PyObject *sockets(PyObject *module, PyObject *unused)
{
	struct socket_rows all = {.room = CONFIG_NET_MAX_CONTEXTS};
	PyObject *list;

	(void)module;
	(void)unused;
	all.rows = PyMem_Calloc(all.room, sizeof(*all.rows));
	if (all.rows == NULL) {
		return PyErr_NoMemory();
	}
	Py_BEGIN_ALLOW_THREADS;
	net_context_foreach(add_row, &all);
	Py_END_ALLOW_THREADS;
	list = PyList_New(0);
	for (size_t i = 0; list != NULL && i < MIN(all.used, all.room); i++) {
		const struct socket_row *row = &all.rows[i];

		if ((row->family != AF_INET && row->family != AF_INET6) ||
		    (row->type != SOCK_STREAM && row->type != SOCK_DGRAM)) {
			continue;
		}
		if (append(list,
			   Py_BuildValue("(sNiNis)", row->type == SOCK_STREAM ? "tcp" : "udp",
					 text_of(row->family, row->addrs[0]), ntohs(row->ports[0]),
					 text_of(row->family, row->addrs[1]), ntohs(row->ports[1]),
					 row->state)) < 0) {
			Py_CLEAR(list);
		}
	}
	PyMem_Free(all.rows);
	return list;
}

/* The module */

static PyMethodDef methods[] = {
	{"address_add", address_add, METH_VARARGS, address_add_doc},
	{"address_remove", address_remove, METH_VARARGS, address_remove_doc},
	{"addresses", addresses, METH_O, addresses_doc},
#if defined(CONFIG_NET_NATIVE_TCP)
	{"bench_echo", net_bench_echo, METH_VARARGS, net_bench_echo_doc},
#endif
	{"buffers", buffers, METH_NOARGS, buffers_doc},
	{"dhcp_start", dhcp_start, METH_O, dhcp_start_doc},
	{"dhcp_stop", dhcp_stop, METH_O, dhcp_stop_doc},
	{"dns_servers", dns_servers, METH_NOARGS, dns_servers_doc},
	{"dns_set", dns_set, METH_O, dns_set_doc},
	{"down", down, METH_O, down_doc},
	{"gateway", gateway, METH_O, gateway_doc},
	{"gateway_set", gateway_set, METH_VARARGS, gateway_set_doc},
	{"interfaces", interfaces, METH_NOARGS, interfaces_doc},
#if defined(CONFIG_NET_NATIVE_IP)
	{"ping", net_ping, METH_VARARGS, net_ping_doc},
#endif
	{"sockets", sockets, METH_NOARGS, sockets_doc},
	{"statistics", statistics, METH_O, statistics_doc},
	{"up", up, METH_O, up_doc},
	{"wait", net_wait, METH_VARARGS, wait_doc},
	{NULL, NULL, 0, NULL},
};

static int exec(PyObject *module)
{
	listen_for_changes();
#if defined(CONFIG_NET_INTERFACE_NAME) && defined(CONFIG_NET_LOOPBACK)
	/* Zephyr calls it after its layer: dummy0. */
	(void)net_if_set_name(net_if_get_first_by_type(&NET_L2_GET_NAME(DUMMY)), "lo");
#endif
	/* What to use when nobody gives out addresses. */
	if (PyModule_AddStringConstant(module, "STATIC_ADDRESS", CONFIG_ZPY_NET_STATIC_ADDRESS) <
		    0 ||
	    PyModule_AddIntConstant(module, "STATIC_PREFIX", CONFIG_ZPY_NET_STATIC_PREFIX) < 0 ||
	    PyModule_AddStringConstant(module, "STATIC_GATEWAY", CONFIG_ZPY_NET_STATIC_GATEWAY) <
		    0 ||
	    PyModule_AddStringConstant(module, "STATIC_DNS", CONFIG_ZPY_NET_STATIC_DNS) < 0 ||
	    PyModule_AddIntConstant(module, "DHCP_TIMEOUT", CONFIG_ZPY_NET_DHCP_TIMEOUT) < 0 ||
	    PyModule_AddStringConstant(module, "TIME_SERVER", CONFIG_ZPY_NET_TIME_SERVER) < 0) {
		return -1;
	}
	return 0;
}

static PyModuleDef_Slot slots[] = {
	{Py_mod_exec, exec},
	{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
	{Py_mod_gil, Py_MOD_GIL_NOT_USED},
	{0, NULL},
};

PyDoc_STRVAR(doc, "Zephyr's network for Python: interfaces, addresses, name servers and counters.\n"
		  "\n"
		  "The readable reference is kernel_py/sim/_net.py, which the sim board uses.");

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT, .m_name = "_net", .m_doc = doc,
	.m_methods = methods,  .m_slots = slots,
};

PyMODINIT_FUNC PyInit__net(void)
{
	return PyModuleDef_Init(&module);
}
