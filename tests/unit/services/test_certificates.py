"""A certificate is checked by its signature alone, found by its number however it is written, and can be taken back."""

import io
import json
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from bot.config import Settings
from bot.learning import certificate, paper
from bot.learning.certificate import BadCertificate
from bot.services import certificates, learn, people
from bot.services.certificates import NotCompleted, Office
from bot.store.tables import Certificate, Conversation
from tests.factories import TUESDAY_TEN, talk_of
from tests.small_course import answer, finish, publish, small

OFFICE = Office(b"k" * 32, "Trợ lý Công dân số tỉnh Ninh Bình", "https://tro-ly.example")
NAME = "Nguyễn Thị Hồng Phượng"


@pytest.fixture
def done(database, tmp_path):
    """(session, enrolment) of somebody who has completed the small course."""
    with database.write() as session:
        publish(session, tmp_path / "courses", small(title="Ai đang gọi tôi đấy?"))
        talk = talk_of(session, consent=("learning",))
        enrolment, _, _ = learn.enrol(session, talk.learner_id, "khoa-nho", TUESDAY_TEN)
        yield session, finish(session, enrolment)


def issue(session, enrolment, name: str = NAME, now=TUESDAY_TEN) -> Certificate:
    return certificates.issue(session, OFFICE, enrolment.learner_id, enrolment.id, name, now)


def token_of(row: Certificate) -> str:
    return certificate.token(row.payload, row.signature)


