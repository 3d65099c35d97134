"""First on the path of a process, this leaves it no socket but those of pipes; each process notes in a file that it is bound."""

import os
import socket

_socket = socket.socket


class Refusing(_socket):
    """A socket of this machine's own processes, or an error."""

    def __init__(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, proto=0, fileno=None):
        if fileno is None and family != socket.AF_UNIX:
            raise PermissionError(f"a socket of family {family} was asked for")
        super().__init__(family, kind, proto, fileno)


def refuse(*_args, **_more):
    raise PermissionError("an address was looked up")


socket.socket = Refusing
for _name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "create_connection"):
    setattr(socket, _name, refuse)
with open(os.environ["FACEGEN_BOUND"], "a") as _file:
    _file.write(f"{os.getpid()}\n")
