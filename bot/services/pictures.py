"""Pictures of published courses: rendered once from `courses/pictures/*.svg`, kept by the hash of their bytes.

A version of a course names its pictures by hash, so what it shows never changes. Flushes only; the caller commits.
"""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import ContentError, Problem
from bot.learning.model import Course
from bot.store.tables import PublishedPicture

MOST_BYTES = 100 * 1024


def published(session: Session, course: Course, folder: Path, now: datetime) -> Course:
    """The course with the hash of each picture filled in, the pictures stored. Raises ContentError for one that is missing."""
    if not course.pictures:
        return course
    hashes = {}
    for picture in course.pictures:
        data = png_of(folder / "pictures", picture.file, course.slug)
        sha = hashlib.sha256(data).hexdigest()
        if session.get(PublishedPicture, sha) is None:
            session.add(PublishedPicture(sha256=sha, media_type="image/png", data=data, created_at=now))
            session.flush()
        hashes[picture.file] = sha

    def filled(node: Any) -> Any:
        if isinstance(node, dict):
            made = {k: filled(v) for k, v in node.items()}
            if "alt" in made and made.get("file") in hashes:
                made["sha"] = hashes[made["file"]]
            return made
        return [filled(v) for v in node] if isinstance(node, list) else node

    return Course.model_validate(filled(course.model_dump(mode="json")))


def png_of(folder: Path, file: str, slug: str) -> bytes:
    """The PNG beside the drawing (made by scripts/pictures.py). Raises ContentError."""
    path = folder / f"{file}.png"
    if not path.exists():
        raise ContentError([Problem(f"{slug}.yml", 1, "picture.file", f"there is no {path.name}; draw {file}.svg and run scripts/pictures.py")])
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        raise ContentError([Problem(str(path), 0, "", f"{len(data) // 1024} KB, {MOST_BYTES // 1024} are the most; simplify the drawing")])
    return data


def find(session: Session, sha: str) -> PublishedPicture | None:
    """The picture with this SHA-256, in hexadecimal; None when there is none, and for anything that is no such hash."""
    return session.get(PublishedPicture, sha) if re.fullmatch("[0-9a-f]{64}", sha) else None


def png_at(session: Session, path: str) -> bytes | None:
    """The PNG behind "/pictures/<sha>.png", or an address that ends so; None for anything else."""
    named = re.search(r"/pictures/([0-9a-f]{64})\.png$", path)
    found = find(session, named.group(1)) if named else None
    return found.data if found else None
