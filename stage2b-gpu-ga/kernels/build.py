#!/usr/bin/env python3
"""Compiles the kernels to PTX, with NVIDIA's NVRTC from its Python wheel; neither a device nor a driver is needed.

    build.py           writes genetic.ptx beside the kernels
    build.py --check   compares it with the one that is there: exit code 0 the same, 1 another, 3 NVRTC cannot be had
"""

import ctypes
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

VERSION = "12.8.93"
WHEEL_SHA256 = "a7756528852ef889772a84c6cd89d41dfa74667e24cca16bb31f8f061e3e9994"
OPTIONS = ["--gpu-architecture=compute_80", "--std=c++17", "--fmad=false"]

KERNELS = pathlib.Path(__file__).resolve().parent


def nvrtc():
    """NVRTC's library, from the cache folder, or fetched into it."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "stagecoach"
    folder = cache / f"nvrtc-{VERSION}"
    library = folder / "nvidia" / "cuda_nvrtc" / "lib" / "libnvrtc.so.12"
    if not library.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetching-") as work:
            fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", work]
            subprocess.run(fetch + [f"nvidia-cuda-nvrtc-cu12=={VERSION}"], check=True)
            (wheel,) = pathlib.Path(work).glob("*.whl")
            found = hashlib.sha256(wheel.read_bytes()).hexdigest()
            if "x86_64" in wheel.name and found != WHEEL_SHA256:
                raise OSError(f"{wheel.name}: SHA-256 {found}, expected {WHEEL_SHA256}")
            unpacked = pathlib.Path(work) / "unpacked"
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked)
            try:
                unpacked.rename(folder)
            except OSError:
                if not library.is_file():  # not another's that was faster
                    raise
    return ctypes.CDLL(str(library))


def strings(texts):
    return (ctypes.c_char_p * len(texts))(*texts)


def compiled(library):
    """The PTX of genetic.cu and its headers."""
    headers = sorted(KERNELS.glob("*.h"))
    program = ctypes.c_void_p()

    def call(name, *arguments):
        code = getattr(library, name)(*arguments)
        if code != 0:
            size = ctypes.c_size_t()
            library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
            log = ctypes.create_string_buffer(max(size.value, 1))
            library.nvrtcGetProgramLog(program, log)
            sys.exit(f"{name}: {code}\n{log.value.decode()}")

    source = (KERNELS / "genetic.cu").read_bytes()
    texts, names = strings([h.read_bytes() for h in headers]), strings([h.name.encode() for h in headers])
    call("nvrtcCreateProgram", ctypes.byref(program), source, b"genetic.cu", len(headers), texts, names)
    call("nvrtcCompileProgram", program, len(OPTIONS), strings([o.encode() for o in OPTIONS]))
    size = ctypes.c_size_t()
    call("nvrtcGetPTXSize", program, ctypes.byref(size))
    ptx = ctypes.create_string_buffer(size.value)
    call("nvrtcGetPTX", program, ptx)
    return ptx.value


def main():
    try:
        library = nvrtc()
    except (OSError, subprocess.CalledProcessError) as e:
        print(f"NVRTC {VERSION} cannot be had: {e}", file=sys.stderr)
        sys.exit(3)
    ptx, there = compiled(library), KERNELS / "genetic.ptx"
    if "--check" not in sys.argv[1:]:
        there.write_bytes(ptx)
        print(f"{there}: {len(ptx)} bytes")
    elif not there.is_file() or there.read_bytes() != ptx:
        sys.exit(f"{there} is not what the kernels compile to: run {KERNELS / 'build.py'}")
    else:
        print(f"{there} is what the kernels compile to")


main()
