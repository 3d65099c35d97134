"""A headless Chromium, driven over its DevTools pipe with the standard library alone."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BINARY = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for end, place in zip(ends, (3, 4)):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from file 3 and writes to file 4; a shell may not take numbers of two digits."""
KEYS = {"Enter": (13, "\r"), " ": (32, " "), "Tab": (9, ""), "ArrowRight": (39, ""), "ArrowDown": (40, "")}


class Chromium:
    """One browser with one page. Collects what the page logs and what it asks the network for."""

    def __init__(self) -> None:
        self.home = tempfile.TemporaryDirectory()
        self.logged: list[str] = []
        self.asked: list[str] = []
        self.number = 0
        theirs_in, self.out = os.pipe()
        self.into, theirs_out = os.pipe()
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars",
                 "--no-first-run", "--disable-background-networking", "--disable-component-update",
                 f"--user-data-dir={self.home.name}"]  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), str(BINARY), *flags, "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer = b""
        self.session = None
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self) -> None:
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for room in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{room}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params} | ({"sessionId": self.session} if self.session else {})
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            found = self._read()
            if found.get("id") == self.number:
                assert "error" not in found, f"{method}: {found['error']}"
                return found["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            part = os.read(self.into, 1 << 20)
            assert part, "chromium has gone"
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        found = json.loads(line)
        params = found.get("params", {})
        match found.get("method"):
            case "Runtime.consoleAPICalled":
                self.logged.append(" ".join(str(a.get("value", a.get("description", ""))) for a in params["args"]))
            case "Runtime.exceptionThrown":
                self.logged.append(
                    params["exceptionDetails"].get("exception", {}).get("description", params["exceptionDetails"]["text"])
                )
            case "Log.entryAdded":
                self.logged.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.asked.append(params["request"]["url"])
        return found

    def open(self, path: Path, width: int = 1280, dark: bool = False, scripts: bool = True, height: int = 900) -> None:
        """Open a file and wait until it stands still."""
        self.logged.clear()
        self.asked.clear()
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.scheme(dark)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def scheme(self, dark: bool) -> None:
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.call("Emulation.setEmulatedMedia", features=features)

    def js(self, expression: str) -> Any:
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression: str, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not self.js(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """Click the middle of an element, as a mouse does: once it is in view and two frames have found it in one place."""
        at = self.js(
            f"(async e => {{ e.scrollIntoView({{block: 'center'}}); let was = [];"
            "const frame = () => new Promise(r => requestAnimationFrame(r));"
            "for (;;) { const r = e.getBoundingClientRect(), at = [r.x + r.width / 2, r.y + r.height / 2];"
            "if (at[0] === was[0] && at[1] === was[1]) return at; was = at; await frame(); } })"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1)

    def press(self, key: str) -> None:
        code, text = KEYS[key]
        common = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def draw_all(self) -> None:
        """Scroll through the page so that every figure is drawn."""
        height = self.js("document.documentElement.scrollHeight")
        for y in range(0, height, 700):
            self.js(f"window.scrollTo(0, {y}); new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
        self.until("[...document.querySelectorAll('.plot')].every(p => !p.offsetParent || p.querySelector('.main-svg'))")
        self.js("window.scrollTo(0, 0)")

    def shot(self, path: Path, whole: bool = True) -> None:
        params: dict[str, Any] = {"format": "png"}
        if whole:
            size = self.js("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
            params |= {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **params)["data"]))

    def pdf(self) -> bytes:
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def close(self) -> None:
        os.close(self.out)
        os.close(self.into)
        self.process.terminate()
        self.process.wait(60)
        self.home.cleanup()
