# SPDX-License-Identifier: Apache-2.0
"""A page in headless Chromium, driven through its debugging pipe: no driver, no package beside the browser."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def find():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


class Page:
    """One tab. Exceptions, console errors and network requests are kept."""

    def __init__(self, width=1300, height=1000, dark=False):
        self.folder = tempfile.mkdtemp(prefix="eie-page-")
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def descriptors():  # the browser reads 3 and writes 4
            here, there = os.dup(to_browser), os.dup(from_browser)
            os.dup2(here, 3)
            os.dup2(there, 4)

        self.process = subprocess.Popen(
            [find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
             "--no-first-run", "--disable-background-networking", f"--user-data-dir={self.folder}/profile", "about:blank"],
            pass_fds=(3, 4), preexec_fn=descriptors, close_fds=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.folder})
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.faults = []
        self.requests = []
        self.loaded = False
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.size(width, height)
        self.dark(dark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.write_end)
        os.close(self.read_end)
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self, limit=240):
        end = time.monotonic() + limit
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            data = os.read(self.read_end, 1 << 16)
            if not data:
                raise RuntimeError("the browser is gone")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def note(self, message):
        method, body = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.faults.append(body["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Runtime.consoleAPICalled" and body["type"] in ("error", "warning", "assert"):
            self.faults.append(str(body["args"]))
        elif method == "Log.entryAdded" and body["entry"]["level"] in ("error", "warning"):
            self.faults.append(body["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(body["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def call(self, method, params=None, limit=240):
        self.number += 1
        call = {"id": self.number, "method": method, "params": params or {}}
        if self.session is not None:
            call["sessionId"] = self.session
        os.write(self.write_end, json.dumps(call).encode() + b"\0")
        while True:
            message = self.message(limit)
            if message.get("id") != self.number:
                self.note(message)
                continue
            if "error" in message:
                raise RuntimeError(f"{method}: {message['error']}")
            return message["result"]

    def open(self, path, settle=True):
        """`settle` asks the page's JavaScript when it is drawn."""
        self.loaded = False
        self.call("Page.navigate", {"url": "file://" + os.path.abspath(path)})
        while not self.loaded:
            self.note(self.message())
        if settle:
            self.settle()

    def js(self, text, limit=240):
        """The value of an expression; promises are waited for."""
        result = self.call("Runtime.evaluate", {"expression": text, "returnByValue": True, "awaitPromise": True}, limit)
        if "exceptionDetails" in result:
            raise RuntimeError(text + ": " + str(result["exceptionDetails"].get("exception", {}).get("description")))
        return result["result"].get("value")

    def settle(self):
        """Two pictures later everything that was asked for is drawn."""
        self.js("new Promise(f => requestAnimationFrame(() => requestAnimationFrame(() => f(0))))")

    def size(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})

    def dark(self, dark):
        self.call("Emulation.setEmulatedMedia",
                  {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def key(self, key, shift=False):
        codes = {"Enter": 13, " ": 32, "Tab": 9}
        params = {"key": key, "modifiers": 8 if shift else 0, "windowsVirtualKeyCode": codes.get(key, 0)}
        text = "\r" if key == "Enter" else key if len(key) == 1 else ""
        self.call("Input.dispatchKeyEvent", {"type": "keyDown", "text": text, **params})
        self.call("Input.dispatchKeyEvent", {"type": "keyUp", **params})
        self.settle()

    def type(self, text):
        self.call("Input.insertText", {"text": text})

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})
        self.settle()

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def printed(self, path):
        """The page as a PDF."""
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.printToPDF", {"printBackground": True})["data"]))

    def screenshot(self, path, whole=False):
        shot = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
