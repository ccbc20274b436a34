/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Zephyr's FAT, faked over a directory of the host.
 *
 * It knows names by their letters whatever their case, removes the target of a rename first, says
 * ENOENT and EACCES where POSIX has better words, and opens few files. Where the real one would
 * damage the disk (the same file open twice, an open file removed or renamed), it ends the program.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zephyr/fs/fs.h>

#define POINT     "/FAT:"
#define OPEN_MAX_ 4

static const struct fs_mount_t mount = {.type = FS_FATFS};
static char base[PATH_MAX];
static long room;
static char open_paths[OPEN_MAX_][PATH_MAX];

void fake_fat_mount(const char *directory, long capacity)
{
	snprintf(base, sizeof(base), "%s", directory);
	room = capacity;
}

/* The host's path: each name as it is spelt on the disk, or as given when it is not there. */
static int translate(const char *path, char out[PATH_MAX])
{
	if (strncmp(path, POINT, strlen(POINT)) != 0) {
		return -ENOENT;
	}
	path += strlen(POINT);
	strcpy(out, base);
	while (*path == '/') {
		size_t len = strcspn(++path, "/");
		const struct dirent *entry;
		char name[NAME_MAX + 1];
		DIR *dir = opendir(out);

		if (dir == NULL) {
			return -ENOENT;
		}
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		while ((entry = readdir(dir)) != NULL) {
			if (strcasecmp(entry->d_name, name) == 0) {
				strcpy(name, entry->d_name);
				break;
			}
		}
		closedir(dir);
		strcat(strcat(out, "/"), name);
		path += len;
	}
	return 0;
}

static void must_be_closed(const char *path)
{
	for (int i = 0; i < OPEN_MAX_; i++) {
		if (open_paths[i][0] != '\0' && strncmp(open_paths[i], path, strlen(path)) == 0 &&
		    strchr("/", open_paths[i][strlen(path)]) != NULL) {
			fprintf(stderr, "%s is open\n", path);
			abort();
		}
	}
}

void fs_file_t_init(struct fs_file_t *file)
{
	*file = (struct fs_file_t){.fd = -1};
}

void fs_dir_t_init(struct fs_dir_t *dir)
{
	*dir = (struct fs_dir_t){0};
}

int fs_open(struct fs_file_t *file, const char *path, int flags)
{
	char host[PATH_MAX];
	struct stat st;
	int slot = 0;
	int ret = translate(path, host);

	if (ret < 0) {
		return ret;
	}
	if (stat(host, &st) == 0 && S_ISDIR(st.st_mode)) {
		return (flags & FS_O_CREATE) != 0 ? -EACCES : -ENOENT;
	}
	if (stat(host, &st) == 0 && (st.st_mode & 0200) == 0 && (flags & FS_O_WRITE) != 0) {
		return -EACCES;
	}
	must_be_closed(host);
	while (slot < OPEN_MAX_ && open_paths[slot][0] != '\0') {
		slot++;
	}
	if (slot == OPEN_MAX_) {
		return -ENOMEM;
	}
	file->fd = open(host, O_RDWR | ((flags & FS_O_CREATE) != 0 ? O_CREAT : 0), 0644);
	if (file->fd < 0) {
		return -ENOENT;
	}
	file->slot = slot;
	strcpy(open_paths[slot], host);
	return 0;
}

int fs_close(struct fs_file_t *file)
{
	open_paths[file->slot][0] = '\0';
	close(file->fd);
	return 0;
}

ssize_t fs_read(struct fs_file_t *file, void *buf, size_t size)
{
	return read(file->fd, buf, size);
}

ssize_t fs_write(struct fs_file_t *file, const void *buf, size_t size)
{
	struct stat st;
	off_t pos = lseek(file->fd, 0, SEEK_CUR);

	fstat(file->fd, &st);
	if (pos + (off_t)size > st.st_size) {
		long more = (long)(pos + (off_t)size - st.st_size);

		if (more > room) {
			size -= (size_t)(more - room);
			more = room;
		}
		room -= more;
	}
	return write(file->fd, buf, size);
}

