/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mounts.h"
#include "vfs_lock.h"

struct mount {
	char *point; /* NULL: free */
	struct vfs_fs *fs;
	uint32_t users; /* open files, calls in progress, and overlays that it is a layer of */
	uint32_t device;
};

/* In the order of mounting; unmounting moves the later ones down. */
static struct mount mounts[VFS_MOUNTS_MAX];
static size_t mount_count;
static uint32_t last_device;
static struct vfs_lock lock = VFS_LOCK_INIT(lock);

int vfs_normalise(const char *cwd, const char *path, char out[VFS_PATH_MAX])
{
	size_t len = 0;

	if (*path == '\0') {
		return -ENOENT;
	}
	if (*path != '/' && strcmp(cwd, "/") != 0) {
		len = strlen(cwd);
		if (len >= VFS_PATH_MAX) {
			return -ENAMETOOLONG;
		}
		memcpy(out, cwd, len);
	}
	for (;;) {
		size_t name;

		while (*path == '/') {
			path++;
		}
		name = strcspn(path, "/");
		if (name == 0) {
			break;
		}
		if (name == 2 && path[0] == '.' && path[1] == '.') {
			while (len > 0 && out[--len] != '/') {
			}
		} else if (name != 1 || path[0] != '.') {
			if (name > VFS_NAME_MAX || len + 1 + name >= VFS_PATH_MAX) {
				return -ENAMETOOLONG;
			}
			out[len++] = '/';
			memcpy(&out[len], path, name);
			len += name;
		}
		path += name;
	}
	if (len == 0) {
		out[len++] = '/';
	}
	out[len] = '\0';
	return 0;
}

/* The rest of a path below a mount point, "" at the point itself; NULL when it is elsewhere. */
static const char *below(const char *point, const char *path)
{
	size_t len = strlen(point);

	if (len == 1) {
		return strcmp(path, "/") == 0 ? "" : path;
	}
	if (strncmp(path, point, len) != 0 || (path[len] != '/' && path[len] != '\0')) {
		return NULL;
	}
	return path + len;
}

/* The mount that a path belongs to: the one with the longest point. Called with the lock held. */
static struct mount *find(const char *path, const char **inner)
{
	struct mount *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < mount_count; i++) {
		const char *rest = below(mounts[i].point, path);
		size_t len = strlen(mounts[i].point);

		if (rest != NULL && len > best_len) {
			best = &mounts[i];
			best_len = len;
			*inner = *rest == '\0' ? "/" : rest;
		}
	}
	return best;
}

static struct mount *find_point(const char *point)
{
	for (size_t i = 0; i < mount_count; i++) {
		if (strcmp(mounts[i].point, point) == 0) {
			return &mounts[i];
		}
	}
	return NULL;
}

/* A path's file system, which cannot be unmounted meanwhile, and the path within it. */
struct place {
	const struct vfs_fs *fs;
	const char *inner; /* points into the path, or is "/" */
};

static int enter(const char *path, struct place *at)
{
	struct mount *mount;

	vfs_lock(&lock);
	mount = find(path, &at->inner);
	if (mount != NULL) {
		mount->users++;
		at->fs = mount->fs;
	}
	vfs_unlock(&lock);
	return mount == NULL ? -ENOENT : 0;
}

static void release_fs(const struct vfs_fs *fs)
{
	vfs_lock(&lock);
	for (size_t i = 0; i < mount_count; i++) {
		if (mounts[i].fs == fs) {
			mounts[i].users--;
			break;
		}
	}
	vfs_unlock(&lock);
}

static void leave(const struct place *at)
{
	release_fs(at->fs);
}

/* Is something mounted at this path or below it? */
static bool holds_mount(const char *path)
{
	bool found = false;

	vfs_lock(&lock);
	for (size_t i = 0; i < mount_count && !found; i++) {
		found = below(path, mounts[i].point) != NULL;
	}
	vfs_unlock(&lock);
	return found;
}

