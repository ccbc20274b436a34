/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief picolibc's <time.h> with POSIX's clocks and the names of the time zone. */

#ifndef ZPY_PORT_TIME_H_
#define ZPY_PORT_TIME_H_

#include <sys/_types.h>
#include <sys/_timeval.h>
#include_next <time.h>

#ifndef CLOCK_REALTIME
#define CLOCK_REALTIME ((clockid_t)1)
#endif
#ifndef CLOCK_PROCESS_CPUTIME_ID
#define CLOCK_PROCESS_CPUTIME_ID ((clockid_t)2)
#endif
#ifndef CLOCK_THREAD_CPUTIME_ID
#define CLOCK_THREAD_CPUTIME_ID ((clockid_t)3)
#endif
#ifndef CLOCK_MONOTONIC
#define CLOCK_MONOTONIC ((clockid_t)4)
#endif
#ifndef TIMER_ABSTIME
#define TIMER_ABSTIME 4
#endif

#define timezone _timezone
#define daylight _daylight

time_t timegm(struct tm *tm);
int clock_gettime(clockid_t clock, struct timespec *ts);
int clock_getres(clockid_t clock, struct timespec *ts);
int clock_settime(clockid_t clock, const struct timespec *ts);
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *ts, struct timespec *left);
int nanosleep(const struct timespec *ts, struct timespec *left);

#endif /* ZPY_PORT_TIME_H_ */
