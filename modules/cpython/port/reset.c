/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Why the machine was reset, in memory that a reset leaves alone and no start clears.
 *
 * A PC has such memory in its clock, which has a battery. Elsewhere it is RAM: what has just got
 * power holds anything, and a check sum tells it from what was left. (QEMU loads an image anew at a
 * reset, and clears this RAM too.)
 */

#include <string.h>

#include <zlib.h>

#include <zephyr/init.h>
#ifdef CONFIG_X86
#include <zephyr/sys/sys_io.h>
#endif

#include "port.h"

#define MAGIC 0x5a50

struct note {
	uint16_t magic;
	uint8_t reason;
	uint8_t count;
	char text[PORT_RESET_TEXT];
	uint32_t crc;
};

static struct note found;

static uint32_t crc_of(const struct note *note)
{
	return crc32(0, (const Bytef *)note, offsetof(struct note, crc));
}

#if defined(CONFIG_X86) && DT_HAS_COMPAT_STATUS_OKAY(motorola_mc146818)

/* The last bytes of the clock's memory; firmware uses what lies before. */
#define FIRST (128 - sizeof(struct note))

BUILD_ASSERT(sizeof(struct note) <= 32);

static void load(struct note *note)
{
	for (size_t i = 0; i < sizeof(*note); i++) {
		sys_out8(FIRST + i, 0x70);
		((uint8_t *)note)[i] = sys_in8(0x71);
	}
}

static void store(const struct note *note)
{
	for (size_t i = 0; i < sizeof(*note); i++) {
		sys_out8(FIRST + i, 0x70);
		sys_out8(((const uint8_t *)note)[i], 0x71);
	}
}

#else

static __noinit struct note left;

static void load(struct note *note)
{
	*note = left;
}

static void store(const struct note *note)
{
	left = *note;
}

#endif

static int find(void)
{
	const struct note nothing = {0};
	struct note note;

	load(&note);
	if (note.magic == MAGIC && note.crc == crc_of(&note)) {
		note.text[sizeof(note.text) - 1] = '\0';
		found = note;
	}
	store(&nothing); /* who resets the machine in another way leaves nothing */
	return 0;
}

SYS_INIT(find, PRE_KERNEL_1, 0);

void port_reset_leave(enum port_reset reason, const char *text)
{
	struct note note = {.magic = MAGIC, .reason = reason, .count = MIN(found.count + 1, 255)};

	strncpy(note.text, text != NULL ? text : "", sizeof(note.text) - 1);
	note.crc = crc_of(&note);
	store(&note);
}

enum port_reset port_reset_reason(const char **text, unsigned int *count)
{
	*text = found.text;
	*count = found.count;
	return found.reason;
}
