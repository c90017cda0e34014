"""Clusters out of what citizens sent, officers told once a day, handed on as STIX and as an event; small cells hidden."""

import asyncio
import csv
import io
import json
from datetime import timedelta

import pytest
import stix2
from sqlalchemy import select

from bot.app import App
from bot.config import Settings
from bot.incidents import stix
from bot.incidents.indicators import Found
from bot.incidents.reporter import reporter
from bot.services import incident_handover, incidents, spread, staff, webhooks
from bot.services.figures.periods import Period
from bot.services.figures.table import FEW
from bot.store.tables import Incident, Outbound, SpreadAlert, Staff, WebhookDelivery
from bot.worker import Worker
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, talk_of

NOW = TUESDAY_TEN
URL = "https://tro-ly.example"
HOA_LU, TAY = "Phường Hoa Lư", "Phường Tây Hoa Lư"


def sent(session, who: str, at, text: str = "", found=(("host", "evn-hoantien.xyz"),), commune: str | None = HOA_LU, trick: str = "gov_app", source="report",
         channel: str = "web") -> Incident:
    row = Incident(source=source, state="sent", number=f"BC-{who}" if source == "report" else None, reporter=reporter(KEY, who, at), trick=trick, channel="sms",
                   loss="2to10", asked=[], signs=[], chat_channel=channel, commune=commune, text=text or None, at=at, happened_on=at.date())
    session.add(row)
    session.flush()
    incidents.noted(session, row, [Found(*one) for one in found], at)
    incidents.recount(session, [one.id for one in incidents.rows_of(session, row.id)], at)
    return row


def a_past(session) -> None:
    """Something else was heard long before, so that what is new is known to be new."""
    sent(session, "long-ago", NOW - timedelta(days=60), found=(("phone", "0911111111"),), trick="love")


def outbreak(session, count: int = 6, commune: str | None = HOA_LU) -> None:
    for n in range(count):
        sent(session, f"p{n}", NOW - timedelta(hours=n, minutes=5), found=(("host", "evn-hoantien.xyz"), ("phone", f"09123456{n % 2}0")), commune=commune)


def officer(session, communes=(), address="officer-phone-01234", role="officer") -> Staff:
    one = staff.add(session, f"cb{address[-4:]}", "Cán bộ", "con trâu đi trước cái cày", role, communes, NOW - timedelta(days=1))
    one = session.scalars(select(Staff).order_by(Staff.id.desc())).first()
    talk = talk_of(session, address, consent=("reminders",))
    one.conversation_id = talk.id
    session.flush()
    return one


def notices(session) -> list[str]:
    return list(session.scalars(select(Outbound.body["text"].as_string()).where(Outbound.kind == "staff_notice").order_by(Outbound.id)))


class TestWatch:
    def test_officers_hear_of_a_growing_cluster_once_a_day(self, database):
        with database.write() as session:
            a_past(session)
            officer(session)
            webhooks.add_endpoint(session, webhooks.seal_of(KEY), "Trung tâm", "http://127.0.0.1:9/x", ["spread"], True, NOW)
            outbreak(session)
            assert spread.watch(session, URL, NOW) == 1
            assert spread.watch(session, URL, NOW + timedelta(minutes=5)) == 0
            (text,) = notices(session)
            assert "6 người trong 24 giờ" in text and "evn-hoantien[.]xyz" in text and f"{URL}/admin/canh-bao" in text
            (event,) = session.scalars(select(WebhookDelivery)).all()
            data = json.loads(event.body)["data"]
            assert data["people"] == 6 and {"kind": "host", "value": "evn-hoantien.xyz", "people": 6} in data["indicators"]
            assert all(one["people"] >= 5 for one in data["indicators"])
        later = NOW + timedelta(hours=25)
        with database.write() as session:
            for n in range(20, 32):
                sent(session, f"p{n}", later - timedelta(hours=(n - 20) / 2))
            assert spread.watch(session, URL, later) == 1
            assert len(notices(session)) == 2

    @pytest.mark.parametrize("count", [1, 4])
    def test_too_few_people_are_no_alert(self, database, count):
        with database.write() as session:
            a_past(session)
            officer(session)
            outbreak(session, count)
            for _ in range(9):  # one person, again and again
                sent(session, "p0", NOW - timedelta(hours=1), source="question")
            assert spread.watch(session, URL, NOW) == 0 and session.scalars(select(SpreadAlert)).all() == []

    def test_who_is_bound_to_communes_hears_of_five_people_there_only(self, database):
        with database.write() as session:
            a_past(session)
            officer(session, (HOA_LU,), "officer-hoa-lu-0123")
            officer(session, (TAY,), "officer-tay-0123456")
            outbreak(session, 6, HOA_LU)
            for n in range(10, 14):
                sent(session, f"p{n}", NOW - timedelta(hours=2), commune=TAY)
            assert spread.watch(session, URL, NOW) == 1
            (text,) = notices(session)
            assert "6 người" in text

    def test_viewers_and_staff_without_a_phone_hear_nothing(self, database):
        with database.write() as session:
            a_past(session)
            officer(session, role="viewer")
            outbreak(session)
            assert spread.watch(session, URL, NOW) == 1 and notices(session) == []


    def test_the_worker_looks(self, database, tmp_path):
        with database.write() as session:
            a_past(session)
            officer(session)
            outbreak(session)
        settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/var/x.db", public_url=URL, secret_key="k" * 32)
        asyncio.run(Worker(App(settings, database, FrozenClock()), []).spread())
        with database.read() as session:
            assert len(notices(session)) == 1 and len(session.scalars(select(SpreadAlert)).all()) == 1


