"""A stand-in for a solver's worker, for tests of what is made of its faults. Usage: double.py FAULT LIBRARY

Speaks the frames of src/worker/frames.rs: a tag, eight bytes of length, bytes.
"""
import os
import signal
import struct
import sys
import time

fault = sys.argv[1]
out, into = sys.stdout.buffer, sys.stdin.buffer


def write(tag, data):
    out.write(tag + struct.pack("<Q", len(data)) + data)
    out.flush()


def read():
    head = into.read(9)
    if len(head) < 9:
        sys.exit(0)
    return head[:1], into.read(struct.unpack("<Q", head[1:])[0])


def varint(n):
    data = b""
    while n > 127:
        data += bytes([n & 127 | 128])
        n >>= 7
    return data + bytes([n])


def response(status, values):
    """A CpSolverResponse: field 1 the status, field 2 the solution, packed."""
    packed = b"".join(varint(v) for v in values)
    return b"\x08" + varint(status) + b"\x12" + varint(len(packed)) + packed


def variables(model):
    """How many variables a CpModelProto has: its fields of number 2."""
    at, count = 0, 0
    while at < len(model):
        key, at = number(model, at)
        if key & 7 == 2:
            length, at = number(model, at)
            count += key >> 3 == 2
            at += length
        elif key & 7 == 0:
            _, at = number(model, at)
        else:
            at += 8 if key & 7 == 1 else 4
    return count


def number(data, at):
    value, shift = 0, 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


INFEASIBLE, OPTIMAL = 3, 4
write(b"R", b"9.15")
while True:
    tag, data = read()
    if tag != b"M":
        continue
    n = variables(data)
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "exit":
        print("no licence found", file=sys.stderr, flush=True)
        sys.exit(7)
    elif fault == "garbage":
        out.write(b"garbage, and a lot of it, where a frame should be")
        out.flush()
    elif fault == "no-message":
        write(b"A", b"\xff\xff\xff\xff")
    elif fault == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    elif fault == "hog":
        hoard = []
        while True:
            hoard.append(b"x" * (4 << 20))
    elif fault == "infeasible":
        write(b"A", response(INFEASIBLE, []))
    elif fault == "all-first":
        # Everything is true: every class at its first time and in its first room, at no cost.
        write(b"A", response(OPTIMAL, [1] * n))
    elif fault == "nowhere":
        write(b"A", response(OPTIMAL, [0] * n))
    elif fault == "too-short":
        write(b"A", response(OPTIMAL, [1] * max(n - 1, 0)))
