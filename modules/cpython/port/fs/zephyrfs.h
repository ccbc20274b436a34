/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief A file system that Zephyr has mounted (FAT, littlefs, ext2), as the port layer wants it.
 *
 * Zephyr's API is thinner than POSIX, and its file systems differ in what they do at the edges.
 * This layer gives all of them one behaviour:
 *
 * - A file that is open several times is opened once below and shared, so that all see the same
 *   contents, and one mutex serialises what Zephyr's file systems do not.
 * - Errors are POSIX's, whatever the file system calls them.
 * - Writing behind the end of a file fills the gap with zeros.
 * - A file that is open can be neither removed nor renamed nor replaced (-EBUSY), nor can a
 *   directory above it be renamed: these file systems would lose data.
 * - There are no time stamps below. What was changed since the start has the time of the change,
 *   within limits; everything else has TIME_UNKNOWN. All directories share one time, that of the
 *   last change of any name: import notices new modules by it.
 * - Modes cannot be kept; chmod() does nothing.
 */

#ifndef ZPY_PORT_FS_ZEPHYRFS_H_
#define ZPY_PORT_FS_ZEPHYRFS_H_

#include "vfs.h"
#include "vfs_lock.h"

/** 1980-01-01, the first day of FAT and of ZIP: when a file changed, if nobody knows. */
#define ZEPHYRFS_TIME_UNKNOWN (INT64_C(315532800) * 1000000000)

/** Files whose time of change is remembered. */
#define ZEPHYRFS_TIMES 64

struct zephyrfs_node;

/** A mount; the caller provides it and does not touch the members. */
struct zephyrfs {
	struct vfs_lock lock;
	const char *point;           /* where Zephyr has mounted it, for instance "/SD:" */
	int type;                    /* FS_FATFS … of <zephyr/fs/fs.h> */
	size_t block_size;           /* for ext2 */
	struct zephyrfs_node *nodes; /* open files */
	size_t node_count;
	int64_t names_changed_ns;
	uint64_t times_of[ZEPHYRFS_TIMES]; /* numbers of files; 0: free */
	int64_t times_ns[ZEPHYRFS_TIMES];
	size_t next_time;
	char path[VFS_PATH_MAX]; /* for calls into Zephyr, guarded by the lock */
	char other[VFS_PATH_MAX];
};

/**
 * @brief Make a file system of one of Zephyr's mounts.
 *
 * @param fs Filled in; lives as long as it is mounted.
 * @param zfs Likewise.
 * @param point Zephyr's mount point, without a slash at its end; it must outlive fs.
 * @return 0, or what Zephyr says when nothing is mounted there.
 */
int zephyrfs_init(struct vfs_fs *fs, struct zephyrfs *zfs, const char *point);

#endif /* ZPY_PORT_FS_ZEPHYRFS_H_ */
