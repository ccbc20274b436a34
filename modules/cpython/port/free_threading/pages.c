/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The memory of mimalloc, which allocates Python's objects in the free-threaded build.
 *
 * It comes from the C library's heap, as everything else does, so that objects, stacks and files
 * share what there is. mimalloc wants segments that are aligned to their size. The heap keeps a
 * few bytes before each block, so two such blocks cannot lie side by side: half of the memory
 * would be gaps. Segments are therefore taken in batches.
 */

#include <stdlib.h>
#include <string.h>

#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/math_extras.h>
#include <zephyr/sys/slist.h>

#include "Python.h"
#include "pycore_mimalloc.h"

#include "pages.h"
#include "port.h"

#define SEGMENT BIT(PORT_SEGMENT_SHIFT)
#define BATCH   8 /* segments; fewer when memory is short */

struct batch {
	sys_snode_t node;
	char *start;
	uint32_t free; /* a bit for each segment that nobody has */
	uint32_t all;
};

static sys_slist_t batches = SYS_SLIST_STATIC_INIT(&batches);
static K_MUTEX_DEFINE(batches_lock);
static size_t unused; /* bytes of segments that nobody has */

/** Makes a batch of as many segments as can be had. The lock is held. */
static struct batch *new_batch(void)
{
	struct batch *batch = malloc(sizeof(*batch));

	for (unsigned int count = BATCH; batch != NULL && count > 0; count /= 2) {
		batch->start = aligned_alloc(SEGMENT, count * SEGMENT);
		if (batch->start != NULL) {
			batch->free = batch->all = BIT_MASK(count);
			unused += count * SEGMENT;
			sys_slist_append(&batches, &batch->node);
			return batch;
		}
	}
	free(batch);
	return NULL;
}

static void *get_segment(void)
{
	struct batch *batch;
	void *segment = NULL;

	k_mutex_lock(&batches_lock, K_FOREVER);
	SYS_SLIST_FOR_EACH_CONTAINER(&batches, batch, node) {
		if (batch->free != 0) {
			break;
		}
	}
	if (batch == NULL) {
		batch = new_batch();
	}
	if (batch != NULL) {
		unsigned int i = u32_count_trailing_zeros(batch->free);

		batch->free &= ~BIT(i);
		unused -= SEGMENT;
		segment = batch->start + i * SEGMENT;
	}
	k_mutex_unlock(&batches_lock);
	return segment;
}

/** @return whether it was one. */
static bool put_segment(char *segment)
{
	struct batch *batch;

	k_mutex_lock(&batches_lock, K_FOREVER);
	SYS_SLIST_FOR_EACH_CONTAINER(&batches, batch, node) {
		size_t i = (uintptr_t)(segment - batch->start) >> PORT_SEGMENT_SHIFT;

		if (segment < batch->start || i >= BATCH || (batch->all & BIT(i)) == 0) {
			continue;
		}
		batch->free |= BIT(i);
		unused += SEGMENT;
		if (batch->free == batch->all) {
			unused -= POPCOUNT(batch->all) * SEGMENT;
			sys_slist_find_and_remove(&batches, &batch->node);
			free(batch->start);
			free(batch);
		}
		break;
	}
	k_mutex_unlock(&batches_lock);
	return batch != NULL;
}

size_t port_pages_unused(void)
{
	return unused;
}

void *port_pages_reserve(void)
{
	return get_segment();
}

void port_pages_unreserve(void *segment)
{
	if (segment != NULL) {
		(void)put_segment(segment);
	}
}

void *port_pages_get(size_t alignment, size_t size)
{
	struct port_thread *self = port_thread_self();
	void *pages;

	if (size != SEGMENT || alignment != SEGMENT) {
		pages = aligned_alloc(alignment, size);
	} else if (self->pages != NULL) {
		pages = self->pages;
		self->pages = NULL;
	} else {
		pages = get_segment();
	}
	if (pages == NULL) {
		return NULL;
	}
#ifdef PORT_MEMORY_END
	if ((uintptr_t)pages >= PORT_MEMORY_END) {
		k_panic(); /* the table in segments.h has no bit for it: a heap elsewhere */
	}
#endif
	return memset(pages, 0, size);
}

void port_pages_put(void *pages, size_t size)
{
	if (size != SEGMENT || !put_segment(pages)) {
		free(pages);
	}
}

void port_spin_yield(void)
{
	static __thread unsigned int spins;

	k_yield();
	/* That is nothing to a less urgent thread, and it may be the one that is waited for. */
	if (++spins % 16 == 0) {
		port_sleep(sys_timepoint_calc(K_TICKS(1)));
	}
}

static int options_init(void)
{
	/* Memory that is reserved is taken, and what is purged is still there. */
	mi_option_set(mi_option_arena_reserve, 0);
	mi_option_set(mi_option_purge_delay, -1);
	return 0;
}

SYS_INIT(options_init, APPLICATION, 0);
