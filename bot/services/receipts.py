"""Platform ids of sent messages, noted on this machine at once: what a killed worker had sent is not sent again.

Between a platform's "taken" and the commit that records it lie milliseconds, or a restart of the database. A worker that
dies there would leave a message that looks unsent. So the id is appended to a file first (no fsync: a killed process
loses nothing of it, only a machine that loses power does), and the next worker of this machine reads what the dead left.
The file is locked while its worker lives; a lock that can be taken means a dead one.
"""

import fcntl
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

ENDING = ".receipts"


class Receipts:
    """The file of one worker. holder: its name in outbox rows; any characters."""

    def __init__(self, folder: Path, holder: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.holder, self._folder = holder, folder
        self._path = folder / (holder.replace("/", "_").replace(":", "-") + ENDING)
        # locked before it has its name: else another process could take it for a dead one's and remove it
        unnamed = self._path.with_suffix(".new")
        self._file = unnamed.open("wb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file.write(json.dumps({"holder": holder}).encode() + b"\n")
        unnamed.replace(self._path)
        self._open: set[int] = set()

    def note(self, row_id: int, platform_id: str) -> None:
        """The platform has taken the message. Returns once a killed process would not lose it."""
        self._open.add(row_id)
        self._file.write(json.dumps([row_id, platform_id]).encode() + b"\n")

    def note_parts(self, row_id: int, parts: Sequence[str]) -> None:
        """The platform has taken these parts of the message so far. Returns once a killed process would not lose it."""
        self._open.add(row_id)
        self._file.write(json.dumps([row_id, list(parts)]).encode() + b"\n")

    def recorded(self, row_id: int) -> None:
        """The database knows what came of this try; the file is emptied when it knows all."""
        if row_id not in self._open:
            return
        self._open.discard(row_id)
        self._file.write(json.dumps([row_id]).encode() + b"\n")
        if not self._open:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(json.dumps({"holder": self.holder}).encode() + b"\n")

    def dead(self) -> Iterator["Left"]:
        """What dead workers of this machine have left; the file goes when the block of the caller has ended well."""
        for path in sorted(self._folder.glob(f"*{ENDING}")):
            if path == self._path:
                continue
            try:
                file = path.open("r+b")
            except OSError:
                continue
            with file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                yield Left.read(file.read())
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Ends well: nothing is left to read unless something is unrecorded."""
        if not self._open:
            self._path.unlink(missing_ok=True)
        self._file.close()


class Left:
    """holder: the dead worker, "" when it died before it wrote its name; taken: (row id, platform id) of what it had sent;
    begun: (row id, platform ids) of what it had sent in part."""

    def __init__(self, holder: str, taken: list[tuple[int, str]], begun: list[tuple[int, list[str]]]):
        self.holder, self.taken, self.begun = holder, taken, begun

    @classmethod
    def read(cls, content: bytes) -> "Left":
        """A last line that was cut off in writing is left out: its message may be sent twice, as without a receipt."""
        holder, taken, begun = "", dict[int, str](), dict[int, list[str]]()
        for line in content.splitlines():
            try:
                found = json.loads(line)
                if isinstance(found, dict):
                    holder = str(found["holder"])
                elif len(found) == 1:
                    taken.pop(int(found[0]), None)
                    begun.pop(int(found[0]), None)
                elif isinstance(found[1], list):
                    begun[int(found[0])] = [str(part) for part in found[1]]
                else:
                    taken[int(found[0])] = str(found[1])
            except (ValueError, KeyError, TypeError, IndexError):
                continue
        return cls(holder, list(taken.items()), [(row_id, parts) for row_id, parts in begun.items() if row_id not in taken])
