/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Blocks that were freed lately are given out again without asking the heap.
 *
 * Zephyr's heap merges and splits chunks at every call, under a mutex. Python's own allocator
 * takes what is larger than 512 bytes straight from malloc(), and code that computes with long
 * integers, strings or buffers does so all the time. A few blocks of each size are kept here. To
 * the heap they are in use; when it has nothing left they go back to it.
 */

#include <stdlib.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/sys_heap.h>

#include "port.h"

#define SMALLEST 512 /* bytes, exclusive: pymalloc has these */
#define STEP     64  /* bytes from one class to the next */
#define CLASSES  32
#define DEPTH    8   /* blocks of a class */
#define SHARE    256 /* of the heap's size that may be held: one part in so many */

struct block {
	struct block *next;
};

static struct {
	struct block *first;
	unsigned int count;
} classes[CLASSES];

static struct k_spinlock lock;
static size_t held; /* bytes in all classes */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void __wrap_free(void *ptr);

/** Bytes of the blocks of a class. */
static size_t size_of(unsigned int class)
{
	return SMALLEST + (class + 1) * STEP;
}

size_t port_heap_held(void)
{
	return held;
}

/** Gives all blocks back to the heap. @return whether there were any. */
static bool release_all(void)
{
	bool any = false;

	for (unsigned int class = 0; class < CLASSES; class++) {
		k_spinlock_key_t key = k_spin_lock(&lock);
		struct block *block = classes[class].first;

		held -= classes[class].count * size_of(class);
		classes[class].first = NULL;
		classes[class].count = 0;
		k_spin_unlock(&lock, key);
		while (block != NULL) {
			struct block *next = block->next;

			__real_free(block);
			block = next;
			any = true;
		}
	}
	return any;
}

void *__wrap_malloc(size_t size)
{
	void *ptr;

	if (size > SMALLEST && size <= size_of(CLASSES - 1)) {
		unsigned int class = (size - SMALLEST - 1) / STEP;
		k_spinlock_key_t key = k_spin_lock(&lock);
		struct block *block = classes[class].first;

		if (block != NULL) {
			classes[class].first = block->next;
			classes[class].count--;
			held -= size_of(class);
		}
		k_spin_unlock(&lock, key);
		if (block != NULL) {
			return block;
		}
		size = size_of(class);
	}
	ptr = __real_malloc(size);
	if (ptr == NULL && size != 0 && release_all()) {
		ptr = __real_malloc(size);
	}
	return ptr;
}

void __wrap_free(void *ptr)
{
	size_t size = ptr != NULL ? port_heap_usable_size(ptr) : 0;

	if (size >= size_of(0) && size < size_of(CLASSES)) {
		unsigned int class = (size - SMALLEST) / STEP - 1;
		struct block *block = ptr;
		k_spinlock_key_t key = k_spin_lock(&lock);
		bool keep = classes[class].count < DEPTH && held < port_heap_size() / SHARE;

		if (keep) {
			block->next = classes[class].first;
			classes[class].first = block;
			classes[class].count++;
			held += size_of(class);
		}
		k_spin_unlock(&lock, key);
		if (keep) {
			return;
		}
	}
	__real_free(ptr);
}

void *__wrap_calloc(size_t count, size_t size)
{
	void *ptr = __real_calloc(count, size);

	if (ptr == NULL && count != 0 && size != 0 && release_all()) {
		ptr = __real_calloc(count, size);
	}
	return ptr;
}

void *__wrap_realloc(void *ptr, size_t size)
{
	void *moved = __real_realloc(ptr, size);

	if (moved == NULL && size != 0 && release_all()) {
		moved = __real_realloc(ptr, size);
	}
	return moved;
}
