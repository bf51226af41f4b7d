"""Check the operations clients of google-api-core with credentials, over REST and gRPC.

Arguments: URL ROOT TOKEN EXPIRED_TOKEN
"""

import os
from urllib.parse import urlsplit

import grpc
from google.api_core import exceptions, grpc_helpers, operations_v1
from google.oauth2.credentials import Credentials
from longrunning_client import parameters


def check(list_operations, expired_list, code):
    assert list(list_operations()) == []
    try:
        list(expired_list())
    except exceptions.Unauthorized as error:
        assert (error.reason, error.domain) == ("ACCESS_TOKEN_EXPIRED", "lro.example.com"), error
        assert error.code == code, error
    else:
        raise AssertionError("the call with the expired token succeeded")


class Fixed(Credentials):
    """Credentials with a fixed token: a refresh keeps it."""

    def refresh(self, request):
        pass


def over_rest(url, token):
    transport = operations_v1.transports.rest.OperationsRestTransport(
        host="localhost:%d" % urlsplit(url).port,
        credentials=Fixed(token),
        http_options={
            "google.longrunning.Operations.ListOperations": [{"method": "get", "uri": "/v1/{name=operations}"}]
        },
    )
    client = operations_v1.AbstractOperationsClient(transport=transport)
    return lambda: client.list_operations(name="operations", filter_="")


def over_grpc(url, root, token):
    with open(root, "rb") as file:
        ssl = grpc.ssl_channel_credentials(file.read())
    address = "localhost:%d" % urlsplit(url).port
    channel = grpc_helpers.create_channel(address, credentials=Fixed(token), ssl_credentials=ssl)
    client = operations_v1.OperationsClient(channel)
    return lambda: client.list_operations("operations", "")


def main():
    url, root, token, expired = parameters(4)
    os.environ["REQUESTS_CA_BUNDLE"] = root
    check(over_rest(url, token), over_rest(url, expired), 401)
    check(over_grpc(url, root, token), over_grpc(url, root, expired), 401)


main()
