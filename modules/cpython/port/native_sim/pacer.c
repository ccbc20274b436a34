/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The host's side of pace.c: compiled for the host, outside of Zephyr.
 */

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "pacer.h"

static void *run(void *arg)
{
	void (*call)(void) = (void (*)(void))arg;
	const struct timespec period = {.tv_nsec = 2000000};

	while (1) {
		nanosleep(&period, NULL);
		call();
	}
	return NULL;
}

void zpy_pacer_start(void (*call)(void))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, (void *)call) != 0) {
		fprintf(stderr,
			"no thread for the pacer: time stands still while Python computes\n");
	} else {
		pthread_detach(thread);
	}
}
