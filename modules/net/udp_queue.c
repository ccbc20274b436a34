/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief A bound on the datagrams that wait in a UDP socket.
 *
 * Zephyr keeps what nobody reads in network buffers, for as long as there are any: one socket that
 * is not read would take those of all others. Here the datagrams that come too many are dropped,
 * and counted as dropped, as UDP allows.
 */

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

/* net_private.h writes to its log. */
LOG_MODULE_REGISTER(udp_queue, CONFIG_NET_UDP_LOG_LEVEL);

#include <zephyr/net/net_context.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/net_pkt.h>

#include "connection.h"
#include "net_private.h"

#include "udp_queue.h"

/** Whether so many datagrams wait that no more shall. */
static bool is_full(struct net_context *context)
{
	struct k_queue *queue = &context->recv_q._queue;
	k_spinlock_key_t key = k_spin_lock(&queue->lock);
	sys_sfnode_t *node;
	int waiting = 0;

	SYS_SFLIST_FOR_EACH_NODE(&queue->data_q, node)
	{
		if (++waiting >= CONFIG_ZPY_NET_UDP_QUEUE) {
			break;
		}
	}
	k_spin_unlock(&queue->lock, key);
	return waiting >= CONFIG_ZPY_NET_UDP_QUEUE;
}

static enum net_verdict before_udp(struct net_conn *conn, struct net_pkt *pkt,
				   union net_ip_header *ip_hdr, union net_proto_header *proto_hdr,
				   void *user_data)
{
	if (conn->context != NULL && is_full(conn->context)) {
		return NET_DROP;
	}
	return net_context_packet_received(conn, pkt, ip_hdr, proto_hdr, user_data);
}

net_conn_cb_t udp_queue_callback(uint16_t proto, net_conn_cb_t cb)
{
	/* Other callbacks are Zephyr's own, which take each packet at once. */
	return proto == IPPROTO_UDP && cb == net_context_packet_received ? before_udp : cb;
}

#ifdef CONNECTION_UPDATES_LOCAL
#define LOCAL_PARAMETERS , const struct sockaddr *local_addr, uint16_t local_port
#define LOCAL_ARGUMENTS  , local_addr, local_port
#else
#define LOCAL_PARAMETERS
#define LOCAL_ARGUMENTS
#endif

/* The types are Zephyr's: what differs does not compile. */
__typeof__(net_conn_update) __real_net_conn_update;
__typeof__(net_conn_update) __wrap_net_conn_update;

int __wrap_net_conn_update(struct net_conn_handle *handle, net_conn_cb_t cb, void *user_data,
			   const struct sockaddr *remote_addr,
			   uint16_t remote_port LOCAL_PARAMETERS)
{
	cb = udp_queue_callback(((struct net_conn *)handle)->proto, cb);
	return __real_net_conn_update(handle, cb, user_data, remote_addr,
				      remote_port LOCAL_ARGUMENTS);
}
