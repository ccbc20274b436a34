/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The inside of a Mutex, for Condition. */

#ifndef ZPY_VOSAL_MUTEX_H_
#define ZPY_VOSAL_MUTEX_H_

#include "Python.h"

#include "port.h"

struct vosal_mutex {
	PyObject_HEAD struct port_lock lock;
};

/** Locks, or locks once more. @return 1, 0 after the time-out, -1 with an exception set */
int vosal_mutex_acquire(struct vosal_mutex *mutex, k_timepoint_t end);

/** Unlocks. @return 0, or -1 with RuntimeError set */
int vosal_mutex_release(struct vosal_mutex *mutex);

/**
 * Unlocks at the end of a `with`, whose exception is args.
 *
 * An exception that comes from a Condition's wait() may leave the block without the mutex, and must
 * not be hidden by another. @return 0, or -1 with RuntimeError set
 */
int vosal_mutex_leave(struct vosal_mutex *mutex, PyObject *args);

#endif /* ZPY_VOSAL_MUTEX_H_ */
