/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Priorities of threads that run on another processor.
 *
 * Zephyr (4.0, 4.2) tells by a flag, "queued", whether a thread is in the ready queue. When a time
 * slice ends on one processor, the running thread gets the flag at once and enters the queue only
 * when it is switched away from. Who sets its priority in between, on another processor, takes it
 * out of a queue in which it is not: the list is torn, and threads are lost or run twice.
 *
 * Priorities are inherited and lent here, and by k_mutex, so this happens. The two functions are
 * linked in the place of Zephyr's; what differs is that a thread which runs anywhere is not in the
 * queue, whatever the flag says.
 */

#include <zephyr/kernel.h>

#include <ipi.h>
#include <ksched.h>
#include <kthread.h>
#include <priority_q.h>
#include <wait_q.h>

/** The processor that a thread runs on, or NULL. Zephyr's spinlock is held. */
static struct _cpu *processor_of(const struct k_thread *thread)
{
	for (unsigned int i = 0; i < arch_num_cpus(); i++) {
		if (_kernel.cpus[i].current == thread) {
			return &_kernel.cpus[i];
		}
	}
	return NULL;
}

static void *queue_of(const struct k_thread *thread)
{
#ifdef CONFIG_SCHED_CPU_MASK_PIN_ONLY
	int mask = thread->base.cpu_mask;

	return &_kernel.cpus[mask == 0 ? 0 : u32_count_trailing_zeros(mask)].ready_q.runq;
#else
	ARG_UNUSED(thread);
	return &_kernel.ready_q.runq;
#endif
}

bool __wrap_z_thread_prio_set(struct k_thread *thread, int priority)
{
	bool ready = false;

	K_SPINLOCK(&_sched_spinlock) {
		int before = thread->base.prio;
		struct _cpu *cpu = processor_of(thread);
		_wait_q_t *waits_in = thread->base.pended_on;

		ready = z_is_thread_ready(thread);
		if (cpu != NULL) {
			thread->base.prio = priority;
			if (cpu != _current_cpu && priority > before) {
				flag_ipi(IPI_CPU_MASK(cpu->id)); /* another may be more urgent */
			}
		} else if (ready && z_is_thread_queued(thread)) {
			_priq_run_remove(queue_of(thread), thread);
			thread->base.prio = priority;
			_priq_run_add(queue_of(thread), thread);
			if (priority < before) {
				flag_ipi(ipi_mask_create(thread));
			}
		} else if (waits_in != NULL) {
			_priq_wait_remove(&waits_in->waitq, thread);
			thread->base.prio = priority;
			_priq_wait_add(&waits_in->waitq, thread);
		} else {
			thread->base.prio = priority;
		}
	}
	return ready;
}

void __wrap_z_impl_k_thread_priority_set(k_tid_t thread, int priority)
{
	/* Zephyr's own calls Zephyr's z_thread_prio_set(), which is in the same file. */
	if (__wrap_z_thread_prio_set(thread, priority)) {
		z_reschedule_unlocked();
	}
}
