/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Memory maps as mimalloc wants them, which is compiled as for a Unix: anonymous memory.
 *
 * Nothing else sees this header: there is no mmap() for programs. All memory is there once it is
 * allocated, so protection and advice change nothing.
 */

#ifndef ZPY_PORT_FREE_THREADING_SYS_MMAN_H_
#define ZPY_PORT_FREE_THREADING_SYS_MMAN_H_

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

#include "free_threading/pages.h"

#define PROT_NONE  0
#define PROT_READ  1
#define PROT_WRITE 2

#define MAP_PRIVATE    0x02
#define MAP_ANONYMOUS  0x20
#define MAP_FAILED     ((void *)-1)
#define MAP_ALIGNED(n) ((n) << 24) /* at a multiple of 2**n, as the BSDs have it */

#define MADV_DONTNEED 4

static inline void *mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	unsigned int shift = (unsigned int)flags >> 24;
	void *pages = port_pages_get((size_t)1 << (shift != 0 ? shift : 12), size);

	(void)addr;
	(void)prot;
	(void)fd;
	(void)offset;
	if (pages == NULL) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return pages;
}

static inline int munmap(void *addr, size_t size)
{
	port_pages_put(addr, size);
	return 0;
}

static inline int mprotect(void *addr, size_t size, int prot)
{
	(void)addr;
	(void)size;
	(void)prot;
	return 0;
}

static inline int madvise(void *addr, size_t size, int advice)
{
	(void)addr;
	(void)size;
	(void)advice;
	return 0;
}

#endif /* ZPY_PORT_FREE_THREADING_SYS_MMAN_H_ */
