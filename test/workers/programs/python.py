"""Handlers that carry out the witness's orders, with the library in examples/workers/python."""

import asyncio
import json
import sys
import time
import urllib.request

import grpc
from attempt import Failed, Stopped
from worker import Worker


def follow(request, attempt):
    about = {"operation": attempt.name, "attempt": attempt.number}
    said = {"event": "began", "request": request, "lastReport": attempt.last_report, **about}
    while True:
        with urllib.request.urlopen(request["url"], json.dumps(said).encode()) as answer:
            order = json.load(answer)
        what = order["do"]
        if what == "return":
            return order["response"]
        if what == "fail":
            raise Failed(order["code"], order["message"], retry=order["retry"])
        if what == "throw":
            raise SystemExit(order["message"]) if order.get("odd") else RuntimeError(order["message"])
        if what == "stop":
            attempt.check()
        try:
            if what == "report":
                attempt.report(**order["metadata"])
            if what == "wait":
                attempt.stopped.wait()
            until = time.monotonic() + order.get("ms", 0) / 1000
            while time.monotonic() < until:
                pass
            attempt.check()
            said = {"event": "done", **about}
        except Stopped:
            said = {"event": "stopped", **about}


async def main():
    address, slots, drain_s, lease_s = sys.argv[1:]
    handlers = {"steered": follow, "silent": follow}
    async with grpc.aio.insecure_channel(address) as channel:
        await Worker(channel, handlers, int(slots), int(drain_s), int(lease_s)).run()


asyncio.run(main())