class TestSignature:
    def test_the_public_key_alone_verifies(self, done):
        row = issue(*done)
        payload = certificate.verified(token_of(row), OFFICE.public_key)
        assert payload == row.payload
        assert (payload["name"], payload["course"], payload["score_percent"]) == (NAME, "Ai đang gọi tôi đấy?", 100)
        assert (payload["completed_on"], payload["issued_on"]) == ("2026-11-24", "2026-11-24")
        assert "PRIVATE" not in OFFICE.public_key

    @pytest.mark.parametrize("field", ["number", "name", "course", "slug", "version", "score_percent", "completed_on", "issued_on", "issuer", "v"])
    def test_any_changed_field_fails(self, done, field):
        row = issue(*done)
        old = row.payload[field]
        changed = {**row.payload, field: old + 1 if isinstance(old, int) else f"{old}x"}
        with pytest.raises(BadCertificate, match="signature is wrong"):
            certificate.verified(certificate.token(changed, row.signature), OFFICE.public_key)

    def test_another_server_s_key_does_not_verify(self, done):
        row = issue(*done)
        with pytest.raises(BadCertificate, match="signature is wrong"):
            certificate.verified(token_of(row), Office(b"x" * 32, "", "").public_key)

    @pytest.mark.parametrize("text", ["", ".", "chào", "a.b", "https://tro-ly.example/chung-nhan/CN-AAAA-BBBB-CCCC", "W10.aaaa", "ÿÿ.ÿÿ"])
    def test_what_is_no_certificate_is_one_sentence(self, text):
        with pytest.raises(BadCertificate, match="no certificate of ours"):
            certificate.verified(text, OFFICE.public_key)

    @pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
    def test_a_wrong_key_file_is_named_as_such(self, done, key):
        with pytest.raises(BadCertificate, match="public key"):
            certificate.verified(token_of(issue(*done)), key)

    def test_a_server_s_key_is_the_same_after_a_restart(self, tmp_path):
        settings = [Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/bot.db") for _ in range(2)]
        assert Office.of(settings[0]).public_key == Office.of(settings[1]).public_key
        assert (tmp_path / "certificate_key").stat().st_mode & 0o077 == 0


class TestIssuing:
    def test_only_a_completed_course_of_one_s_own_is_certified(self, done):
        session, enrolment = done
        other = talk_of(session, address="sender-two-0123456", consent=("learning",))
        begun, _, _ = learn.enrol(session, other.learner_id, "khoa-nho", TUESDAY_TEN)
        answer(session, begun)
        for learner, course in ((other.learner_id, begun.id), (other.learner_id, enrolment.id), (enrolment.learner_id, 999)):
            with pytest.raises(NotCompleted):
                certificates.issue(session, OFFICE, learner, course, NAME, TUESDAY_TEN)
        assert certificates.completed(session, other.learner_id) == []

    def test_asking_again_gives_the_same_one(self, done):
        session, enrolment = done
        first = issue(session, enrolment)
        assert issue(session, enrolment, f"  {NAME} ", TUESDAY_TEN + timedelta(days=3)).number == first.number
        assert issue(session, enrolment, "Nguye\u0302\u0303n Thị Hồng Phượng").number == first.number
        assert [(e.id, c.number) for e, c in certificates.completed(session, enrolment.learner_id)] == [(enrolment.id, first.number)]

    def test_a_new_name_takes_the_place_of_the_old_one(self, done):
        session, enrolment = done
        old, new = issue(session, enrolment), issue(session, enrolment, "Trần Văn Tám", TUESDAY_TEN + timedelta(days=1))
        assert old.number != new.number and new.payload["name"] == "Trần Văn Tám"
        assert (old.revoked_at, old.revoked_why) == (TUESDAY_TEN + timedelta(days=1), "cấp lại với tên khác")
        assert new.revoked_at is None

    @pytest.mark.parametrize("given, kept", [("", ""), ("  ", ""), ("🌸", ""), ("Lan 🌸", "Lan"), ("a" * 300, "a" * 80)])
    def test_the_name_is_what_can_be_printed(self, done, given, kept):
        assert issue(*done, given).payload["name"] == kept

    def test_the_newest_round_of_each_course_is_offered(self, done):
        session, enrolment = done
        again, _, _ = learn.enrol(session, enrolment.learner_id, "khoa-nho", TUESDAY_TEN)
        finish(session, again, TUESDAY_TEN + timedelta(days=9))
        assert [(e.id, c) for e, c in certificates.completed(session, enrolment.learner_id)] == [(again.id, None)]

    def test_a_round_that_is_still_going_on_does_not_hide_the_completed_one(self, done):
        session, enrolment = done
        answer(session, learn.enrol(session, enrolment.learner_id, "khoa-nho", TUESDAY_TEN)[0])
        assert [e.id for e, _ in certificates.completed(session, enrolment.learner_id)] == [enrolment.id]


class TestFinding:
    @pytest.mark.parametrize("spell", [
        lambda n: n, str.lower, lambda n: n.replace("-", ""), lambda n: n.replace("-", " "), lambda n: n.removeprefix("CN-"),
        lambda n: f"  {n}. ", lambda n: n.replace("-", "–"), lambda n: " ".join(n), lambda n: n.replace("-", " - ").lower()])
    def test_a_number_is_read_in_any_spelling(self, done, spell):
        session, enrolment = done
        row = issue(session, enrolment)
        assert certificates.find(session, spell(row.number)) is row

    def test_a_number_that_begins_with_the_letters_of_its_mark_is_found_without_it(self, done):
        session, enrolment = done
        row = issue(session, enrolment)
        session.add(Certificate(**{c: getattr(row, c) for c in ("learner_id", "enrolment_id", "payload", "signature", "issued_at")},
                                number="CN-CNAB-2345-WXYZ"))
        session.flush()
        for spelt in ("CN-CNAB-2345-WXYZ", "CNAB-2345-WXYZ", "cnab2345wxyz"):
            assert certificates.find(session, spelt).number == "CN-CNAB-2345-WXYZ"

    @pytest.mark.parametrize("number", ["", "CN", "CN-AAAA-BBBB", "CN-AAAA-BBBB-CCCC", "CN-AAAA-BBBB-CCCC-DDDD", "\0" * 12, "ạ" * 12, "١" * 12])
    def test_an_unknown_number_is_none(self, done, number):
        assert certificates.find(done[0], number) is None

    def test_numbers_hold_no_letters_that_are_mistaken_for_each_other(self):
        drawn = [certificate.new_number() for _ in range(200)]
        assert len(set(drawn)) == 200
        assert not set("".join(n.removeprefix("CN-") for n in drawn)) & set("01IO")


class TestRevoking:
    def test_a_revoked_one_says_when_and_why_and_is_no_longer_offered(self, done):
        session, enrolment = done
        row = issue(session, enrolment)
        later = TUESDAY_TEN + timedelta(days=2)
        assert certificates.revoke(session, row.number.lower(), "ghi sai tên", later) is row
        assert (row.revoked_at, row.revoked_why) == (later, "ghi sai tên")
        assert [c for _, c in certificates.completed(session, enrolment.learner_id)] == [None]

    def test_revoking_twice_keeps_the_first_reason(self, done):
        session, enrolment = done
        row = issue(session, enrolment)
        certificates.revoke(session, row.number, "ghi sai tên", TUESDAY_TEN)
        certificates.revoke(session, row.number, "lý do khác", TUESDAY_TEN + timedelta(days=1))
        assert (row.revoked_at, row.revoked_why) == (TUESDAY_TEN, "ghi sai tên")

    def test_there_is_nothing_to_revoke_under_an_unknown_number(self, done):
        assert certificates.revoke(done[0], "CN-AAAA-BBBB-CCCC", "x", TUESDAY_TEN) is None

    def test_erasing_the_person_erases_their_certificates(self, done):
        session, enrolment = done
        row = issue(session, enrolment)
        number = row.number
        people.erase(session, session.scalars(select(Conversation)).one(), TUESDAY_TEN)
        session.expire_all()
        assert certificates.find(session, number) is None


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """(row, path of its PDF), without a database."""
    made = certificate.Certificate("CN-7KQ2-M4XH-9TRB", NAME, "Ai đang gọi tôi đấy?", "gia-danh-cong-an", "0123456789ab", 92,
                                   "2026-11-24", "2026-11-25", OFFICE.issuer)
    row = Certificate(number=made.number, payload=made.payload(), signature=certificate.signature(certificate.key_of(OFFICE.key), made.payload()))
    path = tmp_path_factory.mktemp("pdf") / "cn.pdf"
    path.write_bytes(certificates.pdf(OFFICE, row))
    return row, path


class TestPaper:
    def test_its_text_is_readable_vietnamese(self, printed):
        page, = PdfReader(printed[1]).pages
        text = " ".join(page.extract_text().split())
        for words in (NAME, "CHỨNG NHẬN HOÀN THÀNH KHOÁ HỌC", "“Ai đang gọi tôi đấy?”", "Kết quả 92 %", "Ngày hoàn thành 24/11/2026", "Cấp ngày 25/11/2026",
                      "CN-7KQ2-M4XH-9TRB", "0123456789ab", "https://tro-ly.example/chung-nhan/CN-7KQ2-M4XH-9TRB",
                      "Không phải giấy xác nhận phổ cập kỹ năng số của cơ quan nhà nước"):
            assert words in text
        assert PdfReader(printed[1]).root_object["/Lang"] == "vi"

    def test_the_signed_text_is_attached_and_verifies(self, printed):
        row, path = printed
        assert certificate.verified(certificates.token_of(path), OFFICE.public_key) == row.payload

    def test_the_qr_code_leads_to_the_page_and_carries_the_signature(self, printed):
        row, path = printed
        (image,) = PdfReader(path).pages[0].images
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(image.data)))
        address, _, token = code.text.partition("#")
        assert address == OFFICE.address(row.number)
        assert certificate.verified(token, OFFICE.public_key) == certificate.verified(code.text, OFFICE.public_key) == row.payload

    @pytest.mark.parametrize("name, course", [
        ("W" * 80, "Khóa ngắn"), (("Nguyễn Thị Phượng " * 5)[:80], ("Nhận biết cuộc gọi giả danh công an, ngân hàng " * 2).strip()), ("", "Một khóa")])
    def test_the_longest_names_leave_room_for_the_code(self, printed, name, course):
        payload = {**printed[0].payload, "name": name, "course": course}
        data = paper.certificate(payload, OFFICE.address("CN-7KQ2-M4XH-9TRB"), "https://tro-ly.example/#x", "x")
        page, = PdfReader(io.BytesIO(data)).pages
        lines: list[float] = []
        page.extract_text(visitor_text=lambda text, _cm, tm, _font, _size: lines.append(tm[5]) if "Cấp ngày" in text else None)
        points_per_mm = 72 / 25.4
        assert 210 - lines[0] / points_per_mm < 141  # millimetres from the top; the code begins at 141

    def test_a_name_is_written_as_text_and_not_as_a_command(self, printed):
        name = "Robert'); (Tj) \\ <b>&amp; %s"
        data = paper.certificate({**printed[0].payload, "name": name}, "a", "b", "c")
        assert name in " ".join(PdfReader(io.BytesIO(data)).pages[0].extract_text().split())

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.4 nonsense", b"PK\x03\x04"])
    def test_another_file_is_one_sentence(self, tmp_path, content):
        (tmp_path / "x.pdf").write_bytes(content)
        with pytest.raises(BadCertificate, match="cannot be read as a PDF"):
            certificates.token_of(tmp_path / "x.pdf")

    def test_a_pdf_without_anything_attached_is_no_certificate(self, tmp_path):
        pdf = paper.page()
        pdf.add_page()
        (tmp_path / "x.pdf").write_bytes(bytes(pdf.output()))
        with pytest.raises(BadCertificate, match="nothing signed is attached"):
            certificates.token_of(tmp_path / "x.pdf")


def test_the_signed_bytes_do_not_depend_on_the_order_of_the_fields():
    payload = {"name": "Lan", "number": "CN", "v": 1}
    assert certificate.canonical(payload) == certificate.canonical(dict(reversed(payload.items()))) == json.dumps(payload, separators=(",", ":")).encode()
