/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What a crash in C leaves on the console: Zephyr's dump, then every Python thread.
 *
 * Zephyr prints the registers and calls the handler below, which runs what faulthandler has
 * registered for SIGSEGV (the tracebacks of all Python threads) and then follows the policy of
 * CONFIG_CPYTHON_ON_FATAL.
 */

#include <signal.h>

#include <zephyr/fatal.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log_ctrl.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/reboot.h>

#include "port.h"

bool port_dying;

/* The policy is data, so that a test can see both in one image. */
const volatile uint32_t port_fatal_reboots = IS_ENABLED(CONFIG_CPYTHON_ON_FATAL_REBOOT);

void k_sys_fatal_error_handler(unsigned int reason, const struct arch_esf *esf)
{
	static atomic_t busy;
	struct sigaction action;

	ARG_UNUSED(esf);
	LOG_PANIC();
	port_dying = true;
	if (atomic_cas(&busy, 0, 1)) {
		k_tid_t thread = k_current_get(); /* NULL before the kernel has started */

		printk("[ZPy] FATAL reason %u%s in thread %s\n", reason,
		       reason == K_ERR_STACK_CHK_FAIL ? " (stack overflow)" : "",
		       thread != NULL ? k_thread_name_get(thread) : "(none)");
		if (!k_is_in_isr() && sigaction(SIGSEGV, NULL, &action) == 0 &&
		    action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) {
			action.sa_handler(SIGSEGV);
		}
	} else {
		printk("[ZPy] FATAL again while reporting\n");
	}
	if (port_fatal_reboots != 0) {
		k_tid_t crashed = k_current_get();

		port_reset_leave(PORT_RESET_CRASH,
				 crashed != NULL ? k_thread_name_get(crashed) : "");
		printk("[ZPy] FATAL rebooting\n");
		sys_reboot(SYS_REBOOT_COLD);
	}
	printk("[ZPy] FATAL halted\n");
	k_fatal_halt(reason);
}
