/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Virtio block devices on PCI, as version 1.1 of the virtio specification has them.
 *
 * One request is under way at a time, through a buffer that the device can reach. The device's
 * answer is asked for, not waited for by interrupt: in a virtual machine it comes within
 * microseconds, and other threads run meanwhile.
 */

#define DT_DRV_COMPAT zpy_virtio_blk

#include <errno.h>
#include <string.h>

#include <zephyr/device.h>
#include <zephyr/drivers/disk.h>
#include <zephyr/drivers/pcie/pcie.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/barrier.h>
#include <zephyr/sys/byteorder.h>
#include <zephyr/sys/device_mmio.h>
#include <zephyr/sys/sys_io.h>
#ifdef CONFIG_MMU
#include <zephyr/kernel/mm.h>
#endif

#include <zpy/drivers/virtio_blk.h>

LOG_MODULE_REGISTER(virtio_blk, CONFIG_DISK_LOG_LEVEL);

/* 4.1.4: the structures' places are told by vendor capabilities. */
#define CAP_VENDOR     0x09
#define CAP_COMMON_CFG 1
#define CAP_NOTIFY_CFG 2
#define CAP_DEVICE_CFG 4

/* 4.1.4.3: common configuration */
#define CFG_DEVICE_FEATURE_SELECT 0
#define CFG_DEVICE_FEATURE        4
#define CFG_DRIVER_FEATURE_SELECT 8
#define CFG_DRIVER_FEATURE        12
#define CFG_STATUS                20
#define CFG_QUEUE_SELECT          22
#define CFG_QUEUE_SIZE            24
#define CFG_QUEUE_ENABLE          28
#define CFG_QUEUE_NOTIFY_OFF      30
#define CFG_QUEUE_DESC            32
#define CFG_QUEUE_DRIVER          40
#define CFG_QUEUE_DEVICE          48

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER      2
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define STATUS_FAILED      128

/* 5.2: block device */
#define FEATURE_RO        BIT(5)
#define FEATURE_BLK_SIZE  BIT(6)
#define FEATURE_FLUSH     BIT(9)
#define FEATURE_VERSION_1 BIT(0) /* of the second 32 */

#define BLK_CAPACITY 0
#define BLK_SIZE     20

#define REQUEST_IN     0
#define REQUEST_OUT    1
#define REQUEST_FLUSH  4
#define REQUEST_GET_ID 8
#define ID_SIZE        20
#define UNIT           512 /* of addresses and of the capacity, whatever the sectors */

/* 2.6: the queue. A request is a chain of up to three descriptors. */
#define QUEUE_SIZE 4

#define DESC_NEXT          1
#define DESC_WRITE         2
#define AVAIL_NO_INTERRUPT 1

/* Asked without a pause for as long, then at every tick. */
#define SPIN_US 100

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

/* What the device reads and writes. */
struct shared {
	struct desc desc[QUEUE_SIZE] __aligned(16);
	struct {
		uint16_t flags;
		uint16_t idx;
		uint16_t ring[QUEUE_SIZE];
	} avail __aligned(2);
	struct {
		uint16_t flags;
		uint16_t idx;
		struct {
			uint32_t id;
			uint32_t len;
		} ring[QUEUE_SIZE];
	} used __aligned(4);
	struct {
		uint32_t type;
		uint32_t reserved;
		uint64_t sector;
	} header;
	uint8_t status;
	uint8_t buffer[CONFIG_ZPY_DISK_VIRTIO_BUFFER] __aligned(16);
};

struct virtio_blk_config {
	struct pcie_dev *pcie;
	struct shared *shared;
};

struct virtio_blk_data {
	struct disk_info info;
	struct k_mutex lock;
	mm_reg_t common;
	mm_reg_t device;
	mm_reg_t notify;
	char name[ID_SIZE + 1];
	uint32_t sector_size;
	uint64_t capacity; /* in units */
	uint32_t features;
	uint16_t used; /* what has been seen of the used ring's idx */
	bool found;
	bool dead; /* a request was not answered: the device may still write to the buffer */
};

static uint64_t physical(const void *address)
{
#ifdef CONFIG_MMU
	return K_MEM_PHYS_ADDR((uintptr_t)address);
#else
	return (uintptr_t)address;
#endif
}

