/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Where mimalloc's memory comes from: see pages.c.
 */

#ifndef ZPY_PORT_FREE_THREADING_PAGES_H_
#define ZPY_PORT_FREE_THREADING_PAGES_H_

#include <stddef.h>
#include <stdint.h>

/** Nearly all that mimalloc asks for has this size, as a power of 2, and is aligned to it. */
#define PORT_SEGMENT_SHIFT 18

/** What no block of the heap reaches; not defined where that is the host's affair. */
#if defined(CONFIG_MMU)
#define PORT_MEMORY_END (CONFIG_KERNEL_VM_BASE + (uintptr_t)CONFIG_KERNEL_VM_SIZE)
#elif !defined(CONFIG_ARCH_POSIX)
#define PORT_MEMORY_END (CONFIG_SRAM_BASE_ADDRESS + (uintptr_t)CONFIG_SRAM_SIZE * 1024)
#endif

/** Zeroed memory of @p size bytes at a multiple of @p alignment (a power of 2), or NULL. */
void *port_pages_get(size_t alignment, size_t size);

/** Gives all of what port_pages_get() returned back; @p size is the same as there. */
void port_pages_put(void *pages, size_t size);

/** A segment for a thread that is to be, or NULL: the first that it asks for when it runs. */
void *port_pages_reserve(void);

/** Gives back what port_pages_reserve() returned and nobody asked for; NULL is nothing. */
void port_pages_unreserve(void *segment);

/** Bytes that were taken from the heap and that nobody has. */
size_t port_pages_unused(void);

/** Lets other threads run, less urgent ones too: for who spins until another has done something. */
void port_spin_yield(void);

#endif /* ZPY_PORT_FREE_THREADING_PAGES_H_ */
