/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <zephyr/fs/fs.h>

#include "zephyrfs.h"

/* The largest offset that Zephyr's off_t holds. */
#define OFFSET_MAX (sizeof(off_t) == 8 ? INT64_MAX : (int64_t)INT32_MAX)

/* Added to a name that is put aside while another file takes its place. */
#define ASIDE ".~zpy"

/* A file that is open, once for all who have it open. */
struct zephyrfs_node {
	struct zephyrfs_node *next;
	struct fs_file_t file;
	int64_t size;
	int64_t pos; /* where file stands; -1: unknown */
	unsigned int users;
	int write_error; /* why it is open for reading only; 0: it is not */
	bool written;    /* since the last sync */
	uint64_t ino;
	char path[]; /* within the mount */
};

/* What a directory held when it was first read: Zephyr's own iterators are few. */
struct listing {
	size_t count;
	size_t size;
	char *names; /* each preceded by 'd' or 'f' and followed by NUL */
};

struct zephyrfs_file {
	struct vfs_file base;       /* must be first */
	struct zephyrfs_node *node; /* NULL: a directory */
	struct listing listing;
	size_t offset; /* in listing.names, of entry number index */
	uint64_t index;
	char path[]; /* of a directory */
};

static struct zephyrfs *zephyrfs_of(const struct vfs_fs *fs)
{
	return fs->data;
}

/* Numbers and times of files */

static bool folds_case(const struct zephyrfs *zfs)
{
	return zfs->type == FS_FATFS;
}

static bool same_path(const struct zephyrfs *zfs, const char *one, const char *two)
{
	return (folds_case(zfs) ? strcasecmp(one, two) : strcmp(one, two)) == 0;
}

static bool starts_with(const struct zephyrfs *zfs, const char *path, const char *start, size_t len)
{
	return (folds_case(zfs) ? strncasecmp(path, start, len) : strncmp(path, start, len)) == 0;
}

/* A path is all that tells a file from others. */
static uint64_t number_of(const struct zephyrfs *zfs, const char *path)
{
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a */

	for (; *path != '\0'; path++) {
		uint8_t byte = (uint8_t)*path;

		if (folds_case(zfs) && byte >= 'A' && byte <= 'Z') {
			byte |= 0x20;
		}
		hash = (hash ^ byte) * 1099511628211ULL;
	}
	return hash | 1;
}

static void set_time(struct zephyrfs *zfs, uint64_t ino, int64_t time_ns)
{
	size_t i;

	for (i = 0; i < ZEPHYRFS_TIMES && zfs->times_of[i] != ino; i++) {
	}
	if (i == ZEPHYRFS_TIMES) {
		i = zfs->next_time;
		zfs->next_time = (i + 1) % ZEPHYRFS_TIMES;
	}
	zfs->times_of[i] = ino;
	zfs->times_ns[i] = time_ns;
}

static int64_t get_time(const struct zephyrfs *zfs, uint64_t ino)
{
	for (size_t i = 0; i < ZEPHYRFS_TIMES; i++) {
		if (zfs->times_of[i] == ino) {
			return zfs->times_ns[i];
		}
	}
	return ZEPHYRFS_TIME_UNKNOWN;
}

static void names_changed(struct zephyrfs *zfs)
{
	zfs->names_changed_ns = vfs_now_ns();
}

/* Calls into Zephyr: paths get the mount point's before them */

static int join(const struct zephyrfs *zfs, char buffer[VFS_PATH_MAX], const char *path,
		const char *suffix)
{
	size_t point = strlen(zfs->point);
	size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);
	size_t more = strlen(suffix);

	if (point + len + more >= VFS_PATH_MAX) {
		return -ENAMETOOLONG;
	}
	memcpy(buffer, zfs->point, point);
	memcpy(buffer + point, path, len);
	memcpy(buffer + point + len, suffix, more + 1);
	return 0;
}

/* Is there a file at the path (S_IFREG), a directory (S_IFDIR), or what is wrong? */
static int kind_of(struct zephyrfs *zfs, const char *path, size_t *size)
{
	struct fs_dirent entry;
	int ret;

	if (strcmp(path, "/") == 0) {
		return S_IFDIR; /* FAT has no entry for it */
	}
	ret = join(zfs, zfs->path, path, "");
	if (ret == 0) {
		ret = fs_stat(zfs->path, &entry);
	}
	if (ret < 0) {
		return ret;
	}
	if (size != NULL) {
		*size = entry.size;
	}
	return entry.type == FS_DIR_ENTRY_DIR ? S_IFDIR : S_IFREG;
}

