"""Check Google's clients of Cloud Redis and of operations, over gRPC, REST and asyncio.

Print a line of facts for each client and transport.

Argument: URL
"""

import asyncio
import sys
import time

import grpc
from cloud_facts import ENDLESS, PARENT, TOO_LARGE, Facts, body_of, check_updated, shown, update_of
from google.api_core import exceptions, operation, operations_v1
from google.auth.credentials import AnonymousCredentials
from google.cloud import redis_v1
from google.cloud.redis_v1.services.cloud_redis import transports

PRODUCT = "google-cloud-redis"
LIBRARY = "google-api-core"


def check_product(client, facts, name):
    """Check the client of the product. Return the name of an operation."""
    started = client.create_instance(body_of(name, 1))
    made = started.result(timeout=30)
    assert (made.name, made.memory_size_gb) == (PARENT + "/instances/" + name, 1), made
    assert (started.metadata.verb, started.metadata.target) == ("create", made.name), started.metadata
    facts.did("start", "result")
    check_updated(client.update_instance(update_of(name)).result(timeout=30))
    facts.did("update")
    got = client.get_operation({"name": started.operation.name})
    assert got.done and got.name == started.operation.name, got
    facts.did("get")
    listed = client.list_operations({"name": PARENT})
    assert started.operation.name in [each.name for each in listed.operations], listed
    facts.did("list")
    facts.errors = "call: %s; operation: %s" % (
        shown(refused(lambda: client.get_instance(name=PARENT + "/instances/none"), exceptions.NotFound)),
        shown(refused(client.create_instance(body_of("large", TOO_LARGE)).result, exceptions.ResourceExhausted)),
    )
    check_cancel(client, facts, name)
    client.delete_instance(name=made.name).result(timeout=30)
    client.delete_operation({"name": got.name})
    refused(lambda: client.get_operation({"name": got.name}), exceptions.NotFound)
    facts.did("delete")
    return client.create_instance(body_of(name, 1)).operation.name


def check_cancel(client, facts, name):
    endless = client.create_instance(body_of(name + "-endless", ENDLESS))
    while not endless.done() and not endless.metadata.status_detail:
        time.sleep(0.05)
    assert endless.metadata.status_detail == "allocating memory", endless.metadata
    facts.progress = "`operation.metadata.status_detail`"
    cancel(client, endless, facts)
    error = refused(endless.result, exceptions.Cancelled)
    assert endless.cancelled() and endless.metadata.cancel_requested, endless.operation
    facts.cancellation += "`%s` of `result()`" % type(error).__name__
    facts.did("cancel")


def cancel(client, future, facts):
    try:
        assert future.cancel()
    except KeyError as error:
        # Over REST, the future's cancel() requires a body in the HTTP rule, and this client's HTTP
        # rules declare none.
        assert error.args == ("body",), error
        client.cancel_operation({"name": future.operation.name})
        facts.cancellation = "by `client.cancel_operation`, as the future's own `cancel()` fails in the client; "


def check_library(client, facts, name):
    """Check the operations client of google-api-core.

    Its future is made from the name of an operation, as in another process.
    """
    future = operation.from_gapic(client.get_operation(name), client, redis_v1.Instance)
    assert future.result(timeout=30).name.startswith(PARENT), future.operation
    facts.did("get", "resume", "result")
    listed = list(client.list_operations(PARENT, "done=true"))
    assert name in [each.name for each in listed], listed
    facts.did("list")
    client.cancel_operation(name)
    facts.did("cancel")
    client.delete_operation(name)
    gone = refused(lambda: client.get_operation(name), exceptions.NotFound)
    facts.errors = "call: " + shown(gone)
    facts.did("delete")


def refused(call, kind):
    """Return the error with which a call fails. It must be of the class `kind`."""
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError("expected an error, got %r" % (answer,))


async def check_async(client, facts):
    started = await client.create_instance(body_of("async", 1))
    made = await started.result(timeout=30)
    assert started.metadata.target == made.name == PARENT + "/instances/async", made
    facts.did("start", "result")
    check_updated(await (await client.update_instance(update_of("async"))).result(timeout=30))
    facts.did("update")
    name = started.operation.name
    assert (await client.get_operation({"name": name})).done
    listed = await client.list_operations({"name": PARENT})
    assert name in [each.name for each in listed.operations], listed
    facts.did("get", "list")
    call = await refused_async(client.get_instance(name=PARENT + "/instances/none"), exceptions.NotFound)
    large = await client.create_instance(body_of("large", TOO_LARGE))
    # The asyncio future raises GoogleAPICallError for every failure. Only the code differs.
    failed = await refused_async(large.result(), exceptions.GoogleAPICallError)
    assert large.operation.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], failed
    facts.errors = "call: %s; operation: %s" % (shown(call), shown(failed))
    endless = await client.create_instance(body_of("async-endless", ENDLESS))
    while not await endless.done() and not endless.metadata.status_detail:
        await asyncio.sleep(0.05)
    facts.progress = "`operation.metadata.status_detail`"
    assert await endless.cancel()
    cancelled = await refused_async(endless.result(), exceptions.GoogleAPICallError)
    assert await endless.cancelled(), endless.operation
    facts.cancellation = "`%s` of `result()`" % type(cancelled).__name__
    await client.delete_operation({"name": name})
    await refused_async(client.get_operation({"name": name}), exceptions.NotFound)
    facts.did("cancel", "delete")


async def refused_async(call, kind):
    try:
        answer = await call
    except kind as error:
        return error
    raise AssertionError("expected an error, got %r" % (answer,))


async def over_asyncio(at):
    channel = grpc.aio.insecure_channel(at)
    facts = Facts(PRODUCT, "gRPC, asyncio")
    transport = transports.CloudRedisGrpcAsyncIOTransport(channel=channel)
    await check_async(redis_v1.CloudRedisAsyncClient(transport=transport), facts)
    facts.print()
    await channel.close()


def over_grpc(at):
    channel = grpc.insecure_channel(at)
    product, library = Facts(PRODUCT, "gRPC"), Facts(LIBRARY, "gRPC")
    client = redis_v1.CloudRedisClient(transport=transports.CloudRedisGrpcTransport(channel=channel))
    name = check_product(client, product, "grpc")
    check_library(operations_v1.OperationsClient(channel), library, name)
    product.print()
    library.print()


def over_rest(url):
    product, library = Facts(PRODUCT, "REST"), Facts(LIBRARY, "REST")
    transport = transports.CloudRedisRestTransport(host=url, credentials=AnonymousCredentials())
    name = check_product(redis_v1.CloudRedisClient(transport=transport), product, "rest")
    at_v1 = "/v1/{name=projects/*/locations/*/operations/*}"
    addresses = {
        "GetOperation": [{"method": "get", "uri": at_v1}],
        "ListOperations": [{"method": "get", "uri": "/v1/{name=projects/*/locations/*}/operations"}],
        "CancelOperation": [{"method": "post", "uri": at_v1 + ":cancel", "body": "*"}],
        "DeleteOperation": [{"method": "delete", "uri": at_v1}],
    }
    options = {"google.longrunning.Operations." + name: address for name, address in addresses.items()}
    operations = operations_v1.transports.rest.OperationsRestTransport(
        host=url, credentials=AnonymousCredentials(), http_options=options
    )
    check_library(operations_v1.AbstractOperationsClient(transport=operations), library, name)
    product.print()
    library.print()


def main():
    (url,) = sys.argv[1:]
    at = url.replace("http://", "")
    over_grpc(at)
    over_rest(url)
    asyncio.run(over_asyncio(at))


main()
