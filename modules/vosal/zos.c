/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The C API of zOS on CPython: see zpy/zos.h. */

#include <zpy/zos.h>

#include <string.h>

#include <zephyr/sys/util.h>

/* What the native that runs has made: freed when it returns. */
static __thread PyObject *pool;

/** Hands a new reference to the pool; the native has the object without one. */
static PObject *keep(PyObject *object)
{
	if (object != NULL) {
		int ret = PyList_Append(pool, object);

		Py_DECREF(object);
		return ret == 0 ? object : NULL;
	}
	return NULL;
}

/** The class behind a code; a new reference, or NULL with an exception set. */
static PyObject *exception_of(err_t code)
{
	static const char *const ours[] = {"PeripheralError", "InvalidPinError",
					   "InvalidHardwareStatusError",
					   "HardwareInitializationError"};
	const char *name = NULL;
	PyObject *found = NULL;

	switch (code) {
	case ERR_TYPE_EXC:
		found = PyExc_TypeError;
		break;
	case ERR_ZERODIV_EXC:
		found = PyExc_ZeroDivisionError;
		break;
	case ERR_ATTRIBUTE_EXC:
		found = PyExc_AttributeError;
		break;
	case ERR_RUNTIME_EXC:
		found = PyExc_RuntimeError;
		break;
	case ERR_VALUE_EXC:
		found = PyExc_ValueError;
		break;
	case ERR_INDEX_EXC:
		found = PyExc_IndexError;
		break;
	case ERR_KEY_EXC:
		found = PyExc_KeyError;
		break;
	case ERR_NOT_IMPLEMENTED_EXC:
		found = PyExc_NotImplementedError;
		break;
	case ERR_UNSUPPORTED_EXC:
		name = "UnsupportedError";
		break;
	case ERR_OVERFLOW_EXC:
		found = PyExc_OverflowError;
		break;
	case ERR_STOP_ITERATION:
		found = PyExc_StopIteration;
		break;
	case ERR_NAME_EXC:
		found = PyExc_NameError;
		break;
	case ERR_IOERROR_EXC:
		found = PyExc_OSError;
		break;
	case ERR_CONNECTION_REF_EXC:
		found = PyExc_ConnectionRefusedError;
		break;
	case ERR_CONNECTION_RES_EXC:
		found = PyExc_ConnectionResetError;
		break;
	case ERR_CONNECTION_ABR_EXC:
		found = PyExc_ConnectionAbortedError;
		break;
	case ERR_TIMEOUT_EXC:
		found = PyExc_TimeoutError;
		break;
	case ERR_PERIPHERAL_ERROR_EXC:
	case ERR_PERIPHERAL_INVALID_PIN_EXC:
	case ERR_PERIPHERAL_INVALID_HARDWARE_STATUS_EXC:
	case ERR_PERIPHERAL_INITIALIZATION_ERROR:
		name = ours[code - ERR_PERIPHERAL_ERROR_EXC];
		break;
	default:
		PyErr_Format(PyExc_SystemError, "a native returned %d, which is no ERR_ code",
			     code);
		return NULL;
	}
	if (name != NULL) {
		PyObject *module = PyImport_ImportModule("kernel.errors");

		found = module != NULL ? PyObject_GetAttrString(module, name) : NULL;
		Py_XDECREF(module);
		return found;
	}
	return Py_NewRef(found);
}

PyObject *zos_call(zos_native native, PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	PyObject *outer = pool;
	PyObject *result = Py_None;
	err_t code;

	pool = PyList_New(0);
	if (pool == NULL) {
		pool = outer;
		return NULL;
	}
	code = native((int)nargs, self, (PObject **)args, &result);
	if (code == ERR_OK && !PyErr_Occurred()) {
		Py_XINCREF(result);
		if (result == NULL) {
			result = Py_NewRef(Py_None);
		}
	} else {
		result = NULL;
		/* What CPython has to say is more exact than a code, and MemoryError more true. */
		if (!PyErr_Occurred()) {
			PyObject *type = exception_of(code);

			if (type != NULL) {
				PyErr_SetNone(type);
				Py_DECREF(type);
			}
		}
	}
	Py_SETREF(pool, outer);
	return result;
}

