"""A dataset in an object store or on any other file system that fsspec opens (s3, gs, abfs, sftp, smb, ...).

Addresses and credentials come from where the store's own library looks for them (its environment variables, its configuration
files, the machine's role, fsspec's configuration): nothing of that passes through facegen, so nothing of it can be written down.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from facegen.dataset.write import sha256
from facegen.errors import DataError, FacegenError, MachineError, RequestError

WHOLE = ("s3", "gs", "gcs", "abfs", "az", "oss", "memory")
"""Kinds whose `pipe_file` shows a file whole or not at all. On the others a temporary name is renamed."""
CONDITIONAL = ("s3", "gs", "gcs", "memory")
"""Kinds whose `pipe_file(mode="create")` is refused by the server itself where the name is taken."""
SETTINGS: dict[str, dict[str, Any]] = {
    # botocore's own retries with back-off and jitter: 8 tries over about a minute of lost connections, 5xx and "slow down"
    "s3": {"config_kwargs": {"retries": {"mode": "standard", "max_attempts": 8}, "read_timeout": 60}},
}  # gcsfs retries by itself, 6 times
TOOK_OVER_S = 10.0
"""Where the server knows no conditional put: how long a writer's claim keeps the others waiting (`_claimed`)."""
_CREDENTIALS = ("Credential", "TokenRetrieval", "SSO", "ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch",
                "RefreshError", "InvalidToken", "InvalidClientTokenId", "AuthenticationRequired")  # fmt: skip
_BUSY = ("ConditionalRequestConflict", "OperationAborted")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class RemoteStore:
    """Files below `url`, which holds scheme://bucket/prefix and nothing secret."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._scheme, self._fs, self._root = _opened(self.url)

    def put(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        with self._told(name, "written"):
            if self._scheme in WHOLE:
                self._fs.pipe_file(self._path(name), data)
            else:
                self._renamed(name, lambda part: self._fs.pipe_file(part, data))

    def put_file(self, name: str, path: Path) -> None:
        """Write a file of this machine, as large as it may be: stores take it in parts and show it when all are there."""
        with self._told(name, "written"):
            if self._scheme in WHOLE:
                self._fs.put_file(str(path), self._path(name))
            else:
                self._renamed(name, lambda part: self._fs.put_file(str(path), part))

    def put_new(self, name: str, data: bytes) -> bool:
        """Write a file that nobody has written yet; False where it lies there.

        s3 and gs: a conditional put (If-None-Match, ifGenerationMatch), decided by the server. Its own retry after an answer that
        got lost finds our file and says False. Elsewhere, and where the server knows no such thing: `_claimed`.
        """
        with self._told(name, "written"):
            if self._scheme not in CONDITIONAL:
                return self._claimed(name, data)
            for pause in (0.1, 0.4, 1.6, None):
                try:
                    self._fs.pipe_file(self._path(name), data, mode="create")
                    return True
                except FileExistsError:
                    return False
                except (OSError, NotImplementedError) as error:
                    if _code(error) in _BUSY and pause is not None:  # two at once: one has won, or may try again
                        time.sleep(pause)
                    elif getattr(error, "errno", None) == errno.ENOSYS or isinstance(error, NotImplementedError):
                        return self._claimed(name, data)
                    else:
                        raise
        raise AssertionError("the last try returns or raises")

    def get(self, name: str) -> bytes | None:
        """Return what lies in a file, or None."""
        with self._told(name, "read"):
            try:
                return bytes(self._fs.cat_file(self._path(name)))
            except (FileNotFoundError, IsADirectoryError) as error:
                if _code(error) == "NoSuchBucket":
                    raise
        return None

    def names(self, folder: str) -> list[str]:
        """Return the names of the files right in `folder`, sorted: one request a thousand."""
        path = self._path(folder)
        with self._told(folder, "listed"):
            try:
                found = self._fs.ls(path, detail=True)
            except (FileNotFoundError, NotADirectoryError) as error:
                if _code(error) == "NoSuchBucket":
                    raise
                return []
        inside = path.strip("/") + "/"
        names = (entry["name"].lstrip("/") for entry in found if entry["type"] == "file")
        return sorted(name.removeprefix(inside) for name in names if name.startswith(inside) and name != inside)

    def size(self, name: str) -> int:
        """Return the bytes of a file. Raises DataError where there is none."""
        with self._told(name, "read"):
            try:
                return int(self._fs.info(self._path(name))["size"])
            except FileNotFoundError:
                raise DataError(f"'{self.url}/{name}' has gone missing; run the same command again") from None

    def discard(self, name: str) -> None:
        """Remove a file, or a folder with all in it."""
        with self._told(name, "removed"), contextlib.suppress(FileNotFoundError):
            self._fs.rm(self._path(name), recursive=True)

    def settle(self, folders: list[str]) -> None:
        """Nothing to do: a put returns when the store has the file for good."""

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    def _renamed(self, name: str, write: Callable[[str], object]) -> None:
        path = self._path(name)
        part = self._path(f".work/tmp/{os.uname().nodename}.{os.getpid()}.{sha256(name.encode())[:16]}")
        for folder in (part.rpartition("/")[0], path.rpartition("/")[0]):
            self._fs.makedirs(folder, exist_ok=True)
        try:
            write(part)
            self._fs.mv(part, path)
        except BaseException:
            with contextlib.suppress(Exception):
                self._fs.rm_file(part)
            raise

    def _claimed(self, name: str, data: bytes) -> bool:
        """Write a new file without the server's help: whoever creates NAME.claim first writes, the others wait for the file.

        Safe among writers that live. When the writer dies between claim and file, another takes over after TOOK_OVER_S; should
        it have been asleep only, both write, and as all that put_new is used for is the same from everybody, nothing is lost.
        """
        path, claim = self._path(name), self._path(f"{name}.claim")
        if self._fs.exists(path):
            return False
        self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            with self._fs.open(claim, "xb") as file:
                file.write(b".")  # s3fs creates empty files without asking
        except FileExistsError:
            end = time.monotonic() + TOOK_OVER_S
            while time.monotonic() < end:
                if self._fs.exists(path):
                    return False
                time.sleep(0.05)
        except (OSError, ValueError, NotImplementedError) as error:
            if isinstance(error, OSError) and error.errno != errno.ENOSYS:
                raise
            # this kind cannot create exclusively either: of two at this very moment the last one's bytes stay
        new = not self._fs.exists(path)  # it may have come, and its claim gone, since we looked
        if new:
            self.put(name, data)
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(claim)
        return new

    @contextlib.contextmanager
    def _told(self, name: str, what: str) -> Any:
        try:
            yield
        except FacegenError:
            raise
        except Exception as error:
            raise self._error(error, f"'{self.url}/{name}'".replace("/'", "'"), what) from None

    def _error(self, error: Exception, where: str, what: str) -> FacegenError:
        """Return the one line for `error`. Only its kind and the server's code are repeated, never an address or a key."""
        kind, code = type(error).__name__, _code(error)
        label = code or kind
        bucket = self._root.lstrip("/").split("/")[0]
        if any(word in text for word in _CREDENTIALS for text in (kind, code)):
            return RequestError(f"{where}: the store takes no credentials of ours ({label}); {_HOW.get(self._scheme, _HOW[''])}")
        if code == "NoSuchBucket" or (isinstance(error, FileNotFoundError) and self._scheme in WHOLE):
            return RequestError(f"{where}: there is no bucket '{bucket}'; make it, or choose another --out")
        if isinstance(error, PermissionError) or code in ("403", "AccessDenied"):
            return RequestError(
                f"{where} cannot be {what}: no permission ({label}); the key must read, write, list and delete there"
            )
        if isinstance(error, OSError) and error.errno in _FULL:
            return MachineError(f"{where}: {os.strerror(error.errno or 0)}; free some space and run the same command again")
        return MachineError(f"{where} cannot be {what} ({label}); the same command goes on when the store answers again")


