/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A copy grows under this name, and gets its own when it is whole. */
#define PART_NAME ".~zpy-copy"

#define COPY_BLOCK 4096

struct overlay_file {
	struct vfs_file base;   /* must be first */
	struct vfs_file *upper; /* a file has one of the two, a directory one or both */
	struct vfs_file *lower;
	bool in_lower;   /* readdir: the upper names have been read */
	uint64_t cookie; /* readdir: in the layer that is being read */
	char path[];     /* of a directory */
};

/* What is at a path. */
struct look {
	struct vfs_stat st;
	bool upper;
	bool lower;
};

static struct overlay *overlay_of(const struct vfs_fs *fs)
{
	return fs->data;
}

static int join(const struct overlay_layer *layer, const char *path, const char *name,
		char out[VFS_PATH_MAX])
{
	const char *parts[] = {layer->top, path, "/", name};
	size_t len = 0;

	for (size_t i = 0; i < (name == NULL ? 2 : 4); i++) {
		size_t more = strlen(parts[i]);

		if (i < 2 && strcmp(parts[i], "/") == 0) {
			continue;
		}
		if (len + more >= VFS_PATH_MAX) {
			return -ENAMETOOLONG;
		}
		memcpy(&out[len], parts[i], more);
		len += more;
	}
	if (len == 0) {
		out[len++] = '/';
	}
	out[len] = '\0';
	return 0;
}

static int stat_in(const struct overlay_layer *layer, const char *path, const char *name,
		   struct vfs_stat *st)
{
	char full[VFS_PATH_MAX];
	int ret = join(layer, path, name, full);

	return ret < 0 ? ret : layer->fs->ops->stat(layer->fs, full, st);
}

/* The layers have numbers of their own. */
static void number(struct vfs_stat *st, bool upper)
{
	st->ino = st->ino << 1 | upper;
	if (!upper && S_ISREG(st->mode)) {
		st->mode |= 0200; /* it can be written to, here */
	}
}

static int look_at(const struct overlay *overlay, const char *path, struct look *look)
{
	struct vfs_stat below;
	int ret = stat_in(&overlay->upper, path, NULL, &look->st);

	*look = (struct look){.st = look->st};
	if (ret == -ENOENT) {
		ret = stat_in(&overlay->lower, path, NULL, &look->st);
		look->lower = ret == 0;
		number(&look->st, false);
		return ret;
	}
	if (ret < 0) {
		return ret;
	}
	look->upper = true;
	look->lower = stat_in(&overlay->lower, path, NULL, &below) == 0;
	number(&look->st, true);
	if (look->lower && S_ISDIR(look->st.mode) && S_ISDIR(below.mode)) {
		/* A directory stays the same one when something in it is copied up. */
		number(&below, false);
		look->st.ino = below.ino;
	}
	return 0;
}

/* Is there a directory for a new name? */
static int check_parent(const struct overlay *overlay, const char *path)
{
	char parent[VFS_PATH_MAX];
	struct look look;
	char *slash;
	int ret;

	strcpy(parent, path);
	slash = strrchr(parent, '/');
	if (slash == parent) {
		return 0;
	}
	*slash = '\0';
	ret = look_at(overlay, parent, &look);
	return ret == 0 && !S_ISDIR(look.st.mode) ? -ENOTDIR : ret;
}

