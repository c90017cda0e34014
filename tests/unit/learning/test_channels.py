"""Every question of every shipped course, as each kind of channel shows it: all choices can be tapped and typed, all of it fits."""

from types import SimpleNamespace

import pytest

from actions.learning import replies
from bot import terminal
from bot.channels.base import Limits
from bot.channels.rendering import by_typing, fitted
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_messages import keyboard
from bot.gateway import numbered
from bot.learning import asking, document, engine, review
from bot.learning.asking import Screen
from bot.learning.check import MESSAGE_CHARACTERS
from bot.learning.drill import HOW
from bot.learning.engine import Progress
from bot.learning.items import TYPES
from bot.learning.items.base import LETTERS
from bot.learning.model import CardStep
from tests.factories import ROOT

COURSES = {p.stem: document.load(p) for p in document.files_of(ROOT / "courses")}
QUESTIONS = [(course, item) for course in COURSES.values() for item in course.asked]
EACH = pytest.mark.parametrize("slug", list(COURSES))
TEXT_ONLY = Limits(characters=2000, buttons=0, title=0)
FEW_BUTTONS = Limits(characters=2000, buttons=5, title=20)
SEEDS = (1, 2, 3)


def screens(item):
    """The question as it is asked, in a few orders; a scenario also in each of its later scenes."""
    ways = [()]
    for way in ways:
        if item.type == "scenario":
            ways += [(*way, at) for at, choice in enumerate(item.scene(way).choices) if choice.to is not None]
    return [Screen(item, seed, picked=way) for seed in SEEDS for way in ways]


def body(course, says, public_url: str = "") -> dict:
    """The message that goes to a channel: what the action makes of it and the gateway numbers."""
    (reply,) = replies(SimpleNamespace(app=SimpleNamespace(settings=SimpleNamespace(public_url=public_url))), (says,))
    made = reply.as_dict()
    made["buttons"] = [{**b, "payload": "b" + "x" * 12, "n": at if numbered(b) else None} for at, b in enumerate(made["buttons"], 1)]
    return made


def choices(screen) -> list[tuple[str, int]]:
    """(letter on the screen, index) of each choice."""
    return [(LETTERS[at], index) for at, index in enumerate(screen.order)]


def texts(screen) -> list[str]:
    return screen.expectation["options"]


def test_the_courses_try_every_type():
    assert {item.type for _, item in QUESTIONS} == set(TYPES)


@EACH
class TestReaching:
    def test_every_choice_has_a_button_and_its_letter_stands_before_its_text(self, slug):
        for item in COURSES[slug].asked:
            for screen in screens(item):
                said = screen.say()
                assert [(title, command) for title, command in said.buttons] == [(letter, ("pick", item.id, i)) for letter, i in choices(screen)]
                for (letter, _), text in zip(choices(screen), texts(screen), strict=True):
                    assert f"\n{letter}. {text}" in said.text or f"\n[{letter}] {text}" in said.text

    def test_a_letter_typed_is_the_same_as_its_button_tapped(self, slug):
        for item in (i for i in COURSES[slug].asked if not i.hands_in):
            for screen in screens(item):
                for letter, index in choices(screen):
                    tapped = asking.tapped(screen, item.id, index)
                    assert tapped.answered or tapped.picked
                    for typed in (letter, letter.lower(), f"câu {letter}"):
                        assert asking.typed(screen, typed) == tapped, (item.id, typed)

    def test_where_all_are_to_be_marked_letters_typed_are_buttons_tapped_and_handed_in(self, slug):
        for item in (i for i in COURSES[slug].asked if i.hands_in):
            for screen in screens(item):
                wanted = item.best()[0]
                letters = [letter for letter, index in choices(screen) if index in wanted]
                at = screen
                for index in wanted:
                    at = Screen(item, screen.seed, picked=asking.tapped(at, item.id, index).picked)
                handed_in = asking.tapped(at, item.id, "done")
                assert handed_in.verdict.correct
                for typed in (", ".join(letters), " ".join(letters).lower(), " và ".join(letters)):
                    assert asking.typed(screen, typed).verdict.correct, (item.id, typed)
                for letter, index in choices(screen):
                    assert asking.typed(screen, letter).verdict == item.grade((index,)), (item.id, letter)

    def test_a_sequence_typed_is_the_same_as_its_buttons_tapped(self, slug):
        for item in (i for i in COURSES[slug].asked if i.type in ("ordering", "matching")):
            for screen in screens(item):
                letter_of = {index: letter for letter, index in choices(screen)}
                wanted = [letter_of[i] for i in item.best()[0]]
                at, move = screen, None
                for letter in wanted:
                    move = asking.tapped(at, item.id, dict(choices(screen))[letter])
                    if move.answered:
                        break
                    at = Screen(item, screen.seed, picked=move.picked)
                assert move.answered and move.verdict.correct
                for typed in (", ".join(wanted), "".join(wanted).lower(), " ".join(wanted)):
                    assert asking.typed(screen, typed).verdict.correct, (item.id, typed)

    def test_once_something_is_chosen_the_rest_and_a_way_back_have_buttons(self, slug):
        for item in (i for i in COURSES[slug].asked if i.several and i.type != "scenario"):
            screen = Screen(item, 1)
            first = screen.order[0]
            move = asking.tapped(screen, item.id, first)
            commands = [command for _, command in move.says[-1].buttons]
            assert commands[:item.size - 1] == [("pick", item.id, i) for i in screen.order[1:]]
            assert ("pick", item.id, "reset") in commands and (("pick", item.id, "done") in commands) == item.hands_in

    def test_the_accepted_words_of_a_question_to_fill_can_be_typed(self, slug):
        for item in (i for i in COURSES[slug].asked if i.type == "fill"):
            for word in item.accept:
                assert asking.typed(Screen(item, 1), word).verdict.correct, (item.id, word)