class TestPages:
    def test_the_overview_ranks_what_grows_first_and_hides_few(self, database):
        with database.write() as session:
            a_past(session)
            outbreak(session)
            for n in range(3):
                sent(session, f"q{n}", NOW - timedelta(days=5), found=(("phone", "0987654321"),), trick="bank")
            same, tricks, count = spread.overview(session, NOW)
            assert count == 9 and [(r.people, r.fast) for r in same] == [(6, True), (FEW, False)]
            assert {r.title for r in tricks} == {"Mọi tin về: Giả VNeID, cơ quan, cán bộ", "Mọi tin về: Giả ngân hàng, nhà mạng"}
            found = spread.detail(session, NOW, same[0].key)
            assert found.indicators[0] == ("Tên miền", "evn-hoantien[.]xyz", 6) and found.indicators[1][2] == FEW
            assert found.communes == [(HOA_LU, 6)] and len(found.days) == 22

    def test_a_commune_sees_its_own_people_only(self, database):
        with database.write() as session:
            outbreak(session, 6, HOA_LU)
            sent(session, "elsewhere", NOW - timedelta(hours=1), commune=TAY)
            same, _, count = spread.overview(session, NOW, (TAY,))
            assert (same, count) == ([], 1)
            key = spread.overview(session, NOW)[0][0].key
            assert spread.detail(session, NOW, key, (TAY,)) is None


class TestHandedOn:
    def test_stix_is_valid_the_same_twice_and_names_nobody(self, database):
        with database.write() as session:
            outbreak(session)
            sent(session, "o'b\\x", NOW, "lời kể của tôi", (("link", "evn-hoantien.xyz/a'b"), ("account", "123456789"), ("phone", "+85512345678")))
            text, count = incident_handover.bundle(session, Period(NOW.date() - timedelta(days=3), NOW.date()), ())
            again, _ = incident_handover.bundle(session, Period(NOW.date() - timedelta(days=3), NOW.date()), ())
            hashes = session.scalars(select(Incident.reporter)).all()
        found = stix2.parse(text, allow_custom=False)
        kinds = [o.type for o in found.objects]
        assert count == 7
        assert [kinds.count(k) for k in ("incident", "grouping", "attack-pattern", "identity", "indicator")] == [7, 7, 1, 1, 6]
        assert len({o.id for o in found.objects}) == len(found.objects)
        ids = {o.id for o in found.objects}
        assert all(o.source_ref in ids and o.target_ref in ids for o in found.objects if o.type == "relationship")
        assert {o["id"] for o in json.loads(text)["objects"]} == {o["id"] for o in json.loads(again)["objects"]}
        assert not any(h in text for h in hashes) and "lời kể" not in text

    def test_an_incident_that_says_nothing_is_still_valid(self):
        told = stix.Told("BC-1", NOW.date(), None, None, None, None, None, ())
        assert [o.type for o in stix2.parse(stix.bundle([told], "Ai đó").serialize()).objects][:3] == ["identity", "incident", "attack-pattern"]

    def test_the_table_holds_reports_of_the_period_and_communes_alone(self, database):
        with database.write() as session:
            outbreak(session, 2, HOA_LU)
            sent(session, "=cmd", NOW, commune=TAY, found=(("phone", "+85512345678"),))
            sent(session, "asked", NOW, source="question")
            sent(session, "old", NOW - timedelta(days=40))
            days = Period(NOW.date() - timedelta(days=3), NOW.date())
            rows = incident_handover.table(session, days, ())
            assert len(rows) == 1 + 3 and rows[0] == list(incident_handover.HEADINGS)
            assert rows[-1][9] == "'+85512345678" and rows[-1][7] == TAY
            assert [r[7] for r in incident_handover.table(session, days, (TAY,))[1:]] == [TAY]
            out = io.StringIO()
            csv.writer(out).writerows(rows)
            assert reporter(KEY, "p0", NOW) not in out.getvalue()
