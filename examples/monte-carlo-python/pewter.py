"""libpewter for Python, by ctypes: a datacentre as a Python program uses it. See apps/libpewter/pewter.h for what each call means."""

import ctypes
import errno
import os

WAIT_FOR_EVER = -1
PACK, LEAST_LOADED, BEST_EFFORT, TERMINAL, KEEP_OUTPUT, DEAL_INPUT, EXPLICIT_EOF, PERSISTENT = (1 << i for i in range(8))
CAUSES = ["exited", "signalled", "out of memory", "policy", "node lost", "not started", "lost"]

_texts = ctypes.POINTER(ctypes.c_char_p)


class _Spec(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t), ("argv", _texts), ("env", _texts), ("files", _texts), ("on", ctypes.c_char_p),
        ("dir", ctypes.c_char_p), ("user", ctypes.c_char_p), ("job", ctypes.c_char_p), ("cpus", ctypes.c_double),
        ("memory", ctypes.c_int64), ("processes", ctypes.c_int32), ("open_files", ctypes.c_int32),
        ("flags", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


class Exit(ctypes.Structure):
    """How a process ended."""
    _fields_ = [
        ("size", ctypes.c_size_t), ("process", ctypes.c_int64), ("cause", ctypes.c_int32), ("shell_code", ctypes.c_int32),
        ("code", ctypes.c_int32), ("signal", ctypes.c_int32), ("user_us", ctypes.c_int64), ("system_us", ctypes.c_int64),
        ("peak_memory", ctypes.c_int64), ("dropped", ctypes.c_int64), ("note", ctypes.c_char * 256)]

    def __init__(self):
        super().__init__(size=ctypes.sizeof(Exit))

    def __str__(self):
        return f"{CAUSES[self.cause]} with {self.shell_code}"


class Message(ctypes.Structure):
    """A message as it came; kind and reason are numbers of pewter.h."""
    _fields_ = [
        ("size", ctypes.c_size_t), ("length", ctypes.c_size_t), ("kind", ctypes.c_int32), ("reason", ctypes.c_int32),
        ("request", ctypes.c_uint64), ("type", ctypes.c_uint32), ("instance", ctypes.c_uint32), ("importance", ctypes.c_int32),
        ("multicast", ctypes.c_uint32), ("_sender", ctypes.c_char * 64)]
    body = b""

    def __init__(self):
        super().__init__(size=ctypes.sizeof(Message))

    @property
    def sender(self):
        """Who sent it, or whom it was for when it came back."""
        return self._sender.decode()


class _Event(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t), ("kind", ctypes.c_int32), ("reserved", ctypes.c_uint32), ("sender", ctypes.c_char * 64),
        ("name", ctypes.c_char * 320)]


