"""Check google-api-python-client with the discovery document of Cloud Redis that it contains.

Print a line of facts.

Argument: URL
"""

import sys
import time

from cloud_facts import ENDLESS, PARENT, TOO_LARGE, Facts
from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError


def create(instances, instance_id, memory_size_gb):
    body = {"tier": "BASIC", "memorySizeGb": memory_size_gb}
    return instances.create(parent=PARENT, instanceId=instance_id, body=body).execute()


def done(operations, name):
    """Poll an operation until it is done, and return it. The library has no function for this."""
    while True:
        operation = operations.get(name=name).execute()
        if operation.get("done"):
            return operation
        time.sleep(0.05)


def main():
    (url,) = sys.argv[1:]
    facts = Facts("google-api-python-client", "REST")
    client = build("redis", "v1", client_options={"api_endpoint": url}, credentials=AnonymousCredentials())
    locations = client.projects().locations()
    instances, operations = locations.instances(), locations.operations()

    made = done(operations, create(instances, "a", 1)["name"])
    name = made["response"]["name"]
    assert (name, made["metadata"]["target"]) == (PARENT + "/instances/a", name), made
    facts.did("start", "get", "result")
    body = {"memorySizeGb": 3, "labels": {"env": "prod"}}
    update = instances.patch(name=name, updateMask="memorySizeGb,labels", body=body).execute()
    updated = done(operations, update["name"])["response"]
    assert (updated["memorySizeGb"], updated["tier"], updated["labels"]) == (3, "BASIC", {"env": "prod"}), updated
    facts.did("update")
    listed = operations.list(name=PARENT).execute()["operations"]
    assert made["name"] in [each["name"] for each in listed], listed
    facts.did("list")
    check_errors(instances, operations, facts)
    check_cancel(instances, operations, facts)
    operations.delete(name=made["name"]).execute()
    assert refused(operations.get(name=made["name"])).status_code == 404
    facts.did("delete")
    facts.print()


def check_errors(instances, operations, facts):
    error = refused(instances.get(name=PARENT + "/instances/none"))
    (reason,) = [each["reason"] for each in error.error_details if each["@type"].endswith("google.rpc.ErrorInfo")]
    failed = done(operations, create(instances, "large", TOO_LARGE)["name"])["error"]
    assert (error.status_code, failed["code"]) == (404, 8), (error, failed)
    facts.errors = "call: `HttpError` %d `%s`; operation: `error.code` %d" % (error.status_code, reason, failed["code"])


def check_cancel(instances, operations, facts):
    name = create(instances, "endless", ENDLESS)["name"]
    while not operations.get(name=name).execute()["metadata"].get("statusDetail"):
        time.sleep(0.05)
    facts.progress = "`metadata.statusDetail`"
    assert operations.cancel(name=name).execute() == {}
    cancelled = done(operations, name)
    assert cancelled["metadata"]["cancelRequested"] and cancelled["error"]["code"] == 1, cancelled
    facts.cancellation = "`error.code` 1"
    facts.did("cancel")


def refused(request):
    """Return the error with which a request fails."""
    try:
        answer = request.execute()
    except HttpError as error:
        return error
    raise AssertionError("expected an error, got %r" % (answer,))


main()
