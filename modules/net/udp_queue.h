/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief A bound on the datagrams that wait in a UDP socket (udp_queue.c). */

#ifndef ZPY_NET_UDP_QUEUE_H_
#define ZPY_NET_UDP_QUEUE_H_

#include <stdint.h>

#include "connection.h"

/** What shall be called for a connection's packets in the place of Zephyr's callback. */
net_conn_cb_t udp_queue_callback(uint16_t proto, net_conn_cb_t cb);

#endif /* ZPY_NET_UDP_QUEUE_H_ */
