"""Procedures, staff and uploads for the tests of the desk where procedures are edited."""

import json

from bot.procedures import document
from bot.procedures.ways import Asked
from bot.services import catalogue
from bot.services.staff import Who
from tests.factories import ROOT, TUESDAY_TEN

AN, BINH = (Who(n, login, login, "approver", (), "", f"{login}-session-hash") for n, login in ((1, "an"), (2, "binh")))
"""Two members of staff, for nobody publishes what they wrote."""
SLUGS = ("dang-ky-khai-sinh", "dang-ky-khai-tu", "dang-ky-ket-hon", "ho-chieu-pho-thong")
BIRTH, DEATH, MARRIAGE, PASSPORT = "1.001193", "1.000656", "1.000894", "1.001456"
BEES, SWIFTS = "1.000987", "9.000001"
WAYS = {BEES: Asked(code=BEES, name="Hỗ trợ bắt ong trong vườn nhà", field="Nông nghiệp", known="name_only",
                    ways=("tổ ong vò vẽ to quá gọi ai", "nhờ người phá tổ ong", "ong đốt trẻ con ở đầu ngõ"))}


def record(code=SWIFTS, name="Cấp phép nuôi chim yến", **more) -> dict:
    """A row of the portal's records."""
    return {"code": code, "name": name, "level": "Cấp xã", "agency": "UBND xã", "steps": ["Nộp"], "scope": "toàn quốc",
            "documents": [{"name": "Đơn", "original": 1, "copies": 0, "form": "", "case": ""}],
            "methods": [{"method": "Trực tiếp", "duration": "3 ngày", "fee": "10,000 đồng", "note": ""}], "url": "https://dichvucong.gov.vn/x",
            "as_of": "2026-07", **more}


def shipped() -> dict[str, dict]:
    """Documents of four curated procedures by code, as files hold them."""
    found = document.load_all(ROOT / "procedures")
    return {found[s].code: found[s].model_dump(mode="json") for s in SLUGS}


def fill(database, now=TUESDAY_TEN) -> None:
    """Four curated procedures, one known by name, one record of the portal."""
    with database.write() as session:
        catalogue.replace(session, "curated", shipped(), now)
        catalogue.replace(session, "ways", {code: one.model_dump(mode="json") for code, one in WAYS.items()}, now)
        catalogue.put(session, "imported", {SWIFTS: catalogue.ImportedProcedure.model_validate(record()).model_dump(mode="json")}, now)


def jsonl(*rows) -> bytes:
    return "\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows).encode()
