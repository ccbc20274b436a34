/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The file system in RAM: the root of the machine, and /tmp.
 *
 * It keeps POSIX's promises: a file lives until its last name and its last descriptor are gone, a
 * rename replaces its target in one step, holes read as zeros. Memory comes from the heap in
 * blocks of 4 KiB, so a file that grows is never copied. When memory or the limit runs out, calls
 * fail with -ENOSPC and leave everything as it was; a write that has begun returns how far it came.
 */

#ifndef ZPY_PORT_FS_TMPFS_H_
#define ZPY_PORT_FS_TMPFS_H_

#include <stddef.h>

#include "vfs.h"

/**
 * @brief Make an empty file system.
 *
 * @param fs Filled in.
 * @param limit Bytes of memory that it may take for contents, names and records; 0: no limit, and
 *              statvfs() then says that no block is free, because nobody knows.
 * @return 0 or -ENOMEM.
 */
int tmpfs_init(struct vfs_fs *fs, size_t limit);

/**
 * @brief Free everything in it. It must not be mounted.
 *
 * @return 0, or -EBUSY while files are open.
 */
int tmpfs_destroy(struct vfs_fs *fs);

#endif /* ZPY_PORT_FS_TMPFS_H_ */
