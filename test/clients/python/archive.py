"""Pack a real directory tree, poll in every error format, and check the archive byte by byte.

Arguments: URL TREE OUTPUT
"""

import hashlib
import os
import tarfile

from longrunning_client import connect, parameters, poll, progress, result


def names_under(tree):
    base = os.path.dirname(tree)
    for folder, folders, files in os.walk(tree):
        yield os.path.relpath(folder, base)
        for name in files:
            yield os.path.relpath(os.path.join(folder, name), base)


def check_archive(tree, archive):
    with open(archive["path"], "rb") as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == archive["sha256"]
    assert len(data) == archive["sizeBytes"]
    with tarfile.open(archive["path"], "r:gz") as tar:
        members = tar.getmembers()
        assert len(members) == archive["entryCount"]
        assert sorted(each.name.rstrip("/") for each in members) == sorted(names_under(tree))
        for member in members:
            if member.isfile():
                with open(os.path.join(os.path.dirname(tree), member.name), "rb") as original:
                    assert tar.extractfile(member).read() == original.read(), member.name


def main():
    url, tree, output = parameters(3)
    service = connect(url)
    started = service.createArchive(body={"directory": tree, "output": output}).execute()
    name = started["name"]
    assert name.startswith("operations/"), started
    assert progress(started)["verb"] == "createArchive", started

    polled = [poll(service, name), poll(service, name, x__xgafv="1"), poll(service, name, x__xgafv="2")]
    # $.xgafv selects a format of errors. A success is the same in every format.
    assert polled[0] == polled[1] == polled[2], polled
    assert sorted(polled[0]) == ["done", "metadata", "name", "response"], polled[0]

    archive = result(polled[0])
    assert archive["path"] == output, archive
    check_archive(tree, archive)
    last = progress(polled[0])
    assert last["state"] == "SUCCEEDED" and last["progressPercent"] == 100, last
    assert last["bytesDone"] == last["bytesTotal"] > 0, last


main()
