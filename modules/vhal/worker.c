/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Transfers with a time-out: each bus that is used with one has a thread of its own.
 *
 * Zephyr's transfer functions return when they return. Who must not wait for ever lets another
 * thread wait: when the time has passed, the caller goes on and the job is abandoned. It keeps
 * its buffers until it ends, and while it has not, the bus refuses further work.
 */

#include "vhal.h"

#include <errno.h>
#include <string.h>

#include "port.h"

/* An emulated bus may have a chip in Python. */
#define STACK_SIZE (IS_ENABLED(CONFIG_ZPY_VHAL_EMUL) ? CONFIG_CPYTHON_THREAD_STACK_SIZE : 8192)

struct worker {
	sys_snode_t node;
	const struct device *device;
	struct k_sem work;
	sys_slist_t waiting;
	struct vhal_job *running;
	struct k_thread thread;
};

static sys_slist_t workers = SYS_SLIST_STATIC_INIT(&workers);
static sys_slist_t ended = SYS_SLIST_STATIC_INIT(&ended); /* abandoned jobs, to be freed */
static struct k_spinlock lock;
static atomic_t hanging;        /* jobs that were given up and have not ended */
static unsigned int generation; /* of interpreters: what a job of another had is gone */

void *vhal_job_new(void *place, size_t size, bool timed)
{
	struct vhal_job *job = timed ? PyMem_RawCalloc(1, size) : memset(place, 0, size);

	if (job == NULL) {
		return PyErr_NoMemory();
	}
	job->timed = timed;
	job->generation = generation;
	return job;
}

void vhal_job_free(struct vhal_job *job)
{
	for (size_t i = 0; i < ARRAY_SIZE(job->views); i++) {
		if (job->views[i].obj != NULL && job->generation == generation) {
			PyBuffer_Release(&job->views[i]);
		}
	}
	if (job->timed) {
		PyMem_RawFree(job);
	}
}

/* The worker may not touch Python's objects: who holds the interpreter lock frees for it. */
static void free_ended(void)
{
	k_spinlock_key_t key;
	sys_snode_t *node;

	do {
		key = k_spin_lock(&lock);
		node = sys_slist_get(&ended);
		k_spin_unlock(&lock, key);
		if (node != NULL) {
			vhal_job_free(CONTAINER_OF(node, struct vhal_job, node));
		}
	} while (node != NULL);
}

void vhal_worker_clear(void)
{
	generation++;
}

long vhal_hanging(void)
{
	/* What they had is freed now: whoever asks may be about to end the interpreter. */
	free_ended();
	return atomic_get(&hanging);
}

static void serve(void *arg, void *unused1, void *unused2)
{
	struct worker *worker = arg;

	(void)unused1;
	(void)unused2;
	while (true) {
		struct vhal_job *job;
		k_spinlock_key_t key;
		sys_snode_t *node;
		int result;

		(void)k_sem_take(&worker->work, K_FOREVER);
		key = k_spin_lock(&lock);
		node = sys_slist_get(&worker->waiting);
		job = node != NULL ? CONTAINER_OF(node, struct vhal_job, node) : NULL;
		worker->running = job;
		k_spin_unlock(&lock, key);
		if (job == NULL) {
			continue; /* its caller has given up */
		}
		result = job->run(job);
		key = k_spin_lock(&lock);
		worker->running = NULL;
		job->result = result;
		job->ended = true;
		if (job->abandoned) {
			(void)atomic_dec(&hanging);
			sys_slist_append(&ended, &job->node);
		} else {
			k_sem_give(&job->waiter->wake);
		}
		k_spin_unlock(&lock, key);
	}
}

static struct worker *find_or_make(const struct device *device)
{
	struct worker *worker;
	k_thread_stack_t *stack;

	SYS_SLIST_FOR_EACH_CONTAINER(&workers, worker, node) {
		if (worker->device == device) {
			return worker;
		}
	}
	/* For the run of the machine: a bus that was used once is used again. */
	worker = PyMem_RawCalloc(1, sizeof(*worker));
	stack = worker != NULL ? aligned_alloc(MAX(Z_KERNEL_STACK_OBJ_ALIGN, 64),
					       ROUND_UP(K_KERNEL_STACK_LEN(STACK_SIZE), 64))
			       : NULL;
	if (stack == NULL) {
		PyMem_RawFree(worker);
		return NULL;
	}
	worker->device = device;
	k_sem_init(&worker->work, 0, K_SEM_MAX_LIMIT);
	sys_slist_init(&worker->waiting);
	(void)k_thread_create(&worker->thread, stack, STACK_SIZE, serve, worker, NULL, NULL,
			      CONFIG_CPYTHON_THREAD_PRIORITY - 1, 0, K_NO_WAIT);
	(void)k_thread_name_set(&worker->thread, device->name);
	sys_slist_append(&workers, &worker->node);
	return worker;
}

/* Does a transfer that was given up still have the bus? */
static bool hangs(const struct device *device)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	struct worker *worker;
	bool found = false;

	SYS_SLIST_FOR_EACH_CONTAINER(&workers, worker, node) {
		if (worker->device == device) {
			found = worker->running != NULL && worker->running->abandoned;
			break;
		}
	}
	k_spin_unlock(&lock, key);
	return found;
}

int vhal_run(struct vhal_device *device, struct vhal_job *job, k_timepoint_t end)
{
	struct worker *worker;
	k_spinlock_key_t key;
	int ret;

	if (!sys_slist_is_empty(&ended)) {
		free_ended();
	}
	job->device = device->device;
	if (atomic_get(&hanging) > 0 && hangs(device->device)) {
		vhal_job_free(job);
		return -EBUSY;
	}
	if (!job->timed) {
		Py_BEGIN_ALLOW_THREADS ret = job->run(job);
		Py_END_ALLOW_THREADS vhal_job_free(job);
		return ret;
	}
	job->waiter = port_thread_self();
	Py_BEGIN_CRITICAL_SECTION_MUTEX(&vhal_mutex);
	worker = find_or_make(device->device);
	Py_END_CRITICAL_SECTION();
	if (worker == NULL || job->waiter == NULL) {
		vhal_job_free(job);
		return -ENOMEM;
	}
	key = k_spin_lock(&lock);
	sys_slist_append(&worker->waiting, &job->node);
	k_spin_unlock(&lock, key);
	k_sem_give(&worker->work);
	do {
		ret = 0;
		Py_BEGIN_ALLOW_THREADS while (!job->ended && ret == 0)
		{
			ret = port_wait(end);
		}
		Py_END_ALLOW_THREADS if (ret == EINTR && PyErr_CheckSignals() == 0)
		{
			ret = 0;
		}
	} while (!job->ended && ret == 0);
	key = k_spin_lock(&lock);
	if (job->ended) {
		ret = ret == EINTR ? -EINTR : job->result;
	} else if (worker->running == job) {
		job->abandoned = true;
		(void)atomic_inc(&hanging);
		k_spin_unlock(&lock, key);
		return -ret;
	} else {
		(void)sys_slist_find_and_remove(&worker->waiting, &job->node);
		ret = -ret;
	}
	k_spin_unlock(&lock, key);
	vhal_job_free(job);
	return ret;
}
