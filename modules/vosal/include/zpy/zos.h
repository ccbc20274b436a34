/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The C API of Zerynth's zOS, on CPython: natives written for it compile as they are.
 *
 * A PObject is CPython's object. zOS has a garbage collector that natives know nothing of; here
 * what a native makes lives until the native returns, and longer if it was put into `*res` or into
 * a list, tuple, dictionary or set that lives. So a native counts no references.
 *
 * What differs: no object is tagged (IS_TAGGED() tells which kinds zOS tags); sequences may have
 * more than 65535 elements; PSHORTS and PSHORTARRAY are both array.array('H'), with all their
 * elements from the start; PSEQUENCE_BYTES() of a string is its UTF-8.
 */

#ifndef ZPY_ZOS_H_
#define ZPY_ZOS_H_

#include "Python.h"

#include <stdbool.h>
#include <stdint.h>

#include <zpy/native.h>

typedef PyObject PObject;
typedef int err_t;

/** A native: called with its arguments, puts its result into *res, returns an ERR_ code. */
#define C_NATIVE(name)                                                                             \
	err_t name(__attribute__((unused)) int nargs, __attribute__((unused)) PObject *self,       \
		   __attribute__((unused)) PObject **args, __attribute__((unused)) PObject **res)

typedef err_t (*zos_native)(int nargs, PObject *self, PObject **args, PObject **res);

/** Calls a native for Python. */
PyObject *zos_call(zos_native native, PyObject *self, PyObject *const *args, Py_ssize_t nargs);

/** Makes a native callable; then ZOS_METHOD(name) in ZPY_NATIVE_MODULE(). */
#define ZOS_EXPORT(name)                                                                           \
	static PyObject *name##_exported(PyObject *self, PyObject *const *args, Py_ssize_t nargs)  \
	{                                                                                          \
		return zos_call(name, self, args, nargs);                                          \
	}

#define ZOS_METHOD(name) {#name, _PyCFunction_CAST(name##_exported), METH_FASTCALL, NULL}

/* Types */

enum {
	PSMALLINT,
	PINTEGER,
	PFLOAT,
	PBOOL,
	PSTRING,
	PBYTES,
	PBYTEARRAY,
	PSHORTS,
	PSHORTARRAY,
	PLIST,
	PTUPLE,
	PRANGE,
	PFSET,
	PSET,
	PDICT,
	PFUNCTION,
	PMETHOD,
	PCLASS,
	PINSTANCE,
	PMODULE,
	PBUFFER,
	PSLICE,
	PITERATOR,
	PFRAME,
	PNONE,
	PEXCEPTION,
	PNATIVE,
	PTHREAD,
};

int zos_type(PObject *object);
bool zos_tagged(PObject *object);

#define IS_TAGGED(obj)   zos_tagged((PObject *)(obj))
#define PTYPE(obj)       zos_type((PObject *)(obj))
#define PHEADERTYPE(obj) zos_type((PObject *)(obj))

/* Numbers */

int64_t zos_integer(PObject *object);
double zos_float(PObject *object);
PObject *pinteger_new(int64_t x);
PObject *pfloat_new(double x);

#define PSMALLINT_NEW(x)   pinteger_new(x)
#define PSMALLINT_VALUE(x) ((int32_t)zos_integer((PObject *)(x)))
#define IS_PSMALLINT(x)    (PTYPE(x) == PSMALLINT)
#define INTEGER_VALUE(x)   zos_integer((PObject *)(x))
#define PFLOAT_VALUE(x)    zos_float((PObject *)(x))

/* Bool and None */

#define IS_BOOL(x)  PyBool_Check((PObject *)(x))
#define PBOOL_TRUE  ((PObject *)Py_True)
#define PBOOL_FALSE ((PObject *)Py_False)
#define MAKE_NONE() ((PObject *)Py_None)

/* Sequences */

int32_t zos_elements(PObject *seq);
void zos_elements_set(PObject *seq, int32_t n);
int32_t zos_size(PObject *seq);
uint8_t *zos_bytes(PObject *seq);
uint16_t *zos_shorts(PObject *seq);
PObject **zos_objects(PObject *seq);
PObject *zos_item(PObject *seq, int32_t i);
void zos_set_item(PObject *seq, int32_t i, PObject *item);

