/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Intel 82540EM, which QEMU calls e1000: rings in both directions.
 *
 * The interrupt masks itself and wakes a thread, which empties the receive ring and unmasks it.
 * When Zephyr has no buffers left the thread waits for one: frames stay in the ring, and then in
 * the card's FIFO.
 *
 * QEMU's card has a FIFO that is lost in part: when the ring was full, and descriptors are given
 * back, it tries to place all that has been waiting, and drops what does not fit. So the ring is
 * large, and is given back as a whole.
 *
 * Source: Intel, PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual
 * (317453). The bus is taken to be coherent with the processor's caches, as PCI is.
 */

#define DT_DRV_COMPAT intel_82540em

#include <string.h>

#include <zephyr/drivers/pcie/pcie.h>
#include <zephyr/irq.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/ethernet.h>
#include <zephyr/net/net_if.h>
#include <zephyr/net/net_pkt.h>
#include <zephyr/sys/barrier.h>
#include <zephyr/sys/sys_io.h>

LOG_MODULE_REGISTER(eth_82540em, CONFIG_ETHERNET_LOG_LEVEL);

#define RX_COUNT    CONFIG_ZPY_ETH_82540EM_RX_DESCRIPTORS
#define TX_COUNT    CONFIG_ZPY_ETH_82540EM_TX_DESCRIPTORS
#define BUFFER_SIZE 2048
#define FRAME_MIN   14

BUILD_ASSERT(RX_COUNT % 8 == 0 && TX_COUNT % 8 == 0, "The card counts descriptors in eights");

/* How long a frame waits for a network buffer, and a sender for a descriptor. */
#define RX_BUFFER_WAIT K_MSEC(200)
#define TX_WAIT        K_MSEC(500)

/* Registers (section 13) */
#define REG_CTRL     0x0000
#define CTRL_ASDE    BIT(5) /* speed from the PHY */
#define CTRL_SLU     BIT(6) /* link up */
#define CTRL_RST     BIT(26)
#define REG_STATUS   0x0008
#define STATUS_LU    BIT(1)
#define REG_ICR      0x00c0 /* reading clears */
#define REG_IMS      0x00d0
#define REG_IMC      0x00d8
#define INT_TXDW     BIT(0) /* a descriptor is written back */
#define INT_LSC      BIT(2) /* link changed */
#define INT_RXDMT0   BIT(4) /* few receive descriptors left */
#define INT_RXO      BIT(6) /* overrun */
#define INT_RXT0     BIT(7) /* frame received */
#define INT_RX       (INT_RXDMT0 | INT_RXO | INT_RXT0)
#define REG_RCTL     0x0100
#define RCTL_EN      BIT(1)
#define RCTL_UPE     BIT(3) /* all unicast */
#define RCTL_MPE     BIT(4) /* all multicast */
#define RCTL_BAM     BIT(15)
#define RCTL_SECRC   BIT(26) /* without the checksum at the end */
#define REG_TCTL     0x0400
#define TCTL_EN      BIT(1)
#define TCTL_PSP     BIT(3)
#define TCTL_DEFAULT (0x0f << 4 | 0x40 << 12) /* collision threshold and distance */
#define REG_TIPG     0x0410
#define TIPG_DEFAULT (10 | 8 << 10 | 6 << 20)
#define REG_RDBAL    0x2800
#define REG_RDBAH    0x2804
#define REG_RDLEN    0x2808
#define REG_RDH      0x2810
#define REG_RDT      0x2818
#define REG_RDTR     0x2820
#define REG_TDBAL    0x3800
#define REG_TDBAH    0x3804
#define REG_TDLEN    0x3808
#define REG_TDH      0x3810
#define REG_TDT      0x3818
#define REG_MTA      0x5200 /* 128 words */
#define REG_RAL      0x5400
#define REG_RAH      0x5404
#define RAH_AV       BIT(31)

struct rx_descriptor {
	uint64_t addr;
	uint16_t length;
	uint16_t checksum;
	uint8_t status;
#define RX_DD  BIT(0)
#define RX_EOP BIT(1)
	uint8_t errors;
	uint16_t special;
};

struct tx_descriptor {
	uint64_t addr;
	uint16_t length;
	uint8_t checksum_offset;
	uint8_t command;
#define TX_EOP  BIT(0)
#define TX_IFCS BIT(1)
#define TX_RS   BIT(3)
	uint8_t status;
#define TX_DD BIT(0)
	uint8_t checksum_start;
	uint16_t special;
};

/** What card and processor share. */
struct rings {
	struct rx_descriptor rx[RX_COUNT] __aligned(16);
	struct tx_descriptor tx[TX_COUNT] __aligned(16);
	uint8_t rx_buffers[RX_COUNT][BUFFER_SIZE];
	uint8_t tx_buffers[TX_COUNT][BUFFER_SIZE];
};

