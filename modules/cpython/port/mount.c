/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Mounting at run time: makes file systems of all types, and frees them again.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>

#include "fs/devfs.h"
#include "fs/mounts.h"
#include "fs/overlay.h"
#include "fs/romfs.h"
#include "fs/tmpfs.h"
#include "port.h"
#include "storage.h"

struct mounted {
	struct mounted *next;
	struct vfs_fs fs;        /* what is in the mount table */
	const struct type *type; /* NULL: a registered one */
	char *source;
	char target[VFS_PATH_MAX];
	union {
		struct romfs rom;
		struct overlay overlay;
		struct storage_mount storage;
	} data;
};

/* A type of file system: the calls return 0 or a negative errno. */
struct type {
	const char *name;
	int (*make)(struct mounted *mounted, bool read_only);
	/** Before it leaves the mount table for good; NULL: nothing to do. */
	int (*unmake)(struct mounted *mounted);
};

static struct mounted *all;
static struct port_fs_type *registered;
static K_MUTEX_DEFINE(all_lock);

static int make_tmpfs(struct mounted *mounted, bool read_only)
{
	unsigned long limit = CONFIG_CPYTHON_TMPFS_SIZE;

	ARG_UNUSED(read_only);
	if (mounted->source[0] != '\0') {
		char *end;

		limit = strtoul(mounted->source, &end, 10);
		if (end == mounted->source || *end != '\0') {
			return -EINVAL;
		}
	}
	return tmpfs_init(&mounted->fs, limit);
}

static int unmake_tmpfs(struct mounted *mounted)
{
	return tmpfs_destroy(&mounted->fs);
}

static int make_romfs(struct mounted *mounted, bool read_only)
{
	ARG_UNUSED(read_only);
	return romfs_init(&mounted->fs, &mounted->data.rom, &zpy_romfs, mounted->source);
}

static int make_devfs(struct mounted *mounted, bool read_only)
{
	ARG_UNUSED(read_only);
	mounted->fs = devfs;
	return 0;
}

static int hold_layer(struct overlay_layer *layer, const char *path)
{
	char *name = port_path_absolute(path);
	int ret = name == NULL ? -errno : vfs_hold(name, &layer->fs, layer->top);

	free(name);
	return ret;
}

/* The source is "lower:upper"; without upper it is the directory that is mounted over. */
static int make_overlay(struct mounted *mounted, bool read_only)
{
	struct overlay *overlay = &mounted->data.overlay;
	char *colon = strchr(mounted->source, ':');
	struct vfs_stat st;
	int ret;

	ARG_UNUSED(read_only);
	if (colon != NULL) {
		*colon = '\0';
	}
	ret = vfs_stat(mounted->source, &st, NULL);
	if (ret == 0 && !S_ISDIR(st.mode)) {
		ret = -ENOTDIR;
	}
	if (ret == 0) {
		ret = hold_layer(&overlay->lower, mounted->source);
	}
	if (ret == 0) {
		ret = hold_layer(&overlay->upper, colon != NULL ? colon + 1 : mounted->target);
		if (ret < 0) {
			vfs_unhold(overlay->lower.fs);
		}
	}
	if (colon != NULL) {
		*colon = ':';
	}
	if (ret == 0) {
		overlay_init(&mounted->fs, overlay);
	}
	return ret;
}

static int unmake_overlay(struct mounted *mounted)
{
	vfs_unhold(mounted->data.overlay.upper.fs);
	vfs_unhold(mounted->data.overlay.lower.fs);
	return 0;
}

#ifdef CONFIG_FILE_SYSTEM
static int make_storage(struct mounted *mounted, bool read_only)
{
	return storage_mount(&mounted->fs, &mounted->data.storage, mounted->type->name,
			     mounted->source, read_only);
}

static int unmake_storage(struct mounted *mounted)
{
	return storage_umount(&mounted->data.storage);
}
#endif

static const struct type types[] = {
	{"tmpfs", make_tmpfs, unmake_tmpfs},
	{"romfs", make_romfs, NULL},
	{"devfs", make_devfs, NULL},
	{"overlay", make_overlay, unmake_overlay},
#ifdef CONFIG_FILE_SYSTEM_LITTLEFS
	{"littlefs", make_storage, unmake_storage},
#endif
#ifdef CONFIG_FAT_FILESYSTEM_ELM
	{"fat", make_storage, unmake_storage},
#endif
};

static const struct type *find_type(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			return &types[i];
		}
	}
	return NULL;
}

