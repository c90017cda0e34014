"""The REST API: keys, scopes, pace, what it says, and no input that breaks it (OpenAPI fuzzed with schemathesis)."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi import checks as openapi

from bot.services import api_keys, catalogue
from bot.services.api_keys import SCOPES
from bot.services.staff import Who
from tests.databases import sqlite_at
from tests.factories import ROOT, TUESDAY_TEN
from tests.small_course import publish, small
from tests.unit.web.staff_pages import Browser, add_staff, app_on, server_of

KHAI_SINH = "1.001193"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    database = sqlite_at(folder / "bot.db")
    made = app_on(database, folder)
    with database.write() as session:
        catalogue.publish_curated(session, ROOT / "procedures", TUESDAY_TEN)
        publish(session, folder / "courses", small(title="Ai đang gọi tôi đấy?"))
    yield made
    database.close()


@pytest.fixture(scope="module")
def who(app) -> Who:
    add_staff(app, "administrator", login="quantri")
    return Who(1, "quantri", "Quản trị", "administrator", (), "", "")


def key_of(app, who, *scopes: str, per_minute: int = 6000) -> str:
    with app.database.write() as session:
        return api_keys.make(session, who, "Cổng của tỉnh", scopes or tuple(SCOPES), per_minute, app.clock())


@pytest.fixture(scope="module")
def key(app, who):
    return key_of(app, who)


@pytest.fixture(scope="module")
def portal(app):
    return Browser(app).client


def ask(portal, key, question, **more):
    return portal.post("/api/v1/ask", json={"question": question, **more}, headers={"X-API-Key": key})


class TestAnswers:
    @pytest.mark.parametrize("question", ["làm giấy khai sinh cho con", "lam giay khai sinh cho con moi de"])
    def test_a_question_is_answered_with_source_and_date(self, portal, key, question):
        told = ask(portal, key, question).json()
        assert (told["decision"], told["answer"]["code"]) == ("answer", KHAI_SINH)
        assert "Nguồn:" in told["answer"]["text"] and "Đối chiếu ngày" in told["answer"]["text"]

    def test_an_aspect_is_answered_alone(self, portal, key):
        assert "Lệ phí:" in ask(portal, key, "làm giấy khai sinh cho con", aspect="fee").json()["answer"]["text"]

    def test_what_is_not_covered_is_said(self, portal, key):
        assert ask(portal, key, "trận bóng tối qua ai thắng").json() == {"decision": "none", "answer": None, "choices": []}

    def test_search_and_procedure(self, portal, key):
        found = portal.get("/api/v1/search", params={"q": "khai sinh", "top": 3}, headers={"X-API-Key": key}).json()
        assert len(found["results"]) == 3 and KHAI_SINH in [r["code"] for r in found["results"]]
        assert portal.get(f"/api/v1/procedures/{KHAI_SINH}", headers={"X-API-Key": key}).json()["code"] == KHAI_SINH
        assert portal.get("/api/v1/procedures/9.999999", headers={"X-API-Key": key}).status_code == 404

    def test_courses_lead_into_the_chat(self, portal, key):
        (course,) = portal.get("/api/v1/courses", headers={"X-API-Key": key}).json()
        assert (course["title"], course["link"]) == ("Ai đang gọi tôi đấy?", "http://testserver/?khoa=khoa-nho")

    def test_figures_are_those_of_the_page(self, portal, key, app):
        from bot.services.figures import overview
        from bot.services.figures.periods import filter_of
        tables = portal.get("/api/v1/figures", params={"first": "2026-11-01", "last": "2026-11-24"}, headers={"X-API-Key": key}).json()
        with app.database.read() as session:
            own = overview.tables(session, filter_of((), TUESDAY_TEN.date(), "rieng", "2026-11-01", "2026-11-24"))
        assert [t["key"] for t in tables] == [t.key for t in own]
        assert portal.get("/api/v1/figures", params={"first": "2026-11-24", "last": "2026-11-01"}, headers={"X-API-Key": key}).status_code == 400


class TestKeys:
    @pytest.mark.parametrize("given", [{}, {"X-API-Key": ""}, {"X-API-Key": "tlcds_x"}, {"Authorization": "Bearer x"}])
    def test_without_one_nothing_is_said(self, portal, given):
        for path in ("/api/v1/courses", "/api/v1/search?q=a", "/api/v1/figures"):
            assert portal.get(path, headers=given).status_code == 401

    def test_a_scope_opens_its_own_door_only(self, portal, app, who):
        one = key_of(app, who, "courses")
        assert portal.get("/api/v1/courses", headers={"X-API-Key": one}).status_code == 200
        assert portal.get("/api/v1/figures", headers={"X-API-Key": one}).status_code == 403
        assert ask(portal, one, "x").status_code == 403

    def test_each_has_its_pace(self, portal, app, who):
        slow, other = key_of(app, who, per_minute=2), key_of(app, who)
        codes = [portal.get("/api/v1/courses", headers={"X-API-Key": slow}) for _ in range(3)]
        assert [c.status_code for c in codes] == [200, 200, 429] and codes[2].headers["retry-after"] == "60"
        assert portal.get("/api/v1/courses", headers={"X-API-Key": other}).status_code == 200

    def test_a_revoked_one_is_out_at_once(self, portal, app, who):
        one = key_of(app, who)
        with app.database.write() as session:
            api_keys.revoke(session, who, api_keys.find(session, one).id, app.clock())
        assert portal.get("/api/v1/courses", headers={"X-API-Key": one}).status_code == 401

    def test_it_is_kept_as_a_hash_and_its_use_is_noted(self, portal, app, key):
        portal.get("/api/v1/courses", headers={"X-API-Key": key})
        with app.database.read() as session:
            row = api_keys.find(session, key)
            assert key not in str(row.__dict__) and row.used_at == app.clock()


def test_openapi_describes_every_route_and_field(portal):
    schema = portal.get("/api/v1/openapi.json").json()
    assert set(schema["paths"]) == {"/ask", "/search", "/procedures/{code}", "/courses", "/figures"}
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            assert operation["description"] and operation["operationId"], path
            assert {"200", "400", "401", "403", "429"} <= set(operation["responses"])
            assert operation["security"] == [{"APIKeyHeader": []}]


@pytest.fixture(scope="module")
def described(app):
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", server_of(app))


CHECKS = [schemathesis.checks.not_a_server_error, openapi.response_schema_conformance, openapi.status_code_conformance, openapi.content_type_conformance]


ROUTES = [("/ask", "POST"), ("/search", "GET"), ("/procedures/{code}", "GET"), ("/figures", "GET")]
RIGHT, WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE


@pytest.mark.parametrize("path, method, mode", [*((*r, RIGHT) for r in ROUTES), *((*r, WRONG) for r in ROUTES), ("/courses", "GET", RIGHT)])
def test_no_input_breaks_it_and_answers_are_as_described(described, key, path, method, mode):
    tried = []

    @given(described[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def check(case):
        case.headers = {**(case.headers or {}), "X-API-Key": key}
        answer = case.call()
        tried.append(answer.status_code)
        assert answer.status_code < 500, case.as_curl_command()
        case.validate_response(answer, checks=CHECKS)

    check()
    assert len(tried) > 1
