/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief ADC: one sample, or a row of them into a buffer. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/adc.h>

PyDoc_STRVAR(
	adc_setup_doc,
	"adc_setup(device, channel, gain, reference, acquisition, positive, negative, /)\n"
	"--\n"
	"\n"
	"Prepare a channel; return its reference voltage in mV, 0 if the driver cannot tell.\n"
	"\n"
	"gain and reference are the names of the devicetree's zephyr,gain and\n"
	"zephyr,reference: 'ADC_GAIN_1', 'ADC_REF_INTERNAL'. acquisition is Zephyr's encoding of "
	"the\n"
	"acquisition time, 0 the default. positive: the input that the channel is connected to,\n"
	"negative: the other input of a differential channel; -1: none.");

static const struct {
	const char *name;
	enum adc_gain value;
} gains[] = {
	{"ADC_GAIN_1_6", ADC_GAIN_1_6}, {"ADC_GAIN_1_5", ADC_GAIN_1_5},
	{"ADC_GAIN_1_4", ADC_GAIN_1_4}, {"ADC_GAIN_1_3", ADC_GAIN_1_3},
	{"ADC_GAIN_2_5", ADC_GAIN_2_5}, {"ADC_GAIN_1_2", ADC_GAIN_1_2},
	{"ADC_GAIN_2_3", ADC_GAIN_2_3}, {"ADC_GAIN_4_5", ADC_GAIN_4_5},
	{"ADC_GAIN_1", ADC_GAIN_1},     {"ADC_GAIN_2", ADC_GAIN_2},
	{"ADC_GAIN_3", ADC_GAIN_3},     {"ADC_GAIN_4", ADC_GAIN_4},
	{"ADC_GAIN_6", ADC_GAIN_6},     {"ADC_GAIN_8", ADC_GAIN_8},
	{"ADC_GAIN_12", ADC_GAIN_12},   {"ADC_GAIN_16", ADC_GAIN_16},
	{"ADC_GAIN_24", ADC_GAIN_24},   {"ADC_GAIN_32", ADC_GAIN_32},
	{"ADC_GAIN_64", ADC_GAIN_64},   {"ADC_GAIN_128", ADC_GAIN_128},
};

static const struct {
	const char *name;
	enum adc_reference value;
} references[] = {
	{"ADC_REF_VDD_1", ADC_REF_VDD_1},         {"ADC_REF_VDD_1_2", ADC_REF_VDD_1_2},
	{"ADC_REF_VDD_1_3", ADC_REF_VDD_1_3},     {"ADC_REF_VDD_1_4", ADC_REF_VDD_1_4},
	{"ADC_REF_INTERNAL", ADC_REF_INTERNAL},   {"ADC_REF_EXTERNAL0", ADC_REF_EXTERNAL0},
	{"ADC_REF_EXTERNAL1", ADC_REF_EXTERNAL1},
};

static PyObject *adc_setup(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct adc_channel_cfg config = {0};
	uint32_t channel;
	uint32_t acquisition;
	long long positive;
	long long negative;
	const char *gain;
	const char *reference;
	size_t i;
	int ret;

	(void)module;
	if (!vhal_count("adc_setup", count, 7, 7) ||
	    (device = vhal_device_arg(args[0], VHAL_ADC)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 31, &channel) ||
	    (gain = PyUnicode_AsUTF8(args[2])) == NULL ||
	    (reference = PyUnicode_AsUTF8(args[3])) == NULL ||
	    !vhal_u32(args[4], "acquisition", 0, UINT16_MAX, &acquisition) ||
	    !vhal_int(args[5], "positive", -1, 255, &positive) ||
	    !vhal_int(args[6], "negative", -1, 255, &negative)) {
		return NULL;
	}
	for (i = 0; i < ARRAY_SIZE(gains) && strcmp(gains[i].name, gain) != 0; i++) {
	}
	if (i == ARRAY_SIZE(gains)) {
		return PyErr_Format(PyExc_ValueError, "no such gain: %s", gain);
	}
	config.gain = gains[i].value;
	for (i = 0; i < ARRAY_SIZE(references) && strcmp(references[i].name, reference) != 0; i++) {
	}
	if (i == ARRAY_SIZE(references)) {
		return PyErr_Format(PyExc_ValueError, "no such reference: %s", reference);
	}
	config.reference = references[i].value;
	config.acquisition_time = (uint16_t)acquisition;
	config.channel_id = (uint8_t)channel;
	config.differential = negative >= 0;
#ifdef CONFIG_ADC_CONFIGURABLE_INPUTS
	config.input_positive = (uint8_t)MAX(positive, 0);
	config.input_negative = (uint8_t)MAX(negative, 0);
#endif
	Py_BEGIN_ALLOW_THREADS ret = adc_channel_setup(device->device, &config);
	Py_END_ALLOW_THREADS if (ret < 0)
	{
		return vhal_error_text(ret, "%s: channel %u: %s", device->node->path,
				       (unsigned int)channel, strerror(-ret));
	}
	return PyLong_FromLong(
		config.reference == ADC_REF_INTERNAL ? adc_ref_internal(device->device) : 0);
}

