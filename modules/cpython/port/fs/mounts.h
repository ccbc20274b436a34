/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The mount table: one tree of names over all file systems.
 *
 * Paths here are absolute and normalised by vfs_normalise(). The functions return 0 (or a count)
 * or a negative errno, like the operations of a file system. A directory that a file system is
 * mounted on is an entry of its parent, whether or not the parent's own file system holds one.
 */

#ifndef ZPY_PORT_FS_MOUNTS_H_
#define ZPY_PORT_FS_MOUNTS_H_

#include "vfs.h"

/** File systems that can be mounted at a time. */
#define VFS_MOUNTS_MAX 16

/**
 * @brief Make an absolute path without ".", "..", "//" and trailing "/".
 *
 * "..", as on every machine without symbolic links, drops the name before it; above the root it
 * stays at the root.
 *
 * @param cwd Absolute and normalised: what a relative path starts from.
 * @param path As a program gave it.
 * @param out The result.
 * @return 0; -ENOENT for ""; -ENAMETOOLONG for a name of more than VFS_NAME_MAX bytes or a result
 *         that needs more than VFS_PATH_MAX.
 */
int vfs_normalise(const char *cwd, const char *path, char out[VFS_PATH_MAX]);

/**
 * @brief Mount a file system.
 *
 * What the parent holds at this path is hidden until the file system is unmounted. Directories
 * on the way that are missing are made; the last one need not exist.
 *
 * @param point Absolute and normalised; "/" first of all.
 * @param fs Belongs to the mount table until vfs_umount().
 * @return 0; -EINVAL when the point is not normalised; -EBUSY when it is taken, or fs is mounted
 *         already; -ENOSPC when the table is full; -ENOTDIR when the point is a file; -ENOENT
 *         when there is no root yet.
 */
int vfs_mount(const char *point, struct vfs_fs *fs);

/**
 * @brief Take a file system away.
 *
 * @return 0; -EINVAL when nothing is mounted there; -EBUSY while files of it are open or another
 *         file system is mounted below.
 */
int vfs_umount(const char *point);

/**
 * @brief Find out which file system a path belongs to.
 *
 * Only for information: nothing keeps the file system mounted after this returns. To work with
 * files, use the functions below.
 *
 * @param path Absolute and normalised.
 * @param fs The file system.
 * @param inner VFS_PATH_MAX bytes for the path within it.
 * @return 0, or -ENOENT when no root is mounted.
 */
int vfs_resolve(const char *path, const struct vfs_fs **fs, char *inner);

/**
 * @brief Keep the file system that a path belongs to mounted, until vfs_unhold().
 *
 * @param path Absolute and normalised.
 * @param fs The file system.
 * @param inner VFS_PATH_MAX bytes for the path within it.
 * @return 0, or -ENOENT when no root is mounted.
 */
int vfs_hold(const char *path, const struct vfs_fs **fs, char *inner);
void vfs_unhold(const struct vfs_fs *fs);

/** The file system that is mounted at a point, or NULL. Only for information, as above. */
const struct vfs_fs *vfs_mounted_at(const char *point);

/**
 * @brief Call a function for each mount, in the order of mounting.
 *
 * The function may not mount or unmount. Stops at the first result that is not 0.
 *
 * @return The last result.
 */
int vfs_mounts(int (*each)(const char *point, const struct vfs_fs *fs, void *arg), void *arg);

/** Does nothing that would change a file system get through? */
static inline bool vfs_is_read_only(const struct vfs_fs *fs)
{
	return fs->read_only || fs->ops->pwrite == NULL;
}

/** A small number that tells this mount from all others since the start: for st_dev. */
uint32_t vfs_device(const struct vfs_fs *fs);

/* Files: the file system stays mounted from vfs_open() to vfs_release(). */

int vfs_open(const char *path, int flags, uint32_t mode, struct vfs_file **file);
int vfs_release(struct vfs_file *file);

/** How far a directory has been read. */
struct vfs_iter {
	const char *path; /**< of the directory */
	uint64_t cookie;  /**< position in its file system */
	uint32_t mount;   /**< then: position among the mount points in it, + 1 */
};

/** Start to read a directory at its first entry. The path must outlive the iterator. */
static inline void vfs_iter_init(struct vfs_iter *iter, const char *path)
{
	*iter = (struct vfs_iter){.path = path};
}

/**
 * @brief Read one entry of a directory, mount points included.
 *
 * @return 1 and the entry; 0 after the last one; or a negative errno.
 */
int vfs_readdir(struct vfs_file *dir, struct vfs_iter *iter, struct vfs_dirent *entry);

/* Names. Mount points can be neither removed nor renamed (-EBUSY), and a rename stays within
 * one file system (-EXDEV).
 */

/** @param fs Where not NULL: the file system that answered, for vfs_device(). */
int vfs_stat(const char *path, struct vfs_stat *st, const struct vfs_fs **fs);
int vfs_unlink(const char *path);
int vfs_mkdir(const char *path, uint32_t mode);
int vfs_rmdir(const char *path);
int vfs_rename(const char *from, const char *to);
int vfs_chmod(const char *path, uint32_t mode);
int vfs_utimens(const char *path, int64_t atime_ns, int64_t mtime_ns);
int vfs_statvfs(const char *path, struct vfs_statvfs *st);

#endif /* ZPY_PORT_FS_MOUNTS_H_ */
