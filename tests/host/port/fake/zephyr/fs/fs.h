/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Zephyr's file system API as far as zephyrfs.c uses it, for tests on the host.
 *
 * fake_fat.c implements it over a directory of the host, with the habits of Zephyr's FAT.
 */

#ifndef ZPY_TESTS_FAKE_FS_H_
#define ZPY_TESTS_FAKE_FS_H_

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_FILE_NAME 255

enum {
	FS_FATFS,
	FS_LITTLEFS,
	FS_EXT2
};
enum fs_dir_entry_type {
	FS_DIR_ENTRY_FILE,
	FS_DIR_ENTRY_DIR
};
enum {
	FS_SEEK_SET,
	FS_SEEK_CUR,
	FS_SEEK_END
};

#define FS_O_READ   0x01
#define FS_O_WRITE  0x02
#define FS_O_RDWR   (FS_O_READ | FS_O_WRITE)
#define FS_O_CREATE 0x10

struct fs_mount_t {
	int type;
};

struct fs_file_t {
	int fd;
	int slot;
};

struct fs_dir_t {
	void *dirp;
	const struct fs_mount_t *mp;
};

struct fs_dirent {
	enum fs_dir_entry_type type;
	char name[MAX_FILE_NAME + 1];
	size_t size;
};

struct fs_statvfs {
	unsigned long f_bsize;
	unsigned long f_frsize;
	unsigned long f_blocks;
	unsigned long f_bfree;
};

void fs_file_t_init(struct fs_file_t *file);
void fs_dir_t_init(struct fs_dir_t *dir);
int fs_open(struct fs_file_t *file, const char *path, int flags);
int fs_close(struct fs_file_t *file);
ssize_t fs_read(struct fs_file_t *file, void *buf, size_t size);
ssize_t fs_write(struct fs_file_t *file, const void *buf, size_t size);
int fs_seek(struct fs_file_t *file, off_t offset, int whence);
off_t fs_tell(struct fs_file_t *file);
int fs_truncate(struct fs_file_t *file, off_t size);
int fs_sync(struct fs_file_t *file);
int fs_opendir(struct fs_dir_t *dir, const char *path);
int fs_readdir(struct fs_dir_t *dir, struct fs_dirent *entry);
int fs_closedir(struct fs_dir_t *dir);
int fs_stat(const char *path, struct fs_dirent *entry);
int fs_unlink(const char *path);
int fs_rename(const char *from, const char *to);
int fs_mkdir(const char *path);
int fs_statvfs(const char *path, struct fs_statvfs *st);

/** The directory of the host that "/FAT:" shows, and the bytes that it holds. */
void fake_fat_mount(const char *directory, long capacity);

#endif /* ZPY_TESTS_FAKE_FS_H_ */
