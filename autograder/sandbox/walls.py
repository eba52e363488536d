"""The walls around student code: Landlock, seccomp, resource limits, and an unprivileged user.

`Confinement` is prepared once per worker slot, before any student code is near, and entered by a freshly forked child
in well under a millisecond. Nothing here needs root; a grader that was started as root gives root up in the child.

What each wall is for:

``landlock``
    Files: the interpreter, its libraries and the attempt can be read, and also what the kernel says about the machine
    and the process itself. Only a scratch folder and a home can be written. Processes outside the domain can't be
    traced or signalled.
``seccomp``
    System calls: an allow list. It excludes sockets, starting programs, forking, sending signals, changing modes or
    owners, and reading the clocks of other processes. ``clone3`` is answered with ENOSYS so that the C library falls
    back to ``clone``, whose flags can be seen.
``rlimits``
    Address space, processor time, file size, open files, threads, timers.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import re
import resource
import signal
import stat
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

WALLS = ("landlock", "seccomp", "rlimits")

# Scratch users of a grader that runs as root: one per slot, in a range that no distribution hands out.
FIRST_UID = 1_879_000_000

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_KEEPCAPS = 8
_PR_SET_NAME, _PR_GET_NAME = 15, 16
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_VMA = 0x53564D41
_SECCOMP_MODE_FILTER = 2
_CLONE_THREAD = 0x00010000
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_MAX_THREADS = 256
_MAX_OPEN_FILES = 256
_MAX_TIMERS = 256  # each holds kernel memory, and the kernel's own limit is a hundred thousand

# What NumPy, SciPy, scikit-learn, Matplotlib and torch need to compute, allocate, start threads, import and plot.
_ALLOWED = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range dup dup2 dup3
    creat stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink
    readlinkat getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    ftruncate fsync fdatasync sync_file_range copy_file_range sendfile splice tee fadvise64
    readahead flock umask pipe pipe2 eventfd eventfd2 poll ppoll select pselect6 epoll_create epoll_create1
    epoll_ctl epoll_wait epoll_pwait epoll_pwait2 mmap mprotect munmap mremap madvise brk msync mincore
    pkey_alloc pkey_free pkey_mprotect futex futex_waitv set_robust_list get_robust_list set_tid_address rseq exit
    exit_group restart_syscall arch_prctl getrandom rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending
    rt_sigsuspend rt_sigtimedwait sigaltstack pause nanosleep
    gettimeofday time times alarm getitimer setitimer timer_settime timer_gettime timer_getoverrun
    timer_delete timerfd_create timerfd_settime timerfd_gettime getpid getppid gettid getuid geteuid getgid getegid
    getresuid getresgid getgroups getpgid getpgrp getsid capget uname sysinfo getrlimit getrusage sched_yield
    sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu
    getpriority wait4 waitid
""".split()  # noqa: SIM905  a hundred names read better without quotes

_IOCTLS = (0x5401, 0x5413, 0x5421, 0x5450, 0x5451, 0x541B)  # TCGETS TIOCGWINSZ FIONBIO FIONCLEX FIOCLEX FIONREAD
# Only clocks of the system and of the process itself. Other numbers name the processor time of any process. Student
# code must not learn how long the judge works on an answer.
_CLOCK_CALLS = ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create")
_CLOCK_MASK = 0xFFFFFFF0
# Only those for this process. The others make the caller wait for every processor of the machine, without using any.
_MEMBARRIERS = (0, 8, 16)
# Descriptors, flags, F_DUPFD_CLOEXEC, pipe sizes. No record locks: each takes kernel memory that nothing limits.
_FCNTLS = (0, 1, 2, 3, 4, 1030, 1031, 1032)


# What a grader that is root needs in order to run children as other users and to clean up after them, capabilities(7).
_RIGHTS_OF_ROOT = {
    0: "CAP_CHOWN", 1: "CAP_DAC_OVERRIDE", 3: "CAP_FOWNER", 5: "CAP_KILL", 6: "CAP_SETGID", 7: "CAP_SETUID"
}  # fmt: skip


