"""What every script here needs: the unmodified client, built from the discovery document, and a bounded poll."""

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
    """Asks again until the operation is as it should be."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = service.operations().get(name=name, **parameters).execute()
            if until(last):
                return last
        except OSError as error:
            # What the server acknowledged it will know when it is back.
            if not may_be_down:
                raise
            last = error
        except HttpError as error:
            # It answers before its store is open, and says that it is starting.
            if not (may_be_down and error.resp.status == 503):
                raise
            last = error
        time.sleep(0.05)
    raise AssertionError("%s did not get there in %s seconds: %r" % (name, seconds, last))


def result(operation):
    """The typed response of an operation that ended well."""
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
    assert len(sys.argv) == count + 1, "expected %d parameters" % count
    return [os.fsdecode(each) for each in sys.argv[1:]]
