# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What the standard library's `ssl` stands on, made of mbed TLS.

Upstream's `_ssl` is OpenSSL in C.  This one has the same names, over the C module `_tls`, so that
`ssl`, asyncio, http.client and urllib run as they are.  The cryptography is mbed TLS's; sockets,
time-outs and errors are dealt with here.

What differs from OpenSSL: TLS 1.2 alone; no session is resumed; certificates are trusted from
files that are loaded, for the machine has no store of its own unless /etc/ssl/cert.pem is there;
a server shows one certificate (no callback for names).
"""

import os
import weakref
from _socket import socket as _socket

import _tls

OPENSSL_VERSION = f"{_tls.VERSION} (for OpenSSL 3.0)"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
_OPENSSL_API_VERSION = OPENSSL_VERSION_INFO
_DEFAULT_CIPHERS = "DEFAULT"

HAS_SNI = HAS_ECDH = HAS_ALPN = HAS_TLSv1_2 = HAS_PSK = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_TLSv1_3 = HAS_PHA = False

# The numbers are OpenSSL's, because programs write them down.
PROTOCOL_SSLv23 = PROTOCOL_TLS = 2
PROTOCOL_TLSv1_2 = 5
PROTOCOL_TLS_CLIENT = 16
PROTOCOL_TLS_SERVER = 17

PROTO_MINIMUM_SUPPORTED = -2
PROTO_MAXIMUM_SUPPORTED = -1
PROTO_SSLv3 = 0x300
PROTO_TLSv1 = 0x301
PROTO_TLSv1_1 = 0x302
PROTO_TLSv1_2 = 0x303
PROTO_TLSv1_3 = 0x304

CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = 0, 1, 2

VERIFY_DEFAULT = 0
VERIFY_CRL_CHECK_LEAF = 0x4
VERIFY_CRL_CHECK_CHAIN = 0xC
VERIFY_X509_STRICT = 0x20
VERIFY_ALLOW_PROXY_CERTS = 0x40
VERIFY_X509_TRUSTED_FIRST = 0x8000
VERIFY_X509_PARTIAL_CHAIN = 0x80000

OP_ALL = 0x80000050
OP_NO_SSLv2 = 0
OP_NO_SSLv3 = 0x2000000
OP_NO_TLSv1 = 0x4000000
OP_NO_TLSv1_1 = 0x10000000
OP_NO_TLSv1_2 = 0x8000000
OP_NO_TLSv1_3 = 0x20000000
OP_CIPHER_SERVER_PREFERENCE = 0x400000
OP_SINGLE_DH_USE = 0
OP_NO_TICKET = 0x4000
OP_SINGLE_ECDH_USE = 0
OP_NO_COMPRESSION = 0x20000
OP_NO_RENEGOTIATION = 0x40000000
OP_IGNORE_UNEXPECTED_EOF = 0x80
OP_ENABLE_MIDDLEBOX_COMPAT = 0x100000

SSL_ERROR_SSL = 1
SSL_ERROR_WANT_READ = 2
SSL_ERROR_WANT_WRITE = 3
SSL_ERROR_WANT_X509_LOOKUP = 4
SSL_ERROR_SYSCALL = 5
SSL_ERROR_ZERO_RETURN = 6
SSL_ERROR_WANT_CONNECT = 7
SSL_ERROR_EOF = 8
SSL_ERROR_INVALID_ERROR_CODE = 10

ALERT_DESCRIPTION_CLOSE_NOTIFY = 0
ALERT_DESCRIPTION_UNEXPECTED_MESSAGE = 10
ALERT_DESCRIPTION_BAD_RECORD_MAC = 20
ALERT_DESCRIPTION_RECORD_OVERFLOW = 22
ALERT_DESCRIPTION_DECOMPRESSION_FAILURE = 30
ALERT_DESCRIPTION_HANDSHAKE_FAILURE = 40
ALERT_DESCRIPTION_BAD_CERTIFICATE = 42
ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE = 43
ALERT_DESCRIPTION_CERTIFICATE_REVOKED = 44
ALERT_DESCRIPTION_CERTIFICATE_EXPIRED = 45
ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN = 46
ALERT_DESCRIPTION_ILLEGAL_PARAMETER = 47
ALERT_DESCRIPTION_UNKNOWN_CA = 48
ALERT_DESCRIPTION_ACCESS_DENIED = 49
ALERT_DESCRIPTION_DECODE_ERROR = 50
ALERT_DESCRIPTION_DECRYPT_ERROR = 51
ALERT_DESCRIPTION_PROTOCOL_VERSION = 70
ALERT_DESCRIPTION_INSUFFICIENT_SECURITY = 71
ALERT_DESCRIPTION_INTERNAL_ERROR = 80
ALERT_DESCRIPTION_USER_CANCELLED = 90
ALERT_DESCRIPTION_NO_RENEGOTIATION = 100
ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION = 110
ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE = 111
ALERT_DESCRIPTION_UNRECOGNIZED_NAME = 112
ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE = 113
ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE = 114
ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY = 115

ENCODING_PEM = 1
ENCODING_DER = 2

_CA_FILE = "/etc/ssl/cert.pem"
_CA_DIRECTORY = "/etc/ssl/certs"


# --- errors ---------------------------------------------------------------------------------


class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    library = None
    reason = None

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


SSLError.__module__ = "ssl"


def _error(name, doc, *bases):
    return type(name, bases or (SSLError,), {"__doc__": doc, "__module__": "ssl"})


SSLZeroReturnError = _error("SSLZeroReturnError", "SSL/TLS session closed cleanly.")
SSLWantReadError = _error(
    "SSLWantReadError", "Non-blocking SSL socket needs to read more data\nbefore the operation."
)
SSLWantWriteError = _error(
    "SSLWantWriteError", "Non-blocking SSL socket needs to write more data\nbefore the operation."
)
SSLSyscallError = _error("SSLSyscallError", "System error when attempting SSL operation.")
SSLEOFError = _error("SSLEOFError", "SSL/TLS connection terminated abruptly.")
SSLCertVerificationError = _error(
    "SSLCertVerificationError", "A certificate could not be verified.", SSLError, ValueError
)

_REASONS = {
    _tls.ERR_FATAL_ALERT: ("PEER_ALERT", "the peer has ended the handshake with an alert"),
    _tls.ERR_NO_SHARED: ("NO_SHARED_CIPHER", "no cipher or group that both sides know"),
    _tls.ERR_BAD_MAC: ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "bad record mac"),
    _tls.ERR_BAD_RECORD: ("WRONG_VERSION_NUMBER", "wrong version number"),
    _tls.ERR_BAD_VERSION: ("UNSUPPORTED_PROTOCOL", "unsupported protocol"),
    _tls.ERR_UNEXPECTED: ("UNEXPECTED_MESSAGE", "unexpected message"),
    _tls.ERR_UNKNOWN_IDENTITY: ("PSK_IDENTITY_NOT_FOUND", "psk identity not found"),
    _tls.ERR_NO_CERTIFICATE: (
        "PEER_DID_NOT_RETURN_A_CERTIFICATE",
        "peer did not return a certificate",
    ),
    _tls.ERR_NO_ALPN: ("NO_APPLICATION_PROTOCOL", "no application protocol"),
}


def _ssl_error(kind, number, reason, text, library="SSL"):
    error = kind(number, f"[{library}: {reason}] {text}")
    error.library, error.reason = library, reason
    return error


def _want(kind, number):
    return kind(number, "The operation did not complete")


def _eof():
    return SSLEOFError(SSL_ERROR_EOF, "EOF occurred in violation of protocol")


def _from_tls(error, what="the connection"):
    """The exception for an error of mbed TLS."""
    code = error.args[0]
    if code == _tls.ERR_MEMORY:
        return MemoryError()
    if code == _tls.ERR_EOF:
        return _eof()
    reason, text = _REASONS.get(code, ("MBEDTLS_ERROR", f"{what}: mbed TLS error -0x{-code:04x}"))
    return _ssl_error(SSLError, SSL_ERROR_SSL, reason, text)


def _verify_error(code, text):
    error = _ssl_error(
        SSLCertVerificationError,
        SSL_ERROR_SSL,
        "CERTIFICATE_VERIFY_FAILED",
        f"certificate verify failed: {text}",
    )
    error.verify_code, error.verify_message = code, text
    return error


def _verdict(flags, session, host):
    """The exception for a certificate that is not good; OpenSSL's numbers and words."""
    if flags & _tls.VERIFY_NAME:
        return _verify_error(62, f"Hostname mismatch, certificate is not valid for '{host}'.")
    if flags & _tls.VERIFY_EXPIRED:
        return _verify_error(10, "certificate has expired")
    if flags & _tls.VERIFY_FUTURE:
        return _verify_error(9, "certificate is not yet valid")
    if flags & _tls.VERIFY_REVOKED:
        return _verify_error(23, "certificate revoked")
    if flags & _tls.VERIFY_MISSING:
        return _ssl_error(SSLError, SSL_ERROR_SSL, *_REASONS[_tls.ERR_NO_CERTIFICATE])
    if flags & _tls.VERIFY_UNTRUSTED:
        chain = session.peer()
        if len(chain) == 1 and _is_self_signed(chain[0]):
            return _verify_error(18, "self-signed certificate")
        return _verify_error(20, "unable to get local issuer certificate")
    return _verify_error(1, f"mbed TLS's reasons 0x{flags:x}")