_HOW = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_ENDPOINT_URL for other servers than Amazon's), or AWS_PROFILE",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS or run: gcloud auth application-default login",
    "": "see docs/running.md, 'A cluster and an object store'",
}


def _opened(url: str) -> tuple[str, Any, str]:
    """Return (scheme, file system, path of the root in it). Raises RequestError, MachineError."""
    scheme, _, rest = url.partition("://")
    if "@" in rest.partition("/")[0]:
        hidden = re.sub("//[^@]*@", "//", url)
        raise RequestError(f"'{hidden}': the address held credentials; leave them out, set them in the environment instead")
    if "::" in url or "?" in rest or "#" in rest or not rest.strip("/"):
        raise RequestError(f"'{url}' is not scheme://bucket/prefix")
    try:
        import fsspec
    except ImportError:
        raise _missing(scheme, "fsspec") from None
    if scheme not in fsspec.available_protocols():
        raise RequestError(f"'{url}': nothing called '{scheme}' can be opened; s3, gs, abfs, sftp and all that fsspec knows can")
    settings = {k: v for k, v in SETTINGS.get(scheme, {}).items() if k not in fsspec.config.conf.get(scheme, {})}
    try:
        # an instance of its own: fsspec keeps them by their arguments, and the environment is none of these
        fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True, **settings)
    except ImportError as error:
        raise _missing(scheme, str(error)) from None
    except Exception as error:
        raise RequestError(f"'{url}' cannot be opened ({type(error).__name__}); see docs/running.md") from None
    return scheme, fs, root.rstrip("/")


def _missing(scheme: str, what: str) -> MachineError:
    mend = "run: make cluster-tools" if scheme == "s3" else "pip install it beside facegen"
    return MachineError(f"{scheme}:// needs a package that is missing ({what.rstrip('.')}); {mend}")


def _code(error: BaseException) -> str:
    """Return the server's own code of an error ("AccessDenied", "403"), or ''."""
    for seen in (error, error.__cause__):
        response = getattr(seen, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
        if isinstance(getattr(seen, "code", None), int):
            return str(seen.code)  # type: ignore[union-attr]
    return ""
