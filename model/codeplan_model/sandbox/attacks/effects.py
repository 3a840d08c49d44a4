"""Attacks on the outside: files, network, other processes, privileges.

Each tries one thing and returns "escaped: ..." when it worked. An error means that it did not; that
the error is not the attack's own fault is what the control run shows.
"""

from __future__ import annotations

from .attack import Attack

# For attacks below Python's own checks. L.syscall returns -1 when refused.
_LIBC = """
import ctypes, os, struct
L = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return L.syscall(ctypes.c_long(number), *wide)
"""


def _attacks(group: str, texts: dict[str, str], **fields) -> list[Attack]:
    return [Attack(group, name, text, **fields) for name, text in texts.items()]


READING = [
    *_attacks(
        "reading files",
        {
            "the secret file": "return 'escaped: ' + open({secret!r}).read()",
            "the secret file, raw descriptor": """
            import os
            return 'escaped: ' + os.read(os.open({secret!r}, os.O_RDONLY), 99).decode()
        """,
            "the secret file through a relative path": """
            import os
            up = '../' * 20
            return 'escaped: ' + open(up + {secret!r}.lstrip('/')).read()
        """,
            "the list of accounts": "return 'escaped: ' + open('/etc/passwd').readline()",
            "the folder's list": "import os; return 'escaped: ' + str(os.listdir({folder!r}))",
            "temporary files": "import os; return 'escaped: ' + str(os.listdir('/tmp'))",
            "the root through /proc": """
            return 'escaped: ' + open('/proc/self/root' + {secret!r}).read()
        """,
            "the environment of the parent": """
            import os
            return 'escaped: ' + str(open('/proc/%d/environ' % {supervisor}, 'rb').read(9))
        """,
            "the mapped secret": """
            import mmap
            with open({secret!r}, 'rb') as file:
                return 'escaped: ' + str(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)[:])
        """,
            "inherited descriptors": """
            import os
            for fd in range(3, 64):
                try:
                    if b'canary' in os.pread(fd, 99, 0):
                        return 'escaped: descriptor %d' % fd
                except OSError:
                    pass
            return 'escaped: ' + os.pread(os.open({secret!r}, os.O_RDONLY), 99, 0).decode()
        """,
        },
    ),
    Attack(
        "reading files",
        "the environment",
        "import os; return 'escaped: ' + os.environ['CODEPLAN_CANARY']",
        control="bare",
    ),
    Attack(
        "reading files",
        "whether a file exists",
        "import os; return 'escaped: %d bytes' % os.stat({secret!r}).st_size",
        levels="A",
    ),
]

WRITING = _attacks(
    "changing files",
    {
        "make a file": "open({folder!r} + '/new', 'w').close(); return 'escaped'",
        "append to a file": "import os; os.open({victim_file!r}, os.O_WRONLY); return 'escaped'",
        "empty a file": "import os; os.truncate({victim_file!r}, 0); return 'escaped'",
        "delete a file": "import os; os.unlink({victim_file!r}); return 'escaped'",
        "rename a file": """
            import os
            os.rename({victim_file!r}, {folder!r} + '/moved')
            return 'escaped'
        """,
        "make a folder": "import os; os.mkdir({folder!r} + '/sub'); return 'escaped'",
        "remove a folder": "import os; os.rmdir({folder!r} + '/empty'); return 'escaped'",
        "make a symbolic link": """
            import os
            os.symlink('/etc/passwd', {folder!r} + '/link')
            return 'escaped'
        """,
        "make a hard link": """
            import os
            os.link({victim_file!r}, {folder!r} + '/hard')
            return 'escaped'
        """,
        "change a mode": "import os; os.chmod({victim_file!r}, 0o777); return 'escaped'",
        "change times": "import os; os.utime({victim_file!r}, (1, 1)); return 'escaped'",
        "make a named pipe": "import os; os.mkfifo({folder!r} + '/pipe'); return 'escaped'",
        "a thousand folders deep": """
            import os
            os.chdir({folder!r})
            for i in range(1000):
                os.mkdir('d')
                os.chdir('d')
            return 'escaped'
        """,
        "ten thousand files": """
            import os
            for i in range(10000):
                os.close(os.open({folder!r} + '/many%d' % (i % 3), os.O_CREAT | os.O_WRONLY))
            return 'escaped'
        """,
        "write to /tmp": """
            import os
            name = '/tmp/codeplan-attack-%d' % os.getpid()
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
            os.unlink(name)
            return 'escaped'
        """,
        "write to /dev/shm": """
            import os
            name = '/dev/shm/codeplan-attack-%d' % os.getpid()
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
            os.unlink(name)
            return 'escaped'
        """,
        "a file in memory": "import os; os.memfd_create('x'); return 'escaped'",
        "poison the standard library": """
            import json, os
            os.open(json.__file__, os.O_WRONLY)
            return 'escaped'
        """,
        "poison bytecode": """
            import importlib.util, json, os
            path = importlib.util.cache_from_source(json.__file__)
            os.open(path, os.O_WRONLY)
            return 'escaped'
        """,
    },
)