#define PSEQUENCE_ELEMENTS(seq)        zos_elements((PObject *)(seq))
#define PSEQUENCE_ELEMENTS_SET(seq, n) zos_elements_set((PObject *)(seq), n)
#define PSEQUENCE_SIZE(seq)            zos_size((PObject *)(seq))
#define PSEQUENCE_BYTES(seq)           zos_bytes((PObject *)(seq))
#define PSEQUENCE_SHORTS(seq)          zos_shorts((PObject *)(seq))
#define PSEQUENCE_OBJECTS(seq)         zos_objects((PObject *)(seq))
#define PLIST_ITEM(lst, i)             zos_item((PObject *)(lst), i)
#define PLIST_SET_ITEM(lst, i, item)   zos_set_item((PObject *)(lst), i, (PObject *)(item))
#define PTUPLE_ITEM(lst, i)            zos_item((PObject *)(lst), i)
#define PTUPLE_SET_ITEM(lst, i, item)  zos_set_item((PObject *)(lst), i, (PObject *)(item))

PObject *psequence_new(uint8_t type, uint16_t elements);
PObject *pstring_new(uint16_t len, uint8_t *buf);
PObject *pbytes_new(uint16_t len, uint8_t *buf);
PObject *pshorts_new(uint16_t len, uint16_t *buf);
PObject *ptuple_new(uint16_t len, PObject **buf);
PObject *plist_new(uint16_t len, PObject **buf);

/* Dictionaries and sets */

int32_t zos_hash_elements(PObject *object);
bool zos_hashable(PObject *object);
int zos_dict_put(PObject *dict, PObject *key, PObject *value);
PObject *zos_dict_get(PObject *dict, PObject *key);
PObject *zos_dict_del(PObject *dict, PObject *key);
int zos_set_put(PObject *set, PObject *key);
PObject *zos_set_get(PObject *set, PObject *key);
PObject *zos_set_del(PObject *set, PObject *key);

#define PHASH_ELEMENTS(obj)  zos_hash_elements((PObject *)(obj))
#define PHASH_SIZE(obj)      zos_hash_elements((PObject *)(obj))
#define PCHECK_HASHABLE(obj) zos_hashable((PObject *)(obj))
#define pdict_put(f, k, v)   zos_dict_put((PObject *)(f), (PObject *)(k), (PObject *)(v))
#define pdict_get(f, k)      zos_dict_get((PObject *)(f), (PObject *)(k))
#define pdict_del(f, k)      zos_dict_del((PObject *)(f), (PObject *)(k))
#define pset_put(f, k)       zos_set_put((PObject *)(f), (PObject *)(k))
#define pset_get(f, k)       zos_set_get((PObject *)(f), (PObject *)(k))
#define pset_del(f, k)       zos_set_del((PObject *)(f), (PObject *)(k))

PObject *pdict_new(int size);
PObject *pset_new(int type, int size);

/* Exceptions */

enum {
	ERR_OK,
	ERR_TYPE_EXC,
	ERR_ZERODIV_EXC,
	ERR_ATTRIBUTE_EXC,
	ERR_RUNTIME_EXC,
	ERR_VALUE_EXC,
	ERR_INDEX_EXC,
	ERR_KEY_EXC,
	ERR_NOT_IMPLEMENTED_EXC,
	ERR_UNSUPPORTED_EXC,
	ERR_OVERFLOW_EXC,
	ERR_STOP_ITERATION,
	ERR_NAME_EXC,
	ERR_IOERROR_EXC,
	ERR_CONNECTION_REF_EXC,
	ERR_CONNECTION_RES_EXC,
	ERR_CONNECTION_ABR_EXC,
	ERR_TIMEOUT_EXC,
	ERR_PERIPHERAL_ERROR_EXC,
	ERR_PERIPHERAL_INVALID_PIN_EXC,
	ERR_PERIPHERAL_INVALID_HARDWARE_STATUS_EXC,
	ERR_PERIPHERAL_INITIALIZATION_ERROR,
};

/** Lets other threads run Python around what waits; in one block. */
#define RELEASE_GIL() PyThreadState *zos_state = PyEval_SaveThread()
#define ACQUIRE_GIL() PyEval_RestoreThread(zos_state)

#endif /* ZPY_ZOS_H_ */
