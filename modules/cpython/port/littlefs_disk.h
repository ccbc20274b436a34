/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief A disk below littlefs: sectors that are kept in memory, and commits smaller than a sector.
 */

#ifndef ZPY_PORT_LITTLEFS_DISK_H_
#define ZPY_PORT_LITTLEFS_DISK_H_

#include <stdint.h>

#include <lfs.h>

struct littlefs_slot {
	uint8_t *data;
	uint32_t block;
	uint32_t used; /* when, by the disk's clock; 0: it holds nothing */
};

struct littlefs_disk {
	const char *name;
	uint32_t sector;
	uint32_t clock;
	uint32_t count; /* of slots */
	uint32_t last;  /* the slot that was wanted last */
	uint8_t *memory;
	struct littlefs_slot slots[CONFIG_ZPY_LITTLEFS_CACHE];
};

/** @param name of the disk; stays the caller's. @return 0 or -ENOMEM. */
int littlefs_disk_init(struct littlefs_disk *disk, const char *name, uint32_t sector);

void littlefs_disk_free(struct littlefs_disk *disk);

/** Has a littlefs that Zephyr has just mounted on the disk use this one in the place of Zephyr's.
 */
void littlefs_disk_use(struct littlefs_disk *disk, struct lfs_config *cfg);

#endif /* ZPY_PORT_LITTLEFS_DISK_H_ */
