/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The module _tls: mbed TLS for Python, between two buffers of bytes.
 *
 * A Config is what many connections share: certificates, keys, what is verified. A Session is one
 * connection. It never waits and knows no sockets: what comes from the peer is fed to it, what is
 * to go to the peer is taken from it. kernel_py/tls/_ssl.py makes the standard library's _ssl of
 * these two.
 *
 * The interpreter's lock is let go while mbed TLS computes. A Session has a lock of its own; the
 * Config's is held during handshakes, because private keys change while they are used (blinding).
 */

#include "Python.h"
#include "structmember.h"

#include <string.h>

#include <mbedtls/ecp.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include <zephyr/random/random.h>

#define READ_MAX 16384

struct state {
	PyTypeObject *config_type;
	PyTypeObject *session_type;
	PyObject *error;
};

struct config {
	PyObject_HEAD PyMutex lock;
	mbedtls_ssl_config conf;
	mbedtls_x509_crt ca;
	mbedtls_x509_crt own;
	mbedtls_pk_context key;
	const char **protocols; /* ALPN, ended by NULL */
	int *ciphers;           /* ended by 0 */
	PyObject *psk;          /* a server's: called with the identity, returns the key or None */
	bool check_name;
};

struct session {
	PyObject_HEAD PyMutex lock;
	struct config *config;
	mbedtls_ssl_context ssl;
	bool server;
	bool ended;  /* nothing more comes from the peer */
	bool closed; /* the peer has said that it sends no more */
	uint8_t *in;
	size_t in_at; /* what is before it has been used */
	size_t in_used;
	size_t in_room;
	uint8_t *out;
	size_t out_used;
	size_t out_room;
	PyThreadState *released; /* the thread's state while the interpreter's lock is let go */
};