/* Make the directories of the upper layer that lead to a path. full is scratch. */
static int make_way(const struct overlay *overlay, const char *path, char full[VFS_PATH_MAX])
{
	const struct vfs_fs *fs = overlay->upper.fs;
	int ret = join(&overlay->upper, path, NULL, full);
	struct vfs_stat st;

	if (ret < 0) {
		return ret;
	}
	for (char *slash = strchr(full + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ret = fs->ops->stat(fs, full, &st);
		if (ret == -ENOENT) {
			ret = fs->ops->mkdir == NULL ? -EROFS : fs->ops->mkdir(fs, full, 0755);
			ret = ret == -EEXIST ? 0 : ret; /* somebody else was faster */
		}
		*slash = '/';
		if (ret < 0) {
			return ret;
		}
	}
	return 0;
}

/* Copy the contents of one open file to another. */
static int copy_contents(struct vfs_file *from, struct vfs_file *to)
{
	uint8_t *block = malloc(COPY_BLOCK);
	int64_t pos = 0;
	ssize_t got = block == NULL ? -ENOMEM : 1;

	while (got > 0) {
		got = from->fs->ops->pread(from, block, COPY_BLOCK, pos);
		for (ssize_t done = 0; got > 0 && done < got;) {
			ssize_t put = to->fs->ops->pwrite(to, block + done, got - done, pos + done);

			if (put <= 0) {
				got = put == 0 ? -ENOSPC : put;
				break;
			}
			done += put;
		}
		pos += got;
	}
	free(block);
	return got;
}

static int copy_file(const struct overlay *overlay, const char *path, const struct vfs_stat *st)
{
	const struct vfs_fs *fs = overlay->upper.fs;
	char full[VFS_PATH_MAX];
	char part[VFS_PATH_MAX];
	struct vfs_file *from;
	struct vfs_file *to;
	int closed;
	int ret = make_way(overlay, path, full);

	if (ret < 0) {
		return ret;
	}
	strcpy(part, full);
	if (strrchr(part, '/') - part + sizeof(PART_NAME) >= VFS_PATH_MAX) {
		return -ENAMETOOLONG;
	}
	strcpy(strrchr(part, '/') + 1, PART_NAME);
	ret = join(&overlay->lower, path, NULL, full);
	if (ret == 0) {
		ret = overlay->lower.fs->ops->open(overlay->lower.fs, full, O_RDONLY, 0, &from);
	}
	if (ret < 0) {
		return ret;
	}
	ret = fs->ops->open(fs, part, O_WRONLY | O_CREAT | O_TRUNC, st->mode & 07777, &to);
	if (ret == 0) {
		ret = copy_contents(from, to);
		closed = fs->ops->close(to);
		ret = ret == 0 ? closed : ret;
		if (ret == 0 && fs->ops->utimens != NULL) {
			ret = fs->ops->utimens(fs, part, st->atime_ns, st->mtime_ns);
		}
		if (ret == 0) {
			(void)join(&overlay->upper, path, NULL, full); /* it has fitted before */
			ret = fs->ops->rename(fs, part, full);
		}
		if (ret < 0) {
			(void)fs->ops->unlink(fs, part);
		}
	}
	(void)overlay->lower.fs->ops->close(from);
	return ret;
}

/* Give the upper layer what only the lower one has: a file with its contents, or a directory. */
static int copy_up(struct overlay *overlay, const char *path)
{
	char full[VFS_PATH_MAX];
	struct look look;
	int ret;

	vfs_lock(&overlay->lock);
	ret = look_at(overlay, path, &look);
	if (ret == 0 && !look.upper) {
		if (S_ISDIR(look.st.mode)) {
			ret = make_way(overlay, path, full);
			if (ret == 0) {
				ret = overlay->upper.fs->ops->mkdir(overlay->upper.fs, full, 0755);
			}
		} else {
			ret = copy_file(overlay, path, &look.st);
		}
	}
	vfs_unlock(&overlay->lock);
	return ret;
}

static int open_in(const struct overlay_layer *layer, const char *path, int flags, uint32_t mode,
		   struct vfs_file **file)
{
	char full[VFS_PATH_MAX];
	int ret = join(layer, path, NULL, full);

	return ret < 0 ? ret : layer->fs->ops->open(layer->fs, full, flags, mode, file);
}

static int open_new(const struct overlay *overlay, const char *path, int flags, uint32_t mode,
		    struct vfs_file **file)
{
	char full[VFS_PATH_MAX];
	int ret = check_parent(overlay, path);

	if (ret == 0) {
		ret = make_way(overlay, path, full);
	}
	return ret < 0 ? ret : open_in(&overlay->upper, path, flags, mode, file);
}

static int open_file(struct overlay *overlay, const char *path, int flags,
		     struct overlay_file *opened, const struct look *look)
{
	bool write = (flags & O_ACCMODE) != O_RDONLY;
	int ret = 0;

	if (!look->upper && !write) {
		return open_in(&overlay->lower, path, flags & ~(O_CREAT | O_TRUNC), 0,
			       &opened->lower);
	}
	if (!look->upper && (flags & O_TRUNC)) {
		return open_new(overlay, path, flags | O_CREAT, look->st.mode & 07777,
				&opened->upper);
	}
	if (!look->upper) {
		ret = copy_up(overlay, path);
	}
	return ret < 0 ? ret : open_in(&overlay->upper, path, flags, 0, &opened->upper);
}

static int open_directory(const struct overlay *overlay, const char *path, int flags,
			  struct overlay_file *opened, const struct look *look)
{
	int ret = 0;

	if ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC))) {
		return -EISDIR;
	}
	if (look->upper) {
		ret = open_in(&overlay->upper, path, O_RDONLY, 0, &opened->upper);
	}
	if (ret == 0 && look->lower) {
		ret = open_in(&overlay->lower, path, O_RDONLY, 0, &opened->lower);
		if (ret < 0 && opened->upper != NULL) {
			(void)overlay->upper.fs->ops->close(opened->upper);
		}
	}
	return ret;
}