/* What a name that is not there means: some file systems do not say when a parent is a file. */
static int explain_missing(struct zephyrfs *zfs, const char *path)
{
	char parent[VFS_PATH_MAX];
	size_t len = strlen(path);
	char *slash;

	if (len >= sizeof(parent)) {
		return -ENAMETOOLONG;
	}
	memcpy(parent, path, len + 1);
	while ((slash = strrchr(parent, '/')) != NULL && slash != parent) {
		int kind;

		*slash = '\0';
		kind = kind_of(zfs, parent, NULL);
		if (kind >= 0) {
			return kind == S_IFDIR ? -ENOENT : -ENOTDIR;
		}
	}
	return -ENOENT;
}

/* littlefs says -ENOENT when a name is missing, and something else when a parent is a file. */
static bool tells_why(const struct zephyrfs *zfs)
{
	return zfs->type == FS_LITTLEFS;
}

/* kind_of() with POSIX's reasons. */
static int look_up(struct zephyrfs *zfs, const char *path, size_t *size)
{
	int kind = kind_of(zfs, path, size);

	/* ext2 and littlefs complain about the parent in other ways, too. */
	if ((kind == -ENOENT && !tells_why(zfs)) || kind == -EINVAL || kind == -ENOTDIR) {
		kind = explain_missing(zfs, path);
	}
	return kind;
}

/* The directory that a new name would go into must exist. */
static int check_parent(struct zephyrfs *zfs, const char *path)
{
	char parent[VFS_PATH_MAX];
	char *slash;
	int kind;

	if (strlen(path) >= sizeof(parent)) {
		return -ENAMETOOLONG;
	}
	strcpy(parent, path);
	slash = strrchr(parent, '/');
	if (slash == NULL || slash == parent) {
		return 0;
	}
	if (strlen(slash + 1) > MAX_FILE_NAME) {
		return -ENAMETOOLONG;
	}
	*slash = '\0';
	kind = look_up(zfs, parent, NULL);
	if (kind < 0) {
		return kind;
	}
	return kind == S_IFDIR ? 0 : -ENOTDIR;
}

/* Open files */

static struct zephyrfs_node *find_node(const struct zephyrfs *zfs, const char *path)
{
	struct zephyrfs_node *node;

	for (node = zfs->nodes; node != NULL; node = node->next) {
		if (same_path(zfs, node->path, path)) {
			break;
		}
	}
	return node;
}

/* Is this file open, or one in this directory? */
static bool in_use(const struct zephyrfs *zfs, const char *path)
{
	size_t len = strlen(path);

	for (const struct zephyrfs_node *node = zfs->nodes; node != NULL; node = node->next) {
		if (starts_with(zfs, node->path, path, len) &&
		    (node->path[len] == '\0' || node->path[len] == '/')) {
			return true;
		}
	}
	return false;
}

/* ext2 waits for ever for a free record when too many files and directories are open. */
static int check_room(const struct zephyrfs *zfs)
{
#ifdef CONFIG_FILE_SYSTEM_EXT2
	if (zfs->type == FS_EXT2 && zfs->node_count + 1 > CONFIG_MAX_FILES) {
		return -ENFILE;
	}
#endif
	(void)zfs;
	return 0;
}

/*
 * On a full disk, Zephyr 4.0's ext2 keeps a block that it has no place for, and from then on the
 * file can neither be closed nor its record be used again. So it never gets that far: what a new
 * block may take, with those that point to it, must be free.
 */
static int check_space(const struct zephyrfs *zfs)
{
	struct fs_statvfs below;
	int ret;

	if (zfs->type != FS_EXT2) {
		return 0;
	}
	ret = fs_statvfs(zfs->point, &below);
	if (ret == 0 && below.f_bfree < 4) {
		ret = -ENOSPC;
	}
	return ret;
}

static int seek_node(struct zephyrfs_node *node, int64_t pos)
{
	int ret = 0;

	if (node->pos != pos) {
		ret = fs_seek(&node->file, (off_t)pos, FS_SEEK_SET);
		node->pos = ret < 0 ? -1 : pos;
	}
	return ret;
}

/* Open a file below, for writing if that is possible: who comes later may want to write. */
static int open_node(struct zephyrfs *zfs, const char *path, bool create, bool write,
		     struct zephyrfs_node **opened)
{
	struct zephyrfs_node *node;
	size_t len = strlen(path);
	int ret = check_room(zfs);

