/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include "romfs.h"

/* A raw deflate stream, without zlib's header: what ZIP holds. */
#define RAW_WINDOW_BITS (-15)

/* An inflated file: one for all who have it open at the same time. */
struct romfs_data {
	struct romfs_data *next;
	uint32_t index;
	unsigned int users;
	uint8_t bytes[];
};

struct romfs_file {
	struct vfs_file base; /* must be first */
	uint32_t index;
	struct romfs_data *data; /* of a deflated file, from the first read on */
};

static const struct vfs_ops romfs_ops;

static struct romfs *romfs_of(const struct vfs_fs *fs)
{
	return fs->data;
}

static int compare_name(const struct romfs_image *image, const struct romfs_entry *entry,
			const char *name, size_t len)
{
	size_t common = entry->name_len < len ? entry->name_len : len;
	int order = memcmp(image->names + entry->name, name, common);

	if (order != 0) {
		return order;
	}
	return (entry->name_len > len) - (entry->name_len < len);
}

static int find_in(const struct romfs_image *image, uint32_t dir, const char *name, size_t len,
		   uint32_t *index)
{
	uint32_t low = image->entries[dir].data;
	uint32_t high = low + image->entries[dir].packed;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = compare_name(image, &image->entries[middle], name, len);

		if (order == 0) {
			*index = middle;
			return 0;
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return -ENOENT;
}

static int lookup(const struct romfs_image *image, uint32_t root, const char *path, uint32_t *index)
{
	*index = root;
	while (*path == '/') {
		path++;
	}
	while (*path != '\0') {
		size_t len = strcspn(path, "/");
		int ret;

		if (image->entries[*index].method != ROMFS_DIRECTORY) {
			return -ENOTDIR;
		}
		if (len > VFS_NAME_MAX) {
			return -ENAMETOOLONG;
		}
		ret = find_in(image, *index, path, len, index);
		if (ret < 0) {
			return ret;
		}
		path += len;
		while (*path == '/') {
			path++;
		}
	}
	return 0;
}

static void fill_stat(const struct romfs_image *image, uint32_t index, struct vfs_stat *st)
{
	const struct romfs_entry *entry = &image->entries[index];

	*st = (struct vfs_stat){
		.ino = (uint64_t)index + 1,
		.atime_ns = image->mtime_ns,
		.mtime_ns = image->mtime_ns,
		.ctime_ns = image->mtime_ns,
	};
	if (entry->method == ROMFS_DIRECTORY) {
		st->mode = S_IFDIR | 0555;
		st->nlink = 2;
	} else {
		st->mode = S_IFREG | 0444;
		st->nlink = 1;
		st->size = entry->size;
	}
}

static int romfs_open(const struct vfs_fs *fs, const char *path, int flags, uint32_t mode,
		      struct vfs_file **file)
{
	const struct romfs *rom = romfs_of(fs);
	struct romfs_file *opened;
	uint32_t index;
	bool directory;
	int ret;

	(void)mode;
	ret = lookup(rom->image, rom->root, path, &index);
	if (ret == -ENOENT && (flags & O_CREAT) != 0) {
		return -EROFS;
	}
	if (ret < 0) {
		return ret;
	}
	if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
		return -EEXIST;
	}
	directory = rom->image->entries[index].method == ROMFS_DIRECTORY;
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0) {
		return directory ? -EISDIR : -EROFS;
	}
#ifdef O_DIRECTORY
	if ((flags & O_DIRECTORY) != 0 && !directory) {
		return -ENOTDIR;
	}
#endif
	opened = calloc(1, sizeof(*opened));
	if (opened == NULL) {
		return -ENOMEM;
	}
	opened->base.fs = fs;
	opened->index = index;
	*file = &opened->base;
	return 0;
}

static int romfs_close(struct vfs_file *file)
{
	struct romfs_file *opened = (struct romfs_file *)file;
	struct romfs *rom = romfs_of(file->fs);

	vfs_lock(&rom->lock);
	if (opened->data != NULL && --opened->data->users == 0) {
		struct romfs_data **link = &rom->open;

		while (*link != opened->data) {
			link = &(*link)->next;
		}
		*link = opened->data->next;
		free(opened->data);
	}
	vfs_unlock(&rom->lock);
	free(opened);
	return 0;
}

static int inflate_entry(const struct romfs_image *image, const struct romfs_entry *entry,
			 uint8_t *out)
{
	z_stream stream = {
		.next_in = (z_const Bytef *)(image->archive + entry->data),
		.avail_in = entry->packed,
		.next_out = out,
		.avail_out = entry->size,
	};
	int ret;

	if (inflateInit2(&stream, RAW_WINDOW_BITS) != Z_OK) {
		return -ENOMEM;
	}
	/* All at once: zlib then needs no window of its own. */
	ret = inflate(&stream, Z_FINISH);
	(void)inflateEnd(&stream);
	if (ret == Z_MEM_ERROR) {
		return -ENOMEM;
	}
	if (ret != Z_STREAM_END || stream.total_out != entry->size ||
	    crc32(crc32(0, Z_NULL, 0), out, entry->size) != entry->crc) {
		return -EIO;
	}
	return 0;
}

