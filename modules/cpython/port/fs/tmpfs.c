/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tmpfs.h"
#include "vfs_lock.h"

#define BLOCK_SIZE 4096

/* The first block of a file starts this small and doubles: most files are short. */
#define FIRST_BLOCK_MIN 64

/* More blocks than this no table can hold. */
#define BLOCKS_MAX (SIZE_MAX / sizeof(void *) / 2)

#define PERMISSIONS 07777
#define DAY_NS      (INT64_C(24) * 60 * 60 * 1000000000)

struct node {
	uint64_t ino;
	uint32_t mode;
	uint32_t nlink;
	uint32_t users; /* open files */
	int64_t atime_ns;
	int64_t mtime_ns;
	int64_t ctime_ns;
	union {
		struct {
			int64_t size;
			uint8_t **blocks; /* NULL where there is a hole */
			size_t slots;     /* length of blocks */
			size_t used;      /* none is allocated from here on */
			size_t first;     /* bytes that blocks[0] has room for */
		} file;
		struct {
			struct name **hash; /* chains by name */
			size_t buckets;     /* length of hash, a power of two */
			struct name **list; /* all names, oldest first: what readdir goes through */
			size_t slots;       /* length of list */
			size_t count;
		} dir;
	};
};

/* An entry of a directory. */
struct name {
	struct name *next;
	struct node *node;
	uint64_t serial; /* grows with every name made: where readdir stands */
	uint32_t hash;
	uint8_t len;
	char text[];
};

struct tmpfs {
	struct vfs_lock lock;
	struct node *root;
	size_t limit;
	size_t used;
	size_t open_files;
	uint64_t last_ino;
	uint64_t last_serial;
};

struct tmpfs_file {
	struct vfs_file base; /* must be first */
	struct node *node;
};

static struct tmpfs *tmpfs_of(const struct vfs_fs *fs)
{
	return fs->data;
}

static bool is_dir(const struct node *node)
{
	return S_ISDIR(node->mode);
}

/* Memory, counted against the limit */

static void *take(struct tmpfs *tmpfs, size_t size)
{
	void *memory;

	if (tmpfs->limit != 0 && size > tmpfs->limit - tmpfs->used) {
		return NULL;
	}
	memory = calloc(1, size);
	if (memory != NULL) {
		tmpfs->used += size;
	}
	return memory;
}

static void give(struct tmpfs *tmpfs, void *memory, size_t size)
{
	if (memory != NULL) {
		tmpfs->used -= size;
		free(memory);
	}
}

/* Like realloc(), but what is new is zero. NULL leaves the old memory as it was. */
static void *resize(struct tmpfs *tmpfs, void *memory, size_t old_size, size_t size)
{
	void *moved;

	if (size > old_size && tmpfs->limit != 0 && size - old_size > tmpfs->limit - tmpfs->used) {
		return NULL;
	}
	moved = realloc(memory, size);
	if (moved == NULL) {
		return NULL;
	}
	if (size > old_size) {
		memset((uint8_t *)moved + old_size, 0, size - old_size);
	}
	tmpfs->used = tmpfs->used - old_size + size;
	return moved;
}

/* Contents of files */

static size_t block_room(const struct node *node, size_t index)
{
	return index == 0 ? node->file.first : BLOCK_SIZE;
}

static void free_blocks(struct tmpfs *tmpfs, struct node *node, size_t from)
{
	for (size_t i = from; i < node->file.used; i++) {
		give(tmpfs, node->file.blocks[i], block_room(node, i));
		node->file.blocks[i] = NULL;
	}
	if (from < node->file.used) {
		node->file.used = from;
	}
	if (node->file.used == 0) {
		give(tmpfs, node->file.blocks, node->file.slots * sizeof(*node->file.blocks));
		node->file.blocks = NULL;
		node->file.slots = 0;
	}
}

static int resize_table(struct tmpfs *tmpfs, struct node *node, size_t slots)
{
	uint8_t **blocks = resize(tmpfs, node->file.blocks, node->file.slots * sizeof(*blocks),
				  slots * sizeof(*blocks));

	if (blocks == NULL) {
		return -ENOSPC;
	}
	node->file.blocks = blocks;
	node->file.slots = slots;
	return 0;
}

