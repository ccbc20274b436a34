/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief /dev: the files that programs take for granted.
 */

#include "devfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static ssize_t read_nothing(void *buf, size_t size)
{
	(void)buf;
	(void)size;
	return 0;
}

static ssize_t read_zeros(void *buf, size_t size)
{
	memset(buf, 0, size);
	return size;
}

static ssize_t read_random(void *buf, size_t size)
{
	ssize_t ret = getrandom(buf, size, 0);

	return ret < 0 ? -errno : ret;
}

static const struct node {
	const char *name;
	ssize_t (*read)(void *buf, size_t size);
} nodes[] = {
	{"null", read_nothing},
	{"random", read_random},
	{"urandom", read_random},
	{"zero", read_zeros},
};

#define NODES (sizeof(nodes) / sizeof(nodes[0]))

struct file {
	struct vfs_file base;
	const struct node *node; /* NULL: the directory */
};

static int find(const char *path, const struct node **node)
{
	*node = NULL;
	if (strcmp(path, "/") == 0) {
		return 0;
	}
	for (size_t i = 0; i < NODES; i++) {
		if (strcmp(path + 1, nodes[i].name) == 0) {
			*node = &nodes[i];
			return 0;
		}
	}
	return -ENOENT;
}

static int devfs_open(const struct vfs_fs *fs, const char *path, int flags, uint32_t mode,
		      struct vfs_file **file)
{
	const struct node *node;
	struct file *opened;
	int ret = find(path, &node);

	(void)mode;
	if (ret != 0) {
		return flags & O_CREAT ? -EACCES : ret;
	}
	if ((flags & O_CREAT) && (flags & O_EXCL)) {
		return -EEXIST;
	}
	if (node == NULL && (flags & O_ACCMODE) != O_RDONLY) {
		return -EISDIR;
	}
	opened = malloc(sizeof(*opened));
	if (opened == NULL) {
		return -ENOMEM;
	}
	*opened = (struct file){.base.fs = fs, .node = node};
	*file = &opened->base;
	return 0;
}

static int devfs_close(struct vfs_file *file)
{
	free(file);
	return 0;
}

static ssize_t devfs_pread(struct vfs_file *file, void *buf, size_t size, int64_t pos)
{
	const struct node *node = ((struct file *)file)->node;

	(void)pos;
	return node == NULL ? -EISDIR : node->read(buf, size);
}

static ssize_t devfs_pwrite(struct vfs_file *file, const void *buf, size_t size, int64_t pos)
{
	(void)file;
	(void)buf;
	(void)pos;
	return size;
}

static void describe(const struct node *node, struct vfs_stat *st)
{
	*st = (struct vfs_stat){
		.mode = node == NULL ? S_IFDIR | 0755 : S_IFCHR | 0666,
		.nlink = 1,
		.ino = node == NULL ? 1 : 2 + (node - nodes),
	};
}

static int devfs_fstat(struct vfs_file *file, struct vfs_stat *st)
{
	describe(((struct file *)file)->node, st);
	return 0;
}

static int devfs_stat(const struct vfs_fs *fs, const char *path, struct vfs_stat *st)
{
	const struct node *node;
	int ret = find(path, &node);

	(void)fs;
	if (ret == 0) {
		describe(node, st);
	}
	return ret;
}

static int devfs_readdir(struct vfs_file *dir, uint64_t *cookie, struct vfs_dirent *entry)
{
	if (((struct file *)dir)->node != NULL) {
		return -ENOTDIR;
	}
	if (*cookie >= NODES) {
		return 0;
	}
	entry->ino = 2 + *cookie;
	entry->type = S_IFCHR;
	strcpy(entry->name, nodes[*cookie].name);
	(*cookie)++;
	return 1;
}

static int devfs_unlink(const struct vfs_fs *fs, const char *path)
{
	const struct node *node;
	int ret = find(path, &node);

	(void)fs;
	return ret != 0 ? ret : -EPERM;
}

static const struct vfs_ops ops = {
	.open = devfs_open,
	.close = devfs_close,
	.pread = devfs_pread,
	.pwrite = devfs_pwrite,
	.fstat = devfs_fstat,
	.readdir = devfs_readdir,
	.stat = devfs_stat,
	.unlink = devfs_unlink,
};

struct vfs_fs devfs = {.ops = &ops, .type = "devfs"};
