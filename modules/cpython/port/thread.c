/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief pthreads: a Python thread is a Zephyr thread with its stack on the heap.
 *
 * A thread cannot free the stack it runs on, so one that ends detached is buried by the system
 * work queue. Threads that were not made here (Zephyr's main thread, a driver's) get a record
 * when they first wait or ask who they are.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/dlist.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/slist.h>

#include "port.h"

#ifdef CONFIG_CPYTHON_FREE_THREADING
#include "free_threading/pages.h"
#endif

BUILD_ASSERT(
	!IS_ENABLED(CONFIG_HW_STACK_PROTECTION),
	"stacks lie in the heap, where no guard page can be: set CONFIG_HW_STACK_PROTECTION=n");

struct port_thread port_main_thread;

static __thread struct port_thread *self;
static sys_slist_t threads = SYS_SLIST_STATIC_INIT(&threads);
static sys_slist_t zombies = SYS_SLIST_STATIC_INIT(&zombies);
static K_MUTEX_DEFINE(threads_lock);
static atomic_t keys_used;

static void bury(struct k_work *work);
static K_WORK_DEFINE(burial, bury);

static void enlist(struct port_thread *thread)
{
	k_sem_init(&thread->wake, 0, 1);
	sys_dlist_init(&thread->held);
	sys_dlist_init(&thread->owned);
	sys_dlist_init(&thread->asked);
	thread->lent = PORT_PRIORITY_NONE;
	k_mutex_lock(&threads_lock, K_FOREVER);
	sys_slist_append(&threads, &thread->node);
	k_mutex_unlock(&threads_lock);
}

static void delist(struct port_thread *thread)
{
	k_mutex_lock(&threads_lock, K_FOREVER);
	sys_slist_find_and_remove(&threads, &thread->node);
	k_mutex_unlock(&threads_lock);
}

static int main_thread_init(void)
{
	/* The record of the thread that calls main(): SYS_INIT runs in it. */
	port_main_thread.kernel = k_current_get();
	port_main_thread.priority = k_thread_priority_get(port_main_thread.kernel);
	self = &port_main_thread;
	enlist(self);
	return 0;
}

SYS_INIT(main_thread_init, APPLICATION, 0);

struct port_thread *port_thread_self(void)
{
	if (self == NULL) {
		struct port_thread *foreign = calloc(1, sizeof(*foreign));

		if (foreign == NULL) {
			k_panic();
		}
		foreign->kernel = k_current_get();
		foreign->priority = k_thread_priority_get(foreign->kernel);
		enlist(foreign);
		self = foreign;
	}
	return self;
}

/** Nobody waits for what a thread has that ends. */
static void leave_locks(struct port_thread *thread)
{
	size_t owned = port_lock_thread_ends(thread);

	if (owned > 0) {
		printk("[ZPy] ERROR kernel.vosal: the thread %s has ended as the owner of %zu "
		       "mutex(es): released\n",
		       k_thread_name_get(thread->kernel), owned);
	}
}

void port_thread_leave(void)
{
	struct port_thread *thread = self;

	if (thread != NULL && thread->start == NULL && thread != &port_main_thread) {
		leave_locks(thread);
		self = NULL;
		delist(thread);
		free(thread);
	}
}

int port_thread_foreach(int (*fn)(struct port_thread *thread, void *arg), void *arg)
{
	struct port_thread *thread;
	int ret = 0;

	k_mutex_lock(&threads_lock, K_FOREVER);
	SYS_SLIST_FOR_EACH_CONTAINER(&threads, thread, node) {
		ret = fn(thread, arg);
		if (ret != 0) {
			break;
		}
	}
	k_mutex_unlock(&threads_lock);
	return ret;
}

void port_thread_interrupt(struct port_thread *thread)
{
	atomic_set(&thread->interrupted, 1);
	if (!port_dying) { /* a crash may have been within the scheduler, whose lock it holds */
		k_sem_give(&thread->wake);
	}
}

void port_wake_self(void)
{
	k_sem_give(&port_thread_self()->wake);
}