def _load():
    here = os.path.dirname(os.path.abspath(__file__))
    places = [os.environ.get("LIBPEWTER"), os.path.join(here, "../../artifacts/libpewter/libpewter.so"), "libpewter.so"]
    library = ctypes.CDLL(next(place for place in places if place and (os.path.exists(place) or "/" not in place)))
    handle, text, spec, end, handles = ctypes.c_int64, ctypes.c_char_p, ctypes.POINTER(_Spec), ctypes.POINTER(Exit), ctypes.POINTER(ctypes.c_int64)
    size, message, event = ctypes.c_size_t, ctypes.POINTER(Message), ctypes.POINTER(_Event)
    calls = {
        "pewter_abi": (ctypes.c_int, []),
        "pewter_error": (text, []),
        "pewter_connect": (handle, [text, text]),
        "pewter_close": (ctypes.c_int, [handle]),
        "pewter_spawn": (handle, [handle, spec]),
        "pewter_spawn_n": (handle, [handle, ctypes.c_int, spec, handles]),
        "pewter_id": (ctypes.c_int, [handle, text, ctypes.c_size_t]),
        "pewter_node": (ctypes.c_int, [handle, text, ctypes.c_size_t]),
        "pewter_kill": (ctypes.c_int, [handle, ctypes.c_int64]),
        "pewter_signal": (ctypes.c_int, [handle, ctypes.c_int]),
        "pewter_wait": (ctypes.c_int, [handle, ctypes.c_int64, end]),
        "pewter_wait_any": (handle, [handles, ctypes.c_int, ctypes.c_int64, end]),
        "pewter_wait_next": (handle, [handle, ctypes.c_int64, end]),
        "pewter_open": (handle, [handle, ctypes.c_int]),
        "pewter_read": (ctypes.c_ssize_t, [handle, ctypes.c_void_p, ctypes.c_size_t]),
        "pewter_write": (ctypes.c_ssize_t, [handle, text, ctypes.c_size_t]),
        "pewter_mail": (handle, [text]),
        "pewter_mail_open": (handle, [handle, ctypes.c_void_p]),
        "pewter_mail_address": (ctypes.c_int, [handle, text, size]),
        "pewter_mail_bind": (ctypes.c_int, [handle, text, ctypes.c_int]),
        "pewter_mail_send": (ctypes.c_int, [handle, text, text, size, ctypes.c_uint32]),
        "pewter_mail_multicast": (ctypes.c_int, [handle, text, text, size, ctypes.c_uint32]),
        "pewter_mail_receive": (ctypes.c_int, [handle, ctypes.c_int64, ctypes.c_void_p, size, message]),
        "pewter_mail_reply": (ctypes.c_int, [handle, message, text, size]),
        "pewter_mail_request": (ctypes.c_ssize_t, [handle, text, text, size, ctypes.c_int64, ctypes.c_void_p, size]),
        "pewter_mail_service_exists": (ctypes.c_int, [handle, text, ctypes.c_int64]),
        "pewter_mail_subscribe": (handle, [handle, text, ctypes.c_int, ctypes.c_int64]),
        "pewter_mail_next_event": (ctypes.c_int, [handle, ctypes.c_int64, event]),
    }
    for name, (result, arguments) in calls.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    if library.pewter_abi() < 2:
        raise ImportError("this libpewter is too old")
    return library


_library = _load()


def _check(result):
    if result < 0:
        raise OSError(-result, _library.pewter_error().decode())
    return result


def _array(texts):
    return ctypes.cast((ctypes.c_char_p * (len(texts) + 1))(*[os.fsencode(text) for text in texts], None), _texts)


class _Handle:
    def __init__(self, handle):
        self._handle = _check(handle)

    def close(self):
        if self._handle:
            _library.pewter_close(self._handle)
            self._handle = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _text(self, call):
        buffer = ctypes.create_string_buffer(1024)
        _check(call(self._handle, buffer, len(buffer)))
        return buffer.value.decode()


class Process(_Handle):
    """A process on some node."""

    @property
    def id(self):
        return self._text(_library.pewter_id)

    @property
    def node(self):
        return self._text(_library.pewter_node)

    def wait(self, timeout_ms=WAIT_FOR_EVER):
        """How it ended; None when it still runs after the timeout."""
        end = Exit()
        return end if _check(_library.pewter_wait(self._handle, timeout_ms, end)) else None

    def kill(self, grace_ms=0):
        _check(_library.pewter_kill(self._handle, grace_ms))

    def signal(self, number):
        _check(_library.pewter_signal(self._handle, number))

    def write(self, data):
        """Gives it all of its input."""
        stream = _check(_library.pewter_open(self._handle, 0))
        try:
            _check(_library.pewter_write(stream, data, len(data)))
        finally:
            _library.pewter_close(stream)

    def read(self, stream=1):
        """Its output (1) or errors (2) to the end."""
        stream, pieces, buffer = _check(_library.pewter_open(self._handle, stream)), [], ctypes.create_string_buffer(65536)
        try:
            while count := _check(_library.pewter_read(stream, buffer, len(buffer))):
                pieces.append(buffer.raw[:count])
        finally:
            _library.pewter_close(stream)
        return b"".join(pieces)


