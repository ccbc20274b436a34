/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief TCP connections whose two directions end one after the other.
 *
 * Zephyr's TCP ends a connection as a whole: it answers the peer's FIN with its own, and what the
 * application writes afterwards is lost; and after its own FIN it resets a peer that sends on. A
 * client that sends a request, closes its side and waits for the answer gets none that way.
 *
 * Here every segment passes this file first (net_conn_register() is wrapped, so that TCP's input
 * function can be called from here). Where RFC 9293 has the states CLOSE-WAIT, FIN-WAIT-1 and
 * FIN-WAIT-2, Zephyr's state stays ESTABLISHED, in which it sends and receives as before, and two
 * flags tell what has been closed:
 *
 * - The FIN of a segment is taken out before Zephyr sees it. When all data before it has arrived it
 *   is acknowledged and the socket is told of the end. When the application closes too, Zephyr
 *   sends its FIN and the state becomes LAST-ACK, as it should.
 * - tcp_close_write() has Zephyr send a FIN by net_tcp_put(), and goes back to ESTABLISHED.
 *
 * The flags live in a member of Zephyr's connection that it never uses. Everything is done under
 * the connection's lock.
 */

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

/* net_private.h writes to its log. */
LOG_MODULE_REGISTER(tcp_close, CONFIG_NET_TCP_LOG_LEVEL);

#include <zephyr/net/net_context.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/net_pkt.h>

#include "connection.h"
#include "net_private.h"
#include "tcp_internal.h"

#include "tcp_close.h"
#include "udp_queue.h"

/* How long a peer may take to end its direction once the application has closed the socket. */
#define LINGER K_SECONDS(10)

#define PEER_FIN BIT(0) /* the peer sends no more: its FIN has come and is acknowledged */
#define OUR_FIN  BIT(1) /* we send no more: FIN is sent, or will be after what is queued */
#define CLOSED   BIT(2) /* the application has closed the socket */
#define FIN_DONE BIT(3) /* our FIN has been acknowledged */

static net_conn_cb_t tcp_input;

/** Zephyr sets this member to 0 and leaves it alone. */
static uint16_t *flags_of(struct tcp *conn)
{
	return &conn->send_options.window;
}

/** The header inside the packet's buffer, or NULL if it does not lie there in one piece. */
static struct tcphdr *header(struct net_pkt *pkt)
{
	net_pkt_cursor_init(pkt);
	net_pkt_set_overwrite(pkt, true);
	if (net_pkt_skip(pkt, net_pkt_ip_hdr_len(pkt) + net_pkt_ip_opts_len(pkt)) != 0 ||
	    !net_pkt_is_contiguous(pkt, sizeof(struct tcphdr))) {
		return NULL;
	}
	return net_pkt_cursor_get_pos(pkt);
}

static size_t data_length(struct net_pkt *pkt, const struct tcphdr *th)
{
	int length = (int)net_pkt_get_len(pkt) - net_pkt_ip_hdr_len(pkt) -
		     net_pkt_ip_opts_len(pkt) - th->th_off * 4;

	return MAX(length, 0);
}

/** Has Zephyr send an acknowledgement at once, with the whole window. */
static void acknowledge(struct tcp *conn)
{
	conn->recv_win_sent = 0;
	(void)net_tcp_update_recv_wnd(conn->context, conn->recv_win_max);
}

/** Our FIN has been acknowledged: it need not be sent again. */
static void forget_fin(struct tcp *conn)
{
	sys_snode_t *node;
	int queued = 0;

	*flags_of(conn) |= FIN_DONE;
#ifdef TCP_RESENDS_BY_STATE
	if (conn->send_data_total == 0) {
		k_work_cancel_delayable(&conn->send_data_timer);
	}
#else
	k_work_cancel_delayable(&conn->send_timer);
	conn->in_retransmission = false;
#endif
	/* Behind the FIN are acknowledgements that had to wait for it; one new one does for all. */
	while ((node = sys_slist_get(&conn->send_queue)) != NULL) {
		net_pkt_unref(CONTAINER_OF(node, struct net_pkt, next));
		queued++;
	}
	if (queued > 1) {
		acknowledge(conn);
	}
}