struct card {
	struct pcie_dev *pcie;
	mm_reg_t regs;
	struct net_if *iface;
	volatile struct rings *rings;
	uint32_t rctl;
	uint8_t mac[6];
	unsigned int rx_next; /* the descriptor that the card fills next */
	unsigned int tx_next; /* the descriptor for the next frame to be sent */
	struct k_mutex tx_lock;
	struct k_sem tx_done;
	struct k_sem event; /* frames, or the link has changed */
	atomic_t link_changed;
#if defined(CONFIG_NET_STATISTICS_ETHERNET)
	struct net_stats_eth stats;
#endif
	struct k_thread thread;
	K_KERNEL_STACK_MEMBER(stack, CONFIG_ZPY_ETH_82540EM_THREAD_STACK_SIZE);
};

struct card_config {
	void (*connect_irq)(void);
};

/* What Zephyr does not count itself: it counts all frames that it gets and sends. */
#if defined(CONFIG_NET_STATISTICS_ETHERNET)
#define COUNT(card, field, n) ((card)->stats.field += (n))
#else
#define COUNT(card, field, n) ARG_UNUSED(n)
#endif

static uint32_t reg_read(struct card *card, uint32_t reg)
{
	return sys_read32(card->regs + reg);
}

static void reg_write(struct card *card, uint32_t reg, uint32_t value)
{
	sys_write32(value, card->regs + reg);
}

static uint64_t bus_address(const volatile void *at)
{
#if defined(CONFIG_MMU)
	return k_mem_phys_addr((void *)at);
#else
	return (uintptr_t)at;
#endif
}

static void on_interrupt(const struct device *dev)
{
	struct card *card = dev->data;
	uint32_t cause = reg_read(card, REG_ICR);

	if (cause & INT_TXDW) {
		reg_write(card, REG_IMC, INT_TXDW);
		k_sem_give(&card->tx_done);
	}
	if (cause & INT_LSC) {
		atomic_set(&card->link_changed, 1);
	}
	if (cause & (INT_RX | INT_LSC)) {
		reg_write(card, REG_IMC, INT_RX);
		k_sem_give(&card->event);
	}
}

static void deliver(struct card *card, const volatile struct rx_descriptor *rx, const void *frame)
{
	size_t length = rx->length;
	struct net_pkt *pkt;

	/* A frame fits into one descriptor: longer ones are not enabled. */
	if (!(rx->status & RX_EOP) || rx->errors != 0 || length < FRAME_MIN ||
	    length > BUFFER_SIZE) {
		COUNT(card, errors.rx, 1);
		return;
	}
	pkt = net_pkt_rx_alloc_with_buffer(card->iface, length, AF_UNSPEC, 0, RX_BUFFER_WAIT);
	if (pkt == NULL) {
		COUNT(card, error_details.rx_no_buffer_count, 1);
		COUNT(card, errors.rx, 1);
		return;
	}
	if (net_pkt_write(pkt, frame, length) != 0 || net_recv_data(card->iface, pkt) != 0) {
		COUNT(card, errors.rx, 1);
		net_pkt_unref(pkt);
		return;
	}
}

/** Takes what has been received out of the ring. */
static void receive(struct card *card)
{
	unsigned int first = card->rx_next;

	while (card->rings->rx[card->rx_next].status & RX_DD) {
		unsigned int at = card->rx_next;

		barrier_dmem_fence_full();
		deliver(card, &card->rings->rx[at], (const void *)card->rings->rx_buffers[at]);
		card->rings->rx[at].status = 0;
		card->rx_next = (at + 1) % RX_COUNT;
	}
	if (card->rx_next != first) {
		barrier_dmem_fence_full();
		/* The card may fill all descriptors up to, but not with, the tail. */
		reg_write(card, REG_RDT, (card->rx_next + RX_COUNT - 1) % RX_COUNT);
	}
}

static void set_carrier(struct card *card)
{
	if (reg_read(card, REG_STATUS) & STATUS_LU) {
		net_eth_carrier_on(card->iface);
	} else {
		net_eth_carrier_off(card->iface);
	}
}

static void run(void *dev, void *unused1, void *unused2)
{
	struct card *card = ((const struct device *)dev)->data;

	ARG_UNUSED(unused1);
	ARG_UNUSED(unused2);
	while (true) {
		k_sem_take(&card->event, K_FOREVER);
		if (atomic_set(&card->link_changed, 0) != 0) {
			set_carrier(card);
		}
		receive(card);
		/* What comes from here on raises an interrupt, even if it has come before this. */
		reg_write(card, REG_IMS, INT_RX);
		receive(card);
	}
}

