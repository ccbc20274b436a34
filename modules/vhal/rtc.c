/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Real-time clocks, and their alarms. */

#include "vhal.h"

#include <errno.h>

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

#ifdef CONFIG_RTC_ALARM

/* An alarm that was set. It stays for the run of the machine: there are as many as clocks have. */
struct alarm {
	sys_snode_t node;
	const struct device *device;
	uint16_t id;
	PyObject *source; /* an Interrupt of _vosal, */
	struct zpy_interrupt *inside;
};

static sys_slist_t alarms = SYS_SLIST_STATIC_INIT(&alarms);

static struct alarm *find(const struct device *device, uint32_t id)
{
	struct alarm *alarm;

	SYS_SLIST_FOR_EACH_CONTAINER(&alarms, alarm, node) {
		if (alarm->device == device && alarm->id == id) {
			return alarm;
		}
	}
	return NULL;
}

static void on_alarm(const struct device *device, uint16_t id, void *data)
{
	(void)device;
	(void)zpy_interrupt_post(((struct alarm *)data)->inside, id);
}

/* No time is the last thing that a clock is told; some drivers turn the interrupt on with it. */
static int alarm_off(const struct device *device, uint16_t id)
{
	int ret = rtc_alarm_set_time(device, id, 0, NULL);
	int callback = rtc_alarm_set_callback(device, id, NULL, NULL);

	return ret < 0 ? ret : callback;
}

PyDoc_STRVAR(
	rtc_alarm_doc,
	"rtc_alarm(device, id, month, day, hour, minute, second, /)\n"
	"--\n"
	"\n"
	"Make an event each time the clock shows that; return its source, an Interrupt of\n"
	"_vosal.\n"
	"\n"
	"id: which of the clock's alarms, from 0; an earlier time of it is forgotten. Many clocks\n"
	"compare less than the month: then the event comes each month, or each day. Its value is\n"
	"the id. Raises UnsupportedError when the clock has no such alarm.");

static PyObject *rtc_alarm_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	static const struct {
		const char *name;
		int least;
		int most;
	} fields[] = {
		{"month", 1, 12},  {"day", 1, 31},    {"hour", 0, 23},
		{"minute", 0, 59}, {"second", 0, 59},
	};
	struct vhal_device *device;
	struct alarm *alarm;
	struct rtc_time time;
	long long values[ARRAY_SIZE(fields)];
	uint32_t id;
	uint16_t mask;
	int ret;

	(void)module;
	if (!vhal_count("rtc_alarm", count, 7, 7) ||
	    (device = vhal_device_arg(args[0], VHAL_RTC)) == NULL ||
	    !vhal_u32(args[1], "id", 0, UINT16_MAX, &id)) {
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!vhal_int(args[i + 2], fields[i].name, fields[i].least, fields[i].most,
			      &values[i])) {
			return NULL;
		}
	}
	if (rtc_alarm_get_supported_fields(device->device, (uint16_t)id, &mask) < 0) {
		return vhal_error_text(-ENOTSUP, "%s has no alarm %u", device->node->path,
				       (unsigned int)id);
	}
	alarm = find(device->device, id);
	if (alarm == NULL) {
		alarm = PyMem_RawCalloc(1, sizeof(*alarm));
		if (alarm == NULL) {
			return PyErr_NoMemory();
		}
		alarm->device = device->device;
		alarm->id = (uint16_t)id;
		sys_slist_append(&alarms, &alarm->node);
	}
	if (alarm->source == NULL) {
		alarm->source = vhal_interrupt_new(device, id, &alarm->inside);
		if (alarm->source == NULL) {
			return NULL;
		}
	}
	time = (struct rtc_time){
		.tm_mon = (int)values[0] - 1,
		.tm_mday = (int)values[1],
		.tm_hour = (int)values[2],
		.tm_min = (int)values[3],
		.tm_sec = (int)values[4],
		.tm_wday = -1,
		.tm_yday = -1,
		.tm_isdst = -1,
	};
	mask &= RTC_ALARM_TIME_MASK_SECOND | RTC_ALARM_TIME_MASK_MINUTE | RTC_ALARM_TIME_MASK_HOUR |
		RTC_ALARM_TIME_MASK_MONTHDAY | RTC_ALARM_TIME_MASK_MONTH;
	Py_BEGIN_ALLOW_THREADS ret = rtc_alarm_set_time(device->device, (uint16_t)id, mask, &time);
	if (ret == 0) {
		ret = rtc_alarm_set_callback(device->device, (uint16_t)id, on_alarm, alarm);
	}
	Py_END_ALLOW_THREADS return ret < 0 ? vhal_error(device, ret) : Py_NewRef(alarm->source);
}

VHAL_LOCKED(rtc_alarm)

PyDoc_STRVAR(rtc_alarm_off_doc, "rtc_alarm_off(device, id, /)\n"
				"--\n"
				"\n"
				"Take an alarm back. One that was never set is ignored.");

static PyObject *rtc_alarm_off(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t id;
	int ret;

	(void)module;
	if (!vhal_count("rtc_alarm_off", count, 2, 2) ||
	    (device = vhal_device_arg(args[0], VHAL_RTC)) == NULL ||
	    !vhal_u32(args[1], "id", 0, UINT16_MAX, &id)) {
		return NULL;
	}
	if (find(device->device, id) == NULL) {
		Py_RETURN_NONE;
	}
	Py_BEGIN_ALLOW_THREADS ret = alarm_off(device->device, (uint16_t)id);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

void vhal_rtc_clear(void)
{
	struct alarm *alarm;

	SYS_SLIST_FOR_EACH_CONTAINER(&alarms, alarm, node) {
		(void)alarm_off(alarm->device, alarm->id);
		alarm->source = NULL; /* it was an object of an interpreter that has ended */
	}
}
#endif /* CONFIG_RTC_ALARM */

static PyMethodDef methods[] = {
	VHAL_METHOD(rtc_get),   VHAL_METHOD(rtc_set),
#ifdef CONFIG_RTC_ALARM
	VHAL_METHOD(rtc_alarm), VHAL_METHOD(rtc_alarm_off),
#endif
	{NULL, NULL, 0, NULL},
};

int vhal_rtc_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
