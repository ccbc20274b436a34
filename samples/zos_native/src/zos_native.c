/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Natives as they are written for zOS; only the last lines are ZPy's. */

#include <zpy/zos.h>

#include <string.h>

C_NATIVE(add)
{
	if (nargs != 2 || !IS_PSMALLINT(args[0]) || !IS_PSMALLINT(args[1])) {
		return ERR_TYPE_EXC;
	}
	*res = PSMALLINT_NEW(PSMALLINT_VALUE(args[0]) + PSMALLINT_VALUE(args[1]));
	return ERR_OK;
}

/* A list of the squares up to n. */
C_NATIVE(squares)
{
	if (nargs != 1) {
		return ERR_TYPE_EXC;
	}
	int64_t n = INTEGER_VALUE(args[0]);

	if (n < 0 || n > 1000) {
		return ERR_VALUE_EXC;
	}
	PObject *list = psequence_new(PLIST, n);

	if (list == NULL) {
		return ERR_RUNTIME_EXC;
	}
	for (int i = 0; i < n; i++) {
		PLIST_SET_ITEM(list, i, pinteger_new((int64_t)i * i));
	}
	PSEQUENCE_ELEMENTS_SET(list, n);
	*res = list;
	return ERR_OK;
}

/* How often each byte comes, as a dictionary. */
C_NATIVE(histogram)
{
	if (nargs != 1 || (PTYPE(args[0]) != PBYTES && PTYPE(args[0]) != PBYTEARRAY &&
			   PTYPE(args[0]) != PSTRING)) {
		return ERR_TYPE_EXC;
	}
	uint8_t *bytes = PSEQUENCE_BYTES(args[0]);
	int elements = PSEQUENCE_ELEMENTS(args[0]);
	PObject *counts = pdict_new(16);

	for (int i = 0; i < elements; i++) {
		PObject *key = PSMALLINT_NEW(bytes[i]);
		PObject *old = pdict_get(counts, key);

		pdict_put(counts, key, PSMALLINT_NEW(old != NULL ? PSMALLINT_VALUE(old) + 1 : 1));
	}
	*res = counts;
	return ERR_OK;
}

/* Everything that can be made, in one tuple. */
C_NATIVE(zoo)
{
	uint16_t shorts[] = {1, 2, 65535};
	PObject *set = pset_new(PSET, 2);
	PObject *frozen = pset_new(PFSET, 2);
	PObject *array = psequence_new(PBYTEARRAY, 4);

	pset_put(set, PSMALLINT_NEW(7));
	pset_put(set, PSMALLINT_NEW(8));
	pset_del(set, PSMALLINT_NEW(8));
	pset_put(frozen, pstring_new(1, (uint8_t *)"x"));
	memcpy(PSEQUENCE_BYTES(array), "ab", 2);
	PSEQUENCE_ELEMENTS_SET(array, 2);

	PObject *all[] = {
		PSMALLINT_NEW(1),
		pinteger_new(INT64_MAX),
		pfloat_new(0.5),
		PBOOL_TRUE,
		MAKE_NONE(),
		pstring_new(3, (uint8_t *)"abc"),
		pbytes_new(2, NULL),
		array,
		pshorts_new(3, shorts),
		set,
		frozen,
	};

	*res = ptuple_new(sizeof(all) / sizeof(all[0]), all);
	return ERR_OK;
}

/* The type of an object, as a number. */
C_NATIVE(kind)
{
	if (nargs != 1) {
		return ERR_TYPE_EXC;
	}
	*res = PSMALLINT_NEW(PTYPE(args[0]));
	return ERR_OK;
}

/* Ends with the error of that number. */
C_NATIVE(fail)
{
	return nargs == 1 ? PSMALLINT_VALUE(args[0]) : ERR_TYPE_EXC;
}

ZOS_EXPORT(add)
ZOS_EXPORT(squares)
ZOS_EXPORT(histogram)
ZOS_EXPORT(zoo)
ZOS_EXPORT(kind)
ZOS_EXPORT(fail)

ZPY_NATIVE_MODULE(zos_native, "Natives of zOS: see samples/zos_native.", ZOS_METHOD(add),
		  ZOS_METHOD(squares), ZOS_METHOD(histogram), ZOS_METHOD(zoo), ZOS_METHOD(kind),
		  ZOS_METHOD(fail));