# --- certificates: DER, as far as getpeercert() tells it --------------------------------------

_OIDS = {
    "2.5.4.3": "commonName",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "countryName",
    "2.5.4.7": "localityName",
    "2.5.4.8": "stateOrProvinceName",
    "2.5.4.10": "organizationName",
    "2.5.4.11": "organizationalUnitName",
    "2.5.4.12": "title",
    "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.25": "domainComponent",
}
_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": (129, "serverAuth", "TLS Web Server Authentication"),
    "1.3.6.1.5.5.7.3.2": (130, "clientAuth", "TLS Web Client Authentication"),
}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _der(data):
    """Cuts DER into (tag, contents) pairs; ValueError for what is none."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("DER ends too early")
        tag, length = data[at], data[at + 1]
        at += 2
        if length >= 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at : at + count])
            at += count
        if at + length > len(data):
            raise ValueError("DER ends too early")
        yield tag, data[at : at + length]
        at += length


def _oid(data):
    first, rest = divmod(data[0], 40) if data[0] < 80 else (2, data[0] - 80)
    numbers, value = [first, rest], 0
    for octet in data[1:]:
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            numbers.append(value)
            value = 0
    return ".".join(map(str, numbers))


def _name(data):
    parts = []
    for _, group in _der(data):
        pairs = []
        for _, pair in _der(group):
            (_, oid), (tag, value) = _der(pair)
            encoding = {0x1E: "utf-16-be", 0x14: "latin-1"}.get(tag, "utf-8")
            oid = _oid(oid)
            pairs.append((_OIDS.get(oid, oid), value.decode(encoding, "replace")))
        parts.append(tuple(pairs))
    return tuple(parts)


def _time(tag, data):
    text = data.decode("ascii")
    if tag == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    month, day = _MONTHS[int(text[4:6]) - 1], int(text[6:8])
    return f"{month} {day:>2} {text[8:10]}:{text[10:12]}:{text[12:14]} {text[:4]} GMT"


def _alternatives(data):
    import socket

    ((_, names),) = _der(data)
    for tag, value in _der(names):
        if tag == 0x82:
            yield "DNS", value.decode("ascii", "replace")
        elif tag == 0x81:
            yield "email", value.decode("ascii", "replace")
        elif tag == 0x86:
            yield "URI", value.decode("ascii", "replace")
        elif tag == 0x87:
            family = socket.AF_INET if len(value) == 4 else socket.AF_INET6
            yield "IP Address", socket.inet_ntop(family, value)
        elif tag == 0xA4:
            ((_, name),) = _der(value)
            yield "DirName", _name(name)


def _decode(der):
    """A certificate as the dict that getpeercert() gives."""
    ((_, certificate),) = _der(der)
    (_, tbs), *_ = _der(certificate)
    fields = list(_der(tbs))
    version = 1
    if fields[0][0] == 0xA0:
        ((_, number),) = _der(fields.pop(0)[1])
        version = number[-1] + 1
    (_, serial), _, (_, issuer), (_, validity), (_, subject), _, *extra = fields
    (first_tag, first), (last_tag, last) = _der(validity)
    digits = f"{int.from_bytes(serial, signed=True):X}"
    result = {
        "subject": _name(subject),
        "issuer": _name(issuer),
        "version": version,
        "serialNumber": digits.zfill(len(digits) + len(digits) % 2),
        "notBefore": _time(first_tag, first),
        "notAfter": _time(last_tag, last),
    }
    for tag, value in extra:
        if tag != 0xA3:
            continue
        ((_, extensions),) = _der(value)
        for _, extension in _der(extensions):
            (_, oid), *_, (_, contents) = _der(extension)
            if _oid(oid) == "2.5.29.17":
                result["subjectAltName"] = tuple(_alternatives(contents))
    return result


def _is_self_signed(der):
    try:
        found = _decode(der)
    except (ValueError, IndexError):
        return False
    return found["subject"] == found["issuer"]


def _test_decode_cert(path):
    with open(path, "rb") as file:
        return _decode(_pem_to_der(file.read()))


def _pem_to_der(data):
    import base64

    if b"-----BEGIN" not in data:
        return data
    body = data.partition(b"-----BEGIN CERTIFICATE-----")[2]
    return base64.b64decode(body.partition(b"-----END CERTIFICATE-----")[0])


class Certificate:
    """A certificate of a chain."""

    def __init__(self, der):
        self._bytes = der

    def public_bytes(self, format=ENCODING_PEM):
        """The certificate, as PEM (str) or DER (bytes)."""
        if format == ENCODING_DER:
            return self._bytes
        if format != ENCODING_PEM:
            raise ValueError("Unsupported format")
        import base64

        text = base64.b64encode(self._bytes).decode("ascii")
        lines = [text[i : i + 64] for i in range(0, len(text), 64)]
        return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])

    def get_info(self):
        """The certificate as getpeercert() gives it."""
        return _decode(self._bytes)

    def __eq__(self, other):
        return isinstance(other, Certificate) and self._bytes == other._bytes

    def __hash__(self):
        return hash(self._bytes)


# --- names of ciphers and objects -------------------------------------------------------------


def _openssl_name(name):
    """OpenSSL's name of a cipher suite for mbed TLS's."""
    name = name.removeprefix("TLS-").replace("-WITH-", "-")
    name = name.replace("AES-128", "AES128").replace("AES-256", "AES256")
    name = name.replace("-CBC", "") if "AES" in name else name
    if "CHACHA20" in name:
        name = name.removesuffix("-SHA256")
    return name.removeprefix("RSA-") if name.startswith("RSA-AES") else name


def txt2obj(txt, name=False):
    """Looks an object of X.509 up by its number, or by its name."""
    for oid, (nid, short, long) in _PURPOSES.items():
        if txt == oid or (name and txt in (short, long)):
            return nid, short, long, oid
    raise ValueError(f"unknown object '{txt[:100]}'")


def nid2obj(nid):
    """Looks an object of X.509 up by OpenSSL's number."""
    for oid, (number, short, long) in _PURPOSES.items():
        if nid == number:
            return nid, short, long, oid
    raise ValueError(f"unknown NID {nid}")


