"""A thousand messages in one conversation: does the thousandth cost more than the tenth?

    .venv/bin/python -m benchmarks.latency [--messages 1000] [--stock 300]

Ours: over the web API, from the request to the answer, everything durable in between. Beside it, in the same run and on
the same model, Rasa alone twice: with our channel, tracker store and speed fixes, and as it comes (REST channel,
SQLTrackerStore). Prints one JSON. Machines are noisy: read the ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx
from ruamel.yaml import YAML

from tests.served import ROOT, Served, free_port, wait_for

QUESTIONS = ("làm giấy khai sinh cần giấy tờ gì", "thế lệ phí bao nhiêu", "nop o dau", "đăng ký tạm trú mất mấy ngày",
             "cam on", "mở quán phở thì đăng ký gì", "sang tên xe máy", "có nộp qua mạng được không", "chào bot",
             "bạn làm được gì")


def median(values: list[float]) -> float:
    return round(statistics.median(values), 1)


def summary(spent: list[float]) -> dict:
    """Medians in ms of messages 11-60 and of the last 50, and their ratio."""
    early, late = spent[10:60], spent[-50:]
    return {"messages": len(spent), "median_11_60_ms": median(early), "median_last_50_ms": median(late),
            "ratio": round(statistics.median(late) / statistics.median(early), 2), "median_all_ms": median(spent),
            "p95_ms": round(sorted(spent)[int(len(spent) * 0.95)], 1)}


def timed(call) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def whole_bot(folder: Path, count: int, stock: int) -> tuple[dict, list[dict]]:
    """Ours end to end, and Rasa behind it alone."""
    bot = Served(folder).start()
    try:
        http, sender = httpx.Client(base_url=bot.url, timeout=30), uuid.uuid4().hex
        spent = []
        for number in range(count):
            body = {"sender": sender, "id": f"m{number}", "text": QUESTIONS[number % len(QUESTIONS)]}

            def ask(body=body) -> None:
                answer = http.post("/api/chat", json=body).json()
                assert answer["messages"] and not answer["pending"], answer

            spent.append(timed(ask))
        return summary(spent), rasa_alone(bot, folder, stock)
    finally:
        bot.stop()


def rasa_alone(bot: Served, folder: Path, count: int) -> list[dict]:
    """The same messages straight to Rasa: as we run it, and as it comes. Both call the same action endpoint."""
    if not count:
        return []
    endpoints = YAML().load((folder / "run" / f"endpoints-{bot.port}.yml").read_text())
    stock_port = free_port()
    endpoints["tracker_store"] = {"type": "SQL", "dialect": "sqlite", "db": str(folder / "stock.db")}
    with (folder / "stock_endpoints.yml").open("w") as out:
        YAML().dump(endpoints, out)
    (folder / "stock_credentials.yml").write_text("rest:\n")
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT),
                   "PYTHONWARNINGS": "ignore"}
    with (folder / "stock.log").open("w") as log:
        stock = subprocess.Popen([str(ROOT / ".venv-rasa/bin/python"), "-m", "rasa", "run", "--model", str(ROOT / "models"),
                                  "--endpoints", str(folder / "stock_endpoints.yml"), "--credentials",
                                  str(folder / "stock_credentials.yml"), "-i", "127.0.0.1", "-p", str(stock_port)],
                                 cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        base = f"http://127.0.0.1:{stock_port}"
        wait_for(lambda: responds(base), 90, (folder / "stock.log").read_text)
        stock_http = httpx.Client(base_url=base, timeout=60)
        warm = {"sender": "warm", "message": "chào"}
        wait_for(lambda: bool(stock_http.post("/webhooks/rest/webhook", json=warm).json()), 60)
        our_port = bot.environment_of("rasa")["RASA_URL"]
        ours_http = httpx.Client(base_url=our_port, timeout=60, headers={
            "x-gateway-token": (folder / "gateway_token").read_text().strip()})
        ours, plain = [], []
        for number in range(count):  # one after the other, so that noise falls on both
            words = QUESTIONS[number % len(QUESTIONS)]
            ours.append(timed(lambda w=words: ours_http.post("/webhooks/gateway/turn", json={
                "sender": "bench-ours", "text": w, "message_id": "0", "context": {}})))
            plain.append(timed(lambda w=words: stock_http.post("/webhooks/rest/webhook", json={
                "sender": "bench-stock", "message": w})))
        return [{"what": "Rasa as we run it", **summary(ours)}, {"what": "Rasa as it comes", **summary(plain)}]
    finally:
        stock.terminate()
        stock.wait(20)


def responds(base: str) -> bool:
    try:
        return httpx.get(base, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def measured(messages: int = 1000, stock: int = 300) -> dict:
    """Everything measured, as JSON-able data. stock: messages to Rasa alone, ours and as it comes; 0: none."""
    with tempfile.TemporaryDirectory() as folder:
        ours, alone = whole_bot(Path(folder), messages, stock)
    return {"end_to_end": ours, "rasa_alone": alone, "goals": {"ratio": 1.2, "median_ms": 80}}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--messages", type=int, default=1000)
    arguments.add_argument("--stock", type=int, default=300, help="messages to Rasa alone, ours and stock; 0: skip")
    given = arguments.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    json.dump({"benchmark": "latency", "commit": commit, **measured(given.messages, given.stock)}, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
