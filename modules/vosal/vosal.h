/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The functions of _vosal, gathered from its subjects. */

#ifndef ZPY_VOSAL_VOSAL_H_
#define ZPY_VOSAL_VOSAL_H_

#include "Python.h"

/* Each subject adds its functions and constants. 0, or -1 with an exception set. */
int vosal_console_exec(PyObject *module);
int vosal_directory_exec(PyObject *module);
int vosal_memory_exec(PyObject *module);
int vosal_mounts_exec(PyObject *module);
int vosal_power_exec(PyObject *module);
int vosal_repl_exec(PyObject *module);
int vosal_threads_exec(PyObject *module);
int vosal_uptime_exec(PyObject *module);
int vosal_views_exec(PyObject *module);

#endif /* ZPY_VOSAL_VOSAL_H_ */
