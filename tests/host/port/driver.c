/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Lets the tests call the port's file systems: one command a line in, one answer a line out.
 *
 * Words are separated by blanks; bytes that matter are written as %XX. An answer begins with the
 * result: 0, a count, or a negative errno. "fail N" makes the Nth allocation from then on and all
 * that follow return NULL, until "fail 0".
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zephyr/fs/fs.h>

#include "mounts.h"
#include "overlay.h"
#include "romfs.h"
#include "tmpfs.h"
#include "zephyrfs.h"

#define FILES 64
#define WORDS 8

static int64_t now_ns = 1000;
static long fail_at;
static struct vfs_file *files[FILES];

int64_t vfs_now_ns(void)
{
	return now_ns;
}

/* Allocation that fails on demand; the linker puts these in the place of the C library's. */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);

static bool fails(void)
{
	if (fail_at == 0) {
		return false;
	}
	if (fail_at > 1) {
		fail_at--;
		return false;
	}
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails() ? NULL : __real_realloc(memory, size);
}

/* Commands */

static void decode(char *word)
{
	char *out = word;

	for (; *word != '\0'; word++) {
		unsigned int byte;

		if (*word == '%' && sscanf(word + 1, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			word += 2;
		} else {
			*out++ = *word;
		}
	}
	*out = '\0';
}

static void print_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text == '%' || *text == 127) {
			printf("%%%02x", (unsigned char)*text);
		} else {
			putchar(*text);
		}
	}
}

static int do_mount(const char *type, const char *point, const char *arg)
{
	struct vfs_fs *fs = __real_calloc(1, sizeof(*fs));
	void *data = NULL;
	int ret;

	if (strcmp(type, "tmpfs") == 0) {
		ret = tmpfs_init(fs, strtoul(arg, NULL, 0));
	} else if (strcmp(type, "fat") == 0) { /* arg: BYTES:DIRECTORY of the host */
		data = __real_calloc(1, sizeof(struct zephyrfs));
		fake_fat_mount(strchr(arg, ':') + 1, strtol(arg, NULL, 0));
		ret = zephyrfs_init(fs, data, "/FAT:");
	} else if (strcmp(type, "overlay") == 0) { /* arg: LOWER:UPPER */
		const char *colon = strchr(arg, ':');
		struct overlay *overlay = data = __real_calloc(1, sizeof(*overlay));
		char lower[VFS_PATH_MAX] = "";

		memcpy(lower, arg, colon - arg);
		ret = vfs_hold(lower, &overlay->lower.fs, overlay->lower.top);
		ret |= vfs_hold(colon + 1, &overlay->upper.fs, overlay->upper.top);
		overlay_init(fs, overlay);
	} else {
		data = __real_calloc(1, sizeof(struct romfs));
		ret = romfs_init(fs, data,
				 strcmp(type, "archive") == 0 ? &zpy_romfs_archive : &zpy_romfs,
				 arg);
	}
	if (ret == 0) {
		ret = vfs_mount(point, fs);
		if (ret < 0 && data == NULL) {
			(void)tmpfs_destroy(fs);
		}
	}
	if (ret < 0) {
		free(data);
		free(fs);
	}
	return ret;
}

static int do_umount(const char *point)
{
	const struct vfs_fs *fs = NULL;
	char inner[VFS_PATH_MAX];
	int ret = vfs_resolve(point, &fs, inner);

	if (ret == 0) {
		ret = vfs_umount(point);
	}
	if (ret == 0) {
		if (strcmp(fs->type, "tmpfs") == 0) {
			ret = tmpfs_destroy((struct vfs_fs *)fs);
		} else {
			if (strcmp(fs->type, "overlay") == 0) {
				struct overlay *overlay = fs->data;

				vfs_unhold(overlay->upper.fs);
				vfs_unhold(overlay->lower.fs);
			}
			free(fs->data);
		}
		free((void *)fs);
	}
	return ret;
}

static int do_layers(const char *path)
{
	const struct vfs_fs *fs;
	char inner[VFS_PATH_MAX];
	int ret = vfs_resolve(path, &fs, inner);

	return ret < 0 ? ret : overlay_layers(fs, inner);
}

static int do_read_only(const char *point)
{
	struct vfs_fs *fs = (struct vfs_fs *)vfs_mounted_at(point);

	if (fs == NULL) {
		return -EINVAL;
	}
	fs->read_only = true;
	return 0;
}

static int do_open(const char *path, int flags, uint32_t mode)
{
	struct vfs_file *file;
	int ret;

	for (int i = 0; i < FILES; i++) {
		if (files[i] == NULL) {
			ret = vfs_open(path, flags, mode, &file);
			if (ret == 0) {
				files[i] = file;
				ret = i;
			}
			return ret;
		}
	}
	return -EMFILE;
}