static int overlay_open(const struct vfs_fs *fs, const char *path, int flags, uint32_t mode,
			struct vfs_file **file)
{
	struct overlay *overlay = overlay_of(fs);
	struct overlay_file *opened = calloc(1, sizeof(*opened) + strlen(path) + 1);
	struct look look;
	int ret;

	if (opened == NULL) {
		return -ENOMEM;
	}
	ret = look_at(overlay, path, &look);
	if (ret == -ENOENT && (flags & O_CREAT)) {
		ret = open_new(overlay, path, flags, mode, &opened->upper);
	} else if (ret == 0 && (flags & O_CREAT) && (flags & O_EXCL)) {
		ret = -EEXIST;
	} else if (ret == 0 && S_ISDIR(look.st.mode)) {
		ret = open_directory(overlay, path, flags, opened, &look);
	} else if (ret == 0) {
		ret = open_file(overlay, path, flags, opened, &look);
	}
	if (ret < 0) {
		free(opened);
		return ret;
	}
	strcpy(opened->path, path);
	opened->base.fs = fs;
	*file = &opened->base;
	return 0;
}

static int overlay_close(struct vfs_file *file)
{
	struct overlay_file *opened = (struct overlay_file *)file;
	int ret = 0;

	if (opened->lower != NULL) {
		ret = opened->lower->fs->ops->close(opened->lower);
	}
	if (opened->upper != NULL) {
		ret = opened->upper->fs->ops->close(opened->upper);
	}
	free(opened);
	return ret;
}

/* The open file of the layer. */
static struct vfs_file *layer_file(struct vfs_file *file)
{
	struct overlay_file *opened = (struct overlay_file *)file;

	return opened->upper != NULL ? opened->upper : opened->lower;
}

static ssize_t overlay_pread(struct vfs_file *file, void *buf, size_t size, int64_t pos)
{
	struct vfs_file *inner = layer_file(file);

	return inner->fs->ops->pread(inner, buf, size, pos);
}

static ssize_t overlay_pwrite(struct vfs_file *file, const void *buf, size_t size, int64_t pos)
{
	struct vfs_file *inner = layer_file(file);

	if (inner->fs->ops->pwrite == NULL) {
		return -EROFS;
	}
	return inner->fs->ops->pwrite(inner, buf, size, pos);
}

static int overlay_truncate(struct vfs_file *file, int64_t size)
{
	struct vfs_file *inner = layer_file(file);

	return inner->fs->ops->truncate == NULL ? -EROFS : inner->fs->ops->truncate(inner, size);
}

static int overlay_sync(struct vfs_file *file)
{
	struct vfs_file *inner = layer_file(file);

	return inner->fs->ops->sync == NULL ? 0 : inner->fs->ops->sync(inner);
}

