"""Resolves the dependencies into the lock files; `make lock` runs it. Needs uv on the PATH."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = (
    *("uv", "pip", "compile", "--quiet", "--upgrade", "--no-strip-extras", "--universal"),
    *("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
)
TARGETS = (
    ("runtime.lock", ["--extra", "redis", "--extra", "otel", "pyproject.toml"]),
    ("dev.lock", ["--extra", "dev", "pyproject.toml"]),
    ("sdks.lock", ["requirements/sdks.in"]),
)


def main() -> None:
    """Write every lock file."""
    for name, sources in TARGETS:
        output = ["--custom-compile-command", "make lock", "--output-file", f"requirements/{name}"]
        subprocess.run([*COMMON, *sources, *output], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