static void do_read(struct vfs_file *file, size_t size, int64_t pos)
{
	uint8_t *buf = __real_malloc(size + 1);
	ssize_t ret = file->fs->ops->pread(file, buf, size, pos);

	printf("%zd ", ret);
	for (ssize_t i = 0; i < ret; i++) {
		printf("%02x", buf[i]);
	}
	free(buf);
}

static ssize_t do_write(struct vfs_file *file, int64_t pos, const char *hex)
{
	size_t size = strlen(hex) / 2;
	uint8_t *buf = __real_malloc(size + 1);
	ssize_t ret;

	if (file->fs->ops->pwrite == NULL) {
		free(buf);
		return -EROFS;
	}
	for (size_t i = 0; i < size; i++) {
		unsigned int byte = 0;

		(void)sscanf(hex + 2 * i, "%2x", &byte);
		buf[i] = (uint8_t)byte;
	}
	ret = file->fs->ops->pwrite(file, buf, size, pos);
	free(buf);
	return ret;
}

/* Writes size bytes of one value. */
static ssize_t do_fill(struct vfs_file *file, int64_t pos, size_t size, int byte)
{
	uint8_t *buf = __real_malloc(size + 1);
	ssize_t ret;

	memset(buf, byte, size);
	ret = file->fs->ops->pwrite(file, buf, size, pos);
	free(buf);
	return ret;
}

static void print_stat(int ret, const struct vfs_stat *st)
{
	printf("%d", ret);
	if (ret == 0) {
		printf(" %o %u %" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, st->mode,
		       st->nlink, st->ino, st->size, st->atime_ns, st->mtime_ns, st->ctime_ns);
	}
}

static void do_list(const char *path)
{
	struct vfs_dirent entry;
	struct vfs_iter iter;
	struct vfs_file *dir;
	int ret = vfs_open(path, O_RDONLY | O_DIRECTORY, 0, &dir);

	if (ret < 0) {
		printf("%d", ret);
		return;
	}
	vfs_iter_init(&iter, path);
	printf("0");
	while ((ret = vfs_readdir(dir, &iter, &entry)) == 1) {
		printf(" %c:", entry.type == S_IFDIR ? 'd' : 'f');
		print_text(entry.name);
	}
	if (ret < 0) {
		printf(" error:%d", ret);
	}
	(void)vfs_release(dir);
}

static int print_mount(const char *point, const struct vfs_fs *fs, void *arg)
{
	(void)arg;
	printf(" %s:%s", fs->type, point);
	return 0;
}

/* Threads that work on files of their own, on one shared log, and on names they fight for. */

#define THREADS 4
#define ROUNDS  300

static void *work(void *arg)
{
	int id = (int)(intptr_t)arg;
	char path[64];
	char line[16];
	uint8_t back[100];

	for (int round = 0; round < ROUNDS; round++) {
		struct vfs_file *file;

		snprintf(path, sizeof(path), "/own%d.%d", id, round % 7);
		if (vfs_open(path, O_RDWR | O_CREAT | O_TRUNC, 0644, &file) < 0) {
			return "open";
		}
		for (int i = 0; i < 100; i++) {
			back[i] = (uint8_t)(id * 31 + round + i);
		}
		if (file->fs->ops->pwrite(file, back, 100, 4050) != 100) {
			return "write";
		}
		memset(back, 0, sizeof(back));
		if (file->fs->ops->pread(file, back, 100, 4050) != 100) {
			return "read";
		}
		for (int i = 0; i < 100; i++) {
			if (back[i] != (uint8_t)(id * 31 + round + i)) {
				return "contents";
			}
		}
		(void)vfs_release(file);
		if (vfs_open("/log", O_WRONLY | O_CREAT, 0644, &file) < 0) {
			return "log";
		}
		snprintf(line, sizeof(line), "%d %05d\n", id, round);
		if (file->fs->ops->pwrite(file, line, 8, VFS_APPEND) != 8) {
			return "append";
		}
		(void)vfs_release(file);
		(void)vfs_mkdir("/fight", 0755);
		(void)vfs_rename(path, "/fight/name");
		(void)vfs_unlink("/fight/name");
		(void)vfs_rmdir("/fight");
		if (vfs_open("/rom/top.txt", O_RDONLY, 0, &file) == 0) {
			if (file->fs->ops->pread(file, back, 1, 0) != 1) {
				return "rom";
			}
			(void)vfs_release(file);
		}
	}
	return NULL;
}

static void do_threads(void)
{
	pthread_t threads[THREADS];
	const char *what = "0";

	for (intptr_t i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, work, (void *)i) != 0) {
			abort();
		}
	}
	for (int i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		if (result != NULL) {
			what = result;
		}
	}
	printf("%s", what);
}