	if (ret < 0) {
		return ret;
	}
	node = calloc(1, sizeof(*node) + len + 1);
	if (node == NULL) {
		return -ENOMEM;
	}
	memcpy(node->path, path, len + 1);
	node->ino = number_of(zfs, path);
	fs_file_t_init(&node->file);
	ret = join(zfs, zfs->path, path, "");
	if (ret == 0) {
		ret = fs_open(&node->file, zfs->path, FS_O_RDWR | (create ? FS_O_CREATE : 0));
	}
	if (ret == -EROFS || ret == -EACCES || ret == -EPERM) {
		node->write_error = ret == -EROFS ? -EROFS : -EACCES;
		ret = write ? node->write_error : fs_open(&node->file, zfs->path, FS_O_READ);
	}
	if (ret == 0) {
		off_t size = -1;

		ret = fs_seek(&node->file, 0, FS_SEEK_END);
		if (ret == 0) {
			size = fs_tell(&node->file);
			ret = size < 0 ? (int)size : 0;
		}
		node->size = size;
		node->pos = size;
		if (ret < 0) {
			(void)fs_close(&node->file);
		}
	}
	if (ret < 0) {
		free(node);
		return ret == -ENOENT && !tells_why(zfs) ? explain_missing(zfs, path) : ret;
	}
	node->next = zfs->nodes;
	zfs->nodes = node;
	zfs->node_count++;
	*opened = node;
	return 0;
}

static int sync_node(struct zephyrfs_node *node)
{
	int ret = 0;

	if (node->written) {
		ret = fs_sync(&node->file);
		node->written = ret < 0;
	}
	return ret;
}

static int close_node(struct zephyrfs *zfs, struct zephyrfs_node *node)
{
	struct zephyrfs_node **link = &zfs->nodes;
	int ret;

	if (--node->users > 0) {
		return sync_node(node); /* what was written is safe once its writer closes */
	}
	while (*link != node) {
		link = &(*link)->next;
	}
	*link = node->next;
	ret = fs_close(&node->file);
	/* Where closing fails, ext2 does not give the record back. */
	if (ret == 0 || zfs->type != FS_EXT2) {
		zfs->node_count--;
	}
	free(node);
	return ret;
}

/* Contents */

/*
 * How much of a transfer one call may do. Zephyr 4.0's ext2 writes all blocks of a call over its
 * first one, and reads whole blocks behind the end of the caller's buffer.
 */
static size_t part_of(const struct zephyrfs *zfs, size_t size, int64_t pos)
{
	size_t room = INT_MAX; /* Zephyr's results are ints */

	if (zfs->block_size != 0) {
		room = zfs->block_size - (size_t)(pos % (int64_t)zfs->block_size);
	}
	return size < room ? size : room;
}

static ssize_t read_node(struct zephyrfs *zfs, struct zephyrfs_node *node, uint8_t *data,
			 size_t size, int64_t pos)
{
	size_t done = 0;
	ssize_t ret = 0;

	while (done < size) {
		ret = seek_node(node, pos);
		if (ret < 0) {
			break;
		}
		ret = fs_read(&node->file, data + done, part_of(zfs, size - done, pos));
		if (ret <= 0) {
			node->pos = -1;
			break;
		}
		done += (size_t)ret;
		pos += ret;
		node->pos = pos;
	}
	return done == 0 ? ret : (ssize_t)done;
}

static ssize_t write_node(struct zephyrfs *zfs, struct zephyrfs_node *node, const uint8_t *data,
			  size_t size, int64_t pos)
{
	size_t done = 0;
	ssize_t ret = 0;

	while (done < size) {
		/* In whole blocks: see part_of(). */
		if (zfs->block_size != 0 && pos >= node->size &&
		    pos % (int64_t)zfs->block_size == 0) {
			ret = check_space(zfs);
		}
		if (ret >= 0) {
			ret = seek_node(node, pos);
		}
		if (ret < 0) {
			break;
		}
		ret = fs_write(&node->file, data + done, part_of(zfs, size - done, pos));
		if (ret <= 0) {
			node->pos = -1;
			ret = ret == 0 ? -ENOSPC : ret;
			break;
		}
		done += (size_t)ret;
		pos += ret;
		node->pos = pos;
		node->written = true;
		if (pos > node->size) {
			node->size = pos;
		}
	}
	if (done == 0) {
		return ret;
	}
	set_time(zfs, node->ino, vfs_now_ns());
	return (ssize_t)done;
}

