/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_SYS_STATVFS_H_
#define ZPY_PORT_SYS_STATVFS_H_

#include <stdint.h>

struct statvfs {
	unsigned long f_bsize;
	unsigned long f_frsize;
	uint64_t f_blocks;
	uint64_t f_bfree;
	uint64_t f_bavail;
	uint64_t f_files;
	uint64_t f_ffree;
	uint64_t f_favail;
	unsigned long f_fsid;
	unsigned long f_flag;
	unsigned long f_namemax;
};

#define ST_RDONLY 1
#define ST_NOSUID 2

int statvfs(const char *path, struct statvfs *st);
int fstatvfs(int fd, struct statvfs *st);

#endif /* ZPY_PORT_SYS_STATVFS_H_ */
