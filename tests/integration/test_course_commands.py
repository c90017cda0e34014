"""Courses, results and certificates on the command line: exit codes, one sentence for each fault, nothing half-written."""

import csv
import io
import json
import os
import shutil
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from ruamel.yaml import YAML

from bot.config import Settings
from bot.learning import certificate, document
from bot.learning.exchange import gift, sheet
from bot.services import certificates, learn
from bot.services.certificates import Office
from bot.store.db import Database
from tests.factories import ROOT, TUESDAY_TEN, talk_of
from tests.integration.test_commands import bot
from tests.small_course import finish, publish, small

GIFT = """
Có người xin mã xác nhận. Bác làm gì?
{=Gác máy rồi gọi số mình biết#Đúng, số mình biết thì chắc chắn. ~Đọc mã cho nhanh#Đọc mã thì nhanh, nhưng tiền cũng đi nhanh.}

Mã xác nhận còn gọi là mã gì? {=OTP#Đúng rồi ạ, là mã OTP. ####Là mã OTP, gửi về máy mình.}
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with one shipped course, due for review in a month from today whenever that is."""
    made = tmp_path / "courses"
    made.mkdir()
    shutil.copy(ROOT / "courses" / document.UNVERIFIED, made)
    yaml = YAML()
    course = yaml.load((ROOT / "courses" / "gia-danh-cong-an.yml").read_text())
    course["checked_on"], course["review_by"] = date.today(), date.today() + timedelta(days=30)
    with (made / "gia-danh-cong-an.yml").open("w") as out:
        yaml.dump(course, out)
    return made


@pytest.fixture
def course(folder):
    return folder / "gia-danh-cong-an.yml"


def names_in(folder) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def one_line_each(stderr: str, *starts: str) -> bool:
    lines = stderr.strip().splitlines()
    return "Traceback" not in stderr and len(lines) == len(starts) and all(line.startswith(s) for line, s in zip(lines, starts, strict=True))


class TestImport:
    def test_gift_and_xlsx_go_into_the_lesson(self, folder, course):
        (folder / "cau-hoi.gift").write_bytes(b"\xef\xbb\xbf" + GIFT.replace("\n", "\r\n").encode())
        before = document.load(course).lessons[1].items
        done = bot("courses", "import", str(folder / "cau-hoi.gift"), "--into", str(course), "--lesson", "l2")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("gia-danh-cong-an.yml: 2 questions added to l2 (l2q")
        assert bot("courses", "template", str(folder / "mau.xlsx")).returncode == 0
        done = bot("courses", "import", str(folder / "mau.xlsx"), "--into", str(course), "--lesson", "l2")
        assert done.returncode == 0, done.stderr
        after = document.load(course).lessons[1].items
        assert after[:len(before)] == before and len(after) == len(before) + 5
        assert bot("courses", "check", str(course)).returncode == 0

    def test_faults_are_named_line_by_line_and_nothing_is_written(self, folder, course):
        (folder / "cau-hoi.gift").write_text(GIFT + "\nKể đi. {}\n\nChọn đi. {=A ~B#Không phải ạ.}\n")
        before = course.read_bytes()
        done = bot("courses", "import", str(folder / "cau-hoi.gift"), "--into", str(course), "--lesson", "l2")
        assert done.returncode == 1
        assert one_line_each(done.stderr, "bot: dòng 7: câu tự luận", "dòng 9: lựa chọn “A”")
        assert course.read_bytes() == before and names_in(folder) == ["cau-hoi.gift", course.name, document.UNVERIFIED]

    def test_what_may_not_go_out_is_refused_with_its_place(self, folder, course):
        (folder / "cau-hoi.gift").write_text(GIFT.replace("Bác làm gì?", "Gọi 0912 345 678 ngay?"))
        before = course.read_bytes()
        done = bot("courses", "import", str(folder / "cau-hoi.gift"), "--into", str(course), "--lesson", "l2")
        assert done.returncode == 1 and one_line_each(done.stderr, f"{course}:")
        assert "holds a number to call" in done.stderr
        assert course.read_bytes() == before and names_in(folder) == ["cau-hoi.gift", course.name, document.UNVERIFIED]

    @pytest.mark.parametrize("name, data, said", [
        ("x.gift", "Có không? {=Có#Đúng}".encode("utf-16"), "bot: x.gift is not UTF-8 text; save it as UTF-8 or as .xlsx"),
        ("x.xlsx", b"no workbook", "bot: dòng 1: không mở được tệp"), ("x.gift", b"", "bot: dòng 1: tệp không có câu hỏi nào")])
    def test_a_file_that_cannot_be_read_is_one_sentence(self, folder, course, name, data, said):
        (folder / name).write_bytes(data)
        done = bot("courses", "import", str(folder / name), "--into", str(course), "--lesson", "l2")
        assert done.returncode == 1 and one_line_each(done.stderr, said), done.stderr

    def test_an_unknown_lesson_or_a_broken_course_is_named(self, folder, course):
        (folder / "x.gift").write_text(GIFT)
        done = bot("courses", "import", str(folder / "x.gift"), "--into", str(course), "--lesson", "l99")
        assert done.returncode == 1 and "there is no lesson l99; there are l1, l2" in done.stderr
        course.write_text("format: 2\nslug: [")
        done = bot("courses", "import", str(folder / "x.gift"), "--into", str(course), "--lesson", "l1")
        assert done.returncode == 1 and one_line_each(done.stderr, f"{course}:")

    @pytest.mark.parametrize("arguments", [
        ("x.gift",), ("x.gift", "--into", "gia-danh-cong-an.yml"), ("nirgends.gift", "--into", "gia-danh-cong-an.yml", "--lesson", "l1")])
    def test_wrong_usage_is_exit_2(self, folder, arguments):
        (folder / "x.gift").write_text(GIFT)
        given = [str(folder / a) if "." in a else a for a in arguments]
        assert bot("courses", "import", *given).returncode == 2