int fs_seek(struct fs_file_t *file, off_t offset, int whence)
{
	struct stat st;

	fstat(file->fd, &st);
	if (whence == FS_SEEK_END) {
		offset += st.st_size;
	}
	if (offset < 0 || offset > st.st_size) {
		return -EINVAL;
	}
	return lseek(file->fd, offset, SEEK_SET) < 0 ? -EIO : 0;
}

off_t fs_tell(struct fs_file_t *file)
{
	return lseek(file->fd, 0, SEEK_CUR);
}

int fs_truncate(struct fs_file_t *file, off_t size)
{
	struct stat st;

	fstat(file->fd, &st);
	room += st.st_size - size;
	lseek(file->fd, size, SEEK_SET);
	return ftruncate(file->fd, size);
}

int fs_sync(struct fs_file_t *file)
{
	(void)file;
	return 0;
}

int fs_opendir(struct fs_dir_t *dir, const char *path)
{
	char host[PATH_MAX];
	int ret = translate(path, host);

	dir->dirp = ret < 0 ? NULL : opendir(host);
	dir->mp = &mount;
	return dir->dirp == NULL ? -ENOENT : 0;
}

int fs_readdir(struct fs_dir_t *dir, struct fs_dirent *entry)
{
	const struct dirent *host;

	do {
		host = readdir(dir->dirp);
	} while (host != NULL && host->d_name[0] == '.');
	entry->name[0] = '\0';
	if (host != NULL) {
		strcpy(entry->name, host->d_name);
		entry->type = host->d_type == DT_DIR ? FS_DIR_ENTRY_DIR : FS_DIR_ENTRY_FILE;
	}
	return 0;
}

int fs_closedir(struct fs_dir_t *dir)
{
	return closedir(dir->dirp);
}

int fs_stat(const char *path, struct fs_dirent *entry)
{
	char host[PATH_MAX];
	struct stat st;
	int ret = translate(path, host);

	if (ret < 0 || strcmp(path, POINT) == 0 || stat(host, &st) < 0) {
		return -ENOENT;
	}
	entry->type = S_ISDIR(st.st_mode) ? FS_DIR_ENTRY_DIR : FS_DIR_ENTRY_FILE;
	entry->size = (size_t)st.st_size;
	strcpy(entry->name, strrchr(host, '/') + 1);
	return 0;
}

int fs_unlink(const char *path)
{
	char host[PATH_MAX];
	struct stat st;
	int ret = translate(path, host);

	if (ret < 0 || stat(host, &st) < 0) {
		return -ENOENT;
	}
	must_be_closed(host);
	if (S_ISDIR(st.st_mode)) {
		return rmdir(host) < 0 ? -EACCES : 0;
	}
	room += st.st_size;
	return unlink(host) < 0 ? -EIO : 0;
}

int fs_rename(const char *from, const char *to)
{
	char host_from[PATH_MAX];
	char host_to[PATH_MAX];
	char written[PATH_MAX];
	struct stat st;
	int ret = translate(to, host_to);

	if (ret == 0 && stat(host_to, &st) == 0) {
		ret = fs_unlink(to);
	}
	if (ret == 0) {
		ret = translate(from, host_from);
	}
	if (ret < 0) {
		return ret;
	}
	if (stat(host_from, &st) < 0) {
		return -ENOENT;
	}
	must_be_closed(host_from);
	/* The new name is spelt as it was given. */
	snprintf(written, sizeof(written), "%s", host_to);
	strcpy(strrchr(written, '/'), strrchr(to, '/'));
	return rename(host_from, written) < 0 ? -EIO : 0;
}

int fs_mkdir(const char *path)
{
	char host[PATH_MAX];
	int ret = translate(path, host);

	if (ret < 0) {
		return ret;
	}
	return mkdir(host, 0755) == 0 ? 0 : errno == EEXIST ? -EEXIST : -ENOENT;
}

int fs_statvfs(const char *path, struct fs_statvfs *st)
{
	(void)path;
	*st = (struct fs_statvfs){512, 4096, 1000, (unsigned long)room / 4096};
	return 0;
}
