"""Call the service of examples/redis with stubs made from its descriptors.

Arguments: URL DESCRIPTORS OWN_DESCRIPTORS
"""

import grpc
from grpc_stubs import Stub, connect, detail, load, message, parameters, refusal, unpack

V1 = "google.cloud.redis.v1."
PARENT = "projects/p/locations/l"


def create(redis, instance_id, memory_size_gb):
    instance = message(V1 + "Instance")(tier="BASIC", memory_size_gb=memory_size_gb)
    return redis.CreateInstance(parent=PARENT, instance_id=instance_id, instance=instance)


def check_create(redis, operations):
    name = PARENT + "/instances/a"
    operation = create(redis, "a", 1)
    assert operation.name.startswith(PARENT + "/operations/"), operation
    finished = operations.WaitOperation(name=operation.name)
    made = unpack(finished.response, V1 + "Instance")
    assert (made.name, made.port, made.memory_size_gb) == (name, 6379, 1), made
    metadata = unpack(finished.metadata, V1 + "OperationMetadata")
    assert (metadata.verb, metadata.target, metadata.api_version) == ("create", f"{PARENT}/instances/a", "v1"), metadata
    assert metadata.end_time.ToNanoseconds() >= metadata.create_time.ToNanoseconds() > 0, metadata
    assert redis.GetInstance(name=name) == made
    assert list(redis.ListInstances(parent=PARENT).instances) == [made]
    deleted = operations.WaitOperation(name=redis.DeleteInstance(name=name).name)
    assert deleted.response.Is(message("google.protobuf.Empty").DESCRIPTOR), deleted


def check_refusals(redis, operations):
    gone = refusal(lambda: redis.GetInstance(name="gone"), grpc.StatusCode.NOT_FOUND)
    assert detail(gone, "google.rpc.ErrorInfo").reason == "INSTANCE_NOT_FOUND", gone
    incomplete = refusal(lambda: redis.CreateInstance(parent=PARENT), grpc.StatusCode.INVALID_ARGUMENT)
    fields = [each.field for each in detail(incomplete, "google.rpc.BadRequest").field_violations]
    assert fields == ["instance_id", "instance"], incomplete
    failed = operations.WaitOperation(name=create(redis, "large", 500).name)
    assert failed.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], failed
    assert detail(failed.error, "google.rpc.ErrorInfo").metadata["memorySizeGb"] == "500", failed


def main():
    url, descriptors, own = parameters(3)
    load(own)
    load(descriptors)
    channel = connect(url)
    redis = Stub(channel, V1 + "CloudRedis")
    operations = Stub(channel, "google.longrunning.Operations")
    check_create(redis, operations)
    check_refusals(redis, operations)


main()