/* Waits with an end. On several processors Zephyr (4.0, 4.2) loses its mind when a thread's
 * time-out expires on one while another wakes the thread: sys_clock_announce() has let go of its
 * lock, and readies a thread that runs already. So nobody here waits with a time-out of Zephyr's:
 * all wait for ever, and one timer wakes those whose time has come.
 */

static void ring(struct k_timer *timer);

static struct k_spinlock alarms_lock;
static sys_dlist_t alarms = SYS_DLIST_STATIC_INIT(&alarms); /* the next to ring comes first */
static K_TIMER_DEFINE(alarm_timer, ring, NULL);

/** Sets the timer to the first alarm. The lock is held. */
static void set_timer(void)
{
	struct port_alarm *first = SYS_DLIST_PEEK_HEAD_CONTAINER(&alarms, first, node);

	if (first != NULL) {
		k_timer_start(&alarm_timer, sys_timepoint_timeout(first->end), K_NO_WAIT);
	}
}

/** Puts an alarm into the order of time. The lock is held. */
static void insert(struct port_alarm *new)
{
	struct port_alarm *alarm;

	new->set = true;
	SYS_DLIST_FOR_EACH_CONTAINER(&alarms, alarm, node) {
		if (sys_timepoint_cmp(new->end, alarm->end) < 0) {
			sys_dlist_insert(&alarm->node, &new->node);
			return;
		}
	}
	sys_dlist_append(&alarms, &new->node);
}

static void ring(struct k_timer *timer)
{
	k_spinlock_key_t key = k_spin_lock(&alarms_lock);
	struct port_alarm *alarm;

	ARG_UNUSED(timer);
	while ((alarm = SYS_DLIST_PEEK_HEAD_CONTAINER(&alarms, alarm, node)) != NULL &&
	       sys_timepoint_expired(alarm->end)) {
		sys_dlist_remove(&alarm->node);
		alarm->set = false;
		if (alarm->rang(alarm)) {
			insert(alarm);
		}
	}
	set_timer();
	k_spin_unlock(&alarms_lock, key);
}

void port_alarm_set(struct port_alarm *alarm, k_timepoint_t end)
{
	k_spinlock_key_t key = k_spin_lock(&alarms_lock);

	if (alarm->set) {
		sys_dlist_remove(&alarm->node);
	}
	alarm->end = end;
	insert(alarm);
	if (sys_dlist_peek_head(&alarms) == &alarm->node) {
		set_timer();
	}
	k_spin_unlock(&alarms_lock, key);
}

void port_alarm_cancel(struct port_alarm *alarm)
{
	k_spinlock_key_t key = k_spin_lock(&alarms_lock);

	/* The timer may ring for nobody: that is cheaper than setting it again. */
	if (alarm->set) {
		sys_dlist_remove(&alarm->node);
		alarm->set = false;
	}
	k_spin_unlock(&alarms_lock, key);
}

struct sleeper {
	struct port_alarm alarm;
	struct port_thread *thread;
	bool rang;
};

static bool wake_sleeper(struct port_alarm *alarm)
{
	struct sleeper *sleeper = CONTAINER_OF(alarm, struct sleeper, alarm);

	sleeper->rang = true;
	k_sem_give(&sleeper->thread->wake);
	return false;
}

int port_sleep(k_timepoint_t end)
{
	struct port_thread *thread = port_thread_self();
	struct sleeper sleeper = {.alarm.rang = wake_sleeper, .thread = thread};

	if (k_sem_take(&thread->wake, K_NO_WAIT) == 0) {
		return 0;
	}
	if (sys_timepoint_expired(end)) {
		return ETIMEDOUT;
	}
	if (K_TIMEOUT_EQ(sys_timepoint_timeout(end), K_FOREVER)) {
		k_sem_take(&thread->wake, K_FOREVER);
		return 0;
	}
	port_alarm_set(&sleeper.alarm, end);
	k_sem_take(&thread->wake, K_FOREVER);
	port_alarm_cancel(&sleeper.alarm);
	return sleeper.rang ? ETIMEDOUT : 0;
}

int port_wait(k_timepoint_t end)
{
	struct port_thread *thread = port_thread_self();
	int ret;

	if (atomic_cas(&thread->interrupted, 1, 0)) {
		return EINTR;
	}
	ret = port_sleep(end);
	return atomic_cas(&thread->interrupted, 1, 0) ? EINTR : ret;
}

