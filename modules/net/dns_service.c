/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Name servers that change while an answer is on its way.
 *
 * Zephyr takes a socket of its resolver out of its table before the thread that waits for the
 * socket knows of it. The thread then finds nothing in the table and uses it. Here it is stopped
 * before, and does not wait for that socket any more.
 */

#include <zephyr/kernel.h>
#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/socket_service.h>

/** A line of the table in Zephyr's dns/dispatcher.c, which each event points to. */
struct dispatch_line {
	struct dns_socket_dispatcher *ctx;
};

void __real_dns_dispatcher_svc_handler(struct net_socket_service_event *pev);
void __wrap_dns_dispatcher_svc_handler(struct net_socket_service_event *pev);

void __wrap_dns_dispatcher_svc_handler(struct net_socket_service_event *pev)
{
	const volatile struct dispatch_line *table = pev->user_data;
	struct net_socket_service_desc *svc = pev->svc;
	int fd = pev->event.fd;
	/* What it is now: the table may change while the event is looked at. */
	struct dispatch_line line = {.ctx = fd >= 0 ? table[fd].ctx : NULL};
	struct net_socket_service_event event = *pev;

	if (line.ctx != NULL) {
		event.user_data = &line - fd; /* the line of this descriptor is this one */
		__real_dns_dispatcher_svc_handler(&event);
		return;
	}
	for (int i = 0; i < svc->pev_len; i++) {
		if (svc->pev[i].event.fd == fd) {
			svc->pev[i].event.fd = -1;
		}
	}
}
