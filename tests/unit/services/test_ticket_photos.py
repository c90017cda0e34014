"""Photos of reports: what is kept of a file, when one belongs to a report, and how the worker fetches it from the platforms."""

import io
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from PIL import Image
from sqlalchemy import select

from bot import errands
from bot.channels import photos as platform
from bot.config import Settings
from bot.messages import Incoming
from bot.services import inbox, people
from bot.services.tickets import drafts, photos, rules
from bot.store.tables import Outbound, TicketDraft, TicketEvent, TicketPhoto
from tests.factories import KEY, TUESDAY_TEN, talk_of
from tests.unit.web.staff_pages import app_on

LAMP = "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om"


def picture(size=(64, 48), kind="JPEG", gps=True) -> bytes:
    """A red picture; with gps the camera wrote down its name and 20°15'S 105°58'12"E."""
    exif = Image.Exif()
    if gps:
        exif[0x010F] = "CameraOfTu"
        exif.get_ifd(0x8825).update({1: "S", 2: (20.0, 15.0, 0.0), 3: "E", 4: (105.0, 58.0, 12.0)})
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, exif=exif)
    return out.getvalue()


class TestCleaned:
    def test_metadata_goes_and_the_place_is_told_apart(self):
        data = picture()
        assert b"CameraOfTu" in data
        clean = photos.cleaned(data)
        with Image.open(io.BytesIO(clean.jpeg)) as kept:
            assert (kept.format, kept.size, dict(kept.getexif()), kept.info.get("exif")) == ("JPEG", (64, 48), {}, None)
        assert b"CameraOfTu" not in clean.jpeg and clean.place == (-20.25, 105.97)

    def test_a_large_one_is_made_smaller(self):
        with Image.open(io.BytesIO(photos.cleaned(picture((4000, 1000), gps=False)).jpeg)) as kept:
            assert kept.size == (1600, 400)

    @pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"\0" * 50, picture()[:200],
                                      picture((8000, 6000), "PNG", gps=False)],
                             ids=["nothing", "svg", "gif", "cut off", "48 million pixels"])
    def test_what_is_no_photo_is_not_kept(self, data):
        with pytest.raises(photos.Unusable):
            photos.cleaned(data)

    def test_a_place_that_is_none_is_no_place(self):
        exif = Image.Exif()
        exif.get_ifd(0x8825).update({1: "N", 2: (99.0, 0.0, 0.0), 3: "E", 4: (105.0, 0.0, 0.0)})
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
        assert photos.cleaned(out.getvalue()).place is None


def come(session, n=1, text="", channel="telegram", now=TUESDAY_TEN, **more):
    message = Incoming(channel, str(n), "sender-one-0123456", text=text, answer="" if text else "chữ thôi", **({"photo": f"file:f{n}"} | more))
    return inbox.store(session, KEY, message, now)


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


@pytest.fixture
def talk(session):
    return talk_of(session, channel="telegram", consent=("feedback",))


class TestArriving:
    def test_without_a_report_a_photo_is_answered_as_ever_and_not_kept(self, session, talk):
        come(session)
        assert session.scalars(select(Outbound)).one().body["text"] == "chữ thôi" and session.scalars(select(TicketPhoto)).all() == []

    def test_while_a_report_is_written_five_are_kept_each_once(self, session, talk):
        drafts.begin(session, talk, LAMP, TUESDAY_TEN)
        for n in (1, 1, 2, 3, 4, 5, 6):
            come(session, n)
        assert [row.ref for row in session.scalars(select(TicketPhoto).order_by(TicketPhoto.id))] == [f"file:f{n}" for n in range(1, 6)]
        assert drafts.photos(session, talk) == rules.MOST_PHOTOS

    def test_words_under_a_photo_begin_the_report_it_belongs_to(self, session, talk):
        stored = come(session, text=LAMP)
        assert stored.new and session.scalars(select(TicketPhoto.state)).one() == "loose"
        draft = drafts.begin(session, talk, LAMP, TUESDAY_TEN)
        draft.commune = "Xã Xuân Trường"
        ticket = drafts.send(session, talk, drafts.asked(session, talk, draft, TUESDAY_TEN), 10, TUESDAY_TEN)
        assert [(row.state, row.ticket_id) for row in session.scalars(select(TicketPhoto))] == [("due", ticket.id)]

    def test_before_consent_nothing_is_fetched_and_afterwards_what_came_meanwhile_is(self, session, talk):
        people.withdraw(session, talk, ["feedback"], TUESDAY_TEN)
        drafts.begin(session, talk, LAMP, TUESDAY_TEN)
        come(session)
        assert photos.uploaded(session, talk, "web", "u", photos.cleaned(picture()), TUESDAY_TEN) is None
        assert session.scalars(select(TicketPhoto.state)).all() == ["loose"] and photos.claim(session, TUESDAY_TEN) == []
        people.give_consent(session, talk, None, ["feedback"], TUESDAY_TEN)
        drafts.begin(session, talk, "", TUESDAY_TEN)
        session.expire_all()
        assert len(photos.claim(session, TUESDAY_TEN)) == 1

    def test_a_place_waits_for_the_citizens_yes(self, session, talk):
        drafts.begin(session, talk, LAMP, TUESDAY_TEN)
        come(session, photo="", location=(20.25, 105.97))
        draft = session.scalars(select(TicketDraft)).one()
        assert (draft.latitude, draft.keep_place) == (20.25, None)
        assert "hỏi bạn có cho" in session.scalars(select(Outbound)).one().body["text"]

    def test_what_belongs_to_no_report_goes_after_a_day(self, session, talk):
        come(session, text=LAMP)
        assert drafts.clean(session, TUESDAY_TEN + timedelta(hours=23)) == 0
        assert drafts.clean(session, TUESDAY_TEN + timedelta(hours=25)) == 1


