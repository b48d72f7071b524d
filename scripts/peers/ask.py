"""Asks an AWS endpoint every question and prints one JSON line an answer. `npm run peers` runs it, see main.ts.

The environment says which endpoint: AWS_ENDPOINT_URL, AWS_REGION and credentials, and nothing else.
"""

import importlib
import json
import os
import sys

from world import QUESTIONS, World

for topic in sorted(os.listdir(os.path.join(os.path.dirname(__file__), "questions"))):
    if topic.endswith(".py") and topic != "__init__.py":
        importlib.import_module(f"questions.{topic[:-3]}")

only = set(sys.argv[1:])
world = World()
for question in QUESTIONS:
    if only and question["id"] not in only and question["id"].split(".")[0] not in only:
        continue
    try:
        answer = question["ask"](world)
    except Exception as error:  # noqa: BLE001 - how a peer fails is its answer
        answer = world.failure(error)
    line = {key: question[key] for key in ("id", "text", "expected", "url")}
    print(json.dumps({**line, "answer": answer}), flush=True)