/* Lets the device do what header, buffer and status say. data: bytes of the buffer. */
static int request(const struct device *dev, uint32_t type, uint64_t sector, size_t data)
{
	const struct virtio_blk_config *config = dev->config;
	struct virtio_blk_data *disk = dev->data;
	struct shared *shared = config->shared;
	bool to_buffer = type == REQUEST_IN || type == REQUEST_GET_ID;
	uint16_t last = data > 0 ? 2 : 1;
	int64_t start = k_uptime_get();
	uint32_t spin = k_us_to_cyc_ceil32(SPIN_US);
	uint32_t begin;

	if (disk->dead) {
		return -EIO;
	}
	shared->header.type = sys_cpu_to_le32(type);
	shared->header.reserved = 0;
	shared->header.sector = sys_cpu_to_le64(sector);
	shared->status = 0xff;
	shared->desc[0] = (struct desc){
		.addr = physical(&shared->header),
		.len = sizeof(shared->header),
		.flags = DESC_NEXT,
		.next = 1,
	};
	shared->desc[1] = (struct desc){
		.addr = physical(shared->buffer),
		.len = data,
		.flags = DESC_NEXT | (to_buffer ? DESC_WRITE : 0),
		.next = 2,
	};
	shared->desc[last] = (struct desc){
		.addr = physical(&shared->status),
		.len = 1,
		.flags = DESC_WRITE,
	};
	shared->avail.ring[shared->avail.idx % QUEUE_SIZE] = 0;
	barrier_dmem_fence_full();
	shared->avail.idx++;
	barrier_dmem_fence_full();
	sys_write16(0, disk->notify);

	begin = k_cycle_get_32();
	while (*(volatile uint16_t *)&shared->used.idx == disk->used) {
		if (k_cycle_get_32() - begin < spin) {
			k_yield();
		} else if (k_uptime_get() - start > CONFIG_ZPY_DISK_VIRTIO_TIMEOUT * MSEC_PER_SEC) {
			LOG_ERR("%s: no answer", disk->name);
			disk->dead = true;
			return -EIO;
		} else {
			k_sleep(K_TICKS(1));
		}
	}
	barrier_dmem_fence_full();
	disk->used++;
	return shared->status == 0 ? 0 : shared->status == 2 ? -ENOTSUP : -EIO;
}

/* Sectors, as many at a time as the buffer holds. */
static int transfer(const struct device *dev, uint32_t type, uint8_t *data, uint32_t start,
		    uint32_t count)
{
	const struct virtio_blk_config *config = dev->config;
	struct virtio_blk_data *disk = dev->data;
	uint32_t units = disk->sector_size / UNIT;
	uint32_t most = CONFIG_ZPY_DISK_VIRTIO_BUFFER / disk->sector_size;
	int ret = 0;

	if (((uint64_t)start + count) * units > disk->capacity) {
		return -EINVAL;
	}
	k_mutex_lock(&disk->lock, K_FOREVER);
	while (count > 0 && ret == 0) {
		uint32_t part = MIN(count, most);
		size_t bytes = part * disk->sector_size;

		if (type == REQUEST_OUT) {
			memcpy(config->shared->buffer, data, bytes);
		}
		ret = request(dev, type, (uint64_t)start * units, bytes);
		if (ret == 0 && type == REQUEST_IN) {
			memcpy(data, config->shared->buffer, bytes);
		}
		data += bytes;
		start += part;
		count -= part;
	}
	k_mutex_unlock(&disk->lock);
	return ret;
}

static int virtio_blk_access_init(struct disk_info *info)
{
	struct virtio_blk_data *disk = info->dev->data;

	return disk->dead ? -EIO : 0;
}

static int virtio_blk_status(struct disk_info *info)
{
	struct virtio_blk_data *disk = info->dev->data;

	if (disk->dead) {
		return DISK_STATUS_NOMEDIA;
	}
	return disk->features & FEATURE_RO ? DISK_STATUS_WR_PROTECT : DISK_STATUS_OK;
}

static int virtio_blk_read(struct disk_info *info, uint8_t *data, uint32_t start, uint32_t count)
{
	return transfer(info->dev, REQUEST_IN, data, start, count);
}

static int virtio_blk_write(struct disk_info *info, const uint8_t *data, uint32_t start,
			    uint32_t count)
{
	struct virtio_blk_data *disk = info->dev->data;

	if (disk->features & FEATURE_RO) {
		return -EROFS;
	}
	return transfer(info->dev, REQUEST_OUT, (uint8_t *)data, start, count);
}

