"""Test data and the line of facts that the scripts for Google's current clients share."""

import importlib.metadata
import json

PARENT = "projects/p/locations/l"
TOO_LARGE = 500
ENDLESS = 200


class Facts:
    """Facts about one client over one transport: the calls that succeeded, and its results.

    `progress`, `errors` and `cancellation` say in which form a program gets them.
    """

    def __init__(self, package, transport):
        self.progress = self.errors = self.cancellation = ""
        version = importlib.metadata.version(package)
        self._of = {"client": package + " (Python)", "version": version, "transport": transport}
        self._calls = []

    def did(self, *calls):
        """Record calls that succeeded."""
        self._calls += calls

    def print(self):
        """Print the facts as one line of JSON."""
        shown = {"progress": self.progress, "errors": self.errors, "cancellation": self.cancellation}
        print(json.dumps({**self._of, "calls": self._calls, **shown}))


def shown(error):
    """Return the class and the reason of an error of google.api_core, as Markdown."""
    reason = getattr(error, "reason", None)
    return "`%s`" % type(error).__name__ + (" `%s`" % reason if reason else "")


def body_of(instance_id, memory_size_gb):
    instance = {"tier": "BASIC", "memory_size_gb": memory_size_gb}
    return {"parent": PARENT, "instance_id": instance_id, "instance": instance}


def update_of(instance_id):
    instance = {"name": PARENT + "/instances/" + instance_id, "memory_size_gb": 3, "labels": {"env": "prod"}}
    return {"update_mask": {"paths": ["memory_size_gb", "labels"]}, "instance": instance}


def check_updated(instance):
    assert (instance.memory_size_gb, instance.tier.name, instance.labels["env"]) == (3, "BASIC", "prod"), instance