static int shrink_node(struct zephyrfs *zfs, struct zephyrfs_node *node, int64_t size)
{
	int ret = fs_truncate(&node->file, (off_t)size);

	node->pos = -1;
	if (ret == 0) {
		node->size = size;
		node->written = true;
		set_time(zfs, node->ino, vfs_now_ns());
	}
	return ret;
}

/* Zeros up to a new end, or everything as it was. */
static int extend_node(struct zephyrfs *zfs, struct zephyrfs_node *node, int64_t size)
{
	static const uint8_t zeros[512];
	int64_t old_size = node->size;

	while (node->size < size) {
		/* From here on in whole sectors. */
		size_t part = sizeof(zeros) - (size_t)(node->size % (int64_t)sizeof(zeros));
		ssize_t ret;

		if ((int64_t)part > size - node->size) {
			part = (size_t)(size - node->size);
		}
		ret = write_node(zfs, node, zeros, part, node->size);
		if (ret < 0) {
			(void)shrink_node(zfs, node, old_size);
			return (int)ret;
		}
	}
	return 0;
}

static int open_locked(struct zephyrfs *zfs, const char *path, int flags,
		       struct zephyrfs_node **node)
{
	bool write = (flags & O_ACCMODE) != O_RDONLY;
	int kind;
	int ret;

	*node = find_node(zfs, path);
	kind = *node != NULL ? S_IFREG : look_up(zfs, path, NULL);
	if (kind == -ENOENT && (flags & O_CREAT) != 0) {
		ret = check_parent(zfs, path);
		if (ret == 0) {
			ret = check_space(zfs);
		}
		if (ret == 0) {
			ret = open_node(zfs, path, true, true, node);
		}
		if (ret == 0) {
			names_changed(zfs);
			set_time(zfs, (*node)->ino, vfs_now_ns());
		}
		return ret;
	}
	if (kind < 0) {
		return kind;
	}
	if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
		return -EEXIST;
	}
	if (kind == S_IFDIR) {
		return write || (flags & (O_CREAT | O_TRUNC)) != 0 ? -EISDIR : 0;
	}
#ifdef O_DIRECTORY
	if ((flags & O_DIRECTORY) != 0) {
		return -ENOTDIR;
	}
#endif
	if (*node == NULL) {
		ret = open_node(zfs, path, false, write, node);
		if (ret < 0) {
			return ret;
		}
	} else if (write && (*node)->write_error != 0) {
		return (*node)->write_error;
	}
	if (write && (flags & O_TRUNC) != 0) {
		ret = shrink_node(zfs, *node, 0);
		if (ret < 0 && (*node)->users == 0) {
			(*node)->users = 1;
			(void)close_node(zfs, *node);
		}
		return ret;
	}
	return 0;
}

static int zephyrfs_open(const struct vfs_fs *fs, const char *path, int flags, uint32_t mode,
			 struct vfs_file **file)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	struct zephyrfs_file *opened = calloc(1, sizeof(*opened) + strlen(path) + 1);
	int ret;

	(void)mode;
	if (opened == NULL) {
		return -ENOMEM;
	}
	vfs_lock(&zfs->lock);
	ret = open_locked(zfs, path, flags, &opened->node);
	if (ret == 0 && opened->node != NULL) {
		opened->node->users++;
	}
	vfs_unlock(&zfs->lock);
	if (ret < 0) {
		free(opened);
		return ret;
	}
	strcpy(opened->path, path);
	opened->base.fs = fs;
	*file = &opened->base;
	return 0;
}

static int zephyrfs_close(struct vfs_file *file)
{
	struct zephyrfs_file *opened = (struct zephyrfs_file *)file;
	struct zephyrfs *zfs = zephyrfs_of(file->fs);
	int ret = 0;

	if (opened->node != NULL) {
		vfs_lock(&zfs->lock);
		ret = close_node(zfs, opened->node);
		vfs_unlock(&zfs->lock);
	}
	free(opened->listing.names);
	free(opened);
	return ret;
}

