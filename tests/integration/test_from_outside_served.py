"""What comes from outside, through the whole bot: staff by the province's account, procedures by its gateway, tables as files."""

import httpx
import pytest

from bot.services import opendata
from tests.desk import Desk
from tests.patience import HTTP_SECONDS
from tests.served import Served
from tests.standins.lgsp import KEY, LgspStandIn
from tests.standins.lgsp import SECRET as GATEWAY_SECRET
from tests.standins.oidc import CLIENT, SECRET, OidcStandIn
from tests.unit.procedure_desk import SWIFTS, record

pytestmark = pytest.mark.served
OWNER = "hoa@ninhbinh.example"
CSV, YML = ((opendata.SHIPPED / f"lang-nghe.{kind}").read_text(encoding="utf-8") for kind in ("csv", "yml"))


@pytest.fixture(scope="module")
def gateway():
    with LgspStandIn() as found:
        yield found


@pytest.fixture(scope="module")
def province():
    with OidcStandIn() as found:
        yield found


@pytest.fixture(scope="module")
def bot(gateway, province, tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("outside"), LGSP_URL=gateway.url, LGSP_KEY=KEY, LGSP_SECRET=GATEWAY_SECRET, LGSP_TIMEOUT_SECONDS="20",
                   OIDC_ISSUER=province.url, OIDC_CLIENT_ID=CLIENT, OIDC_CLIENT_SECRET=SECRET, OIDC_NAME="tài khoản tỉnh").start()
    yield found
    found.stop()


def came(bot: Served) -> httpx.Response:
    """Somebody presses the button at our door, signs in at the province's, and is sent back."""
    with httpx.Client(base_url=bot.url, follow_redirects=True, timeout=HTTP_SECONDS) as browser:
        assert "Đăng nhập bằng tài khoản tỉnh" in browser.get("/dang-nhap").text
        return browser.get("/dang-nhap/tinh", params={"tiep": "/tai-khoan"})


def test_staff_come_in_by_the_provinces_account_and_nobody_else_does(bot, province):
    Desk(bot, "administrator").post("/admin/nhan-su/moi", login=OWNER, name="Hoa", role="author")
    page = came(bot)
    assert (page.status_code, page.url.path) == (200, "/tai-khoan") and "Hoa" in page.text, page.text[-1500:]
    assert ("sign_in", OWNER) in bot.query("SELECT action, login FROM audit_log")
    province.person["email"] = "la@ninhbinh.example"
    assert came(bot).status_code == 400
    province.person["email"], province.foreign = OWNER, True
    refused = came(bot)
    assert refused.status_code == 400 and "Chưa đăng nhập được" in refused.text
    province.foreign = False


def test_procedures_of_the_gateway_are_seen_confirmed_and_asked_for(bot, gateway):
    citizen, approver = bot.citizen(), Desk(bot, "approver")
    citizen.say("cấp phép nuôi chim yến ở đâu")
    assert "10,000 đồng" not in citizen.read() and "📄 Cấp phép nuôi chim yến" not in citizen.read()
    gateway.catalogue = [record()]
    gateway.upcoming.extend(["malformed"])
    failed = approver.post("/studio/nhap-thu-tuc/tu-truc")
    assert failed.status_code == 400 and "chưa lấy được gì" in failed.text
    seen = approver.post("/studio/nhap-thu-tuc/tu-truc")
    assert "Cấp phép nuôi chim yến" in seen.text and bot.query("SELECT code FROM procedures WHERE code LIKE :c", c=f"%{SWIFTS}") == []
    mark = seen.text.partition('name="mark" value="')[2].partition('"')[0]
    assert "Đã nhập: 1 mới" in approver.post(seen.url.path, mark=mark).text
    citizen.say("cấp phép nuôi chim yến lệ phí bao nhiêu")
    assert "Cấp phép nuôi chim yến" in citizen.read() and "10,000 đồng" in citizen.read() and "Nguồn" in citizen.read()


def test_a_table_is_uploaded_by_one_published_by_another_and_answered_with_its_source(bot):
    author, approver, citizen = Desk(bot, "author"), Desk(bot, "approver"), bot.citizen()
    citizen.say("làng Bến Thử làm nghề gì")
    assert "đan lưới thử" not in citizen.read()
    row = "Bến Thử,,đan lưới thử,Lưới,\"Xã Cũ, huyện Cũ\",\n"
    files = {"described": ("m.yml", YML.encode()), "sheet": ("d.csv", (CSV.rstrip("\n") + "\n" + row).encode())}
    kept = author.client.post("/admin/du-lieu-mo", data={"csrf": author.csrf}, files=files)
    assert "Một người duyệt khác" in kept.text
    assert author.post(f"{kept.url.path}/cong-bo").status_code == 403
    approver.post(f"{kept.url.path}/cong-bo")
    citizen.say("làng Bến Thử làm nghề gì")
    for part in ("Làng Bến Thử: đan lưới thử", "chưa có trong bảng này", "Nguồn: Tư liệu giới thiệu làng nghề"):
        assert part in citizen.read()
