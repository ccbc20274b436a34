/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The host's side of hostnet.c: compiled for the host, outside of Zephyr. */

#define _GNU_SOURCE /* DT_LNK */

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

#define SECOND(name, value) value,

int hostnet_name(int place, char *name)
{
	struct if_nameindex *all = if_nameindex();
	int ret = -1;

	for (int i = 0; all != NULL && all[i].if_name != NULL; i++) {
		if (i == place && strlen(all[i].if_name) < HOSTNET_NAME) {
			strcpy(name, all[i].if_name);
			ret = 0;
		}
	}
	if (all != NULL) {
		if_freenameindex(all);
	}
	return ret;
}

int hostnet_ask(const char *name, unsigned int thing, uint8_t *data)
{
	static const unsigned long requests[] = {HOSTNET_THINGS(SECOND)};
	struct ifreq request = {0};
	int ret;
	int fd;

	if (strlen(name) >= sizeof(request.ifr_name)) {
		return -1;
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -1;
	}
	strcpy(request.ifr_name, name);
	ret = ioctl(fd, requests[thing], &request);
	(void)close(fd);
	memcpy(data, &request.ifr_ifru, HOSTNET_DATA);
	return ret < 0 ? -1 : 0;
}

int hostnet_open(unsigned int table)
{
	static const char *const paths[] = {HOSTNET_TABLES(SECOND)};

	return open(paths[table], O_RDONLY | O_CLOEXEC);
}

int hostnet_read(int fd, void *buf, size_t size)
{
	return read(fd, buf, size);
}

void hostnet_close(int fd)
{
	(void)close(fd);
}

int hostnet_inodes(uint64_t *inodes, int room)
{
	DIR *open_files = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0;

	while (open_files != NULL && (entry = readdir(open_files)) != NULL) {
		struct stat st;

		if (entry->d_type == DT_LNK && fstat(atoi(entry->d_name), &st) == 0 &&
		    S_ISSOCK(st.st_mode)) {
			if (count < room) {
				inodes[count] = st.st_ino;
			}
			count++;
		}
	}
	if (open_files != NULL) {
		(void)closedir(open_files);
	}
	return count;
}
