/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Internet addresses as text: inet_pton() and its kin. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *parse_ipv4(const char *text, uint8_t out[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned int value = 0;
		int digits = 0;

		while (*text >= '0' && *text <= '9' && digits < 3) {
			value = value * 10 + (*text++ - '0');
			digits++;
		}
		if (digits == 0 || value > 255 || (i < 3 && *text++ != '.')) {
			return NULL;
		}
		out[i] = value;
	}
	return text;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool parse_ipv6(const char *text, uint8_t out[16])
{
	int used = 0;
	int gap = -1;

	if (text[0] == ':' && text[1] != ':') {
		return false;
	}
	memset(out, 0, 16);
	while (*text != '\0') {
		const char *start = text;
		unsigned int value = 0;
		int digits = 0;

		if (text[0] == ':' && text[1] == ':') {
			if (gap >= 0) {
				return false;
			}
			gap = used;
			text += 2;
			continue;
		}
		if (text[0] == ':') {
			text++;
			if (*text == '\0') {
				return false;
			}
			continue;
		}
		for (; hex_digit(*text) >= 0 && digits < 4; digits++) {
			value = value << 4 | hex_digit(*text++);
		}
		if (*text == '.' && used <= 12) {
			text = parse_ipv4(start, &out[used]);
			used += 4;
			if (text == NULL || *text != '\0') {
				return false;
			}
			break;
		}
		if (digits == 0 || used > 14 || (*text != ':' && *text != '\0')) {
			return false;
		}
		out[used++] = value >> 8;
		out[used++] = value;
	}
	if (gap >= 0) {
		if (used == 16) {
			return false;
		}
		memmove(&out[16 - (used - gap)], &out[gap], used - gap);
		memset(&out[gap], 0, 16 - used);
		used = 16;
	}
	return used == 16;
}

int inet_pton(int family, const char *text, void *addr)
{
	uint8_t out[16];
	const char *end;

	switch (family) {
	case AF_INET:
		end = parse_ipv4(text, out);
		if (end == NULL || *end != '\0') {
			return 0;
		}
		memcpy(addr, out, 4);
		return 1;
	case AF_INET6:
		if (!parse_ipv6(text, out)) {
			return 0;
		}
		memcpy(addr, out, 16);
		return 1;
	default:
		errno = EAFNOSUPPORT;
		return -1;
	}
}

int inet_aton(const char *text, struct in_addr *addr)
{
	return inet_pton(AF_INET, text, addr);
}

static void format_ipv6(const uint8_t *addr, char *text)
{
	int gap = -1;
	int gap_length = 1;

	/* The longest run of zeros, if it is more than one group (RFC 5952). */
	for (int i = 0; i < 8; i++) {
		int length = 0;

		while (i + length < 8 && addr[2 * (i + length)] == 0 &&
		       addr[2 * (i + length) + 1] == 0) {
			length++;
		}
		if (length > gap_length) {
			gap = i;
			gap_length = length;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == gap) {
			text += sprintf(text, i == 0 ? "::" : ":");
			i += gap_length - 1;
			continue;
		}
		text += sprintf(text, i == 7 ? "%x" : "%x:", addr[2 * i] << 8 | addr[2 * i + 1]);
	}
	*text = '\0';
}

const char *inet_ntop(int family, const void *addr, char *text, socklen_t size)
{
	const uint8_t *bytes = addr;
	char out[INET6_ADDRSTRLEN];

	if (family == AF_INET) {
		sprintf(out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
	} else if (family == AF_INET6) {
		format_ipv6(bytes, out);
	} else {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (strlen(out) >= size) {
		errno = ENOSPC;
		return NULL;
	}
	return strcpy(text, out);
}

char *inet_ntoa(struct in_addr addr)
{
	static char text[INET_ADDRSTRLEN];

	return (char *)inet_ntop(AF_INET, &addr, text, sizeof(text));
}
