/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Disks and flash partitions by name, and Zephyr's file systems on them.
 */

#include "storage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/devicetree.h>
#include <zephyr/kernel.h>

#ifdef CONFIG_DISK_ACCESS
#include <zephyr/storage/disk_access.h>
#endif
#ifdef CONFIG_FLASH_MAP
#include <zephyr/storage/flash_map.h>
#endif
#ifdef CONFIG_FILE_SYSTEM_LITTLEFS
#include <zephyr/fs/littlefs.h>
#endif
#ifdef CONFIG_FS_LITTLEFS_BLK_DEV
#include "littlefs_disk.h"
#endif
#ifdef CONFIG_FAT_FILESYSTEM_ELM
#include <ff.h>
#endif
#ifdef CONFIG_ZPY_DISK_VIRTIO
#include <zpy/drivers/virtio_blk.h>
#endif

#include "port.h"

/* Storages */

#ifdef CONFIG_FLASH_MAP
struct partition {
	const char *name;
	int id;
};

#define PARTITION(node)                                                                            \
	{DT_PROP_OR(node, label, DT_NODE_FULL_NAME(node)), DT_FIXED_PARTITION_ID(node)},
#define PARTITIONS(node) DT_FOREACH_CHILD(node, PARTITION)

static const struct partition partitions[] = {
	DT_FOREACH_STATUS_OKAY(fixed_partitions, PARTITIONS){NULL, -1},
};

static const struct partition *find_partition(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(partitions) - 1; i++) {
		if (strcmp(partitions[i].name, name) == 0) {
			return &partitions[i];
		}
	}
	return NULL;
}
#endif /* CONFIG_FLASH_MAP */

#ifdef CONFIG_DISK_ACCESS
#define DISK_NAME(node) DT_PROP(node, disk_name),

/* The disks that the devicetree names. Others name themselves. */
static const char *const disks[] = {
	DT_FOREACH_STATUS_OKAY(zephyr_ram_disk, DISK_NAME)
		DT_FOREACH_STATUS_OKAY(zephyr_flash_disk, DISK_NAME)
			DT_FOREACH_STATUS_OKAY(zephyr_sdmmc_disk, DISK_NAME)
				DT_FOREACH_STATUS_OKAY(zephyr_mmc_disk, DISK_NAME) NULL,
};

static const char *disk_name(size_t index)
{
	if (index < ARRAY_SIZE(disks) - 1) {
		return disks[index];
	}
#ifdef CONFIG_ZPY_DISK_VIRTIO
	return zpy_virtio_blk_name(index - (ARRAY_SIZE(disks) - 1));
#else
	return NULL;
#endif
}

static bool is_disk(const char *name)
{
	const char *candidate;

	for (size_t i = 0; (candidate = disk_name(i)) != NULL; i++) {
		if (strcmp(candidate, name) == 0) {
			return true;
		}
	}
	return false;
}

/* The size of its sectors and how many there are, after making it ready. */
static int measure_disk(const char *name, uint32_t *sector, uint32_t *count)
{
	int ret = disk_access_ioctl(name, DISK_IOCTL_CTRL_INIT, NULL);

	if (ret == 0) {
		ret = disk_access_ioctl(name, DISK_IOCTL_GET_SECTOR_SIZE, sector);
		if (ret == 0) {
			ret = disk_access_ioctl(name, DISK_IOCTL_GET_SECTOR_COUNT, count);
		}
		(void)disk_access_ioctl(name, DISK_IOCTL_CTRL_DEINIT, NULL);
	}
	return ret;
}
#endif /* CONFIG_DISK_ACCESS */

int port_storages(int (*fn)(const struct port_storage *storage, void *arg), void *arg)
{
	int ret = 0;

#ifdef CONFIG_DISK_ACCESS
	const char *name;

	for (size_t i = 0; ret == 0 && (name = disk_name(i)) != NULL; i++) {
		struct port_storage storage = {.name = name, .kind = "disk"};
		uint32_t sector;
		uint32_t count;

		if (measure_disk(name, &sector, &count) == 0) {
			storage.size = (uint64_t)sector * count;
		}
		ret = fn(&storage, arg);
	}
#endif
#ifdef CONFIG_FLASH_MAP
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(partitions) - 1; i++) {
		struct port_storage storage = {.name = partitions[i].name, .kind = "flash"};
		const struct flash_area *area;

		if (flash_area_open(partitions[i].id, &area) == 0) {
			storage.size = area->fa_size;
			flash_area_close(area);
			ret = fn(&storage, arg);
		}
	}
