"""The terminal chat: numbers press the buttons on the screen, and only those."""

import io
import json

import httpx
import pytest

from bot import terminal

ASKED = {"text": "Bác làm gì?\n\nA. Gác máy\nB. Nghe", "alt": None, "buttons": [{"title": "A", "payload": "b-a"}, {"title": "B", "payload": "b-b"}]}
FILL = {"text": "Mấy ngày?", "alt": None, "buttons": []}
PICTURE = {"text": "Đây là gì?", "alt": "Hình vẽ điện thoại", "buttons": [{"title": "Tiếp", "payload": "b-next"}]}


@pytest.fixture
def talk(monkeypatch, tmp_path, capsys):
    """Types these lines to a server that answers with these messages, one a line; gives what was sent and what was printed."""

    def go(lines: list[str], answers: list[dict]) -> tuple[list[dict], str]:
        sent: list[dict] = []

        def serve(request: httpx.Request) -> httpx.Response:
            if request.url.path != "/api/chat":
                return httpx.Response(200)
            body = json.loads(request.content)
            sent.append({k: v for k, v in body.items() if k in ("text", "payload")})
            return httpx.Response(200, json={"sender": "s" * 20, "pending": False, "messages": [answers[len(sent) - 1]]})

        client = httpx.Client
        monkeypatch.setattr(terminal.httpx, "Client", lambda **given: client(transport=httpx.MockTransport(serve), **given))
        monkeypatch.setattr(terminal, "listen", lambda *_: None)
        monkeypatch.setattr(terminal, "settings", lambda: type("S", (), {"var": tmp_path}))
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*lines, "thoát", ""])))
        terminal.talk("http://server")
        return sent, capsys.readouterr().out

    return go


def test_a_number_presses_the_button_with_this_number(talk):
    sent, printed = talk(["học", "2"], [ASKED, FILL])
    assert sent == [{"text": "học"}, {"payload": "b-b"}]
    assert "  [1] A\n  [2] B\n" in printed


def test_a_number_without_its_button_is_text(talk):
    assert talk(["học", "3"], [ASKED, FILL])[0] == [{"text": "học"}, {"text": "3"}]


def test_a_number_answers_a_question_that_has_no_buttons(talk):
    assert talk(["học", "1", "2"], [ASKED, FILL, FILL])[0] == [{"text": "học"}, {"payload": "b-a"}, {"text": "2"}]


def test_a_picture_is_described(talk):
    assert "🖼 Hình vẽ điện thoại\n\nĐây là gì?\n  [1] Tiếp\n" in talk(["học"], [PICTURE])[1]