/* Make a block that has room for its first end bytes. */
static int grow_block(struct tmpfs *tmpfs, struct node *node, size_t index, size_t end)
{
	size_t old_slots = node->file.slots;
	uint8_t **block;

	if (index >= old_slots) {
		size_t slots = old_slots == 0 ? 1 : old_slots;
		int ret;

		while (slots <= index) {
			slots *= 2;
		}
		ret = resize_table(tmpfs, node, slots);
		if (ret < 0) {
			return ret;
		}
	}
	block = &node->file.blocks[index];
	if (*block == NULL) {
		size_t room = BLOCK_SIZE;

		if (index == 0) {
			for (room = FIRST_BLOCK_MIN; room < end; room *= 2) {
			}
		}
		*block = take(tmpfs, room);
		if (*block == NULL) {
			/* Far behind the end, the table alone may be what took the memory. */
			if (node->file.used == 0) {
				free_blocks(tmpfs, node, 0);
			} else if (node->file.slots > old_slots) {
				(void)resize_table(tmpfs, node, old_slots);
			}
			return -ENOSPC;
		}
		if (index == 0) {
			node->file.first = room;
		}
		if (index >= node->file.used) {
			node->file.used = index + 1;
		}
	} else if (end > block_room(node, index)) {
		size_t room = node->file.first;
		uint8_t *bigger;

		while (room < end) {
			room *= 2;
		}
		bigger = resize(tmpfs, *block, node->file.first, room);
		if (bigger == NULL) {
			return -ENOSPC;
		}
		*block = bigger;
		node->file.first = room;
	}
	return 0;
}

static void truncate_node(struct tmpfs *tmpfs, struct node *node, int64_t size)
{
	if (size < node->file.size) {
		size_t index = (size_t)(size / BLOCK_SIZE);
		size_t offset = (size_t)(size % BLOCK_SIZE);

		free_blocks(tmpfs, node, index + (offset != 0));
		/* What is cut off must read as zeros if the file grows again. */
		if (offset != 0 && index < node->file.used && node->file.blocks[index] != NULL &&
		    offset < block_room(node, index)) {
			memset(node->file.blocks[index] + offset, 0,
			       block_room(node, index) - offset);
		}
	}
	node->file.size = size;
}

/* Nodes */

static struct node *make_node(struct tmpfs *tmpfs, uint32_t mode)
{
	struct node *node = take(tmpfs, sizeof(*node));

	if (node != NULL) {
		node->ino = ++tmpfs->last_ino;
		node->mode = mode;
		node->nlink = is_dir(node) ? 2 : 1;
		node->atime_ns = node->mtime_ns = node->ctime_ns = vfs_now_ns();
	}
	return node;
}

/* Free a node that has neither names nor users. A directory is empty by then. */
static void free_node(struct tmpfs *tmpfs, struct node *node)
{
	if (node->nlink > 0 || node->users > 0) {
		return;
	}
	if (is_dir(node)) {
		give(tmpfs, node->dir.hash, node->dir.buckets * sizeof(*node->dir.hash));
		give(tmpfs, node->dir.list, node->dir.slots * sizeof(*node->dir.list));
	} else {
		free_blocks(tmpfs, node, 0);
	}
	give(tmpfs, node, sizeof(*node));
}

static void touch(struct node *node)
{
	node->mtime_ns = node->ctime_ns = vfs_now_ns();
}

/* Directories */

static uint32_t hash_of(const char *text, size_t len)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ (uint8_t)text[i]) * 16777619U;
	}
	return hash;
}

static struct name *find_name(const struct node *dir, const char *text, size_t len)
{
	uint32_t hash = hash_of(text, len);
	struct name *name;

	if (dir->dir.buckets == 0) {
		return NULL;
	}
	for (name = dir->dir.hash[hash & (dir->dir.buckets - 1)]; name != NULL; name = name->next) {
		if (name->hash == hash && name->len == len && memcmp(name->text, text, len) == 0) {
			break;
		}
	}
	return name;
}

