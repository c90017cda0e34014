"""The province at work over the whole bot: from what citizens report to a warning, a new commune, and the register of what citizens are told."""

import io
import re
from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pypdf
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import update

from bot.clock import now
from bot.store.db import Database
from bot.store.tables import Conversation, CorrectiveAction, Incident, Rating
from tests.desk import NEWS, Desk
from tests.patience import get
from tests.served import CitizenAtWeb, Served, at_hour, wait_for

pytestmark = pytest.mark.served
HOA_LU, TAY, ELSEWHERE = "Phường Hoa Lư", "Phường Tây Hoa Lư", "Xã Vũ Dương"
SCAM = "báo lừa đảo: số 0912345670 giả công an gọi điện bắt cài app ở trang vneid-capnhat.xyz, hôm nay, chưa mất tiền"
WARNINGS, UNITS, QUALITY = "/admin/canh-bao", "/admin/xa-phuong", "/admin/chat-luong"
CODE, NEW, REPLY = "99001", "Phường Kinh Đô Mới", "reply:ticket"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("province")
    found = Served(folder, PYTHONTZPATH=at_hour(folder / "zone", 10)).start()  # staff are told by day
    yield found
    found.stop()


@pytest.fixture(scope="module")
def officer(bot):
    return Desk(bot, "officer")


@pytest.fixture(scope="module")
def admin(bot):
    return Desk(bot, "administrator")


@pytest.fixture(scope="module")
def phone(bot, officer):
    """The officer's own chat, linked by the code of the page."""
    code = re.search(r'class="copy">([^<]+)<', officer.post("/tai-khoan/may-cua-toi/ma").text).group(1)
    chat = bot.citizen()
    chat.say(code)
    assert "máy này nhận" in chat.read()
    return chat


def resident(bot: Served, commune: str) -> CitizenAtWeb:
    """Somebody of the commune who wants news."""
    who = bot.citizen()
    who.say(f"đăng ký nhận tin {commune}")
    who.tap("Nhận mọi tin")
    assert "Đã đăng ký" in who.read()
    return who


def report(who: CitizenAtWeb, words: str = SCAM) -> None:
    who.say(words)
    for _ in range(8):
        if any(b["title"] == "Gửi tin báo" for m in who.last for b in m["buttons"]):
            break
        own = [b["title"] for m in who.last for b in m["buttons"] if b["title"].startswith(("Xã ", "Phường "))]
        who.tap(own[0]) if own else who.say("bỏ qua")  # where it happened: at home
    who.tap("Gửi tin báo")
    assert "Đã ghi tin báo số BC-" in who.read()


@pytest.fixture(scope="module")
def reporters(bot):
    """Six people of three communes, by commune; and, long before, another report of another kind, so that this one is known to be new."""
    before = bot.citizen()
    report(before, "báo lừa đảo: số 0987654321 rủ đầu tư tiền ảo qua zalo, hôm nay, chưa mất tiền")
    write(bot, update(Incident).values(at=now() - timedelta(days=60)))
    found: dict[str, list[CitizenAtWeb]] = {}
    for commune in (HOA_LU, HOA_LU, HOA_LU, TAY, TAY, ELSEWHERE):
        found.setdefault(commune, []).append(resident(bot, commune))
        report(found[commune][-1])
    return found


@pytest.fixture(scope="module")
def rated(bot):
    """The same answer, found bad by three."""
    for _ in range(3):
        who = bot.citizen()
        who.say("làm khai sinh cho con cần giấy tờ gì")
        who.say("cảm ơn")
        who.tap("Đánh giá")
        who.tap("1 điểm")
        assert "Tôi đã ghi 1 điểm" in who.read()