static int virtio_blk_ioctl(struct disk_info *info, uint8_t command, void *buf)
{
	struct virtio_blk_data *disk = info->dev->data;
	int ret = 0;

	switch (command) {
	case DISK_IOCTL_GET_SECTOR_COUNT:
		*(uint32_t *)buf = disk->capacity / (disk->sector_size / UNIT);
		break;
	case DISK_IOCTL_GET_SECTOR_SIZE:
		*(uint32_t *)buf = disk->sector_size;
		break;
	case DISK_IOCTL_GET_ERASE_BLOCK_SZ:
		*(uint32_t *)buf = 1;
		break;
	case DISK_IOCTL_CTRL_SYNC:
		if (disk->features & FEATURE_FLUSH) {
			k_mutex_lock(&disk->lock, K_FOREVER);
			ret = request(info->dev, REQUEST_FLUSH, 0, 0);
			k_mutex_unlock(&disk->lock);
		}
		break;
	case DISK_IOCTL_CTRL_INIT:
		ret = virtio_blk_access_init(info);
		break;
	case DISK_IOCTL_CTRL_DEINIT:
		break;
	default:
		ret = -EINVAL;
	}
	return ret;
}

static const struct disk_operations operations = {
	.init = virtio_blk_access_init,
	.status = virtio_blk_status,
	.read = virtio_blk_read,
	.write = virtio_blk_write,
	.ioctl = virtio_blk_ioctl,
};

/* Start-up */

/* Maps the structure that a capability describes. */
static int map_structure(pcie_bdf_t bdf, unsigned int cap, mm_reg_t *mapped)
{
	uint32_t word = pcie_conf_read(bdf, cap + 1);
	uint32_t offset = pcie_conf_read(bdf, cap + 2);
	uint32_t length = pcie_conf_read(bdf, cap + 3);
	struct pcie_bar bar;

	if (!pcie_get_mbar(bdf, word & 0xff, &bar) || (uint64_t)offset + length > bar.size) {
		return -ENODEV;
	}
	device_map(mapped, bar.phys_addr + offset, length, K_MEM_CACHE_NONE);
	return 0;
}

/* Finds the structures and where the queue is notified. */
static int map_all(const struct device *dev, pcie_bdf_t bdf)
{
	struct virtio_blk_data *disk = dev->data;
	uint32_t multiplier = 0;
	mm_reg_t notify = 0;
	unsigned int cap = pcie_conf_read(bdf, PCIE_CONF_CAPPTR) & 0xfc;
	int ret = 0;

	for (int guard = 0; cap != 0 && guard < 48 && ret == 0; guard++) {
		uint32_t head = pcie_conf_read(bdf, cap / 4);

		if ((head & 0xff) == CAP_VENDOR) {
			switch (head >> 24) {
			case CAP_COMMON_CFG:
				if (disk->common == 0) {
					ret = map_structure(bdf, cap / 4, &disk->common);
				}
				break;
			case CAP_NOTIFY_CFG:
				if (notify == 0) {
					ret = map_structure(bdf, cap / 4, &notify);
					multiplier = pcie_conf_read(bdf, cap / 4 + 4);
				}
				break;
			case CAP_DEVICE_CFG:
				if (disk->device == 0) {
					ret = map_structure(bdf, cap / 4, &disk->device);
				}
				break;
			}
		}
		cap = head >> 8 & 0xfc;
	}
	if (ret == 0 && (disk->common == 0 || disk->device == 0 || notify == 0)) {
		ret = -ENODEV;
	}
	if (ret == 0) {
		sys_write16(0, disk->common + CFG_QUEUE_SELECT);
		disk->notify =
			notify + sys_read16(disk->common + CFG_QUEUE_NOTIFY_OFF) * multiplier;
	}
	return ret;
}

static void write64(uint64_t value, mm_reg_t address)
{
	sys_write32((uint32_t)value, address);
	sys_write32(value >> 32, address + 4);
}

static void set_status(const struct virtio_blk_data *disk, uint8_t bits)
{
	sys_write8(sys_read8(disk->common + CFG_STATUS) | bits, disk->common + CFG_STATUS);
}

