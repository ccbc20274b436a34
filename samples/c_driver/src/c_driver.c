/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief A driver in C beside Python: a thread of its own, a queue to Python, a semaphore from it.
 *
 * The "device" is a sampler. Each time Python gives the semaphore, the C thread takes so many
 * samples, one a millisecond, and puts each as a message into the queue, while Python computes or
 * sleeps as it likes. It never needs the interpreter lock. When a series is complete it posts to an
 * interrupt source, as a true device's ISR would.
 */

#include <zpy/native.h>
#include <zpy/vosal.h>

#include <zephyr/kernel.h>

struct sample {
	uint32_t number;
	uint32_t cycles;
};

static K_THREAD_STACK_DEFINE(stack, 4096);
static struct k_thread thread;
static struct zpy_semaphore *go;
static struct zpy_queue *samples;
static struct zpy_interrupt *complete;
static PyObject *kept[3]; /* the objects, for as long as the thread uses what is in them */
static uint32_t count;
static atomic_t ending; /* a series is not to be completed */

static void work(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);

	while (zpy_semaphore_take(go, K_FOREVER) == 0) {
		for (uint32_t i = 0; i < count && !atomic_get(&ending); i++) {
			struct sample sample = {.number = i, .cycles = k_cycle_get_32()};

			/* Where nobody reads, samples are dropped and counted: Queue.dropped. */
			(void)zpy_queue_put(samples, &sample, K_NO_WAIT);
			k_msleep(1);
		}
		(void)zpy_interrupt_post(complete, count);
	}
	zpy_thread_leave(); /* the semaphore was closed */
}

ZPY_NATIVE(start, "start(go, samples, count, /)\n"
		  "--\n"
		  "\n"
		  "Start the sampler's thread; return its interrupt source.\n"
		  "\n"
		  "go is a Semaphore, samples a Queue of 8 bytes, count the samples in a series.\n"
		  "Closing the semaphore ends the thread.")
{
	PyObject *semaphore;
	PyObject *queue;
	int wanted;

	if (!PyArg_ParseTuple(args, "OOi:start", &semaphore, &queue, &wanted)) {
		return NULL;
	}
	if (kept[0] != NULL) {
		return zpy_raise_errno(-EBUSY, "the sampler runs already");
	}
	if (wanted < 1) {
		return zpy_raise_errno(-EINVAL, "count must be at least 1");
	}
	go = zpy_semaphore_of(semaphore);
	samples = go != NULL ? zpy_queue_of(queue) : NULL;
	if (samples == NULL) {
		return NULL;
	}
	if (zpy_queue_size(samples) != sizeof(struct sample)) {
		return zpy_raise_errno(-EMSGSIZE, "a sample has 8 bytes");
	}
	kept[2] = zpy_interrupt_new("sampler");
	if (kept[2] == NULL) {
		return NULL;
	}
	complete = zpy_interrupt_of(kept[2]);
	kept[0] = Py_NewRef(semaphore);
	kept[1] = Py_NewRef(queue);
	count = wanted;
	atomic_set(&ending, 0);
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), work, NULL, NULL, NULL, 2, 0,
			K_NO_WAIT);
	k_thread_name_set(&thread, "sampler");
	return Py_NewRef(kept[2]);
}

ZPY_NATIVE(stop, "stop()\n"
		 "--\n"
		 "\n"
		 "Wait for the thread's end, after its semaphore was closed.")
{
	int ret;

	if (kept[0] == NULL) {
		return zpy_raise_errno(-EALREADY, "the sampler does not run");
	}
	Py_BEGIN_ALLOW_THREADS ret = k_thread_join(&thread, K_SECONDS(5));
	Py_END_ALLOW_THREADS if (ret != 0)
	{
		return zpy_raise_errno(-ETIMEDOUT, "close the semaphore first");
	}
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		Py_CLEAR(kept[i]);
	}
	Py_RETURN_NONE;
}

/* The interpreter ends: what it made must not be used any more, whoever forgot to stop this. */
static void end(void)
{
	PyObject *closed;

	if (kept[0] == NULL) {
		return;
	}
	atomic_set(&ending, 1);
	closed = PyObject_CallMethod(kept[0], "close", NULL);
	if (closed == NULL) {
		PyErr_WriteUnraisable(kept[0]);
		return;
	}
	Py_DECREF(closed);
	Py_BEGIN_ALLOW_THREADS k_thread_join(&thread, K_FOREVER);
	Py_END_ALLOW_THREADS for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
	{
		Py_CLEAR(kept[i]);
	}
}

/* How fast a C thread is: what Python's interrupt thread is compared with. */

static K_THREAD_STACK_DEFINE(woken_stack, 2048);
static struct k_thread woken;
static K_SEM_DEFINE(rung, 0, 1);
static uint32_t rung_at;

static void ring(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	rung_at = k_cycle_get_32();
	k_sem_give(&rung);
}

static K_TIMER_DEFINE(bell, ring, NULL);

static void measure(void *found, void *size, void *unused)
{
	ARG_UNUSED(unused);
	for (size_t i = 0; i < (size_t)size; i++) {
		k_sem_take(&rung, K_FOREVER);
		((uint32_t *)found)[i] = k_cycle_get_32() - rung_at;
	}
}

ZPY_NATIVE(latency, "latency(count, period_us, /)\n"
		    "--\n"
		    "\n"
		    "Return a list of nanoseconds from a timer's interrupt to a C thread it wakes.")
{
	int wanted;
	int period_us;
	uint32_t *found;
	PyObject *list;

	if (!PyArg_ParseTuple(args, "ii:latency", &wanted, &period_us)) {
		return NULL;
	}
	if (wanted < 1 || wanted > 1000000 || period_us < 1) {
		return zpy_raise_errno(-EINVAL,
				       "count must be in 1..1000000, period_us at least 1");
	}
	found = PyMem_Malloc(wanted * sizeof(*found));
	if (found == NULL) {
		return PyErr_NoMemory();
	}
	Py_BEGIN_ALLOW_THREADS k_sem_reset(&rung);
	k_thread_create(&woken, woken_stack, K_THREAD_STACK_SIZEOF(woken_stack), measure, found,
			(void *)(uintptr_t)wanted, NULL, 0, 0, K_NO_WAIT);
	k_timer_start(&bell, K_USEC(period_us), K_USEC(period_us));
	k_thread_join(&woken, K_FOREVER);
	k_timer_stop(&bell);
	Py_END_ALLOW_THREADS list = PyList_New(wanted);
	for (int i = 0; list != NULL && i < wanted; i++) {
		PyObject *ns = PyLong_FromUnsignedLongLong(k_cyc_to_ns_floor64(found[i]));

		if (ns == NULL) {
			Py_CLEAR(list);
			break;
		}
		PyList_SET_ITEM(list, i, ns);
	}
	PyMem_Free(found);
	return list;
}

ZPY_NATIVE_MODULE_END(c_driver, "A driver in C beside Python: see samples/c_driver.", end,
		      ZPY_NATIVE_METHOD(start), ZPY_NATIVE_METHOD(stop),
		      ZPY_NATIVE_METHOD(latency));
