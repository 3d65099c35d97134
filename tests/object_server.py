"""Real servers on this machine that speak S3: moto's, and one that misbehaves as it is told."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "wJalrXUtnFEMI-not-to-be-seen"
BUCKET = "faces"


def access(endpoint: str) -> dict[str, str]:
    """Return the environment in which s3:// means the server at `endpoint`."""
    return {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """A moto server as a process of its own, with the bucket BUCKET; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT"), timeout=5).close()
                break
            time.sleep(0.1)
        yield endpoint
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def answering(*answers: tuple[int, str]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives `answers`, (status, S3 error code) in turn, the last one for ever; 200 is an empty success.

    Yields its address and the list of what was asked of it: "PUT /faces/x".
    """
    asked: list[str] = []
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(f"{self.command} {self.path}")
            status, code = left.pop(0) if len(left) > 1 else left[0]
            body = b"" if status == 200 or self.command == "HEAD" else f"<Error><Code>{code}</Code></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_POST = answer

        def log_message(self, *_: Any) -> None:
            pass

    with _served(Handler) as endpoint:
        yield endpoint, asked


@contextlib.contextmanager
def without_conditions(behind: str) -> Iterator[tuple[str, list[str]]]:
    """A server that passes everything on to the one at `behind`, but says that it knows no conditional put, as old ones do.

    Yields its address and what it refused.
    """
    refused: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("If-None-Match"):
                refused.append(f"{self.command} {self.path}")
                status, headers, data = 501, [], b"<Error><Code>NotImplemented</Code></Error>"
            else:
                connection = http.client.HTTPConnection(behind.removeprefix("http://"))
                connection.request(self.command, self.path, body, dict(self.headers))
                response = connection.getresponse()
                status, headers, data = response.status, response.getheaders(), response.read()
                connection.close()
            self.send_response(status)
            hidden = ("content-length", "connection", "date", "server", "transfer-encoding")
            for name, value in headers:
                if name.lower() not in hidden:
                    self.send_header(name, value)
            length = next((v for n, v in headers if n.lower() == "content-length"), len(data))
            self.send_header("Content-Length", str(length if self.command == "HEAD" else len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer

        def log_message(self, *_: Any) -> None:
            pass

    with _served(Handler) as endpoint:
        yield endpoint, refused


@contextlib.contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def objects(prefix: str) -> dict[str, bytes]:
    """Return name -> bytes of everything below `prefix` ("set") of the bucket, read with s3fs."""
    import s3fs

    fs = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    root = f"{BUCKET}/{prefix}"
    return {Path(name).relative_to(root).as_posix(): fs.cat_file(name) for name in sorted(fs.find(root))}