/* Where in the list the first name younger than a serial number stands. */
static size_t list_position(const struct node *dir, uint64_t serial)
{
	size_t low = 0;
	size_t high = dir->dir.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dir->dir.list[middle]->serial <= serial) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static int grow_hash(struct tmpfs *tmpfs, struct node *dir)
{
	size_t buckets = dir->dir.buckets == 0 ? 4 : dir->dir.buckets * 2;
	struct name **hash = take(tmpfs, buckets * sizeof(*hash));

	if (hash == NULL) {
		return -ENOSPC;
	}
	for (size_t i = 0; i < dir->dir.count; i++) {
		struct name *name = dir->dir.list[i];
		struct name **chain = &hash[name->hash & (buckets - 1)];

		name->next = *chain;
		*chain = name;
	}
	give(tmpfs, dir->dir.hash, dir->dir.buckets * sizeof(*hash));
	dir->dir.hash = hash;
	dir->dir.buckets = buckets;
	return 0;
}

static int add_name(struct tmpfs *tmpfs, struct node *dir, const char *text, size_t len,
		    struct node *node)
{
	struct name *name;
	struct name **chain;

	if (dir->dir.count == dir->dir.slots) {
		size_t slots = dir->dir.slots == 0 ? 4 : dir->dir.slots * 2;
		struct name **list = resize(tmpfs, dir->dir.list, dir->dir.slots * sizeof(*list),
					    slots * sizeof(*list));

		if (list == NULL) {
			return -ENOSPC;
		}
		dir->dir.list = list;
		dir->dir.slots = slots;
	}
	/* A table that is too small is only slow, none at all does not work. */
	if (dir->dir.count >= dir->dir.buckets && grow_hash(tmpfs, dir) < 0 &&
	    dir->dir.buckets == 0) {
		return -ENOSPC;
	}
	name = take(tmpfs, sizeof(*name) + len);
	if (name == NULL) {
		return -ENOSPC;
	}
	name->node = node;
	name->serial = ++tmpfs->last_serial;
	name->hash = hash_of(text, len);
	name->len = (uint8_t)len;
	memcpy(name->text, text, len);
	chain = &dir->dir.hash[name->hash & (dir->dir.buckets - 1)];
	name->next = *chain;
	*chain = name;
	dir->dir.list[dir->dir.count++] = name;
	if (is_dir(node)) {
		dir->nlink++;
	}
	touch(dir);
	return 0;
}

static void remove_name(struct tmpfs *tmpfs, struct node *dir, struct name *name)
{
	struct name **link = &dir->dir.hash[name->hash & (dir->dir.buckets - 1)];
	size_t position = list_position(dir, name->serial) - 1;

	while (*link != name) {
		link = &(*link)->next;
	}
	*link = name->next;
	dir->dir.count--;
	memmove(&dir->dir.list[position], &dir->dir.list[position + 1],
		(dir->dir.count - position) * sizeof(dir->dir.list[0]));
	if (is_dir(name->node)) {
		dir->nlink--;
	}
	give(tmpfs, name, sizeof(*name) + name->len);
	touch(dir);
}

/* A node that has lost its name. */
static void drop_node(struct tmpfs *tmpfs, struct node *node)
{
	node->nlink = is_dir(node) ? 0 : node->nlink - 1;
	node->ctime_ns = vfs_now_ns();
	free_node(tmpfs, node);
}

/* Paths */

/* What a path leads to: the directory, the name in it, and the entry if there is one. */
struct place {
	struct node *dir; /* NULL: the path is "/" */
	const char *text;
	size_t len;
	struct name *name;
	struct node *node; /* NULL: there is none */
};

static int walk(const struct tmpfs *tmpfs, const char *path, struct place *place)
{
	*place = (struct place){.node = tmpfs->root};
	while (*path == '/') {
		path++;
	}
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (place->node == NULL) {
			return -ENOENT;
		}
		if (!is_dir(place->node)) {
			return -ENOTDIR;
		}
		if (len > VFS_NAME_MAX) {
			return -ENAMETOOLONG;
		}
		place->dir = place->node;
		place->text = path;
		place->len = len;
		place->name = find_name(place->dir, path, len);
		place->node = place->name == NULL ? NULL : place->name->node;
		path += len;
		while (*path == '/') {
			path++;
		}
	}
	return 0;
}