static bool is_shorts(PObject *object)
{
	Py_buffer view;
	bool found;

	if (PyBytes_Check(object) || PyByteArray_Check(object) || !PyObject_CheckBuffer(object)) {
		return false;
	}
	if (PyObject_GetBuffer(object, &view, PyBUF_FORMAT | PyBUF_ND) < 0) {
		PyErr_Clear();
		return false;
	}
	found = view.itemsize == 2 && view.format != NULL && strcmp(view.format, "H") == 0;
	PyBuffer_Release(&view);
	return found;
}

int zos_type(PObject *object)
{
	if (PyBool_Check(object)) {
		return PBOOL;
	}
	if (PyLong_Check(object)) {
		int overflow;
		long value = PyLong_AsLongAndOverflow(object, &overflow);

		return overflow == 0 && value >= -(1L << 29) && value < (1L << 29) ? PSMALLINT
										   : PINTEGER;
	}
	const struct {
		bool found;
		int type;
	} kinds[] = {
		{object == Py_None, PNONE},
		{PyFloat_Check(object), PFLOAT},
		{PyUnicode_Check(object), PSTRING},
		{PyBytes_Check(object), PBYTES},
		{PyByteArray_Check(object), PBYTEARRAY},
		{PyList_Check(object), PLIST},
		{PyTuple_Check(object), PTUPLE},
		{PyRange_Check(object), PRANGE},
		{PyFrozenSet_Check(object), PFSET},
		{PySet_Check(object), PSET},
		{PyDict_Check(object), PDICT},
		{PyFunction_Check(object), PFUNCTION},
		{PyMethod_Check(object), PMETHOD},
		{PyExceptionClass_Check(object) || PyExceptionInstance_Check(object), PEXCEPTION},
		{PyType_Check(object), PCLASS},
		{PyModule_Check(object), PMODULE},
		{PySlice_Check(object), PSLICE},
		{PyCFunction_Check(object), PNATIVE},
		{PyFrame_Check(object), PFRAME},
		{PyIter_Check(object), PITERATOR},
		{is_shorts(object), PSHORTARRAY},
		{PyObject_CheckBuffer(object), PBUFFER},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].found) {
			return kinds[i].type;
		}
	}
	return PINSTANCE;
}

bool zos_tagged(PObject *object)
{
	int type = zos_type(object);

	return type == PSMALLINT || type == PBOOL || type == PNONE || type == PEXCEPTION ||
	       type == PNATIVE;
}

/* Numbers. What goes wrong leaves an exception, which zos_call() finds. */

int64_t zos_integer(PObject *object)
{
	return PyLong_AsLongLong(object);
}

double zos_float(PObject *object)
{
	return PyFloat_AsDouble(object);
}

PObject *pinteger_new(int64_t x)
{
	return keep(PyLong_FromLongLong(x));
}

PObject *pfloat_new(double x)
{
	return keep(PyFloat_FromDouble(x));
}

/* Sequences */

int32_t zos_elements(PObject *seq)
{
	return (int32_t)PySequence_Size(seq);
}

int32_t zos_size(PObject *seq)
{
	if (PyList_Check(seq)) {
		return (int32_t)((PyListObject *)seq)->allocated;
	}
	if (PyByteArray_Check(seq)) {
		return (int32_t)MAX(((PyByteArrayObject *)seq)->ob_alloc - 1, 0);
	}
	return zos_elements(seq);
}

