"""Prépare .venv avec les versions de uv.lock, à partir du seul Python du système."""

import subprocess
import sys
import venv
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
VENV = RACINE / ".venv"
UV = "uv==0.13.9"


def main() -> None:
    if not (VENV / "bin" / "uv").exists():
        venv.create(VENV, with_pip=True, symlinks=True)
        subprocess.run([VENV / "bin" / "python", "-m", "pip", "install", "--quiet", UV], check=True)
    subprocess.run(
        [VENV / "bin" / "uv", "sync", "--quiet", "--locked", "--inexact", "--all-extras"], check=True, cwd=RACINE
    )


if __name__ == "__main__":
    sys.exit(main())
