/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Signals of a machine that is one process: handlers, raise(), Ctrl-C.
 *
 * A signal runs its handler at once, in whatever context it is raised (CPython's own handlers
 * only set a flag), and then wakes the main thread out of what it waits for, since that is where
 * CPython looks at the flags.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/reboot.h>

#include "port.h"

static struct sigaction actions[_NSIG];
static sigset_t pending; /* for the process: no thread wanted them yet */
static struct k_spinlock lock;

static bool valid(int sig)
{
	return sig > 0 && sig < _NSIG;
}

static bool ignored_by_default(int sig)
{
	return sig == SIGCHLD || sig == SIGURG || sig == SIGWINCH || sig == SIGCONT;
}

static void deliver(int sig)
{
	const struct sigaction *action = &actions[sig];

	if (action->sa_handler == SIG_IGN ||
	    (action->sa_handler == SIG_DFL && ignored_by_default(sig))) {
		return;
	}
	if (action->sa_handler == SIG_DFL && port_dying) {
		return; /* faulthandler raises again when it has reported: that is all */
	}
	if (action->sa_handler == SIG_DFL) {
		/* What ends a process elsewhere ends the machine here, but never in silence. */
		printk("[ZPy] FATAL signal %d with no handler\n", sig);
		k_panic();
		return;
	}
	if (action->sa_flags & SA_SIGINFO) {
		siginfo_t info = {.si_signo = sig, .si_code = SI_USER};

		action->sa_sigaction(sig, &info, NULL);
	} else {
		action->sa_handler(sig);
	}
	port_thread_interrupt(&port_main_thread);
}

static sigset_t bit(int sig)
{
	return (sigset_t)1 << sig;
}

/** Delivers a signal now, or keeps it until a thread unblocks it. */
static void deliver_or_keep(int sig, const struct port_thread *thread, sigset_t *keep)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	bool now = (thread->blocked & bit(sig)) == 0;

	if (!now) {
		*keep |= bit(sig);
	}
	k_spin_unlock(&lock, key);
	if (now) {
		deliver(sig);
	}
}

void port_signal_raise(int sig)
{
	deliver_or_keep(sig, &port_main_thread, &pending);
}

int sigaction(int sig, const struct sigaction *restrict act, struct sigaction *restrict old)
{
	if (!valid(sig) || (act != NULL && (sig == SIGKILL || sig == SIGSTOP))) {
		errno = EINVAL;
		return -1;
	}
	if (old != NULL) {
		*old = actions[sig];
	}
	if (act != NULL) {
		actions[sig] = *act;
	}
	return 0;
}

_sig_func_ptr signal(int sig, _sig_func_ptr handler)
{
	struct sigaction act = {.sa_handler = handler};
	struct sigaction old;

	return sigaction(sig, &act, &old) == 0 ? old.sa_handler : SIG_ERR;
}

int raise(int sig)
{
	return port_result(-pthread_kill(pthread_self(), sig));
}

int kill(pid_t pid, int sig)
{
	if (pid != getpid() && pid != 0) {
		errno = ESRCH;
		return -1;
	}
	if (sig != 0 && !valid(sig)) {
		errno = EINVAL;
		return -1;
	}
	if (sig != 0) {
		/* To any thread that takes it: the caller, or else the main thread. */
		struct port_thread *self = port_thread_self();

		deliver_or_keep(sig, self->blocked & bit(sig) ? &port_main_thread : self, &pending);
	}
	return 0;
}

int pthread_kill(pthread_t thread, int sig)
{
	if (sig != 0 && !valid(sig)) {
		return EINVAL;
	}
	if (sig != 0) {
		deliver_or_keep(sig, thread, &thread->pending);
		port_thread_interrupt(thread);
	}
	return 0;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	struct port_thread *self = port_thread_self();
	k_spinlock_key_t key = k_spin_lock(&lock);
	sigset_t due;

	if (old != NULL) {
		*old = self->blocked;
	}
	if (set != NULL) {
		switch (how) {
		case SIG_BLOCK:
			self->blocked |= *set;
			break;
		case SIG_UNBLOCK:
			self->blocked &= ~*set;
			break;
		case SIG_SETMASK:
			self->blocked = *set;
			break;
		default:
			k_spin_unlock(&lock, key);
			return EINVAL;
		}
	}
	due = (pending | self->pending) & ~self->blocked;
	pending &= ~due;
	self->pending &= ~due;
	k_spin_unlock(&lock, key);

	for (int sig = 1; sig < _NSIG; sig++) {
		if (due & bit(sig)) {
			deliver(sig);
		}
	}
	return 0;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	int ret = pthread_sigmask(how, set, old);

	if (ret != 0) {
		errno = ret;
		return -1;
	}
	return 0;
}

int sigpending(sigset_t *set)
{
	*set = pending | port_thread_self()->pending;
	return 0;
}

int pause(void)
{
	/* CPython parks threads here that wake while the interpreter ends. */
	while (port_wait(sys_timepoint_calc(K_FOREVER)) != EINTR) {
	}
	errno = EINTR;
	return -1;
}

/* The interval timer of real time, and alarm(), which is the same one. */

static void on_alarm(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	port_signal_raise(SIGALRM);
}

static K_TIMER_DEFINE(interval_timer, on_alarm, NULL);
static int64_t interval_us;

static int64_t to_us(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * USEC_PER_SEC + tv->tv_usec;
}

static struct timeval from_us(int64_t us)
{
	return (struct timeval){.tv_sec = us / USEC_PER_SEC, .tv_usec = us % USEC_PER_SEC};
}

static bool valid_time(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && tv->tv_usec >= 0 && tv->tv_usec < USEC_PER_SEC;
}

int getitimer(int which, struct itimerval *value)
{
	if (which != ITIMER_REAL) {
		errno = EINVAL;
		return -1;
	}
	*value = (struct itimerval){
		.it_interval = from_us(interval_us),
		.it_value = from_us(k_ticks_to_us_ceil64(k_timer_remaining_ticks(&interval_timer))),
	};
	return 0;
}

int setitimer(int which, const struct itimerval *restrict value, struct itimerval *restrict old)
{
	struct itimerval before;

	if (getitimer(which, &before) != 0) {
		return -1;
	}
	if (!valid_time(&value->it_value) || !valid_time(&value->it_interval)) {
		errno = EINVAL;
		return -1;
	}
	k_timer_stop(&interval_timer);
	interval_us = to_us(&value->it_interval);
	if (to_us(&value->it_value) != 0) {
		k_timer_start(&interval_timer,
			      port_timeout_ns(to_us(&value->it_value) * NSEC_PER_USEC),
			      interval_us == 0 ? K_NO_WAIT
					       : port_timeout_ns(interval_us * NSEC_PER_USEC));
	}
	if (old != NULL) {
		*old = before;
	}
	return 0;
}

unsigned int alarm(unsigned int seconds)
{
	struct itimerval value = {.it_value.tv_sec = seconds};
	struct itimerval old;

	if (setitimer(ITIMER_REAL, &value, &old) != 0) {
		return 0;
	}
	return old.it_value.tv_sec + (old.it_value.tv_usec != 0);
}
