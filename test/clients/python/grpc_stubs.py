"""Messages and stubs made from descriptor sets, and details of errors, for gRPC scripts."""

import os
import sys

import grpc
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, empty_pb2, field_mask_pb2  # noqa: F401
from google.protobuf import message_factory, struct_pb2, timestamp_pb2  # noqa: F401

# The imports above add the files of google.protobuf to this pool.
POOL = descriptor_pool.Default()


def load(path):
    """Add the files of a descriptor set, as written by `buf build`, to the pool."""
    with open(path, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
    for each in files:
        try:
            POOL.FindFileByName(each.name)
        except KeyError:
            POOL.AddSerializedFile(each.SerializeToString())


def message(descriptor):
    """Return the class of a message, given its descriptor or its full name."""
    if isinstance(descriptor, str):
        descriptor = POOL.FindMessageTypeByName(descriptor)
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(POOL).GetPrototype(descriptor)


def connect(url):
    # Without this option, a proxy of the environment would also get calls to the loopback address.
    return grpc.insecure_channel(url.replace("http://", ""), options=[("grpc.enable_http_proxy", 0)])


class Stub:
    """The RPCs of a service. Each takes the fields of its request, and `deadline` in seconds."""

    def __init__(self, channel, service):
        for method in POOL.FindServiceByName(service).methods:
            setattr(self, method.name, self._call(channel, "/%s/%s" % (service, method.name), method))

    @staticmethod
    def _call(channel, path, method):
        request_class = message(method.input_type)
        call = channel.unary_unary(
            path,
            request_serializer=request_class.SerializeToString,
            response_deserializer=message(method.output_type).FromString,
        )

        def send(deadline=60, compression=None, **fields):
            return call(request_class(**fields), timeout=deadline, compression=compression)

        return send


def struct(**fields):
    made = struct_pb2.Struct()
    made.update(fields)
    return made


def seconds(number):
    made = duration_pb2.Duration()
    made.FromNanoseconds(int(number * 1e9))
    return made


def unpack(any_message, name):
    """Unpack an Any, which must contain a message of the type `name`."""
    found = message(name)()
    assert any_message.Unpack(found), any_message.type_url
    return found


def refusal(send, code):
    """Return the google.rpc.Status of a failed call, and compare it with the status of the call."""
    try:
        answer = send()
    except grpc.RpcError as error:
        assert error.code() == code, error
        trailers = dict(error.trailing_metadata())
        status = message("google.rpc.Status").FromString(trailers["grpc-status-details-bin"])
        assert (status.code, status.message) == (code.value[0], error.details()), (status, error)
        return status
    raise AssertionError("expected an error, got %r" % (answer,))


def detail(status, name):
    """Return the detail of the type `name`. The status must have exactly one."""
    found = [each for each in status.details if each.Is(message(name).DESCRIPTOR)]
    assert len(found) == 1, status
    return unpack(found[0], name)


def parameters(count):
    assert len(sys.argv) == count + 1, "expected %d arguments" % count
    return [os.fsdecode(each) for each in sys.argv[1:]]