/* The node of a path that must exist. */
static int find(const struct tmpfs *tmpfs, const char *path, struct node **node)
{
	struct place place;
	int ret = walk(tmpfs, path, &place);

	if (ret < 0) {
		return ret;
	}
	*node = place.node;
	return place.node == NULL ? -ENOENT : 0;
}

/* Make a node at a place where there is none. */
static int create(struct tmpfs *tmpfs, struct place *place, uint32_t mode)
{
	struct node *node = make_node(tmpfs, mode);
	int ret;

	if (node == NULL) {
		return -ENOSPC;
	}
	ret = add_name(tmpfs, place->dir, place->text, place->len, node);
	if (ret < 0) {
		node->nlink = 0;
		free_node(tmpfs, node);
		return ret;
	}
	place->node = node;
	return 0;
}

/* Operations on files */

static int open_locked(struct tmpfs *tmpfs, const char *path, int flags, uint32_t mode,
		       struct node **node)
{
	bool write = (flags & O_ACCMODE) != O_RDONLY;
	struct place place;
	int ret = walk(tmpfs, path, &place);

	if (ret < 0) {
		return ret;
	}
	if (place.node == NULL) {
		if ((flags & O_CREAT) == 0) {
			return -ENOENT;
		}
		ret = create(tmpfs, &place, S_IFREG | (mode & PERMISSIONS));
		if (ret < 0) {
			return ret;
		}
	} else if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
		return -EEXIST;
	} else if (is_dir(place.node)) {
		if (write || (flags & (O_CREAT | O_TRUNC)) != 0) {
			return -EISDIR;
		}
	} else {
#ifdef O_DIRECTORY
		if ((flags & O_DIRECTORY) != 0) {
			return -ENOTDIR;
		}
#endif
		if ((flags & O_TRUNC) != 0 && write) {
			truncate_node(tmpfs, place.node, 0);
			touch(place.node);
		}
	}
	*node = place.node;
	return 0;
}

static int tmpfs_open(const struct vfs_fs *fs, const char *path, int flags, uint32_t mode,
		      struct vfs_file **file)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	struct tmpfs_file *opened = malloc(sizeof(*opened));
	int ret;

	/* Before anything changes: a failure then leaves no trace. */
	if (opened == NULL) {
		return -ENOMEM;
	}
	vfs_lock(&tmpfs->lock);
	ret = open_locked(tmpfs, path, flags, mode, &opened->node);
	if (ret == 0) {
		opened->node->users++;
		tmpfs->open_files++;
	}
	vfs_unlock(&tmpfs->lock);
	if (ret < 0) {
		free(opened);
		return ret;
	}
	opened->base.fs = fs;
	*file = &opened->base;
	return 0;
}

static struct node *node_of(struct vfs_file *file)
{
	return ((struct tmpfs_file *)file)->node;
}

static int tmpfs_close(struct vfs_file *file)
{
	struct tmpfs *tmpfs = tmpfs_of(file->fs);
	struct node *node = node_of(file);

	vfs_lock(&tmpfs->lock);
	node->users--;
	tmpfs->open_files--;
	free_node(tmpfs, node);
	vfs_unlock(&tmpfs->lock);
	free(file);
	return 0;
}

static void read_locked(struct node *node, uint8_t *out, size_t size, int64_t pos)
{
	while (size > 0) {
		size_t index = (size_t)(pos / BLOCK_SIZE);
		size_t offset = (size_t)(pos % BLOCK_SIZE);
		size_t part = BLOCK_SIZE - offset < size ? BLOCK_SIZE - offset : size;
		size_t there = 0;

		if (index < node->file.used && node->file.blocks[index] != NULL &&
		    offset < block_room(node, index)) {
			there = block_room(node, index) - offset;
			there = there < part ? there : part;
			memcpy(out, node->file.blocks[index] + offset, there);
		}
		memset(out + there, 0, part - there);
		out += part;
		size -= part;
		pos += (int64_t)part;
	}
}

