"""The AWS SAM CLI, which packs functions without compressing them.

`sam deploy` compresses every function before it finds out that it has uploaded the same one already. To an emulator on
the same machine that saves nothing and takes most of a deployment's time.
"""

import sys
import types
import zipfile

from samcli.lib.package import utils

utils.zipfile = types.SimpleNamespace(
    ZipFile=zipfile.ZipFile, ZipInfo=zipfile.ZipInfo, is_zipfile=zipfile.is_zipfile, ZIP_DEFLATED=zipfile.ZIP_STORED
)

from samcli.cli.main import cli  # noqa: E402

sys.exit(cli(prog_name="sam"))