#endif
	ARG_UNUSED(fn);
	ARG_UNUSED(arg);
	return ret;
}

/* Where a file system has its first two blocks. */
#define BLANK_CHECKED 8192

static int is_even(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != bytes[0]) {
			return 0;
		}
	}
	return bytes[0] == 0x00 || bytes[0] == 0xff;
}

static int read_start(const char *name, uint8_t *bytes, size_t size)
{
	int ret = -ENODEV;

#ifdef CONFIG_FLASH_MAP
	const struct partition *partition = find_partition(name);

	if (partition != NULL) {
		const struct flash_area *area;

		ret = flash_area_open(partition->id, &area);
		if (ret == 0) {
			ret = flash_area_read(area, 0, bytes, MIN(size, area->fa_size));
			flash_area_close(area);
		}
		return ret;
	}
#endif
#ifdef CONFIG_DISK_ACCESS
	if (is_disk(name)) {
		uint32_t sector;
		uint32_t count;

		ret = measure_disk(name, &sector, &count);
		if (ret == 0) {
			ret = disk_access_ioctl(name, DISK_IOCTL_CTRL_INIT, NULL);
		}
		if (ret == 0) {
			ret = size % sector != 0
				      ? -EINVAL
				      : disk_access_read(name, bytes, 0, MIN(size / sector, count));
			(void)disk_access_ioctl(name, DISK_IOCTL_CTRL_DEINIT, NULL);
		}
	}
#endif
	ARG_UNUSED(bytes);
	ARG_UNUSED(size);
	return ret;
}

int port_storage_is_blank(const char *name)
{
	uint8_t *bytes = calloc(1, BLANK_CHECKED);
	int ret = bytes == NULL ? -ENOMEM : read_start(name, bytes, BLANK_CHECKED);

	if (ret == 0) {
		ret = is_even(bytes, BLANK_CHECKED);
	}
	free(bytes);
	return ret;
}

#ifdef CONFIG_FILE_SYSTEM_LITTLEFS

/* Everything that a littlefs needs besides the storage. */
struct littlefs_state {
	struct fs_littlefs fs;
	uint8_t *read_buffer;
	uint8_t *prog_buffer;
	uint8_t *lookahead_buffer;
#ifdef CONFIG_FS_LITTLEFS_BLK_DEV
	struct littlefs_disk disk; /* without a name: it is in a flash memory */
#endif
};

static void littlefs_free(struct littlefs_state *state)
{
	free(state->read_buffer);
	free(state->prog_buffer);
	free(state->lookahead_buffer);
#ifdef CONFIG_FS_LITTLEFS_BLK_DEV
	littlefs_disk_free(&state->disk);
#endif
	free(state);
}

/* Zephyr wants caches of one sector on a disk, and a lookahead of four. */
static int littlefs_sizes(const char *name, bool disk, struct lfs_config *cfg)
{
	cfg->read_size = CONFIG_FS_LITTLEFS_READ_SIZE;
	cfg->prog_size = CONFIG_FS_LITTLEFS_PROG_SIZE;
	cfg->cache_size = CONFIG_FS_LITTLEFS_CACHE_SIZE;
	cfg->lookahead_size = CONFIG_FS_LITTLEFS_LOOKAHEAD_SIZE;
#ifdef CONFIG_DISK_ACCESS
	if (disk) {
		uint32_t sector;
		uint32_t count;
		int ret = measure_disk(name, &sector, &count);

		if (ret < 0) {
			return ret;
		}
		if (sector > CONFIG_FS_LITTLEFS_CACHE_SIZE) {
			return -ENOTSUP; /* files have caches from a pool of this size */
		}
		cfg->cache_size = sector;
		cfg->lookahead_size = 4 * sector;
	}
#endif
	ARG_UNUSED(name);
	return 0;
}