def RAND_bytes(n):
    """n random bytes."""
    return os.urandom(n)


def RAND_status():
    """True: the generator is ready."""
    return True


def RAND_add(string, entropy):
    """Takes nothing in: the generator needs no help."""


def get_default_verify_paths():
    """Where certificates are looked for, and the variables that say otherwise."""
    return "SSL_CERT_FILE", _CA_FILE, "SSL_CERT_DIR", _CA_DIRECTORY


# --- buffers and sessions ---------------------------------------------------------------------


class MemoryBIO:
    """A pipe of bytes in memory."""

    def __init__(self):
        self._data = bytearray()
        self._ended = False

    @property
    def pending(self):
        """Bytes that can be read."""
        return len(self._data)

    @property
    def eof(self):
        """Whether all has been read and no more will come."""
        return self._ended and not self._data

    def read(self, size=-1):
        """Takes bytes out."""
        if size < 0 or size > len(self._data):
            size = len(self._data)
        data = bytes(self._data[:size])
        del self._data[:size]
        return data

    def write(self, b):
        """Puts bytes in; returns how many."""
        if self._ended:
            raise SSLError("cannot write() after write_eof()")
        with memoryview(b) as view:
            if not view.contiguous:
                raise BufferError("underlying buffer is not C-contiguous")
            self._data += view
            return view.nbytes

    def write_eof(self):
        """Says that no more will come."""
        self._ended = True