/** Takes the state back to ESTABLISHED after Zephyr has sent a FIN for tcp_close_write(). */
static void reopen(struct tcp *conn)
{
	if (conn->state == TCP_FIN_WAIT_1 && (*flags_of(conn) & (OUR_FIN | CLOSED)) == OUR_FIN) {
		k_work_cancel_delayable(&conn->fin_timer);
		conn->in_close = false;
		conn->state = TCP_ESTABLISHED;
	}
}

/** Is a FIN of tcp_close_write() under way that has not been acknowledged? */
static bool fin_is_out(struct tcp *conn)
{
	return (*flags_of(conn) & (OUR_FIN | FIN_DONE)) == OUR_FIN && !conn->in_close;
}

/**
 * Where Zephyr sends a FIN again by what the state is, the state has to say so between segments.
 *
 * That is Zephyr 4.2; before, the FIN was in a queue of segments that were sent again.
 */
static void keep_sending_fin(struct tcp *conn)
{
#ifdef TCP_RESENDS_BY_STATE
	if (conn->state == TCP_ESTABLISHED && fin_is_out(conn)) {
		conn->state = TCP_FIN_WAIT_1;
		if (!k_work_delayable_is_pending(&conn->send_data_timer)) {
			k_work_reschedule_for_queue(
				conn->send_data_timer.queue, &conn->send_data_timer,
				K_MSEC(CONFIG_NET_TCP_INIT_RETRANSMISSION_TIMEOUT));
		}
	}
#else
	ARG_UNUSED(conn);
#endif
}

/**
 * Looks at a segment before Zephyr does. The connection is locked.
 *
 * @return true if it had a FIN, which is taken out; end is the number after the data before it.
 */
static bool look_at(struct tcp *conn, struct net_pkt *pkt, struct tcphdr *th, uint32_t *end)
{
	uint8_t bits = th_flags(th);

	reopen(conn);
	if (conn->state == TCP_FIN_WAIT_1 && (*flags_of(conn) & PEER_FIN)) {
		conn->state = TCP_LAST_ACK;
	}
	if (conn->state == TCP_LAST_ACK && (*flags_of(conn) & PEER_FIN)) {
		/* Only a plain acknowledgement ends this state. */
		UNALIGNED_PUT(bits & (ACK | RST | SYN), &th->th_flags);
		return false;
	}
	if (conn->state != TCP_ESTABLISHED) {
		return false;
	}
	if (fin_is_out(conn) && (bits & ACK) && th_ack(th) == conn->seq) {
		forget_fin(conn);
	}
	if (!(bits & FIN) || (bits & (RST | SYN)) || (*flags_of(conn) & PEER_FIN)) {
		return false;
	}
	UNALIGNED_PUT(bits & ~FIN, &th->th_flags);
	*end = th_seq(th) + data_length(pkt, th);
	return true;
}

