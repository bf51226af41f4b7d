"""Check pages of operations, request ids, validate_only, deletion, and parents.

Arguments: URL TREE FOLDER
"""

import os

from googleapiclient.errors import HttpError
from longrunning_client import connect, parameters, poll, result

PARENT = "projects/p/locations/l"


def pages(service, **parameters):
    request = service.operations().list(**parameters)
    while request is not None:
        page = request.execute()
        yield page.get("operations", [])
        request = service.operations().list_next(request, page)


def names_of(page):
    return [operation["name"] for operation in page]


def check_pages(service, names):
    listed = list(pages(service, name="operations", pageSize=3))
    assert len(listed) >= 3, "expected at least 3 pages"
    assert all(len(page) <= 3 for page in listed), listed
    everything = [name for page in listed for name in names_of(page)]
    assert sorted(everything) == sorted(names), "expected every operation exactly once"


def check_request_id(service, tree, output):
    body = {"directory": tree, "output": output}
    first = service.createArchive(body=body, requestId="the same").execute()
    again = service.createArchive(body=body, requestId="the same").execute()
    assert first["name"] == again["name"], again
    try:
        service.createArchive(body={"directory": "/"}, requestId="the same", x__xgafv="2").execute()
        raise AssertionError("the server accepted a different request with the same request id")
    except HttpError as error:
        assert error.resp.status == 400 and b"REQUEST_ID_REUSED" in error.content, error.content
    return first["name"]


def check_validate_only(service, tree, output):
    before = len(service.operations().list(name="operations").execute()["operations"])
    checked = service.createArchive(body={"directory": tree, "output": output}, validateOnly=True).execute()
    assert checked["done"] is True and "response" in checked and "name" not in checked, checked
    after = len(service.operations().list(name="operations").execute()["operations"])
    assert (before, os.path.exists(output)) == (after, False)


def check_delete(service, name):
    poll(service, name)
    assert service.operations().delete(name=name).execute() == {}
    for call in (service.operations().get, service.operations().delete):
        try:
            call(name=name).execute()
            raise AssertionError("the deleted operation still exists")
        except HttpError as error:
            assert error.resp.status == 404, error.content


def check_parent(service, tree, output):
    body = {"directory": tree, "output": output}
    started = service.parents().createArchive(parent=PARENT, body=body).execute()
    assert started["name"].startswith(PARENT + "/operations/"), started
    done = poll(service, started["name"], x__xgafv="2")
    assert result(done)["path"] == output, done
    assert service.operations().list(name=PARENT).execute()["operations"] == [done]
    assert "operations" not in service.operations().list(name="projects/p/locations/other").execute()
    assert started["name"] not in [name for page in pages(service, name="operations") for name in names_of(page)]


def main():
    url, tree, folder = parameters(3)
    service = connect(url)

    def output(name):
        return os.path.join(folder, name + ".tar.gz")

    names = [
        service.createArchive(body={"directory": tree, "output": output(str(index))}).execute()["name"]
        for index in range(7)
    ]
    names.append(check_request_id(service, tree, output("same")))
    for name in names:
        poll(service, name)
    check_pages(service, names)
    check_validate_only(service, tree, output("never"))
    check_delete(service, names[0])
    check_pages(service, names[1:])
    check_parent(service, tree, output("parent"))


main()
