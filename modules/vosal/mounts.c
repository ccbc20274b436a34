/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief File systems: mounting, and the storages that they can be on. */

#include "vosal.h"

#include "fs/mounts.h"
#include "fs/overlay.h"
#include "port.h"

/* None, or an OSError with the path that it is about. */
static PyObject *done(int ret, const char *path)
{
	if (ret < 0) {
		errno = -ret;
		return PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(mount_doc,
	     "mount(type, source, target, read_only=False)\n"
	     "--\n"
	     "\n"
	     "Mount a file system at a directory, which is made if need be.\n"
	     "\n"
	     "tmpfs: source is its limit in bytes, or \"\". romfs: a directory of the image.\n"
	     "overlay: \"lower:upper\", two directories; without upper, the target itself.\n"
	     "littlefs, fat: the name of a storage. Nothing is formatted here.\n"
	     "OSError: ENODEV for a type or storage that is not there, EINVAL for a storage\n"
	     "that holds no sound file system of this type, EBUSY for a target in use.");

static PyObject *mount(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"type", "source", "target", "read_only", NULL};
	const char *type;
	const char *source;
	const char *target;
	int read_only = 0;
	int ret;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "sss|p:mount", names, &type, &source,
					 &target, &read_only)) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = port_mount(type, source, target, read_only ? PORT_MOUNT_READ_ONLY : 0);
	Py_END_ALLOW_THREADS;
	return done(ret, target);
}

PyDoc_STRVAR(umount_doc, "umount(target, /)\n"
			 "--\n"
			 "\n"
			 "Take a file system away.\n"
			 "\n"
			 "OSError: EINVAL when none is mounted there, EBUSY while it is in use.");

static PyObject *umount(PyObject *module, PyObject *arg)
{
	const char *target = PyUnicode_AsUTF8(arg);
	int ret;

	(void)module;
	if (target == NULL) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = port_umount(target);
	Py_END_ALLOW_THREADS;
	return done(ret, target);
}

PyDoc_STRVAR(mounts_doc,
	     "mounts()\n"
	     "--\n"
	     "\n"
	     "Return a list of (target, type, source, read_only), in the order of mounting.");

struct copies {
	size_t count;
	struct {
		char *target;
		const char *type;
		char *source;
		bool read_only;
	} at[VFS_MOUNTS_MAX];
	bool failed;
};

/* The table is locked here: no Python. */
static int copy_mount(const struct port_mount_info *info, void *arg)
{
	struct copies *copies = arg;
	size_t i = copies->count++;

	copies->at[i].target = strdup(info->target);
	copies->at[i].source = strdup(info->source);
	copies->at[i].type = info->type;
	copies->at[i].read_only = info->read_only;
	copies->failed |= copies->at[i].target == NULL || copies->at[i].source == NULL;
	return 0;
}

static PyObject *list_mounts(const struct copies *copies)
{
	PyObject *list = PyList_New(0);

	for (size_t i = 0; list != NULL && i < copies->count; i++) {
		PyObject *item = Py_BuildValue("(sssO)", copies->at[i].target, copies->at[i].type,
					       copies->at[i].source,
					       copies->at[i].read_only ? Py_True : Py_False);

		if (item == NULL || PyList_Append(list, item) < 0) {
			Py_CLEAR(list);
		}
		Py_XDECREF(item);
	}
	return list;
}

static PyObject *mounts(PyObject *module, PyObject *unused)
{
	struct copies copies = {0};
	PyObject *list;

	(void)module;
	(void)unused;
	Py_BEGIN_ALLOW_THREADS;
	(void)port_mounts(copy_mount, &copies);
	Py_END_ALLOW_THREADS;
	list = copies.failed ? PyErr_NoMemory() : list_mounts(&copies);
	for (size_t i = 0; i < copies.count; i++) {
		free(copies.at[i].target);
		free(copies.at[i].source);
	}
	return list;
}

PyDoc_STRVAR(format_doc,
	     "format(type, source, /)\n"
	     "--\n"
	     "\n"
	     "Make an empty file system on a storage. All that is on it is lost.\n"
	     "\n"
	     "type: \"littlefs\" or \"fat\". OSError: ENODEV for a type or storage that is not\n"
	     "there, EBUSY while it is mounted.");