static int littlefs_new(const char *name, bool disk, struct littlefs_state **made)
{
	struct littlefs_state *state = calloc(1, sizeof(*state));
	struct lfs_config *cfg = state == NULL ? NULL : &state->fs.cfg;
	int ret = state == NULL ? -ENOMEM : littlefs_sizes(name, disk, cfg);

	if (ret < 0) {
		free(state);
		return ret;
	}
	state->read_buffer = malloc(cfg->cache_size);
	state->prog_buffer = malloc(cfg->cache_size);
	state->lookahead_buffer = malloc(cfg->lookahead_size);
	if (state->read_buffer == NULL || state->prog_buffer == NULL ||
	    state->lookahead_buffer == NULL) {
		littlefs_free(state);
		return -ENOMEM;
	}
	cfg->read_buffer = state->read_buffer;
	cfg->prog_buffer = state->prog_buffer;
	cfg->lookahead_buffer = state->lookahead_buffer;
#ifdef CONFIG_FS_LITTLEFS_BLK_DEV
	if (disk && littlefs_disk_init(&state->disk, name, cfg->cache_size) < 0) {
		littlefs_free(state);
		return -ENOMEM;
	}
#endif
	*made = state;
	return 0;
}

/* What Zephyr takes for a littlefs storage: a disk's name or a partition's number. */
static int littlefs_device(const char *name, void **device, uint32_t *flags)
{
#ifdef CONFIG_FLASH_MAP
	const struct partition *partition = find_partition(name);

	if (partition != NULL) {
		*device = UINT_TO_POINTER(partition->id);
		*flags = 0;
		return 0;
	}
#endif
#if defined(CONFIG_DISK_ACCESS) && defined(CONFIG_FS_LITTLEFS_BLK_DEV)
	if (is_disk(name)) {
		*device = (void *)name;
		*flags = FS_MOUNT_FLAG_USE_DISK_ACCESS;
		return 0;
	}
#endif
	ARG_UNUSED(name);
	ARG_UNUSED(device);
	ARG_UNUSED(flags);
	return -ENODEV;
}

static int prepare_littlefs(struct storage_mount *mount)
{
	uint32_t flags;
	int ret = littlefs_device(mount->name, &mount->zephyr.storage_dev, &flags);
	struct littlefs_state *state = NULL;

	if (ret == 0) {
		ret = littlefs_new(mount->name, flags != 0, &state);
	}
	if (ret == 0) {
		mount->zephyr.type = FS_LITTLEFS;
		mount->zephyr.fs_data = &state->fs;
		mount->zephyr.flags |= flags;
		mount->state = state;
	}
	return ret;
}

static int format_littlefs(const char *name)
{
	struct littlefs_state *state;
	uint32_t flags;
	void *device;
	int ret = littlefs_device(name, &device, &flags);

	if (ret == 0) {
		ret = littlefs_new(name, flags != 0, &state);
	}
	if (ret == 0) {
		ret = fs_mkfs(FS_LITTLEFS, (uintptr_t)device, &state->fs, flags);
		littlefs_free(state);
	}
	return ret;
}

#endif /* CONFIG_FILE_SYSTEM_LITTLEFS */

#ifdef CONFIG_FAT_FILESYSTEM_ELM

