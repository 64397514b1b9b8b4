"""Certificates for tests, made when they are needed."""

import shutil
import subprocess
from pathlib import Path

import pytest


def certificate_for(name: str, folder: Path) -> tuple[Path, Path]:
    """Return the files of a key and of a certificate for the name, signed by itself and valid for two days."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate
