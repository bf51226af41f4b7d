"""Start operations, and poll them to their ends across a crash and a restart of the server.

One client object does both. The script prints "started" when the test may kill the server, and
continues while the server is down.

Arguments: URL TREE FOLDER
"""

import hashlib
import os
import sys

from longrunning_client import connect, is_running, parameters, poll, progress, result


def main():
    url, tree, folder = parameters(3)
    service = connect(url)

    def start(directory, output):
        body = {"directory": directory, "output": os.path.join(folder, output)}
        return service.createArchive(body=body, requestId=output).execute()

    finished = [poll(service, start(os.path.dirname(__file__), "%d.tar.gz" % index)["name"]) for index in range(3)]
    failed = poll(service, start("/does/not/exist", "no.tar.gz")["name"])
    # The server runs two operations at a time, so all others are pending when it is killed.
    going = [start(tree, "slow %d.tar.gz" % index)["name"] for index in range(2)]
    pending = [start(folder + "/small", "pending %d.tar.gz" % index)["name"] for index in range(4)]
    for name in going:
        poll(service, name, until=is_running, x__xgafv="2")
    for name in pending:
        waiting = service.operations().get(name=name).execute()
        assert progress(waiting)["state"] == "PENDING" and "done" not in waiting, waiting

    print("started")
    assert sys.stdin.readline() == "killed\n"
    # The server is down from here on, and the test restarts it. The client object keeps polling.
    for name in going + pending:
        operation = poll(service, name, may_be_down=True, x__xgafv="2")
        archive = result(operation)
        with open(archive["path"], "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == archive["sha256"], operation
        assert progress(operation)["attempt"] == (2 if name in going else 1), operation

    for before in finished + [failed]:
        assert service.operations().get(name=before["name"], x__xgafv="2").execute() == before
    listed = service.operations().list(name="operations").execute()["operations"]
    assert len(listed) == 10, "expected one operation for each start"
    # A request id is still known after the restart.
    assert start(tree, "slow 0.tar.gz")["name"] == going[0]
    assert not [name for name in os.listdir(folder) if name.endswith(".partial")]


main()