static enum net_verdict before_tcp(struct net_conn *net_conn, struct net_pkt *pkt,
				   union net_ip_header *ip, union net_proto_header *proto,
				   void *user_data)
{
	struct net_context *context = user_data;
	struct tcp *conn = context->tcp;
	struct tcphdr *th = header(pkt);
	enum net_verdict verdict;
	bool fin = false;
	bool ended = false;
	uint32_t end = 0;

	if (conn != NULL && th != NULL && conn->state > TCP_SYN_RECEIVED) {
		k_mutex_lock(&conn->lock, K_FOREVER);
		fin = look_at(conn, pkt, th, &end);
		k_mutex_unlock(&conn->lock);
	}
	verdict = tcp_input(net_conn, pkt, ip, proto, user_data);
	if (!fin) {
		if (IS_ENABLED(TCP_RESENDS_BY_STATE) && conn != NULL && context->tcp == conn) {
			k_mutex_lock(&conn->lock, K_FOREVER);
			keep_sending_fin(conn);
			k_mutex_unlock(&conn->lock);
		}
		return verdict;
	}
	k_mutex_lock(&conn->lock, K_FOREVER);
	/* If something before it is missing, the peer will send both again. */
	if (conn->state == TCP_ESTABLISHED && conn->context == context && conn->ack == end) {
		conn->ack++;
		*flags_of(conn) |= PEER_FIN;
		acknowledge(conn);
		/* Zephyr's accept() throws away what has ended before it; it is told afterwards. */
		ended = !net_context_is_accepting(context);
	}
	keep_sending_fin(conn);
	k_mutex_unlock(&conn->lock);
	if (ended && context->recv_cb != NULL) {
		context->recv_cb(context, NULL, NULL, NULL, 0, conn->recv_user_data);
	}
	return verdict;
}

#ifdef CONNECTION_HAS_TYPE
#define TYPE_PARAMETER enum net_sock_type type,
#define TYPE_ARGUMENT  type,
#else
#define TYPE_PARAMETER
#define TYPE_ARGUMENT
#endif

/* The types are Zephyr's: what differs does not compile. */
__typeof__(net_conn_register) __real_net_conn_register;
__typeof__(net_conn_register) __wrap_net_conn_register;

int __wrap_net_conn_register(uint16_t proto, TYPE_PARAMETER uint8_t family,
			     const struct sockaddr *remote_addr, const struct sockaddr *local_addr,
			     uint16_t remote_port, uint16_t local_port, struct net_context *context,
			     net_conn_cb_t cb, void *user_data, struct net_conn_handle **handle)
{
	if (proto == IPPROTO_TCP && context != NULL) {
		tcp_input = cb; /* always the same function */
		cb = before_tcp;
		/* One that neither connects nor listens is made for somebody who connects to us.
		 * Zephyr's accept() takes the mark away, and nothing sets it but this.
		 */
		net_context_set_accepting(context, net_context_get_state(context) ==
							   NET_CONTEXT_UNCONNECTED);
	}
	cb = udp_queue_callback(proto, cb);
	return __real_net_conn_register(proto, TYPE_ARGUMENT family, remote_addr, local_addr,
					remote_port, local_port, context, cb, user_data, handle);
}

int tcp_close_write(struct net_context *context)
{
	struct tcp *conn = context->tcp;
	int ret = 0;

	if (conn == NULL) {
		return -ENOTCONN;
	}
	k_mutex_lock(&conn->lock, K_FOREVER);
	if (*flags_of(conn) & OUR_FIN) {
		ret = 0;
	} else if (conn->state != TCP_ESTABLISHED) {
		ret = -ENOTCONN;
	} else {
		*flags_of(conn) |= OUR_FIN;
		/* net_tcp_put() also gives up the application's reference. */
		atomic_inc(&conn->ref_count);
		(void)net_tcp_put(context);
		reopen(conn);
		keep_sending_fin(conn);
	}
	k_mutex_unlock(&conn->lock);
	return ret;
}

bool tcp_close_may_write(struct net_context *context)
{
	struct tcp *conn = context->tcp;

	return conn != NULL && conn->state == TCP_ESTABLISHED && !(*flags_of(conn) & OUR_FIN);
}

void tcp_close_accepted(struct net_context *context)
{
	struct tcp *conn = context->tcp;
	bool ended;

	if (conn == NULL) {
		return;
	}
	/* Who hands it over holds the lock until the state is ESTABLISHED. */
	k_mutex_lock(&conn->lock, K_FOREVER);
	ended = *flags_of(conn) & PEER_FIN;
	k_mutex_unlock(&conn->lock);
	if (ended && context->recv_cb != NULL) {
		context->recv_cb(context, NULL, NULL, NULL, 0, conn->recv_user_data);
	}
}

