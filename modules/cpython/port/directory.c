/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Working directories: a thread shares one with the thread that started it.
 *
 * So each session can have its own, with all the threads that it starts. A record belongs to all
 * threads and Python objects that refer to it; what chdir() changes is the record.
 */

#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>

#include "fs/vfs.h"
#include "port.h"

struct port_directory {
	struct port_directory *next; /* in the list of all */
	atomic_t refs;
	struct k_mutex lock;
	char path[VFS_PATH_MAX];
};

/* That of the main thread, and of all threads that nobody else has started; never freed. */
static struct port_directory first = {
	.refs = ATOMIC_INIT(1),
	.lock = Z_MUTEX_INITIALIZER(first.lock),
	.path = "/",
};

static struct port_directory *all = &first;
static K_MUTEX_DEFINE(all_lock);

struct port_directory *port_directory_of(const struct port_thread *thread)
{
	return thread->directory != NULL ? thread->directory : &first;
}

struct port_directory *port_directory_new(void)
{
	struct port_directory *new = malloc(sizeof(*new));

	if (new != NULL) {
		new->refs = ATOMIC_INIT(1);
		k_mutex_init(&new->lock);
		port_directory_get(port_directory_of(port_thread_self()), new->path);
		k_mutex_lock(&all_lock, K_FOREVER);
		new->next = all;
		all = new;
		k_mutex_unlock(&all_lock);
	}
	return new;
}

struct port_directory *port_directory_ref(struct port_directory *directory)
{
	atomic_inc(&directory->refs);
	return directory;
}

void port_directory_put(struct port_directory *directory)
{
	struct port_directory **link = &all;

	if (directory == NULL || atomic_dec(&directory->refs) != 1) {
		return;
	}
	k_mutex_lock(&all_lock, K_FOREVER);
	while (*link != directory) {
		link = &(*link)->next;
	}
	*link = directory->next;
	k_mutex_unlock(&all_lock);
	free(directory);
}

void port_directory_get(struct port_directory *directory, char *path)
{
	k_mutex_lock(&directory->lock, K_FOREVER);
	strcpy(path, directory->path);
	k_mutex_unlock(&directory->lock);
}

void port_directory_set(struct port_directory *directory, const char *path)
{
	k_mutex_lock(&directory->lock, K_FOREVER);
	strcpy(directory->path, path);
	k_mutex_unlock(&directory->lock);
}

bool port_directory_in_use(const char *top)
{
	size_t length = strlen(top);
	bool found = false;

	k_mutex_lock(&all_lock, K_FOREVER);
	for (struct port_directory *each = all; each != NULL && !found; each = each->next) {
		k_mutex_lock(&each->lock, K_FOREVER);
		found = strncmp(each->path, top, length) == 0 &&
			(each->path[length] == '/' || each->path[length] == '\0');
		k_mutex_unlock(&each->lock);
	}
	k_mutex_unlock(&all_lock);
	return found;
}
