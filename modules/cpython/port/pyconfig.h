/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What this platform has, kept by hand as upstream does for Windows (PC/pyconfig.h.in).
 *
 * Everything that depends on the architecture comes from the compiler's own macros, everything
 * that depends on Kconfig from CONFIG_CPYTHON_*, so one file serves every board. What is not
 * defined here is not there: no processes, no users, no symbolic links.
 */

#ifndef Py_PYCONFIG_H
#define Py_PYCONFIG_H

/* What the language and the compiler give. */
#define ALIGNOF_LONG                         __SIZEOF_LONG__
#define ALIGNOF_SIZE_T                       __SIZEOF_SIZE_T__
#define ALIGNOF_MAX_ALIGN_T                  __BIGGEST_ALIGNMENT__
#define SIZEOF_DOUBLE                        __SIZEOF_DOUBLE__
#define SIZEOF_FLOAT                         __SIZEOF_FLOAT__
#define SIZEOF_INT                           __SIZEOF_INT__
#define SIZEOF_LONG                          __SIZEOF_LONG__
#define SIZEOF_LONG_DOUBLE                   __SIZEOF_LONG_DOUBLE__
#define SIZEOF_LONG_LONG                     __SIZEOF_LONG_LONG__
#define SIZEOF_SHORT                         __SIZEOF_SHORT__
#define SIZEOF_SIZE_T                        __SIZEOF_SIZE_T__
#define SIZEOF_VOID_P                        __SIZEOF_POINTER__
#define SIZEOF_UINTPTR_T                     __SIZEOF_POINTER__
#define SIZEOF_WCHAR_T                       __SIZEOF_WCHAR_T__
#define SIZEOF__BOOL                         1
#define SIZEOF_FPOS_T                        8
#define SIZEOF_OFF_T                         __SIZEOF_LONG__
#define SIZEOF_PID_T                         4
#define SIZEOF_PTHREAD_T                     __SIZEOF_POINTER__
#define SIZEOF_PTHREAD_KEY_T                 4
#define SIZEOF_TIME_T                        8
#define PTHREAD_KEY_T_IS_COMPATIBLE_WITH_INT 1

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WORDS_BIGENDIAN              1
#define DOUBLE_IS_BIG_ENDIAN_IEEE754 1
#else
#define DOUBLE_IS_LITTLE_ENDIAN_IEEE754 1
#endif

#if defined(__SIZEOF_INT128__)
#define HAVE_GCC_UINT128_T 1
#define HAVE___UINT128_T   1
#endif

#define HAVE_BUILTIN_ATOMIC  1
#define HAVE_STD_ATOMIC      1
#define HAVE_COMPUTED_GOTOS  1
#define HAVE_LONG_DOUBLE     1
#define HAVE_PROTOTYPES      1
#define STDC_HEADERS         1
#define RETSIGTYPE           void
#define _Py_STACK_GROWS_DOWN 1

/* Which layers of the C library to show: all of them, minus what a compiler for Linux adds. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define _POSIX_THREADS               1
#define _POSIX_SEMAPHORES            200809L
#define _POSIX_THREAD_ATTR_STACKSIZE 200809L
#define _REENTRANT                   1

/* Types that picolibc makes too small or of the wrong kind: CPython wants an int for a clock. */
typedef int clockid_t;
#define _CLOCKID_T_DECLARED
#define __clockid_t_defined
typedef unsigned long long ino_t;
#define _INO_T_DECLARED

/* How CPython is built here. */
#define WITH_PYMALLOC 1
#ifdef CONFIG_CPYTHON_FREE_THREADING
#define Py_GIL_DISABLED 1
#define WITH_MIMALLOC   1
#endif
#ifdef CONFIG_CPYTHON_DOCSTRINGS
#define WITH_DOC_STRINGS 1
#endif
#define WITH_DECIMAL_CONTEXTVAR   1
#define _Py_FORCE_UTF8_LOCALE     1
#define PY_BUILTIN_HASHLIB_HASHES "md5,sha1,sha2,sha3,blake2"
#define PY_SUPPORT_TIER           0
#define _PYTHONFRAMEWORK          ""
#define _PYTHREAD_NAME_MAXLEN     (CONFIG_THREAD_MAX_NAME_LEN - 1)
#define THREAD_STACK_SIZE         CONFIG_CPYTHON_THREAD_STACK_SIZE

