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
 * touched is not there. Here it is: a segment has 512 KiB, a page 8 KiB. mimalloc keeps these
 * numbers as macros and uses them after its types are declared; the types are made for more pages
 * than there are, which takes 48 KiB of each segment.
 */

#ifndef ZPY_PORT_FREE_THREADING_SEGMENTS_H_
#define ZPY_PORT_FREE_THREADING_SEGMENTS_H_

#include "Python.h"
#include "pycore_llist.h"

#include "free_threading/pages.h"

/* What pycore_mimalloc.h defines before it includes the same headers. */
#define MI_DEBUG 0
#include "internal/mimalloc/mimalloc.h"
#include "internal/mimalloc/mimalloc/types.h"

/* It wants to be the first to include them, and does so again to no effect (#pragma once). */
#undef MI_DEBUG
#undef MIMALLOC_H
#undef MIMALLOC_TYPES_H

#undef MI_SEGMENT_SLICE_SHIFT
#undef MI_SEGMENT_SHIFT
#define MI_SEGMENT_SLICE_SHIFT (PORT_SEGMENT_SHIFT - 6) /* its masks want 64 to a segment */
#define MI_SEGMENT_SHIFT       PORT_SEGMENT_SHIFT

/* A bit for each segment that there can be: upstream's table is for 40 TiB of addresses, 10 MiB. A
 * pointer to an array takes its place, with upstream's own declaration as a second one of it.
 */
#ifdef PORT_MEMORY_END
static _Atomic(uintptr_t) port_segment_bits[(PORT_MEMORY_END >> PORT_SEGMENT_SHIFT) / 64 + 1];
static _Atomic(uintptr_t) (*port_segment_map)[] = (void *)port_segment_bits;
#define mi_segment_map (*port_segment_map)
#endif

/* Who waits for another thread lets it run, also if that one is less urgent. */
#define mi_atomic_yield port_spin_yield

#endif /* ZPY_PORT_FREE_THREADING_SEGMENTS_H_ */
