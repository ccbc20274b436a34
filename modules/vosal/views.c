/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief A file system whose files are what a Python module says at the moment, as in /proc.
 *
 * The source of the mount is the module's name. It has a function serve(what, path):
 *
 *   serve("kind", path)   b"d", b"f" or None: a directory, a file or nothing
 *   serve("list", path)   bytes: b"d" or b"f", the name and b"\0" for each entry
 *   serve("read", path)   bytes: what is in the file
 *
 * The whole content of a file is made when it is opened. No lock of the file systems is held while
 * Python runs; the calling thread takes the interpreter lock, which it has let go of for the call
 * that has led here.
 */

#include "vosal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fs/vfs.h"
#include "port.h"

struct view {
	struct vfs_file base; /* must be first */
	bool directory;
	char *data;
	size_t size;
	char path[];
};

/* The exception as a negative errno; one that is no OSError is shown, because nobody else will. */
static int to_errno(const char *path)
{
	PyObject *number = NULL;
	int ret = -EIO;

	if (PyErr_ExceptionMatches(PyExc_OSError)) {
		PyObject *error = PyErr_GetRaisedException();

		number = PyObject_GetAttrString(error, "errno");
		if (number != NULL && PyLong_Check(number)) {
			ret = -PyLong_AsInt(number);
		}
		Py_XDECREF(number);
		Py_DECREF(error);
		PyErr_Clear();
	} else {
		PyErr_FormatUnraisable("Exception ignored in the view %s", path);
	}
	return ret < 0 ? ret : -EIO;
}

/*
 * Asks the module. @return 0 with *data (to be freed) and *size, -ENOENT when it answers None, or
 * another negative errno.
 */
static int ask(const struct vfs_fs *fs, const char *what, const char *path, char **data,
	       size_t *size)
{
	PyGILState_STATE state;
	PyObject *module;
	PyObject *answer = NULL;
	int ret = 0;

	if (!Py_IsInitialized()) {
		return -ENOENT;
	}
	state = PyGILState_Ensure();
	module = PyImport_ImportModule(fs->data);
	if (module != NULL) {
		answer = PyObject_CallMethod(module, "serve", "ss", what, path);
		Py_DECREF(module);
	}
	if (answer == NULL) {
		ret = to_errno(path);
	} else if (answer == Py_None) {
		ret = -ENOENT;
	} else if (!PyBytes_Check(answer)) {
		PyErr_Format(PyExc_TypeError, "%s: a view must be bytes, not %.100s", path,
			     Py_TYPE(answer)->tp_name);
		ret = to_errno(path);
	} else {
		*size = PyBytes_GET_SIZE(answer);
		*data = malloc(*size + 1);
		if (*data == NULL) {
			ret = -ENOMEM;
		} else {
			memcpy(*data, PyBytes_AS_STRING(answer), *size + 1);
		}
	}
	Py_XDECREF(answer);
	PyGILState_Release(state);
	return ret;
}

/* 'd', 'f' or a negative errno. */
static int kind_of(const struct vfs_fs *fs, const char *path)
{
	char *data;
	size_t size;
	int ret;

	if (strcmp(path, "/") == 0) {
		return 'd';
	}
	ret = ask(fs, "kind", path, &data, &size);
	if (ret == 0) {
		ret = data[0];
		free(data);
	}
	return ret;
}

static int views_open(const struct vfs_fs *fs, const char *path, int flags, uint32_t mode,
		      struct vfs_file **file)
{
	int kind = kind_of(fs, path);
	struct view *view;
	int ret;

	(void)mode;
	if (kind == -ENOENT && (flags & O_CREAT)) {
		return -EPERM; /* publish() makes one */
	}
	if (kind < 0) {
		return kind;
	}
	if ((flags & O_CREAT) && (flags & O_EXCL)) {
		return -EEXIST;
	}
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC)) {
		return kind == 'd' ? -EISDIR : -EPERM;
	}
	view = calloc(1, sizeof(*view) + strlen(path) + 1);
	if (view == NULL) {
		return -ENOMEM;
	}
	view->base.fs = fs;
	view->directory = kind == 'd';
	strcpy(view->path, path);
	ret = ask(fs, view->directory ? "list" : "read", path, &view->data, &view->size);
	if (ret < 0) {
		free(view);
		return ret;
	}
	*file = &view->base;
	return 0;
}

