"""The client of the province's gateway against a stand-in that fails in every way a real one does."""

from datetime import date

import pytest

from bot.systems.dossiers import SystemUnavailable, states
from bot.systems.lgsp import CACHE_SECONDS, CLOSED_AGAIN_SECONDS, FAILS_TO_OPEN, TRIES, Gateway, LgspDossiers, read, records
from tests.patience import HUNG_SECONDS, time_out
from tests.standins.lgsp import KEY, SECRET, LgspStandIn

CODE = "000.00.16.H40-251120-0007"
FILE = {"code": CODE, "state": "5", "procedure": "Đăng ký khai sinh", "office": "UBND phường Hoa Lư", "received_on": "2025-11-20",
        "due_on": "2025-11-25T17:00:00+07:00", "reason": "Thiếu giấy chứng sinh", "missing": ["Giấy chứng sinh bản gốc"],
        "applicant": {"name": "Nguyễn Văn A", "identity": "001234567890"}}


class Timer:
    def __init__(self):
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def other():
    with LgspStandIn() as found:
        found.dossiers[CODE] = dict(FILE)
        yield found


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def naps():
    return []


@pytest.fixture
def gateway(other, timer, naps, request):
    made = Gateway(other.url, KEY, SECRET, timeout_seconds=time_out(request.node.name), steady=timer, nap=naps.append)
    yield made
    made.close()


@pytest.fixture
def dossiers(gateway, timer):
    return LgspDossiers(gateway, timer)


class TestFile:
    def test_it_is_read_without_its_owner(self, dossiers):
        found = dossiers.look_up(CODE)
        assert (found.state, found.procedure, found.office, found.received_on, found.due_on, found.reason, found.missing) == (
            "more_papers", "Đăng ký khai sinh", "UBND phường Hoa Lư", date(2025, 11, 20), date(2025, 11, 25), "Thiếu giấy chứng sinh",
            ("Giấy chứng sinh bản gốc",))
        assert "Nguyễn" not in repr(found) and "001234567890" not in repr(found)

    def test_an_unknown_code_is_none_and_no_failure(self, dossiers, gateway):
        for n in range(FAILS_TO_OPEN + 1):
            assert dossiers.look_up(f"H40-251120-{n:04d}") is None
        assert gateway.state == "up"

    def test_a_code_cannot_lead_to_another_path(self, dossiers, other):
        assert dossiers.look_up("../procedures?page=1") is None
        assert other.asked["/procedures"] == 0

    @pytest.mark.parametrize("raw, state", [("1", "submitted"), (4, "processing"), ("10", "delivered"), ("REJECTED", "not_accepted"),
                                            ("99", "unknown"), (None, "unknown"), ({"a": 1}, "unknown")])
    def test_every_state_has_words(self, raw, state):
        found = read(CODE, {"code": CODE, "state": raw})
        assert found.state == state
        assert set(states()["words"][state]) == {"title", "next"}

    def test_every_code_of_the_table_leads_to_a_state_with_words(self):
        assert set(states()["codes"].values()) | {"unknown"} == set(states()["words"])

    @pytest.mark.parametrize("told", [[], "x", None, {}, {"code": CODE}, {"code": "H40-251120-9999", "state": "4"}])
    def test_another_shape_or_another_file_is_a_failure(self, told):
        with pytest.raises(SystemUnavailable):
            read(CODE, told)

    def test_odd_fields_are_left_out(self):
        found = read(CODE, {"code": CODE.lower(), "state": "4", "procedure": 5, "due_on": "mai", "received_on": 20251120, "missing": "giấy", "reason": None})
        assert (found.state, found.procedure, found.due_on, found.received_on, found.missing, found.reason) == ("processing", "", None, None, (), "")


class TestToken:
    def test_one_token_serves_many_requests(self, dossiers, other):
        for n in range(5):
            dossiers.look_up(f"H40-251120-{n:04d}")
        assert other.tokens_made == 1

    def test_it_is_renewed_before_it_ends(self, dossiers, other, timer):
        dossiers.look_up(CODE)
        timer.at += 3600 - 30
        dossiers.look_up(CODE, fresh=True)
        assert other.tokens_made == 2

    def test_one_that_was_taken_back_is_replaced_within_the_request(self, dossiers, other):
        dossiers.look_up(CODE)
        other.revoke()
        assert dossiers.look_up(CODE, fresh=True).state == "more_papers"
        assert other.tokens_made == 2

    def test_a_wrong_secret_is_said_and_not_tried_again(self, other, timer):
        gateway = Gateway(other.url, KEY, "sai", steady=timer, nap=lambda s: None)
        with pytest.raises(SystemUnavailable, match="key refused"):
            gateway.get("/dossiers/x")
        assert other.asked["/token"] == 1
        gateway.close()

    @pytest.mark.parametrize("failures", [["malformed"], ["html"], ["list"], [500] * TRIES, ["timeout"] * TRIES], ids=str)
    def test_a_token_that_cannot_be_read_is_a_failure(self, gateway, other, failures):
        other.upcoming_token.extend(failures)
        with pytest.raises(SystemUnavailable):
            gateway.get("/dossiers/x")

    def test_the_secret_is_in_no_error(self, other, timer):
        gateway = Gateway(other.url, KEY, SECRET, steady=timer, nap=lambda s: None)
        other.upcoming_token.extend([500] * TRIES)
        with pytest.raises(SystemUnavailable) as caught:
            gateway.get("/dossiers/x")
        assert SECRET not in str(caught.value) + repr(caught.value.__cause__)
        gateway.close()