class Group(Process):
    """Processes that were spawned together."""

    def __init__(self, handle, members):
        super().__init__(handle)
        self.members = members

    def ended(self, timeout_ms=WAIT_FOR_EVER):
        """Gives each process with its exit, as it is over."""
        end = Exit()
        while handle := _check(_library.pewter_wait_next(self._handle, timeout_ms, end)):
            yield next(member for member in self.members if member._handle == handle), end
            end = Exit()


class Pewter(_Handle):
    """A system."""

    def __init__(self, address=None, token=None):
        super().__init__(_library.pewter_connect(address and address.encode(), token and token.encode()))

    def spawn(self, *argv, **options):
        return Process(_library.pewter_spawn(self._handle, self._spec(argv, **options)))

    def spawn_n(self, n, *argv, **options):
        handles = (ctypes.c_int64 * n)()
        group = _check(_library.pewter_spawn_n(self._handle, n, self._spec(argv, **options), handles))
        return Group(group, [Process(handle) for handle in handles if handle])

    @staticmethod
    def _spec(argv, env=None, files=(), on=None, dir=None, user=None, job=None, flags=0, **limits):
        text = lambda value: None if value is None else os.fsencode(value)
        return ctypes.byref(_Spec(
            size=ctypes.sizeof(_Spec), argv=_array(argv), env=_array([f"{name}={value}" for name, value in (env or {}).items()]),
            files=_array(files), on=text(on), dir=text(dir), user=text(user), job=text(job), flags=flags, **limits))


class Mailbox(_Handle):
    """Where messages wait for this program."""

    def __init__(self, handle):
        super().__init__(handle)
        self._room = ctypes.create_string_buffer(65536)

    @property
    def address(self):
        return self._text(_library.pewter_mail_address)

    def bind(self, name, exclusive=False):
        _check(_library.pewter_mail_bind(self._handle, name.encode(), exclusive))

    def send(self, to, body, flags=0):
        _check(_library.pewter_mail_send(self._handle, to.encode(), body, len(body), flags))

    def multicast(self, to, body, flags=0):
        """Sends to every owner of a name; gives how many there are."""
        return _check(_library.pewter_mail_multicast(self._handle, to.encode(), body, len(body), flags))

    def receive(self, timeout_ms=WAIT_FOR_EVER):
        """The next message with its body; None when the time is over first."""
        message = Message()
        result = _library.pewter_mail_receive(self._handle, timeout_ms, self._room, len(self._room), message)
        if result == -errno.EMSGSIZE:
            self._room = ctypes.create_string_buffer(message.length)
            return self.receive(timeout_ms)
        if not _check(result):
            return None
        message.body = self._room.raw[:message.length]
        return message

    def reply(self, request, body):
        _check(_library.pewter_mail_reply(self._handle, request, body, len(body)))

    def request(self, to, body, deadline_ms, room=1 << 20):
        """Asks, and gives the answer, of so many bytes at most."""
        answer = ctypes.create_string_buffer(room)
        length = _check(_library.pewter_mail_request(self._handle, to.encode(), body, len(body), deadline_ms, answer, room))
        return answer.raw[:min(length, room)]


class Names(_Handle):
    """Who comes to a name and goes."""

    def next(self, timeout_ms=WAIT_FOR_EVER):
        """("up", name, address), "down" or "timeout"; None when the time is over first."""
        event = _Event(size=ctypes.sizeof(_Event))
        if not _check(_library.pewter_mail_next_event(self._handle, timeout_ms, event)):
            return None
        return [None, "up", "down", "timeout"][event.kind], event.name.decode(), event.sender.decode()


class Mail(_Handle):
    """This process at the hub of its machine."""

    def __init__(self, socket=None):
        super().__init__(_library.pewter_mail(socket and os.fsencode(socket)))

    def open(self):
        return Mailbox(_library.pewter_mail_open(self._handle, None))

    def service_exists(self, name, timeout_ms):
        return bool(_check(_library.pewter_mail_service_exists(self._handle, name.encode(), timeout_ms)))

    def subscribe(self, name, each=False, timeout_ms=WAIT_FOR_EVER):
        return Names(_library.pewter_mail_subscribe(self._handle, name.encode(), each, timeout_ms))