static int overlay_fstat(struct vfs_file *file, struct vfs_stat *st)
{
	struct overlay_file *opened = (struct overlay_file *)file;
	struct vfs_file *inner = layer_file(file);
	int ret = inner->fs->ops->fstat(inner, st);

	if (ret == 0) {
		struct look look;

		number(st, inner == opened->upper);
		if (S_ISDIR(st->mode) && look_at(overlay_of(file->fs), opened->path, &look) == 0) {
			*st = look.st;
		}
	}
	return ret;
}

static int overlay_readdir(struct vfs_file *dir, uint64_t *cookie, struct vfs_dirent *entry)
{
	struct overlay_file *opened = (struct overlay_file *)dir;
	const struct overlay *overlay = overlay_of(dir->fs);
	struct vfs_stat st;
	int ret = 0;

	if (*cookie == 0) {
		opened->cookie = 0;
		opened->in_lower = false;
	}
	while (!opened->in_lower) {
		ret = opened->upper == NULL ? 0
					    : opened->upper->fs->ops->readdir(
						      opened->upper, &opened->cookie, entry);
		if (ret < 0) {
			return ret;
		}
		if (ret == 0) {
			opened->in_lower = true;
			opened->cookie = 0;
		} else if (strcmp(entry->name, PART_NAME) != 0) {
			break;
		}
	}
	while (opened->in_lower) {
		if (opened->lower == NULL) {
			return 0;
		}
		ret = opened->lower->fs->ops->readdir(opened->lower, &opened->cookie, entry);
		if (ret <= 0 || opened->upper == NULL ||
		    stat_in(&overlay->upper, opened->path, entry->name, &st) < 0) {
			break;
		}
	}
	if (ret > 0) {
		entry->ino = entry->ino << 1 | !opened->in_lower;
		(*cookie)++;
	}
	return ret;
}

static int overlay_stat(const struct vfs_fs *fs, const char *path, struct vfs_stat *st)
{
	struct look look;
	int ret = look_at(overlay_of(fs), path, &look);

	*st = look.st;
	return ret;
}

/* What one of these functions does to a name of the upper layer. */
static int in_upper(const struct overlay *overlay, const char *path,
		    int (*call)(const struct vfs_fs *fs, const char *path))
{
	char full[VFS_PATH_MAX];
	int ret = join(&overlay->upper, path, NULL, full);

	if (ret == 0) {
		ret = call == NULL ? -EROFS : call(overlay->upper.fs, full);
	}
	return ret;
}

static int overlay_unlink(const struct vfs_fs *fs, const char *path)
{
	const struct overlay *overlay = overlay_of(fs);
	struct look look;
	int ret = look_at(overlay, path, &look);

	if (ret < 0) {
		return ret;
	}
	if (S_ISDIR(look.st.mode)) {
		return -EISDIR;
	}
	return look.upper ? in_upper(overlay, path, overlay->upper.fs->ops->unlink) : -EROFS;
}

static int overlay_rmdir(const struct vfs_fs *fs, const char *path)
{
	const struct overlay *overlay = overlay_of(fs);
	struct look look;
	int ret = look_at(overlay, path, &look);

	if (ret < 0) {
		return ret;
	}
	if (!S_ISDIR(look.st.mode)) {
		return -ENOTDIR;
	}
	if (strcmp(path, "/") == 0) {
		return -EBUSY;
	}
	return look.lower ? -ENOTEMPTY : in_upper(overlay, path, overlay->upper.fs->ops->rmdir);
}

static int overlay_mkdir(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	const struct overlay *overlay = overlay_of(fs);
	char full[VFS_PATH_MAX];
	struct look look;
	int ret = look_at(overlay, path, &look);

	if (ret != -ENOENT) {
		return ret == 0 ? -EEXIST : ret;
	}
	ret = check_parent(overlay, path);
	if (ret == 0) {
		ret = make_way(overlay, path, full);
	}
	if (ret == 0) {
		ret = overlay->upper.fs->ops->mkdir == NULL
			      ? -EROFS
			      : overlay->upper.fs->ops->mkdir(overlay->upper.fs, full, mode);
	}
	return ret;
}