/* Make the directories on the way to a mount point that are missing. */
static int make_parents(const char *point)
{
	char path[VFS_PATH_MAX];

	strcpy(path, point); /* vfs_mount() has seen that it fits */
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		struct vfs_stat st;
		int ret;

		*slash = '\0';
		ret = vfs_stat(path, &st, NULL);
		if (ret == -ENOENT) {
			ret = vfs_mkdir(path, 0755);
		} else if (ret == 0 && !S_ISDIR(st.mode)) {
			ret = -ENOTDIR;
		}
		if (ret < 0) {
			return ret;
		}
		*slash = '/';
	}
	return 0;
}

int vfs_mount(const char *point, struct vfs_fs *fs)
{
	char normal[VFS_PATH_MAX];
	char *copy;
	int ret = vfs_normalise("/", point, normal);

	if (ret < 0 || strcmp(point, normal) != 0) {
		return ret < 0 ? ret : -EINVAL;
	}
	if (strcmp(point, "/") != 0) {
		struct vfs_stat st;

		ret = make_parents(point);
		if (ret < 0) {
			return ret;
		}
		ret = vfs_stat(point, &st, NULL);
		if (ret < 0 && ret != -ENOENT) {
			return ret;
		}
		if (ret == 0 && !S_ISDIR(st.mode)) {
			return -ENOTDIR;
		}
	}
	copy = malloc(strlen(point) + 1);
	if (copy == NULL) {
		return -ENOMEM;
	}
	strcpy(copy, point);
	ret = 0;
	vfs_lock(&lock);
	if (mount_count == 0 && strcmp(point, "/") != 0) {
		ret = -ENOENT;
	} else if (find_point(point) != NULL) {
		ret = -EBUSY;
	} else if (mount_count == VFS_MOUNTS_MAX) {
		ret = -ENOSPC;
	}
	for (size_t i = 0; ret == 0 && i < mount_count; i++) {
		if (mounts[i].fs == fs) {
			ret = -EBUSY;
		}
	}
	if (ret == 0) {
		mounts[mount_count++] = (struct mount){
			.point = copy,
			.fs = fs,
			.device = ++last_device,
		};
	}
	vfs_unlock(&lock);
	if (ret < 0) {
		free(copy);
	}
	return ret;
}

int vfs_umount(const char *point)
{
	struct mount *mount;
	char *old = NULL;
	int ret = 0;

	vfs_lock(&lock);
	mount = find_point(point);
	if (mount == NULL) {
		ret = -EINVAL;
	} else if (mount->users > 0) {
		ret = -EBUSY;
	}
	for (size_t i = 0; ret == 0 && i < mount_count; i++) {
		if (&mounts[i] != mount && below(point, mounts[i].point) != NULL) {
			ret = -EBUSY;
		}
	}
	if (ret == 0) {
		old = mount->point;
		mount_count--;
		memmove(mount, mount + 1, (size_t)(&mounts[mount_count] - mount) * sizeof(*mount));
	}
	vfs_unlock(&lock);
	free(old);
	return ret;
}

int vfs_resolve(const char *path, const struct vfs_fs **fs, char *inner)
{
	struct place at;
	int ret = enter(path, &at);

	if (ret < 0) {
		return ret;
	}
	leave(&at);
	if (strlen(at.inner) >= VFS_PATH_MAX) {
		return -ENAMETOOLONG;
	}
	*fs = at.fs;
	strcpy(inner, at.inner);
	return 0;
}

int vfs_hold(const char *path, const struct vfs_fs **fs, char *inner)
{
	struct place at;
	int ret = enter(path, &at);

	if (ret == 0) {
		*fs = at.fs;
		strcpy(inner, at.inner); /* not longer than the path */
	}
	return ret;
}

void vfs_unhold(const struct vfs_fs *fs)
{
	release_fs(fs);
}

const struct vfs_fs *vfs_mounted_at(const char *point)
{
	const struct mount *mount;
	const struct vfs_fs *fs;

	vfs_lock(&lock);
	mount = find_point(point);
	fs = mount == NULL ? NULL : mount->fs;
	vfs_unlock(&lock);
	return fs;
}

