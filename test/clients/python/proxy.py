"""Python's requests through the proxy before nginx: a name comes in a line, and its request waits until the script of nginx goes on."""

import hashlib
import sys

import requests

URL = sys.argv[1]

with requests.Session() as session:
    large = session.get(f"{URL}/files/large.bin", timeout=60)
    assert large.status_code == 200 and len(large.content) == 8 * 1024 * 1024

    # A generator is sent in chunks.
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
