"""The unmodified client, built from the discovery document, and polling with a time limit."""

import os
import sys
import time

from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

STRUCT = "type.googleapis.com/google.protobuf.Struct"


def connect(url):
    return build(
        "longrunning",
        "v1",
        discoveryServiceUrl=url + "/$discovery/rest?version={apiVersion}",
        cache_discovery=False,
    )


def poll(service, name, until=lambda operation: operation.get("done"), seconds=60, may_be_down=False, **parameters):
    """Poll an operation until `until` accepts it, and return it. Fail after `seconds`."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = service.operations().get(name=name, **parameters).execute()
            if until(last):
                return last
        except OSError as error:
            # The server keeps acknowledged operations across a restart, so poll again.
            if not may_be_down:
                raise
            last = error
        except HttpError as error:
            # The server answers 503 while it is opening its store.
            if not (may_be_down and error.resp.status == 503):
                raise
            last = error
        time.sleep(0.05)
    raise AssertionError("%s was not in the expected state after %s seconds: %r" % (name, seconds, last))


def result(operation):
    """Return the response of an operation, which must have succeeded."""
    assert operation["done"] is True, operation
    assert "error" not in operation, operation
    assert operation["response"]["@type"] == STRUCT, operation
    return operation["response"]["value"]


def progress(operation):
    assert operation["metadata"]["@type"] == STRUCT, operation
    return operation["metadata"]["value"]


def is_running(operation):
    return progress(operation).get("bytesDone", 0) > 0


def parameters(count):
    assert len(sys.argv) == count + 1, "expected %d arguments" % count
    return [os.fsdecode(each) for each in sys.argv[1:]]
