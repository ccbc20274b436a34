/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Virtio entropy device behind a virtio-mmio transport: the host's random numbers.
 *
 * One request at a time, whose end is asked for: it is a matter of microseconds.
 *
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2: 2.7 (split virtqueues), 4.2 (MMIO, also
 * its legacy interface), 5.4 (entropy device).
 */

#define DT_DRV_COMPAT virtio_mmio_rng

#include <string.h>

#include <zephyr/device.h>
#include <zephyr/drivers/entropy.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/barrier.h>
#include <zephyr/sys/device_mmio.h>
#include <zephyr/sys/sys_io.h>

#define DEVICE_ID_ENTROPY 4
#define MAGIC             0x74726976

#define REG_MAGIC           0x000
#define REG_VERSION         0x004
#define REG_DEVICE_ID       0x008
#define REG_FEATURES        0x010 /* of the device */
#define REG_FEATURES_SEL    0x014
#define REG_DRIVER_FEATURES 0x020
#define REG_DRIVER_SEL      0x024
#define REG_PAGE_SIZE       0x028 /* legacy */
#define REG_QUEUE_SEL       0x030
#define REG_QUEUE_MAX       0x034
#define REG_QUEUE_NUM       0x038
#define REG_QUEUE_ALIGN     0x03c /* legacy */
#define REG_QUEUE_PFN       0x040 /* legacy */
#define REG_QUEUE_READY     0x044
#define REG_QUEUE_NOTIFY    0x050
#define REG_STATUS          0x070
#define REG_QUEUE_DESC      0x080
#define REG_QUEUE_DRIVER    0x090
#define REG_QUEUE_DEVICE    0x0a0

#define STATUS_ACKNOWLEDGE BIT(0)
#define STATUS_DRIVER      BIT(1)
#define STATUS_DRIVER_OK   BIT(2)
#define STATUS_FEATURES_OK BIT(3)
#define STATUS_FAILED      BIT(7)

#define FEATURE_VERSION_1 BIT(0) /* in the second word */

#define PAGE         4096
#define QUEUE_SIZE   2
#define DESC_WRITE   2 /* the device writes */
#define NO_INTERRUPT 1
#define WAIT_US      1000000

