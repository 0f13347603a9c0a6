"""Known holes in what `requirements.lock` pins, if an advisory database can be reached; else a sentence that says so.

`python -m tests.audit`: exit code 0 when nothing is known or nobody could be asked, else that of pip-audit.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ADVISORIES = "https://pypi.org/pypi/pip/24.0/json"  # as pip-audit asks of every package and version
LOCK = Path(__file__).parent.parent / "requirements.lock"


def main(address: str = ADVISORIES) -> int:
    """Ask, and let pip-audit print what it finds."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 -- a constant
            reached = b'"vulnerabilities"' in answer.read()
    except (urllib.error.URLError, OSError):
        reached = False
    if not reached:
        sys.stdout.write("pip-audit: no advisory database within reach, dependencies are not audited\n")
        return 0
    return subprocess.run([sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--disable-pip"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