void zos_elements_set(PObject *seq, int32_t n)
{
	if (n < 0) {
		PyErr_SetString(PyExc_ValueError, "a sequence has 0 elements or more");
	} else if (PyList_Check(seq)) {
		while (PyList_GET_SIZE(seq) < n) {
			if (PyList_Append(seq, Py_None) < 0) {
				return;
			}
		}
		(void)PyList_SetSlice(seq, n, PyList_GET_SIZE(seq), NULL);
	} else if (PyByteArray_Check(seq)) {
		Py_ssize_t before = PyByteArray_GET_SIZE(seq);

		/* What was written beyond the elements, where there was room, stays. */
		if (n > before && n < zos_size(seq)) {
			Py_SET_SIZE(seq, n);
			PyByteArray_AS_STRING(seq)[n] = '\0';
		} else {
			(void)PyByteArray_Resize(seq, n);
		}
	} else if (n != zos_elements(seq)) {
		PyErr_SetString(PyExc_TypeError, "the length of this sequence cannot change");
	}
}

uint8_t *zos_bytes(PObject *seq)
{
	Py_buffer view;
	uint8_t *data;

	if (PyUnicode_Check(seq)) {
		return (uint8_t *)PyUnicode_AsUTF8(seq);
	}
	if (PyByteArray_Check(seq)) {
		/* Also where it has no elements yet, which its own functions hide. */
		return (uint8_t *)((PyByteArrayObject *)seq)->ob_start;
	}
	if (PyObject_GetBuffer(seq, &view, PyBUF_SIMPLE) < 0) {
		return NULL;
	}
	data = view.buf;
	PyBuffer_Release(&view);
	return data;
}

uint16_t *zos_shorts(PObject *seq)
{
	if (!is_shorts(seq)) {
		PyErr_Format(PyExc_TypeError, "an array of 'H' is needed, not %T", seq);
		return NULL;
	}
	return (uint16_t *)zos_bytes(seq);
}

PObject **zos_objects(PObject *seq)
{
	if (PyList_Check(seq)) {
		return ((PyListObject *)seq)->ob_item;
	}
	if (PyTuple_Check(seq)) {
		return ((PyTupleObject *)seq)->ob_item;
	}
	PyErr_Format(PyExc_TypeError, "a list or tuple is needed, not %T", seq);
	return NULL;
}

PObject *zos_item(PObject *seq, int32_t i)
{
	return PyList_Check(seq) ? PyList_GetItem(seq, i) : PyTuple_GetItem(seq, i);
}

void zos_set_item(PObject *seq, int32_t i, PObject *item)
{
	if (PyList_Check(seq)) {
		if (i >= PyList_GET_SIZE(seq) && i < zos_size(seq)) {
			zos_elements_set(seq, i + 1);
		}
		(void)PyList_SetItem(seq, i, Py_NewRef(item));
	} else if (PyTuple_Check(seq) && i >= 0 && i < PyTuple_GET_SIZE(seq)) {
		/* A tuple that the native has just made: nobody else has seen it. */
		Py_SETREF(((PyTupleObject *)seq)->ob_item[i], Py_NewRef(item));
	} else {
		PyErr_SetString(PyExc_IndexError, "no such element");
	}
}

static PyObject *list_of(uint16_t len, PObject **buf)
{
	PyObject *list = PyList_New(len);

	for (uint16_t i = 0; list != NULL && i < len; i++) {
		PyList_SET_ITEM(list, i, Py_NewRef(buf != NULL ? buf[i] : Py_None));
	}
	return list;
}

static PyObject *tuple_of(uint16_t len, PObject **buf)
{
	PyObject *tuple = PyTuple_New(len);

	for (uint16_t i = 0; tuple != NULL && i < len; i++) {
		PyTuple_SET_ITEM(tuple, i, Py_NewRef(buf != NULL ? buf[i] : Py_None));
	}
	return tuple;
}

PObject *pstring_new(uint16_t len, uint8_t *buf)
{
	PyObject *string;

	if (buf != NULL) {
		return keep(PyUnicode_DecodeUTF8((const char *)buf, len, NULL));
	}
	string = PyUnicode_New(len, 127);
	if (string != NULL && len > 0) {
		memset(PyUnicode_1BYTE_DATA(string), 0, len);
	}
	return keep(string);
}

