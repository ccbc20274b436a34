/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Names of files: the working directory, and every call that takes a path.
 */

#include <dirent.h>
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

static mode_t mask = 022;

/** Normalising "a/.." leaves nothing of it, but it means something only if a is a directory. */
static int check_parents(const char *cwd, const char *path, char *scratch)
{
	const char *at = path;
	char *part = malloc(VFS_PATH_MAX);
	struct vfs_stat st;
	int ret = part == NULL ? -ENOMEM : 0;

	while (ret == 0 && (at = strstr(at, "..")) != NULL) {
		size_t length = at - path;
		bool whole = (length == 0 || at[-1] == '/') && (at[2] == '/' || at[2] == '\0');

		at += 2;
		if (!whole || length == 0) {
			continue;
		}
		memcpy(part, path, length);
		part[length] = '\0';
		ret = vfs_normalise(cwd, part, scratch);
		if (ret == 0) {
			ret = vfs_stat(scratch, &st, NULL);
		}
		if (ret == 0 && !S_ISDIR(st.mode)) {
			ret = -ENOTDIR;
		}
	}
	free(part);
	return ret;
}

/** The absolute path, on the heap: it does not fit a small stack. NULL with errno set. */
static char *absolute(const char *path)
{
	char *out = malloc(2 * VFS_PATH_MAX);
	char *cwd = out + VFS_PATH_MAX;
	int ret = 0;

	if (out == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	port_directory_get(port_directory_of(port_thread_self()), cwd);
	if (strstr(path, "..") != NULL && strlen(path) < VFS_PATH_MAX) {
		ret = check_parents(cwd, path, out);
	}
	if (ret == 0) {
		ret = vfs_normalise(cwd, path, out);
	}
	if (ret != 0) {
		free(out);
		errno = -ret;
		return NULL;
	}
	return out;
}

/** "dir/" names a directory or nothing, which normalising forgets. */
static bool wants_directory(const char *path)
{
	size_t length = strlen(path);

	return length > 0 && path[length - 1] == '/';
}

static int stat_normal(const char *path, bool directory, struct vfs_stat *st,
		       const struct vfs_fs **fs)
{
	int ret = vfs_stat(path, st, fs);

	return ret == 0 && directory && !S_ISDIR(st->mode) ? -ENOTDIR : ret;
}

int port_fs_init(void)
{
	int ret = port_mount("tmpfs", "", "/", 0);

	if (ret == 0) {
		ret = vfs_mkdir("/tmp", 01777);
	}
	if (ret == 0) {
		ret = port_mount("romfs", "/", "/rom", 0);
	}
	if (ret == 0) {
		/* The library's place is that in the image. */
		ret = port_mount("romfs", CPYTHON_LIBRARY, CPYTHON_LIBRARY, 0);
	}
	if (ret == 0) {
		ret = port_mount("devfs", "", "/dev", 0);
	}
	setenv("HOME", "/", 0);
	return ret;
}

char *port_path_absolute(const char *path)
{
	return absolute(path);
}

int open(const char *path, int flags, ...)
{
	struct vfs_file *file;
	struct open_file *of;
	char *name = absolute(path);
	mode_t mode = 0;
	int ret;

	if (name == NULL) {
		return -1;
	}
	if (flags & O_CREAT) {
		va_list args;

		va_start(args, flags);
		mode = va_arg(args, int);
		va_end(args);
		mode &= ~mask;
	}
	if (wants_directory(path)) {
		struct vfs_stat st;

		ret = stat_normal(name, true, &st, NULL);
		if (ret != 0) {
			free(name);
			return port_result(ret == -ENOENT && (flags & O_CREAT) ? -EISDIR : ret);
		}
	}
	ret = vfs_open(name, flags, mode, &file);
	if (ret == 0 && (flags & O_DIRECTORY)) {
		struct vfs_stat st;

		ret = file->fs->ops->fstat(file, &st);
		if (ret == 0 && !S_ISDIR(st.mode)) {
			ret = -ENOTDIR;
		}
		if (ret != 0) {
			vfs_release(file);
		}
	}
	if (ret != 0) {
		free(name);
		return port_result(ret);
	}
	of = port_file_new(&port_file_ops, flags, file);
	if (of == NULL) {
		vfs_release(file);
		free(name);
		errno = ENOMEM;
		return -1;
	}
	of->path = name;
	return port_fd_install(of);
}

int stat(const char *path, struct stat *st)
{
	char *name = absolute(path);
	const struct vfs_fs *fs;
	struct vfs_stat from;
	int ret;

	if (name == NULL) {
		return -1;
	}
	ret = stat_normal(name, wants_directory(path), &from, &fs);
	if (ret == 0) {
		port_stat_from_vfs(st, &from, fs);
	}
	free(name);
	return port_result(ret);
}

int lstat(const char *path, struct stat *st)
{
	return stat(path, st);
}

ssize_t readlink(const char *path, char *buf, size_t size)
{
	struct stat st;

	/* No file system here has symbolic links; os.path.realpath() asks all the same. */
	ARG_UNUSED(buf);
	ARG_UNUSED(size);
	if (stat(path, &st) == 0) {
		errno = EINVAL;
	}
	return -1;
}

int access(const char *path, int mode)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		return -1;
	}
	if ((mode & X_OK) && !S_ISDIR(st.st_mode) && (st.st_mode & 0111) == 0) {
		errno = EACCES;
		return -1;
	}
	if (mode & W_OK) {
		char *name = absolute(path);
		char *inner = malloc(VFS_PATH_MAX);
		const struct vfs_fs *fs = NULL;
		bool read_only;

		read_only = name != NULL && inner != NULL && vfs_resolve(name, &fs, inner) == 0 &&
			    vfs_is_read_only(fs);
		free(inner);
		free(name);
		if (read_only) {
			errno = EROFS;
			return -1;
		}
	}
	return 0;
}

