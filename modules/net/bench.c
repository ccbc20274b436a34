/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief An echo of TCP in C, on Zephyr's sockets: what tests/bench/network.py sets Python against.
 */

#include "Python.h"

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/sys/fdtable.h>

#include "sockets_internal.h"

#include "bench.h"
#include "tcp_close.h"

#define ACCEPT_WAIT 500 /* milliseconds until Ctrl-C is looked for */

extern const struct socket_op_vtable sock_fd_op_vtable;

const char net_bench_echo_doc[] =
	PyDoc_STR("bench_echo(port, connections)\n--\n\n"
		  "Serve so many connections, one after the other, with an echo in C.\n\n"
		  "For measurements: a connection whose peer is silent is waited for without end.");

static void *context_of(int fd)
{
	return zvfs_get_fd_obj(fd, &sock_fd_op_vtable.fd_vtable, 0);
}

static int send_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t sent = zsock_send(fd, data, size, 0);

		if (sent < 0) {
			return -1;
		}
		data += sent;
		size -= sent;
	}
	return 0;
}

/** Gives back all that comes, until the peer's end. */
static void echo(int fd)
{
	static char data[16384];
	ssize_t size;

	tcp_close_accepted(context_of(fd));
	while ((size = zsock_recv(fd, data, sizeof(data), 0)) > 0 &&
	       send_all(fd, data, size) == 0) {
	}
	tcp_close_prepare(context_of(fd));
	(void)zsock_close(fd);
}

/** A socket that listens at the port of all addresses; -1 with errno. */
static int listener(int port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	if (fd >= 0 && (zsock_bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
			zsock_listen(fd, 1) != 0)) {
		int error = errno;

		(void)zsock_close(fd);
		errno = error;
		fd = -1;
	}
	return fd;
}

PyObject *net_bench_echo(PyObject *module, PyObject *args)
{
	struct zsock_pollfd pfd = {.events = ZSOCK_POLLIN};
	int port;
	int connections;
	int failed = 0;

	(void)module;
	if (!PyArg_ParseTuple(args, "ii:bench_echo", &port, &connections)) {
		return NULL;
	}
	if (port < 1 || port > UINT16_MAX || connections < 1) {
		PyErr_SetString(PyExc_ValueError, "a port and a number of connections");
		return NULL;
	}
	pfd.fd = listener(port);
	if (pfd.fd < 0) {
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	while (connections > 0 && failed == 0) {
		Py_BEGIN_ALLOW_THREADS;
		if (zsock_poll(&pfd, 1, ACCEPT_WAIT) > 0) {
			int fd = zsock_accept(pfd.fd, NULL, NULL);

			if (fd >= 0) {
				echo(fd);
				connections--;
			}
		}
		Py_END_ALLOW_THREADS;
		failed = PyErr_CheckSignals();
	}
	(void)zsock_close(pfd.fd);
	return failed != 0 ? NULL : Py_NewRef(Py_None);
}
