/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The one process of the machine: who it is, what the system is, and how it ends.
 */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zephyr/kernel.h>
#include <zephyr/kernel_version.h>
#include <zephyr/random/random.h>
#include <zephyr/version.h>

#include "port.h"

#define THE_PROCESS 1

pid_t getpid(void)
{
	return THE_PROCESS;
}

pid_t getppid(void)
{
	return 0;
}

uid_t getuid(void)
{
	return 0;
}

uid_t geteuid(void)
{
	return 0;
}

gid_t getgid(void)
{
	return 0;
}

gid_t getegid(void)
{
	return 0;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	ARG_UNUSED(pid);
	ARG_UNUSED(status);
	ARG_UNUSED(options);
	errno = ECHILD;
	return -1;
}

int getpagesize(void)
{
#ifdef CONFIG_MMU
	return CONFIG_MMU_PAGE_SIZE;
#else
	return 4096;
#endif
}

long sysconf(int name)
{
	switch (name) {
	case _SC_PAGESIZE:
		return getpagesize();
	case _SC_OPEN_MAX:
		return CONFIG_CPYTHON_OPEN_MAX;
	case _SC_NPROCESSORS_CONF:
	case _SC_NPROCESSORS_ONLN:
		return arch_num_cpus();
	case _SC_CLK_TCK:
		return CLOCKS_PER_SEC;
	default:
		errno = EINVAL;
		return -1;
	}
}

int getrlimit(int resource, struct rlimit *limit)
{
	if (resource < 0 || resource >= RLIM_NLIMITS) {
		errno = EINVAL;
		return -1;
	}
	*limit = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
	if (resource == RLIMIT_STACK) {
		*limit = (struct rlimit){CONFIG_MAIN_STACK_SIZE, CONFIG_MAIN_STACK_SIZE};
	} else if (resource == RLIMIT_NOFILE) {
		*limit = (struct rlimit){CONFIG_CPYTHON_OPEN_MAX, CONFIG_CPYTHON_OPEN_MAX};
	} else if (resource == RLIMIT_CORE) {
		*limit = (struct rlimit){0, 0};
	}
	return 0;
}

int setrlimit(int resource, const struct rlimit *limit)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0) {
		return -1;
	}
	if (limit->rlim_cur == now.rlim_cur && limit->rlim_max == now.rlim_max) {
		return 0;
	}
	errno = EPERM; /* the limits are those of the build */
	return -1;
}

int getrusage(int who, struct rusage *usage)
{
	struct port_heap heap;
	int64_t ns;

	*usage = (struct rusage){0};
	if (who == RUSAGE_CHILDREN) {
		return 0;
	}
	if (who != RUSAGE_SELF && who != RUSAGE_THREAD) {
		errno = EINVAL;
		return -1;
	}
	ns = port_clock_ns(who == RUSAGE_SELF ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID);
	usage->ru_utime.tv_sec = ns / NSEC_PER_SEC;
	usage->ru_utime.tv_usec = ns % NSEC_PER_SEC / NSEC_PER_USEC;
	port_heap_info(&heap);
	usage->ru_maxrss = heap.peak / 1024;
	return 0;
}

int uname(struct utsname *name)
{
	*name = (struct utsname){
		.sysname = "Zephyr",
		.nodename = CONFIG_BOARD,
		.release = KERNEL_VERSION_STRING,
		.version = "ZPy on Zephyr " KERNEL_VERSION_STRING,
		.machine = CONFIG_CPYTHON_MACHINE,
	};
	return 0;
}

ssize_t getrandom(void *buf, size_t size, unsigned int flags)
{
	int ret;

	ARG_UNUSED(flags);
	ret = sys_csrand_get(buf, size);
	if (ret != 0) {
		errno = EIO;
		return -1;
	}
	return size;
}

int getentropy(void *buf, size_t size)
{
	return getrandom(buf, size, 0) < 0 ? -1 : 0;
}
