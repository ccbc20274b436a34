/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The one user, root, and the one group.
 */

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>

#define NAME "root"

static char *members[] = {NULL};

static struct passwd user = {
	.pw_name = NAME,
	.pw_passwd = "x",
	.pw_gecos = NAME,
	.pw_dir = "/",
	.pw_shell = "",
};
static struct group group = {
	.gr_name = NAME,
	.gr_passwd = "x",
	.gr_mem = members,
};
static bool user_told;
static bool group_told;

struct passwd *getpwuid(uid_t id)
{
	return id == 0 ? &user : NULL;
}

struct passwd *getpwnam(const char *name)
{
	return strcmp(name, NAME) == 0 ? &user : NULL;
}

void setpwent(void)
{
	user_told = false;
}

struct passwd *getpwent(void)
{
	struct passwd *next = user_told ? NULL : &user;

	user_told = true;
	return next;
}

void endpwent(void)
{
}

struct group *getgrgid(gid_t id)
{
	return id == 0 ? &group : NULL;
}

struct group *getgrnam(const char *name)
{
	return strcmp(name, NAME) == 0 ? &group : NULL;
}

void setgrent(void)
{
	group_told = false;
}

struct group *getgrent(void)
{
	struct group *next = group_told ? NULL : &group;

	group_told = true;
	return next;
}

void endgrent(void)
{
}
