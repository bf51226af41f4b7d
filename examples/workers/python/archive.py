"""A worker for the method createArchive. It packs directories of its machine into .tar.gz files.

    python archive.py 127.0.0.1:8080
"""

import asyncio
import hashlib
import os
import sys
import tarfile
from typing import Any

import grpc

from attempt import Attempt, Failed
from worker import Worker

# Keepalive pings detect a lost network within 15 s. After an outage of the server, the channel
# tries to reconnect at least every 5 s.
OPTIONS = [("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_timeout_ms", 5_000), ("grpc.max_reconnect_backoff_ms", 5_000)]


def create_archive(request: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
    """Pack `directory` into the file `output`. Return the response of createArchive."""
    directory = os.path.realpath(request["directory"])
    if not os.path.isdir(directory):
        raise Failed("NOT_FOUND", f'The directory "{request["directory"]}" does not exist on the machine of this worker.')
    output = os.path.abspath(request.get("output") or f"data/archives/{attempt.name.rsplit('/', 1)[1]}.tar.gz")
    os.makedirs(os.path.dirname(output), exist_ok=True)
    # An attempt that has lost its lease may still be writing. The attempt number in the file name
    # keeps it away from the file of the next attempt.
    partial = f"{output}.partial-{attempt.number}"
    try:
        count = pack(directory, partial, {output, partial}, attempt)
        attempt.check()
        os.replace(partial, output)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    with open(output, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": output, "sizeBytes": os.path.getsize(output), "sha256": sha256, "entryCount": count}


def pack(directory: str, path: str, excluded: set[str], attempt: Attempt) -> int:
    """Write the archive of `directory` to `path`. Return its number of entries."""
    entries = [directory]
    for folder, folders, files in os.walk(directory):
        folders.sort()
        entries += [os.path.join(folder, each) for each in sorted(folders + files)]
    entries = [each for each in entries if each not in excluded]
    total = sum(os.lstat(each).st_size for each in entries if os.path.isfile(each))
    done = 0
    with tarfile.open(path, "w:gz") as archive:
        for entry in entries:
            attempt.report(
                progressPercent=100 * done // total if total else 100,
                statusMessage=f"Packing {directory}",
                currentFile=entry,
                bytesDone=done,
                bytesTotal=total,
            )
            archive.add(entry, os.path.relpath(entry, os.path.dirname(directory)), recursive=False)
            done += os.lstat(entry).st_size if os.path.isfile(entry) else 0
    return len(entries)


async def main() -> None:
    server = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080"
    async with grpc.aio.insecure_channel(server, OPTIONS) as channel:
        await Worker(channel, {"createArchive": create_archive}).run()


if __name__ == "__main__":
    asyncio.run(main())