@pytest.fixture(scope="module")
def owned(bot, admin, officer, phone):
    """A document that is due for review in five days and the officer answers for."""
    page = admin.get(f"{QUALITY}/tai-lieu/{REPLY}")
    mine = re.search(r'<option value="(\d+)">Người officer<', page).group(1)
    due = bot.today() + timedelta(days=5)
    assert "Đã lưu người phụ trách" in admin.post(f"{QUALITY}/tai-lieu/{REPLY}", owner_id=mine, review_on=due.isoformat()).text
    return mine, due


@pytest.fixture(scope="module")
def ticked(bot, phone, reporters, rated, owned):
    """What the officer's phone is told after the worker's ticks; it is started again first, which brings them sooner."""
    with phone.listening() as stream:
        bot.kill("worker")
        wait_for(lambda: len(notices(bot)) >= 2 and bot.query("SELECT 1 FROM corrective_actions WHERE kind = 'rating'"), bot.logs)
        wait_for(lambda: set(notices(bot)) <= {m["text"] for m in stream}, bot.logs)
    return notices(bot)


def notices(bot: Served) -> list[str]:
    """What staff are told on their phones."""
    return [text for text, in bot.query("SELECT json_extract(body, '$.text') FROM outbox WHERE kind = 'staff_notice' ORDER BY id")]


def write(bot: Served, statement) -> None:
    database = Database(bot.environment["DATABASE_URL"])
    with database.write() as session:
        session.execute(statement)
    database.close()


def test_from_reports_of_a_trick_to_a_warning_that_arrives_once(bot, admin, reporters, ticked):
    (alert,) = (text for text in ticked if "tăng nhanh" in text)
    assert "6 người" in alert and "vneid-capnhat[.]xyz" in alert and f"{WARNINGS}" in alert
    overview = admin.get(WARNINGS)
    cluster = re.search(rf'href="({WARNINGS}/cum/s:\d+)"', overview).group(1)
    seen = admin.get(cluster)
    assert "Đang tăng nhanh" in seen and "<p class=\"figure\">3</p><p>xã, phường" in seen and "0912345670" in seen
    draft = admin.get(re.search(r'href="([^"]+)">Soạn thông báo', seen).group(1).replace("&amp;", "&"))
    given = {name: re.search(shape, draft, re.DOTALL).group(1) for name, shape in (
        ("title", r'name="title"[^>]*value="([^"]+)"'), ("text", r'<textarea id="text"[^>]*>(.+?)</textarea>'))}
    trick = re.search(r"chiêu “(.+?)”", given["text"]).group(1)
    assert given["title"] == f"Cảnh báo: {trick}" and "Công an" in seen.replace("công an", "Công an") and 'value="scam" selected' in draft
    assert "0912345670" not in given["text"] and "vneid-capnhat" not in given["text"]  # nobody has verified them

    made = admin.post(f"{NEWS}/moi", kind="normal", topic="scam", sender="Công an tỉnh", communes=[HOA_LU, TAY], reason="", **given)
    path = made.url.path
    assert re.search(r'id="so-nguoi"><strong>5<', made.text)
    stopped = resident(bot, HOA_LU)
    stopped.say("dừng nhận tin")
    assert "Đã dừng nhận tin" in stopped.read()
    admin.post(f"{path}/gui-duyet")
    refused = admin.post(f"{path}/duyet")
    assert refused.status_code == 400 and "không tự duyệt" in refused.text
    write(bot, update(Conversation).values(seen_at=now() - timedelta(minutes=20)))  # nobody is told in the middle of a talk
    chosen, other = [*reporters[HOA_LU], *reporters[TAY]], reporters[ELSEWHERE]
    with ExitStack() as open_pages:
        streams = [open_pages.enter_context(who.listening()) for who in (*chosen, *other, stopped)]
        assert "Đã ghi lời duyệt" in Desk(bot, "approver").post(f"{path}/duyet").text
        wait_for(lambda: all(any(given["title"] in m["text"] for m in one) for one in streams[:5]), bot.logs)
        wait_for(lambda: re.search(r'Đã tới kênh của người dân</th><td>–</td><td class="n">5<', admin.get(path)), bot.logs)
        # results were noted by a tick after the one that sent: a second message would have come by now
        assert [sum(given["title"] in m["text"] for m in one) for one in streams] == [1, 1, 1, 1, 1, 0, 0]
    chosen[0].say("dừng")
    assert "Đã dừng nhận tin" in chosen[0].read()
    assert bot.query("SELECT count(*) FROM announcement_sends WHERE unsubscribed_at IS NOT NULL") == [(1,)]
    assert "Thôi nhận tin trong 24 giờ sau tin này: dưới 5" in admin.get(path)


