/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Two directories as one: what the image ships, and a writable layer above it.
 *
 * A file of the upper layer hides the one of the same name below. A file that is changed is copied
 * up first; removing the copy brings the shipped one back. Nothing hides a shipped file for good:
 * to remove or rename one that was not changed is -EROFS, to remove its directory -ENOTEMPTY. Who
 * has a shipped file open for reading keeps it, as it was, when somebody else changes it.
 */

#ifndef ZPY_PORT_FS_OVERLAY_H_
#define ZPY_PORT_FS_OVERLAY_H_

#include "vfs.h"
#include "vfs_lock.h"

/** A directory of a file system. */
struct overlay_layer {
	const struct vfs_fs *fs;
	char top[VFS_PATH_MAX]; /**< within fs; "/" for all of it */
};

/** A mount; the caller provides it and fills in the layers. */
struct overlay {
	struct overlay_layer upper; /**< its top is made when something is written */
	struct overlay_layer lower;
	struct vfs_lock lock; /* one copy at a time */
};

/** Make a file system of two layers, which must stay mounted as long as it is. */
void overlay_init(struct vfs_fs *fs, struct overlay *overlay);

#define OVERLAY_UPPER 1
#define OVERLAY_LOWER 2

/**
 * @brief In which layers a path is.
 *
 * @return OVERLAY_UPPER, OVERLAY_LOWER or both; -ENOENT and the like when it is in none; -EINVAL
 *         when the file system is no overlay.
 */
int overlay_layers(const struct vfs_fs *fs, const char *path);

#endif /* ZPY_PORT_FS_OVERLAY_H_ */