static ssize_t tmpfs_pread(struct vfs_file *file, void *buf, size_t size, int64_t pos)
{
	struct tmpfs *tmpfs = tmpfs_of(file->fs);
	struct node *node = node_of(file);
	int64_t now;

	if (is_dir(node)) {
		return -EISDIR;
	}
	if (pos < 0) {
		return -EINVAL;
	}
	if (size > SSIZE_MAX) {
		size = SSIZE_MAX;
	}
	vfs_lock(&tmpfs->lock);
	if (pos >= node->file.size) {
		size = 0;
	} else if ((uint64_t)size > (uint64_t)(node->file.size - pos)) {
		size = (size_t)(node->file.size - pos);
	}
	read_locked(node, buf, size, pos);
	/* As Linux does by default: exact enough to tell whether a file has been read. */
	now = vfs_now_ns();
	if (node->atime_ns <= node->mtime_ns || now - node->atime_ns >= DAY_NS) {
		node->atime_ns = now;
	}
	vfs_unlock(&tmpfs->lock);
	return (ssize_t)size;
}

static ssize_t write_locked(struct tmpfs *tmpfs, struct node *node, const uint8_t *in, size_t size,
			    int64_t pos)
{
	size_t done = 0;
	int ret = 0;

	while (done < size) {
		size_t index = (size_t)(pos / BLOCK_SIZE);
		size_t offset = (size_t)(pos % BLOCK_SIZE);
		size_t part = BLOCK_SIZE - offset < size - done ? BLOCK_SIZE - offset : size - done;

		ret = grow_block(tmpfs, node, index, offset + part);
		if (ret < 0) {
			break;
		}
		memcpy(node->file.blocks[index] + offset, in + done, part);
		done += part;
		pos += (int64_t)part;
		if (pos > node->file.size) {
			node->file.size = pos;
		}
	}
	if (done == 0) {
		return ret;
	}
	touch(node);
	return (ssize_t)done;
}

static ssize_t tmpfs_pwrite(struct vfs_file *file, const void *buf, size_t size, int64_t pos)
{
	struct tmpfs *tmpfs = tmpfs_of(file->fs);
	struct node *node = node_of(file);
	ssize_t ret;

	if (is_dir(node)) {
		return -EISDIR;
	}
	if (size > SSIZE_MAX) {
		size = SSIZE_MAX;
	}
	vfs_lock(&tmpfs->lock);
	if (pos == VFS_APPEND) {
		pos = node->file.size;
	}
	if (pos < 0) {
		ret = -EINVAL;
	} else if ((uint64_t)size > (uint64_t)(INT64_MAX - pos) ||
		   (uint64_t)(pos + (int64_t)size) / BLOCK_SIZE >= BLOCKS_MAX) {
		ret = -EFBIG;
	} else {
		ret = write_locked(tmpfs, node, buf, size, pos);
	}
	vfs_unlock(&tmpfs->lock);
	return ret;
}

static int tmpfs_truncate(struct vfs_file *file, int64_t size)
{
	struct tmpfs *tmpfs = tmpfs_of(file->fs);
	struct node *node = node_of(file);

	if (is_dir(node) || size < 0) {
		return -EINVAL;
	}
	if ((uint64_t)size / BLOCK_SIZE >= BLOCKS_MAX) {
		return -EFBIG;
	}
	vfs_lock(&tmpfs->lock);
	truncate_node(tmpfs, node, size);
	touch(node);
	vfs_unlock(&tmpfs->lock);
	return 0;
}

static int tmpfs_sync(struct vfs_file *file)
{
	(void)file;
	return 0;
}

static void fill_stat(const struct node *node, struct vfs_stat *st)
{
	*st = (struct vfs_stat){
		.mode = node->mode,
		.nlink = node->nlink,
		.ino = node->ino,
		.size = is_dir(node) ? 0 : node->file.size,
		.atime_ns = node->atime_ns,
		.mtime_ns = node->mtime_ns,
		.ctime_ns = node->ctime_ns,
	};
}

static int tmpfs_fstat(struct vfs_file *file, struct vfs_stat *st)
{
	struct tmpfs *tmpfs = tmpfs_of(file->fs);

	vfs_lock(&tmpfs->lock);
	fill_stat(node_of(file), st);
	vfs_unlock(&tmpfs->lock);
	return 0;
}

