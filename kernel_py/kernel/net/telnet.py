# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The telnet protocol (RFC 854 to 858, 1073, 1091) as a server of terminals needs it.

A `Telnet` has no socket: bytes from the network go through `feed()`, which gives back what was
typed; what has to be answered collects in `replies`.  A client that never sends an IAC is none
of telnet's, and to it the parser is a pipe.
"""

SE, NOP, DM, BRK, IP, AO, AYT, EC, EL, GA, SB, WILL, WONT, DO, DONT, IAC = range(240, 256)
EOF, SUSP, ABORT = 236, 237, 238
ECHO, SGA, TTYPE, NAWS = 1, 3, 24, 31

# What is typed by these commands.
_TYPED = {IP: 0x03, BRK: 0x03, ABORT: 0x03, EC: 0x7F, EL: 0x15, EOF: 0x04}
_OURS = (ECHO, SGA)  # what the server does if the client wants it
_THEIRS = (SGA, NAWS, TTYPE)  # what the client may do
_SUBNEGOTIATION_MAX = 64
_REPLIES_MAX = 256  # answers in one connection; who asks for more is not listened to
_DATA, _COMMAND, _OPTION, _SUB, _SUB_COMMAND, _CR = range(6)


class Telnet:
    """One connection's protocol state.

    active: the client speaks telnet
    echo: it lets the server echo, so that its keys come one by one
    size: (columns, rows) if it told them, else None
    terminal: the name of its terminal's type, in lower case, or ""
    replies: bytes to be sent to it
    """

    def __init__(self):
        self.active = False
        self.size = None
        self.terminal = ""
        self.replies = bytearray()
        self._answers = 0
        self._offered = False
        self._on = set()  # options that we do
        self._asked = set()  # (command, option) that we have sent and not seen answered
        self._his = set()  # options that the client does
        self._state = _DATA
        self._command = 0
        self._sub = bytearray()

    @property
    def echo(self):
        """The client lets the server echo."""
        return ECHO in self._on

    def offer(self):
        """Asks the client, once, to become a terminal whose keys come one by one."""
        if self._offered:
            return
        self._offered = True
        for command, option in ((WILL, ECHO), (WILL, SGA), (DO, NAWS), (DO, TTYPE)):
            if option not in self._on and option not in self._his:
                self._asked.add((command, option))
                self._send(command, option)

    def feed(self, data):
        """Takes bytes from the network; returns those that were typed."""
        if self._state == _DATA and IAC not in data and not (self.active and 13 in data):
            return data
        typed = bytearray()
        for byte in data:
            state = self._state
            if state == _CR:
                # CR NUL is a CR (RFC 854); CR LF stays.
                self._state = state = _DATA
                if not byte:
                    continue
            if state == _DATA:
                if byte == IAC:
                    self._state = _COMMAND
                else:
                    typed.append(byte)
                    if byte == 13 and self.active:
                        self._state = _CR
            elif state == _COMMAND:
                self._on_command(byte, typed)
            elif state == _OPTION:
                self._state = _DATA
                self._on_option(self._command, byte)
            elif state == _SUB:
                if byte == IAC:
                    self._state = _SUB_COMMAND
                elif len(self._sub) <= _SUBNEGOTIATION_MAX:
                    self._sub.append(byte)
            elif byte == IAC:  # in a subnegotiation: one byte 255
                self._state = _SUB
                if len(self._sub) <= _SUBNEGOTIATION_MAX:
                    self._sub.append(byte)
            else:
                # SE; anything else is an error, which ends it as well.
                self._state = _DATA
                if byte == SE:
                    self._on_subnegotiation(bytes(self._sub))
                self._sub.clear()
        return bytes(typed)

    def escape(self, data):
        """The form in which bytes go to the client."""
        if self.active and b"\xff" in data:
            return data.replace(b"\xff", b"\xff\xff")
        return data

    def _on_command(self, byte, typed):
        self._state = _DATA
        if byte == IAC:
            if self.active:
                typed.append(byte)
            return
        if byte < EOF:
            return  # no command
        if not self.active:
            self.active = True
        if byte in _TYPED:
            typed.append(_TYPED[byte])
        elif byte == AYT:
            self._reply(b"\r\n[yes]\r\n")
        elif byte == SB:
            self._state = _SUB
            self._sub.clear()
        elif byte >= WILL:
            self._command = byte
            self._state = _OPTION
        self.offer()

    def _on_option(self, command, option):
        if command in (DO, DONT):
            answered = (WILL, option) in self._asked
            self._asked.discard((WILL, option))
            if command == DO and option in _OURS:
                if not answered and option not in self._on:
                    self._send(WILL, option)
                self._on.add(option)
            elif command == DO:
                self._send(WONT, option)
            elif option in self._on or answered:
                if option in self._on:
                    self._send(WONT, option)
                self._on.discard(option)
            return
        answered = (DO, option) in self._asked
        self._asked.discard((DO, option))
        if command == WILL and option in _THEIRS:
            if not answered and option not in self._his:
                self._send(DO, option)
            if option == TTYPE and option not in self._his:
                self._reply(bytes((IAC, SB, TTYPE, 1, IAC, SE)))  # SEND
            self._his.add(option)
        elif command == WILL:
            self._send(DONT, option)
        elif option in self._his:
            self._his.discard(option)
            self._send(DONT, option)

    def _on_subnegotiation(self, sub):
        if len(sub) == 5 and sub[0] == NAWS:
            columns, rows = sub[1] << 8 | sub[2], sub[3] << 8 | sub[4]
            # 0 means: not known (RFC 1073).  Absurd sizes would cost memory.
            self.size = (min(columns or 80, 1000), min(rows or 24, 1000))
        elif sub[:2] == bytes((TTYPE, 0)):  # IS
            name = sub[2:42].decode("ascii", "replace").lower()
            self.terminal = name if name.isprintable() else ""

    def _send(self, command, option):
        self._reply(bytes((IAC, command, option)))

    def _reply(self, data):
        self._answers += 1
        if self._answers <= _REPLIES_MAX:
            self.replies += data
