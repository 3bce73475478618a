"""Starts MiniStack, the AWS emulator, the way a stand needs it.

Two things differ from `python -m ministack`:

- Its Lambda Runtime API answers without Nagle's delay, which would cost every invocation 40 ms.
- What functions print goes, line by line and as it is printed, to the file named by GUSSET_FUNCTIONS_LOG, as
  `function<TAB>line`. CloudWatch Logs of the emulator have it too, but only once an invocation has ended.

Both reach into MiniStack, whose version is pinned in requirements.txt: look here when that changes.
"""

import logging
import os
import socketserver
import threading

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack import app  # noqa: E402
from ministack.core import lambda_runtime  # noqa: E402


class FunctionsLog:
    """The file that `cargo xtask up` follows."""

    def __init__(self, path):
        self._file = open(path, "ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, function, line):
        entry = function.encode() + b"\t" + line.rstrip(b"\r\n") + b"\n"
        with self._lock:
            self._file.write(entry)


class Teed:
    """A function's output, written to the log while MiniStack reads it."""

    def __init__(self, stream, function, log):
        self._stream, self._function, self._log = stream, function, log

    def readline(self):
        line = self._stream.readline()
        if line:
            self._log.write(self._function, line)
        return line

    def close(self):
        self._stream.close()


class Failures(logging.Handler):
    """What the emulator, not the function, has to say about an invocation: time-outs, crashes, failed batches."""

    def __init__(self, log):
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record):
        # The lines after the first repeat the function's own output.
        first_line = record.getMessage().split("\n", 1)[0]
        self._log.write("emulator", f"{record.levelname} {first_line}".encode())


def log_functions_to(path):
    log = FunctionsLog(path)
    pump = lambda_runtime.ProvidedWorker._pump_output

    def teed_pump(self, stream, log_queue):
        pump(self, Teed(stream, self.func_name, log), log_queue)

    lambda_runtime.ProvidedWorker._pump_output = teed_pump
    for name in ("lambda_runtime", "lambda"):
        logging.getLogger(name).addHandler(Failures(log))


if path := os.environ.get("GUSSET_FUNCTIONS_LOG"):
    log_functions_to(path)

app.main()
