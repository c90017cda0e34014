"""A province with something on every page of staff, and the list of those pages: for screenshots and for accessibility checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.figures.events import Sizes, generate
from bot.clock import now
from bot.services import authoring, catalogue, corrective, opendata, procedure_drafts, quality, staff
from bot.services.staff import Who
from bot.services.tickets import drafts
from bot.store.db import Session
from bot.store.tables import Asked, Rating, Staff, TicketPhoto
from tests.browser.light import Light, light
from tests.factories import ROOT, talk_of
from tests.unit.web.staff_pages import PASSWORD, add_staff

COURSE, LESSON, OTHER = "gia-danh-cong-an", "l1", "mua-sam-an-toan"
BIRTH = "1.001193"
UNANSWERED = ("đăng ký nuôi chim yến ở đâu", "dang ky nuoi chim yen o dau", "nuôi chim yến có phải đăng ký không", "xin phép nuôi yến trong khu dân cư",
              "thủ tục nuôi chim yến", "bán trà sữa online có cần giấy gì", "ban tra sua onl can giay to gi", "mở tiệm trà sữa trên mạng xin phép ai")

PAGES = {
    "khoa-hoc": "/studio", "mot-khoa": f"/studio/khoa-hoc/{COURSE}", "soan-bai": f"/studio/khoa-hoc/{COURSE}/bai/{LESSON}",
    "cai-dat": f"/studio/khoa-hoc/{COURSE}/cai-dat", "xem-thu": f"/studio/khoa-hoc/{COURSE}/xem-thu?bai={LESSON}", "duyet": f"/studio/khoa-hoc/{OTHER}/duyet",
    "phien-ban": f"/studio/khoa-hoc/{COURSE}/phien-ban", "nhap-cau-hoi": f"/studio/khoa-hoc/{COURSE}/nhap",
    "thu-tuc": "/studio/thu-tuc", "mot-thu-tuc": f"/studio/thu-tuc/{BIRTH}", "soan-thu-tuc": "/studio/ban-soan/1", "thu-tuc-moi": "/studio/ban-soan",
    "cau-hoi-chuan": "/studio/thu-tuc/cau-hoi-chuan", "nhap-thu-tuc": "/studio/nhap-thu-tuc", "chua-tra-loi": "/studio/cau-hoi",
    "ngoai-pham-vi": "/studio/cau-hoi/ngoai-pham-vi", "tong-quan": "/admin?ky=365", "so-lieu-khoa": "/admin/khoa-hoc?ky=365",
    "so-lieu-mot-khoa": f"/admin/khoa-hoc/{COURSE}?ky=365", "dich-vu": "/admin/dich-vu?ky=365", "van-hanh": "/admin/van-hanh", "bao-cao": "/admin/bao-cao",
    "du-lieu-ca-nhan": "/admin/du-lieu-ca-nhan", "nhan-su": "/admin/nhan-su", "nhat-ky": "/admin/nhat-ky", "ket-noi": "/admin/ket-noi",
    "tro-chuyen": "/admin/tro-chuyen", "thong-bao": "/admin/thong-bao", "thong-bao-moi": "/admin/thong-bao/moi",
    "phan-anh": "/admin/phan-anh", "mot-phan-anh": "/admin/phan-anh/1",
    "xa-phuong": "/admin/xa-phuong", "mot-xa": "/admin/xa-phuong/13285", "du-lieu-mo": "/admin/du-lieu-mo", "mot-bang": "/admin/du-lieu-mo/1",
    "chat-luong": "/admin/chat-luong", "tai-lieu": "/admin/chat-luong/tai-lieu/reply:reminder", "khac-phuc": "/admin/chat-luong/khac-phuc",
    "mot-khac-phuc": "/admin/chat-luong/khac-phuc/1",
    "canh-bao": "/admin/canh-bao", "tai-khoan": "/tai-khoan", "hai-buoc": "/tai-khoan/hai-buoc", "may-cua-toi": "/tai-khoan/may-cua-toi",
}
"""Name of the picture -> address, as an administrator opens it."""


@contextmanager
def furnished(folder: Path, share: float = 0.02) -> Iterator[Light]:
    """A served province, its administrator "quantri". share: of a million events."""
    with light(folder, courses_dir=ROOT / "courses", procedures_dir=ROOT / "procedures") as served:
        generate(served.app.database, ROOT / "courses", Sizes().part(share))
        with served.app.database.write() as session:
            catalogue.publish_curated(session, ROOT / "procedures", now())
            opendata.publish_shipped(session, opendata.SHIPPED, now())
            quality.note_shipped(session, served.app.settings, now())
        add_staff(served.app, "author", login="co.hoa")
        add_staff(served.app, "administrator", login="quantri")
        with served.app.database.write() as session:
            furnish(session)
        yield served


def furnish(session: Session) -> None:
    """Drafts being written and awaiting approval, questions nobody could answer."""
    at = now()
    for login, name in (("co.hoa", "Lê Thị Hoa"), ("quantri", "Trần Minh Đức")):
        session.query(Staff).filter_by(login=login).one().name = name
    session.flush()
    author = who_of(session, "co.hoa")
    authoring.begin(session, author, COURSE, at)
    draft = authoring.begin(session, author, OTHER, at)
    document = {**draft.document, "summary": draft.document["summary"] + " Có thêm phần hỏi đáp."}
    draft = authoring.save(session, author, draft.id, draft.revision, document, at)
    authoring.submit(session, author, draft.id, "Em thêm một câu ở phần giới thiệu ạ.", at)
    report(session, at)
    procedure_drafts.begin(session, author, f"curated:{BIRTH}", at)
    for n, question in enumerate(UNANSWERED):
        session.add(Asked(at=at - timedelta(days=n % 5), day=(at - timedelta(days=n % 5)).date(), channel="web", intent="ask_procedure", aspect="overview",
                          decision="none", text=question))
    session.add_all([Rating(day=at.date(), about="answer", key=BIRTH, score=1, channel="web") for _ in range(10)])
    session.flush()
    corrective.look(session, at)


def report(session: Session, at: datetime) -> None:
    """One report of a citizen, overdue, with a photo that is here and one that never came."""
    talk = talk_of(session, now=at, consent=("feedback",))
    draft = drafts.begin(session, talk, "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om", at)
    draft.commune = "Xã Xuân Trường"
    ticket = drafts.send(session, talk, drafts.asked(session, talk, draft, at), 10, at - timedelta(days=30))
    out = BytesIO()
    Image.new("RGB", (320, 240), "green").save(out, "JPEG")
    for n, state in enumerate(("here", "dead")):
        session.add(TicketPhoto(channel="web", source_id=f"anh-{n}", ticket_id=ticket.id, state=state, data=out.getvalue() if state == "here" else None,
                                attempts=0, next_try_at=at, created_at=at))


def who_of(session: Session, login: str) -> Who:
    row = session.query(Staff).filter_by(login=login).one()
    return Who(row.id, row.login, row.name, row.role, tuple(row.communes), "", "")


def sign_in(page, served: Light, login: str = "quantri") -> None:
    """The browser is signed in; past the form, which has a test of its own."""
    app = served.app
    with app.database.write() as session:
        token = staff.sign_in(session, staff.seal_of(app.settings), login, PASSWORD, "", app.clock()).token
    page.context.add_cookies([{"name": "nhan_vien", "value": token, "url": served.url}])



