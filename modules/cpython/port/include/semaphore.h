/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief POSIX semaphores whose waits a signal interrupts (lock.c): CPython's locks stand on them.
 */

#ifndef ZPY_PORT_SEMAPHORE_H_
#define ZPY_PORT_SEMAPHORE_H_

#include <stdint.h>
#include <time.h>

typedef struct {
	uintptr_t opaque[4];
} sem_t;

int sem_init(sem_t *sem, int shared, unsigned int value);
int sem_destroy(sem_t *sem);
int sem_wait(sem_t *sem);
int sem_trywait(sem_t *sem);
int sem_timedwait(sem_t *sem, const struct timespec *deadline);
int sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *deadline);
int sem_post(sem_t *sem);
int sem_getvalue(sem_t *sem, int *value);

#endif /* ZPY_PORT_SEMAPHORE_H_ */