static int tmpfs_readdir(struct vfs_file *dir, uint64_t *cookie, struct vfs_dirent *entry)
{
	struct tmpfs *tmpfs = tmpfs_of(dir->fs);
	struct node *node = node_of(dir);
	size_t position;
	int ret = 0;

	if (!is_dir(node)) {
		return -ENOTDIR;
	}
	vfs_lock(&tmpfs->lock);
	position = list_position(node, *cookie);
	if (position < node->dir.count) {
		const struct name *name = node->dir.list[position];

		*cookie = name->serial;
		entry->ino = name->node->ino;
		entry->type = name->node->mode & S_IFMT;
		memcpy(entry->name, name->text, name->len);
		entry->name[name->len] = '\0';
		ret = 1;
	}
	vfs_unlock(&tmpfs->lock);
	return ret;
}

/* Operations on names */

static int tmpfs_stat(const struct vfs_fs *fs, const char *path, struct vfs_stat *st)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	struct node *node;
	int ret;

	vfs_lock(&tmpfs->lock);
	ret = find(tmpfs, path, &node);
	if (ret == 0) {
		fill_stat(node, st);
	}
	vfs_unlock(&tmpfs->lock);
	return ret;
}

static int unlink_locked(struct tmpfs *tmpfs, const char *path, bool directory)
{
	struct place place;
	struct node *node;
	int ret = walk(tmpfs, path, &place);

	if (ret < 0) {
		return ret;
	}
	node = place.node;
	if (node == NULL) {
		return -ENOENT;
	}
	if (directory) {
		if (!is_dir(node)) {
			return -ENOTDIR;
		}
		if (place.dir == NULL) {
			return -EBUSY;
		}
		if (node->dir.count > 0) {
			return -ENOTEMPTY;
		}
	} else if (is_dir(node)) {
		return -EISDIR;
	}
	remove_name(tmpfs, place.dir, place.name);
	drop_node(tmpfs, node);
	return 0;
}

static int tmpfs_unlink(const struct vfs_fs *fs, const char *path)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	int ret;

	vfs_lock(&tmpfs->lock);
	ret = unlink_locked(tmpfs, path, false);
	vfs_unlock(&tmpfs->lock);
	return ret;
}

static int tmpfs_rmdir(const struct vfs_fs *fs, const char *path)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	int ret;

	vfs_lock(&tmpfs->lock);
	ret = unlink_locked(tmpfs, path, true);
	vfs_unlock(&tmpfs->lock);
	return ret;
}

static int tmpfs_mkdir(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	struct place place;
	int ret;

	vfs_lock(&tmpfs->lock);
	ret = walk(tmpfs, path, &place);
	if (ret == 0) {
		ret = place.node != NULL ? -EEXIST
					 : create(tmpfs, &place, S_IFDIR | (mode & PERMISSIONS));
	}
	vfs_unlock(&tmpfs->lock);
	return ret;
}

/* Put a node in the place of another one that goes away. Nothing here can fail. */
static void replace(struct tmpfs *tmpfs, struct place *source, struct place *target)
{
	struct node *old = target->node;

	/* Both are directories or neither is: the links of the target's directory stay as many. */
	target->name->node = source->node;
	touch(target->dir);
	remove_name(tmpfs, source->dir, source->name);
	drop_node(tmpfs, old);
}

/* Is the first path a directory on the way to the second? */
static bool is_above(const char *dir, const char *path)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/';
}

static int rename_locked(struct tmpfs *tmpfs, const char *from, const char *to)
{
	struct place source;
	struct place target;
	int ret = walk(tmpfs, from, &source);

	if (ret < 0) {
		return ret;
	}
	ret = walk(tmpfs, to, &target);
	if (ret < 0) {
		return ret;
	}
	if (source.node == NULL) {
		return -ENOENT;
	}
	if (source.dir == NULL || target.dir == NULL) {
		return -EBUSY;
	}
	if (source.node == target.node) {
		return 0;
	}
	if (is_above(from, to)) {
		return -EINVAL;
	}
	if (is_above(to, from)) {
		return -ENOTEMPTY;
	}
	if (target.node != NULL) {
		if (is_dir(source.node) && !is_dir(target.node)) {
			return -ENOTDIR;
		}
		if (!is_dir(source.node) && is_dir(target.node)) {
			return -EISDIR;
		}
		if (is_dir(target.node) && target.node->dir.count > 0) {
			return -ENOTEMPTY;
		}
		replace(tmpfs, &source, &target);
	} else {
		ret = add_name(tmpfs, target.dir, target.text, target.len, source.node);
		if (ret < 0) {
			return ret;
		}
		remove_name(tmpfs, source.dir, source.name);
	}
	source.node->ctime_ns = vfs_now_ns();
	return 0;
}