static int uses_source(const struct port_mount_info *info, void *arg)
{
	return strcmp(info->type, "littlefs") == 0 || strcmp(info->type, "fat") == 0
		       ? strcmp(info->source, arg) == 0
		       : 0;
}

static PyObject *format(PyObject *module, PyObject *args)
{
	const char *type;
	const char *source;
	int ret;

	(void)module;
	if (!PyArg_ParseTuple(args, "ss:format", &type, &source)) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = port_mounts(uses_source, (void *)source) != 0 ? -EBUSY : port_format(type, source);
	Py_END_ALLOW_THREADS;
	return done(ret, source);
}

PyDoc_STRVAR(storages_doc,
	     "storages()\n"
	     "--\n"
	     "\n"
	     "Return a list of (name, kind, size): the disks (kind \"disk\") and the\n"
	     "partitions of flash (\"flash\") of the machine, with their size in bytes.");

static int add_storage(const struct port_storage *storage, void *arg)
{
	PyObject *item = Py_BuildValue("(ssK)", storage->name, storage->kind,
				       (unsigned long long)storage->size);
	int ret = item == NULL ? -1 : PyList_Append(arg, item);

	Py_XDECREF(item);
	return ret;
}

static PyObject *storages(PyObject *module, PyObject *unused)
{
	PyObject *list = PyList_New(0);

	(void)module;
	(void)unused;
	if (list != NULL && port_storages(add_storage, list) < 0) {
		Py_CLEAR(list);
	}
	return list;
}

PyDoc_STRVAR(blank_doc, "storage_is_blank(name, /)\n"
			"--\n"
			"\n"
			"Is there nothing at the start of a storage, where a file system begins?");

static PyObject *storage_is_blank(PyObject *module, PyObject *arg)
{
	const char *name = PyUnicode_AsUTF8(arg);
	int ret;

	(void)module;
	if (name == NULL) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = port_storage_is_blank(name);
	Py_END_ALLOW_THREADS;
	return ret < 0 ? done(ret, name) : PyBool_FromLong(ret);
}

PyDoc_STRVAR(layers_doc,
	     "layers(path, /)\n"
	     "--\n"
	     "\n"
	     "Where a file of an overlay is: UPPER (the user's), LOWER (shipped), or both.\n"
	     "\n"
	     "0 for a path on another file system. OSError when there is no such file.");

static PyObject *layers(PyObject *module, PyObject *arg)
{
	const char *path = PyUnicode_AsUTF8(arg);
	const struct vfs_fs *fs;
	char *inner;
	char *name;
	int ret;

	(void)module;
	if (path == NULL) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	inner = malloc(VFS_PATH_MAX);
	name = port_path_absolute(path);
	ret = name == NULL ? -errno : inner == NULL ? -ENOMEM : vfs_hold(name, &fs, inner);
	if (ret == 0) {
		ret = overlay_layers(fs, inner);
		ret = ret == -EINVAL ? 0 : ret;
		vfs_unhold(fs);
	}
	free(name);
	free(inner);
	Py_END_ALLOW_THREADS;
	return ret < 0 ? done(ret, path) : PyLong_FromLong(ret);
}

static PyMethodDef methods[] = {
	{"mount", (PyCFunction)(void (*)(void))mount, METH_VARARGS | METH_KEYWORDS, mount_doc},
	{"umount", umount, METH_O, umount_doc},
	{"mounts", mounts, METH_NOARGS, mounts_doc},
	{"format", format, METH_VARARGS, format_doc},
	{"storages", storages, METH_NOARGS, storages_doc},
	{"storage_is_blank", storage_is_blank, METH_O, blank_doc},
	{"layers", layers, METH_O, layers_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_mounts_exec(PyObject *module)
{
	if (PyModule_AddFunctions(module, methods) < 0 ||
	    PyModule_AddIntConstant(module, "UPPER", OVERLAY_UPPER) < 0 ||
	    PyModule_AddIntConstant(module, "LOWER", OVERLAY_LOWER) < 0) {
		return -1;
	}
	if (PyModule_AddObjectRef(module, "FORMAT_DAMAGED",
				  IS_ENABLED(CONFIG_ZPY_FLASH_FORMAT_DAMAGED) ? Py_True
									      : Py_False) < 0) {
		return -1;
	}
	return PyModule_AddStringConstant(module, "FLASH", CONFIG_ZPY_FLASH);
}