NETWORK = _attacks(
    "network",
    {
        "TCP": """
            import socket
            socket.create_connection(('127.0.0.1', {tcp}), 1)
            return 'escaped'
        """,
        "UDP": """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.sendto(b'canary', ('127.0.0.1', {udp}))
            return 'escaped'
        """,
        "listening": """
            import socket
            s = socket.socket()
            s.bind(('127.0.0.1', 0))
            s.listen()
            return 'escaped'
        """,
        "a name server": "import socket; socket.getaddrinfo('localhost', 80); return 'escaped'",
        "a Unix socket by path": """
            import socket
            socket.socket(socket.AF_UNIX).connect({unix!r})
            return 'escaped'
        """,
        "an abstract Unix socket": """
            import socket
            socket.socket(socket.AF_UNIX).connect({abstract!r})
            return 'escaped'
        """,
        "a Unix datagram": """
            import socket
            a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            a.sendto(b'canary', {unix_datagram!r})
            return 'escaped'
        """,
        "netlink": """
            import socket
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            return 'escaped'
        """,
        "raw IP": """
            import socket
            socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            return 'escaped'
        """,
        "Multipath TCP": """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
            s.connect(('127.0.0.1', {tcp}))
            return 'escaped'
        """,
        "vsock": "import socket; socket.socket(40, socket.SOCK_STREAM); return 'escaped'",
        "the kernel's crypto sockets": """
            import socket
            socket.socket(38, socket.SOCK_SEQPACKET)
            return 'escaped'
        """,
    },
)

PROCESSES = _attacks(
    "starting processes",
    {
        "fork": """
            import os, time
            pid = os.fork()
            if pid == 0:
                time.sleep(0.2)
                os._exit(0)
            return 'escaped'
        """,
        "a daemon": """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(0.2)
                os._exit(0)
            return 'escaped'
        """,
        "a fork bomb": """
            import os, time
            started = 0
            for _ in range(5):
                try:
                    if os.fork() == 0:
                        time.sleep(0.1)
                        os._exit(0)
                    started += 1
                except OSError:
                    pass
            return 'escaped' if started else 'contained'
        """,
        "a program": """
            import subprocess
            return 'escaped: ' + subprocess.run(['/bin/true']).args[0]
        """,
        "posix_spawn": """
            import os
            os.posix_spawn('/bin/true', ['true'], {{}})
            return 'escaped'
        """,
        "multiprocessing": """
            import multiprocessing
            multiprocessing.get_context('fork').Process(target=int).start()
            return 'escaped'
        """,
        "a shell": "import os; return 'escaped' if os.system('true') == 0 else 'contained'",
    },
) + _attacks(
    "starting processes",
    {
        "vfork by number": _LIBC
        + """
pid = call(57)
if pid == 0:
    os._exit(0)
return 'escaped' if pid > 0 else 'contained'
""",
        "clone3 by number": _LIBC
        + """
arguments = ctypes.create_string_buffer(struct.pack('8Q', 0, 0, 0, 0, 17, 0, 0, 0))
pid = call(435, ctypes.addressof(arguments), 64)
if pid == 0:
    os._exit(0)
return 'escaped' if pid > 0 else 'contained'
""",
        "clone with a signal and no thread": _LIBC
        + """
pid = call(56, 17, 0, 0, 0, 0)
if pid == 0:
    os._exit(0)
return 'escaped' if pid > 0 else 'contained'
""",
        "execve by number": _LIBC
        + """
path = ctypes.create_string_buffer(b'/bin/true')
empty = (ctypes.c_char_p * 1)(None)
if call(57) == 0:
    call(59, ctypes.addressof(path), ctypes.addressof(empty), ctypes.addressof(empty))
    os._exit(1)
return 'escaped' if call(39) > 0 and os.wait()[1] == 0 else 'contained'
""",
    },
    x86_64=True,
)

