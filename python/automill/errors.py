"""Errors and warnings: one exception type with a code, a place and a hint, and every fault of an input in one message."""
from __future__ import annotations

from typing import Iterable, NamedTuple, Sequence

__all__ = ["AutoMillError", "AutoMillWarning", "Fault", "Faults", "UnknownOptionError", "error", "make_error"]


class Fault(NamedTuple):
    """One thing that is wrong with an input."""

    code: str
    """Stable and dotted, listed in docs/errors.md: "data.column_missing"."""
    place: str
    """Where: a column, an option, "row 17", a path."""
    message: str
    """What is wrong, the value, and what is allowed."""
    hint: str = ""
    """What to do; may be empty."""

    def text(self) -> str:
        """The fault as one line, worded as the C++ library does."""
        place = f"{self.place}: " if self.place else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{hint} [{self.code}]"


class AutoMillError(ValueError):
    """Everything that AutoMill refuses. `code`, `place` and `hint` are those of the first of `faults`."""

    def __init__(self, message: str, faults: Iterable[Sequence[str]] = ()) -> None:
        super().__init__(message)
        self.faults: tuple[Fault, ...] = tuple(Fault(*fault) for fault in faults)

    @property
    def code(self) -> str:
        """Stable name of the first fault."""
        return self.faults[0].code if self.faults else "unknown"

    @property
    def place(self) -> str:
        """Where the first fault is."""
        return self.faults[0].place if self.faults else ""

    @property
    def hint(self) -> str:
        """What to do about the first fault; may be empty."""
        return self.faults[0].hint if self.faults else ""

    def __reduce__(self) -> tuple[type, tuple[str, tuple[Fault, ...]]]:
        return type(self), (str(self), self.faults)


class UnknownOptionError(AutoMillError, TypeError):
    """An option that does not exist; also a TypeError, as Python's own message would be."""


class AutoMillWarning(UserWarning):
    """Something that a user should know of a result that was given all the same."""


AutoMillError.__module__ = AutoMillWarning.__module__ = UnknownOptionError.__module__ = "automill"


def make_error(message: str, faults: Sequence[Sequence[str]]) -> AutoMillError:
    """The exception for an error of the compiled library."""
    unknown = bool(faults) and all(fault[0] == "option.unknown" for fault in faults)
    return (UnknownOptionError if unknown else AutoMillError)(message, faults)


def error(code: str, place: str, message: str, hint: str = "") -> AutoMillError:
    """The exception for one fault."""
    fault = Fault(code, place, message, hint)
    return make_error(fault.text(), [fault])


class Faults:
    """Collects faults, so that a user sees all of them at once."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, code: str, place: str, message: str, hint: str = "") -> None:
        """Notes one fault."""
        self._faults.append(Fault(code, place, message, hint))

    def add_error(self, error_: AutoMillError) -> None:
        """Notes the faults of an exception."""
        self._faults.extend(error_.faults)

    def raise_if_any(self) -> None:
        """Raises one AutoMillError with all of them."""
        if not self._faults:
            return
        lines = [fault.text() for fault in self._faults]
        text = lines[0] if len(lines) == 1 else f"{len(lines)} faults:" + "".join(f"\n  - {line}" for line in lines)
        raise make_error(text, self._faults)