class TestFailures:
    @pytest.mark.parametrize("failure", [408, 429, 500, 502, 503, 504, "timeout", "disconnect"])
    def test_a_passing_failure_is_overcome(self, dossiers, other, failure):
        other.upcoming.append(failure)
        assert dossiers.look_up(CODE).state == "more_papers"
        assert other.asked["/dossiers"] == 2

    @pytest.mark.parametrize("failure", [500, 503, "timeout", "disconnect", 429])
    def test_one_that_lasts_is_given_up_after_three_tries(self, dossiers, other, failure):
        other.upcoming.extend([failure] * 10)
        with pytest.raises(SystemUnavailable):
            dossiers.look_up(CODE)
        assert other.asked["/dossiers"] == TRIES

    @pytest.mark.parametrize("failure", [400, 403, 302, "malformed", "html", "huge", "list", "stateless"])
    def test_nonsense_is_not_asked_for_again(self, dossiers, other, failure):
        other.upcoming.append(failure)
        with pytest.raises(SystemUnavailable):
            dossiers.look_up(CODE)
        assert other.asked["/dossiers"] == 1

    def test_an_answer_that_drips_is_not_waited_for(self, other):
        gateway = Gateway(other.url, KEY, SECRET, timeout_seconds=HUNG_SECONDS, nap=lambda s: None)
        other.upcoming.append("drip")
        assert LgspDossiers(gateway).look_up(CODE).state == "more_papers" and other.asked["/dossiers"] == 2
        gateway.close()

    def test_it_waits_as_told_but_never_long(self, dossiers, other, naps):
        other.retry_after = "3600"
        other.upcoming.append(429)
        assert dossiers.look_up(CODE) is not None
        assert max(naps) <= 2.5

    def test_after_five_failures_it_rests_and_then_tries_once(self, dossiers, gateway, other):
        other.upcoming.extend([400] * (FAILS_TO_OPEN + 1))
        for _ in range(FAILS_TO_OPEN):
            with pytest.raises(SystemUnavailable):
                dossiers.look_up(CODE)
        assert gateway.state == "down"
        asked = other.asked["/dossiers"]
        with pytest.raises(SystemUnavailable, match="resting"):
            dossiers.look_up(CODE)
        assert other.asked["/dossiers"] == asked
        gateway.breaker.half_open()  # as CLOSED_AGAIN_SECONDS later
        with pytest.raises(SystemUnavailable):
            dossiers.look_up(CODE)
        assert gateway.state == "down" and other.asked["/dossiers"] == asked + 1
        gateway.breaker.half_open()
        assert dossiers.look_up(CODE).state == "more_papers" and gateway.state == "up"
        assert gateway.breaker.reset_timeout == CLOSED_AGAIN_SECONDS

    def test_a_gateway_that_is_not_there(self, timer):
        gateway = Gateway("http://127.0.0.1:9", KEY, SECRET, steady=timer, nap=lambda s: None)
        with pytest.raises(SystemUnavailable, match="ConnectError"):
            gateway.get("/dossiers/x")
        gateway.close()


class TestCache:
    def test_a_file_is_asked_for_once_in_five_minutes(self, dossiers, other, timer):
        for _ in range(3):
            dossiers.look_up(CODE)
        assert other.asked["/dossiers"] == 1
        other.dossiers[CODE]["state"] = "10"
        assert dossiers.look_up(CODE).state == "more_papers"
        timer.at += CACHE_SECONDS + 1
        assert dossiers.look_up(CODE).state == "delivered"

    def test_fresh_goes_past_it_and_renews_it(self, dossiers, other):
        dossiers.look_up(CODE)
        other.dossiers[CODE]["state"] = "10"
        assert dossiers.look_up(CODE, fresh=True).state == "delivered"
        assert dossiers.look_up(CODE).state == "delivered"

    def test_a_failure_is_not_kept(self, dossiers, other):
        other.upcoming.append(400)
        with pytest.raises(SystemUnavailable):
            dossiers.look_up(CODE)
        assert dossiers.look_up(CODE).state == "more_papers"


class TestCatalogue:
    def test_all_pages_are_read(self, gateway, other):
        other.catalogue = [{"code": f"1.{n:06d}", "name": f"Thủ tục {n}"} for n in range(5)]
        assert records(gateway) == other.catalogue

    @pytest.mark.parametrize("failure", ["list", "malformed", 403])
    def test_half_a_catalogue_is_none(self, gateway, other, failure):
        other.catalogue = [{"code": f"1.{n:06d}"} for n in range(5)]
        assert gateway.get("/procedures?page=1") is not None
        other.upcoming.append(failure)
        with pytest.raises(SystemUnavailable):
            records(gateway)

    def test_one_without_an_end_is_given_up(self, gateway, other):
        other.catalogue = [{"code": f"1.{n:06d}"} for n in range(9)]
        with pytest.raises(SystemUnavailable, match="endless"):
            records(gateway, most_pages=3)