static int send(const struct device *dev, struct net_pkt *pkt)
{
	struct card *card = dev->data;
	size_t length = net_pkt_get_len(pkt);
	unsigned int at;
	unsigned int next;
	int ret = 0;

	if (length > BUFFER_SIZE) {
		return -EMSGSIZE;
	}
	k_mutex_lock(&card->tx_lock, K_FOREVER);
	at = card->tx_next;
	next = (at + 1) % TX_COUNT;
	/* Head and tail must not meet in a full ring, so the next descriptor has to be free too. */
	while (!(card->rings->tx[next].status & TX_DD)) {
		k_sem_reset(&card->tx_done);
		reg_write(card, REG_IMS, INT_TXDW);
		if (!(card->rings->tx[next].status & TX_DD) &&
		    k_sem_take(&card->tx_done, TX_WAIT) != 0) {
			ret = -ENOBUFS;
			break;
		}
	}
	if (ret == 0) {
		ret = net_pkt_read(pkt, (void *)card->rings->tx_buffers[at], length);
	}
	if (ret == 0) {
		volatile struct tx_descriptor *tx = &card->rings->tx[at];

		tx->length = length;
		tx->command = TX_EOP | TX_IFCS | TX_RS;
		tx->status = 0;
		barrier_dmem_fence_full();
		reg_write(card, REG_TDT, next);
		card->tx_next = next;
	}
	k_mutex_unlock(&card->tx_lock);
	return ret;
}

static enum ethernet_hw_caps capabilities(const struct device *dev)
{
	ARG_UNUSED(dev);
	/* Not the speeds: they stand for what can be set, and Zephyr 4.2 calls them otherwise. */
	return ETHERNET_PROMISC_MODE;
}

static void set_address(struct card *card)
{
	uint32_t low;
	uint16_t high;

	memcpy(&low, card->mac, sizeof(low));
	memcpy(&high, card->mac + sizeof(low), sizeof(high));
	reg_write(card, REG_RAL, low);
	reg_write(card, REG_RAH, RAH_AV | high);
}

static int set_config(const struct device *dev, enum ethernet_config_type type,
		      const struct ethernet_config *config)
{
	struct card *card = dev->data;

	switch (type) {
	case ETHERNET_CONFIG_TYPE_MAC_ADDRESS:
		memcpy(card->mac, config->mac_address.addr, sizeof(card->mac));
		set_address(card);
		return net_if_set_link_addr(card->iface, card->mac, sizeof(card->mac),
					    NET_LINK_ETHERNET);
	case ETHERNET_CONFIG_TYPE_PROMISC_MODE:
		WRITE_BIT(card->rctl, 3, config->promisc_mode); /* RCTL_UPE */
		reg_write(card, REG_RCTL, card->rctl);
		return 0;
	default:
		return -ENOTSUP;
	}
}

#if defined(CONFIG_NET_STATISTICS_ETHERNET)
static struct net_stats_eth *get_stats(const struct device *dev)
{
	return &((struct card *)dev->data)->stats;
}
#endif

/** Lays out both rings and tells the card. */
static void set_rings(struct card *card)
{
	volatile struct rings *rings = card->rings;

	for (unsigned int i = 0; i < RX_COUNT; i++) {
		rings->rx[i] = (struct rx_descriptor){.addr = bus_address(rings->rx_buffers[i])};
	}
	for (unsigned int i = 0; i < TX_COUNT; i++) {
		rings->tx[i] = (struct tx_descriptor){
			.addr = bus_address(rings->tx_buffers[i]),
			.status = TX_DD,
		};
	}
	barrier_dmem_fence_full();
	reg_write(card, REG_RDBAL, (uint32_t)bus_address(rings->rx));
	reg_write(card, REG_RDBAH, (uint32_t)(bus_address(rings->rx) >> 32));
	reg_write(card, REG_RDLEN, sizeof(rings->rx));
	reg_write(card, REG_RDH, 0);
	reg_write(card, REG_RDT, RX_COUNT - 1);
	reg_write(card, REG_RDTR, 0);
	reg_write(card, REG_TDBAL, (uint32_t)bus_address(rings->tx));
	reg_write(card, REG_TDBAH, (uint32_t)(bus_address(rings->tx) >> 32));
	reg_write(card, REG_TDLEN, sizeof(rings->tx));
	reg_write(card, REG_TDH, 0);
	reg_write(card, REG_TDT, 0);
}