/* Headers */
#define HAVE_ALLOCA_H       1
#define HAVE_ARPA_INET_H    1
#define HAVE_DIRENT_H       1
#define HAVE_ERRNO_H        1
#define HAVE_FCNTL_H        1
#define HAVE_GRP_H          1
#define HAVE_INTTYPES_H     1
#define HAVE_NETDB_H        1
#define HAVE_NETINET_IN_H   1
#define HAVE_POLL_H         1
#define HAVE_PTHREAD_H      1
#define HAVE_PWD_H          1
#define HAVE_SCHED_H        1
#define HAVE_SETJMP_H       1
#define HAVE_SIGNAL_H       1
#define HAVE_STDINT_H       1
#define HAVE_STDIO_H        1
#define HAVE_STDLIB_H       1
#define HAVE_STRINGS_H      1
#define HAVE_STRING_H       1
#define HAVE_SYS_IOCTL_H    1
#define HAVE_SYS_PARAM_H    1
#define HAVE_SYS_RANDOM_H   1
#define HAVE_SYS_RESOURCE_H 1
#define HAVE_SYS_SELECT_H   1
#define HAVE_SYS_SOCKET_H   1
#define HAVE_SYS_STATVFS_H  1
#define HAVE_SYS_STAT_H     1
#define HAVE_SYS_TIMES_H    1
#define HAVE_SYS_TIME_H     1
#define HAVE_SYS_TYPES_H    1
#define HAVE_SYS_UIO_H      1
#define HAVE_SYS_UTSNAME_H  1
#define HAVE_SYS_WAIT_H     1
#define HAVE_UNISTD_H       1
#define HAVE_WCHAR_H        1

/* Mathematics */
#define HAVE_ACOSH 1
#define HAVE_ASINH 1
#define HAVE_ATANH 1
#define HAVE_ERF   1
#define HAVE_ERFC  1
#define HAVE_EXPM1 1
#define HAVE_LOG1P 1

/* Files */
#define HAVE_CHMOD                  1
#define HAVE_CHOWN                  1
#define HAVE_DIRENT_D_TYPE          1
#define HAVE_DUP                    1
#define HAVE_DUP2                   1
#define HAVE_DUP3                   1
#define HAVE_FCHDIR                 1
#define HAVE_FCHMOD                 1
#define HAVE_FCHOWN                 1
#define HAVE_FDATASYNC              1
#define HAVE_FSTATVFS               1
#define HAVE_FSYNC                  1
#define HAVE_FTRUNCATE              1
#define HAVE_FUTIMENS               1
#define HAVE_LCHOWN                 1
#define HAVE_LSTAT                  1
#define HAVE_OPENDIR                1
#define HAVE_PIPE                   1
#define HAVE_PIPE2                  1
#define HAVE_PREAD                  1
#define HAVE_PWRITE                 1
#define HAVE_READLINK               1
#define HAVE_READV                  1
#define HAVE_WRITEV                 1
#define HAVE_STATVFS                1
#define HAVE_STAT_TV_NSEC           1
#define HAVE_STRUCT_STAT_ST_BLKSIZE 1
#define HAVE_STRUCT_STAT_ST_BLOCKS  1
#define HAVE_STRUCT_STAT_ST_RDEV    1
#define HAVE_SYNC                   1
#define HAVE_TRUNCATE               1
#define HAVE_UMASK                  1
#define HAVE_UTIMENSAT              1