static void run(char *words[WORDS])
{
	const char *command = words[0];
	char path[VFS_PATH_MAX];
	struct vfs_statvfs statvfs;
	struct vfs_stat st;
	const struct vfs_fs *fs;
	int ret;

#define IS(name)      (strcmp(command, name) == 0)
#define NUM(word)     strtoll(words[word], NULL, 0)
#define FILE_OF(word) files[NUM(word)]
	if (IS("mount")) {
		printf("%d", do_mount(words[1], words[2], words[3]));
	} else if (IS("umount")) {
		printf("%d", do_umount(words[1]));
	} else if (IS("layers")) {
		printf("%d", do_layers(words[1]));
	} else if (IS("read_only")) {
		printf("%d", do_read_only(words[1]));
	} else if (IS("mounts")) {
		printf("0");
		(void)vfs_mounts(print_mount, NULL);
	} else if (IS("open")) {
		printf("%d", do_open(words[1], (int)NUM(2), (uint32_t)NUM(3)));
	} else if (IS("close")) {
		printf("%d", vfs_release(FILE_OF(1)));
		FILE_OF(1) = NULL;
	} else if (IS("pread")) {
		do_read(FILE_OF(1), (size_t)NUM(2), NUM(3));
	} else if (IS("pwrite")) {
		printf("%zd", do_write(FILE_OF(1), NUM(2), words[3]));
	} else if (IS("fill")) {
		printf("%zd", do_fill(FILE_OF(1), NUM(2), (size_t)NUM(3), (int)NUM(4)));
	} else if (IS("truncate")) {
		printf("%d", FILE_OF(1)->fs->ops->truncate(FILE_OF(1), NUM(2)));
	} else if (IS("sync")) {
		printf("%d", FILE_OF(1)->fs->ops->sync(FILE_OF(1)));
	} else if (IS("fstat")) {
		print_stat(FILE_OF(1)->fs->ops->fstat(FILE_OF(1), &st), &st);
	} else if (IS("stat")) {
		print_stat(vfs_stat(words[1], &st, NULL), &st);
	} else if (IS("list")) {
		do_list(words[1]);
	} else if (IS("next")) { /* one entry of an open directory: file, cookie */
		struct vfs_dirent entry;
		uint64_t cookie = (uint64_t)NUM(2);

		ret = FILE_OF(1)->fs->ops->readdir(FILE_OF(1), &cookie, &entry);
		printf("%d %" PRIu64 " ", ret, cookie);
		print_text(ret == 1 ? entry.name : "");
	} else if (IS("unlink")) {
		printf("%d", vfs_unlink(words[1]));
	} else if (IS("mkdir")) {
		printf("%d", vfs_mkdir(words[1], (uint32_t)NUM(2)));
	} else if (IS("rmdir")) {
		printf("%d", vfs_rmdir(words[1]));
	} else if (IS("rename")) {
		printf("%d", vfs_rename(words[1], words[2]));
	} else if (IS("chmod")) {
		printf("%d", vfs_chmod(words[1], (uint32_t)NUM(2)));
	} else if (IS("utimens")) {
		printf("%d", vfs_utimens(words[1], NUM(2), NUM(3)));
	} else if (IS("statvfs")) {
		ret = vfs_statvfs(words[1], &statvfs);
		printf("%d %" PRIu64 " %" PRIu64 " %" PRIu64, ret, statvfs.block_size,
		       statvfs.blocks, statvfs.blocks_free);
	} else if (IS("device")) {
		ret = vfs_resolve(words[1], &fs, path);
		printf("%" PRIu32, ret == 0 ? vfs_device(fs) : 0);
	} else if (IS("resolve")) {
		ret = vfs_resolve(words[1], &fs, path);
		printf("%d %s ", ret, ret == 0 ? fs->type : "-");
		print_text(ret == 0 ? path : "-");
	} else if (IS("normalise")) {
		ret = vfs_normalise(words[1], words[2], path);
		printf("%d ", ret);
		print_text(ret == 0 ? path : "");
	} else if (IS("now")) {
		now_ns = NUM(1);
		printf("0");
	} else if (IS("fail")) {
		fail_at = (long)NUM(1);
		printf("0");
	} else if (IS("threads")) {
		do_threads();
	} else {
		printf("what is %s?", command);
	}
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		char *words[WORDS] = {0};
		char *rest = line;
		int count = 0;

		line[len - 1] = '\0';
		for (char *word; count < WORDS && (word = strsep(&rest, " ")) != NULL;) {
			words[count++] = word;
		}
		for (int i = 0; i < count; i++) {
			decode(words[i]);
		}
		for (int i = count; i < WORDS; i++) {
			words[i] = "0";
		}
		run(words);
		putchar('\n');
		fflush(stdout);
	}
	free(line);
	return 0;
}
