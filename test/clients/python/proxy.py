"""Send requests through the proxy in front of nginx.

Each line of the input is the name of a request to a script of nginx. The test decides when the
script continues.

Argument: URL
"""

import hashlib
import sys

import requests

URL = sys.argv[1]

with requests.Session() as session:
    large = session.get(f"{URL}/files/large.bin", timeout=60)
    assert large.status_code == 200 and len(large.content) == 8 * 1024 * 1024

    # requests sends an iterator with chunked transfer coding.
    pieces = [bytes([index]) * 65_536 for index in range(64)]
    summed = session.post(f"{URL}/sum", data=iter(pieces), timeout=60)
    assert summed.text == hashlib.sha256(b"".join(pieces)).hexdigest() + "  -\n", summed.text

    for line in sys.stdin:
        name = line.strip()
        asked = session.post(
            f"{URL}/slow?{name}", data={"year": "2026"}, headers={"Prefer": "respond-async"}, timeout=60
        )
        assert asked.status_code == 202, asked.text
        assert asked.headers["Preference-Applied"] == "respond-async"
        assert float(asked.headers["Retry-After"]) >= 1
        print(f"asked {name}", flush=True)
        done = session.get(URL + asked.headers["Location"], headers={"Prefer": "wait=60"}, timeout=90)
        assert (done.status_code, done.reason) == (201, "Made"), done.text
        assert done.text == f"line of {name}\nyear=2026", done.text
        assert done.headers["AsyncResult"] == "201"
        resource = session.get(URL + asked.headers["Operation-Location"], timeout=60).json()
        assert resource["done"] is True and resource["response"]["value"]["status"] == 201, resource
        print(f"answered {name}", flush=True)
