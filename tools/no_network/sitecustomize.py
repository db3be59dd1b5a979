"""Denies the network to every Python that has this folder on its PYTHONPATH; this machine's own loopback stays open.

An audit hook sees each socket call of CPython, whoever makes it, and cannot be taken off again. Not seen: libraries
that open sockets in compiled code of their own, and programs that are not Python. Another sitecustomize further down
the path still runs.
"""

import importlib.util
import ipaddress
import socket
import sys
from importlib.machinery import PathFinder
from pathlib import Path

SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
RESOLVING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
INTERNET = {socket.AF_INET, socket.AF_INET6}


def deny(event: str, arguments: tuple) -> None:
    """The audit hook. Raises: OSError when a socket call names another machine."""
    if event in SENDING and arguments[0].family in INTERNET and arguments[1] is not None:
        host = arguments[1][0]
    elif event in RESOLVING:
        host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
    else:
        return
    if not _is_this_machine(host):
        raise OSError(f"network access is denied in this run (to {_text(host)})")


def _is_this_machine(host: str | bytes | None) -> bool:
    if not host or _text(host) == "localhost":
        return True
    try:
        address = ipaddress.ip_address(_text(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _text(host: str | bytes) -> str:
    return host.decode(errors="replace") if isinstance(host, bytes) else host


def _run_the_next_sitecustomize() -> None:
    here = Path(__file__).resolve().parent
    spec = PathFinder.find_spec("sitecustomize", [folder for folder in sys.path if Path(folder).resolve() != here])
    if spec and spec.loader:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


sys.addaudithook(deny)
_run_the_next_sitecustomize()