class SSLSession:
    """A session that could be resumed: there is none of the kind."""


# --- a context --------------------------------------------------------------------------------


class _SSLContext:
    """What many connections share."""

    def __new__(cls, protocol):
        if protocol not in (
            PROTOCOL_TLS,
            PROTOCOL_TLSv1_2,
            PROTOCOL_TLS_CLIENT,
            PROTOCOL_TLS_SERVER,
        ):
            raise ValueError("invalid or unsupported protocol version")
        self = object.__new__(cls)
        self._protocol = int(protocol)
        self._configs = {}  # server? → _tls.Config
        self._trusted = []
        self._own = None
        self._alpn = ()
        self._suites = ()
        self._options = OP_ALL | OP_NO_SSLv3 | OP_NO_COMPRESSION | OP_ENABLE_MIDDLEBOX_COMPAT
        self._verify_flags = VERIFY_X509_TRUSTED_FIRST
        self._verify_mode = CERT_NONE
        self._check_hostname = False
        self._minimum = PROTO_TLSv1_2
        self._maximum = PROTO_MAXIMUM_SUPPORTED
        self._psk_client = None
        self._psk_server = None
        self._sni = None
        self._messages = None
        if protocol == PROTOCOL_TLS_CLIENT:
            self._verify_mode = CERT_REQUIRED
            self._check_hostname = True
        return self

    def _config(self, server):
        """mbed TLS's side of the context, made when it is first needed."""
        config = self._configs.get(server)
        if config is None:
            config = _tls.Config(server)
            try:
                for data in self._trusted:
                    config.add_ca(data)
                if self._own is not None:
                    config.set_own(*self._own)
                if self._alpn:
                    config.set_alpn(self._alpn)
                if self._suites:
                    config.set_ciphers(self._suites)
            except _tls.Error as error:
                raise _from_tls(error, "the certificate or its key") from None
            if server and self._psk_server is not None:
                config.set_psk_callback(self._find_psk)
            self._configs[server] = config
        config.set_verify(self._mode_for(server), self._check_hostname)
        return config

    def _mode_for(self, server):
        if self._verify_mode == CERT_OPTIONAL and not server:
            return CERT_REQUIRED  # a server always shows a certificate
        return self._verify_mode

    def _either(self):
        """The config that this context will most likely be used with."""
        return self._config(self._protocol == PROTOCOL_TLS_SERVER)

    protocol = property(lambda self: self._protocol)

    @property
    def options(self):
        """The sum of OP_*; most of them say what is so anyway."""
        return self._options

    @options.setter
    def options(self, value):
        if value < 0:
            raise OverflowError("options out of range")
        self._options = int(value)

    @property
    def verify_flags(self):
        """The sum of VERIFY_*; lists of revoked certificates are not looked at."""
        return self._verify_flags

    @verify_flags.setter
    def verify_flags(self, value):
        if value & VERIFY_CRL_CHECK_CHAIN:
            raise ValueError("lists of revoked certificates are not supported")
        self._verify_flags = int(value)

    @property
    def verify_mode(self):
        """CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED."""
        return self._verify_mode

    @verify_mode.setter
    def verify_mode(self, value):
        if value not in (CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED):
            raise ValueError("invalid value for verify_mode")
        if value == CERT_NONE and self._check_hostname:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self._verify_mode = int(value)

    @property
    def check_hostname(self):
        """Whether the certificate must be for the host that is asked for."""
        return self._check_hostname

    @check_hostname.setter
    def check_hostname(self, value):
        self._check_hostname = bool(value)
        if value and self._verify_mode == CERT_NONE:
            self._verify_mode = CERT_REQUIRED

    @property
    def minimum_version(self):
        """The oldest version of TLS: 1.2 is the only one."""
        return self._minimum

    @minimum_version.setter
    def minimum_version(self, value):
        if value > PROTO_TLSv1_2:
            raise ValueError("TLS 1.2 is the newest version here")
        self._minimum = int(value)

    @property
    def maximum_version(self):
        """The newest version of TLS: 1.2 is the only one."""
        return self._maximum

    @maximum_version.setter
    def maximum_version(self, value):
        if 0 < value < PROTO_TLSv1_2:
            raise ValueError("TLS 1.2 is the oldest version here")
        self._maximum = int(value)

    security_level = property(lambda self: 2)
    num_tickets = property(lambda self: 0)
    post_handshake_auth = property(lambda self: None)  # there is none: a matter of TLS 1.3

    @property
    def sni_callback(self):
        """None: one certificate serves all names."""
        return self._sni

    @sni_callback.setter
    def sni_callback(self, value):
        if value is not None:
            raise NotImplementedError("a server shows one certificate here")

    @property
    def _msg_callback(self):
        return self._messages

    @_msg_callback.setter
    def _msg_callback(self, value):
        if value is not None:
            raise NotImplementedError("messages cannot be watched here")

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        """Trusts certificates: of a file, of all files in a directory, or given as PEM or DER."""
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        loaded = []
        if cafile is not None:
            with open(cafile, "rb") as file:
                loaded.append(file.read())
        if capath is not None:
            with os.scandir(capath) as entries:
                for entry in entries:
                    if entry.is_file():
                        with open(entry.path, "rb") as file:
                            loaded.append(file.read())
        if cadata is not None:
            loaded.append(cadata.encode("ascii") if isinstance(cadata, str) else bytes(cadata))
        for data in loaded:
            if not data:
                raise _ssl_error(
                    SSLError, 0, "NO_CERTIFICATE_OR_CRL_FOUND", "no certificate found", "X509"
                )
            self._either()
            for config in self._configs.values():
                try:
                    config.add_ca(data)
                except _tls.Error as error:
                    raise _from_tls(error, "the certificates to be trusted") from None
            self._trusted.append(data)

    def set_default_verify_paths(self):
        """Trusts the machine's own certificates, if it has any."""
        cafile = os.environ.get("SSL_CERT_FILE", _CA_FILE)
        capath = os.environ.get("SSL_CERT_DIR", _CA_DIRECTORY)
        if os.path.isfile(cafile):
            self.load_verify_locations(cafile)
        if os.path.isdir(capath):
            self.load_verify_locations(capath=capath)

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        """Shows the certificate in a PEM file to peers, with the key in it or in another file."""
        with open(certfile, "rb") as file:
            certificate = file.read()
        key = certificate
        if keyfile is not None:
            with open(keyfile, "rb") as file:
                key = file.read()
        if callable(password):
            password = password()
        if isinstance(password, str):
            password = password.encode()
        own = (certificate, key) if password is None else (certificate, key, bytes(password))
        try:
            self._either()
            for config in self._configs.values():
                config.set_own(*own)
        except _tls.Error as error:
            raise _from_tls(error, f"{certfile} and its key") from None
        self._own = own

    def cert_store_stats(self):
        """How many certificates are trusted."""
        count = len(self._either().ca_certs())
        return {"x509": count, "crl": 0, "x509_ca": count}

    def get_ca_certs(self, binary_form=False):
        """The certificates that are trusted."""
        found = self._either().ca_certs()
        return found if binary_form else [_decode(der) for der in found]

    def session_stats(self):
        """Zeros: no session is kept."""
        names = "number connect connect_good connect_renegotiate accept accept_good"
        names += " accept_renegotiate hits misses timeouts cache_full"
        return dict.fromkeys(names.split(), 0)

    def get_ciphers(self):
        """The cipher suites that may be used."""
        names = self._suites or _tls.ciphers()
        return [
            {"name": _openssl_name(name), "protocol": "TLSv1.2", "description": name}
            for name in names
        ]

    def set_ciphers(self, ciphers, /):
        """Chooses cipher suites, by OpenSSL's names; words such as HIGH mean all of them."""
        known = {_openssl_name(name): name for name in _tls.ciphers()}
        chosen = []
        without = []
        for word in ciphers.replace(",", ":").replace(" ", ":").split(":"):
            if not word or word.startswith("@"):
                continue
            if word[0] in "!-":
                without.append(word[1:])
            elif word in known:
                chosen.append(known[word])
            elif word in known.values():
                chosen.append(word)
            elif word.upper() in ("ALL", "DEFAULT", "HIGH", "MEDIUM") or "+" in word:
                parts = word.split("+") if "+" in word else []
                chosen += [
                    name
                    for short, name in known.items()
                    if all(part.lstrip("k") in short for part in parts)
                ]
        chosen = [
            name
            for name in dict.fromkeys(chosen)
            if not any(part in _openssl_name(name).split("-") for part in without)
        ]
        if not chosen:
            error = SSLError("No cipher can be selected.")
            error.strerror = "No cipher can be selected."
            raise error
        self._suites = tuple(chosen)
        self._either()
        for config in self._configs.values():
            config.set_ciphers(self._suites)

    def set_ecdh_curve(self, name, /):
        """Takes the name of a curve that is known; all of them stay in use."""
        if name not in ("prime256v1", "secp384r1", "X25519"):
            raise ValueError(f"unknown elliptic curve name '{name}'")

    def load_dh_params(self, path, /):
        """Not supported: keys are agreed on with elliptic curves."""
        raise NotImplementedError("keys are agreed on with elliptic curves here")

    def _set_alpn_protocols(self, data):
        names, at = [], 0
        while at < len(data):
            names.append(bytes(data[at + 1 : at + 1 + data[at]]))
            at += 1 + data[at]
        self._alpn = tuple(names)
        self._either()
        for config in self._configs.values():
            config.set_alpn(self._alpn)

    def set_psk_client_callback(self, callback):
        """callback(hint) → (identity or None, key): a client's pre-shared key."""
        if self._protocol == PROTOCOL_TLS_SERVER:
            raise SSLError("Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        self._psk_client = callback

    def set_psk_server_callback(self, callback, identity_hint=None):
        """callback(identity or None) → key: a server's pre-shared keys."""
        if self._protocol == PROTOCOL_TLS_CLIENT:
            raise SSLError("Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        self._psk_server = callback
        self._configs.pop(True, None)

    def _find_psk(self, identity):
        return self._psk_server(identity.decode("utf-8", "replace") or None)

    def _use_psk(self, config):
        identity, key = self._psk_client(None)
        if not isinstance(key, bytes) or not key:
            raise SSLError("the callback has given no key")
        try:
            config.set_psk((identity or "").encode() or b"\0", key)
        except _tls.Error as error:
            raise _from_tls(error, "the pre-shared key") from None

    def _wrap_socket(self, sock, server_side, server_hostname=None, *, owner=None, session=None):
        return _SSLSocket(self, _SocketWay(sock), server_side, server_hostname, owner)

    def _wrap_bio(
        self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None
    ):
        way = _BioWay(incoming, outgoing)
        return _SSLSocket(self, way, server_side, server_hostname, owner)


# --- a connection -----------------------------------------------------------------------------


class _SocketWay:
    """Bytes go through a socket, which waits as its time-out says."""

    def __init__(self, sock):
        self._sock = weakref.ref(sock)
        self._unsent = b""

    def _socket(self):
        sock = self._sock()
        if sock is None or sock.fileno() < 0:
            raise SSLError("Underlying socket connection gone")
        return sock

    def receive(self):
        """Some bytes, b"" at the end; SSLWantReadError if it must not wait."""
        try:
            return _socket.recv(self._socket(), 16384 + 512)
        except BlockingIOError:
            raise _want(SSLWantReadError, SSL_ERROR_WANT_READ) from None
        except TimeoutError:
            raise TimeoutError("The read operation timed out") from None

    def send(self, data):
        """Sends data after what was left over; SSLWantWriteError if it must not wait."""
        left = memoryview(self._unsent + data)
        try:
            while left:
                left = left[_socket.send(self._socket(), left) :]
        except BlockingIOError:
            raise _want(SSLWantWriteError, SSL_ERROR_WANT_WRITE) from None
        except TimeoutError:
            raise TimeoutError("The write operation timed out") from None
        finally:
            self._unsent = bytes(left)


class _BioWay:
    """Bytes go through two MemoryBIOs; somebody else moves them."""

    def __init__(self, incoming, outgoing):
        self._incoming = incoming
        self._outgoing = outgoing

    def receive(self):
        data = self._incoming.read()
        if not data and not self._incoming.eof:
            raise _want(SSLWantReadError, SSL_ERROR_WANT_READ)
        return data

    def send(self, data):
        if data:
            self._outgoing.write(data)


def _is_address(host):
    import socket

    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, host)
        except OSError:
            pass
    return None


class _SSLSocket:
    """One connection."""

    def __init__(self, context, way, server_side, server_hostname, owner):
        if server_hostname is not None:
            if not server_hostname or server_hostname.startswith("."):
                raise ValueError("server_hostname cannot be an empty string or start with a .")
            if "\0" in server_hostname:
                raise ValueError("embedded null character")
        if server_side and context._protocol == PROTOCOL_TLS_CLIENT:
            raise _ssl_error(
                SSLError, SSL_ERROR_SSL, "CALLED_A_FUNCTION", "a client's context on a server"
            )
        if not server_side and context._protocol == PROTOCOL_TLS_SERVER:
            raise _ssl_error(
                SSLError, SSL_ERROR_SSL, "CALLED_A_FUNCTION", "a server's context on a client"
            )
        config = context._config(bool(server_side))
        if not server_side and context._psk_client is not None:
            context._use_psk(config)
        self._context = context
        self._config = config
        self._way = way
        self._owner = weakref.ref(owner) if owner is not None else lambda: None
        self._closed = False  # we have said goodbye
        self._unread = b""  # what shutdown() has found instead of the peer's goodbye
        self.server_side = bool(server_side)
        self.server_hostname = server_hostname
        # An address is not a name that a server could be asked for.
        self._address = _is_address(server_hostname) if server_hostname else None
        name = server_hostname if self._address is None else None
        try:
            self._session = _tls.Session(config, server_side, name)
        except _tls.Error as error:
            raise _from_tls(error) from None

    session = property(lambda self: None, lambda self, value: None)
    session_reused = property(lambda self: False)
    owner = property(lambda self: self._owner())

    @property
    def context(self):
        return self._context

    @context.setter
    def context(self, value):
        if not isinstance(value, _SSLContext):
            raise TypeError("The value must be a SSLContext")
        self._context = value

    def _failed(self, error):
        """Sends the alert that mbed TLS has made, and returns the exception."""
        try:
            self._way.send(self._session.take())
        except OSError:
            pass  # the error that is being told matters more
        if error.args[0] == _tls.ERR_VERIFY_FAILED:
            return _verdict(self._session.verdict(), self._session, self.server_hostname)
        if error.args[0] == _tls.ERR_NO_CA:  # nothing at all is trusted
            return _verify_error(20, "unable to get local issuer certificate")
        return _from_tls(error)

    def _feed(self):
        self._session.feed(self._way.receive())

    def do_handshake(self):
        """Agrees on keys with the peer, and checks its certificate."""
        while True:
            try:
                done = self._session.handshake()
            except _tls.Error as error:
                raise self._failed(error) from None
            self._way.send(self._session.take())
            if done:
                break
            self._feed()
        flags = self._session.verdict()
        if self._context._verify_mode == CERT_OPTIONAL and self.server_side:
            if flags > 0 and flags != _tls.VERIFY_MISSING:
                self._close_quietly()
                raise _verdict(flags, self._session, None)
        if self._address is not None and self._context._check_hostname and not self.server_side:
            self._check_address()

    def _check_address(self):
        chain = self._session.peer()
        names = _decode(chain[0]).get("subjectAltName", ()) if chain else ()
        for kind, value in names:
            if kind == "IP Address" and _is_address(value) == self._address:
                return
        self._close_quietly()
        host = self.server_hostname
        raise _verify_error(64, f"IP address mismatch, certificate is not valid for '{host}'.")

    def _close_quietly(self):
        try:
            self._session.close()
            self._way.send(self._session.take())
        except (_tls.Error, OSError):
            pass  # a reason to close has been found already

    def read(self, size, buffer=None):
        """Bytes from the peer, at least one; none at the end."""
        if not self._session.done():
            self.do_handshake()
        if buffer is not None:
            with memoryview(buffer) as view:
                size = min(size, view.nbytes) if size > 0 else view.nbytes
        elif size < 0:
            raise ValueError("size should not be negative")
        data = self._read(size)
        if not data and size > 0 and self._closed:
            # As OpenSSL: b"" is the end of a connection that we have not closed ourselves.
            raise SSLZeroReturnError(SSL_ERROR_ZERO_RETURN, "TLS/SSL connection has been closed")
        if buffer is None:
            return data
        with memoryview(buffer) as view, view.cast("B") as octets:
            octets[: len(data)] = data
        return len(data)

    def _read(self, size):
        if self._unread:
            data, self._unread = self._unread[:size], self._unread[size:]
            return data
        while True:
            try:
                data = self._session.read(size)
            except _tls.Error as error:
                raise self._failed(error) from None
            if data is not None:
                return data
            self._feed()

    def write(self, data):
        """Sends bytes; returns how many of them."""
        if not self._session.done():
            self.do_handshake()
        if self._closed:
            raise _ssl_error(
                SSLError, SSL_ERROR_SSL, "PROTOCOL_IS_SHUTDOWN", "protocol is shutdown"
            )
        self._way.send(b"")  # what was left over goes first
        count = 0
        with memoryview(data) as view, view.cast("B") as octets:
            while count < len(octets):
                try:
                    count += self._session.write(octets[count:])
                except _tls.Error as error:
                    raise self._failed(error) from None
                try:
                    self._way.send(self._session.take())
                except SSLWantWriteError:
                    break  # it is encrypted and waits: these bytes have been taken
        return count

    def shutdown(self):
        """Says goodbye and waits for the peer's; returns the plain socket.

        SSLError: the peer still sends; read() gives what it has sent.
        """
        if not self._closed:
            try:
                self._session.close()
            except _tls.Error as error:
                raise _from_tls(error) from None
            self._closed = True
        self._way.send(self._session.take())
        self._unread = self._read(16384)
        if self._unread:
            raise _ssl_error(
                SSLError,
                SSL_ERROR_SSL,
                "APPLICATION_DATA_AFTER_CLOSE_NOTIFY",
                "application data after close notify",
            )
        return self.owner if isinstance(self._way, _BioWay) else self._way._socket()

    def pending(self):
        """Bytes that read() gives without the peer."""
        return len(self._unread) + self._session.pending()

    def version(self):
        """The version of TLS, once the handshake is over."""
        return self._session.info()[0] if self._session.done() else None

    def cipher(self):
        """(name, version of TLS, bits of the key), or None."""
        if not self._session.done():
            return None
        version, name, bits, _ = self._session.info()
        return _openssl_name(name), version, bits

    def shared_ciphers(self):
        """None: mbed TLS does not tell."""

    def compression(self):
        """None: nothing is compressed."""

    def selected_alpn_protocol(self):
        """The application protocol that both sides know, or None."""
        return self._session.info()[3]

    def getpeercert(self, der=False, /):
        """The peer's certificate; {} if it was not checked, None if there is none."""
        if not self._session.done():
            raise ValueError("handshake not done yet")
        chain = self._session.peer()
        if not chain:
            return None
        if der:
            return chain[0]
        return _decode(chain[0]) if self._context._verify_mode != CERT_NONE else {}

    def get_unverified_chain(self):
        """The peer's certificates, as it has sent them."""
        return [Certificate(der) for der in self._session.peer()] or None

    get_verified_chain = get_unverified_chain

    def get_channel_binding(self, cb_type="tls-unique", /):
        """None: mbed TLS does not tell."""
        if cb_type != "tls-unique":
            raise ValueError(f"'{cb_type}' channel binding type not implemented")

    def verify_client_post_handshake(self):
        """TLS 1.3 alone has it."""
        raise NotImplementedError("Post-handshake auth is not supported by this TLS version")
