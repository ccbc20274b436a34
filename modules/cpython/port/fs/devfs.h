/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief /dev: the files that programs take for granted, and the console.
 */

#ifndef ZPY_PORT_FS_DEVFS_H_
#define ZPY_PORT_FS_DEVFS_H_

#include "vfs.h"

/** The one of its kind. */
extern struct vfs_fs devfs;

#endif /* ZPY_PORT_FS_DEVFS_H_ */
