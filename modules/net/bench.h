/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What tests/bench/network.py sets Python against, for _net. */

#ifndef ZPY_NET_BENCH_H_
#define ZPY_NET_BENCH_H_

#include "Python.h"

extern const char net_bench_echo_doc[];

PyObject *net_bench_echo(PyObject *module, PyObject *args);

#endif /* ZPY_NET_BENCH_H_ */
