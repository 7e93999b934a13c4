"""Judges the clocks of the engine by times.py, which nobody derived from it. Standard input: one JSON list of questions.

Each question is {"ask": "due" | "extended" | "withdrawal", ...}; the answers, instants in UTC, go to standard output in order.
Usage: clocks.py FOLDER-OF-TIMES
"""
import json, sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

sys.path.insert(0, sys.argv[1])
from times import due, extended, withdrawal_leaves


def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def answer(q):
    if q["ask"] == "withdrawal":
        return withdrawal_leaves(at(q["decided"]))
    zone = ZoneInfo(q["zone"])
    clock = {"period": q["period"], "from": q.get("from", "receipt"), "extension": q.get("extension")}
    expiry = due(clock, at(q["start"]), zone, timedelta(seconds=q.get("paused_s", 0)))
    if q["ask"] == "extended":
        promised = q.get("promised")
        expiry = extended(clock, expiry, zone, date.fromisoformat(promised) if promised else None)
        expiry += timedelta(seconds=q.get("paused_later_s", 0))
    return expiry


answers = [answer(q).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for q in json.load(sys.stdin)]
json.dump(answers, sys.stdout)