/* 3.1: from reset to the first request. */
static int start(const struct device *dev)
{
	const struct virtio_blk_config *config = dev->config;
	struct virtio_blk_data *disk = dev->data;
	mm_reg_t common = disk->common;

	sys_write8(0, common + CFG_STATUS);
	while (sys_read8(common + CFG_STATUS) != 0) {
		k_busy_wait(10);
	}
	set_status(disk, STATUS_ACKNOWLEDGE);
	set_status(disk, STATUS_DRIVER);
	sys_write32(1, common + CFG_DEVICE_FEATURE_SELECT);
	if (!(sys_read32(common + CFG_DEVICE_FEATURE) & FEATURE_VERSION_1)) {
		return -ENOTSUP;
	}
	sys_write32(0, common + CFG_DEVICE_FEATURE_SELECT);
	disk->features = sys_read32(common + CFG_DEVICE_FEATURE) &
			 (FEATURE_RO | FEATURE_BLK_SIZE | FEATURE_FLUSH);
	sys_write32(0, common + CFG_DRIVER_FEATURE_SELECT);
	sys_write32(disk->features, common + CFG_DRIVER_FEATURE);
	sys_write32(1, common + CFG_DRIVER_FEATURE_SELECT);
	sys_write32(FEATURE_VERSION_1, common + CFG_DRIVER_FEATURE);
	set_status(disk, STATUS_FEATURES_OK);
	if (!(sys_read8(common + CFG_STATUS) & STATUS_FEATURES_OK)) {
		return -ENOTSUP;
	}
	sys_write16(0, common + CFG_QUEUE_SELECT);
	if (sys_read16(common + CFG_QUEUE_SIZE) < QUEUE_SIZE) {
		return -ENOTSUP;
	}
	sys_write16(QUEUE_SIZE, common + CFG_QUEUE_SIZE);
	config->shared->avail.flags = AVAIL_NO_INTERRUPT;
	write64(physical(config->shared->desc), common + CFG_QUEUE_DESC);
	write64(physical(&config->shared->avail), common + CFG_QUEUE_DRIVER);
	write64(physical(&config->shared->used), common + CFG_QUEUE_DEVICE);
	sys_write16(1, common + CFG_QUEUE_ENABLE);
	set_status(disk, STATUS_DRIVER_OK);

	disk->capacity = (uint64_t)sys_read32(disk->device + BLK_CAPACITY + 4) << 32 |
			 sys_read32(disk->device + BLK_CAPACITY);
	disk->sector_size =
		disk->features & FEATURE_BLK_SIZE ? sys_read32(disk->device + BLK_SIZE) : UNIT;
	if (disk->sector_size < UNIT || disk->sector_size > CONFIG_ZPY_DISK_VIRTIO_BUFFER ||
	    disk->sector_size % UNIT != 0) {
		return -ENOTSUP;
	}
	return 0;
}

static int virtio_blk_init(const struct device *dev)
{
	const struct virtio_blk_config *config = dev->config;
	struct virtio_blk_data *disk = dev->data;
	pcie_bdf_t bdf = config->pcie->bdf;
	int ret;

	if (bdf == PCIE_BDF_NONE) {
		return -ENODEV;
	}
	pcie_set_cmd(bdf, PCIE_CONF_CMDSTAT_MEM | PCIE_CONF_CMDSTAT_MASTER, true);
	k_mutex_init(&disk->lock);
	ret = map_all(dev, bdf);
	if (ret == 0) {
		ret = start(dev);
	}
	if (ret == 0) {
		ret = request(dev, REQUEST_GET_ID, 0, ID_SIZE);
	}
	if (ret == 0) {
		memcpy(disk->name, config->shared->buffer, ID_SIZE);
		disk->info = (struct disk_info){.name = disk->name, .ops = &operations, .dev = dev};
		ret = disk->name[0] == '\0' ? -ENOTSUP : disk_access_register(&disk->info);
	}
	if (ret < 0) {
		LOG_ERR("disk on PCI %x: error %d", bdf, ret);
		if (disk->common != 0) {
			set_status(disk, STATUS_FAILED);
		}
		return ret;
	}
	disk->found = true;
	return 0;
}

#define DEFINE(n)                                                                                  \
	DEVICE_PCIE_INST_DECLARE(n);                                                               \
	static struct shared shared_##n __aligned(16);                                             \
	static struct virtio_blk_data data_##n;                                                    \
	static struct virtio_blk_config config_##n = {                                             \
		.shared = &shared_##n,                                                             \
		DEVICE_PCIE_INST_INIT(n, pcie),                                                    \
	};                                                                                         \
	DEVICE_DT_INST_DEFINE(n, virtio_blk_init, NULL, &data_##n, &config_##n, POST_KERNEL,       \
			      CONFIG_KERNEL_INIT_PRIORITY_DEVICE, &operations);

DT_INST_FOREACH_STATUS_OKAY(DEFINE)

#define DATA(n) &data_##n,

const char *zpy_virtio_blk_name(size_t index)
{
	static struct virtio_blk_data *const all[] = {DT_INST_FOREACH_STATUS_OKAY(DATA)};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i]->found && index-- == 0) {
			return all[i]->name;
		}
	}
	return NULL;
}