static ssize_t zephyrfs_pread(struct vfs_file *file, void *buf, size_t size, int64_t pos)
{
	struct zephyrfs_node *node = ((struct zephyrfs_file *)file)->node;
	struct zephyrfs *zfs = zephyrfs_of(file->fs);
	ssize_t ret = 0;

	if (node == NULL) {
		return -EISDIR;
	}
	if (pos < 0) {
		return -EINVAL;
	}
	vfs_lock(&zfs->lock);
	if (pos < node->size) {
		if ((uint64_t)size > (uint64_t)(node->size - pos)) {
			size = (size_t)(node->size - pos);
		}
		ret = read_node(zfs, node, buf, size, pos);
	}
	vfs_unlock(&zfs->lock);
	return ret;
}

static ssize_t zephyrfs_pwrite(struct vfs_file *file, const void *buf, size_t size, int64_t pos)
{
	struct zephyrfs_node *node = ((struct zephyrfs_file *)file)->node;
	struct zephyrfs *zfs = zephyrfs_of(file->fs);
	ssize_t ret = 0;

	if (node == NULL) {
		return -EISDIR;
	}
	if (size > INT_MAX) {
		size = INT_MAX;
	}
	vfs_lock(&zfs->lock);
	if (pos == VFS_APPEND) {
		pos = node->size;
	}
	if (pos < 0) {
		ret = -EINVAL;
	} else if ((int64_t)size > OFFSET_MAX - pos) {
		ret = -EFBIG;
	} else if (size > 0) {
		int64_t old_size = node->size;

		ret = extend_node(zfs, node, pos);
		if (ret == 0) {
			ret = write_node(zfs, node, buf, size, pos);
			if (ret < 0 && node->size > old_size) {
				(void)shrink_node(zfs, node, old_size);
			}
		}
	}
	vfs_unlock(&zfs->lock);
	return ret;
}

static int zephyrfs_truncate(struct vfs_file *file, int64_t size)
{
	struct zephyrfs_node *node = ((struct zephyrfs_file *)file)->node;
	struct zephyrfs *zfs = zephyrfs_of(file->fs);
	int ret = 0;

	if (node == NULL || size < 0) {
		return -EINVAL;
	}
	if (size > OFFSET_MAX) {
		return -EFBIG;
	}
	vfs_lock(&zfs->lock);
	if (size > node->size) {
		ret = extend_node(zfs, node, size);
	} else if (size < node->size) {
		ret = shrink_node(zfs, node, size);
	}
	vfs_unlock(&zfs->lock);
	return ret;
}

static int zephyrfs_sync(struct vfs_file *file)
{
	struct zephyrfs_node *node = ((struct zephyrfs_file *)file)->node;
	struct zephyrfs *zfs = zephyrfs_of(file->fs);
	int ret = 0;

	if (node != NULL) {
		vfs_lock(&zfs->lock);
		ret = sync_node(node);
		vfs_unlock(&zfs->lock);
	}
	return ret;
}

static void fill_stat(const struct zephyrfs *zfs, int kind, const char *path, int64_t size,
		      struct vfs_stat *st)
{
	uint64_t ino = number_of(zfs, path);
	int64_t time_ns = kind == S_IFDIR ? zfs->names_changed_ns : get_time(zfs, ino);

	*st = (struct vfs_stat){
		.mode = (uint32_t)kind | (kind == S_IFDIR ? 0755 : 0644),
		.nlink = kind == S_IFDIR ? 2 : 1,
		.ino = ino,
		.size = kind == S_IFDIR ? 0 : size,
		.atime_ns = time_ns,
		.mtime_ns = time_ns,
		.ctime_ns = time_ns,
	};
}

static int zephyrfs_fstat(struct vfs_file *file, struct vfs_stat *st)
{
	const struct zephyrfs_file *opened = (struct zephyrfs_file *)file;
	const struct zephyrfs_node *node = opened->node;
	struct zephyrfs *zfs = zephyrfs_of(file->fs);

	vfs_lock(&zfs->lock);
	if (node != NULL) {
		fill_stat(zfs, S_IFREG, node->path, node->size, st);
	} else {
		fill_stat(zfs, S_IFDIR, opened->path, 0, st);
	}
	vfs_unlock(&zfs->lock);
	return 0;
}

/* Directories */