PyDoc_STRVAR(adc_read_doc,
	     "adc_read(device, channel, resolution, oversampling, into=None, interval=0, /)\n"
	     "--\n"
	     "\n"
	     "Return one sample; or fill a writable buffer of 16-bit words with samples.\n"
	     "\n"
	     "resolution is in bits (1..16). Each sample is the mean of 2**oversampling (0..15)\n"
	     "conversions. interval is in microseconds between the samples of a row.");

static PyObject *py_adc_read(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t resolution;
	uint32_t oversampling;
	uint32_t interval = 0;
	int16_t sample = 0;
	Py_buffer view = {0};
	struct adc_sequence_options options = {0};
	struct adc_sequence sequence = {.buffer = &sample, .buffer_size = sizeof(sample)};
	int ret;

	(void)module;
	if (!vhal_count("adc_read", count, 4, 6) ||
	    (device = vhal_device_arg(args[0], VHAL_ADC)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 31, &channel) ||
	    !vhal_u32(args[2], "resolution", 1, 16, &resolution) ||
	    !vhal_u32(args[3], "oversampling", 0, 15, &oversampling) ||
	    (count > 5 && !vhal_u32(args[5], "interval", 0, 1000000, &interval))) {
		return NULL;
	}
	sequence.channels = BIT(channel);
	sequence.resolution = (uint8_t)resolution;
	sequence.oversampling = (uint8_t)oversampling;
	if (count > 4 && args[4] != Py_None) {
		if (PyObject_GetBuffer(args[4], &view, PyBUF_WRITABLE) < 0) {
			return NULL;
		}
		if (view.len < 2 || view.len % 2 != 0 || view.len / 2 - 1 > UINT16_MAX ||
		    (uintptr_t)view.buf % 2 != 0) {
			PyBuffer_Release(&view);
			PyErr_SetString(PyExc_ValueError,
					"the buffer must hold 1 to 65536 words of 16 bits");
			return NULL;
		}
		sequence.buffer = view.buf;
		sequence.buffer_size = (size_t)view.len;
		options.extra_samplings = (uint16_t)(view.len / 2 - 1);
		options.interval_us = interval;
		sequence.options = &options;
	}
	Py_BEGIN_ALLOW_THREADS ret = adc_read(device->device, &sequence);
	Py_END_ALLOW_THREADS if (view.obj != NULL)
	{
		PyBuffer_Release(&view);
		return vhal_result(device, ret);
	}
	if (ret < 0) {
		return vhal_error(device, ret);
	}
	/* Without a sign, unless it is less than nothing (a differential channel). */
	return PyLong_FromLong(resolution == 16 ? (uint16_t)sample : sample);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(adc_setup),
	{"adc_read", _PyCFunction_CAST(py_adc_read), METH_FASTCALL, adc_read_doc},
	{NULL, NULL, 0, NULL},
};

int vhal_adc_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
