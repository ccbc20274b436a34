/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What mbed TLS is told beyond Kconfig; it comes after Zephyr's own configuration. */

#ifndef ZPY_TLS_ZPY_MBEDTLS_H_
#define ZPY_TLS_ZPY_MBEDTLS_H_

/* Any server may send records of the largest size; ours are of the size of a few packets. */
#undef MBEDTLS_SSL_IN_CONTENT_LEN
#define MBEDTLS_SSL_IN_CONTENT_LEN 16384
#undef MBEDTLS_SSL_OUT_CONTENT_LEN
#define MBEDTLS_SSL_OUT_CONTENT_LEN 8192

/* getpeercert() tells it after the handshake. */
#undef MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE

/* Speed before 2 KB of code. */
#undef MBEDTLS_SHA256_SMALLER

/* A certificate for a server that has none, made on the machine. */
#undef MBEDTLS_PEM_WRITE_C
#define MBEDTLS_PEM_WRITE_C
#undef MBEDTLS_X509_CREATE_C
#define MBEDTLS_X509_CREATE_C

#endif /* ZPY_TLS_ZPY_MBEDTLS_H_ */