static int draw(void *unused, unsigned char *buf, size_t size)
{
	ARG_UNUSED(unused);
	return sys_csrand_get(buf, size) == 0 ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static struct state *state_of(PyTypeObject *type)
{
	return PyType_GetModuleState(type);
}

/** Raises _tls.Error with mbed TLS's number. */
static PyObject *fail(PyTypeObject *type, int code)
{
	PyObject *value = PyLong_FromLong(code);

	if (value != NULL) {
		PyErr_SetObject(state_of(type)->error, value);
		Py_DECREF(value);
	}
	return NULL;
}

/** mbed TLS wants the zero at the end of PEM, and none at the end of DER. */
static bool is_pem(const char *data, Py_ssize_t size)
{
	return size > 10 && memmem(data, size, "-----BEGIN ", 11) != NULL;
}

/* Config */

static PyObject *config_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"server", NULL};
	int server;
	struct config *self;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "p:Config", names, &server)) {
		return NULL;
	}
	self = (struct config *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	mbedtls_ssl_config_init(&self->conf);
	mbedtls_x509_crt_init(&self->ca);
	mbedtls_x509_crt_init(&self->own);
	mbedtls_pk_init(&self->key);
	ret = mbedtls_ssl_config_defaults(&self->conf,
					  server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
					  MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
	if (ret != 0) {
		Py_DECREF(self);
		return fail(type, ret);
	}
	mbedtls_ssl_conf_rng(&self->conf, draw, NULL);
	mbedtls_ssl_conf_authmode(&self->conf, MBEDTLS_SSL_VERIFY_NONE);
#if defined(MBEDTLS_SSL_RENEGOTIATION)
	mbedtls_ssl_conf_renegotiation(&self->conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
	return (PyObject *)self;
}

static void free_protocols(struct config *self)
{
	for (size_t i = 0; self->protocols != NULL && self->protocols[i] != NULL; i++) {
		PyMem_Free((void *)self->protocols[i]);
	}
	PyMem_Free(self->protocols);
	self->protocols = NULL;
}

static int config_traverse(PyObject *op, visitproc visit, void *arg)
{
	struct config *self = (struct config *)op;

	Py_VISIT(Py_TYPE(op));
	Py_VISIT(self->psk);
	return 0;
}

static int config_clear(PyObject *op)
{
	Py_CLEAR(((struct config *)op)->psk);
	return 0;
}

static void config_dealloc(PyObject *op)
{
	struct config *self = (struct config *)op;
	PyTypeObject *type = Py_TYPE(op);

	PyObject_GC_UnTrack(op);
	mbedtls_ssl_config_free(&self->conf);
	mbedtls_x509_crt_free(&self->ca);
	mbedtls_x509_crt_free(&self->own);
	mbedtls_pk_free(&self->key);
	free_protocols(self);
	PyMem_Free(self->ciphers);
	(void)config_clear(op);
	type->tp_free(op);
	Py_DECREF(type);
}

PyDoc_STRVAR(add_ca_doc,
	     "add_ca(data)\n"
	     "--\n"
	     "\n"
	     "Trust the certificates in data, PEM or DER. Return how many could not be read.");

static PyObject *config_add_ca(PyObject *op, PyObject *arg)
{
	struct config *self = (struct config *)op;
	char *data;
	Py_ssize_t size;
	int ret;

	if (PyBytes_AsStringAndSize(arg, &data, &size) < 0) {
		return NULL;
	}
	PyMutex_Lock(&self->lock);
	ret = mbedtls_x509_crt_parse(&self->ca, (const unsigned char *)data,
				     is_pem(data, size) ? size + 1 : size);
	mbedtls_ssl_conf_ca_chain(&self->conf, &self->ca, NULL);
	PyMutex_Unlock(&self->lock);
	if (ret < 0) {
		return fail(Py_TYPE(op), ret);
	}
	return PyLong_FromLong(ret);
}

PyDoc_STRVAR(ca_certs_doc, "ca_certs()\n--\n\nReturn the trusted certificates, DER, as a list.");

static PyObject *list_chain(const mbedtls_x509_crt *chain)
{
	PyObject *list = PyList_New(0);

	for (; list != NULL && chain != NULL && chain->raw.len > 0; chain = chain->next) {
		PyObject *item =
			PyBytes_FromStringAndSize((const char *)chain->raw.p, chain->raw.len);

		if (item == NULL || PyList_Append(list, item) < 0) {
			Py_CLEAR(list);
		}
		Py_XDECREF(item);
	}
	return list;
}

static PyObject *config_ca_certs(PyObject *op, PyObject *unused)
{
	ARG_UNUSED(unused);
	return list_chain(&((struct config *)op)->ca);
}

PyDoc_STRVAR(set_own_doc,
	     "set_own(certificate, key, password=None)\n"
	     "--\n"
	     "\n"
	     "Show this certificate (with its chain) to peers, and prove it with its key.");

static PyObject *config_set_own(PyObject *op, PyObject *args)
{
	struct config *self = (struct config *)op;
	const char *certificate;
	Py_ssize_t certificate_size;
	const char *key;
	Py_ssize_t key_size;
	const char *password = NULL;
	Py_ssize_t password_size = 0;
	int ret;

	if (!PyArg_ParseTuple(args, "y#y#|z#:set_own", &certificate, &certificate_size, &key,
			      &key_size, &password, &password_size)) {
		return NULL;
	}
	PyMutex_Lock(&self->lock);
	mbedtls_x509_crt_free(&self->own);
	mbedtls_pk_free(&self->key);
	mbedtls_x509_crt_init(&self->own);
	mbedtls_pk_init(&self->key);
	ret = mbedtls_x509_crt_parse(&self->own, (const unsigned char *)certificate,
				     is_pem(certificate, certificate_size) ? certificate_size + 1
									   : certificate_size);
	if (ret == 0) {
		ret = mbedtls_pk_parse_key(&self->key, (const unsigned char *)key,
					   is_pem(key, key_size) ? key_size + 1 : key_size,
					   (const unsigned char *)password, password_size, draw,
					   NULL);
	}
	if (ret == 0) {
		ret = mbedtls_pk_check_pair(&self->own.pk, &self->key, draw, NULL);
	}
	if (ret == 0) {
		ret = mbedtls_ssl_conf_own_cert(&self->conf, &self->own, &self->key);
	}
	PyMutex_Unlock(&self->lock);
	if (ret != 0) {
		return fail(Py_TYPE(op), ret > 0 ? MBEDTLS_ERR_X509_INVALID_FORMAT : ret);
	}
	Py_RETURN_NONE;
}

/** What is wrong with a certificate, less what nobody wants to know. */
static int on_verify(void *arg, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	struct config *self = arg;

	ARG_UNUSED(crt);
	ARG_UNUSED(depth);
	if (!self->check_name) {
		*flags &= ~MBEDTLS_X509_BADCERT_CN_MISMATCH;
	}
	return 0;
}

PyDoc_STRVAR(set_verify_doc,
	     "set_verify(mode, check_name)\n"
	     "--\n"
	     "\n"
	     "mode 0: any peer; 1: a certificate is checked if there is one; 2: there must be\n"
	     "a good one. check_name: it must be for the host that was asked for.");

static PyObject *config_set_verify(PyObject *op, PyObject *args)
{
	struct config *self = (struct config *)op;
	int mode;
	int check_name;

	if (!PyArg_ParseTuple(args, "ip:set_verify", &mode, &check_name)) {
		return NULL;
	}
	if (mode < MBEDTLS_SSL_VERIFY_NONE || mode > MBEDTLS_SSL_VERIFY_REQUIRED) {
		PyErr_SetString(PyExc_ValueError, "mode must be 0, 1 or 2");
		return NULL;
	}
	self->check_name = check_name;
	mbedtls_ssl_conf_authmode(&self->conf, mode);
	mbedtls_ssl_conf_verify(&self->conf, on_verify, self);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(set_alpn_doc, "set_alpn(names)\n"
			   "--\n"
			   "\n"
			   "Offer or accept these application protocols (bytes), best first.");

static PyObject *config_set_alpn(PyObject *op, PyObject *arg)
{
	struct config *self = (struct config *)op;
	PyObject *names = PySequence_Tuple(arg);
	Py_ssize_t count;
	int ret = 0;

	if (names == NULL) {
		return NULL;
	}
	count = PyTuple_GET_SIZE(names);
	free_protocols(self);
	self->protocols = PyMem_Calloc(count + 1, sizeof(*self->protocols));
	for (Py_ssize_t i = 0; i < count && self->protocols != NULL; i++) {
		const char *name = PyBytes_AsString(PyTuple_GET_ITEM(names, i));
		char *copy = name != NULL ? PyMem_Malloc(strlen(name) + 1) : NULL;

		if (copy == NULL) {
			Py_DECREF(names);
			return PyErr_Occurred() ? NULL : PyErr_NoMemory();
		}
		strcpy(copy, name);
		self->protocols[i] = copy;
	}
	Py_DECREF(names);
	if (self->protocols == NULL) {
		return PyErr_NoMemory();
	}
	if (count > 0) {
		ret = mbedtls_ssl_conf_alpn_protocols(&self->conf, self->protocols);
	}
	if (ret != 0) {
		return fail(Py_TYPE(op), ret);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(set_ciphers_doc,
	     "set_ciphers(names)\n"
	     "--\n"
	     "\n"
	     "Use these cipher suites and no others, best first; all if names is empty.");

static PyObject *config_set_ciphers(PyObject *op, PyObject *arg)
{
	struct config *self = (struct config *)op;
	PyObject *names = PySequence_Tuple(arg);
	Py_ssize_t count;
	int *ciphers;

	if (names == NULL) {
		return NULL;
	}
	count = PyTuple_GET_SIZE(names);
	ciphers = PyMem_Calloc(count + 1, sizeof(*ciphers));
	if (ciphers == NULL) {
		Py_DECREF(names);
		return PyErr_NoMemory();
	}
	for (Py_ssize_t i = 0; i < count; i++) {
		const char *name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));

		ciphers[i] = name != NULL ? mbedtls_ssl_get_ciphersuite_id(name) : 0;
		if (ciphers[i] == 0) {
			if (!PyErr_Occurred()) {
				PyErr_Format(PyExc_ValueError, "no cipher suite is called %s",
					     name);
			}
			PyMem_Free(ciphers);
			Py_DECREF(names);
			return NULL;
		}
	}
	Py_DECREF(names);
	mbedtls_ssl_conf_ciphersuites(&self->conf,
				      count > 0 ? ciphers : mbedtls_ssl_list_ciphersuites());
	PyMem_Free(self->ciphers);
	self->ciphers = ciphers;
	Py_RETURN_NONE;
}

PyDoc_STRVAR(set_psk_doc, "set_psk(identity, key)\n"
			  "--\n"
			  "\n"
			  "Use a pre-shared key, both bytes. A client's.");

static PyObject *config_set_psk(PyObject *op, PyObject *args)
{
	struct config *self = (struct config *)op;
	const unsigned char *identity;
	Py_ssize_t identity_size;
	const unsigned char *key;
	Py_ssize_t key_size;
	int ret;

	if (!PyArg_ParseTuple(args, "y#y#:set_psk", &identity, &identity_size, &key, &key_size)) {
		return NULL;
	}
	PyMutex_Lock(&self->lock);
	ret = mbedtls_ssl_conf_psk(&self->conf, key, key_size, identity, identity_size);
	PyMutex_Unlock(&self->lock);
	if (ret != 0) {
		return fail(Py_TYPE(op), ret);
	}
	Py_RETURN_NONE;
}

/** A server has to find the key for an identity; the interpreter's lock is let go here. */
static int on_psk(void *arg, mbedtls_ssl_context *ssl, const unsigned char *identity, size_t size)
{
	struct config *self = arg;
	struct session *session = mbedtls_ssl_get_user_data_p(ssl);
	PyObject *key;
	int ret = MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;

	PyEval_RestoreThread(session->released);
	key = PyObject_CallFunction(self->psk, "y#", identity, (Py_ssize_t)size);
	if (key == NULL) {
		PyErr_WriteUnraisable(self->psk);
	} else if (PyBytes_Check(key) && PyBytes_GET_SIZE(key) > 0) {
		ret = mbedtls_ssl_set_hs_psk(ssl, (const unsigned char *)PyBytes_AS_STRING(key),
					     PyBytes_GET_SIZE(key));
	}
	Py_XDECREF(key);
	session->released = PyEval_SaveThread();
	return ret;
}

PyDoc_STRVAR(set_psk_callback_doc,
	     "set_psk_callback(function)\n"
	     "--\n"
	     "\n"
	     "Ask function for the key (bytes, or None) that belongs to an identity\n"
	     "(bytes). A server's.");

static PyObject *config_set_psk_callback(PyObject *op, PyObject *arg)
{
	struct config *self = (struct config *)op;

	if (!PyCallable_Check(arg)) {
		PyErr_SetString(PyExc_TypeError, "a function is wanted");
		return NULL;
	}
	Py_XSETREF(self->psk, Py_NewRef(arg));
	mbedtls_ssl_conf_psk_cb(&self->conf, on_psk, self);
	Py_RETURN_NONE;
}

static PyMethodDef config_methods[] = {
	{"add_ca", config_add_ca, METH_O, add_ca_doc},
	{"ca_certs", config_ca_certs, METH_NOARGS, ca_certs_doc},
	{"set_alpn", config_set_alpn, METH_O, set_alpn_doc},
	{"set_ciphers", config_set_ciphers, METH_O, set_ciphers_doc},
	{"set_own", config_set_own, METH_VARARGS, set_own_doc},
	{"set_psk", config_set_psk, METH_VARARGS, set_psk_doc},
	{"set_psk_callback", config_set_psk_callback, METH_O, set_psk_callback_doc},
	{"set_verify", config_set_verify, METH_VARARGS, set_verify_doc},
	{NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(config_doc,
	     "Config(server)\n--\n\nWhat the connections of a server or a client share.");

static PyType_Slot config_slots[] = {
	{Py_tp_doc, (void *)config_doc},
	{Py_tp_new, config_new},
	{Py_tp_dealloc, config_dealloc},
	{Py_tp_traverse, config_traverse},
	{Py_tp_clear, config_clear},
	{Py_tp_methods, config_methods},
	{0, NULL},
};

static PyType_Spec config_spec = {
	.name = "_tls.Config",
	.basicsize = sizeof(struct config),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = config_slots,
};

/* Session */

/** Makes room for more bytes at the end of a buffer. Without the interpreter's lock. */
static bool grow(uint8_t **buf, size_t used, size_t *room, size_t more)
{
	size_t wanted = used + more;
	uint8_t *bigger;

	if (wanted <= *room) {
		return true;
	}
	wanted = MAX(wanted, *room * 2);
	bigger = PyMem_RawRealloc(*buf, wanted);
	if (bigger == NULL) {
		return false;
	}
	*buf = bigger;
	*room = wanted;
	return true;
}

static int to_peer(void *arg, const unsigned char *data, size_t size)
{
	struct session *self = arg;

	if (!grow(&self->out, self->out_used, &self->out_room, size)) {
		return MBEDTLS_ERR_SSL_ALLOC_FAILED;
	}
	memcpy(self->out + self->out_used, data, size);
	self->out_used += size;
	return size;
}

static int from_peer(void *arg, unsigned char *data, size_t size)
{
	struct session *self = arg;
	size_t part = MIN(size, self->in_used - self->in_at);

	if (part == 0) {
		return self->ended ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
	}
	memcpy(data, self->in + self->in_at, part);
	self->in_at += part;
	if (self->in_at == self->in_used) {
		self->in_at = self->in_used = 0;
	}
	return part;
}

static PyObject *session_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"config", "server", "host", NULL};
	struct state *state = state_of(type);
	PyObject *config;
	int server;
	const char *host = NULL;
	struct session *self;
	int ret;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!p|z:Session", names, state->config_type,
					 &config, &server, &host)) {
		return NULL;
	}
	self = (struct session *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	mbedtls_ssl_init(&self->ssl);
	self->config = (struct config *)Py_NewRef(config);
	self->server = server;
	ret = mbedtls_ssl_setup(&self->ssl, &self->config->conf);
	if (ret == 0 && !server) {
		/* With None no name is sent and none is compared: somebody has decided so. */
		ret = mbedtls_ssl_set_hostname(&self->ssl, host);
	}
	if (ret != 0) {
		Py_DECREF(self);
		return ret == MBEDTLS_ERR_SSL_ALLOC_FAILED ? PyErr_NoMemory() : fail(type, ret);
	}
	mbedtls_ssl_set_user_data_p(&self->ssl, self);
	mbedtls_ssl_set_bio(&self->ssl, self, to_peer, from_peer, NULL);
	return (PyObject *)self;
}

static int session_traverse(PyObject *op, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(op));
	Py_VISIT((PyObject *)((struct session *)op)->config);
	return 0;
}

static void session_dealloc(PyObject *op)
{
	struct session *self = (struct session *)op;
	PyTypeObject *type = Py_TYPE(op);

	PyObject_GC_UnTrack(op);
	mbedtls_ssl_free(&self->ssl);
	PyMem_RawFree(self->in);
	PyMem_RawFree(self->out);
	Py_XDECREF((PyObject *)self->config);
	type->tp_free(op);
	Py_DECREF(type);
}

PyDoc_STRVAR(feed_doc, "feed(data)\n"
		       "--\n"
		       "\n"
		       "Take bytes from the peer; none at all mean that it sends no more.");

static PyObject *session_feed(PyObject *op, PyObject *arg)
{
	struct session *self = (struct session *)op;
	Py_buffer view;
	bool ok = true;

	if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
		return NULL;
	}
	PyMutex_Lock(&self->lock);
	if (view.len == 0) {
		self->ended = true;
	} else {
		/* Only the beginning of a record is ever left here. */
		self->in_used -= self->in_at;
		memmove(self->in, self->in + self->in_at, self->in_used);
		self->in_at = 0;
		ok = grow(&self->in, self->in_used, &self->in_room, view.len);
		if (ok) {
			memcpy(self->in + self->in_used, view.buf, view.len);
			self->in_used += view.len;
		}
	}
	PyMutex_Unlock(&self->lock);
	PyBuffer_Release(&view);
	if (!ok) {
		return PyErr_NoMemory();
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(take_doc, "take()\n--\n\nReturn what is to be sent to the peer, and forget it.");

static PyObject *session_take(PyObject *op, PyObject *unused)
{
	struct session *self = (struct session *)op;
	PyObject *bytes;

	ARG_UNUSED(unused);
	PyMutex_Lock(&self->lock);
	bytes = PyBytes_FromStringAndSize((const char *)self->out, self->out_used);
	if (bytes != NULL) {
		self->out_used = 0;
		PyMem_RawFree(self->out);
		self->out = NULL;
		self->out_room = 0;
	}
	PyMutex_Unlock(&self->lock);
	return bytes;
}

PyDoc_STRVAR(handshake_doc,
	     "handshake()\n"
	     "--\n"
	     "\n"
	     "Go on with the handshake. Return True at its end, False if it needs more bytes.");

static PyObject *session_handshake(PyObject *op, PyObject *unused)
{
	struct session *self = (struct session *)op;
	int ret;

	ARG_UNUSED(unused);
	PyMutex_Lock(&self->config->lock);
	PyMutex_Lock(&self->lock);
	self->released = PyEval_SaveThread();
	ret = mbedtls_ssl_handshake(&self->ssl);
	PyEval_RestoreThread(self->released);
	PyMutex_Unlock(&self->lock);
	PyMutex_Unlock(&self->config->lock);
	if (ret == MBEDTLS_ERR_SSL_WANT_READ) {
		Py_RETURN_FALSE;
	}
	if (ret != 0) {
		return fail(Py_TYPE(op), ret);
	}
	Py_RETURN_TRUE;
}

PyDoc_STRVAR(read_doc,
	     "read(size)\n"
	     "--\n"
	     "\n"
	     "Return at most size bytes from the peer; None if more bytes must be fed first,\n"
	     "b'' when the peer has closed the connection as it should.");

static PyObject *session_read(PyObject *op, PyObject *arg)
{
	struct session *self = (struct session *)op;
	Py_ssize_t size = PyLong_AsSsize_t(arg);
	PyObject *bytes;
	int ret;

	if (size < 0) {
		if (!PyErr_Occurred()) {
			PyErr_SetString(PyExc_ValueError, "size should not be negative");
		}
		return NULL;
	}
	if (size == 0) {
		return PyBytes_FromStringAndSize(NULL, 0);
	}
	size = MIN(size, READ_MAX);
	bytes = PyBytes_FromStringAndSize(NULL, size);
	if (bytes == NULL) {
		return NULL;
	}
	PyMutex_Lock(&self->lock);
	self->released = PyEval_SaveThread();
	/* mbed TLS tells of the peer's farewell once, and would then wait for more. */
	ret = self->closed ? MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY
			   : mbedtls_ssl_read(&self->ssl, (unsigned char *)PyBytes_AS_STRING(bytes),
					      size);
	self->closed = ret == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
	PyEval_RestoreThread(self->released);
	PyMutex_Unlock(&self->lock);
	if (ret > 0) {
		_PyBytes_Resize(&bytes, ret);
		return bytes;
	}
	Py_DECREF(bytes);
	if (ret == MBEDTLS_ERR_SSL_WANT_READ) {
		Py_RETURN_NONE;
	}
	if (ret == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
		return PyBytes_FromStringAndSize(NULL, 0);
	}
	return fail(Py_TYPE(op), ret == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : ret);
}

PyDoc_STRVAR(write_doc, "write(data)\n"
			"--\n"
			"\n"
			"Encrypt a part of data for the peer. Return how many bytes that are.");

static PyObject *session_write(PyObject *op, PyObject *arg)
{
	struct session *self = (struct session *)op;
	Py_buffer view;
	int ret;

	if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
		return NULL;
	}
	if (view.len == 0) {
		PyBuffer_Release(&view);
		return PyLong_FromLong(0);
	}
	PyMutex_Lock(&self->lock);
	self->released = PyEval_SaveThread();
	ret = mbedtls_ssl_write(&self->ssl, view.buf, MIN(view.len, INT_MAX));
	PyEval_RestoreThread(self->released);
	PyMutex_Unlock(&self->lock);
	PyBuffer_Release(&view);
	if (ret < 0) {
		return fail(Py_TYPE(op), ret);
	}
	return PyLong_FromLong(ret);
}

PyDoc_STRVAR(close_doc, "close()\n--\n\nTell the peer that nothing more will come.");

static PyObject *session_close(PyObject *op, PyObject *unused)
{
	struct session *self = (struct session *)op;
	int ret;

	ARG_UNUSED(unused);
	PyMutex_Lock(&self->lock);
	ret = mbedtls_ssl_close_notify(&self->ssl);
	PyMutex_Unlock(&self->lock);
	if (ret < 0) {
		return fail(Py_TYPE(op), ret);
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(pending_doc, "pending()\n--\n\nReturn how many bytes read() has without being fed.");

static PyObject *session_pending(PyObject *op, PyObject *unused)
{
	ARG_UNUSED(unused);
	return PyLong_FromSize_t(mbedtls_ssl_get_bytes_avail(&((struct session *)op)->ssl));
}

PyDoc_STRVAR(done_doc, "done()\n--\n\nReturn whether the handshake is over.");

static PyObject *session_done(PyObject *op, PyObject *unused)
{
	ARG_UNUSED(unused);
	return PyBool_FromLong(mbedtls_ssl_is_handshake_over(&((struct session *)op)->ssl));
}

PyDoc_STRVAR(info_doc, "info()\n"
		       "--\n"
		       "\n"
		       "Return (version, cipher suite, bits of its key, ALPN protocol or None).");

static PyObject *session_info(PyObject *op, PyObject *unused)
{
	struct session *self = (struct session *)op;
	const char *suite = mbedtls_ssl_get_ciphersuite(&self->ssl);
	const mbedtls_ssl_ciphersuite_t *known =
		suite != NULL ? mbedtls_ssl_ciphersuite_from_string(suite) : NULL;

	ARG_UNUSED(unused);
	return Py_BuildValue(
		"(sziz)", mbedtls_ssl_get_version(&self->ssl), suite,
		known != NULL ? (int)mbedtls_ssl_ciphersuite_get_cipher_key_bitlen(known) : 0,
		mbedtls_ssl_get_alpn_protocol(&self->ssl));
}

PyDoc_STRVAR(peer_doc, "peer()\n--\n\nReturn the peer's certificates, DER, its own first.");

static PyObject *session_peer(PyObject *op, PyObject *unused)
{
	ARG_UNUSED(unused);
	return list_chain(mbedtls_ssl_get_peer_cert(&((struct session *)op)->ssl));
}

PyDoc_STRVAR(verdict_doc,
	     "verdict()\n"
	     "--\n"
	     "\n"
	     "Return what is wrong with the peer's certificate: the sum of VERIFY_*, or -1 when\n"
	     "none was checked.");

static PyObject *session_verdict(PyObject *op, PyObject *unused)
{
	uint32_t flags = mbedtls_ssl_get_verify_result(&((struct session *)op)->ssl);

	ARG_UNUSED(unused);
	return PyLong_FromLongLong(flags == UINT32_MAX ? -1 : (long long)flags);
}

static PyMethodDef session_methods[] = {
	{"close", session_close, METH_NOARGS, close_doc},
	{"done", session_done, METH_NOARGS, done_doc},
	{"feed", session_feed, METH_O, feed_doc},
	{"handshake", session_handshake, METH_NOARGS, handshake_doc},
	{"info", session_info, METH_NOARGS, info_doc},
	{"peer", session_peer, METH_NOARGS, peer_doc},
	{"pending", session_pending, METH_NOARGS, pending_doc},
	{"read", session_read, METH_O, read_doc},
	{"take", session_take, METH_NOARGS, take_doc},
	{"verdict", session_verdict, METH_NOARGS, verdict_doc},
	{"write", session_write, METH_O, write_doc},
	{NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(session_doc, "Session(config, server, host=None)\n"
			  "--\n"
			  "\n"
			  "One connection, between bytes from the peer and bytes for it.");

static PyType_Slot session_slots[] = {
	{Py_tp_doc, (void *)session_doc}, {Py_tp_new, session_new},
	{Py_tp_dealloc, session_dealloc}, {Py_tp_traverse, session_traverse},
	{Py_tp_methods, session_methods}, {0, NULL},
};

static PyType_Spec session_spec = {
	.name = "_tls.Session",
	.basicsize = sizeof(struct session),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = session_slots,
};

/* Certificates */

PyDoc_STRVAR(make_doc,
	     "make_certificate(name, not_before, not_after)\n"
	     "--\n"
	     "\n"
	     "Make a key (ECDSA, P-256) and a certificate that it signs itself, for a host name;\n"
	     "times are 'YYYYMMDDhhmmss'. Return both as PEM, (certificate, key).");

static int make(const char *name, const char *from, const char *to, char *certificate, char *key,
		size_t room)
{
	mbedtls_pk_context pk;
	mbedtls_x509write_cert crt;
	mbedtls_x509_san_list san = {
		.node =
			{
				.type = MBEDTLS_X509_SAN_DNS_NAME,
				.san.unstructured_name =
					{
						.tag = MBEDTLS_ASN1_IA5_STRING,
						.p = (unsigned char *)name,
						.len = strlen(name),
					},
			},
	};
	unsigned char serial[16];
	char subject[256];
	int ret;

	mbedtls_pk_init(&pk);
	mbedtls_x509write_crt_init(&crt);
	snprintf(subject, sizeof(subject), "CN=%s", name);
	ret = draw(NULL, serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 0x01; /* positive, and of its whole length */
	if (ret == 0) {
		ret = mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	}
	if (ret == 0) {
		ret = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(pk), draw, NULL);
	}
	if (ret == 0) {
		mbedtls_x509write_crt_set_version(&crt, MBEDTLS_X509_CRT_VERSION_3);
		mbedtls_x509write_crt_set_md_alg(&crt, MBEDTLS_MD_SHA256);
		mbedtls_x509write_crt_set_subject_key(&crt, &pk);
		mbedtls_x509write_crt_set_issuer_key(&crt, &pk);
		ret = mbedtls_x509write_crt_set_subject_name(&crt, subject);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_issuer_name(&crt, subject);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_serial_raw(&crt, serial, sizeof(serial));
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_validity(&crt, from, to);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_basic_constraints(&crt, 1, 0);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_subject_alternative_name(&crt, &san);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_pem(&crt, (unsigned char *)certificate, room, draw,
						NULL);
	}
	if (ret == 0) {
		ret = mbedtls_pk_write_key_pem(&pk, (unsigned char *)key, room);
	}
	mbedtls_x509write_crt_free(&crt);
	mbedtls_pk_free(&pk);
	return ret;
}

static PyObject *make_certificate(PyObject *module, PyObject *args)
{
	struct state *state = PyModule_GetState(module);
	const char *name;
	const char *from;
	const char *to;
	char certificate[2048];
	char key[sizeof(certificate)];
	PyObject *pair;
	int ret;

	if (!PyArg_ParseTuple(args, "sss:make_certificate", &name, &from, &to)) {
		return NULL;
	}
	if (strlen(from) != 14 || strlen(to) != 14 || strlen(name) > 200 || strpbrk(name, ",=") ||
	    name[0] == '\0') {
		PyErr_SetString(PyExc_ValueError,
				"a host name and two times of 14 digits are wanted");
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = make(name, from, to, certificate, key, sizeof(certificate));
	Py_END_ALLOW_THREADS;
	if (ret != 0) {
		return fail(state->config_type, ret);
	}
	pair = Py_BuildValue("(ss)", certificate, key);
	memset(key, 0, sizeof(key));
	return pair;
}

PyDoc_STRVAR(ciphers_doc, "ciphers()\n--\n\nReturn the names of all cipher suites, best first.");

static PyObject *ciphers(PyObject *module, PyObject *unused)
{
	PyObject *list = PyList_New(0);

	ARG_UNUSED(module);
	ARG_UNUSED(unused);
	for (const int *id = mbedtls_ssl_list_ciphersuites(); list != NULL && *id != 0; id++) {
		PyObject *name = PyUnicode_FromString(mbedtls_ssl_get_ciphersuite_name(*id));

		if (name == NULL || PyList_Append(list, name) < 0) {
			Py_CLEAR(list);
		}
		Py_XDECREF(name);
	}
	return list;
}

/* The module */

static PyMethodDef methods[] = {
	{"ciphers", ciphers, METH_NOARGS, ciphers_doc},
	{"make_certificate", make_certificate, METH_VARARGS, make_doc},
	{NULL, NULL, 0, NULL},
};

static const struct {
	const char *name;
	long value;
} numbers[] = {
	{"ERR_VERIFY_FAILED", MBEDTLS_ERR_X509_CERT_VERIFY_FAILED},
	{"ERR_NO_CA", MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED},
	{"ERR_FATAL_ALERT", MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE},
	{"ERR_CLOSE_NOTIFY", MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY},
	{"ERR_EOF", MBEDTLS_ERR_SSL_CONN_EOF},
	{"ERR_NO_SHARED", MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE},
	{"ERR_BAD_MAC", MBEDTLS_ERR_SSL_INVALID_MAC},
	{"ERR_BAD_RECORD", MBEDTLS_ERR_SSL_INVALID_RECORD},
	{"ERR_BAD_VERSION", MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION},
	{"ERR_UNEXPECTED", MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE},
	{"ERR_UNKNOWN_IDENTITY", MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY},
	{"ERR_NO_CERTIFICATE", MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE},
	{"ERR_NO_ALPN", MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL},
	{"ERR_KEY_MISMATCH", MBEDTLS_ERR_X509_INVALID_FORMAT},
	{"ERR_MEMORY", MBEDTLS_ERR_SSL_ALLOC_FAILED},
	{"VERIFY_EXPIRED", MBEDTLS_X509_BADCERT_EXPIRED},
	{"VERIFY_REVOKED", MBEDTLS_X509_BADCERT_REVOKED},
	{"VERIFY_NAME", MBEDTLS_X509_BADCERT_CN_MISMATCH},
	{"VERIFY_UNTRUSTED", MBEDTLS_X509_BADCERT_NOT_TRUSTED},
	{"VERIFY_MISSING", MBEDTLS_X509_BADCERT_MISSING},
	{"VERIFY_FUTURE", MBEDTLS_X509_BADCERT_FUTURE},
};

static int exec(PyObject *module)
{
	struct state *state = PyModule_GetState(module);

	state->config_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &config_spec, NULL);
	state->session_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &session_spec, NULL);
	state->error = PyErr_NewExceptionWithDoc(
		"_tls.Error", "mbed TLS has failed; args[0] is its number.", NULL, NULL);
	if (state->config_type == NULL || state->session_type == NULL || state->error == NULL ||
	    PyModule_AddType(module, state->config_type) < 0 ||
	    PyModule_AddType(module, state->session_type) < 0 ||
	    PyModule_AddObjectRef(module, "Error", state->error) < 0 ||
	    PyModule_AddStringConstant(module, "VERSION", MBEDTLS_VERSION_STRING_FULL) < 0 ||
	    PyModule_AddIntConstant(module, "VERSION_NUMBER", MBEDTLS_VERSION_NUMBER) < 0) {
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (PyModule_AddIntConstant(module, numbers[i].name, numbers[i].value) < 0) {
			return -1;
		}
	}
	return 0;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
	struct state *state = PyModule_GetState(module);

	Py_VISIT(state->config_type);
	Py_VISIT(state->session_type);
	Py_VISIT(state->error);
	return 0;
}

static int clear(PyObject *module)
{
	struct state *state = PyModule_GetState(module);

	Py_CLEAR(state->config_type);
	Py_CLEAR(state->session_type);
	Py_CLEAR(state->error);
	return 0;
}

static PyModuleDef_Slot slots[] = {
	{Py_mod_exec, exec},
	{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
	{Py_mod_gil, Py_MOD_GIL_NOT_USED},
	{0, NULL},
};

PyDoc_STRVAR(doc, "mbed TLS between two buffers of bytes; ssl and _ssl are what programs use.");

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,          .m_name = "_tls",     .m_doc = doc,
	.m_size = sizeof(struct state), .m_methods = methods, .m_slots = slots,
	.m_traverse = traverse,         .m_clear = clear,
};

PyMODINIT_FUNC PyInit__tls(void)
{
	return PyModuleDef_Init(&module);
}
