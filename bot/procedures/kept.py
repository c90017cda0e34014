"""Built indexes kept on disk, so that a process starts in a second instead of building for ten.

One file an index, named by a hash of everything it was made of: the entries' source, the map of meaning, and the code that
reads and builds. A file that is missing, of another make or broken is built anew, and so nothing here ever needs clearing;
the oldest files go by themselves. Several processes may build the same file at once: each writes its own and renames it.
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.language import normalise
from bot.procedures import entries, imported, search, sense, space
from bot.procedures.search import Built, Entry, Index, Phrase

BUILDERS = (search, space, sense, entries, imported, normalise)
"""What a built index depends on: when one of these modules changes, the old files are no longer asked for."""
MOST_KEPT = 4

logger = logging.getLogger(__name__)


@lru_cache
def make() -> bytes:
    """A hash of the code that builds and of the shipped map of meaning."""
    total = hashlib.sha256(sense.SHIPPED.read_bytes())
    for module in BUILDERS:
        total.update(Path(module.__file__).read_bytes())
    return total.digest()


def key_of(parts: Iterable[bytes]) -> str:
    """The name of an index made of these parts (contents of files, hashes of rows), in this order."""
    total = hashlib.sha256(make())
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()[:32]


def index_of(folder: Path | None, key: str, read: Callable[[], list[Entry]]) -> Index:
    """The index kept under that key, else one built of the entries and kept. folder None: built, not kept.

    Trouble with the disk is logged and costs time, never the index. `read` may raise what reading them raises.
    """
    if folder is None:
        return Index(read())
    path = folder / f"index-{key}.npz"
    found = load(path)
    if found is None:
        found = Index(read())
        if found.entries:
            keep(path, found)
    return found


def load(path: Path) -> Index | None:
    """The index in the file; None when there is none or it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        entries = [entry_of(e) for e in json.loads(arrays.pop("entries").tobytes())]
        index = Index(entries, built=Built.unpacked(arrays))
        os.utime(path)  # the ones in use are not the oldest
        return index
    except FileNotFoundError:
        return None
    except Exception as error:  # whatever a torn or foreign file makes numpy, zipfile or json raise: it is built anew
        logger.warning("the kept index %s cannot be used and is built anew (%s)", path.name, type(error).__name__)
        return None


def keep(path: Path, index: Index) -> None:
    """Writes the index beside its place and moves it there."""
    text = json.dumps([asdict(e) for e in index.entries], ensure_ascii=False).encode()
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix="index-", suffix=".tmp", delete=False) as out:
            temporary = Path(out.name)
            np.savez(out, entries=np.frombuffer(text, dtype=np.uint8), **index.built.packed())
        temporary.replace(path)
        forget_oldest(path.parent)
    except OSError as error:
        logger.warning("the index could not be kept (%s)", type(error).__name__)
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def forget_oldest(folder: Path) -> None:
    """All but the MOST_KEPT files used last."""
    aged = sorted(((p.stat().st_mtime, p) for p in folder.glob("index-*.npz")), reverse=True)
    for _, path in aged[MOST_KEPT:]:
        path.unlink(missing_ok=True)


def entry_of(kept: dict) -> Entry:
    return Entry(**{**kept, "phrases": tuple(Phrase(**p) for p in kept["phrases"]), "also_codes": tuple(kept["also_codes"])})
