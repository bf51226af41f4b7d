"""Send fifty calls in one batch, check their errors, and send a GET that is too long for a URL.

Arguments: URL TREE FOLDER
"""

import os

from googleapiclient.errors import HttpError
from longrunning_client import connect, parameters, poll, result


def main():
    url, tree, folder = parameters(3)
    service = connect(url)
    names = []

    def started(request_id, answer, error):
        assert error is None, error
        names.append(answer["name"])

    starts = service.new_batch_http_request(callback=started)
    for index in range(49):
        output = os.path.join(folder, "%d.tar.gz" % index)
        starts.add(service.createArchive(body={"directory": tree, "output": output}))
    starts.execute()
    assert len(set(names)) == 49, names
    for name in names:
        poll(service, name)

    answers = {}
    order = []

    def got(request_id, answer, error):
        order.append(request_id)
        answers[request_id] = (answer, error)

    gets = service.new_batch_http_request(callback=got)
    for name in names:
        gets.add(service.operations().get(name=name), request_id=name)
    gets.add(service.operations().get(name="operations/missing", x__xgafv="1"), request_id="an id, with / and + and %")
    gets.execute()
    assert order == names + ["an id, with / and + and %"], order
    for index, name in enumerate(names):
        answer, error = answers[name]
        assert error is None and answer["name"] == name, (answer, error)
        assert result(answer)["path"] == os.path.join(folder, "%d.tar.gz" % index), answer
    _, error = answers["an id, with / and + and %"]
    assert isinstance(error, HttpError) and error.resp.status == 404, error
    assert b'"errors"' in error.content and b"OPERATION_NOT_FOUND" in error.content, error.content

    mixed = service.new_batch_http_request(callback=got)
    mixed.add(service.operations().list(name="operations", pageSize=50, fields="operations(name,done)"), request_id="list")
    mixed.add(service.operations().wait(name=names[0], timeout="1s"), request_id="wait")
    mixed.add(service.operations().cancel(name=names[0], body={}), request_id="cancel")
    mixed.add(service.operations().delete(name=names[1]), request_id="delete")
    mixed.execute()
    listed = answers["list"][0]
    assert set(listed) == {"operations"} and listed["operations"][0].keys() == {"name", "done"}, listed
    assert answers["wait"][0]["done"] is True, answers["wait"]
    assert answers["cancel"] == ({}, None) and answers["delete"] == ({}, None), answers

    # The URL is longer than 2,048 characters, so the client sends the query as a form.
    page = service.operations().list(name="operations", key="k" * 3000, pageSize=1).execute()
    assert len(page["operations"]) == 1, page


main()
