/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Clocks from the hardware counter, and sleeping that a signal ends.
 *
 * The tick only decides when a sleeper wakes; what time it is comes from the cycle counter, so
 * that time.perf_counter() resolves far below a microsecond on any board.
 */

#include <errno.h>
#include <pthread.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include <zephyr/drivers/rtc.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>

#include "port.h"
#include "fs/vfs.h"

/* pthread_getcpuclockid() answers with the address of the thread's record, which no small clock
 * number can be, shortened to the bits that differ.
 */
#define THREAD_CLOCK_BASE 0x1000

static struct k_spinlock lock;
static int64_t realtime_offset_ns;

#ifdef CONFIG_TIMER_HAS_64BIT_CYCLE_COUNTER
uint64_t port_cycles(void)
{
	return k_cycle_get_64();
}
#else
/* Extends a 32-bit counter: right as long as someone asks once per wrap, which the timer does. */
uint64_t port_cycles(void)
{
	static uint64_t last;
	k_spinlock_key_t key = k_spin_lock(&lock);

	last += (uint32_t)(k_cycle_get_32() - (uint32_t)last);
	uint64_t now = last;

	k_spin_unlock(&lock, key);
	return now;
}

static void keep_counting(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	(void)port_cycles();
}

static K_TIMER_DEFINE(wrap_timer, keep_counting, NULL);
#endif

static int64_t monotonic_ns(void)
{
	return (int64_t)k_cyc_to_ns_floor64(port_cycles());
}

static int time_init(void)
{
	int64_t now_s = CONFIG_CPYTHON_CLOCK_EPOCH;
#if DT_NODE_HAS_STATUS(DT_ALIAS(rtc), okay) && defined(CONFIG_RTC)
	const struct device *rtc = DEVICE_DT_GET(DT_ALIAS(rtc));
	struct rtc_time rtc_now;

	if (device_is_ready(rtc) && rtc_get_time(rtc, &rtc_now) == 0) {
		now_s = timegm(rtc_time_to_tm(&rtc_now));
	}
#endif
#ifndef CONFIG_TIMER_HAS_64BIT_CYCLE_COUNTER
	k_timeout_t period = K_MSEC(UINT32_MAX / (sys_clock_hw_cycles_per_sec() / 1000U) / 4U);

	k_timer_start(&wrap_timer, period, period);
#endif
	realtime_offset_ns = now_s * NSEC_PER_SEC - monotonic_ns();
	return 0;
}

SYS_INIT(time_init, APPLICATION, 1);

static int64_t realtime_ns(void)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	int64_t offset = realtime_offset_ns;

	k_spin_unlock(&lock, key);
	return offset + monotonic_ns();
}

int64_t vfs_now_ns(void)
{
	return realtime_ns();
}

static int64_t thread_ns(struct k_thread *thread)
{
	k_thread_runtime_stats_t stats;

	if (k_thread_runtime_stats_get(thread, &stats) != 0) {
		return -EINVAL;
	}
	return (int64_t)k_cyc_to_ns_floor64(stats.execution_cycles);
}

/** All but idle: on this machine the process is everything that runs. */
static int64_t process_ns(void)
{
	k_thread_runtime_stats_t stats;
	uint64_t cycles = 0;

	/* This brings the figures of the calling CPU up to date. What it returns for the others is
	 * the calling CPU's, too (Zephyr 4.0), so they are read where they are kept.
	 */
	if (k_thread_runtime_stats_all_get(&stats) != 0) {
		return -EINVAL;
	}
	for (unsigned int i = 0; i < arch_num_cpus(); i++) {
		cycles += _kernel.cpus[i].usage->total;
	}
	return (int64_t)k_cyc_to_ns_floor64(cycles);
}

struct by_clock {
	clockid_t clock;
	int64_t ns;
};

static clockid_t clock_of(struct port_thread *thread)
{
	return THREAD_CLOCK_BASE + (clockid_t)(((uintptr_t)thread >> 3) & 0x3fffffff);
}

static int match_clock(struct port_thread *thread, void *arg)
{
	struct by_clock *by = arg;

	if (clock_of(thread) != by->clock) {
		return 0;
	}
	by->ns = thread_ns(thread->kernel);
	return 1;
}