int vfs_mounts(int (*each)(const char *point, const struct vfs_fs *fs, void *arg), void *arg)
{
	int ret = 0;

	vfs_lock(&lock);
	for (size_t i = 0; i < mount_count && ret == 0; i++) {
		ret = each(mounts[i].point, mounts[i].fs, arg);
	}
	vfs_unlock(&lock);
	return ret;
}

uint32_t vfs_device(const struct vfs_fs *fs)
{
	uint32_t device = 0;

	vfs_lock(&lock);
	for (size_t i = 0; i < mount_count; i++) {
		if (mounts[i].fs == fs) {
			device = mounts[i].device;
			break;
		}
	}
	vfs_unlock(&lock);
	return device;
}

/* Open on a file system that is mounted read-only: what is there can be read. */
static int open_to_read(const struct place *at, int flags, struct vfs_file **file)
{
	struct vfs_stat st;
	int ret = at->fs->ops->stat(at->fs, at->inner, &st);

	if (ret == -ENOENT && (flags & O_CREAT)) {
		return -EROFS;
	}
	if (ret == 0 && (flags & O_CREAT) && (flags & O_EXCL)) {
		return -EEXIST;
	}
	if (ret == 0 && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC))) {
		return S_ISDIR(st.mode) ? -EISDIR : -EROFS;
	}
	return ret < 0 ? ret : at->fs->ops->open(at->fs, at->inner, flags & ~O_CREAT, 0, file);
}

int vfs_open(const char *path, int flags, uint32_t mode, struct vfs_file **file)
{
	struct place at;
	int ret = enter(path, &at);

	if (ret < 0) {
		return ret;
	}
	if (at.fs->ops->open == NULL) {
		ret = -ENOTSUP;
	} else if (at.fs->read_only) {
		ret = open_to_read(&at, flags, file);
	} else {
		ret = at.fs->ops->open(at.fs, at.inner, flags, mode, file);
	}
	if (ret < 0) {
		leave(&at);
	}
	return ret;
}

int vfs_release(struct vfs_file *file)
{
	const struct vfs_fs *fs = file->fs;
	int ret = fs->ops->close(file);

	release_fs(fs);
	return ret;
}

/* The name of a mount point directly in a directory, or NULL. */
static const char *child_name(const char *dir, const char *point)
{
	const char *name = below(dir, point);

	if (name == NULL || *name == '\0') {
		return NULL;
	}
	name++;
	return strchr(name, '/') == NULL ? name : NULL;
}

/* Fills in the next mount point that the directory's own file system holds no entry for. */
static int read_mount_points(const struct vfs_fs *fs, struct vfs_iter *iter,
			     struct vfs_dirent *entry)
{
	for (;;) {
		char point[VFS_PATH_MAX];
		const char *inner = NULL;
		struct vfs_stat st;
		uint32_t device = 0;
		bool found = false;

		vfs_lock(&lock);
		for (size_t i = iter->mount - 1; i < mount_count && !found; i++) {
			const char *name = child_name(iter->path, mounts[i].point);

			iter->mount++;
			if (name != NULL) {
				found = true;
				device = mounts[i].device;
				strcpy(point, mounts[i].point);
				strcpy(entry->name, name);
			}
		}
		/* What the parent's file system calls this path. */
		for (size_t i = 0; found && i < mount_count; i++) {
			if (mounts[i].fs == fs) {
				inner = below(mounts[i].point, point);
				break;
			}
		}
		vfs_unlock(&lock);
		if (!found) {
			return 0;
		}
		if (inner != NULL && fs->ops->stat != NULL && fs->ops->stat(fs, inner, &st) == 0) {
			continue;
		}
		/* Not a number of this file system's own. */
		entry->ino = UINT64_MAX - device;
		entry->type = S_IFDIR;
		return 1;
	}
}

