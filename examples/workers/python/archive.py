"""Packs directories of this machine into .tar.gz files: the work of the method createArchive.

    python archive.py 127.0.0.1:8080
"""

import hashlib
import os
import sys
import tarfile

from worker import Failed, Worker, connect


def create_archive(request, task):
    directory = os.path.realpath(request["directory"])
    if not os.path.isdir(directory):
        raise Failed("NOT_FOUND", 'There is no directory "%s" here.' % request["directory"])
    output = request.get("output") or os.path.join("data", "archives", task.name.rsplit("/", 1)[1] + ".tar.gz")
    os.makedirs(os.path.dirname(os.path.abspath(output)), exist_ok=True)
    # The number of the attempt keeps an attempt that was lost away from the file of the next one.
    partial = "%s.partial-%d" % (output, task.number)
    try:
        count = pack(directory, partial, {os.path.abspath(output), os.path.abspath(partial)}, task)
        task.check()
        os.replace(partial, output)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    with open(output, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    size = os.path.getsize(output)
    return {"path": output, "sizeBytes": size, "sha256": sha256, "entryCount": count}


def pack(directory, path, excluded, task):
    """@return how many entries the archive has"""
    entries = [directory]
    for folder, folders, files in os.walk(directory):
        folders.sort()
        entries += [os.path.join(folder, each) for each in sorted(folders + files)]
    entries = [each for each in entries if each not in excluded]
    total = sum(os.lstat(each).st_size for each in entries if os.path.isfile(each))
    done = 0
    with tarfile.open(path, "w:gz") as archive:
        for entry in entries:
            task.report(
                progressPercent=100 * done // total if total else 100,
                statusMessage="Packing %s" % directory,
                currentFile=entry,
                bytesDone=done,
                bytesTotal=total,
            )
            archive.add(entry, os.path.relpath(entry, os.path.dirname(directory)), recursive=False)
            done += os.lstat(entry).st_size if os.path.isfile(entry) else 0
    return len(entries)


if __name__ == "__main__":
    server = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080"
    Worker(connect(server), {"createArchive": create_archive}).run()
