"""Cancel a running operation, and check every kind of error in both formats.

Arguments: URL TREE OUTPUT
"""

import json

from googleapiclient.errors import HttpError
from longrunning_client import connect, is_running, parameters, poll, progress

BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def refusal(call):
    """Return the body of the error with which a call fails."""
    try:
        answer = call.execute()
    except HttpError as error:
        body = json.loads(error.content.decode("utf-8"))["error"]
        assert body["code"] == error.resp.status, body
        assert "retry-after" not in error.resp or body["code"] in (429, 503), dict(error.resp)
        assert body["message"] in str(error), str(error)
        return body
    raise AssertionError("expected an error, got %r" % (answer,))


def detail(body, type_url):
    found = [each for each in body["details"] if each["@type"] == type_url]
    assert len(found) == 1, body
    return found[0]


def check_cancel(service, tree, output):
    name = service.createArchive(body={"directory": tree, "output": output}).execute()["name"]
    assert progress(poll(service, name, until=is_running))["state"] == "RUNNING"
    assert service.operations().cancel(name=name).execute() == {}
    cancelled = poll(service, name, x__xgafv="2")
    assert cancelled["error"]["code"] == 1, cancelled
    assert "response" not in cancelled and "status" not in cancelled["error"], cancelled
    # Cancelling an operation again, or after its end, has no effect, with or without a body.
    assert service.operations().cancel(name=name, body={}).execute() == {}
    assert service.operations().get(name=name).execute() == cancelled


def check_unknown_name(service):
    def get(**parameters):
        return refusal(service.operations().get(name="operations/unknown", **parameters))

    first, second, default = get(x__xgafv="1"), get(x__xgafv="2"), get()
    assert first["errors"][0]["reason"] == "notFound", first
    assert first["errors"][0]["domain"] == "global", first
    assert "errors" not in second, second
    assert default == second, default
    assert {key: value for key, value in first.items() if key != "errors"} == second
    assert (second["code"], second["status"]) == (404, "NOT_FOUND"), second
    assert detail(second, ERROR_INFO)["reason"] == "OPERATION_NOT_FOUND", second


def check_bad_request(service):
    for body in ({}, {"directory": 7}, {"directory": ""}):
        refused = refusal(service.createArchive(body=body, x__xgafv="2"))
        assert (refused["code"], refused["status"]) == (400, "INVALID_ARGUMENT"), refused
        violations = detail(refused, BAD_REQUEST)["fieldViolations"]
        assert [each["field"] for each in violations] == ["directory"], refused
    older = refusal(service.createArchive(body={}, x__xgafv="1"))
    assert older["errors"][0]["reason"] in ("badRequest", "invalid"), older


def check_failed_operation(service):
    """Check an error that only the handler can detect.

    It becomes the error of the operation, with a numeric code and without the name of the code.
    """
    name = service.createArchive(body={"directory": "/does/not/exist"}).execute()["name"]
    failed = poll(service, name)
    assert failed["error"]["code"] == 5 and "status" not in failed["error"], failed
    assert detail(failed["error"], ERROR_INFO)["reason"] == "DIRECTORY_NOT_FOUND", failed


def main():
    url, tree, output = parameters(3)
    service = connect(url)
    check_cancel(service, tree, output)
    check_unknown_name(service)
    check_bad_request(service)
    check_failed_operation(service)


main()