static int tmpfs_rename(const struct vfs_fs *fs, const char *from, const char *to)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	int ret;

	vfs_lock(&tmpfs->lock);
	ret = rename_locked(tmpfs, from, to);
	vfs_unlock(&tmpfs->lock);
	return ret;
}

static int tmpfs_chmod(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	struct node *node;
	int ret;

	vfs_lock(&tmpfs->lock);
	ret = find(tmpfs, path, &node);
	if (ret == 0) {
		node->mode = (node->mode & S_IFMT) | (mode & PERMISSIONS);
		node->ctime_ns = vfs_now_ns();
	}
	vfs_unlock(&tmpfs->lock);
	return ret;
}

static int tmpfs_utimens(const struct vfs_fs *fs, const char *path, int64_t atime_ns,
			 int64_t mtime_ns)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	struct node *node;
	int ret;

	vfs_lock(&tmpfs->lock);
	ret = find(tmpfs, path, &node);
	if (ret == 0) {
		node->atime_ns = atime_ns;
		node->mtime_ns = mtime_ns;
		node->ctime_ns = vfs_now_ns();
	}
	vfs_unlock(&tmpfs->lock);
	return ret;
}

static int tmpfs_statvfs(const struct vfs_fs *fs, struct vfs_statvfs *st)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);

	vfs_lock(&tmpfs->lock);
	*st = (struct vfs_statvfs){
		.block_size = BLOCK_SIZE,
		.blocks = (tmpfs->limit != 0 ? tmpfs->limit : tmpfs->used) / BLOCK_SIZE,
		.blocks_free = tmpfs->limit != 0 ? (tmpfs->limit - tmpfs->used) / BLOCK_SIZE : 0,
		.of_heap = tmpfs->limit == 0,
	};
	vfs_unlock(&tmpfs->lock);
	return 0;
}

static const struct vfs_ops tmpfs_ops = {
	.open = tmpfs_open,
	.close = tmpfs_close,
	.pread = tmpfs_pread,
	.pwrite = tmpfs_pwrite,
	.truncate = tmpfs_truncate,
	.sync = tmpfs_sync,
	.fstat = tmpfs_fstat,
	.readdir = tmpfs_readdir,
	.stat = tmpfs_stat,
	.unlink = tmpfs_unlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.rename = tmpfs_rename,
	.chmod = tmpfs_chmod,
	.utimens = tmpfs_utimens,
	.statvfs = tmpfs_statvfs,
};

int tmpfs_init(struct vfs_fs *fs, size_t limit)
{
	struct tmpfs *tmpfs = calloc(1, sizeof(*tmpfs));

	if (tmpfs == NULL) {
		return -ENOMEM;
	}
	tmpfs->limit = limit;
	tmpfs->root = make_node(tmpfs, S_IFDIR | 0755);
	if (tmpfs->root == NULL) {
		free(tmpfs);
		return -ENOMEM;
	}
	vfs_lock_init(&tmpfs->lock);
	*fs = (struct vfs_fs){.ops = &tmpfs_ops, .type = "tmpfs", .data = tmpfs};
	return 0;
}

int tmpfs_destroy(struct vfs_fs *fs)
{
	struct tmpfs *tmpfs = tmpfs_of(fs);
	struct node *root = tmpfs->root;

	if (tmpfs->open_files > 0) {
		return -EBUSY;
	}
	/* From the leaves up, without recursion: no stack is deep enough for every tree. */
	while (root->dir.count > 0) {
		struct node *dir = root;
		struct name *name = dir->dir.list[dir->dir.count - 1];
		struct node *node;

		while (is_dir(name->node) && name->node->dir.count > 0) {
			dir = name->node;
			name = dir->dir.list[dir->dir.count - 1];
		}
		node = name->node;
		remove_name(tmpfs, dir, name);
		drop_node(tmpfs, node);
	}
	drop_node(tmpfs, root);
	free(tmpfs);
	*fs = (struct vfs_fs){0};
	return 0;
}