/* Give an open file its contents, from another one that has the same file open if there is. */
static int load(struct romfs *rom, struct romfs_file *opened)
{
	const struct romfs_entry *entry = &rom->image->entries[opened->index];
	struct romfs_data *data;
	int ret;

	for (data = rom->open; data != NULL; data = data->next) {
		if (data->index == opened->index) {
			data->users++;
			opened->data = data;
			return 0;
		}
	}
	data = malloc(sizeof(*data) + entry->size);
	if (data == NULL) {
		return -ENOMEM;
	}
	ret = inflate_entry(rom->image, entry, data->bytes);
	if (ret < 0) {
		free(data);
		return ret;
	}
	data->index = opened->index;
	data->users = 1;
	data->next = rom->open;
	rom->open = data;
	opened->data = data;
	return 0;
}

static ssize_t romfs_pread(struct vfs_file *file, void *buf, size_t size, int64_t pos)
{
	struct romfs_file *opened = (struct romfs_file *)file;
	struct romfs *rom = romfs_of(file->fs);
	const struct romfs_entry *entry = &rom->image->entries[opened->index];
	const uint8_t *bytes;

	if (entry->method == ROMFS_DIRECTORY) {
		return -EISDIR;
	}
	if (pos < 0) {
		return -EINVAL;
	}
	if (pos >= entry->size || size == 0) {
		return 0;
	}
	if (entry->method == ROMFS_STORED) {
		bytes = rom->image->archive + entry->data;
	} else if (entry->method == ROMFS_DEFLATED) {
		int ret = 0;

		vfs_lock(&rom->lock);
		if (opened->data == NULL) {
			ret = load(rom, opened);
		}
		vfs_unlock(&rom->lock);
		if (ret < 0) {
			return ret;
		}
		bytes = opened->data->bytes;
	} else {
		return -EIO;
	}
	if (size > (size_t)(entry->size - pos)) {
		size = (size_t)(entry->size - pos);
	}
	memcpy(buf, bytes + pos, size);
	return (ssize_t)size;
}

static int romfs_sync(struct vfs_file *file)
{
	(void)file;
	return 0;
}

static int romfs_fstat(struct vfs_file *file, struct vfs_stat *st)
{
	fill_stat(romfs_of(file->fs)->image, ((struct romfs_file *)file)->index, st);
	return 0;
}

static int romfs_readdir(struct vfs_file *dir, uint64_t *cookie, struct vfs_dirent *entry)
{
	const struct romfs_image *image = romfs_of(dir->fs)->image;
	const struct romfs_entry *parent = &image->entries[((struct romfs_file *)dir)->index];
	const struct romfs_entry *child;

	if (parent->method != ROMFS_DIRECTORY) {
		return -ENOTDIR;
	}
	if (*cookie >= parent->packed) {
		return 0;
	}
	child = &image->entries[parent->data + *cookie];
	entry->ino = (uint64_t)parent->data + *cookie + 1;
	entry->type = child->method == ROMFS_DIRECTORY ? S_IFDIR : S_IFREG;
	memcpy(entry->name, image->names + child->name, child->name_len);
	entry->name[child->name_len] = '\0';
	(*cookie)++;
	return 1;
}

static int romfs_stat(const struct vfs_fs *fs, const char *path, struct vfs_stat *st)
{
	const struct romfs *rom = romfs_of(fs);
	uint32_t index;
	int ret = lookup(rom->image, rom->root, path, &index);

	if (ret < 0) {
		return ret;
	}
	fill_stat(rom->image, index, st);
	return 0;
}

/* For what would change a name: that it is missing is worth more than that nothing can change. */
static int refuse(const struct vfs_fs *fs, const char *path)
{
	const struct romfs *rom = romfs_of(fs);
	uint32_t index;
	int ret = lookup(rom->image, rom->root, path, &index);

	return ret < 0 ? ret : -EROFS;
}

static int romfs_mkdir(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	int ret = refuse(fs, path);

	(void)mode;
	if (ret == -EROFS) {
		return -EEXIST;
	}
	return ret == -ENOENT ? -EROFS : ret;
}

static int romfs_rename(const struct vfs_fs *fs, const char *from, const char *to)
{
	(void)to;
	return refuse(fs, from);
}

static int romfs_chmod(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	(void)mode;
	return refuse(fs, path);
}

static int romfs_utimens(const struct vfs_fs *fs, const char *path, int64_t atime_ns,
			 int64_t mtime_ns)
{
	(void)atime_ns;
	(void)mtime_ns;
	return refuse(fs, path);
}

static int romfs_statvfs(const struct vfs_fs *fs, struct vfs_statvfs *st)
{
	*st = (struct vfs_statvfs){
		.block_size = 1,
		.blocks = romfs_of(fs)->image->archive_size,
	};
	return 0;
}

static const struct vfs_ops romfs_ops = {
	.open = romfs_open,
	.close = romfs_close,
	.pread = romfs_pread,
	.sync = romfs_sync,
	.fstat = romfs_fstat,
	.readdir = romfs_readdir,
	.stat = romfs_stat,
	.unlink = refuse,
	.mkdir = romfs_mkdir,
	.rmdir = refuse,
	.rename = romfs_rename,
	.chmod = romfs_chmod,
	.utimens = romfs_utimens,
	.statvfs = romfs_statvfs,
};

int romfs_init(struct vfs_fs *fs, struct romfs *rom, const struct romfs_image *image,
	       const char *top)
{
	uint32_t index;
	int ret = lookup(image, 0, top, &index);

	if (ret < 0) {
		return ret;
	}
	if (image->entries[index].method != ROMFS_DIRECTORY) {
		return -ENOTDIR;
	}
	*rom = (struct romfs){.image = image, .root = index};
	vfs_lock_init(&rom->lock);
	*fs = (struct vfs_fs){.ops = &romfs_ops, .type = "romfs", .data = rom};
	return 0;
}
