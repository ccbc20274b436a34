/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Open files and directories: what a descriptor does when a file system is behind it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "fs/mounts.h"
#include "port.h"

static struct vfs_file *vfs_of(struct open_file *of)
{
	return of->data;
}

static ssize_t file_read(struct open_file *of, void *buf, size_t size)
{
	struct vfs_file *file = vfs_of(of);
	ssize_t ret;

	if (file->fs->ops->pread == NULL) {
		return -ENOTSUP;
	}
	k_mutex_lock(&of->lock, K_FOREVER);
	ret = file->fs->ops->pread(file, buf, size, of->pos);
	if (ret > 0) {
		of->pos += ret;
	}
	k_mutex_unlock(&of->lock);
	return ret;
}

static ssize_t file_write(struct open_file *of, const void *buf, size_t size)
{
	struct vfs_file *file = vfs_of(of);
	bool append = of->flags & O_APPEND;
	ssize_t ret;

	if (file->fs->ops->pwrite == NULL) {
		return -EROFS;
	}
	k_mutex_lock(&of->lock, K_FOREVER);
	ret = file->fs->ops->pwrite(file, buf, size, append ? VFS_APPEND : of->pos);
	if (ret > 0) {
		struct vfs_stat st;

		of->pos += ret;
		if (append && file->fs->ops->fstat(file, &st) == 0) {
			of->pos = st.size;
		}
	}
	k_mutex_unlock(&of->lock);
	return ret;
}

static void file_close(struct open_file *of)
{
	struct vfs_file *file = vfs_of(of);

	vfs_release(file);
}

void port_stat_from_vfs(struct stat *st, const struct vfs_stat *from, const struct vfs_fs *fs)
{
	*st = (struct stat){
		.st_dev = vfs_device(fs),
		.st_mode = from->mode,
		.st_ino = from->ino,
		.st_nlink = from->nlink,
		.st_size = from->size,
		.st_blocks = DIV_ROUND_UP(from->size, 512),
		.st_blksize = 4096,
		.st_atim = {from->atime_ns / NSEC_PER_SEC, from->atime_ns % NSEC_PER_SEC},
		.st_mtim = {from->mtime_ns / NSEC_PER_SEC, from->mtime_ns % NSEC_PER_SEC},
		.st_ctim = {from->ctime_ns / NSEC_PER_SEC, from->ctime_ns % NSEC_PER_SEC},
	};
}

static int file_stat(struct open_file *of, struct stat *st)
{
	struct vfs_file *file = vfs_of(of);
	struct vfs_stat from;
	int ret = file->fs->ops->fstat(file, &from);

	if (ret == 0) {
		port_stat_from_vfs(st, &from, file->fs);
	}
	return ret;
}

const struct open_ops port_file_ops = {
	.read = file_read,
	.write = file_write,
	.close = file_close,
	.stat = file_stat,
};

/** The file behind a descriptor, held, or NULL with errno set to error when there is none. */
static struct open_file *get_file(int fd, int error)
{
	struct open_file *of = port_fd_get(fd);

	if (of != NULL && of->ops != &port_file_ops) {
		port_file_put(of);
		errno = error;
		of = NULL;
	}
	return of;
}

off_t lseek(int fd, off_t offset, int whence)
{
	struct open_file *of = get_file(fd, ESPIPE);
	struct vfs_stat st = {0};
	int64_t base = 0;
	int64_t ret = 0;

	if (of == NULL) {
		return -1;
	}
	k_mutex_lock(&of->lock, K_FOREVER);
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = of->pos;
		break;
	case SEEK_END:
		ret = vfs_of(of)->fs->ops->fstat(vfs_of(of), &st);
		base = st.size;
		break;
	default:
		ret = -EINVAL;
	}
	if (ret == 0 && base + offset < 0) {
		ret = -EINVAL;
	}
	if (ret == 0) {
		ret = of->pos = base + offset;
	}
	k_mutex_unlock(&of->lock);
	port_file_put(of);
	return port_result(ret);
}

ssize_t pread(int fd, void *buf, size_t size, off_t pos)
{
	struct open_file *of = get_file(fd, ESPIPE);
	ssize_t ret;

	if (of == NULL) {
		return -1;
	}
	if ((of->flags & O_ACCMODE) == O_WRONLY) {
		ret = -EBADF;
	} else if (pos < 0) {
		ret = -EINVAL;
	} else if (vfs_of(of)->fs->ops->pread == NULL) {
		ret = -ENOTSUP;
	} else {
		ret = vfs_of(of)->fs->ops->pread(vfs_of(of), buf, size, pos);
	}
	port_file_put(of);
	return port_result(ret);
}

ssize_t pwrite(int fd, const void *buf, size_t size, off_t pos)
{
	struct open_file *of = get_file(fd, ESPIPE);
	ssize_t ret;

	if (of == NULL) {
		return -1;
	}
	if ((of->flags & O_ACCMODE) == O_RDONLY) {
		ret = -EBADF;
	} else if (pos < 0) {
		ret = -EINVAL;
	} else if (vfs_of(of)->fs->ops->pwrite == NULL) {
		ret = -EROFS;
	} else {
		ret = vfs_of(of)->fs->ops->pwrite(vfs_of(of), buf, size, pos);
	}
	port_file_put(of);
	return port_result(ret);
}

int ftruncate(int fd, off_t size)
{
	struct open_file *of = get_file(fd, EINVAL);
	int ret;

	if (of == NULL) {
		return -1;
	}
	if ((of->flags & O_ACCMODE) == O_RDONLY || size < 0) {
		ret = -EINVAL;
	} else if (vfs_of(of)->fs->ops->truncate == NULL) {
		ret = -EROFS;
	} else {
		ret = vfs_of(of)->fs->ops->truncate(vfs_of(of), size);
	}
	port_file_put(of);
	return port_result(ret);
}

int truncate(const char *path, off_t size)
{
	int fd = open(path, O_WRONLY);
	int ret;

	if (fd < 0) {
		return -1;
	}
	ret = ftruncate(fd, size);
	close(fd);
	return ret;
}

int fsync(int fd)
{
	struct open_file *of = get_file(fd, EINVAL);
	int ret = 0;

	if (of == NULL) {
		return -1;
	}
	if (vfs_of(of)->fs->ops->sync != NULL) {
		ret = vfs_of(of)->fs->ops->sync(vfs_of(of));
	}
	port_file_put(of);
	return port_result(ret);
}

int fdatasync(int fd)
{
	return fsync(fd);
}

void sync(void)
{
	for (int fd = 0; fd < CONFIG_CPYTHON_OPEN_MAX; fd++) {
		(void)fsync(fd);
	}
}