PObject *pbytes_new(uint16_t len, uint8_t *buf)
{
	PyObject *bytes = PyBytes_FromStringAndSize((const char *)buf, len);

	if (bytes != NULL && buf == NULL) {
		memset(PyBytes_AS_STRING(bytes), 0, len);
	}
	return keep(bytes);
}

PObject *pshorts_new(uint16_t len, uint16_t *buf)
{
	PyObject *module = PyImport_ImportModule("array");
	PyObject *bytes = PyBytes_FromStringAndSize((const char *)buf, len * sizeof(*buf));
	PyObject *array = NULL;

	if (module != NULL && bytes != NULL) {
		if (buf == NULL) {
			memset(PyBytes_AS_STRING(bytes), 0, len * sizeof(*buf));
		}
		array = PyObject_CallMethod(module, "array", "sO", "H", bytes);
	}
	Py_XDECREF(module);
	Py_XDECREF(bytes);
	return keep(array);
}

PObject *plist_new(uint16_t len, PObject **buf)
{
	return keep(list_of(len, buf));
}

PObject *ptuple_new(uint16_t len, PObject **buf)
{
	return keep(tuple_of(len, buf));
}

/** A bytearray or list with room for some elements, and none yet. */
static PObject *with_room(uint8_t type, uint16_t elements)
{
	PObject *made;

	if (type == PLIST) {
		made = keep(PyList_New(elements)); /* all NULL, */
		if (made != NULL) {
			Py_SET_SIZE(made, 0); /* and out of sight */
		}
		return made;
	}
	made = keep(PyByteArray_FromStringAndSize(NULL, elements));
	if (made != NULL && elements > 0) {
		memset(PyByteArray_AS_STRING(made), 0, elements);
		Py_SET_SIZE(made, 0);
	}
	return made;
}

PObject *psequence_new(uint8_t type, uint16_t elements)
{
	switch (type) {
	case PSTRING:
		return pstring_new(elements, NULL);
	case PBYTES:
		return pbytes_new(elements, NULL);
	case PBYTEARRAY:
	case PLIST:
		return with_room(type, elements);
	case PSHORTS:
	case PSHORTARRAY:
		return pshorts_new(elements, NULL);
	case PTUPLE:
		return ptuple_new(elements, NULL);
	default:
		PyErr_Format(PyExc_TypeError, "type %d is no sequence", type);
		return NULL;
	}
}

/* Dictionaries and sets */

int32_t zos_hash_elements(PObject *object)
{
	return (int32_t)PyObject_Size(object);
}

bool zos_hashable(PObject *object)
{
	if (PyObject_Hash(object) == -1) {
		PyErr_Clear();
		return false;
	}
	return true;
}

int zos_dict_put(PObject *dict, PObject *key, PObject *value)
{
	return PyDict_SetItem(dict, key, value);
}

PObject *zos_dict_get(PObject *dict, PObject *key)
{
	return PyDict_GetItemWithError(dict, key);
}

PObject *zos_dict_del(PObject *dict, PObject *key)
{
	PyObject *value;

	if (PyDict_Pop(dict, key, &value) <= 0) {
		return NULL;
	}
	return keep(value);
}

int zos_set_put(PObject *set, PObject *key)
{
	return PySet_Add(set, key);
}

PObject *zos_set_get(PObject *set, PObject *key)
{
	return PySet_Contains(set, key) > 0 ? key : NULL;
}

PObject *zos_set_del(PObject *set, PObject *key)
{
	return PySet_Discard(set, key) > 0 ? key : NULL;
}

PObject *pdict_new(int size)
{
	(void)size;
	return keep(PyDict_New());
}

PObject *pset_new(int type, int size)
{
	(void)size;
	return keep(type == PFSET ? PyFrozenSet_New(NULL) : PySet_New(NULL));
}
