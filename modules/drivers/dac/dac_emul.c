/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief A DAC without hardware, which remembers what it was told. */

#define DT_DRV_COMPAT zpy_dac_emul

#include <errno.h>

#include <zephyr/device.h>
#include <zephyr/drivers/dac.h>

#include <zpy/emul.h>

#define RESOLUTION_MAX 16

struct channel {
	uint32_t value;
	uint8_t resolution; /* 0: not set up */
};

struct config {
	uint8_t channels;
	struct channel *state;
};

static int setup(const struct device *dev, const struct dac_channel_cfg *channel)
{
	const struct config *config = dev->config;

	if (channel->channel_id >= config->channels || channel->resolution > RESOLUTION_MAX) {
		return -ENOTSUP;
	}
	config->state[channel->channel_id] = (struct channel){.resolution = channel->resolution};
	return 0;
}

static int write_value(const struct device *dev, uint8_t channel, uint32_t value)
{
	const struct config *config = dev->config;

	if (channel >= config->channels || config->state[channel].resolution == 0 ||
	    value >= BIT(config->state[channel].resolution)) {
		return -EINVAL;
	}
	config->state[channel].value = value;
	return 0;
}

int zpy_dac_emul_get(const struct device *dev, uint8_t channel, uint32_t *value,
		     uint8_t *resolution)
{
	const struct config *config = dev->config;

	if (channel >= config->channels) {
		return -EINVAL;
	}
	*value = config->state[channel].value;
	*resolution = config->state[channel].resolution;
	return 0;
}

static const struct dac_driver_api api = {
	.channel_setup = setup,
	.write_value = write_value,
};

#define DAC_EMUL(n)                                                                                \
	static struct channel channels_##n[DT_INST_PROP(n, channels)];                             \
	static const struct config config_##n = {                                                  \
		.channels = DT_INST_PROP(n, channels),                                             \
		.state = channels_##n,                                                             \
	};                                                                                         \
	DEVICE_DT_INST_DEFINE(n, NULL, NULL, NULL, &config_##n, POST_KERNEL,                       \
			      CONFIG_DAC_INIT_PRIORITY, &api);

DT_INST_FOREACH_STATUS_OKAY(DAC_EMUL)
