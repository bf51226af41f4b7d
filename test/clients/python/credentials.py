"""Check google-api-python-client with a token and with an API key.

Arguments: URL TOKEN EXPIRED_TOKEN KEY EXPIRED_KEY
"""

import json

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from longrunning_client import parameters


class Fixed(Credentials):
    """Credentials with a fixed token: a refresh keeps it."""

    def refresh(self, request):
        pass


def connect(url, **how):
    address = url + "/$discovery/rest?version={apiVersion}"
    return build("longrunning", "v1", discoveryServiceUrl=address, cache_discovery=False, **how)


def refusal(service):
    """Return the status, the reason and the domain of the error with which a call fails."""
    try:
        service().operations().list(name="operations").execute()
    except HttpError as error:
        details = json.loads(error.content)["error"]["details"]
        [info] = [each for each in details if each["@type"].endswith("/google.rpc.ErrorInfo")]
        return error.resp.status, info["reason"], info["domain"]
    raise AssertionError("the call with expired credentials succeeded")


def main():
    url, token, expired_token, key, expired_key = parameters(5)
    domain = "lro.example.com"
    for how in [{"credentials": Credentials(token)}, {"developerKey": key}]:
        assert connect(url, **how).operations().list(name="operations").execute() == {}, how
    expired = connect(url, credentials=Fixed(expired_token))
    assert refusal(lambda: expired) == (401, "ACCESS_TOKEN_EXPIRED", domain), refusal(lambda: expired)
    # The client also sends the key when it requests the discovery document.
    assert refusal(lambda: connect(url, developerKey=expired_key)) == (400, "API_KEY_INVALID", domain)


main()