static int add_to_listing(struct listing *listing, const struct fs_dirent *entry)
{
	size_t len = strlen(entry->name) + 1;
	size_t room = 0;
	char *names;

	if (len > VFS_NAME_MAX + 1) {
		return 0; /* a name that no path can hold */
	}
	/* Powers of two: the memory that there is follows from the memory that is used. */
	for (room = 64; room < listing->size; room *= 2) {
	}
	if (listing->names == NULL || listing->size + 1 + len > room) {
		while (listing->size + 1 + len > room) {
			room *= 2;
		}
		names = realloc(listing->names, room);
		if (names == NULL) {
			return -ENOMEM;
		}
		listing->names = names;
	}
	listing->names[listing->size] = entry->type == FS_DIR_ENTRY_DIR ? 'd' : 'f';
	memcpy(&listing->names[listing->size + 1], entry->name, len);
	listing->size += 1 + len;
	listing->count++;
	return 0;
}

/* All names in a directory; or with listing NULL, whether there are any: 1 or 0. */
static int list_directory(struct zephyrfs *zfs, const char *path, struct listing *listing)
{
	struct fs_dirent entry;
	struct fs_dir_t dir;
	int ret = check_room(zfs);
	int closed;

	if (ret == 0) {
		ret = join(zfs, zfs->path, path, "");
	}
	if (ret < 0) {
		return ret;
	}
	fs_dir_t_init(&dir);
	ret = fs_opendir(&dir, zfs->path);
	if (ret < 0) {
		return ret;
	}
	do {
		ret = fs_readdir(&dir, &entry);
		if (ret < 0 || entry.name[0] == '\0') {
			break;
		}
		ret = listing == NULL ? 1 : add_to_listing(listing, &entry);
	} while (ret == 0);
	closed = fs_closedir(&dir);
	return ret != 0 ? ret : closed;
}

static int zephyrfs_readdir(struct vfs_file *dir, uint64_t *cookie, struct vfs_dirent *entry)
{
	struct zephyrfs_file *opened = (struct zephyrfs_file *)dir;
	struct zephyrfs *zfs = zephyrfs_of(dir->fs);
	const char *name;

	if (opened->node != NULL) {
		return -ENOTDIR;
	}
	if (*cookie == 0) {
		struct listing listing = {0};
		int ret;

		vfs_lock(&zfs->lock);
		ret = list_directory(zfs, opened->path, &listing);
		vfs_unlock(&zfs->lock);
		if (ret < 0) {
			free(listing.names);
			/* Removed since it was opened: nothing in it. */
			return ret == -ENOENT ? 0 : ret;
		}
		free(opened->listing.names);
		opened->listing = listing;
		opened->offset = 0;
		opened->index = 0;
	}
	if (*cookie >= opened->listing.count) {
		return 0;
	}
	if (*cookie < opened->index) {
		opened->offset = 0;
		opened->index = 0;
	}
	while (opened->index < *cookie) {
		opened->offset += strlen(&opened->listing.names[opened->offset]) + 1;
		opened->index++;
	}
	name = &opened->listing.names[opened->offset];
	entry->type = *name == 'd' ? S_IFDIR : S_IFREG;
	strcpy(entry->name, name + 1);
	entry->ino = opened->index + 1;
	(*cookie)++;
	return 1;
}

/* Names */

static int stat_locked(struct zephyrfs *zfs, const char *path, struct vfs_stat *st)
{
	/* Zephyr does not know yet what an open file has been given. */
	const struct zephyrfs_node *node = find_node(zfs, path);
	size_t size = 0;
	int kind = node != NULL ? S_IFREG : look_up(zfs, path, &size);

	if (kind < 0) {
		return kind;
	}
	fill_stat(zfs, kind, path, node != NULL ? node->size : (int64_t)size, st);
	return 0;
}

static int zephyrfs_stat(const struct vfs_fs *fs, const char *path, struct vfs_stat *st)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	int ret;

	vfs_lock(&zfs->lock);
	ret = stat_locked(zfs, path, st);
	vfs_unlock(&zfs->lock);
	return ret;
}

/* Remove what is at a path of which only Zephyr's part is left to do. */
static int remove_below(struct zephyrfs *zfs, const char *path)
{
	int ret = join(zfs, zfs->path, path, "");

	if (ret == 0) {
		ret = fs_unlink(zfs->path);
	}
	if (ret == 0) {
		names_changed(zfs);
	}
	return ret;
}

static int unlink_locked(struct zephyrfs *zfs, const char *path)
{
	int kind = look_up(zfs, path, NULL);

	if (kind < 0) {
		return kind;
	}
	if (kind == S_IFDIR) {
		return -EISDIR;
	}
	return in_use(zfs, path) ? -EBUSY : remove_below(zfs, path);
}