void port_mount_register(struct port_fs_type *type)
{
	const struct port_fs_type *known;

	k_mutex_lock(&all_lock, K_FOREVER);
	for (known = registered; known != NULL && known != type; known = known->next) {
	}
	if (known == NULL) {
		type->next = registered;
		registered = type;
	}
	k_mutex_unlock(&all_lock);
}

static int unmake(struct mounted *mounted)
{
	return mounted->type != NULL && mounted->type->unmake != NULL
		       ? mounted->type->unmake(mounted)
		       : 0;
}

static int mount_locked(struct mounted *mounted, const char *type, unsigned int flags)
{
	bool read_only = flags & PORT_MOUNT_READ_ONLY;
	int ret = -ENODEV; /* as mount(2) says it */

	mounted->type = find_type(type);
	if (mounted->type != NULL) {
		ret = mounted->type->make(mounted, read_only);
		mounted->fs.type = mounted->type->name;
	}
	for (const struct port_fs_type *other = registered;
	     mounted->type == NULL && other != NULL && ret < 0; other = other->next) {
		if (strcmp(other->name, type) == 0) {
			ret = other->make(&mounted->fs, mounted->source);
			mounted->fs.type = other->name;
		}
	}
	if (ret < 0) {
		return ret;
	}
	mounted->fs.read_only = read_only;
	ret = vfs_mount(mounted->target, &mounted->fs);
	if (ret < 0) {
		(void)unmake(mounted);
		return ret;
	}
	mounted->next = all;
	all = mounted;
	return 0;
}

int port_mount(const char *type, const char *source, const char *target, unsigned int flags)
{
	struct mounted *mounted = calloc(1, sizeof(*mounted));
	char *name = port_path_absolute(target);
	int ret = 0;

	if (mounted == NULL || name == NULL) {
		ret = mounted == NULL ? -ENOMEM : -errno;
	} else {
		strcpy(mounted->target, name);
		mounted->source = strdup(source);
		if (mounted->source == NULL) {
			ret = -ENOMEM;
		} else if (vfs_mounted_at(name) != NULL) {
			ret = -EBUSY;
		}
	}
	free(name);
	if (ret == 0) {
		k_mutex_lock(&all_lock, K_FOREVER);
		ret = mount_locked(mounted, type, flags);
		k_mutex_unlock(&all_lock);
	}
	if (ret < 0 && mounted != NULL) {
		free(mounted->source);
		free(mounted);
	}
	return ret;
}

static int umount_locked(const char *target)
{
	struct mounted **link = &all;
	struct mounted *mounted;
	int ret = -EBUSY;

	/* Who goes there from now on works in a directory that is gone, as after rmdir(). */
	if (vfs_mounted_at(target) == NULL || !port_directory_in_use(target)) {
		ret = vfs_umount(target);
	}
	if (ret < 0) {
		return ret;
	}
	while ((*link) != NULL && strcmp((*link)->target, target) != 0) {
		link = &(*link)->next;
	}
	mounted = *link;
	if (mounted == NULL) {
		return 0; /* not made here */
	}
	*link = mounted->next;
	ret = unmake(mounted);
	free(mounted->source);
	free(mounted);
	return ret;
}

int port_umount(const char *target)
{
	char *name = port_path_absolute(target);
	int ret;

	if (name == NULL) {
		return -errno;
	}
	if (strcmp(name, "/") == 0) {
		ret = -EBUSY;
	} else {
		k_mutex_lock(&all_lock, K_FOREVER);
		ret = umount_locked(name);
		k_mutex_unlock(&all_lock);
	}
	free(name);
	return ret;
}

struct each {
	int (*fn)(const struct port_mount_info *info, void *arg);
	void *arg;
};

static int tell(const char *point, const struct vfs_fs *fs, void *arg)
{
	const struct each *each = arg;
	struct port_mount_info info = {
		.target = point,
		.type = fs->type,
		.source = "",
		.read_only = vfs_is_read_only(fs),
	};

	for (const struct mounted *mounted = all; mounted != NULL; mounted = mounted->next) {
		if (&mounted->fs == fs) {
			info.source = mounted->source;
		}
	}
	return each->fn(&info, each->arg);
}

int port_mounts(int (*fn)(const struct port_mount_info *info, void *arg), void *arg)
{
	struct each each = {fn, arg};
	int ret;

	k_mutex_lock(&all_lock, K_FOREVER);
	ret = vfs_mounts(tell, &each);
	k_mutex_unlock(&all_lock);
	return ret;
}
