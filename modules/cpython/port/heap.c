/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief How full the heap is. The heap itself is Zephyr's C library's malloc().
 */

#include <zephyr/kernel/mm.h>
#include <zephyr/sys/sys_heap.h>

#include "port.h"

#ifdef CONFIG_CPYTHON_FREE_THREADING
#include "free_threading/pages.h"
#else
#define port_pages_unused() 0
#endif

/* The C library keeps its heap to itself, but it has to set it up: the linker sends that call
 * here (--wrap). Of all heaps in the image it is by far the largest.
 */
static struct sys_heap *largest;
static size_t largest_size;
static size_t largest_free; /* at first */
static uintptr_t largest_start;

void __real_sys_heap_init(struct sys_heap *heap, void *mem, size_t bytes);
void __wrap_sys_heap_init(struct sys_heap *heap, void *mem, size_t bytes);

void __wrap_sys_heap_init(struct sys_heap *heap, void *mem, size_t bytes)
{
	struct sys_memory_stats stats = {0};

	__real_sys_heap_init(heap, mem, bytes);
	if (bytes > largest_size) {
		(void)sys_heap_runtime_stats_get(heap, &stats);
		largest = heap;
		largest_size = bytes;
		largest_free = stats.free_bytes;
		largest_start = (uintptr_t)mem;
	}
}

#ifdef CONFIG_MMU
/* The C library maps all free memory for its heap at once, and mapping clears it page by page: a
 * third of the way from reset to the prompt, for zeros that malloc() does not promise.
 */
#define HEAP_LIKE (1024 * 1024)

void *__real_k_mem_map_phys_guard(uintptr_t phys, size_t size, uint32_t flags, bool is_anon);
void *__wrap_k_mem_map_phys_guard(uintptr_t phys, size_t size, uint32_t flags, bool is_anon);

void *__wrap_k_mem_map_phys_guard(uintptr_t phys, size_t size, uint32_t flags, bool is_anon)
{
	if (is_anon && size >= HEAP_LIKE) {
		flags |= K_MEM_MAP_UNINIT;
	}
	return __real_k_mem_map_phys_guard(phys, size, flags, is_anon);
}
#endif

uintptr_t port_heap_start(void)
{
	return largest_start;
}

size_t port_heap_size(void)
{
	return largest_size;
}

size_t port_heap_usable_size(void *block)
{
	return sys_heap_usable_size(largest, block);
}

void port_heap_info(struct port_heap *info)
{
	struct sys_memory_stats stats = {0};

	/* What is free is not what is meant while another CPU cuts a block off the heap. */
	(void)sys_heap_runtime_stats_get(largest, &stats);
	*info = (struct port_heap){
		.total = largest_free,
		.used = stats.allocated_bytes - port_heap_held() - port_pages_unused(),
		.peak = stats.max_allocated_bytes,
	};
}
