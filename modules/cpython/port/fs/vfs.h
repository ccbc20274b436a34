/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What a file system offers to the port layer's file descriptors.
 *
 * Zephyr's own file system API knows names, sizes and little else. CPython expects what POSIX
 * promises: an offset shared by duplicated descriptors, modification times, modes, files that
 * outlive their name. The port layer therefore talks to file systems through this small table:
 * tmpfs (the root, in RAM) and romfs (what the image ships) fill it completely, and zephyrfs
 * forwards it to fs_open() and friends for everything that Zephyr has mounted.
 *
 * Every function returns 0 (or a count) on success and a negative errno on failure. Paths are
 * absolute within the file system, normalised ("/" or "/a/b": no ".", "..", "//" or trailing "/"),
 * in UTF-8. Files and directories are opened and closed once; sharing is the caller's business.
 * A NULL operation means "not on this file system": EROFS for one that would change something,
 * ENOTSUP for the others.
 */

#ifndef ZPY_PORT_FS_VFS_H_
#define ZPY_PORT_FS_VFS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Longest name of a directory entry in bytes, without the terminating NUL. */
#define VFS_NAME_MAX 255

/** Longest path in bytes, with the terminating NUL. */
#define VFS_PATH_MAX 1024

struct vfs_stat {
	uint32_t mode;    /**< type and permission bits, as in st_mode */
	uint32_t nlink;   /**< number of names */
	uint64_t ino;     /**< number that is unique in the file system */
	int64_t size;     /**< bytes */
	int64_t atime_ns; /**< nanoseconds since 1970-01-01 UTC */
	int64_t mtime_ns;
	int64_t ctime_ns;
};

struct vfs_dirent {
	uint64_t ino;
	uint32_t type; /**< S_IFREG, S_IFDIR, S_IFCHR or S_IFLNK */
	char name[VFS_NAME_MAX + 1];
};

struct vfs_statvfs {
	uint64_t block_size;
	uint64_t blocks;
	uint64_t blocks_free;
	bool of_heap; /**< more blocks come from the heap, as long as there is some */
};

struct vfs_fs;

/** An open file or directory. A file system embeds it as the first member of its own record. */
struct vfs_file {
	const struct vfs_fs *fs;
};

/** Position that means "at the end of the file, wherever that is by then" (O_APPEND). */
#define VFS_APPEND ((int64_t)-1)

struct vfs_ops {
	/* Files. flags are O_RDONLY … O_EXCL of <fcntl.h>; O_APPEND comes as VFS_APPEND in pwrite.
	 * A directory opened with O_RDONLY succeeds and can be passed to fstat and readdir.
	 */
	int (*open)(const struct vfs_fs *fs, const char *path, int flags, uint32_t mode,
		    struct vfs_file **file);
	int (*close)(struct vfs_file *file);
	ssize_t (*pread)(struct vfs_file *file, void *buf, size_t size, int64_t pos);
	ssize_t (*pwrite)(struct vfs_file *file, const void *buf, size_t size, int64_t pos);
	int (*truncate)(struct vfs_file *file, int64_t size);
	int (*sync)(struct vfs_file *file);
	int (*fstat)(struct vfs_file *file, struct vfs_stat *st);

	/* Directories: fills one entry and returns 1, or returns 0 after the last one.
	 * cookie starts at 0 and belongs to the file system. No "." and "..".
	 */
	int (*readdir)(struct vfs_file *dir, uint64_t *cookie, struct vfs_dirent *entry);

	/* Names */
	int (*stat)(const struct vfs_fs *fs, const char *path, struct vfs_stat *st);
	int (*unlink)(const struct vfs_fs *fs, const char *path);
	int (*mkdir)(const struct vfs_fs *fs, const char *path, uint32_t mode);
	int (*rmdir)(const struct vfs_fs *fs, const char *path);
	int (*rename)(const struct vfs_fs *fs, const char *from, const char *to);
	int (*chmod)(const struct vfs_fs *fs, const char *path, uint32_t mode);
	int (*utimens)(const struct vfs_fs *fs, const char *path, int64_t atime_ns,
		       int64_t mtime_ns);
	int (*statvfs)(const struct vfs_fs *fs, struct vfs_statvfs *st);
};

/** A mounted file system. */
struct vfs_fs {
	const struct vfs_ops *ops;
	const char *type; /**< "tmpfs", "romfs", "littlefs" …: what `mount` shows */
	void *data;
	bool read_only; /**< mounted so, whatever it could do itself */
};

/** Nanoseconds since 1970-01-01 UTC, for the time stamps of a file system (time.c). */
int64_t vfs_now_ns(void);

#endif /* ZPY_PORT_FS_VFS_H_ */
