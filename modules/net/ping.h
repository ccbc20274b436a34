/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief One echo request of ICMP, for _net. */

#ifndef ZPY_NET_PING_H_
#define ZPY_NET_PING_H_

#include "Python.h"

extern const char net_ping_doc[];

PyObject *net_ping(PyObject *module, PyObject *args);

#endif /* ZPY_NET_PING_H_ */