/* FatFs has a fixed list of names for its volumes; a disk must have one of them. */
static bool is_fat_volume(const char *name)
{
#ifdef FF_VOLUME_STRS
	static const char *const names[FF_VOLUMES] = {FF_VOLUME_STRS};
#else
	const char *const *names = VolumeStr; /* Zephyr 4.2 has a variable */
#endif

	for (size_t i = 0; i < FF_VOLUMES; i++) {
		if (names[i] != NULL && strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static int prepare_fat(struct storage_mount *mount)
{
	if (!is_disk(mount->name) || !is_fat_volume(mount->name)) {
		return -ENODEV;
	}
	mount->state = calloc(1, sizeof(FATFS));
	if (mount->state == NULL) {
		return -ENOMEM;
	}
	mount->zephyr.type = FS_FATFS;
	mount->zephyr.fs_data = mount->state;
	snprintf(mount->point, sizeof(mount->point), "/%s:", mount->name);
	return 0;
}

static int format_fat(const char *name)
{
	char volume[16];

	if (!is_disk(name) || !is_fat_volume(name)) {
		return -ENODEV;
	}
	snprintf(volume, sizeof(volume), "%s:", name);
	return fs_mkfs(FS_FATFS, (uintptr_t)volume, NULL, 0);
}

#ifdef CONFIG_FS_FATFS_HAS_RTC
DWORD get_fattime(void)
{
	time_t now = vfs_now_ns() / NSEC_PER_SEC;
	struct tm tm;

	gmtime_r(&now, &tm);
	if (tm.tm_year < 80) {
		return 1 << 21 | 1 << 16; /* 1980-01-01 */
	}
	return (DWORD)(tm.tm_year - 80) << 25 | (DWORD)(tm.tm_mon + 1) << 21 |
	       (DWORD)tm.tm_mday << 16 | (DWORD)tm.tm_hour << 11 | (DWORD)tm.tm_min << 5 |
	       (DWORD)tm.tm_sec >> 1;
}
#endif

#endif /* CONFIG_FAT_FILESYSTEM_ELM */

#ifdef CONFIG_FILE_SYSTEM

static void free_state(struct storage_mount *mount)
{
#ifdef CONFIG_FILE_SYSTEM_LITTLEFS
	if (mount->zephyr.type == FS_LITTLEFS && mount->state != NULL) {
		littlefs_free(mount->state);
		return;
	}
#endif
	free(mount->state);
}

/* What is left to do when Zephyr has mounted it. */
static void use_state(struct storage_mount *mount)
{
#ifdef CONFIG_FS_LITTLEFS_BLK_DEV
	if (mount->zephyr.type == FS_LITTLEFS) {
		struct littlefs_state *state = mount->state;

		if (state->disk.name != NULL) {
			littlefs_disk_use(&state->disk, &state->fs.cfg);
		}
	}
#endif
	ARG_UNUSED(mount);
}

static int prepare(struct storage_mount *mount, const char *type)
{
#ifdef CONFIG_FILE_SYSTEM_LITTLEFS
	if (strcmp(type, "littlefs") == 0) {
		return prepare_littlefs(mount);
	}
#endif
#ifdef CONFIG_FAT_FILESYSTEM_ELM
	if (strcmp(type, "fat") == 0) {
		return prepare_fat(mount);
	}
#endif
	ARG_UNUSED(mount);
	ARG_UNUSED(type);
	return -ENODEV;
}

int storage_mount(struct vfs_fs *fs, struct storage_mount *mount, const char *type,
		  const char *name, bool read_only)
{
	static atomic_t number;
	int ret;

	if (strlen(name) >= sizeof(mount->name)) {
		return -ENODEV;
	}
	strcpy(mount->name, name);
	snprintf(mount->point, sizeof(mount->point), "/zpy%u", (unsigned int)atomic_inc(&number));
	mount->zephyr.mnt_point = mount->point;
	mount->zephyr.flags = FS_MOUNT_FLAG_NO_FORMAT | (read_only ? FS_MOUNT_FLAG_READ_ONLY : 0);
	ret = prepare(mount, type);
	if (ret < 0) {
		return ret;
	}
	ret = fs_mount(&mount->zephyr);
	if (ret == 0) {
		use_state(mount);
		ret = zephyrfs_init(fs, &mount->files, mount->point);
		if (ret == 0) {
			return 0;
		}
		(void)fs_unmount(&mount->zephyr);
	}
	free_state(mount);
	/* Each has its own word for what it does not recognise. */
	return ret == -EFAULT || ret == -ENOENT || ret == -EILSEQ || ret == -EBADMSG ? -EINVAL
										     : ret;
}

int storage_umount(struct storage_mount *mount)
{
	int ret = fs_unmount(&mount->zephyr);

	free_state(mount);
	return ret;
}

int port_format(const char *type, const char *source)
{
#ifdef CONFIG_FILE_SYSTEM_LITTLEFS
	if (strcmp(type, "littlefs") == 0) {
		return format_littlefs(source);
	}
#endif
#ifdef CONFIG_FAT_FILESYSTEM_ELM
	if (strcmp(type, "fat") == 0) {
		return format_fat(source);
	}
#endif
	return -ENODEV;
}

#else

int port_format(const char *type, const char *source)
{
	ARG_UNUSED(type);
	ARG_UNUSED(source);
	return -ENODEV;
}

#endif /* CONFIG_FILE_SYSTEM */
