/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The read-only file system over the archive that romfs.py packs into the image.
 *
 * The archive is an ordinary ZIP file. Its index is not read from it at run time: romfs.py
 * writes it as a table in which the entries of each directory stand side by side, sorted by
 * name, so that a lookup is one binary search for each component of a path and needs no memory.
 */

#ifndef ZPY_PORT_FS_ROMFS_H_
#define ZPY_PORT_FS_ROMFS_H_

#include <stddef.h>
#include <stdint.h>

#include "vfs.h"
#include "vfs_lock.h"

enum romfs_method {
	ROMFS_STORED = 0,
	ROMFS_DEFLATED = 8, /* these two are ZIP's numbers */
	ROMFS_DIRECTORY = 255,
};

struct romfs_entry {
	uint32_t name;    /**< offset of the name in romfs_image.names; no NUL follows it */
	uint32_t data;    /**< offset in the archive; of a directory: index of its first entry */
	uint32_t packed;  /**< bytes in the archive; of a directory: number of its entries */
	uint32_t size;    /**< bytes of the file */
	uint32_t crc;     /**< CRC-32 of the file */
	uint8_t name_len; /**< bytes of the name */
	uint8_t method;   /**< enum romfs_method */
};

/** What romfs.py makes. entries[0] is the root. */
struct romfs_image {
	const uint8_t *archive;
	size_t archive_size;
	const char *names;
	const struct romfs_entry *entries;
	size_t count;
	int64_t mtime_ns; /**< time stamp of all files */
};

struct romfs_data;

/** A mounted image; the caller provides it and does not touch the members. */
struct romfs {
	const struct romfs_image *image;
	uint32_t root;           /* index of the entry that this file system shows as "/" */
	struct vfs_lock lock;    /* guards what follows */
	struct romfs_data *open; /* inflated files in use */
};

/** The build's archive, and the same archive as the single file "/zpy.zip". */
extern const struct romfs_image zpy_romfs;
extern const struct romfs_image zpy_romfs_archive;

/**
 * @brief Make a file system of an image, or of one directory in it.
 *
 * @param fs Filled in; lives as long as it is mounted.
 * @param rom Likewise.
 * @param image Made by romfs.py.
 * @param top Path of the directory in the image that becomes "/", for instance "/lib/python3.14";
 *            "/" for all of it.
 * @return 0, -ENOENT or -ENOTDIR when there is no such directory.
 */
int romfs_init(struct vfs_fs *fs, struct romfs *rom, const struct romfs_image *image,
	       const char *top);

#endif /* ZPY_PORT_FS_ROMFS_H_ */
