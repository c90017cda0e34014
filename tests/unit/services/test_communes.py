"""Communes as data: what is told of them, renamed, new and merged units without a restart, links that are counted."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bot import places
from bot.errors import Refusal
from bot.services import communes, inbox
from bot.services.communes import Form
from bot.services.staff import Who
from bot.store.tables import Asked, Citizen, Rating, Staff
from tests.factories import KEY, incoming, talk_of
from tests.factories import TUESDAY_TEN as NOW
from tests.small_course import publish, small

WHO = Who(None, "quantri", "Quản trị", "administrator", (), "", "")  # type: ignore[arg-type]
NAME = "Phường Hoa Lư"
CODE = places.code_of(NAME)
FULL = Form(NAME, "Số 1 đường Một", "7:30 đến 17:00", "0229 000 0000", "https://hoalu.ninhbinh.gov.vn", "Trang của phường", "2026-11-20")


@pytest.fixture(autouse=True)
def as_shipped():
    yield
    places.know(places.shipped())


def save(database, form, code=CODE, at=NOW):
    with database.write() as session:
        return communes.save(session, WHO, code, form, at)


@pytest.mark.parametrize(("change", "field"), [
    ({"source": ""}, "source"), ({"checked_on": ""}, "checked_on"), ({"checked_on": "2026-11-25"}, "checked_on"), ({"checked_on": "hôm qua"}, "checked_on"),
    ({"phone": "gọi cho tôi"}, "phone"), ({"site": "http://hoalu.ninhbinh.gov.vn"}, "site"), ({"site": "https://hoalu-gov.vn.com"}, "site"),
    ({"site": "https://a@hoalu.gov.vn"}, "site"), ({"address": "x" * 301}, "address"), ({"name": "Hoa Lư"}, "name"), ({"name": "Xã Vũ Dương"}, "name")])
def test_what_is_not_fit_to_be_told_is_refused(database, change, field):
    with pytest.raises(Refusal) as caught:
        save(database, replace(FULL, **change))
    assert caught.value.field == field
    with database.read() as session:
        assert communes.sheet_of(session, CODE) is None


@pytest.mark.parametrize(("change", "day", "told"), [
    ({}, date(2026, 11, 24), True), ({}, date(2027, 11, 20), True), ({}, date(2027, 11, 21), False),
    ({"address": "", "hours": "", "phone": "", "site": ""}, date(2026, 11, 24), False)])
def test_contacts_are_told_for_a_year(database, change, day, told):
    assert communes.told(save(database, replace(FULL, **change)), day) == told
    assert not communes.told(None, day)


def test_a_renamed_unit_takes_along_whatever_stands_under_its_name(database):
    with database.write() as session:
        session.add_all([Citizen(created_at=NOW, commune=NAME), Rating(day=NOW.date(), about="answer", key="1", score=5, channel="web", commune=NAME),
                         Asked(at=NOW, channel="web", intent="x", aspect="x", decision="none", commune=NAME),
                         Staff(login="canbo", name="Cán bộ", password_hash="x", role="officer", communes=["Xã Vũ Dương", NAME], active=True, failures=0,
                               created_at=NOW)])
    save(database, replace(FULL, name="Phường Cố Đô"))
    with database.read() as session:
        for table in ("citizens", "ratings", "asked"):
            assert session.execute(text(f"SELECT commune FROM {table}")).scalars().all() == ["Phường Cố Đô"]
        assert session.query(Staff).one().communes == ["Xã Vũ Dương", "Phường Cố Đô"]
        assert communes.officers(session) == {"Xã Vũ Dương": ["Cán bộ"], "Phường Cố Đô": ["Cán bộ"]}
    assert places.find("tôi ở phường Cố Đô") is None
    communes.refresh(database)
    assert places.find("tôi ở phường Cố Đô").communes == ("Phường Cố Đô",)
    assert places.find("tôi ở phường Hoa Lư") == places.Named(NAME, ("Phường Cố Đô",), True)
    assert places.by_code(CODE) == "Phường Cố Đô" and NAME not in places.listed() and len(places.listed()) == 129
    save(database, replace(FULL, name=NAME))  # and back
    communes.refresh(database)
    assert places.find("phường Hoa Lư").communes == (NAME,) and places.find("phường Cố Đô").communes == (NAME,)


def test_a_new_unit_is_known_at_once_with_the_names_that_went_into_it(database):
    with database.write() as session:
        communes.add(session, WHO, "99001", Form("Xã Bến Mới", formerly="Xã Bến Cũ\n\nXã Bến Cũ\nThị trấn Chợ Bến"), NOW)
    communes.refresh(database)
    assert (places.by_code("99001"), len(places.listed())) == ("Xã Bến Mới", 130)
    assert places.find("xã Bến Cũ").communes == places.find("thị trấn Chợ Bến").communes == ("Xã Bến Mới",)


@pytest.mark.parametrize(("code", "form", "field"), [
    ("1", Form("Xã Bến Mới"), "code"), (CODE, Form("Xã Bến Mới"), "code"), ("99001", Form("Bến Mới"), "name"), ("99001", Form(NAME), "name"),
    ("99001", Form("Xã Bến Mới", formerly="Bến Cũ"), "formerly")])
def test_a_new_unit_needs_a_code_and_a_name_of_its_own(database, code, form, field):
    with database.write() as session, pytest.raises(Refusal) as caught:
        communes.add(session, WHO, code, form, NOW)
    assert caught.value.field == field


def test_a_unit_that_went_into_another_leads_there(database):
    into, further = places.code_of("Xã Vũ Dương"), places.code_of("Phường Vị Khê")
    with database.write() as session:
        session.add(Citizen(created_at=NOW, commune=NAME))
        communes.merge(session, WHO, CODE, into, NOW)
        communes.merge(session, WHO, into, further, NOW)
    communes.refresh(database)
    assert places.find("phường Hoa Lư").communes == places.find("xã Vũ Dương").communes == ("Phường Vị Khê",)
    assert len(places.listed()) == 127 and places.by_code(CODE) is None
    with database.read() as session:
        assert session.query(Citizen).one().commune == "Phường Vị Khê"
    with database.write() as session:
        for code, target in ((further, further), (further, "00000"), (CODE, further)):
            with pytest.raises(Refusal):
                communes.merge(session, WHO, code, target, NOW)


def test_opened_links_are_counted_once_a_message_and_only_real_ones(database, tmp_path):
    with database.write() as session:
        publish(session, tmp_path / "courses", small("khoa-1"))
        talk_of(session)
        for ident, start in enumerate((f"x-{CODE}", f"x-{CODE}", "c-khoa-1", "c-khong-co", "x-00000", "z-1")):
            for _ in range(2):  # the platform repeats itself
                inbox.store(session, KEY, replace(incoming(str(ident), ""), start=start), NOW)
        inbox.store(session, KEY, replace(incoming("later", ""), start=f"x-{CODE}"), NOW + timedelta(days=1))
    with database.read() as session:
        asked = [f"x-{CODE}", "c-khoa-1", "c-khong-co", "x-00000"]
        assert communes.openings(session, asked, NOW.date()) == {f"x-{CODE}": 3, "c-khoa-1": 1}
        assert communes.openings(session, asked, NOW.date() + timedelta(days=1)) == {f"x-{CODE}": 1}
