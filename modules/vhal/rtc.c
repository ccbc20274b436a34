/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Real-time clocks. */

#include "vhal.h"

#include <zephyr/drivers/rtc.h>

PyDoc_STRVAR(rtc_get_doc, "rtc_get(device, /)\n"
			  "--\n"
			  "\n"
			  "Return (year, month, day, hour, minute, second, nanosecond).\n"
			  "\n"
			  "Raises OSError(ENODATA) when the clock was never set.");

static PyObject *rtc_get(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct rtc_time time = {0};
	int ret;

	(void)module;
	if (!vhal_count("rtc_get", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_RTC)) == NULL) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret = rtc_get_time(device->device, &time);
	Py_END_ALLOW_THREADS if (ret < 0)
	{
		return vhal_error(device, ret);
	}
	return Py_BuildValue("(iiiiiii)", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday,
			     time.tm_hour, time.tm_min, time.tm_sec, time.tm_nsec);
}

PyDoc_STRVAR(rtc_set_doc,
	     "rtc_set(device, year, month, day, hour, minute, second, weekday, yearday, /)\n"
	     "--\n"
	     "\n"
	     "Set the clock. weekday is 0..6 from Sunday, yearday 0..365.");

static PyObject *rtc_set(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	static const struct {
		const char *name;
		int least;
		int most;
	} fields[] = {
		{"year", 1900, 2199}, {"month", 1, 12},  {"day", 1, 31},    {"hour", 0, 23},
		{"minute", 0, 59},    {"second", 0, 59}, {"weekday", 0, 6}, {"yearday", 0, 365},
	};
	struct vhal_device *device;
	struct rtc_time time;
	long long values[ARRAY_SIZE(fields)];
	int ret;

	(void)module;
	if (!vhal_count("rtc_set", count, 9, 9) ||
	    (device = vhal_device_arg(args[0], VHAL_RTC)) == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!vhal_int(args[i + 1], fields[i].name, fields[i].least, fields[i].most,
			      &values[i])) {
			return NULL;
		}
	}
	time = (struct rtc_time){
		.tm_year = (int)values[0] - 1900,
		.tm_mon = (int)values[1] - 1,
		.tm_mday = (int)values[2],
		.tm_hour = (int)values[3],
		.tm_min = (int)values[4],
		.tm_sec = (int)values[5],
		.tm_wday = (int)values[6],
		.tm_yday = (int)values[7],
		.tm_isdst = -1,
	};
	Py_BEGIN_ALLOW_THREADS ret = rtc_set_time(device->device, &time);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(rtc_get),
	VHAL_METHOD(rtc_set),
	{NULL, NULL, 0, NULL},
};

int vhal_rtc_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
