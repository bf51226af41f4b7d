"""Handlers that do what the witness says, on the library of examples/workers/python."""

import json
import sys
import time
import urllib.request

from worker import Failed, Stopped, Worker, connect


def follow(request, task):
    about = {"operation": task.name, "attempt": task.number}
    said = {"event": "began", "request": request, "lastReport": task.last_report, **about}
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
            task.check()
        try:
            if what == "report":
                task.report(**order["metadata"])
            if what == "wait":
                task.stopped.wait()
            until = time.monotonic() + order.get("ms", 0) / 1000
            while time.monotonic() < until:
                pass
            task.check()
            said = {"event": "done", **about}
        except Stopped:
            said = {"event": "stopped", **about}


address, slots, drain_s, lease_s = sys.argv[1:]
handlers = {"steered": follow, "silent": follow}
Worker(connect(address), handlers, slots=int(slots), drain_s=int(drain_s), lease_s=int(lease_s)).run()