/** Runs a call of the mount table on the absolute path. */
static int on_path(const char *path, int (*call)(const char *path))
{
	char *name = absolute(path);
	struct vfs_stat st;
	int ret = 0;

	if (name == NULL) {
		return -1;
	}
	if (wants_directory(path)) {
		ret = stat_normal(name, true, &st, NULL);
	}
	if (ret == 0) {
		ret = call(name);
	}
	free(name);
	return port_result(ret);
}

int unlink(const char *path)
{
	return on_path(path, vfs_unlink);
}

int rmdir(const char *path)
{
	return on_path(path, vfs_rmdir);
}

int remove(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		return -1;
	}
	return S_ISDIR(st.st_mode) ? rmdir(path) : unlink(path);
}

static int with_mode(const char *path, mode_t mode, int (*call)(const char *path, uint32_t mode))
{
	char *name = absolute(path);
	int ret;

	if (name == NULL) {
		return -1;
	}
	ret = call(name, mode);
	free(name);
	return port_result(ret);
}

int mkdir(const char *path, mode_t mode)
{
	return with_mode(path, mode & ~mask & 07777, vfs_mkdir);
}

int chmod(const char *path, mode_t mode)
{
	return with_mode(path, mode & 07777, vfs_chmod);
}

/** Everything belongs to user and group 0; -1 leaves them as they are. */
static bool can_own(uid_t owner, gid_t group)
{
	return (owner == 0 || owner == (uid_t)-1) && (group == 0 || group == (gid_t)-1);
}

int chown(const char *path, uid_t owner, gid_t group)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		return -1;
	}
	return port_result(can_own(owner, group) ? 0 : -EPERM);
}

int lchown(const char *path, uid_t owner, gid_t group)
{
	return chown(path, owner, group);
}

int fchown(int fd, uid_t owner, gid_t group)
{
	struct open_file *of = port_fd_get(fd);

	if (of == NULL) {
		return -1;
	}
	port_file_put(of);
	return port_result(can_own(owner, group) ? 0 : -EPERM);
}

mode_t umask(mode_t new_mask)
{
	mode_t old = mask;

	mask = new_mask & 0777;
	return old;
}

int rename(const char *from, const char *to)
{
	char *old = absolute(from);
	char *new = old != NULL ? absolute(to) : NULL;
	struct vfs_stat st;
	int ret = -1;

	if (new != NULL) {
		ret = 0;
		if (wants_directory(from) || wants_directory(to)) {
			ret = stat_normal(old, true, &st, NULL);
		}
		if (ret == 0) {
			ret = vfs_rename(old, new);
		}
		ret = port_result(ret);
	}
	free(new);
	free(old);
	return ret;
}

