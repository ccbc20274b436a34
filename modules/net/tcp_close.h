/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Closing a TCP connection in one direction (tcp_close.c). */

#ifndef ZPY_NET_TCP_CLOSE_H_
#define ZPY_NET_TCP_CLOSE_H_

#include <stdbool.h>

struct net_context;

/** Sends what is queued and then FIN; data may still come in. @return 0 or -ENOTCONN. */
int tcp_close_write(struct net_context *context);

/** To be called for an accepted context, before anything else: Zephyr hands it over a moment before
 * it is connected, and on several CPUs the application may be quicker.
 */
void tcp_close_accepted(struct net_context *context);

/** To be called before the context is given back. */
void tcp_close_prepare(struct net_context *context);

/** True while data can be sent. */
bool tcp_close_may_write(struct net_context *context);

/** TCP's state in small letters, as RFC 9293 names it; "" if the context has no TCP. */
const char *tcp_close_state(struct net_context *context);

#endif /* ZPY_NET_TCP_CLOSE_H_ */