static int init(const struct device *dev)
{
	struct card *card = dev->data;
	struct pcie_bar bar;
	uint32_t low;
	uint32_t high;

	if (card->pcie->bdf == PCIE_BDF_NONE) {
		return -ENODEV;
	}
	if (!pcie_probe_mbar(card->pcie->bdf, 0, &bar)) {
		LOG_ERR("the card has no memory for its registers");
		return -EIO;
	}
	pcie_set_cmd(card->pcie->bdf, PCIE_CONF_CMDSTAT_MEM | PCIE_CONF_CMDSTAT_MASTER, true);
	device_map(&card->regs, bar.phys_addr, bar.size, K_MEM_CACHE_NONE);

	k_mutex_init(&card->tx_lock);
	k_sem_init(&card->tx_done, 0, 1);
	k_sem_init(&card->event, 0, 1);

	reg_write(card, REG_IMC, UINT32_MAX);
	reg_write(card, REG_CTRL, CTRL_RST);
	k_busy_wait(10);
	reg_write(card, REG_IMC, UINT32_MAX);
	(void)reg_read(card, REG_ICR);

	/* The reset has loaded the address from the card's EEPROM. */
	low = reg_read(card, REG_RAL);
	high = reg_read(card, REG_RAH);
	memcpy(card->mac, &low, 4);
	memcpy(card->mac + 4, &high, 2);
	set_address(card);
	for (int i = 0; i < 128; i++) {
		reg_write(card, REG_MTA + 4 * i, 0);
	}
	set_rings(card);
	reg_write(card, REG_TIPG, TIPG_DEFAULT);
	reg_write(card, REG_TCTL, TCTL_EN | TCTL_PSP | TCTL_DEFAULT);
	return 0;
}

static void iface_init(struct net_if *iface)
{
	const struct device *dev = net_if_get_device(iface);
	const struct card_config *config = dev->config;
	struct card *card = dev->data;

	ethernet_init(iface);
	if (!device_is_ready(dev) || card->iface != NULL) {
		net_if_flag_set(iface, NET_IF_NO_AUTO_START);
		return; /* there is no such card */
	}
	card->iface = iface;
	net_if_set_link_addr(iface, card->mac, sizeof(card->mac), NET_LINK_ETHERNET);
	k_thread_create(&card->thread, card->stack, K_KERNEL_STACK_SIZEOF(card->stack), run,
			(void *)dev, NULL, NULL,
			K_PRIO_COOP(CONFIG_ZPY_ETH_82540EM_THREAD_PRIORITY), 0, K_NO_WAIT);
	k_thread_name_set(&card->thread, "eth_82540em");
	config->connect_irq();
	/* All multicast: Zephyr sorts out what it has joined. */
	card->rctl = RCTL_EN | RCTL_MPE | RCTL_BAM | RCTL_SECRC;
	reg_write(card, REG_CTRL, reg_read(card, REG_CTRL) | CTRL_ASDE | CTRL_SLU);
	reg_write(card, REG_RCTL, card->rctl);
	reg_write(card, REG_IMS, INT_RX | INT_LSC);
	set_carrier(card);
}

static const struct ethernet_api api = {
	.iface_api.init = iface_init,
#if defined(CONFIG_NET_STATISTICS_ETHERNET)
	.get_stats = get_stats,
#endif
	.get_capabilities = capabilities,
	.set_config = set_config,
	.send = send,
};

#define IRQ_FLAGS(inst)                                                                            \
	COND_CODE_1(DT_INST_IRQ_HAS_CELL(inst, sense), (DT_INST_IRQ(inst, sense)),                 \
		    (DT_INST_IRQ(inst, flags)))

#define CARD(inst)                                                                                 \
	BUILD_ASSERT(DT_INST_IRQN(inst) != PCIE_IRQ_DETECT, "The interrupt must be given");        \
	DEVICE_PCIE_INST_DECLARE(inst);                                                            \
	static struct rings rings_##inst __aligned(4096);                                          \
	static struct card card_##inst = {                                                         \
		.rings = &rings_##inst,                                                            \
		DEVICE_PCIE_INST_INIT(inst, pcie),                                                 \
	};                                                                                         \
	static void connect_irq_##inst(void)                                                       \
	{                                                                                          \
		IRQ_CONNECT(DT_INST_IRQN(inst), DT_INST_IRQ(inst, priority), on_interrupt,         \
			    DEVICE_DT_INST_GET(inst), IRQ_FLAGS(inst));                            \
		irq_enable(DT_INST_IRQN(inst));                                                    \
	}                                                                                          \
	static const struct card_config config_##inst = {                                          \
		.connect_irq = connect_irq_##inst,                                                 \
	};                                                                                         \
	ETH_NET_DEVICE_DT_INST_DEFINE(inst, init, NULL, &card_##inst, &config_##inst,              \
				      CONFIG_ETH_INIT_PRIORITY, &api, NET_ETH_MTU);

DT_INST_FOREACH_STATUS_OKAY(CARD)