int vfs_readdir(struct vfs_file *dir, struct vfs_iter *iter, struct vfs_dirent *entry)
{
	const struct vfs_fs *fs = dir->fs;

	if (iter->mount == 0) {
		int ret = fs->ops->readdir == NULL ? -ENOTDIR
						   : fs->ops->readdir(dir, &iter->cookie, entry);

		if (ret != 0) {
			return ret;
		}
		iter->mount = 1;
	}
	return read_mount_points(fs, iter, entry);
}

int vfs_stat(const char *path, struct vfs_stat *st, const struct vfs_fs **owner)
{
	struct place at;
	int ret = enter(path, &at);

	if (ret == 0) {
		ret = at.fs->ops->stat == NULL ? -ENOTSUP : at.fs->ops->stat(at.fs, at.inner, st);
		leave(&at);
	}
	if (ret == 0 && owner != NULL) {
		*owner = at.fs;
	}
	return ret;
}

static bool cannot(const struct place *at, bool missing)
{
	return at->fs->read_only || missing;
}

int vfs_unlink(const char *path)
{
	struct place at;
	int ret = holds_mount(path) ? -EBUSY : enter(path, &at);

	if (ret == 0) {
		ret = cannot(&at, at.fs->ops->unlink == NULL) ? -EROFS
							      : at.fs->ops->unlink(at.fs, at.inner);
		leave(&at);
	}
	return ret;
}

int vfs_mkdir(const char *path, uint32_t mode)
{
	struct place at;
	int ret = holds_mount(path) ? -EEXIST : enter(path, &at);

	if (ret == 0) {
		ret = cannot(&at, at.fs->ops->mkdir == NULL)
			      ? -EROFS
			      : at.fs->ops->mkdir(at.fs, at.inner, mode);
		leave(&at);
	}
	return ret;
}

int vfs_rmdir(const char *path)
{
	struct place at;
	int ret = holds_mount(path) ? -EBUSY : enter(path, &at);

	if (ret == 0) {
		ret = cannot(&at, at.fs->ops->rmdir == NULL) ? -EROFS
							     : at.fs->ops->rmdir(at.fs, at.inner);
		if (ret == -EROFS || ret == -EPERM) {
			/* That it is no directory would be so where it may be changed, too. */
			struct vfs_stat st;
			int found = at.fs->ops->stat(at.fs, at.inner, &st);

			ret = found < 0 ? found : S_ISDIR(st.mode) ? ret : -ENOTDIR;
		}
		leave(&at);
	}
	return ret;
}

int vfs_rename(const char *from, const char *to)
{
	struct place source;
	struct place target;
	int ret = holds_mount(from) || holds_mount(to) ? -EBUSY : enter(from, &source);

	if (ret < 0) {
		return ret;
	}
	ret = enter(to, &target);
	if (ret == 0) {
		if (source.fs != target.fs) {
			ret = -EXDEV;
		} else if (cannot(&source, source.fs->ops->rename == NULL)) {
			ret = -EROFS;
		} else {
			ret = source.fs->ops->rename(source.fs, source.inner, target.inner);
		}
		leave(&target);
	}
	leave(&source);
	return ret;
}

int vfs_chmod(const char *path, uint32_t mode)
{
	struct place at;
	int ret = enter(path, &at);

	if (ret == 0) {
		ret = cannot(&at, at.fs->ops->chmod == NULL)
			      ? -EROFS
			      : at.fs->ops->chmod(at.fs, at.inner, mode);
		leave(&at);
	}
	return ret;
}

int vfs_utimens(const char *path, int64_t atime_ns, int64_t mtime_ns)
{
	struct place at;
	int ret = enter(path, &at);

	if (ret == 0) {
		ret = cannot(&at, at.fs->ops->utimens == NULL)
			      ? -EROFS
			      : at.fs->ops->utimens(at.fs, at.inner, atime_ns, mtime_ns);
		leave(&at);
	}
	return ret;
}

int vfs_statvfs(const char *path, struct vfs_statvfs *st)
{
	struct place at;
	int ret = enter(path, &at);

	if (ret == 0) {
		ret = at.fs->ops->statvfs == NULL ? -ENOTSUP : at.fs->ops->statvfs(at.fs, st);
		leave(&at);
	}
	return ret;
}
