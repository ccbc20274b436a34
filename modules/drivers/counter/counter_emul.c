/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief A counter with alarms on the kernel's clock, for machines without one. */

#define DT_DRV_COMPAT zpy_counter_emul

#include <errno.h>

#include <zephyr/device.h>
#include <zephyr/drivers/counter.h>
#include <zephyr/kernel.h>

struct alarm {
	counter_alarm_callback_t callback; /* NULL: not set */
	void *user_data;
	uint64_t at; /* the count at which it rings */
};

struct config {
	struct counter_config_info info; /* where Zephyr looks for it: first */
	struct alarm *alarms;
};

struct data {
	const struct device *dev;
	struct k_spinlock lock;
	struct k_timer timer;
	bool running;
	int64_t started; /* uptime in ticks of the kernel */
	uint64_t before; /* what was counted until then */
};

static uint64_t count(const struct device *dev)
{
	const struct config *config = dev->config;
	const struct data *data = dev->data;

	if (!data->running) {
		return data->before;
	}
	return data->before + (uint64_t)(k_uptime_ticks() - data->started) * config->info.freq /
				      CONFIG_SYS_CLOCK_TICKS_PER_SEC;
}

/* Sets the timer for the alarm that comes next. The lock is held. */
static void arm(const struct device *dev)
{
	const struct config *config = dev->config;
	struct data *data = dev->data;
	uint64_t now = count(dev);
	uint64_t left = UINT64_MAX;

	if (!data->running) {
		k_timer_stop(&data->timer);
		return;
	}
	for (size_t i = 0; i < config->info.channels; i++) {
		if (config->alarms[i].callback != NULL) {
			left = MIN(left,
				   config->alarms[i].at > now ? config->alarms[i].at - now : 0);
		}
	}
	if (left != UINT64_MAX) {
		uint64_t ticks =
			DIV_ROUND_UP(left * CONFIG_SYS_CLOCK_TICKS_PER_SEC, config->info.freq);

		k_timer_start(&data->timer, K_TICKS(MAX(ticks, 1)), K_NO_WAIT);
	}
}

static void expired(struct k_timer *timer)
{
	struct data *data = CONTAINER_OF(timer, struct data, timer);
	const struct config *config = data->dev->config;

	for (size_t i = 0; i < config->info.channels; i++) {
		struct alarm rung = {0};
		uint64_t now;

		K_SPINLOCK(&data->lock) {
			now = count(data->dev);
			if (config->alarms[i].callback != NULL && config->alarms[i].at <= now) {
				rung = config->alarms[i];
				config->alarms[i].callback = NULL;
			}
		}
		if (rung.callback != NULL) {
			rung.callback(data->dev, (uint8_t)i, (uint32_t)now, rung.user_data);
		}
	}
	K_SPINLOCK(&data->lock) {
		arm(data->dev);
	}
}

static int start(const struct device *dev)
{
	struct data *data = dev->data;

	K_SPINLOCK(&data->lock) {
		if (!data->running) {
			data->running = true;
			data->started = k_uptime_ticks();
			arm(dev);
		}
	}
	return 0;
}

static int stop(const struct device *dev)
{
	struct data *data = dev->data;

	K_SPINLOCK(&data->lock) {
		data->before = count(dev);
		data->running = false;
		arm(dev);
	}
	return 0;
}

static int get_value_64(const struct device *dev, uint64_t *ticks)
{
	struct data *data = dev->data;

	K_SPINLOCK(&data->lock) {
		*ticks = count(dev);
	}
	return 0;
}

static int get_value(const struct device *dev, uint32_t *ticks)
{
	uint64_t wide;

	(void)get_value_64(dev, &wide);
	*ticks = (uint32_t)wide;
	return 0;
}

static int set_alarm(const struct device *dev, uint8_t channel,
		     const struct counter_alarm_cfg *alarm)
{
	const struct config *config = dev->config;
	struct data *data = dev->data;
	int ret = 0;

	if (channel >= config->info.channels) {
		return -ENOTSUP;
	}
	if (alarm->callback == NULL) {
		return -EINVAL;
	}
	K_SPINLOCK(&data->lock) {
		uint64_t now = count(dev);
		uint32_t left = alarm->ticks;

		if (config->alarms[channel].callback != NULL) {
			ret = -EBUSY;
			K_SPINLOCK_BREAK;
		}
		if ((alarm->flags & COUNTER_ALARM_CFG_ABSOLUTE) != 0) {
			left -= (uint32_t)now;
		}
		config->alarms[channel] = (struct alarm){
			.callback = alarm->callback,
			.user_data = alarm->user_data,
			.at = now + left,
		};
		arm(dev);
	}
	return ret;
}

static int cancel_alarm(const struct device *dev, uint8_t channel)
{
	const struct config *config = dev->config;
	struct data *data = dev->data;

	if (channel >= config->info.channels) {
		return -ENOTSUP;
	}
	K_SPINLOCK(&data->lock) {
		config->alarms[channel].callback = NULL;
		arm(dev);
	}
	return 0;
}

static int set_top_value(const struct device *dev, const struct counter_top_cfg *top)
{
	(void)dev;
	return top->ticks == UINT32_MAX && top->callback == NULL ? 0 : -ENOTSUP;
}

static uint32_t get_top_value(const struct device *dev)
{
	(void)dev;
	return UINT32_MAX;
}

static uint32_t get_pending_int(const struct device *dev)
{
	(void)dev;
	return 0;
}

static int init(const struct device *dev)
{
	struct data *data = dev->data;

	data->dev = dev;
	k_timer_init(&data->timer, expired, NULL);
	return 0;
}

static const struct counter_driver_api api = {
	.start = start,
	.stop = stop,
	.get_value = get_value,
	.get_value_64 = get_value_64,
	.set_alarm = set_alarm,
	.cancel_alarm = cancel_alarm,
	.set_top_value = set_top_value,
	.get_pending_int = get_pending_int,
	.get_top_value = get_top_value,
};

#define COUNTER_EMUL(n)                                                                            \
	static struct alarm alarms_##n[DT_INST_PROP(n, channels)];                                 \
	static const struct config config_##n = {                                                  \
		.info =                                                                            \
			{                                                                          \
				.max_top_value = UINT32_MAX,                                       \
				.freq = DT_INST_PROP(n, clock_frequency),                          \
				.flags = COUNTER_CONFIG_INFO_COUNT_UP,                             \
				.channels = DT_INST_PROP(n, channels),                             \
			},                                                                         \
		.alarms = alarms_##n,                                                              \
	};                                                                                         \
	static struct data data_##n;                                                               \
	DEVICE_DT_INST_DEFINE(n, init, NULL, &data_##n, &config_##n, POST_KERNEL,                  \
			      CONFIG_COUNTER_INIT_PRIORITY, &api);

DT_INST_FOREACH_STATUS_OKAY(COUNTER_EMUL)
