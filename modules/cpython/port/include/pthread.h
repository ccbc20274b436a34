/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The POSIX threads that CPython uses, on Zephyr threads (thread.c, lock.c).
 *
 * A subset: what CPython calls, with the meaning POSIX gives it. The types hold Zephyr's
 * objects without naming them, so that CPython's sources never see Zephyr's headers.
 */

#ifndef ZPY_PORT_PTHREAD_H_
#define ZPY_PORT_PTHREAD_H_

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct port_thread;
typedef struct port_thread *pthread_t;

typedef struct {
	uintptr_t opaque[9]; /* struct port_lock */
} pthread_mutex_t;

typedef struct {
	uintptr_t opaque[4]; /* struct k_condvar, clock */
} pthread_cond_t;

typedef struct {
	int clock;
} pthread_condattr_t;

typedef struct {
	int unused;
} pthread_mutexattr_t;

typedef struct {
	void *stack;
	size_t stack_size;
} pthread_attr_t;

typedef unsigned int pthread_key_t;

#define PTHREAD_KEYS_MAX  16
#define PTHREAD_STACK_MIN 16384

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
		   void *arg);
int pthread_join(pthread_t thread, void **result);
int pthread_detach(pthread_t thread);
void pthread_exit(void *result) __attribute__((noreturn));
pthread_t pthread_self(void);

struct port_cleanup {
	void (*call)(void *);
	void *arg;
	struct port_cleanup *outer;
};

void port_cleanup_push(struct port_cleanup *cleanup);
void port_cleanup_pop(struct port_cleanup *cleanup, int execute);

/* A pair, in one block: what pthread_exit() calls on its way out. */
#define pthread_cleanup_push(fn, data)                                                             \
	do {                                                                                       \
		struct port_cleanup port_cleanup_ = {.call = (fn), .arg = (data)};                 \
	port_cleanup_push(&port_cleanup_)
#define pthread_cleanup_pop(execute)                                                               \
	port_cleanup_pop(&port_cleanup_, execute);                                                 \
	}                                                                                          \
	while (0)

int pthread_equal(pthread_t a, pthread_t b);
int pthread_kill(pthread_t thread, int sig);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int pthread_setname_np(pthread_t thread, const char *name);
int pthread_getname_np(pthread_t thread, char *name, size_t size);
int pthread_getcpuclockid(pthread_t thread, clockid_t *clock);
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr);

int pthread_attr_init(pthread_attr_t *attr);
int pthread_attr_destroy(pthread_attr_t *attr);
int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size);
int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *size);
int pthread_attr_getstack(const pthread_attr_t *attr, void **stack, size_t *size);
int pthread_attr_getguardsize(const pthread_attr_t *attr, size_t *size);

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr);
int pthread_mutex_destroy(pthread_mutex_t *mutex);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_trylock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);

int pthread_condattr_init(pthread_condattr_t *attr);
int pthread_condattr_destroy(pthread_condattr_t *attr);
int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock);
int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr);
int pthread_cond_destroy(pthread_cond_t *cond);
int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
			   const struct timespec *deadline);
int pthread_cond_signal(pthread_cond_t *cond);
int pthread_cond_broadcast(pthread_cond_t *cond);

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int pthread_key_delete(pthread_key_t key);
int pthread_setspecific(pthread_key_t key, const void *value);
void *pthread_getspecific(pthread_key_t key);

#endif /* ZPY_PORT_PTHREAD_H_ */