int64_t port_clock_ns(clockid_t clock)
{
	switch (clock) {
	case CLOCK_MONOTONIC:
		return monotonic_ns();
	case CLOCK_REALTIME:
		return realtime_ns();
	case CLOCK_THREAD_CPUTIME_ID:
		return thread_ns(k_current_get());
	case CLOCK_PROCESS_CPUTIME_ID:
		return process_ns();
	default: {
		struct by_clock by = {.clock = clock, .ns = -EINVAL};

		if (clock >= THREAD_CLOCK_BASE) {
			(void)port_thread_foreach(match_clock, &by);
		}
		return by.ns;
	}
	}
}

int pthread_getcpuclockid(pthread_t thread, clockid_t *clock)
{
	*clock = clock_of(thread);
	return 0;
}

k_timeout_t port_timeout_ns(int64_t ns)
{
	return K_TICKS((k_ticks_t)k_ns_to_ticks_ceil64(ns));
}

static struct timespec to_timespec(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC};
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int64_t ns = port_clock_ns(clock);

	if (ns < 0) {
		errno = (int)-ns;
		return -1;
	}
	*ts = to_timespec(ns);
	return 0;
}

int clock_getres(clockid_t clock, struct timespec *ts)
{
	if (port_clock_ns(clock) < 0) {
		errno = EINVAL;
		return -1;
	}
	*ts = to_timespec(DIV_ROUND_UP(NSEC_PER_SEC, sys_clock_hw_cycles_per_sec()));
	return 0;
}

int clock_settime(clockid_t clock, const struct timespec *ts)
{
	k_spinlock_key_t key;
	int64_t offset;

	if (clock != CLOCK_REALTIME || ts->tv_nsec < 0 || ts->tv_nsec >= NSEC_PER_SEC ||
	    ts->tv_sec < 0 || ts->tv_sec >= INT64_MAX / NSEC_PER_SEC) {
		errno = EINVAL;
		return -1;
	}
	offset = (int64_t)ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec - monotonic_ns();
	key = k_spin_lock(&lock);
	realtime_offset_ns = offset;
	k_spin_unlock(&lock, key);
	return 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	int64_t ns = realtime_ns();

	ARG_UNUSED(tz);
	tv->tv_sec = ns / NSEC_PER_SEC;
	tv->tv_usec = (ns % NSEC_PER_SEC) / NSEC_PER_USEC;
	return 0;
}

time_t time(time_t *out)
{
	time_t now = realtime_ns() / NSEC_PER_SEC;

	if (out != NULL) {
		*out = now;
	}
	return now;
}

clock_t times(struct tms *tms)
{
	int64_t cpu = port_clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	*tms = (struct tms){.tms_utime = cpu / (NSEC_PER_SEC / CLOCKS_PER_SEC)};
	return monotonic_ns() / (NSEC_PER_SEC / CLOCKS_PER_SEC);
}

clock_t clock(void)
{
	return port_clock_ns(CLOCK_PROCESS_CPUTIME_ID) / (NSEC_PER_SEC / CLOCKS_PER_SEC);
}

/** Sleeps until a moment of the monotonic clock. @return 0 or EINTR. */
static int sleep_until(int64_t end_ns)
{
	int64_t left;

	while ((left = end_ns - monotonic_ns()) > 0) {
		if (port_wait(sys_timepoint_calc(port_timeout_ns(left))) == EINTR) {
			return EINTR;
		}
	}
	return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *ts, struct timespec *left)
{
	int64_t end = (int64_t)ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
	int ret;

	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= NSEC_PER_SEC ||
	    (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)) {
		return EINVAL;
	}
	if (end <= 0 && !(flags & TIMER_ABSTIME)) {
		k_yield();
		return 0;
	}
	if (!(flags & TIMER_ABSTIME)) {
		end += monotonic_ns();
	} else if (clock != CLOCK_MONOTONIC) {
		/* In this order: what passes between the two makes the sleep longer. */
		end -= port_clock_ns(clock);
		end += monotonic_ns();
	}
	ret = sleep_until(end);
	if (ret != 0 && left != NULL && !(flags & TIMER_ABSTIME)) {
		*left = to_timespec(MAX(end - monotonic_ns(), 0));
	}
	return ret;
}

int usleep(useconds_t us)
{
	struct timespec ts = {
		.tv_sec = us / USEC_PER_SEC,
		.tv_nsec = us % USEC_PER_SEC * NSEC_PER_USEC,
	};

	return nanosleep(&ts, NULL);
}

int nanosleep(const struct timespec *ts, struct timespec *left)
{
	int ret = clock_nanosleep(CLOCK_MONOTONIC, 0, ts, left);

	if (ret != 0) {
		errno = ret;
		return -1;
	}
	return 0;
}
