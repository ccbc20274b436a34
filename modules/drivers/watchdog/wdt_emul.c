/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief A watchdog on a kernel timer, for machines without one. */

#define DT_DRV_COMPAT zpy_wdt_emul

#include <errno.h>

#include <zephyr/device.h>
#include <zephyr/drivers/watchdog.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/reboot.h>

struct data {
	const struct device *dev;
	struct k_timer timer;
	struct wdt_timeout_cfg timeout;
	bool installed;
	bool running;
};

static void expired(struct k_timer *timer)
{
	struct data *data = CONTAINER_OF(timer, struct data, timer);

	if (data->timeout.callback != NULL) {
		data->timeout.callback(data->dev, 0);
	}
	if ((data->timeout.flags & WDT_FLAG_RESET_MASK) != WDT_FLAG_RESET_NONE) {
		printk("[ZPy] FATAL watchdog: not fed for %u ms\n", data->timeout.window.max);
		sys_reboot(SYS_REBOOT_COLD); /* x86 knows no other */
	}
}

static int install_timeout(const struct device *dev, const struct wdt_timeout_cfg *timeout)
{
	struct data *data = dev->data;

	if (data->running) {
		return -EBUSY;
	}
	if (timeout->window.min != 0 || timeout->window.max == 0) {
		return -EINVAL;
	}
	data->timeout = *timeout;
	data->installed = true;
	return 0;
}

static int setup(const struct device *dev, uint8_t options)
{
	struct data *data = dev->data;

	(void)options;
	if (!data->installed) {
		return -EINVAL;
	}
	if (data->running) {
		return -EBUSY;
	}
	data->running = true;
	k_timer_start(&data->timer, K_MSEC(data->timeout.window.max), K_NO_WAIT);
	return 0;
}

static int disable(const struct device *dev)
{
	struct data *data = dev->data;

	if (!data->running) {
		return -EFAULT;
	}
	k_timer_stop(&data->timer);
	data->running = false;
	data->installed = false;
	return 0;
}

static int feed(const struct device *dev, int channel)
{
	struct data *data = dev->data;

	if (channel != 0 || !data->running) {
		return -EINVAL;
	}
	k_timer_start(&data->timer, K_MSEC(data->timeout.window.max), K_NO_WAIT);
	return 0;
}

static int init(const struct device *dev)
{
	struct data *data = dev->data;

	data->dev = dev;
	k_timer_init(&data->timer, expired, NULL);
	return 0;
}

static const struct wdt_driver_api api = {
	.setup = setup,
	.disable = disable,
	.install_timeout = install_timeout,
	.feed = feed,
};

#define WDT_EMUL(n)                                                                                \
	static struct data data_##n;                                                               \
	DEVICE_DT_INST_DEFINE(n, init, NULL, &data_##n, NULL, POST_KERNEL,                         \
			      CONFIG_KERNEL_INIT_PRIORITY_DEVICE, &api);

DT_INST_FOREACH_STATUS_OKAY(WDT_EMUL)