class TestTemplateAndExport:
    def test_the_template_reads_back(self, tmp_path):
        done = bot("courses", "template", str(tmp_path / "mau.xlsx"))
        assert (done.returncode, done.stdout) == (0, f"{tmp_path}/mau.xlsx written\n")
        assert len(sheet.read((tmp_path / "mau.xlsx").read_bytes())) == 3

    def test_a_course_becomes_gift_or_paper(self, tmp_path):
        shipped = str(ROOT / "courses" / "gia-danh-cong-an.yml")
        assert bot("courses", "export", shipped, str(tmp_path / "a.gift")).returncode == 0
        assert bot("courses", "export", shipped, str(tmp_path / "a.PDF")).returncode == 0
        assert len(gift.read((tmp_path / "a.gift").read_text())) > 10
        assert "Ai đang gọi tôi đấy?" in PdfReader(tmp_path / "a.PDF").pages[0].extract_text()

    @pytest.mark.parametrize("arguments, code", [
        (("export", "COURSE", "a.docx"), 2), (("export", "COURSE"), 2), (("export", "nirgends.yml", "a.gift"), 2), (("template",), 2),
        (("template", "nirgends/mau.xlsx"), 1), (("export", "COURSE", "nirgends/a.gift"), 1)])
    def test_what_cannot_be_written_is_one_sentence_and_leaves_no_file(self, tmp_path, arguments, code):
        given = [str(ROOT / "courses" / "gia-danh-cong-an.yml") if a == "COURSE" else a if "." not in a else str(tmp_path / a) for a in arguments]
        done = bot("courses", *given)
        assert done.returncode == code and "Traceback" not in done.stderr and done.stderr.strip()
        assert names_in(tmp_path) == []

    def test_a_broken_course_is_not_exported(self, tmp_path):
        broken = tmp_path / "khoa.yml"
        broken.write_text("format: 2\nslug: khoa\n")
        done = bot("courses", "export", str(broken), str(tmp_path / "a.gift"))
        assert done.returncode == 1 and all(line.startswith(f"{broken}:") for line in done.stderr.strip().splitlines())
        assert names_in(tmp_path) == ["khoa.yml"]


@pytest.fixture
def school(tmp_path):
    """(database url, number of a certificate) of a server where one course was completed."""
    url = f"sqlite:///{tmp_path}/bot.db"
    database = Database(url)
    database.migrate()
    settings = Settings(_env_file=None, database_url=url)
    with database.write() as session:
        publish(session, tmp_path / "courses", small(title="Khóa = thử"))
        enrolment, _, _ = learn.enrol(session, talk_of(session, consent=("learning",)).learner_id, "khoa-nho", TUESDAY_TEN)
        finish(session, enrolment)
        row = certificates.issue(session, Office.of(settings), enrolment.learner_id, enrolment.id, "Lan", TUESDAY_TEN)
        (tmp_path / "cn.pdf").write_bytes(certificates.pdf(Office.of(settings), row))
        (tmp_path / "token.txt").write_text(certificate.token(row.payload, row.signature))
        (tmp_path / "key.pem").write_text(Office.of(settings).public_key)
    database.close()
    return url, row.number