static int overlay_rename(const struct vfs_fs *fs, const char *from, const char *to)
{
	const struct overlay *overlay = overlay_of(fs);
	const struct vfs_fs *upper = overlay->upper.fs;
	char old[VFS_PATH_MAX];
	char new[VFS_PATH_MAX];
	struct look source;
	struct look target;
	int ret = look_at(overlay, from, &source);
	int there = look_at(overlay, to, &target);

	if (ret == -ENOENT) {
		int parent = check_parent(overlay, from);

		ret = parent < 0 ? parent : ret;
	}
	if (ret == 0 && there < 0) {
		ret = there == -ENOENT ? check_parent(overlay, to) : there;
	}
	if (ret < 0) {
		return ret;
	}
	if (strcmp(from, to) == 0) {
		return 0;
	}
	if (!source.upper || (source.lower && S_ISDIR(source.st.mode))) {
		return -EROFS;
	}
	if (there == 0 && target.lower) {
		if (S_ISDIR(target.st.mode)) {
			return S_ISDIR(source.st.mode) ? -ENOTEMPTY : -EISDIR;
		}
		if (S_ISDIR(source.st.mode)) {
			return -ENOTDIR;
		}
	}
	ret = join(&overlay->upper, from, NULL, old);
	if (ret == 0) {
		ret = make_way(overlay, to, new);
	}
	if (ret == 0) {
		ret = upper->ops->rename == NULL ? -EROFS : upper->ops->rename(upper, old, new);
	}
	return ret;
}

/* The name in the upper layer of what is about to change, after copying it there. */
static int make_own(const struct vfs_fs *fs, const char *path, char full[VFS_PATH_MAX])
{
	struct overlay *overlay = overlay_of(fs);
	int ret = copy_up(overlay, path);

	return ret < 0 ? ret : join(&overlay->upper, path, NULL, full);
}

static int overlay_chmod(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	const struct vfs_fs *upper = overlay_of(fs)->upper.fs;
	char full[VFS_PATH_MAX];
	int ret = make_own(fs, path, full);

	if (ret == 0) {
		ret = upper->ops->chmod == NULL ? -EROFS : upper->ops->chmod(upper, full, mode);
	}
	return ret;
}

static int overlay_utimens(const struct vfs_fs *fs, const char *path, int64_t atime_ns,
			   int64_t mtime_ns)
{
	const struct vfs_fs *upper = overlay_of(fs)->upper.fs;
	char full[VFS_PATH_MAX];
	int ret = make_own(fs, path, full);

	if (ret == 0) {
		ret = upper->ops->utimens == NULL
			      ? -EROFS
			      : upper->ops->utimens(upper, full, atime_ns, mtime_ns);
	}
	return ret;
}

static int overlay_statvfs(const struct vfs_fs *fs, struct vfs_statvfs *st)
{
	const struct vfs_fs *upper = overlay_of(fs)->upper.fs;

	return upper->ops->statvfs == NULL ? -ENOTSUP : upper->ops->statvfs(upper, st);
}

static const struct vfs_ops overlay_ops = {
	.open = overlay_open,
	.close = overlay_close,
	.pread = overlay_pread,
	.pwrite = overlay_pwrite,
	.truncate = overlay_truncate,
	.sync = overlay_sync,
	.fstat = overlay_fstat,
	.readdir = overlay_readdir,
	.stat = overlay_stat,
	.unlink = overlay_unlink,
	.mkdir = overlay_mkdir,
	.rmdir = overlay_rmdir,
	.rename = overlay_rename,
	.chmod = overlay_chmod,
	.utimens = overlay_utimens,
	.statvfs = overlay_statvfs,
};

void overlay_init(struct vfs_fs *fs, struct overlay *overlay)
{
	vfs_lock_init(&overlay->lock);
	*fs = (struct vfs_fs){.ops = &overlay_ops, .type = "overlay", .data = overlay};
}

int overlay_layers(const struct vfs_fs *fs, const char *path)
{
	struct look look;
	int ret;

	if (fs->ops != &overlay_ops) {
		return -EINVAL;
	}
	ret = look_at(overlay_of(fs), path, &look);
	if (ret < 0) {
		return ret;
	}
	return (look.upper ? OVERLAY_UPPER : 0) | (look.lower ? OVERLAY_LOWER : 0);
}