class ConfinementError(Exception):
    """A wall could not be raised; student code must not run."""


@dataclass(frozen=True)
class Bounds:
    """Resource limits of one child: mebibytes beyond what it has mapped at its start, seconds, mebibytes."""

    memory_mb: int
    cpu_seconds: int
    file_mb: int


def missing_walls() -> dict[str, str]:
    """Return the walls that this machine lacks, each with the reason; empty if it has all of them."""
    missing = {}
    if sys.platform != "linux":
        return dict.fromkeys(("landlock", "seccomp"), f"{sys.platform} has none; grade on Linux")
    try:
        _landlock_abi()
    except ConfinementError as error:
        missing["landlock"] = str(error)
    try:
        seccomp_program()
    except ConfinementError as error:
        missing["seccomp"] = str(error)
    return missing


def check_user() -> None:
    """Refuse a root user that can't run children as other users, and a user who is in root's group.

    Both occur in containers.

    Raises
    ------
    ConfinementError
        If so; the message says what to do. An ordinary user needs no rights at all.
    """
    if sys.platform != "linux":
        return
    if os.geteuid() != 0:
        if 0 in (*os.getgroups(), *os.getresgid()):
            raise ConfinementError(
                "this user is in root's group, and student code would be too; set another group as well, for example "
                '`--user "$(id -u):$(id -g)"` for a container'
            )
        return
    capabilities = int(re.findall(r"(?m)^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text())[0], 16)
    needed = _RIGHTS_OF_ROOT if _prefix_is_public() else {**_RIGHTS_OF_ROOT, 2: "CAP_DAC_READ_SEARCH"}
    missing = [name for number, name in needed.items() if not capabilities >> number & 1]
    if missing:
        raise ConfinementError(
            f"this root user lacks {', '.join(missing)}, so student code could not run as another user; "
            "grade as an ordinary user, who needs no rights at all"
        )


class Confinement:
    """The walls of one worker slot, prepared so that a forked child can enter them at once.

    Parameters
    ----------
    submission
        Folder that the student's code may read; holds the attempt.
    scratch
        Folder that it may read and write, and that is its working folder.
    home
        Folder that it may read and write too, for files that libraries keep.
    walls
        The walls to raise, from `WALLS`.
    slot
        Number of the slot; children of a root grader run as the user ``FIRST_UID + slot``.
    """

    def __init__(self, submission: Path, scratch: Path, home: Path, walls: tuple[str, ...], slot: int) -> None:
        self.submission = submission
        self.scratch = scratch
        self.home = home
        self.walls = walls
        self.uid = FIRST_UID + slot if os.geteuid() == 0 else None
        self._landlock = _Landlock(submission, (scratch, home)) if "landlock" in walls else None
        self._program = seccomp_program() if "seccomp" in walls else None
        self._keep_read_search = (
            self.uid is not None
            and self._landlock is not None
            and self._program is not None
            and not _prefix_is_public()
        )
        if self.uid is not None:
            for folder in (scratch, home):
                os.chown(folder, self.uid, self.uid)

    def enter(self, bounds: Bounds, kept_descriptors: int) -> None:
        """Raise the walls around the calling process, for good.

        Descriptors at or above `kept_descriptors` are closed. To be called in a forked child with one thread,
        before it reads a byte of the attempt.

        Raises
        ------
        ConfinementError
            If a wall can't be raised; the child must then end without running anything.
        """
        try:
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                default = signal.SIG_IGN if number in (signal.SIGPIPE, signal.SIGXFSZ) else signal.SIG_DFL
                with contextlib.suppress(OSError, ValueError):  # real-time signals that the C library keeps
                    signal.signal(number, default)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            os.setsid()
            self._environment()
            if "rlimits" in self.walls:
                self._rlimits(bounds)
            if self.uid is not None:
                _drop_root(self.uid, self._keep_read_search)
            _prctl(_PR_SET_DUMPABLE, 0)
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
            if self._landlock is not None:
                self._landlock.restrict()
            os.closerange(kept_descriptors, 2**20)
            if "rlimits" in self.walls:  # not earlier: Landlock's rules need more descriptors than a student may have
                _limit(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)
            if self._program is not None:
                _seccomp_restrict(self._program)
        except OSError as error:
            raise ConfinementError(f"a wall could not be raised: {error}") from error

    def _environment(self) -> None:
        home = str(self.home)
        os.environ.clear()
        os.environ.update(_ENVIRONMENT, HOME=home, TMPDIR=home, MPLCONFIGDIR=home, IPYTHONDIR=home)
        os.chdir(self.scratch)
        tempfile.tempdir = home

    def _rlimits(self, bounds: Bounds) -> None:
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limits = {
            resource.RLIMIT_AS: mapped + bounds.memory_mb * 2**20,
            resource.RLIMIT_CPU: bounds.cpu_seconds,
            resource.RLIMIT_FSIZE: bounds.file_mb * 2**20,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
            resource.RLIMIT_SIGPENDING: _MAX_TIMERS,
        }
        others = 0 if self.uid is not None else _threads_of_user()  # the kernel counts all that the user runs
        limits[resource.RLIMIT_NPROC] = others + _MAX_THREADS
        for what, limit in limits.items():
            # A second between the limits of processor time, so that the first signal is SIGXCPU and not SIGKILL.
            _limit(what, limit, grace=1 if what == resource.RLIMIT_CPU else 0)


def _limit(what: int, limit: int, grace: int = 0) -> None:
    _, hard = resource.getrlimit(what)
    allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (allowed, allowed + (grace if hard == resource.RLIM_INFINITY else 0)))


def allow_open_files() -> None:
    """Let a worker open as many files as the system allows: Landlock needs one for each library beside the package."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _threads_of_user() -> int:
    """Return how many threads the user has, in all processes."""
    count = 0
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):  # a process that has ended in the meantime
            if entry.name.isdigit() and entry.stat().st_uid == os.geteuid():
                count += len(os.listdir(f"/proc/{entry.name}/task"))  # noqa: PTH208
    return count


INLINE_BACKEND = "module://matplotlib_inline.backend_inline"  # what Jupyter draws with

# Deterministic hashes, one thread per library, no window system, and nothing of the grader's own environment.
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "USER": "student",
    "MPLBACKEND": INLINE_BACKEND,
    "JOBLIB_MULTIPROCESSING": "0",  # `n_jobs` of scikit-learn means one
    "TORCHDYNAMO_DISABLE": "1",  # `torch.compile` returns its argument; otherwise it would start compilers
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def worker_environment() -> dict[str, str]:
    """Return the whole environment that a warm worker is started with."""
    return dict(_ENVIRONMENT)


# What libraries ask the kernel about the machine: how many processors they may use, how much memory, which system.
_MACHINE = (
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/uptime", "/proc/loadavg",
    "/proc/filesystems", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/ostype", "/proc/sys/kernel/version",
    "/proc/sys/kernel/pid_max",
    "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu", "/sys/devices/system/node",
    "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/etc/os-release", "/usr/lib/os-release",
)  # fmt: skip
# What they ask about the process itself. Not among them: its memory, its descriptors, its environment, its threads.
_OF_THE_PROCESS = (
    "maps", "smaps", "smaps_rollup", "status", "stat", "statm", "cgroup", "limits", "comm", "cmdline", "schedstat",
    "oom_score",
)  # fmt: skip


def _libraries() -> tuple[list[Path], list[Path]]:
    """Return the trees that student code may read, and the folders that it may only list.

    The grader's own package is never among them: if it is installed beside the libraries, its siblings are listed
    one by one.
    """
    own = Path(__file__).resolve().parents[1]
    roots = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    base_library = Path(sys.base_prefix) / "lib"
    if base_library.is_dir():
        roots.add(base_library.resolve())
    roots.update(Path(name) for name in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"))
    roots.update(Path(name) for name in ("/usr/share/zoneinfo", "/usr/share/fonts", "/etc/fonts"))
    roots.update(Path(name) for name in ("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/zero"))
    roots.update(Path(name) for name in _MACHINE)
    trees, folders = [], []
    for root in sorted(roots):
        if not root.exists():
            continue
        if own.is_relative_to(root):
            folders.append(root)
            trees += [child for child in sorted(root.iterdir()) if not own.is_relative_to(child)]
        else:
            trees.append(root)
    return trees, folders


def readable_tree(folder: Path) -> Path | None:
    """Return the tree of libraries that contains `folder`, so that student code could read it; or None."""
    folder = folder.resolve()
    return next((tree for tree in _libraries()[0] if folder.is_relative_to(tree)), None)


def _prefix_is_public() -> bool:
    """Whether any user can reach the interpreter; root's own installations are often closed to others."""
    for library in (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))):
        for folder in (library.resolve(), *library.resolve().parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                return False
    return True


def _landlock_abi() -> int:
    try:
        from py_landlock import LandlockError, get_abi_version
    except ImportError as error:
        raise ConfinementError("the package py-landlock is missing; run `make setup`") from error
    try:
        return int(get_abi_version())
    except (LandlockError, OSError) as error:
        raise ConfinementError(f"the kernel offers no Landlock ({error}); it needs Linux 5.13 or newer") from error


class _Landlock:
    """The rules of one slot; kernels that know fewer rights get rules with only those.

    Each child makes its own ruleset from them, because ``/proc/self`` is another folder in each process.
    """

    def __init__(self, submission: Path, writable: tuple[Path, ...]) -> None:
        from py_landlock import AccessFs
        from py_landlock.abi import ABIVersion, get_supported_fs, get_supported_net, get_supported_scope
        from py_landlock.landlock_sys import RulesetAttr

        abi = ABIVersion(_landlock_abi())
        handled = get_supported_fs(abi)
        self._read_file, read_dir = AccessFs.READ_FILE, AccessFs.READ_DIR
        write = handled & ~(AccessFs.EXECUTE | AccessFs.MAKE_CHAR | AccessFs.MAKE_BLOCK | AccessFs.MAKE_SYM)
        write &= ~(AccessFs.MAKE_SOCK | AccessFs.MAKE_FIFO | AccessFs.IOCTL_DEV)
        self._attributes = RulesetAttr(
            handled_access_fs=int(handled),
            handled_access_net=int(get_supported_net(abi)),
            scoped=int(get_supported_scope(abi)),
        )
        trees, folders = _libraries()
        rules = [(tree, self._read_file | read_dir) for tree in trees]
        rules += [(folder, read_dir) for folder in folders]
        rules += [(submission, self._read_file | read_dir), *((folder, write) for folder in writable)]
        rules += [(Path("/dev/null"), self._read_file | AccessFs.WRITE_FILE)]
        self._rules = []
        for path, access in rules:
            if not path.is_dir():
                access &= self._read_file | AccessFs.WRITE_FILE
            self._rules.append((_opened(path), int(access & handled)))

    def restrict(self) -> None:
        """Hold the calling process to the rules, for good.

        Raises
        ------
        ConfinementError
            If the kernel refuses.
        """
        from py_landlock import LandlockError
        from py_landlock.landlock_sys import PathBeneathAttr, RulesetFd, add_rule, create_ruleset, restrict_self

        try:
            ruleset = create_ruleset(self._attributes)
            for descriptor, access in self._rules:
                add_rule(ruleset, PathBeneathAttr(allowed_access=access, parent_fd=descriptor))
            for name in _OF_THE_PROCESS:
                with contextlib.suppress(FileNotFoundError):  # not every kernel has all of them
                    descriptor = os.open(f"/proc/self/{name}", os.O_PATH | os.O_CLOEXEC)
                    add_rule(ruleset, PathBeneathAttr(allowed_access=int(self._read_file), parent_fd=descriptor))
                    os.close(descriptor)
            restrict_self(RulesetFd(int(ruleset)), None)
        except LandlockError as error:
            raise ConfinementError(f"Landlock could not be set up: {error}") from error


@functools.cache  # most paths are the same in every slot
def _opened(path: Path) -> int:
    """Return a descriptor that names `path` and can neither read nor write it."""
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


_program_cache: list[bytes] = []


def seccomp_program() -> bytes:
    """Return the system call filter as a BPF program, compiled once per process."""
    if _program_cache:
        return _program_cache[0]
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise ConfinementError(
            f"libseccomp cannot be used ({error}); install the system package libseccomp2 and run `make setup`"
        ) from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))

    def allow(name: str, *conditions: object) -> None:
        with contextlib.suppress(ValueError, OSError):  # a call that this architecture does not have
            rules.add_rule(pyseccomp.ALLOW, name, *conditions)

    for name in _ALLOWED:
        allow(name)
    allow("clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    # It makes whole files at once, faster than the disk can be watched; the C library writes zeros instead.
    rules.add_rule(pyseccomp.ERRNO(errno.EOPNOTSUPP), "fallocate")
    # Before Linux 6.2, Landlock does not prevent emptying a read-only file with `truncate` or with these flags.
    for name, position in (("open", 1), ("openat", 2)):
        allow(name, pyseccomp.Arg(position, pyseccomp.MASKED_EQ, os.O_TRUNC, 0))
        for mode in (os.O_WRONLY, os.O_RDWR):
            allow(name, pyseccomp.Arg(position, pyseccomp.MASKED_EQ, os.O_ACCMODE, mode))
    allow("prlimit64", pyseccomp.Arg(0, pyseccomp.EQ, 0))
    for option in (_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA):
        allow("prctl", pyseccomp.Arg(0, pyseccomp.EQ, option))
    for request in _IOCTLS:
        allow("ioctl", pyseccomp.Arg(1, pyseccomp.EQ, request))
    for name in _CLOCK_CALLS:
        allow(name, pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLOCK_MASK, 0))
    for barrier in _MEMBARRIERS:
        allow("membarrier", pyseccomp.Arg(0, pyseccomp.EQ, barrier))
    for command in _FCNTLS:
        allow("fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        program = file.read()
    _program_cache.append(program)
    return program


class _SockFprog(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _seccomp_restrict(program: bytes) -> None:
    fprog = _SockFprog(len(program) // 8, program)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(fprog))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, *arguments: int) -> None:
    padded = [*arguments, 0, 0, 0, 0][:4]
    if _libc.prctl(option, *(ctypes.c_ulong(value) for value in padded)) != 0:
        number = ctypes.get_errno()
        raise ConfinementError(f"prctl({option}) failed: {os.strerror(number)}")


def name_process(name: str) -> None:
    """Set the name of this process in ``/proc`` and in tools like `top`; only the first fifteen characters count."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def _drop_root(uid: int, keep_read_search: bool) -> None:
    """Become the user `uid` without groups and capabilities.

    If the interpreter is in a folder that is closed to other users (root's home, for example), the capability to read
    in spite of file modes is kept. Landlock, which is entered right after, then decides what can be read.
    """
    if keep_read_search:
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    data = (_CapabilityData * 2)()
    if keep_read_search:
        data[0].effective = data[0].permitted = 1 << _CAP_DAC_READ_SEARCH
    if _libc.capset(ctypes.byref(header), ctypes.byref(data)) != 0:
        number = ctypes.get_errno()
        raise ConfinementError(f"capset failed: {os.strerror(number)}")