/** Frees a thread that nobody will ask for again, once Zephyr is done with it. */
static void release(struct port_thread *thread)
{
	/* On several processors who waits is woken while the thread still leaves its stack. A
	 * second call finds it dead, and waits until it has left.
	 */
	k_thread_join(thread->kernel, K_FOREVER);
	k_thread_join(thread->kernel, K_FOREVER);
	delist(thread);
	port_directory_put(thread->directory);
	free(thread->stack);
	free(thread);
}

static void bury(struct k_work *work)
{
	ARG_UNUSED(work);

	while (true) {
		sys_snode_t *node;

		k_mutex_lock(&threads_lock, K_FOREVER);
		node = sys_slist_get(&zombies);
		k_mutex_unlock(&threads_lock);
		if (node == NULL) {
			return;
		}
		release(CONTAINER_OF(node, struct port_thread, zombie));
	}
}

static void hand_to_burial(struct port_thread *thread)
{
	sys_slist_append(&zombies, &thread->zombie);
	k_work_submit(&burial);
}

static FUNC_NORETURN void finish(struct port_thread *thread, void *result)
{
	leave_locks(thread);
#ifdef CONFIG_CPYTHON_FREE_THREADING
	port_pages_unreserve(thread->pages);
	thread->pages = NULL;
#endif
	k_mutex_lock(&threads_lock, K_FOREVER);
	thread->result = result;
	thread->finished = true;
	if (thread->detached) {
		hand_to_burial(thread);
	}
	k_mutex_unlock(&threads_lock);
	k_thread_abort(k_current_get());
	CODE_UNREACHABLE;
}

static void entry(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);

	self = p1;
	free(self->reserve);
	self->reserve = NULL;
	finish(self, self->start(self->arg));
}

bool port_priority_valid(int priority)
{
	/* The least urgent one is the idle threads'. */
	return priority >= -CONFIG_NUM_COOP_PRIORITIES && priority < CONFIG_NUM_PREEMPT_PRIORITIES;
}

/* The interpreter's first frames have 16 KiB, and there are some objects. */
#define RESERVE (32 * 1024)

/** Sees to it that a thread can begin: threading.Thread.start() waits for it to say that it has. */
static bool set_aside(struct port_thread *thread)
{
	thread->reserve = malloc(RESERVE);
	if (thread->reserve == NULL) {
		return false;
	}
#ifdef CONFIG_CPYTHON_FREE_THREADING
	thread->pages = port_pages_reserve();
	if (thread->pages == NULL) {
		free(thread->reserve);
		return false;
	}
#endif
	return true;
}

int pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	size_t size = attr != NULL && attr->stack_size != 0 ? attr->stack_size
							    : CONFIG_CPYTHON_THREAD_STACK_SIZE;
	struct port_thread_attr wanted = port_thread_self()->next;
	struct port_thread *thread = calloc(1, sizeof(*thread));

	port_thread_self()->next = (struct port_thread_attr){0};
	if (thread == NULL) {
		return EAGAIN;
	}
	thread->priority = wanted.set ? wanted.priority : CONFIG_CPYTHON_THREAD_PRIORITY;
	if (wanted.set && wanted.stack_size != 0) {
		size = wanted.stack_size;
	}
	size = ROUND_UP(K_KERNEL_STACK_LEN(size), Z_KERNEL_STACK_OBJ_ALIGN);
	thread->stack = aligned_alloc(Z_KERNEL_STACK_OBJ_ALIGN, size);
	if (thread->stack == NULL || !set_aside(thread)) {
		free(thread->stack);
		free(thread);
		return EAGAIN;
	}
	thread->blocked = port_thread_self()->blocked;
	thread->directory = port_directory_ref(port_directory_of(port_thread_self()));
	thread->start = start;
	thread->arg = arg;
	thread->kernel = &thread->own;
	enlist(thread);
	k_thread_create(thread->kernel, thread->stack, size - K_KERNEL_STACK_RESERVED, entry,
			thread, NULL, NULL, thread->priority, K_FP_REGS, K_FOREVER);
