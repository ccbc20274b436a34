# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Fetch files over HTTP and HTTPS.

usage: wget [-cq] [-O FILE] [-T SECONDS] URL ...

  -O FILE                  the name of the file; - is standard output
  -c, --continue           go on where an earlier wget was cut off
  -q, --quiet              show neither names nor progress
  -T SECONDS               give up when nothing comes for so long (30)
  --ca FILE                certificates (PEM) of the authorities that are trusted
  --no-check-certificate   believe any certificate
"""

import os
import sys
import time

from kernel import command

BLOCK = 16384


def name_for(url):
    """The file name in a URL."""
    from urllib.parse import unquote, urlsplit

    name = unquote(urlsplit(url).path).rpartition("/")[2]
    return name.replace("\0", "") or "index.html"


class Progress:
    """One line on a terminal that is written again a few times a second."""

    def __init__(self, name, total, done, quiet):
        self.name = name
        self.total = total
        self.done = done
        self.started = time.monotonic()
        self.first = done
        self.shown = 0.0
        self.live = not quiet and sys.stderr.isatty()
        self.quiet = quiet

    def add(self, count):
        self.done += count
        now = time.monotonic()
        if self.live and now - self.shown > 0.25:
            self.shown = now
            of = f"  {self.done * 100 // self.total}%" if self.total else ""
            sys.stderr.write(f"\r{self.name}  {command.human(self.done)}{of}  {self.rate()}/s ")
            sys.stderr.flush()

    def rate(self):
        return command.human(
            int((self.done - self.first) / max(time.monotonic() - self.started, 0.001))
        )

    def finish(self):
        if self.live:
            sys.stderr.write("\r")
        if not self.quiet:
            end = "\x1b[K" if self.live and getattr(command.terminal(), "editing", False) else ""
            sys.stderr.write(f"{self.name}: {self.done} bytes, {self.rate()}/s{end}\n")


def context(cmd):
    """How certificates are judged; None if no ssl is there."""
    try:
        import ssl
    except ImportError:
        return None
    if cmd["no-check-certificate"]:
        made = ssl.create_default_context()
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    return ssl.create_default_context(cafile=cmd["ca"])


def opener(cmd, url):
    import urllib.request

    handlers = [urllib.request.ProxyHandler({})]
    if url.startswith("https:"):
        made = context(cmd)
        if made is None:
            raise OSError("https needs TLS, which this image has not (CONFIG_ZPY_TLS)")
        handlers.append(urllib.request.HTTPSHandler(context=made))
    return urllib.request.build_opener(*handlers)


def fetch(cmd, url, target, seconds):
    import urllib.request

    request = urllib.request.Request(url, headers={"User-Agent": "wget (ZPy)"})
    have = 0
    if cmd["continue"] and target != "-" and os.path.exists(target):
        have = os.path.getsize(target)
        request.add_header("Range", f"bytes={have}-")
    with opener(cmd, url).open(request, timeout=seconds) as answer:
        if have and answer.status != 206:
            have = 0  # the server begins anew, and so does the file
        length = answer.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else 0
        progress = Progress(target, total, have, cmd["quiet"] or target == "-")
        out = command.Output() if target == "-" else open(target, "ab" if have else "wb")
        try:
            while block := answer.read(BLOCK):
                out.write(block)
                progress.add(len(block))
        finally:
            out.flush() if target == "-" else out.close()
    if total and progress.done < total:
        raise ConnectionError(f"cut off after {progress.done} of {total} bytes (-c goes on)")
    progress.finish()


def attempt(cmd, url, target, seconds):
    import http.client
    import urllib.error

    if "://" not in url:
        url = "http://" + url
    if not url.startswith(("http://", "https://")):
        cmd.error("only http and https are fetched", url)
        return
    try:
        fetch(cmd, url, target or name_for(url), seconds)
    except urllib.error.HTTPError as error:
        if error.code == 416 and cmd["continue"]:
            return  # all of it is here
        cmd.error(f"the server answered {error.code} {error.reason}", url, 8)
    except urllib.error.URLError as error:
        why = error.reason
        if isinstance(why, TimeoutError):
            why = f"nothing came for {seconds} s"
        elif isinstance(why, OSError):
            why = command.reason(why)
        cmd.error(str(why), url, 4)
    except TimeoutError:
        cmd.error(f"nothing came for {seconds} s", url, 4)
    except (http.client.HTTPException, ValueError) as error:
        cmd.error(f"no answer of HTTP: {error!r}", url, 4)
    except ConnectionError as error:
        cmd.error(command.reason(error), url, 4)


def main(cmd):
    cmd.expect(1, -1)
    if cmd["O"] and len(cmd.operands) > 1:
        raise command.UsageError("-O is for one URL")
    seconds = cmd.number("T", 30, 1)
    for url in cmd.operands:
        attempt(cmd, url, cmd["O"], seconds)


command.run(main, __doc__, argv)
