"""Start, wait, get, list, cancel and delete over gRPC, and check refusals.

Arguments: URL DESCRIPTORS TREE LARGE FOLDER
"""

import os
import time

import grpc
from grpc_stubs import Stub, connect, detail, load, message, parameters, refusal, seconds, struct, unpack

STRUCT = "google.protobuf.Struct"
ERROR_INFO = "google.rpc.ErrorInfo"


class Client:
    def __init__(self, url, folder):
        channel = connect(url)
        grpc.channel_ready_future(channel).result(timeout=30)
        self.operations = Stub(channel, "google.longrunning.Operations")
        self.methods = Stub(channel, "longrunning.v1.Methods")
        self.folder = folder

    def start(self, directory, output, **fields):
        request = struct(directory=directory, output=os.path.join(self.folder, output))
        operation = self.methods.StartOperation(method="createArchive", request=request, **fields)
        assert not operation.done and operation.WhichOneof("result") is None, operation
        return operation.name


def check_result(client, tree):
    name = client.start(tree, "small.tar.gz")
    waited = client.operations.WaitOperation(name=name)
    assert waited.done and waited.WhichOneof("result") == "response", waited
    finished = client.operations.GetOperation(name=name)
    assert finished == waited, finished
    archive = unpack(finished.response, STRUCT)
    assert archive["path"] == os.path.join(client.folder, "small.tar.gz"), archive
    assert archive["sizeBytes"] == os.path.getsize(archive["path"]), archive
    progress = unpack(finished.metadata, STRUCT)
    assert progress["state"] == "SUCCEEDED" and progress["verb"] == "createArchive", progress
    # Waiting for a finished operation returns at once, whatever the timeout.
    assert client.operations.WaitOperation(name=name, timeout=seconds(60)) == finished


def check_repeated_start(client, tree):
    first = client.start(tree, "repeated.tar.gz", request_id="a")
    request = struct(directory=tree, output=os.path.join(client.folder, "repeated.tar.gz"))
    again = client.methods.StartOperation(method="createArchive", request=request, request_id="a")
    assert again.name == first, again
    checked = client.methods.StartOperation(method="createArchive", request=request, validate_only=True)
    assert checked.done and checked.name == "", checked


def check_wait_and_cancel(client, large):
    name = client.start(large, "large.tar.gz", parent="projects/p/locations/l")
    assert name.startswith("projects/p/locations/l/operations/"), name
    began = time.monotonic()
    assert not client.operations.WaitOperation(name=name, timeout=seconds(0.2)).done
    assert 0.19 <= time.monotonic() - began < 2, time.monotonic() - began
    # The server answers with the latest state shortly before the deadline, so that the call does
    # not end with DEADLINE_EXCEEDED.
    began = time.monotonic()
    running = client.operations.WaitOperation(name=name, deadline=3)
    took = time.monotonic() - began
    assert not running.done and running.WhichOneof("result") is None, running
    assert 2 <= took < 3, took
    assert unpack(running.metadata, STRUCT)["state"] == "RUNNING", running
    empty = message("google.protobuf.Empty")()
    assert client.operations.CancelOperation(name=name) == empty
    cancelled = client.operations.WaitOperation(name=name)
    assert cancelled.done and cancelled.error.code == grpc.StatusCode.CANCELLED.value[0], cancelled
    # Cancelling a finished operation has no effect.
    assert client.operations.CancelOperation(name=name) == empty
    assert client.operations.GetOperation(name=name) == cancelled


def check_pages_and_delete(client, tree):
    parent = "projects/p/locations/pages"
    names = [client.start(tree, "%d.tar.gz" % index, parent=parent) for index in range(5)]
    listed, sizes, token = [], [], ""
    while True:
        page = client.operations.ListOperations(name=parent, page_size=2, page_token=token)
        listed += [each.name for each in page.operations]
        sizes.append(len(page.operations))
        token = page.next_page_token
        if not token:
            break
    assert sorted(listed) == sorted(names) and sizes == [2, 2, 1], (listed, sizes)
    for name in names:
        assert client.operations.WaitOperation(name=name).done
    done = client.operations.ListOperations(name=parent, filter="done=true", compression=grpc.Compression.Gzip)
    assert len(done.operations) == 5, done
    client.operations.DeleteOperation(name=names[0])
    check_not_found(client, names[0])
    assert len(client.operations.ListOperations(name=parent).operations) == 4


def check_not_found(client, name):
    for call in ("GetOperation", "WaitOperation", "CancelOperation", "DeleteOperation"):
        status = refusal(lambda: getattr(client.operations, call)(name=name), grpc.StatusCode.NOT_FOUND)
        info = detail(status, ERROR_INFO)
        assert (info.reason, info.metadata["operation"]) == ("OPERATION_NOT_FOUND", name), status
        assert info.domain == "longrunning", status
        assert status.message == 'Operation "%s" was not found.' % name, status


def check_invalid(client):
    def start():
        return client.methods.StartOperation(method="createArchive", request=struct(directory=7))

    status = refusal(start, grpc.StatusCode.INVALID_ARGUMENT)
    violations = detail(status, "google.rpc.BadRequest").field_violations
    assert [each.field for each in violations] == ["directory"], status
    unknown = refusal(lambda: client.methods.StartOperation(method="ünknown"), grpc.StatusCode.NOT_FOUND)
    assert detail(unknown, ERROR_INFO).reason == "METHOD_NOT_FOUND", unknown


def check_failed_operation(client):
    name = client.start("/does/not/exist", "none.tar.gz")
    failed = client.operations.WaitOperation(name=name)
    assert failed.error.code == grpc.StatusCode.NOT_FOUND.value[0], failed
    assert detail(failed.error, ERROR_INFO).reason == "DIRECTORY_NOT_FOUND", failed


def main():
    url, descriptors, tree, large, folder = parameters(5)
    load(descriptors)
    client = Client(url, folder)
    check_result(client, tree)
    check_repeated_start(client, tree)
    check_wait_and_cancel(client, large)
    check_pages_and_delete(client, tree)
    check_not_found(client, "operations/unknown")
    check_invalid(client)
    check_failed_operation(client)


main()
