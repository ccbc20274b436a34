/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief A disk below littlefs: sectors that are kept in memory, and commits smaller than a sector.
 *
 * Zephyr's own functions know whole sectors only. littlefs reads both halves of each pair of
 * metadata blocks of a directory, alternately, for each name that it looks for: with one cache
 * these are three requests a pair. And a commit that fills its block has to be followed by one that
 * copies the pair's whole contents, which takes the square of their number.
 *
 * Here what was read or written lately stays in memory, and what is written goes to the disk at
 * once. A commit is written together with the sector around it, whose earlier bytes do not change:
 * if power fails meanwhile and the disk leaves the sector half new, half old, the earlier commits
 * are whole.
 */

#include "littlefs_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/storage/disk_access.h>
#include <zephyr/sys/util.h>

/* What a commit is rounded up to, and the least that is copied from a sector. */
#define PIECE 256

static struct littlefs_slot *find(struct littlefs_disk *disk, uint32_t block)
{
	struct littlefs_slot *slot = &disk->slots[disk->last];

	if (slot->block != block || slot->used == 0) {
		for (slot = disk->slots; slot->block != block || slot->used == 0; slot++) {
			if (slot == &disk->slots[disk->count - 1]) {
				return NULL;
			}
		}
		disk->last = slot - disk->slots;
	}
	slot->used = ++disk->clock;
	return slot;
}

/* A slot for something else: an empty one, or the one that was not used for longest. */
static struct littlefs_slot *take(struct littlefs_disk *disk)
{
	struct littlefs_slot *oldest = &disk->slots[0];

	if (disk->clock > UINT32_MAX / 2) {
		/* It does not come round: all are forgotten first. */
		for (size_t i = 0; i < disk->count; i++) {
			disk->slots[i].used = 0;
		}
		disk->clock = 0;
	}
	for (size_t i = 1; i < disk->count && oldest->used > 0; i++) {
		if (disk->slots[i].used < oldest->used) {
			oldest = &disk->slots[i];
		}
	}
	oldest->used = 0;
	return oldest;
}

/* The sector in memory, read if it is not there. */
static int load(struct littlefs_disk *disk, uint32_t block, struct littlefs_slot **loaded)
{
	struct littlefs_slot *slot = find(disk, block);

	if (slot == NULL) {
		slot = take(disk);
		if (disk_access_read(disk->name, slot->data, block, 1) != 0) {
			return LFS_ERR_IO;
		}
		slot->block = block;
		slot->used = ++disk->clock;
		disk->last = slot - disk->slots;
	}
	*loaded = slot;
	return 0;
}

static int disk_read(const struct lfs_config *cfg, lfs_block_t block, lfs_off_t off, void *buffer,
		     lfs_size_t size)
{
	struct littlefs_slot *slot;
	int ret = load(cfg->context, block, &slot);

	if (ret == 0) {
		memcpy(buffer, slot->data + off, size);
	}
	return ret;
}

static int disk_prog(const struct lfs_config *cfg, lfs_block_t block, lfs_off_t off,
		     const void *buffer, lfs_size_t size)
{
	struct littlefs_disk *disk = cfg->context;
	struct littlefs_slot *slot = find(disk, block);

	if (slot == NULL && size == disk->sector) {
		/* A file's contents: littlefs has a cache of its own for them. */
		return disk_access_write(disk->name, buffer, block, 1) == 0 ? 0 : LFS_ERR_IO;
	}
	if (slot == NULL && load(disk, block, &slot) != 0) {
		return LFS_ERR_IO;
	}
	memcpy(slot->data + off, buffer, size);
	if (disk_access_write(disk->name, slot->data, block, 1) != 0) {
		slot->used = 0; /* nobody knows what is there now */
		return LFS_ERR_IO;
	}
	return 0;
}

static int disk_erase(const struct lfs_config *cfg, lfs_block_t block)
{
	ARG_UNUSED(cfg);
	ARG_UNUSED(block);
	return 0;
}

static int disk_sync(const struct lfs_config *cfg)
{
	const struct littlefs_disk *disk = cfg->context;

	return disk_access_ioctl(disk->name, DISK_IOCTL_CTRL_SYNC, NULL) == 0 ? 0 : LFS_ERR_IO;
}

int littlefs_disk_init(struct littlefs_disk *disk, const char *name, uint32_t sector)
{
	*disk = (struct littlefs_disk){.name = name, .sector = sector};
	/* All at once, so that the heap does not grow with what is read. Where it is small, less.
	 */
	disk->count = CONFIG_ZPY_LITTLEFS_CACHE;
	while ((disk->memory = malloc((size_t)disk->count * sector)) == NULL) {
		disk->count /= 2;
		if (disk->count == 0) {
			return -ENOMEM;
		}
	}
	for (size_t i = 0; i < disk->count; i++) {
		disk->slots[i].data = disk->memory + i * sector;
	}
	return 0;
}

void littlefs_disk_free(struct littlefs_disk *disk)
{
	free(disk->memory);
}

void littlefs_disk_use(struct littlefs_disk *disk, struct lfs_config *cfg)
{
	cfg->context = disk;
	cfg->read = disk_read;
	cfg->prog = disk_prog;
	cfg->erase = disk_erase;
	cfg->sync = disk_sync;
	/* Neither is written to the disk: it can be mounted with others. */
	cfg->read_size = MIN(PIECE, disk->sector);
	cfg->prog_size = MIN(PIECE, disk->sector);
}