#ifdef CONFIG_SCHED_CPU_MASK
	if (wanted.set && wanted.cpu >= 0) {
		(void)k_thread_cpu_pin(thread->kernel, wanted.cpu);
	}
#endif
	k_thread_name_set(thread->kernel, "python");
	/* The caller reads its handle only after the thread may have run: set it first. */
	*out = thread;
	k_thread_start(thread->kernel);
	return 0;
}

int pthread_join(pthread_t thread, void **result)
{
	if (thread == self) {
		return EDEADLK;
	}
	k_thread_join(thread->kernel, K_FOREVER);
	if (result != NULL) {
		*result = thread->result;
	}
	release(thread);
	return 0;
}

int pthread_detach(pthread_t thread)
{
	k_mutex_lock(&threads_lock, K_FOREVER);
	thread->detached = true;
	if (thread->finished) {
		hand_to_burial(thread);
	}
	k_mutex_unlock(&threads_lock);
	return 0;
}

void port_cleanup_push(struct port_cleanup *cleanup)
{
	struct port_thread *thread = port_thread_self();

	cleanup->outer = thread->cleanup;
	thread->cleanup = cleanup;
}

void port_cleanup_pop(struct port_cleanup *cleanup, int execute)
{
	port_thread_self()->cleanup = cleanup->outer;
	if (execute) {
		cleanup->call(cleanup->arg);
	}
}

void pthread_exit(void *result)
{
	while (port_thread_self()->cleanup != NULL) {
		port_cleanup_pop(port_thread_self()->cleanup, 1);
	}
	finish(port_thread_self(), result);
}

pthread_t pthread_self(void)
{
	return port_thread_self();
}

int pthread_equal(pthread_t a, pthread_t b)
{
	return a == b;
}

int pthread_setname_np(pthread_t thread, const char *name)
{
	return -k_thread_name_set(thread->kernel, name);
}

int pthread_getname_np(pthread_t thread, char *name, size_t size)
{
	return -k_thread_name_copy(thread->kernel, name, size);
}

int pthread_attr_init(pthread_attr_t *attr)
{
	*attr = (pthread_attr_t){0};
	return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr)
{
	ARG_UNUSED(attr);

	return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
	if (size < PTHREAD_STACK_MIN) {
		return EINVAL;
	}

	attr->stack_size = size;
	return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *size)
{
	*size = attr->stack_size;
	return 0;
}

int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
#ifdef CONFIG_ARCH_POSIX
	/* Threads run on the host's stacks, which are larger than Zephyr's. CPython asks from the
	 * thread itself, as it starts: what lies below this frame is free.
	 */
	attr->stack_size = thread->kernel->stack_info.size;
	attr->stack = (char *)__builtin_frame_address(0) + 4096 - attr->stack_size;
#else
	/* Zephyr keeps what lies on top of the stack (thread-local storage) out of the size. */
	attr->stack = (void *)thread->kernel->stack_info.start;
	attr->stack_size = thread->kernel->stack_info.size;
#endif
	return 0;
}

int pthread_attr_getstack(const pthread_attr_t *attr, void **stack, size_t *size)
{
	*stack = attr->stack;
	*size = attr->stack_size;
	return 0;
}

int pthread_attr_getguardsize(const pthread_attr_t *attr, size_t *size)
{
	ARG_UNUSED(attr);
	*size = 0;
	return 0;
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	/* CPython frees what it keeps by itself; nothing here would call a destructor. */
	if (destructor != NULL) {
		return ENOTSUP;
	}

	for (unsigned int i = 0; i < PTHREAD_KEYS_MAX; i++) {
		if (!atomic_test_and_set_bit(&keys_used, i)) {
			*key = i;
			return 0;
		}
	}
	return EAGAIN;
}

static int forget(struct port_thread *thread, void *key)
{
	thread->specific[(uintptr_t)key] = NULL;
	return 0;
}

int pthread_key_delete(pthread_key_t key)
{
	port_thread_foreach(forget, (void *)(uintptr_t)key);
	atomic_clear_bit(&keys_used, key);
	return 0;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
	port_thread_self()->specific[key] = (void *)value;
	return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
	return port_thread_self()->specific[key];
}

int sched_yield(void)
{
	k_yield();
	return 0;
}
