/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The virtio disks that were found; to use one, see <zephyr/storage/disk_access.h>.
 */

#ifndef ZPY_DRIVERS_VIRTIO_BLK_H_
#define ZPY_DRIVERS_VIRTIO_BLK_H_

#include <stddef.h>

/** @return The name of the disk with this number, counted from 0; NULL when there are no more. */
const char *zpy_virtio_blk_name(size_t index);

#endif /* ZPY_DRIVERS_VIRTIO_BLK_H_ */
