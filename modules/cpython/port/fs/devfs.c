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

#include "port.h"

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

static ssize_t read_console(void *buf, size_t size)
{
	return port_console_read(buf, size, K_FOREVER);
}

static ssize_t write_nothing(const void *buf, size_t size)
{
	(void)buf;
	return size;
}

static ssize_t write_full(const void *buf, size_t size)
{
	(void)buf;
	return size == 0 ? 0 : -ENOSPC;
}

/* A line ends as a terminal wants it. */
static ssize_t write_console(const void *buf, size_t size)
{
	const char *text = buf;
	const char *end = text + size;

	while (text < end) {
		const char *line = memchr(text, '\n', end - text);
		size_t part = (line == NULL ? end : line) - text;
		ssize_t ret = part == 0 ? 0 : port_console_write(text, part);

		if (ret >= 0 && line != NULL) {
			ret = port_console_write("\r\n", 2);
			part++;
		}
		if (ret < 0) {
			return ret;
		}
		text += part;
	}
	return size;
}

static const struct node {
	const char *name;
	ssize_t (*read)(void *buf, size_t size);
	ssize_t (*write)(const void *buf, size_t size);
} nodes[] = {
	{"console", read_console, write_console}, {"full", read_zeros, write_full},
	{"null", read_nothing, write_nothing},    {"random", read_random, write_nothing},
	{"urandom", read_random, write_nothing},  {"zero", read_zeros, write_nothing},
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
		size_t length = strlen(nodes[i].name);

		if (strncmp(path + 1, nodes[i].name, length) != 0) {
			continue;
		}
		if (path[1 + length] == '/') {
			return -ENOTDIR;
		}
		if (path[1 + length] == '\0') {
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
		return ret == -ENOENT && (flags & O_CREAT) ? -EACCES : ret;
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
	const struct node *node = ((struct file *)file)->node;

	(void)pos;
	return node == NULL ? -EISDIR : node->write(buf, size);
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