class Platform(BaseHTTPRequestHandler):
    """getFile and files as Telegram serves them, files as Zalo does. server.files: by path; server.fail: statuses to answer first."""

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path != "/bot1:a/getFile" or not sent.startswith("file_id="):
            return self.answer(404, b'{"ok": false}')
        self.answer(200, b'{"ok": true, "result": {"file_id": "f", "file_path": "photos/%s.jpg"}}' % sent.removeprefix("file_id=").encode())

    def do_GET(self):
        if self.server.fail:
            return self.answer(self.server.fail.pop(0), b"")
        data = self.server.files.get(self.path)
        self.answer(200 if data else 404, data or b"", "image/jpeg")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = HTTPServer(("127.0.0.1", 0), Platform)
    made.files, made.fail = {}, []
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def app(database, tmp_path, server):
    url = f"http://127.0.0.1:{server.server_port}"
    return app_on(database, tmp_path, telegram_token="1:a", telegram_api_url=url, zalo_oa_api_url=url, zalo_bot_api_url=url)


def waiting(app, channel="telegram", ref="file:f1") -> None:
    with app.database.write() as session:
        talk = talk_of(session, channel=channel, consent=("feedback",))
        drafts.begin(session, talk, LAMP, app.clock())
        come(session, channel=channel, photo=ref, now=app.clock())


def row(app) -> TicketPhoto:
    with app.database.read() as session:
        return session.scalars(select(TicketPhoto)).one()


class TestFetching:
    def test_a_telegram_photo_comes_by_its_file_id_without_metadata(self, app, server):
        server.files["/file/bot1:a/photos/f1.jpg"] = picture()
        waiting(app)
        assert errands.fetch_photos(app) == 1 and errands.fetch_photos(app) == 0
        found = row(app)
        assert (found.state, found.ref) == ("here", None) and b"CameraOfTu" not in found.data
        with app.database.read() as session:
            assert session.scalars(select(TicketDraft.latitude)).one() == -20.25

    def test_a_zalo_photo_comes_from_its_address(self, app, server):
        server.files["/anh/1.jpg"] = picture(gps=False)
        waiting(app, "zalo_oa", f"http://127.0.0.1:{server.server_port}/anh/1.jpg")
        errands.fetch_photos(app)
        assert row(app).state == "here"

    def test_a_failure_that_may_pass_is_tried_again(self, app, server):
        server.files["/file/bot1:a/photos/f1.jpg"] = picture()
        server.fail = [503]
        waiting(app)
        errands.fetch_photos(app)
        assert (row(app).state, row(app).error) == ("due", "HTTP 503") and errands.fetch_photos(app) == 0
        app.clock.forward(seconds=5)
        errands.fetch_photos(app)
        assert row(app).state == "here"

    def test_one_that_never_comes_is_given_up_and_the_desk_sees_it(self, app, server):
        waiting(app)
        with app.database.write() as session:
            talk = talk_of(session, channel="telegram")
            draft = drafts.begin(session, talk, "", app.clock())
            draft.commune = "Xã Xuân Trường"
            drafts.send(session, talk, draft, 10, app.clock())
        errands.fetch_photos(app)
        with app.database.read() as session:
            assert session.scalars(select(TicketEvent.kind).order_by(TicketEvent.id)).all() == ["sent", "photo"]
        assert (row(app).state, row(app).error) == ("dead", "HTTP 404")

    def test_a_worker_that_dies_meanwhile_leaves_it_to_another(self, app, server):
        server.files["/file/bot1:a/photos/f1.jpg"] = picture()
        waiting(app)
        with app.database.write() as session:
            assert len(photos.claim(session, app.clock())) == 1
        assert errands.fetch_photos(app) == 0
        app.clock.forward(seconds=91)
        assert errands.fetch_photos(app) == 1 and row(app).state == "here"

    @pytest.mark.parametrize("address", ["http://127.0.0.1:1/x.jpg", "https://127.0.0.1/x.jpg", "https://localhost/x.jpg", "https://10.0.0.1/x.jpg",
                                         "https://169.254.169.254/latest", "http://example.com/x.jpg"])
    def test_an_address_inside_our_network_is_never_asked(self, address):
        settings = Settings(_env_file=None, zalo_oa_api_url="https://openapi.zalo.me")
        with pytest.raises(platform.NotFetched) as told:
            platform.fetch(settings, "zalo_oa", address, 1000)
        assert (told.value.why, told.value.again) == ("private_address", False)

    def test_no_more_bytes_are_read_than_allowed(self, app, server):
        server.files["/anh/1.jpg"] = b"x" * 5000
        with pytest.raises(platform.NotFetched) as told:
            platform.fetch(app.settings, "zalo_oa", f"http://127.0.0.1:{server.server_port}/anh/1.jpg", 1000)
        assert told.value.why == "too_large"
