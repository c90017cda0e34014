"""Messages are stored once, taken in order, and taken up again when a process dies."""

from datetime import timedelta

from bot.services import inbox, outbox
from bot.store.tables import Conversation, Inbound
from tests.factories import KEY, TUESDAY_TEN, incoming, talk_of


def store(database, message, now=TUESDAY_TEN):
    with database.write() as session:
        return inbox.store(session, KEY, message, now)


def claim(database, now=TUESDAY_TEN):
    with database.write() as session:
        return inbox.claim(session, now)


def test_a_repeated_platform_id_is_a_no_op(database):
    first, second = store(database, incoming("7", "một")), store(database, incoming("7", "hai"))
    assert (first.new, second.new) == (True, False)
    assert first.inbox_id == second.inbox_id
    with database.read() as session:
        assert [m.text for m in session.query(Inbound)] == ["một"]


def test_the_same_id_on_another_channel_is_another_message(database):
    assert store(database, incoming("7")).new
    assert store(database, incoming("7", channel="telegram")).new


def test_a_conversation_is_taken_in_order_and_one_at_a_time(database):
    for number in "123":
        store(database, incoming(number, f"tin {number}"))
    first = claim(database)
    assert first.text == "tin 1"
    assert claim(database) is None
    with database.write() as session:
        inbox.done(session, first.id, TUESDAY_TEN)
    assert claim(database).text == "tin 2"


def test_different_conversations_go_side_by_side(database):
    store(database, incoming("1", "a", address="sender-one-0123456"))
    store(database, incoming("2", "b", address="sender-two-0123456"))
    assert {claim(database).text, claim(database).text} == {"a", "b"}


def test_the_message_of_a_dead_process_is_taken_up_again_after_its_lease(database):
    store(database, incoming())
    assert claim(database).attempts == 1
    assert claim(database, TUESDAY_TEN + inbox.LEASE - timedelta(seconds=1)) is None
    again = claim(database, TUESDAY_TEN + inbox.LEASE + timedelta(seconds=1))
    assert again.attempts == 2


def test_what_was_typed_is_gone_once_answered(database):
    stored = store(database, incoming(text="lời riêng tư"))
    with database.write() as session:
        inbox.done(session, stored.inbox_id, TUESDAY_TEN)
    with database.read() as session:
        row = session.get(Inbound, stored.inbox_id)
        assert (row.text, row.payload, row.address, row.state) == (None, None, None, "done")


def test_five_failures_of_its_own_park_a_message_and_free_the_conversation(database):
    store(database, incoming("1", "độc"))
    store(database, incoming("2", "lành"))
    now, states = TUESDAY_TEN, []
    for _ in range(inbox.TRIES):
        message = claim(database, now)
        assert message.text == "độc"
        with database.write() as session:
            states.append(inbox.failed(session, message, "no reply", now, ours=False))
        now += timedelta(seconds=60)
    assert states == ["new"] * 4 + ["parked"]
    assert claim(database, now).text == "lành"
    with database.read() as session:
        assert session.query(Inbound).filter_by(state="parked").one().error == "no reply"


def test_rasa_being_down_does_not_count_against_a_message(database):
    store(database, incoming())
    now = TUESDAY_TEN
    for _ in range(20):
        message = claim(database, now)
        with database.write() as session:
            assert inbox.failed(session, message, "ConnectError", now, ours=True) == "new"
        now += timedelta(seconds=5)


def test_typed_titles_and_numbers_press_the_offered_buttons(database):
    with database.write() as session:
        talk = talk_of(session)
        talk.offered = [{"title": "Lệ phí", "payload": "/ask_fee", "numbered": True},
                        {"title": "A", "payload": "/lesson_answer", "numbered": False}]
    payloads = []
    for number, text in enumerate(["lệ phí", "1", "2", "A", "thứ khác"]):
        stored = store(database, incoming(str(number), text))
        with database.read() as session:
            payloads.append(session.get(Inbound, stored.inbox_id).payload)
    assert payloads == ["/ask_fee", "/ask_fee", None, "/lesson_answer", None]


def test_only_the_conversations_own_buttons_count(database):
    with database.write() as session:
        talk = talk_of(session)
        outbox.enqueue(session, talk, "x:1", "reply", {"text": "?", "buttons": [{"title": "Có", "payload": "/affirm"}]}, TUESDAY_TEN)
    with database.read() as session:
        from bot.store.tables import Button

        ident = session.query(Button).one().id
    mine = store(database, incoming("1", "", button=ident))
    theirs = store(database, incoming("2", "", address="sender-two-0123456", button=ident))
    invented = store(database, incoming("3", "", button="/delete_my_data"))
    with database.read() as session:
        found = [session.get(Inbound, s.inbox_id).payload for s in (mine, theirs, invented)]
    assert found == ["/affirm", None, None]


def test_the_address_is_hashed_into_the_conversation_id(database):
    stored = store(database, incoming(address="0912345678-abcdefg"))
    with database.read() as session:
        talk = session.get(Conversation, stored.conversation_id)
        assert "0912345678" not in talk.id and talk.address is None
