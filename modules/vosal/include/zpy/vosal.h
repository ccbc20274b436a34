/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What C beside Python may do with Python's real-time objects.
 *
 * Python makes the objects (kernel.vosal, kernel.interrupts) and hands them to C; C gets at the
 * inside with one of the `_of` functions, while it has the interpreter lock, and keeps a reference
 * (Py_INCREF) for as long as it uses it. The other functions need no interpreter lock: they are
 * for C threads, and those marked "from any context" for interrupts too.
 *
 * Functions that return an int return 0, or a negative errno: -ETIMEDOUT, -EINTR (a signal for
 * the calling thread), -ESHUTDOWN (the object was closed).
 */

#ifndef ZPY_VOSAL_H_
#define ZPY_VOSAL_H_

#include "Python.h"

#include <stdbool.h>
#include <stdint.h>

#include <zephyr/kernel.h>

struct zpy_semaphore;
struct zpy_event;
struct zpy_queue;
struct zpy_interrupt;

/** The inside of a Semaphore, or NULL with TypeError set. */
struct zpy_semaphore *zpy_semaphore_of(PyObject *object);

int zpy_semaphore_take(struct zpy_semaphore *semaphore, k_timeout_t timeout);

/** Gives once. From any context. @return -EOVERFLOW when the count is at its limit. */
int zpy_semaphore_give(struct zpy_semaphore *semaphore);

/** The inside of an Event, or NULL with TypeError set. */
struct zpy_event *zpy_event_of(PyObject *object);

/** Sets bits. From any context. */
int zpy_event_set(struct zpy_event *event, uint32_t bits);

/** Waits for one of the bits, or for all; got may be NULL. */
int zpy_event_wait(struct zpy_event *event, uint32_t bits, bool all, bool clear,
		   k_timeout_t timeout, uint32_t *got);

/** The inside of a Queue, or NULL with TypeError set. */
struct zpy_queue *zpy_queue_of(PyObject *object);

/** The bytes of one message. */
size_t zpy_queue_size(const struct zpy_queue *queue);

/** Puts a message. From any context with K_NO_WAIT. @return -ETIMEDOUT when there is no room. */
int zpy_queue_put(struct zpy_queue *queue, const void *message, k_timeout_t timeout);

/** Gets a message. From any context with K_NO_WAIT. */
int zpy_queue_get(struct zpy_queue *queue, void *message, k_timeout_t timeout);

/**
 * Makes an interrupt source: what kernel.interrupts lists, and Python code can handle.
 *
 * Needs the interpreter lock. @return a new reference, or NULL with an exception set. Whoever
 * posts to it keeps the reference until the hardware cannot post any more.
 */
PyObject *zpy_interrupt_new(const char *name);

/** The inside of an interrupt source, or NULL with TypeError set. */
struct zpy_interrupt *zpy_interrupt_of(PyObject *object);

/**
 * Tells that it has happened: takes the time, and queues the event for the interrupt thread.
 *
 * From any context, above all from an interrupt. @return false when the event was masked, too
 * soon after the last one (debounce), or dropped because the queue was full; all three are counted.
 */
bool zpy_interrupt_post(struct zpy_interrupt *source, uint32_t value);

/** Gives back what a C thread got when it first waited here: call it before the thread ends. */
void zpy_thread_leave(void);

#endif /* ZPY_VOSAL_H_ */