struct descriptor {
	uint64_t addr;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

/** The layout that the legacy interface prescribes; the modern one takes any. */
struct queue {
	struct descriptor desc[QUEUE_SIZE];
	uint16_t avail_flags;
	uint16_t avail_index;
	uint16_t avail_ring[QUEUE_SIZE];
	uint16_t avail_event;
	uint16_t used_flags __aligned(PAGE);
	uint16_t used_index;
	struct {
		uint32_t id;
		uint32_t length;
	} used_ring[QUEUE_SIZE];
	uint8_t buffer[64];
} __aligned(PAGE);

struct config {
	DEVICE_MMIO_ROM;
};

struct data {
	DEVICE_MMIO_RAM;
	volatile struct queue *queue;
	struct k_sem lock;
};

static uint32_t reg_read(const struct device *dev, uint32_t reg)
{
	return sys_read32(DEVICE_MMIO_GET(dev) + reg);
}

static void reg_write(const struct device *dev, uint32_t reg, uint32_t value)
{
	sys_write32(value, DEVICE_MMIO_GET(dev) + reg);
}

static uint64_t bus_address(const volatile void *at)
{
#if defined(CONFIG_MMU)
	return k_mem_phys_addr((void *)at);
#else
	return (uintptr_t)at;
#endif
}

static void write_address(const struct device *dev, uint32_t reg, const volatile void *at)
{
	reg_write(dev, reg, (uint32_t)bus_address(at));
	reg_write(dev, reg + 4, (uint32_t)(bus_address(at) >> 32));
}

/** One request for as much as fits into the buffer. @return bytes or a negative errno */
static int request(const struct device *dev, size_t size)
{
	volatile struct queue *queue = ((struct data *)dev->data)->queue;
	uint16_t before = queue->used_index;

	queue->desc[0].length = size;
	queue->avail_ring[queue->avail_index % QUEUE_SIZE] = 0;
	barrier_dmem_fence_full();
	queue->avail_index++;
	barrier_dmem_fence_full();
	reg_write(dev, REG_QUEUE_NOTIFY, 0);
	for (int waited = 0; queue->used_index == before; waited += 5) {
		if (waited >= WAIT_US) {
			return -EIO;
		}
		k_busy_wait(5);
		barrier_dmem_fence_full();
	}
	return MIN(queue->used_ring[before % QUEUE_SIZE].length, size);
}

static int get_entropy(const struct device *dev, uint8_t *buffer, uint16_t length)
{
	struct data *data = dev->data;
	int ret = 0;

	k_sem_take(&data->lock, K_FOREVER);
	while (length > 0 && ret >= 0) {
		ret = request(dev, MIN(length, sizeof(data->queue->buffer)));
		if (ret > 0) {
			memcpy(buffer, (const void *)data->queue->buffer, ret);
			memset((void *)data->queue->buffer, 0, sizeof(data->queue->buffer));
			buffer += ret;
			length -= ret;
		}
	}
	k_sem_give(&data->lock);
	return MIN(ret, 0);
}

static int set_queue(const struct device *dev, bool legacy)
{
	volatile struct queue *queue = ((struct data *)dev->data)->queue;

	queue->desc[0].addr = bus_address(queue->buffer);
	queue->desc[0].flags = DESC_WRITE;
	queue->avail_flags = NO_INTERRUPT;
	reg_write(dev, REG_QUEUE_SEL, 0);
	if (reg_read(dev, REG_QUEUE_MAX) < QUEUE_SIZE) {
		return -EIO;
	}
	reg_write(dev, REG_QUEUE_NUM, QUEUE_SIZE);
	if (legacy) {
		reg_write(dev, REG_PAGE_SIZE, PAGE);
		reg_write(dev, REG_QUEUE_ALIGN, PAGE);
		reg_write(dev, REG_QUEUE_PFN, bus_address(queue) / PAGE);
	} else {
		write_address(dev, REG_QUEUE_DESC, queue->desc);
		write_address(dev, REG_QUEUE_DRIVER, &queue->avail_flags);
		write_address(dev, REG_QUEUE_DEVICE, &queue->used_flags);
		reg_write(dev, REG_QUEUE_READY, 1);
	}
	return 0;
}

static int init(const struct device *dev)
{
	struct data *data = dev->data;
	uint32_t status = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
	bool legacy;
	int ret;

	DEVICE_MMIO_MAP(dev, K_MEM_CACHE_NONE);
	k_sem_init(&data->lock, 1, 1);
	if (reg_read(dev, REG_MAGIC) != MAGIC ||
	    reg_read(dev, REG_DEVICE_ID) != DEVICE_ID_ENTROPY) {
		return -ENODEV; /* nothing, or something else, is plugged in */
	}
	legacy = reg_read(dev, REG_VERSION) == 1;
	reg_write(dev, REG_STATUS, 0);
	reg_write(dev, REG_STATUS, status);
	reg_write(dev, REG_DRIVER_SEL, 0);
	reg_write(dev, REG_DRIVER_FEATURES, 0);
	if (!legacy) {
		reg_write(dev, REG_DRIVER_SEL, 1);
		reg_write(dev, REG_DRIVER_FEATURES, FEATURE_VERSION_1);
		status |= STATUS_FEATURES_OK;
		reg_write(dev, REG_STATUS, status);
		if (!(reg_read(dev, REG_STATUS) & STATUS_FEATURES_OK)) {
			reg_write(dev, REG_STATUS, STATUS_FAILED);
			return -ENOTSUP;
		}
	}
	ret = set_queue(dev, legacy);
	reg_write(dev, REG_STATUS, ret == 0 ? status | STATUS_DRIVER_OK : STATUS_FAILED);
	return ret;
}

static const struct entropy_driver_api api = {
	.get_entropy = get_entropy,
};

#define RNG(inst)                                                                                  \
	static struct queue queue_##inst;                                                          \
	static struct data data_##inst = {.queue = &queue_##inst};                                 \
	static const struct config config_##inst = {DEVICE_MMIO_ROM_INIT(DT_DRV_INST(inst))};      \
	DEVICE_DT_INST_DEFINE(inst, init, NULL, &data_##inst, &config_##inst, POST_KERNEL,         \
			      CONFIG_ENTROPY_INIT_PRIORITY, &api);

DT_INST_FOREACH_STATUS_OKAY(RNG)