static int zephyrfs_unlink(const struct vfs_fs *fs, const char *path)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	int ret;

	vfs_lock(&zfs->lock);
	ret = unlink_locked(zfs, path);
	vfs_unlock(&zfs->lock);
	return ret;
}

static int rmdir_locked(struct zephyrfs *zfs, const char *path)
{
	int kind = look_up(zfs, path, NULL);
	int ret;

	if (kind < 0) {
		return kind;
	}
	if (kind != S_IFDIR) {
		return -ENOTDIR;
	}
	if (strcmp(path, "/") == 0) {
		return -EBUSY;
	}
	ret = list_directory(zfs, path, NULL);
	if (ret != 0) {
		return ret == 1 ? -ENOTEMPTY : ret;
	}
	return remove_below(zfs, path);
}

static int zephyrfs_rmdir(const struct vfs_fs *fs, const char *path)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	int ret;

	vfs_lock(&zfs->lock);
	ret = rmdir_locked(zfs, path);
	vfs_unlock(&zfs->lock);
	return ret;
}

static int mkdir_locked(struct zephyrfs *zfs, const char *path)
{
	int kind = look_up(zfs, path, NULL);
	int ret;

	if (kind != -ENOENT) {
		return kind < 0 ? kind : -EEXIST;
	}
	ret = check_parent(zfs, path);
	if (ret == 0) {
		ret = check_space(zfs);
	}
	if (ret == 0) {
		ret = join(zfs, zfs->path, path, "");
	}
	if (ret == 0) {
		ret = fs_mkdir(zfs->path);
	}
	if (ret == 0) {
		names_changed(zfs);
	}
	return ret;
}

static int zephyrfs_mkdir(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	int ret;

	(void)mode;
	vfs_lock(&zfs->lock);
	ret = mkdir_locked(zfs, path);
	vfs_unlock(&zfs->lock);
	return ret;
}

static int rename_below(struct zephyrfs *zfs, const char *from, const char *from_suffix,
			const char *to, const char *to_suffix)
{
	int ret = join(zfs, zfs->path, from, from_suffix);

	if (ret == 0) {
		ret = join(zfs, zfs->other, to, to_suffix);
	}
	if (ret == 0) {
		ret = fs_rename(zfs->path, zfs->other);
	}
	return ret;
}

/*
 * Zephyr's rename on FAT removes the target first, and the file itself when both names differ only
 * in case. Putting the target aside keeps one of the two whatever happens; if the source is gone
 * as well then, they were the same.
 */
static int replace_on_fat(struct zephyrfs *zfs, const char *from, const char *to)
{
	int ret = rename_below(zfs, to, "", to, ASIDE);

	if (ret < 0) {
		return ret;
	}
	if (kind_of(zfs, from, NULL) == -ENOENT) {
		return rename_below(zfs, to, ASIDE, to, "");
	}
	ret = rename_below(zfs, from, "", to, "");
	if (ret < 0) {
		(void)rename_below(zfs, to, ASIDE, to, "");
		return ret;
	}
	ret = join(zfs, zfs->path, to, ASIDE);
	return ret < 0 ? ret : fs_unlink(zfs->path);
}

/* Is the first path a directory on the way to the second? */
static bool is_above(const struct zephyrfs *zfs, const char *dir, const char *path)
{
	size_t len = strlen(dir);

	return starts_with(zfs, path, dir, len) && path[len] == '/';
}

static int rename_locked(struct zephyrfs *zfs, const char *from, const char *to)
{
	int source = look_up(zfs, from, NULL);
	int target = look_up(zfs, to, NULL);
	int64_t time_ns;
	int ret;

	/* In POSIX's order: the way to the old name, the way to the new one, the old name. */
	if (source < 0) {
		ret = check_parent(zfs, from);
		if (ret < 0) {
			return ret;
		}
	}
	if (target < 0) {
		ret = target == -ENOENT ? check_parent(zfs, to) : target;
		if (ret < 0) {
			return ret;
		}
	}
	if (source < 0) {
		return source;
	}
	if (strcmp(from, "/") == 0 || strcmp(to, "/") == 0) {
		return -EBUSY;
	}
	if (strcmp(from, to) == 0) {
		return 0;
	}
	if (is_above(zfs, from, to)) {
		return -EINVAL;
	}
	if (is_above(zfs, to, from)) {
		return -ENOTEMPTY;
	}
	if (target == S_IFDIR && source != S_IFDIR) {
		return -EISDIR;
	}
	if (target >= 0 && target != S_IFDIR && source == S_IFDIR) {
		return -ENOTDIR;
	}
	if (in_use(zfs, from) || in_use(zfs, to)) {
		return -EBUSY;
	}
	time_ns = get_time(zfs, number_of(zfs, from));
	if (target == S_IFDIR && !same_path(zfs, from, to)) {
		ret = list_directory(zfs, to, NULL);
		if (ret == 0) {
			ret = remove_below(zfs, to);
		}
		if (ret != 0) {
			return ret == 1 ? -ENOTEMPTY : ret;
		}
		target = -ENOENT;
	}
	if (target >= 0 && folds_case(zfs)) {
		ret = replace_on_fat(zfs, from, to);
	} else {
		ret = rename_below(zfs, from, "", to, "");
	}
	if (ret == 0) {
		names_changed(zfs);
		if (source == S_IFREG) {
			set_time(zfs, number_of(zfs, to), time_ns);
		}
	}
	return ret;
}