def everything_said(course):
    """Each card and question as it is said in a lesson, in the test and in a revision."""
    for number, lesson in enumerate(course.lessons):
        for at, step in enumerate(lesson.steps):
            progress = Progress(seed=1, lesson=number, phase="steps", at=at)
            yield (step.card if isinstance(step, CardStep) else step.question), engine.on_screen(course, progress)
        if lesson.easier is not None:
            yield lesson.easier, engine.on_screen(course, Progress(seed=1, lesson=number, phase="steps", aside=lesson.easier.id))
        yield None, engine.on_screen(course, Progress(seed=1, lesson=number))
    for at, item in enumerate(course.test):
        yield item, engine.on_screen(course, Progress(seed=1, phase="before", before=(True,) * at))
    for item in course.items:
        yield item, review.on_screen({"k": item}, review.Sitting(seed=1, queue=("k",)))


@EACH
class TestFitting:
    def test_every_message_fits_the_shortest_channel_and_buttons_are_short(self, slug):
        for _, said in everything_said(COURSES[slug]):
            assert len(said.text) <= MESSAGE_CHARACTERS
            assert all(1 <= len(title) <= 40 for title, _ in said.buttons)

    def test_on_telegram_it_is_one_message_with_every_button_under_it(self, slug):
        for _, said in everything_said(COURSES[slug]):
            made = body(COURSES[slug], said)
            (part,) = fitted(made, TelegramChannel.limits)
            keys = [key for row in keyboard(list(part.buttons)).inline_keyboard for key in row] if part.buttons else []
            assert [key.text for key in keys] == [title for title, _ in said.buttons]
            assert all(len(key.callback_data.encode()) <= 64 for key in keys)

    def test_as_plain_text_it_names_every_choice_and_every_other_way_on(self, slug):
        for item, said in everything_said(COURSES[slug]):
            parts = fitted(body(COURSES[slug], said), TEXT_ONLY)
            whole = "\n".join(p.text for p in parts)
            assert all(len(p.text) <= TEXT_ONLY.characters and p.buttons == () for p in parts)
            if hasattr(item, "expect"):
                assert all(text in whole for text in Screen(item, 1).expectation["options"])
            assert all(title in whole for title, _ in said.buttons if len(title) > 1)

    def test_where_nothing_can_be_pressed_nobody_is_told_to_press(self, slug):
        for item, said in everything_said(COURSES[slug]):
            how = Screen(item, 1).say().text.rpartition("\n")[2] if hasattr(item, "expect") else ""
            (*_, part) = fitted(body(COURSES[slug], said), TEXT_ONLY)
            lines = part.text.split("\n")
            assert how not in lines or "bấm" not in how.lower()
            assert "bấm" not in by_typing(how).lower()

    def test_with_few_buttons_nothing_is_lost(self, slug):
        for _, said in everything_said(COURSES[slug]):
            parts = fitted(body(COURSES[slug], said), FEW_BUTTONS)
            shown = len(parts[-1].buttons)
            assert shown in (0, len(said.buttons)) and shown <= FEW_BUTTONS.buttons
            if not shown:
                assert all(title in "\n".join(p.text for p in parts) for title, _ in said.buttons if len(title) > 1)

    def test_in_the_terminal_every_button_has_a_number(self, slug, capsys):
        for _, said in everything_said(COURSES[slug]):
            made = body(COURSES[slug], said)
            assert terminal.show([made]) == made["buttons"]
            printed = capsys.readouterr().out
            assert made["text"] in printed
            assert all(f"  [{at}] {b['title']}\n" in printed for at, b in enumerate(made["buttons"], 1))

    def test_who_cannot_see_a_picture_is_told_what_it_shows(self, slug, capsys):
        told = 0
        for item, said in everything_said(COURSES[slug]):
            picture = getattr(item, "picture", None)
            assert said.picture == picture
            if picture is None:
                continue
            told += 1
            without_address = body(COURSES[slug], said)
            assert all(fitted(without_address, limits)[0].text.startswith(f"🖼 {picture.alt}\n") for limits in (TEXT_ONLY, FEW_BUTTONS, TelegramChannel.limits))
            terminal.show([without_address])
            assert f"🖼 {picture.alt}" in capsys.readouterr().out
            with_address = body(COURSES[slug], said, "https://tro-ly.example")
            assert with_address["alt"] == picture.alt and with_address["image"].startswith("https://tro-ly.example/pictures/")
        assert told >= len(COURSES[slug].pictures) > 0


def test_only_the_line_that_says_how_to_answer_is_put_otherwise():
    made = {"text": "Bấm chữ cái A trên bàn phím rồi bấm Xong.\n\nBấm chữ cái hoặc gõ câu trả lời.", "buttons": [{"title": "A", "payload": "b1", "n": None}]}
    assert fitted(made, TEXT_ONLY)[0].text == "Bấm chữ cái A trên bàn phím rồi bấm Xong.\n\nGõ chữ cái, hoặc câu trả lời."
    assert fitted(made, FEW_BUTTONS)[0].text == made["text"]
    assert by_typing(HOW) == "Chọn một việc: gõ chữ cái."