static int views_close(struct vfs_file *file)
{
	struct view *view = (struct view *)file;

	free(view->data);
	free(view);
	return 0;
}

static ssize_t views_pread(struct vfs_file *file, void *buf, size_t size, int64_t pos)
{
	const struct view *view = (const struct view *)file;

	if (view->directory) {
		return -EISDIR;
	}
	if (pos < 0) {
		return -EINVAL;
	}
	if ((uint64_t)pos >= view->size) {
		return 0;
	}
	size = Py_MIN(size, view->size - (size_t)pos);
	memcpy(buf, view->data + pos, size);
	return size;
}

static uint64_t number_of(const char *path)
{
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a */

	for (; *path != '\0'; path++) {
		hash = (hash ^ (uint8_t)*path) * 1099511628211ULL;
	}
	return hash | 1;
}

static void describe(bool directory, const char *path, size_t size, struct vfs_stat *st)
{
	int64_t now = vfs_now_ns();

	*st = (struct vfs_stat){
		.mode = directory ? S_IFDIR | 0555 : S_IFREG | 0444,
		.nlink = 1,
		.ino = number_of(path),
		.size = size,
		.atime_ns = now,
		.mtime_ns = now,
		.ctime_ns = now,
	};
}

static int views_fstat(struct vfs_file *file, struct vfs_stat *st)
{
	const struct view *view = (const struct view *)file;

	describe(view->directory, view->path, view->directory ? 0 : view->size, st);
	return 0;
}

/* Nobody knows the size before the content is made: it is 0, as in /proc elsewhere. */
static int views_stat(const struct vfs_fs *fs, const char *path, struct vfs_stat *st)
{
	int kind = kind_of(fs, path);

	if (kind < 0) {
		return kind;
	}
	describe(kind == 'd', path, 0, st);
	return 0;
}

/* The cookie is the place of the next entry in the data. */
static int views_readdir(struct vfs_file *dir, uint64_t *cookie, struct vfs_dirent *entry)
{
	const struct view *view = (const struct view *)dir;
	const char *name;
	size_t length;

	if (!view->directory) {
		return -ENOTDIR;
	}
	if (*cookie >= view->size) {
		return 0;
	}
	name = view->data + *cookie + 1;
	length = strlen(name); /* ask() has put a NUL at the end */
	if (length == 0 || length > VFS_NAME_MAX) {
		return -EIO;
	}
	entry->type = name[-1] == 'd' ? S_IFDIR : S_IFREG;
	strcpy(entry->name, name);
	entry->ino = number_of(name);
	*cookie += length + 2;
	return 1;
}

static int refuse(const struct vfs_fs *fs, const char *path)
{
	int kind = kind_of(fs, path);

	return kind < 0 ? kind : -EPERM;
}

static int refuse_mkdir(const struct vfs_fs *fs, const char *path, uint32_t mode)
{
	int kind = kind_of(fs, path);

	(void)mode;
	return kind >= 0 ? -EEXIST : kind == -ENOENT ? -EPERM : kind;
}

static const struct vfs_ops ops = {
	.open = views_open,
	.close = views_close,
	.pread = views_pread,
	.fstat = views_fstat,
	.readdir = views_readdir,
	.stat = views_stat,
	.unlink = refuse,
	.rmdir = refuse,
	.mkdir = refuse_mkdir,
};

static int make(struct vfs_fs *fs, const char *source)
{
	fs->ops = &ops;
	fs->data = (void *)source; /* lives as long as the mount */
	return source[0] == '\0' ? -EINVAL : 0;
}

int vosal_views_exec(PyObject *module)
{
	static struct port_fs_type type = {.name = "views", .make = make};

	(void)module;
	port_mount_register(&type);
	return 0;
}