static int zephyrfs_rename(const struct vfs_fs *fs, const char *from, const char *to)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	int ret;

	vfs_lock(&zfs->lock);
	ret = rename_locked(zfs, from, to);
	vfs_unlock(&zfs->lock);
	return ret;
}

/* Not an error: programs that copy files pass the mode on and would fail half-way. */
static int zephyrfs_chmod(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	struct vfs_stat st;

	(void)mode;
	return zephyrfs_stat(fs, path, &st);
}

static int zephyrfs_utimens(const struct vfs_fs *fs, const char *path, int64_t atime_ns,
			    int64_t mtime_ns)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	struct vfs_stat st;
	int ret;

	(void)atime_ns;
	vfs_lock(&zfs->lock);
	ret = stat_locked(zfs, path, &st);
	if (ret == 0 && S_ISREG(st.mode)) {
		set_time(zfs, st.ino, mtime_ns);
	}
	vfs_unlock(&zfs->lock);
	return ret;
}

static int zephyrfs_statvfs(const struct vfs_fs *fs, struct vfs_statvfs *st)
{
	struct zephyrfs *zfs = zephyrfs_of(fs);
	struct fs_statvfs below;
	int ret;

	vfs_lock(&zfs->lock);
	ret = fs_statvfs(zfs->point, &below);
	vfs_unlock(&zfs->lock);
	if (ret == 0) {
		*st = (struct vfs_statvfs){
			.block_size = below.f_frsize,
			.blocks = below.f_blocks,
			.blocks_free = below.f_bfree,
		};
	}
	return ret;
}

static const struct vfs_ops zephyrfs_ops = {
	.open = zephyrfs_open,
	.close = zephyrfs_close,
	.pread = zephyrfs_pread,
	.pwrite = zephyrfs_pwrite,
	.truncate = zephyrfs_truncate,
	.sync = zephyrfs_sync,
	.fstat = zephyrfs_fstat,
	.readdir = zephyrfs_readdir,
	.stat = zephyrfs_stat,
	.unlink = zephyrfs_unlink,
	.mkdir = zephyrfs_mkdir,
	.rmdir = zephyrfs_rmdir,
	.rename = zephyrfs_rename,
	.chmod = zephyrfs_chmod,
	.utimens = zephyrfs_utimens,
	.statvfs = zephyrfs_statvfs,
};

int zephyrfs_init(struct vfs_fs *fs, struct zephyrfs *zfs, const char *point)
{
	struct fs_dir_t dir;
	int ret;

	*zfs = (struct zephyrfs){
		.point = point,
		.names_changed_ns = ZEPHYRFS_TIME_UNKNOWN,
	};
	/* An open directory is the one way to learn which kind of file system is there. */
	fs_dir_t_init(&dir);
	ret = fs_opendir(&dir, point);
	if (ret < 0) {
		return ret;
	}
	if (dir.mp != NULL) {
		zfs->type = dir.mp->type;
	}
	ret = fs_closedir(&dir);
	if (ret < 0) {
		return ret;
	}
	if (zfs->type == FS_EXT2) {
		struct fs_statvfs below;

		ret = fs_statvfs(point, &below);
		if (ret < 0) {
			return ret;
		}
		zfs->block_size = below.f_frsize;
	}
	vfs_lock_init(&zfs->lock);
	*fs = (struct vfs_fs){.ops = &zephyrfs_ops, .type = "zephyr", .data = zfs};
	return 0;
}
