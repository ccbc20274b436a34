/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Waiting for any of several descriptors (poll.c).
 */

#ifndef ZPY_PORT_POLL_H_
#define ZPY_PORT_POLL_H_

#define POLLIN     0x01
#define POLLPRI    0x02
#define POLLOUT    0x04
#define POLLERR    0x08
#define POLLHUP    0x10
#define POLLNVAL   0x20
#define POLLRDNORM POLLIN
#define POLLWRNORM POLLOUT

typedef unsigned int nfds_t;

struct pollfd {
	int fd;
	short events;
	short revents;
};

int poll(struct pollfd *fds, nfds_t count, int timeout_ms);

#endif /* ZPY_PORT_POLL_H_ */
