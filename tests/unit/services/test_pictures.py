"""What a version of a course shows never changes: its pictures are kept by the hash of their bytes."""

import hashlib

import pytest
from sqlalchemy import func, select

from bot.errors import ContentError
from bot.services import learn, pictures
from bot.store.tables import CourseVersion, PublishedPicture
from tests.factories import TUESDAY_TEN, course_folder
from tests.small_course import publish, single, small, write

PNG = b"\x89PNG\r\n\x1a\n and the rest of it"
ALT = "Hình vẽ một chiếc điện thoại đang đổ chuông"


def with_pictures(**changes):
    """The small course with a picture on a card and the same one in a question."""
    course = small(**changes)
    course["lessons"][0]["steps"][0]["card"]["picture"] = {"file": "khoa-nho-chuong", "alt": ALT}
    course["lessons"][1]["steps"][1]["question"] = {**single("l2q1"), "type": "picture", "picture": {"file": "khoa-nho-chuong", "alt": "Vẫn hình ấy, xem kỹ"}}
    return course


def png(folder, data: bytes = PNG, name: str = "khoa-nho-chuong"):
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    (folder / "pictures" / f"{name}.png").write_bytes(data)
    return folder


def live_course(session):
    return learn.live(session)[0][1]


def test_a_published_course_names_its_pictures_by_hash(database, tmp_path):
    folder = png(tmp_path / "courses")
    with database.write() as session:
        publish(session, folder, with_pictures())
        sha = hashlib.sha256(PNG).hexdigest()
        assert [p.sha for p in live_course(session).pictures] == [sha, sha]
        assert [p.alt for p in live_course(session).pictures] == [ALT, "Vẫn hình ấy, xem kỹ"]
        kept = session.scalars(select(PublishedPicture)).one()
        assert (kept.sha256, kept.data, kept.media_type) == (sha, PNG, "image/png")
        assert pictures.find(session, sha) is kept and pictures.find(session, "0" * 64) is None


def test_publishing_again_stores_nothing_twice(database, tmp_path):
    folder = png(tmp_path / "courses")
    for _ in range(2):
        with database.write() as session:
            publish(session, folder, with_pictures())
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PublishedPicture)) == 1
        assert session.scalar(select(func.count()).select_from(CourseVersion)) == 1


def test_a_redrawn_picture_is_a_new_version_and_the_old_one_keeps_its_own(database, tmp_path):
    folder = png(tmp_path / "courses")
    with database.write() as session:
        publish(session, folder, with_pictures())
        old = session.scalars(select(CourseVersion)).one()
        png(folder, PNG + b"!")
        publish(session, folder, with_pictures())
        shas = [p.sha for v in session.scalars(select(CourseVersion.id).order_by(CourseVersion.id)) for p in learn.course_of(session, v).pictures[:1]]
        assert shas == [hashlib.sha256(PNG).hexdigest(), hashlib.sha256(PNG + b"!").hexdigest()]
        assert old.live is False and pictures.find(session, shas[0]).data == PNG


@pytest.mark.parametrize("data, said", [(None, "there is no khoa-nho-chuong.png"), (b"x" * (100 * 1024 + 1), "100 are the most")])
def test_a_missing_or_heavy_picture_stops_the_publishing(database, tmp_path, data, said):
    folder = write(tmp_path / "courses", with_pictures())
    if data is not None:
        png(folder, data)
    with pytest.raises(ContentError) as caught, database.write() as session:
        learn.publish(session, folder, TUESDAY_TEN)
    assert said in str(caught.value.problems[0])
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(CourseVersion)) == 0


def test_a_course_without_pictures_is_left_alone(database, tmp_path):
    with database.write() as session:
        publish(session, tmp_path / "courses")
        assert live_course(session).pictures == ()
        assert session.scalar(select(func.count()).select_from(PublishedPicture)) == 0


def test_the_shipped_pictures_are_small_pngs(database, tmp_path):
    with database.write() as session:
        learn.publish(session, course_folder(tmp_path / "courses"), TUESDAY_TEN)
        course = live_course(session)
        assert course.pictures
        for picture in course.pictures:
            data = pictures.find(session, picture.sha).data
            assert data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) <= pictures.MOST_BYTES
