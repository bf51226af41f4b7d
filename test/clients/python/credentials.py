"""URL TOKEN EXPIRED_TOKEN KEY EXPIRED_KEY: Google's Python client with credentials, by its discovery document."""

import json

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from longrunning_client import parameters


class Fixed(Credentials):
    """A token that is taken as it is: there is nothing to get another one with."""

    def refresh(self, request):
        pass


def connect(url, **how):
    address = url + "/$discovery/rest?version={apiVersion}"
    return build("longrunning", "v1", discoveryServiceUrl=address, cache_discovery=False, **how)


def refusal(service):
    try:
        service().operations().list(name="operations").execute()
    except HttpError as error:
        details = json.loads(error.content)["error"]["details"]
        [info] = [each for each in details if each["@type"].endswith("/google.rpc.ErrorInfo")]
        return error.resp.status, info["reason"], info["domain"]
    raise AssertionError("it was answered")


def main():
    url, token, expired_token, key, expired_key = parameters(5)
    domain = "lro.example.com"
    for how in [{"credentials": Credentials(token)}, {"developerKey": key}]:
        assert connect(url, **how).operations().list(name="operations").execute() == {}, how
    expired = connect(url, credentials=Fixed(expired_token))
    assert refusal(lambda: expired) == (401, "ACCESS_TOKEN_EXPIRED", domain), refusal(lambda: expired)
    # It sends the key for the document, too.
    assert refusal(lambda: connect(url, developerKey=expired_key)) == (400, "API_KEY_INVALID", domain)


main()
