/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Sensors: any driver of Zephyr's sensor API. */

#include "vhal.h"

#include <zephyr/drivers/sensor.h>

PyDoc_STRVAR(sensor_fetch_doc, "sensor_fetch(device, /)\n"
			       "--\n"
			       "\n"
			       "Have the sensor measure; sensor_get() tells what.");

static PyObject *sensor_fetch(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	int ret;

	(void)module;
	if (!vhal_count("sensor_fetch", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_SENSOR)) == NULL) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret = sensor_sample_fetch(device->device);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

PyDoc_STRVAR(sensor_get_doc,
	     "sensor_get(device, channel, /)\n"
	     "--\n"
	     "\n"
	     "Return (whole, millionths) of one of SENSOR_CHAN_*, as it was last fetched.\n"
	     "\n"
	     "Raises UnsupportedError for a channel that the sensor does not have.");

static PyObject *sensor_get(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	/* A driver may fill several, for a channel like ACCEL_XYZ. */
	struct sensor_value values[16] = {0};
	int ret;

	(void)module;
	if (!vhal_count("sensor_get", count, 2, 2) ||
	    (device = vhal_device_arg(args[0], VHAL_SENSOR)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, INT16_MAX, &channel)) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret =
		sensor_channel_get(device->device, (enum sensor_channel)channel, values);
	Py_END_ALLOW_THREADS if (ret < 0)
	{
		return vhal_error_text(ret, "%s: channel %u: %s", device->node->path,
				       (unsigned int)channel, strerror(-ret));
	}
	return Py_BuildValue("(ii)", values[0].val1, values[0].val2);
}

PyDoc_STRVAR(sensor_set_doc, "sensor_set(device, channel, attribute, whole, millionths, /)\n"
			     "--\n"
			     "\n"
			     "Set one of SENSOR_ATTR_* of a channel: the rate, the range.");

static PyObject *sensor_set(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t attribute;
	long long whole;
	long long millionths;
	struct sensor_value value;
	int ret;

	(void)module;
	if (!vhal_count("sensor_set", count, 5, 5) ||
	    (device = vhal_device_arg(args[0], VHAL_SENSOR)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, INT16_MAX, &channel) ||
	    !vhal_u32(args[2], "attribute", 0, INT16_MAX, &attribute) ||
	    !vhal_int(args[3], "whole", INT32_MIN, INT32_MAX, &whole) ||
	    !vhal_int(args[4], "millionths", -999999, 999999, &millionths)) {
		return NULL;
	}
	value = (struct sensor_value){.val1 = (int32_t)whole, .val2 = (int32_t)millionths};
	Py_BEGIN_ALLOW_THREADS ret = sensor_attr_set(device->device, (enum sensor_channel)channel,
						     (enum sensor_attribute)attribute, &value);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(sensor_fetch),
	VHAL_METHOD(sensor_get),
	VHAL_METHOD(sensor_set),
	{NULL, NULL, 0, NULL},
};

#define CHANNEL(name)   {"SENSOR_CHAN_" #name, SENSOR_CHAN_##name}
#define ATTRIBUTE(name) {"SENSOR_ATTR_" #name, SENSOR_ATTR_##name}

static const struct {
	const char *name;
	int value;
} constants[] = {
	CHANNEL(ACCEL_X),
	CHANNEL(ACCEL_Y),
	CHANNEL(ACCEL_Z),
	CHANNEL(GYRO_X),
	CHANNEL(GYRO_Y),
	CHANNEL(GYRO_Z),
	CHANNEL(MAGN_X),
	CHANNEL(MAGN_Y),
	CHANNEL(MAGN_Z),
	CHANNEL(DIE_TEMP),
	CHANNEL(AMBIENT_TEMP),
	CHANNEL(PRESS),
	CHANNEL(PROX),
	CHANNEL(HUMIDITY),
	CHANNEL(LIGHT),
	CHANNEL(IR),
	CHANNEL(RED),
	CHANNEL(GREEN),
	CHANNEL(BLUE),
	CHANNEL(ALTITUDE),
	CHANNEL(PM_1_0),
	CHANNEL(PM_2_5),
	CHANNEL(PM_10),
	CHANNEL(DISTANCE),
	CHANNEL(CO2),
	CHANNEL(VOC),
	CHANNEL(GAS_RES),
	CHANNEL(VOLTAGE),
	CHANNEL(CURRENT),
	CHANNEL(POWER),
	CHANNEL(RESISTANCE),
	CHANNEL(ROTATION),
	CHANNEL(RPM),
	ATTRIBUTE(SAMPLING_FREQUENCY),
	ATTRIBUTE(LOWER_THRESH),
	ATTRIBUTE(UPPER_THRESH),
	ATTRIBUTE(SLOPE_TH),
	ATTRIBUTE(SLOPE_DUR),
	ATTRIBUTE(OVERSAMPLING),
	ATTRIBUTE(FULL_SCALE),
	ATTRIBUTE(OFFSET),
	ATTRIBUTE(CALIB_TARGET),
	ATTRIBUTE(CONFIGURATION),
};

int vhal_sensor_exec(PyObject *module)
{
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
		if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
			return -1;
		}
	}
	return PyModule_AddFunctions(module, methods);
}
