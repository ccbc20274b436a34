/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Lets time pass on native_sim while Python computes.
 *
 * native_sim's processor is infinitely fast: simulated time stands still until a thread waits, so
 * "while True: pass" would be the last thing that ever happens there. A host thread (pacer.c)
 * therefore asks the interpreter every few milliseconds to look up, and when it does, the thread
 * waits for as long as the host's clock is ahead of the simulated one.
 */

#include "Python.h"
#include "pycore_ceval.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"

#include <zephyr/init.h>
#include <zephyr/kernel.h>

#include <nsi_hw_scheduler.h>
#include <nsi_timer_model.h>

#include "../port.h"
#include "pacer.h"

/* More than that is not computing but a debugger's break or a suspended host. */
#define LONGEST_US 100000

static uint64_t last_host_us;
static uint64_t last_simulated_us;

/* Runs in a thread of the host, beside the simulated processor: it may set a flag, nothing more.
 * The thread that holds the interpreter lock cannot go away while it holds it.
 */
static void nudge(void)
{
	PyInterpreterState *interp = _PyRuntime.interpreters.main;
	struct _gil_runtime_state *gil = interp != NULL ? interp->ceval.gil : NULL;
	PyThreadState *holder;

	if (gil == NULL || _Py_atomic_load_int_relaxed(&gil->locked) != 1) {
		return;
	}
	holder = _Py_atomic_load_ptr_relaxed(&gil->last_holder);
	if (holder != NULL) {
		_Py_set_eval_breaker_bit(holder, _PY_SIGNALS_PENDING_BIT);
	}
}

void port_pace(void)
{
	uint64_t host = get_host_us_time();
	uint64_t simulated = nsi_hws_get_time();
	uint64_t computed = host - last_host_us;
	uint64_t waited = simulated - last_simulated_us;

	last_host_us = host;
	last_simulated_us = simulated;
	if (computed > waited && computed - waited < LONGEST_US) {
		k_busy_wait(computed - waited);
		last_simulated_us = nsi_hws_get_time();
	}
}

static int pace_init(void)
{
	zpy_pacer_start(nudge);
	return 0;
}

SYS_INIT(pace_init, APPLICATION, 3);