def test_a_new_commune_in_minutes_without_a_restart(bot, admin, officer):
    citizen = resident(bot, HOA_LU)
    citizen.say(f"tôi ở {NEW}")
    assert NEW not in citizen.read()
    assert officer.post(f"{UNITS}/moi", code=CODE, name=NEW).status_code == 403
    added = admin.post(f"{UNITS}/moi", code=CODE, name=NEW, formerly="Xã Cổ Thành Xưa")
    assert f"Đã thêm {NEW}" in added.text

    def lives_there() -> bool:
        citizen.say(f"tôi ở {NEW}")
        return f"Đã ghi nơi ở của bạn là {NEW}" in citizen.read()

    wait_for(lives_there, bot.logs)
    citizen.say("địa chỉ ubnd phường ở đâu")
    assert "chưa có địa chỉ" in citizen.read()
    day = (bot.today() - timedelta(days=1)).isoformat()
    saved = admin.post(f"{UNITS}/{CODE}", name=NEW, address="Số 9 đường Chín", source="Quyết định thành lập phường", checked_on=day)
    assert f"Đã lưu {NEW}" in saved.text
    citizen.say("địa chỉ ubnd phường ở đâu")
    said = citizen.read()
    assert NEW in said and "Số 9 đường Chín" in said and "Chưa có trong dữ liệu" in said and "điện thoại" in said
    citizen.say("tôi ở xã Cổ Thành Xưa")
    assert f"Xã Cổ Thành Xưa nay thuộc {NEW}" in citizen.read()

    bound, foreign = Desk(bot, "officer", (NEW,)), Desk(bot, "officer", (ELSEWHERE,))
    assert "Người officer" in re.search(r"Cán bộ phụ trách</dt><dd>([^<]*)<", admin.get(f"{UNITS}/{CODE}")).group(1)
    assert NEW in bound.get(UNITS) and ELSEWHERE not in bound.get(UNITS) and foreign.client.get(f"{UNITS}/{CODE}").status_code == 404
    assert bound.client.get("/admin", params={"xa": NEW}).status_code == 200


def test_the_posters_code_opens_the_bot_and_is_counted(bot, admin):
    if CODE not in admin.get(UNITS):
        admin.post(f"{UNITS}/moi", code=CODE, name=NEW)
    for size in ("a4", "a5"):
        got = admin.client.get(f"{UNITS}/{CODE}/to-dan-{size}.pdf")
        assert got.status_code == 200 and got.headers["content-type"] == "application/pdf"
        (sheet,) = pypdf.PdfReader(io.BytesIO(got.content)).pages
        assert NEW in sheet.extract_text()
        address = zxingcpp.read_barcode(Image.open(io.BytesIO(sheet.images[0].data)).convert("L")).text
    assert address.startswith(bot.url) and get(address).status_code == 200
    (code,) = parse_qs(urlsplit(address).query)["xa"]
    assert code == CODE
    for _ in range(3):
        scanned = bot.citizen()
        scanned._send(start=f"x-{code}")  # what the page of this address sends
        assert f"Bạn vừa mở trang của {NEW}" in scanned.read()
    scanned.tap("Đồng ý")
    assert f"Đã ghi nơi ở của bạn là {NEW}" in scanned.read()
    assert re.search(r"Lượt mở mã, 90 ngày</dt><dd>3<", admin.get(f"{UNITS}/{CODE}"))