class TestResults:
    def test_csv_and_xapi_are_printed(self, school):
        done = bot("results", DATABASE_URL=school[0])
        assert done.returncode == 0 and done.stderr == ""
        (row,) = csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff")))
        assert (row["khoa"], row["ten_khoa"], row["diem_phan_tram"]) == ("khoa-nho", "Khóa = thử", "100")
        done = bot("results", "--format", "xapi", DATABASE_URL=school[0], PUBLIC_URL="https://tro-ly.example/")
        verbs = [json.loads(line)["verb"]["display"]["en"] for line in done.stdout.splitlines()]
        assert verbs.count("answered") == 5 and verbs.count("completed") == 1
        assert {json.loads(line)["actor"]["account"]["homePage"] for line in done.stdout.splitlines()} == {"https://tro-ly.example"}

    def test_no_database_is_one_sentence(self, tmp_path):
        done = bot("results", DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
        assert done.returncode == 1 and one_line_each(done.stderr, "bot: the database cannot be used: no such table")

    def test_an_unknown_format_is_wrong_usage(self):
        assert bot("results", "--format", "xml").returncode == 2


class TestCertificate:
    def test_a_pdf_or_a_token_is_verified_without_a_database(self, school, tmp_path):
        nowhere = {"DATABASE_URL": f"sqlite:///{tmp_path}/elsewhere/bot.db"}
        os.rename(tmp_path / "cn.pdf", tmp_path / "CN.PDF")
        for what in (str(tmp_path / "CN.PDF"), (tmp_path / "token.txt").read_text(), "https://x.example/chung-nhan/CN#" + (tmp_path / "token.txt").read_text()):
            done = bot("certificate", "verify", what, "--key", str(tmp_path / "key.pem"), **nowhere)
            assert done.returncode == 0, done.stderr
            assert done.stdout == f"signature right: {school[1]}, Khóa = thử, 100 %, completed 2026-11-24, name: Lan\n"
        assert not (tmp_path / "elsewhere").exists()

    def test_this_server_s_own_key_is_the_default(self, school, tmp_path):
        assert bot("certificate", "verify", str(tmp_path / "cn.pdf"), DATABASE_URL=school[0]).returncode == 0
        done = bot("certificate", "verify", str(tmp_path / "cn.pdf"), DATABASE_URL=school[0], CERTIFICATE_KEY="another")
        assert done.returncode == 1 and one_line_each(done.stderr, "bot: the signature is wrong")

    @pytest.mark.parametrize("what, key, said", [
        ("chào", "key.pem", "bot: this is no certificate of ours"), ("nirgends.pdf", "key.pem", "bot: nirgends.pdf cannot be read as a PDF"),
        ("cn.pdf", "token.txt", "bot: the public key cannot be read"), ("key.pdf", "key.pem", "bot: key.pdf cannot be read as a PDF")])
    def test_what_does_not_verify_is_one_sentence(self, school, tmp_path, what, key, said):
        shutil.copy(tmp_path / "key.pem", tmp_path / "key.pdf")
        done = bot("certificate", "verify", str(tmp_path / what) if what.endswith(".pdf") else what, "--key", str(tmp_path / key))
        assert done.returncode == 1 and one_line_each(done.stderr, said), done.stderr

    def test_revoking_by_number_in_any_spelling(self, school):
        url, number = school
        done = bot("certificate", "revoke", number.lower().replace("-", ""), "--why", "ghi sai tên", DATABASE_URL=url)
        assert (done.returncode, done.stdout) == (0, f"{number} is revoked\n")
        database = Database(url)
        with database.read() as session:
            assert certificates.find(session, number).revoked_why == "ghi sai tên"
        database.close()

    def test_revoking_needs_a_known_number_and_a_reason(self, school):
        done = bot("certificate", "revoke", "CN-AAAA-BBBB-CCCC", "--why", "x", DATABASE_URL=school[0])
        assert done.returncode == 1 and one_line_each(done.stderr, "bot: there is no certificate CN-AAAA-BBBB-CCCC")
        assert bot("certificate", "revoke", school[1], DATABASE_URL=school[0]).returncode == 2
