/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Included before the sources that use mimalloc: its segments and pages are smaller.
 *
 * Each thread allocates from segments of its own, and each kind and size of objects from a page
 * of its own. mimalloc's have 32 MiB and 64 KiB, which costs nothing where memory that is not
 * touched is not there. Here it is: a segment has 256 KiB, a page 4 KiB. mimalloc keeps these
 * numbers as macros and uses them after its types are declared. One type has a table with an entry
 * for each page that a segment of 32 MiB has, 48 KiB in all: it gets another one, by its name.
 */

#ifndef ZPY_PORT_FREE_THREADING_SEGMENTS_H_
#define ZPY_PORT_FREE_THREADING_SEGMENTS_H_

#include "Python.h"
#include "pycore_llist.h"

#include <zephyr/sys/util.h>

#include "free_threading/pages.h"

#define PORT_SLICES 64 /* to a segment: its masks want as many as a word has bits */

/* What pycore_mimalloc.h defines before it includes the same headers. */
#define MI_DEBUG 0
#include "internal/mimalloc/mimalloc.h"
#define slices                                                                                     \
	port_slices[PORT_SLICES + 1];                                                              \
	struct {                                                                                   \
	} port_no_slices
#include "internal/mimalloc/mimalloc/types.h"
#undef slices
#define slices port_slices

/* It wants to be the first to include them, and does so again to no effect (#pragma once). */
#undef MI_DEBUG
#undef MIMALLOC_H
#undef MIMALLOC_TYPES_H

#undef MI_SEGMENT_SLICE_SHIFT
#undef MI_SEGMENT_SHIFT
#define MI_SEGMENT_SLICE_SHIFT (PORT_SEGMENT_SHIFT - LOG2(PORT_SLICES))
#define MI_SEGMENT_SHIFT       PORT_SEGMENT_SHIFT

/* A bit for each segment that there can be: upstream's table is for 40 TiB of addresses, 10 MiB. A
 * pointer to an array takes its place, with upstream's own declaration as a second one of it.
 */
#ifdef PORT_MEMORY_END
static _Atomic(uintptr_t) port_segment_bits[(PORT_MEMORY_END >> PORT_SEGMENT_SHIFT) / 64 + 1];
static _Atomic(uintptr_t) (*port_segment_map)[] __maybe_unused = (void *)port_segment_bits;
#define mi_segment_map (*port_segment_map)
#endif

/* Who waits for another thread lets it run, also if that one is less urgent. */
#define mi_atomic_yield port_spin_yield

#endif /* ZPY_PORT_FREE_THREADING_SEGMENTS_H_ */
