"""Measures how many events of HttpBenchmark.java FastAPI with Mangum handles a second, in this process. Prints JSON.

Arguments: the folder of the sample events, the seconds of each of two measurements.
"""

import json
import logging
import os
import sys
import time
from pathlib import Path

import fastapi_app

logging.basicConfig(level=logging.INFO, stream=open(os.devnull, "w"))  # Mangum's line for each request, as on Lambda

events, seconds = Path(sys.argv[1]), float(sys.argv[2])
invalid = json.loads((events / "create-item.json").read_text())
invalid["body"] = invalid["body"].replace('"name":"Lamp"', '"name":""').replace('"price":49.9', '"price":-1')
samples = {"404": json.loads((events / "unmatched-route.json").read_text()), "422": invalid}

results = {}
for status, event in samples.items():
    text = json.dumps(event)
    answer = fastapi_app.handler(json.loads(text), None)
    assert answer["statusCode"] == int(status), answer
    rates = []
    for _ in range(3):
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            for _ in range(10):
                json.dumps(fastapi_app.handler(json.loads(text), None))
            count += 10
        rates.append(count / (time.perf_counter() - start))
    results[status] = rates[1:]  # the first warms up
print(json.dumps(results))