def test_a_review_that_is_due_is_seen_reminded_of_and_exported(bot, admin, officer, owned, ticked):
    _, due = owned
    (reminder,) = (text for text in ticked if "sắp tới hạn rà soát" in text)
    assert "7 ngày" in reminder and f"({due:%d/%m/%Y})" in reminder
    page = officer.get(f"{QUALITY}?han=toi&tim=phản ánh")
    line = page[page.index(f'{QUALITY}/tai-lieu/{REPLY}"'):].partition("</tr>")[0]
    assert "Người officer" in line and f"{due:%d/%m/%Y}" in line and 'class="warn"' in line
    assert "Đã ghi bạn xác nhận" in admin.post(f"{QUALITY}/tai-lieu/{REPLY}/xac-nhan").text
    got = admin.client.get(f"{QUALITY}/danh-muc.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(got.content))
    register, history = (list(book[name].iter_rows(values_only=True)) for name in ("danh-muc", "lich-su"))
    one = dict(zip(register[0], next(row for row in register if row[0] == REPLY), strict=True))
    assert (one["Người phụ trách"], one["Người duyệt"], one["Rà soát trước"].date()) == ("Người officer", "Người administrator", due)
    assert one["Hiệu lực từ"].date() == bot.today() and re.fullmatch(r"[0-9a-f]{8}", one["Phiên bản"])
    (change,) = (dict(zip(history[0], row, strict=True)) for row in history[1:] if row[0] == REPLY)
    assert (change["Phiên bản"], change["Người duyệt"], change["Ngày"].date()) == (one["Phiên bản"], "Người administrator", bot.today())
    assert {row[0] for row in history[1:]} >= {row[0] for row in register[1:] if row[0].startswith(("reply:", "drill:", "course:", "data:"))}


def test_a_low_rating_becomes_work_that_another_closes_and_that_is_measured(bot, admin, officer, owned, ticked):
    mine, _ = owned
    ((ident, about),) = bot.query("SELECT id, about FROM corrective_actions")
    assert about.startswith("procedure:")
    path = f"{QUALITY}/khac-phuc/{ident}"
    page = officer.get(path)
    assert "Người dân chấm điểm thấp" in page and re.search(r'Lượt chấm thấp</th>\s*<td class="n">3<', page)
    due = (bot.today() + timedelta(days=3)).isoformat()
    form = {"owner_id": mine, "due_on": due, "cause": "Câu trả lời thiếu một trường hợp", "remedy": "Đã thêm trường hợp ấy", "done": "true"}
    assert "Một người khác xem kết quả" in officer.post(path, **form).text
    refused = officer.post(f"{path}/xac-nhan", effective="co", remark="Điểm đã tăng lên rồi")
    assert refused.status_code == 400 and "không tự xác nhận" in refused.text
    early = admin.post(f"{path}/xac-nhan", effective="co", remark="Điểm đã tăng lên rồi")
    assert early.status_code == 400 and "phải qua 3 ngày" in early.text
    database = Database(bot.environment["DATABASE_URL"])
    with database.write() as session:  # three days have gone by
        row = session.query(CorrectiveAction).one()
        row.done_at -= timedelta(days=3)
        session.execute(update(Rating).values(day=bot.today() - timedelta(days=3)))
    database.close()
    assert "Đã khép" in admin.post(f"{path}/xac-nhan", effective="co", remark="Điểm đã tăng lên rồi").text
    closed = officer.get(path)
    assert "đã khép" in closed and "Có tác dụng" in closed and "Người administrator" in closed
    assert "1 việc đã khép" in officer.get(QUALITY)
    ((state, after),) = bot.query("SELECT state, after FROM corrective_actions")
    assert state == "closed" and '"low": 0' in after