void tcp_close_prepare(struct net_context *context)
{
	struct tcp *conn = context->tcp;

	if (conn == NULL) {
		return;
	}
	k_mutex_lock(&conn->lock, K_FOREVER);
	reopen(conn);
	if (conn->state == TCP_ESTABLISHED && (*flags_of(conn) & OUR_FIN) &&
	    conn->fin_timer.queue != NULL && !conn->in_close) {
		bool acknowledged = *flags_of(conn) & FIN_DONE;
		k_timeout_t linger = LINGER;

		/* Both of Zephyr's timers ran on the same queue when FIN was sent. */
		if (*flags_of(conn) & PEER_FIN) {
			conn->state = acknowledged ? TCP_TIME_WAIT : TCP_LAST_ACK;
			if (acknowledged) {
				linger = K_NO_WAIT;
			}
		} else {
			conn->state = acknowledged ? TCP_FIN_WAIT_2 : TCP_FIN_WAIT_1;
		}
		k_work_reschedule_for_queue(conn->fin_timer.queue, &conn->fin_timer, linger);
	}
	*flags_of(conn) |= CLOSED;
	k_mutex_unlock(&conn->lock);
}

const char *tcp_close_state(struct net_context *context)
{
	static const char *const names[] = {
		[TCP_UNUSED] = "closed",           [TCP_LISTEN] = "listen",
		[TCP_SYN_SENT] = "syn-sent",       [TCP_SYN_RECEIVED] = "syn-received",
		[TCP_ESTABLISHED] = "established", [TCP_FIN_WAIT_1] = "fin-wait-1",
		[TCP_FIN_WAIT_2] = "fin-wait-2",   [TCP_CLOSE_WAIT] = "close-wait",
		[TCP_CLOSING] = "closing",         [TCP_LAST_ACK] = "last-ack",
		[TCP_TIME_WAIT] = "time-wait",     [TCP_CLOSED] = "closed",
	};
	struct tcp *conn = context->tcp;
	uint16_t flags;

	if (conn == NULL) {
		return "";
	}
	flags = *flags_of(conn);
	if (conn->state == TCP_LISTEN && net_context_get_state(context) != NET_CONTEXT_LISTENING) {
		return "closed"; /* Zephyr makes no difference */
	}
	if ((conn->state == TCP_ESTABLISHED && flags != 0) ||
	    (conn->state == TCP_FIN_WAIT_1 && (flags & (OUR_FIN | CLOSED)) == OUR_FIN)) {
		return !(flags & OUR_FIN)    ? "close-wait"
		       : flags & PEER_FIN    ? "last-ack"
		       : !(flags & FIN_DONE) ? "fin-wait-1"
					     : "fin-wait-2";
	}
	return (size_t)conn->state < ARRAY_SIZE(names) ? names[conn->state] : "";
}

/* On several CPUs a connection may be found by one thread and given back by another before the
 * first has locked it. Zephyr looks at its state then (TCP_UNUSED), which helps as long as the
 * memory is not in use again: and a slab hands out first what was given back last. Connections
 * therefore go to the end of the list, and are used again when all others have been.
 */
void __real_k_mem_slab_free(struct k_mem_slab *slab, void *mem);

void __wrap_k_mem_slab_free(struct k_mem_slab *slab, void *mem)
{
	if (slab->info.block_size == WB_UP(sizeof(struct tcp)) &&
	    slab->info.num_blocks == CONFIG_NET_MAX_CONTEXTS) {
		k_spinlock_key_t key = k_spin_lock(&slab->lock);
		char **last = &slab->free_list;

		if (*last != NULL) {
			while (*last != NULL) {
				last = (char **)*last;
			}
			*(char **)mem = NULL;
			*last = mem;
			slab->info.num_used--;
			k_spin_unlock(&slab->lock, key);
			return;
		}
		k_spin_unlock(&slab->lock, key);
	}
	__real_k_mem_slab_free(slab, mem);
}