OTHERS = _attacks(
    "other processes",
    {
        "a signal": "import os; os.kill({victim}, 15); return 'escaped'",
        "a signal to all": "import os; os.kill(-1, 0); return 'escaped'",
        "a signal to the supervisor": "import os; os.kill({supervisor}, 0); return 'escaped'",
        "a signal by pidfd": """
            import os, signal
            signal.pidfd_send_signal(os.pidfd_open({victim}), signal.SIGTERM)
            return 'escaped'
        """,
        "a signal through F_SETOWN": """
            import fcntl, os, socket
            a, b = socket.socketpair()
            fcntl.fcntl(a, fcntl.F_SETOWN, {victim})
            fcntl.fcntl(a, 10, 15)
            fcntl.fcntl(a, fcntl.F_SETFL, fcntl.fcntl(a, fcntl.F_GETFL) | os.O_ASYNC)
            b.send(b'x')
            return 'escaped'
        """,
        "its memory": "open('/proc/{victim}/mem', 'rb'); return 'escaped'",
        "its command line": """
            return 'escaped: ' + str(open('/proc/{victim}/cmdline', 'rb').read())
        """,
        "its limits": """
            import resource
            resource.prlimit({victim}, resource.RLIMIT_NOFILE, (9, 9))
            return 'escaped'
        """,
        "its priority": """
            import os
            os.setpriority(os.PRIO_PROCESS, {victim}, 19)
            return 'escaped'
        """,
        "its processors": "import os; os.sched_setaffinity({victim}, {{0}}); return 'escaped'",
        "the terminal": """
            import fcntl
            fcntl.ioctl(open('/dev/ptmx', 'rb+', buffering=0), 0x80045430, b'0000')
            return 'escaped'
        """,
    },
) + _attacks(
    "other processes",
    {
        "ptrace": _LIBC
        + """
return 'escaped' if call(101, 0x4206, {victim}, 0, 0) == 0 else 'contained'
""",
        "process_vm_readv": _LIBC
        + """
mine = ctypes.create_string_buffer(8)
local = ctypes.create_string_buffer(struct.pack('QQ', ctypes.addressof(mine), 8))
remote = ctypes.create_string_buffer(struct.pack('QQ', {victim_address}, 8))
got = call(310, {victim}, ctypes.addressof(local), 1, ctypes.addressof(remote), 1, 0)
return 'escaped' if got > 0 or ctypes.get_errno() == 14 else 'contained'
""",
        "tgkill": _LIBC
        + "return 'escaped' if call(234, {victim}, {victim}, 0) == 0 else 'contained'",
        "rt_sigqueueinfo": _LIBC
        + """
info = ctypes.create_string_buffer(struct.pack('iii', 10, 0, -1), 128)
return 'escaped' if call(129, {victim}, 15, ctypes.addressof(info)) == 0 else 'contained'
""",
    },
    x86_64=True,
)

PRIVILEGES = _attacks(
    "privileges",
    {
        "raise a limit": """
            import resource
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard + 1, hard + 1))
            return 'escaped'
        """,
        "become root": "import os; os.setresuid(0, 0, 0); return 'escaped'",
        "another root folder": "import os; os.chroot('/'); return 'escaped'",
        "another personality": _LIBC
        + "return 'escaped' if L.personality(0x0040000) != -1 else 'contained'",
        "a new user namespace": _LIBC
        + "return 'escaped' if L.unshare(0x10000000) == 0 else 'contained'",
        "a new network namespace": _LIBC
        + "return 'escaped' if L.unshare(0x50000000) == 0 else 'contained'",
        "mount": _LIBC
        + """
done = L.mount(b'none', b'/nonexistent', b'tmpfs', 0, None)
return 'escaped' if done == 0 or ctypes.get_errno() == 2 else 'contained'
""",
        "io_uring": _LIBC
        + """
parameters = ctypes.create_string_buffer(120)
return 'escaped' if call(425, 1, ctypes.addressof(parameters)) >= 0 else 'contained'
""",
        "a dumpable process": _LIBC
        + "return 'escaped' if L.prctl(4, 1, 0, 0, 0) == 0 else 'contained'",
        "no death with the parent": _LIBC
        + "return 'escaped' if L.prctl(1, 0, 0, 0, 0) == 0 else 'contained'",
    },
) + _attacks(
    "privileges",
    {
        "bpf": _LIBC
        + """
wanted = ctypes.create_string_buffer(struct.pack('IIIII', 2, 4, 8, 1, 0), 128)
return 'escaped' if call(321, 0, ctypes.addressof(wanted), 128) >= 0 else 'contained'
""",
        "the kernel's key store": _LIBC
        + """
kind, name = ctypes.create_string_buffer(b'user'), ctypes.create_string_buffer(b'codeplan')
data = ctypes.create_string_buffer(b'x')
where = [ctypes.addressof(x) for x in (kind, name, data)]
return 'escaped' if call(248, *where, 1, -2) >= 0 else 'contained'
""",
        "userfaultfd": _LIBC + "return 'escaped' if call(323, 1) >= 0 else 'contained'",
        "performance counters": _LIBC
        + """
wanted = ctypes.create_string_buffer(struct.pack('IIQ', 1, 128, 0), 128)
wanted[40] = b'\\x60'
return 'escaped' if call(298, ctypes.addressof(wanted), 0, -1, -1, 0) >= 0 else 'contained'
""",
        "shared memory of System V": _LIBC
        + "return 'escaped' if call(29, 0x0C0DE, 4096, 0o1600) >= 0 else 'contained'",
    },
    x86_64=True,
)

EFFECTS = [*READING, *WRITING, *NETWORK, *PROCESSES, *OTHERS, *PRIVILEGES]