static int64_t time_of(const struct timespec *ts, int64_t now, int64_t old)
{
	if (ts->tv_nsec == UTIME_NOW) {
		return now;
	}
	return ts->tv_nsec == UTIME_OMIT ? old : (int64_t)ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

static int set_times(const char *name, const struct timespec times[2])
{
	int64_t now = vfs_now_ns();
	struct vfs_stat st;
	int ret;

	if (times == NULL) {
		return vfs_utimens(name, now, now);
	}
	ret = vfs_stat(name, &st, NULL);
	if (ret != 0) {
		return ret;
	}
	return vfs_utimens(name, time_of(&times[0], now, st.atime_ns),
			   time_of(&times[1], now, st.mtime_ns));
}

int utimensat(int dirfd, const char *path, const struct timespec times[2], int flags)
{
	char *name;
	int ret;

	ARG_UNUSED(flags); /* there are no symbolic links to follow or not */
	if (dirfd != AT_FDCWD && path[0] != '/') {
		errno = ENOTSUP;
		return -1;
	}
	name = absolute(path);
	if (name == NULL) {
		return -1;
	}
	ret = set_times(name, times);
	free(name);
	return port_result(ret);
}

/** Runs a call on the name under which a descriptor was opened. */
static struct open_file *named(int fd)
{
	struct open_file *of = port_fd_get(fd);

	if (of != NULL && of->path == NULL) {
		port_file_put(of);
		errno = EINVAL;
		return NULL;
	}
	return of;
}

int futimens(int fd, const struct timespec times[2])
{
	struct open_file *of = named(fd);
	int ret;

	if (of == NULL) {
		return -1;
	}
	ret = set_times(of->path, times);
	port_file_put(of);
	return port_result(ret);
}

int fchmod(int fd, mode_t mode)
{
	struct open_file *of = named(fd);
	int ret;

	if (of == NULL) {
		return -1;
	}
	ret = vfs_chmod(of->path, mode & 07777);
	port_file_put(of);
	return port_result(ret);
}

static int chdir_to(const char *name)
{
	struct vfs_stat st;
	int ret = stat_normal(name, true, &st, NULL);

	if (ret == 0) {
		port_directory_set(port_directory_of(port_thread_self()), name);
	}
	return port_result(ret);
}

int chdir(const char *path)
{
	char *name = absolute(path);
	int ret;

	if (name == NULL) {
		return -1;
	}
	ret = chdir_to(name);
	free(name);
	return ret;
}

int fchdir(int fd)
{
	struct open_file *of = named(fd);
	int ret;

	if (of == NULL) {
		return -1;
	}
	ret = chdir_to(of->path);
	port_file_put(of);
	return ret;
}

char *getcwd(char *buf, size_t size)
{
	struct vfs_stat st;
	char *path;
	int ret;

	if (buf == NULL || size == 0) {
		errno = EINVAL;
		return NULL;
	}
	path = malloc(VFS_PATH_MAX);
	if (path == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	port_directory_get(port_directory_of(port_thread_self()), path);
	if (strlen(path) >= size) {
		ret = -ERANGE;
	} else {
		/* A directory that somebody has removed meanwhile is none any more. */
		ret = stat_normal(path, true, &st, NULL);
		ret = ret == -ENOTDIR ? -ENOENT : ret;
	}
	if (ret == 0) {
		strcpy(buf, path);
	}
	free(path);
	return port_result(ret) == 0 ? buf : NULL;
}

static void report(struct statvfs *out, const struct vfs_statvfs *st, const struct vfs_fs *fs)
{
	uint64_t more = 0;

	if (st->of_heap) {
		struct port_heap heap;

		port_heap_info(&heap);
		more = (heap.total - heap.used) / st->block_size;
	}
	*out = (struct statvfs){
		.f_bsize = st->block_size,
		.f_frsize = st->block_size,
		.f_blocks = st->blocks + more,
		.f_bfree = st->blocks_free + more,
		.f_bavail = st->blocks_free + more,
		.f_fsid = vfs_device(fs),
		.f_flag = vfs_is_read_only(fs) ? ST_RDONLY : 0,
		.f_namemax = VFS_NAME_MAX,
	};
}

int statvfs(const char *path, struct statvfs *out)
{
	char *name = absolute(path);
	const struct vfs_fs *fs;
	struct vfs_stat at;
	struct vfs_statvfs st;
	int ret;

	if (name == NULL) {
		return -1;
	}
	ret = vfs_stat(name, &at, &fs);
	if (ret == 0) {
		ret = vfs_statvfs(name, &st);
	}
	if (ret == 0) {
		report(out, &st, fs);
	}
	free(name);
	return port_result(ret);
}

int fstatvfs(int fd, struct statvfs *out)
{
	struct open_file *of = named(fd);
	struct vfs_file *file;
	struct vfs_statvfs st;
	int ret = -ENOTSUP;

	if (of == NULL) {
		return -1;
	}
	file = of->data;
	if (file->fs->ops->statvfs != NULL) {
		ret = file->fs->ops->statvfs(file->fs, &st);
	}
	if (ret == 0) {
		report(out, &st, file->fs);
	}
	port_file_put(of);
	return port_result(ret);
}

struct port_dir {
	struct vfs_file *file;
	struct vfs_iter iter;
	char *path;
	struct dirent entry;
};

DIR *opendir(const char *path)
{
	char *name = absolute(path);
	struct port_dir *dir;
	struct vfs_stat st;
	int ret;

	if (name == NULL) {
		return NULL;
	}
	dir = calloc(1, sizeof(*dir));
	ret = dir == NULL ? -ENOMEM : stat_normal(name, true, &st, NULL);
	if (ret == 0) {
		ret = vfs_open(name, O_RDONLY, 0, &dir->file);
	}
	if (ret != 0) {
		free(dir);
		free(name);
		errno = -ret;
		return NULL;
	}
	dir->path = name;
	vfs_iter_init(&dir->iter, dir->path);
	return dir;
}

struct dirent *readdir(DIR *dir)
{
	struct vfs_dirent entry;
	int ret = vfs_readdir(dir->file, &dir->iter, &entry);

	if (ret <= 0) {
		if (ret < 0) {
			errno = -ret;
		}
		return NULL;
	}
	dir->entry.d_ino = entry.ino;
	dir->entry.d_type = entry.type == S_IFDIR   ? DT_DIR
			    : entry.type == S_IFCHR ? DT_CHR
						    : DT_REG;
	strcpy(dir->entry.d_name, entry.name);
	return &dir->entry;
}

void rewinddir(DIR *dir)
{
	vfs_iter_init(&dir->iter, dir->path);
}

int closedir(DIR *dir)
{
	int ret = vfs_release(dir->file);

	free(dir->path);
	free(dir);
	return port_result(ret);
}