/* Sockets */
#define ENABLE_IPV6           1
#define HAVE_ACCEPT           1
#define HAVE_ACCEPT4          1
#define HAVE_ADDRINFO         1
#define HAVE_BIND             1
#define HAVE_CONNECT          1
#define HAVE_GAI_STRERROR     1
#define HAVE_GETADDRINFO      1
#define HAVE_GETHOSTBYADDR    1
#define HAVE_GETHOSTBYNAME    1
#define HAVE_GETHOSTNAME      1
#define HAVE_GETNAMEINFO      1
#define HAVE_GETPEERNAME      1
#define HAVE_GETPROTOBYNAME   1
#define HAVE_GETSERVBYNAME    1
#define HAVE_GETSERVBYPORT    1
#define HAVE_GETSOCKNAME      1
#define HAVE_HSTRERROR        1
#define HAVE_INET_ATON        1
#define HAVE_INET_NTOA        1
#define HAVE_INET_PTON        1
#define HAVE_LISTEN           1
#define HAVE_POLL             1
#define HAVE_RECVFROM         1
#define HAVE_SELECT           1
#define HAVE_SENDTO           1
#define HAVE_SETHOSTNAME      1
#define HAVE_SETSOCKOPT       1
#define HAVE_SHUTDOWN         1
#define HAVE_SOCKADDR_STORAGE 1
#define HAVE_SOCKET           1
#define HAVE_SOCKETPAIR       1
#define FD_SETSIZE            CONFIG_CPYTHON_OPEN_MAX

/* Threads */
#define HAVE_PTHREAD_CONDATTR_SETCLOCK 1
#define HAVE_PTHREAD_GETATTR_NP        1
#define HAVE_PTHREAD_GETCPUCLOCKID     1
#define HAVE_PTHREAD_GETNAME_NP        1
#define HAVE_PTHREAD_KILL              1
#define HAVE_PTHREAD_SETNAME_NP        1
#define HAVE_PTHREAD_SIGMASK           1
#define HAVE_SEM_CLOCKWAIT             1
#define HAVE_SEM_GETVALUE              1
#define HAVE_SEM_TIMEDWAIT             1

/* Time */
#define HAVE_CLOCK           1
#define HAVE_CLOCK_GETRES    1
#define HAVE_CLOCK_GETTIME   1
#define HAVE_CLOCK_NANOSLEEP 1
#define HAVE_CLOCK_SETTIME   1
#define HAVE_CLOCK_T         1
#define HAVE_MKTIME          1
#define HAVE_NANOSLEEP       1
#define HAVE_STRFTIME        1
#define HAVE_TIMEGM          1
#define HAVE_TIMES           1
#define HAVE_WORKING_TZSET   1
#define HAVE_DECL_TZNAME     1
#define HAVE_TZNAME          1

/* The machine and its one process */
#define HAVE_ALARM                   1
#define HAVE_EXPLICIT_BZERO          1
#define HAVE_GETEGID                 1
#define HAVE_GETEUID                 1
#define HAVE_GETGID                  1
#define HAVE_GETITIMER               1
#define HAVE_GETPAGESIZE             1
#define HAVE_GETPID                  1
#define HAVE_GETPPID                 1
#define HAVE_GETPWENT                1
#define HAVE_GETRANDOM               1
#define HAVE_GETRLIMIT               1
#define HAVE_GETRUSAGE               1
#define HAVE_GETUID                  1
#define HAVE_KILL                    1
#define HAVE_MEMRCHR                 1
#define HAVE_SETITIMER               1
#define HAVE_SETLOCALE               1
#define HAVE_SETRLIMIT               1
#define HAVE_SETVBUF                 1
#define HAVE_SIGACTION               1
#define HAVE_SIGFILLSET              1
#define HAVE_SIGPENDING              1
#define HAVE_SNPRINTF                1
#define HAVE_SSIZE_T                 1
#define HAVE_STRSIGNAL               1
#define HAVE_STRUCT_PASSWD_PW_GECOS  1
#define HAVE_STRUCT_PASSWD_PW_PASSWD 1
#define HAVE_SYSCONF                 1
#define HAVE_UNAME                   1
#define HAVE_WAITPID                 1
#define HAVE_WCSCOLL                 1
#define HAVE_WCSXFRM                 1
#define HAVE_WMEMCMP                 1

/* zlib */
#define HAVE_ZLIB_COPY 1

#endif /* Py_PYCONFIG_H */
