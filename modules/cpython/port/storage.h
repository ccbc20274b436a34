/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief File systems of Zephyr's on disks and flash: littlefs and FAT. */

#ifndef ZPY_PORT_STORAGE_H_
#define ZPY_PORT_STORAGE_H_

#include "fs/vfs.h"

#ifdef CONFIG_FILE_SYSTEM

#include <zephyr/fs/fs.h>

#include "fs/zephyrfs.h"

/** A mount; the caller provides it and does not touch the members. */
struct storage_mount {
	struct fs_mount_t zephyr;
	struct zephyrfs files;
	void *state; /* a struct littlefs_state or a FATFS */
	char point[16];
	char name[32]; /* of the storage */
};

/**
 * Mounts the file system on a storage; never formats it.
 *
 * @param type "littlefs" or "fat".
 * @return 0; -ENODEV: no such storage; -EINVAL: no such file system on it, or a damaged one.
 */
int storage_mount(struct vfs_fs *fs, struct storage_mount *mount, const char *type,
		  const char *name, bool read_only);

int storage_umount(struct storage_mount *mount);

#else

struct storage_mount {
	char unused;
};

#endif /* CONFIG_FILE_SYSTEM */

#endif /* ZPY_PORT_STORAGE_H_ */
