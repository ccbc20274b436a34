/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The module _hostnet: what native_sim is told of the network of its host, as it is.
 *
 * kernel_py/sim/_net.py makes _net of it, on native_sim as on sim.
 */

#include <string.h>

#include <zephyr/kernel.h>

#include <zpy/native.h>

#include "host.h"

#define FIRST(name, value) name,
#define CHUNK              4096

/** The place of a name in a list; -1, with ValueError, for another name. */
static int place_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, names[i]) == 0) {
			return i;
		}
	}
	PyErr_Format(PyExc_ValueError, "what is '%s'?", name);
	return -1;
}

ZPY_NATIVE(names, "names()\n--\n\nReturn the names of the host's interfaces.")
{
	PyObject *list = PyList_New(0);
	char name[HOSTNET_NAME];

	for (int i = 0; list != NULL && hostnet_name(i, name) == 0; i++) {
		PyObject *text = PyUnicode_DecodeFSDefault(name);

		if (text == NULL || PyList_Append(list, text) < 0) {
			Py_CLEAR(list);
		}
		Py_XDECREF(text);
	}
	return list;
}

ZPY_NATIVE(ask, "ask(name, thing)\n--\n\n"
		"Return what the host knows of an interface, as the bytes that Linux has for it:\n"
		"'flags', 'address', 'netmask', 'mtu' or 'hardware'. OSError: nothing.")
{
	static const char *const things[] = {HOSTNET_THINGS(FIRST)};
	uint8_t data[HOSTNET_DATA];
	const char *name;
	const char *thing;
	int place;

	if (!PyArg_ParseTuple(args, "ss:ask", &name, &thing)) {
		return NULL;
	}
	place = place_of(thing, things, ARRAY_SIZE(things));
	if (place < 0) {
		return NULL;
	}
	if (hostnet_ask(name, place, data) < 0) {
		errno = ENODEV;
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	return PyBytes_FromStringAndSize((const char *)data, sizeof(data));
}

ZPY_NATIVE(read, "read(table)\n--\n\n"
		 "Return a table of the host's as text, \"\" if it has none: 'dev', 'if_inet6',\n"
		 "'route', 'tcp', 'tcp6', 'udp', 'udp6' or 'resolv.conf'.")
{
	static const char *const tables[] = {HOSTNET_TABLES(FIRST)};
	PyObject *whole;
	PyObject *text;
	const char *table;
	Py_ssize_t length = 0;
	int place;
	int fd;
	int got = 0;

	if (!PyArg_ParseTuple(args, "s:read", &table)) {
		return NULL;
	}
	place = place_of(table, tables, ARRAY_SIZE(tables));
	if (place < 0) {
		return NULL;
	}
	whole = PyBytes_FromStringAndSize(NULL, CHUNK);
	fd = hostnet_open(place);
	while (whole != NULL && fd >= 0) {
		got = hostnet_read(fd, PyBytes_AS_STRING(whole) + length, CHUNK);
		if (got <= 0) {
			break;
		}
		length += got;
		(void)_PyBytes_Resize(&whole, length + CHUNK);
	}
	if (fd >= 0) {
		hostnet_close(fd);
	}
	if (whole == NULL) {
		return NULL;
	}
	text = PyUnicode_DecodeUTF8(PyBytes_AS_STRING(whole), length, "replace");
	Py_DECREF(whole);
	return text;
}

ZPY_NATIVE(inodes,
	   "inodes()\n--\n\nReturn the numbers of this process's sockets, as in the tables.")
{
	uint64_t some[CONFIG_CPYTHON_OPEN_MAX];
	int count = MIN(hostnet_inodes(some, ARRAY_SIZE(some)), (int)ARRAY_SIZE(some));
	PyObject *list = PyList_New(count);

	for (int i = 0; list != NULL && i < count; i++) {
		PyObject *number = PyLong_FromUnsignedLongLong(some[i]);

		if (number == NULL) {
			Py_CLEAR(list);
		} else {
			PyList_SET_ITEM(list, i, number);
		}
	}
	return list;
}

ZPY_NATIVE_MODULE(_hostnet,
		  "What native_sim is told of the network of its host.\n"
		  "\n"
		  "The readable reference is kernel_py/sim/_hostnet.py, which the sim board uses.",
		  ZPY_NATIVE_METHOD(names), ZPY_NATIVE_METHOD(ask), ZPY_NATIVE_METHOD(read),
		  ZPY_NATIVE_METHOD(inodes));
