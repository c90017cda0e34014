"""Reports of citizens: what is alike, numbers, deadlines, and what happens to them when people are joined, moved, erased."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import local
from bot.services import linking, people, retention
from bot.services.tickets import citizen, drafts, owner, rules
from bot.store.tables import Citizen, Outbound, Ticket, TicketDraft, TicketEvent, TicketFollower, TicketPhoto
from tests.factories import KEY, TUESDAY_TEN, talk_of

LAMP = "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om"


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


def somebody(session, n=1, channel="web"):
    return talk_of(session, f"sender-{n}-0123456789", channel, consent=("feedback",))


def written(session, talk, text=LAMP, commune="Xã Xuân Trường") -> TicketDraft:
    draft = drafts.begin(session, talk, text, TUESDAY_TEN)
    draft.commune = commune
    return drafts.asked(session, talk, draft, TUESDAY_TEN)


def sent(session, talk, now=TUESDAY_TEN) -> Ticket:
    return drafts.send(session, talk, written(session, talk), 10, now)


class TestRules:
    @pytest.mark.parametrize(("one", "other"), [
        (LAMP, "den duong ngo 5 hong toi om ko ai sua"), ("đường thôn Trung ổ gà to, mưa ngập", "đường thôn Trung nhiều ổ gà quá, đề nghị sửa"),
        ("rác đổ đầy bờ sông 3 hôm nay không ai dọn", "rac do day bo song ko ai don"),
        ("đống rác trước chợ Rồng bốc mùi", "chợ Rồng rác chất đống, mùi hôi thối")])
    def test_the_same_thing_in_other_words_is_alike(self, one, other):
        assert rules.alike(one, other) >= rules.ALIKE and rules.alike(other, one) >= rules.ALIKE

    @pytest.mark.parametrize(("one", "other"), [
        (LAMP, "đèn đường trước cổng trường tiểu học không sáng"), ("đường thôn Trung ổ gà to", "vỉa hè phố Lê Lợi bong tróc gạch"),
        ("rác đổ đầy bờ sông", "lò gạch xả khói đen ô nhiễm"), ("rác", "rác đổ đầy bờ sông 3 hôm nay"), ("", LAMP)])
    def test_another_thing_of_the_same_kind_is_not(self, one, other):
        assert rules.alike(one, other) < rules.ALIKE

    @pytest.mark.parametrize(("text", "category"), [
        (LAMP, "lighting"), ("o ga to tuong ngay nga ba", "roads"), ("rác đổ đầy bờ sông", "waste"), ("nước máy đục ngầu", "water"),
        ("quán karaoke ồn quá", "noise"),
        ("trộm chó nhiều quá", "security"), ("cán bộ hách sạch, thái độ kém", "attitude"), ("VNeID không đăng nhập được", "online"), ("tôi có ý kiến", None)])
    def test_words_name_the_category(self, text, category):
        assert rules.guess(text) == category

    def test_a_number_shows_every_mistyped_digit_and_every_exchange(self):
        number = rules.number_of(2026, 123)
        assert rules.number_in(f"phản ánh {number.lower().replace('-', ' ')} đến đâu") == number and rules.number_in("không có số") is None
        digits, check = "2026000123", number[-1]
        for at in range(2, 10):
            for other in set("0123456789") - {digits[at]}:
                wrong = digits[:at] + other + digits[at + 1:]
                assert rules.number_in(f"PA-{wrong[:4]}-{wrong[4:]}-{check}") == ""
        assert rules.number_in(f"PA-2026-000132-{check}") == ""

    def test_the_deadline_leaves_out_weekends_and_holidays(self):
        assert f"{local(rules.due_at(TUESDAY_TEN, 10)):%H:%M %d/%m/%Y}" == "17:00 08/12/2026"
        before_new_year = TUESDAY_TEN.replace(month=12, day=30)
        assert f"{local(rules.due_at(before_new_year, 2)):%d/%m/%Y}" == "04/01/2027"


def test_numbers_run_on_and_two_at_once_never_have_the_same(database):
    def one(n: int) -> str:
        def work(session):
            return sent(session, somebody(session, n)).number
        return database.again(work)

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(one, range(8)))
    assert sorted(numbers) == [rules.number_of(2026, n) for n in range(1, 9)]


def test_a_report_that_is_not_committed_is_not_there_at_all(database):
    with database.write() as session:
        talk = somebody(session)
        written(session, talk)
        session.add(TicketPhoto(channel="web", source_id="x", conversation_id=talk.id, state="here", data=b"x", attempts=0, next_try_at=TUESDAY_TEN,
                                created_at=TUESDAY_TEN))
    with pytest.raises(RuntimeError), database.write() as session:
        talk = somebody(session)
        drafts.send(session, talk, drafts.of(session, talk, TUESDAY_TEN), 10, TUESDAY_TEN)
        raise RuntimeError("killed")
    with database.write() as session:
        talk = somebody(session)
        assert session.scalars(select(Ticket)).all() == [] and drafts.photos(session, talk) == 1
        ticket = drafts.send(session, talk, drafts.of(session, talk, TUESDAY_TEN), 10, TUESDAY_TEN)
        assert ticket.number == rules.number_of(2026, 1) and session.scalars(select(TicketPhoto.ticket_id)).one() == ticket.id


class TestPeople:
    def test_two_channels_of_one_person_have_one_list(self, session):
        one, two = somebody(session, 1), somebody(session, 2, "telegram")
        first, second = sent(session, one), sent(session, two)
        session.add(TicketFollower(ticket_id=first.id, citizen_id=two.citizen_id, conversation_id=two.id, at=TUESDAY_TEN))
        session.flush()
        linking.join(session, one, two, TUESDAY_TEN)
        session.expire_all()
        assert {t.id for t in citizen.mine(session, one.citizen_id)} == {first.id, second.id} and session.scalars(select(TicketFollower)).all() == []

    def test_a_channel_that_is_parted_leaves_its_reports_with_the_person(self, session):
        one, two = somebody(session, 1), somebody(session, 2, "telegram")
        linking.join(session, one, two, TUESDAY_TEN)
        ticket = sent(session, two)
        linking.part(session, one, two.id, TUESDAY_TEN)
        session.expire_all()
        assert (ticket.citizen_id, ticket.conversation_id) == (one.citizen_id, one.id)

    def test_a_chat_that_moves_takes_reports_drafts_and_photos_along(self, session):
        talk = somebody(session)
        ticket = sent(session, talk)
        written(session, talk, "rác đổ đầy bờ sông ba hôm nay")
        new = people.move(session, KEY, talk, "sender-new-0123456789", TUESDAY_TEN)
        session.expire_all()
        assert ticket.conversation_id == new.id and drafts.of(session, new, TUESDAY_TEN).text.startswith("rác")

    def test_consent_taken_back_leaves_no_word_and_no_message(self, session):
        talk = somebody(session)
        ticket = sent(session, talk)
        citizen.add(session, ticket, "cột số 7", TUESDAY_TEN)
        people.withdraw(session, talk, ["feedback"], TUESDAY_TEN)
        session.expire_all()
        assert (ticket.text, ticket.citizen_id, ticket.state) == ("(người gửi đã xóa)", None, "new")
        assert set(session.scalars(select(TicketEvent.text))) == {None} and session.scalars(select(Outbound)).all() == []

    def test_a_person_who_follows_is_forgotten_and_the_report_stays(self, session):
        one, two = somebody(session, 1), somebody(session, 2)
        ticket = sent(session, one)
        assert drafts.join(session, two, written(session, two), ticket.id, TUESDAY_TEN) is ticket
        people.erase(session, two, TUESDAY_TEN)
        people.forget(session, two.id)
        session.expire_all()
        assert (ticket.text, drafts.followers(session, ticket.id)) == (LAMP, 0) and len(session.scalars(select(Citizen)).all()) == 1


def test_words_of_closed_reports_go_after_a_year(session):
    ticket = sent(session, somebody(session))
    ticket.state, ticket.closed_at = "closed", TUESDAY_TEN
    session.flush()
    assert owner.clean(session, TUESDAY_TEN + owner.KEPT_FOR) == 0
    assert owner.clean(session, TUESDAY_TEN + owner.KEPT_FOR + timedelta(days=1)) > 0
    session.expire_all()
    assert ticket.text == "(người gửi đã xóa)" and owner.clean(session, TUESDAY_TEN + timedelta(days=800)) == 0


def test_the_retention_jobs_are_listed():
    assert {"tickets", "ticket_drafts"} <= {job.name for job in retention.JOBS}
