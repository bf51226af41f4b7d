"""A worker for longrunning over gRPC. It keeps the rules of docs/workers.md; handlers run in threads.

    worker = Worker(connect("127.0.0.1:8080"), {"createArchive": create_archive}, slots=4)
    worker.run()  # until SIGTERM or SIGINT

A handler gets the request as a dict and a Task, and returns the response as a dict, or None. It raises `Failed` for an
error that callers see. After any other exception another attempt follows, and only operators see its text.
"""

import os
import queue
import random
import signal
import socket
import sys
import threading
import time
import traceback
import uuid

import grpc
from google.protobuf import duration_pb2, json_format, struct_pb2
from google.rpc import code_pb2, status_pb2
from longrunning.v1 import workers_pb2 as pb
from longrunning.v1 import workers_pb2_grpc

CLAIM_S = 30
"""How long a claim waits for work."""
ANSWER_S = 5
"""How long any other call may take. It is repeated then."""
BEAT_S = 0.5
"""How often the leases are looked at, and how often progress is sent at most."""
STOP_S = 3
"""How long handlers have to stop after the drain, before their attempts are given back all the same."""
BYTES_MAX = 3 * 1024 * 1024
"""Larger messages are refused. The server takes less: 1 MiB of JSON in a payload."""
REFUSALS = ("INVALID_ARGUMENT", "NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED", "UNIMPLEMENTED")
"""Codes of calls that would be refused again. After any other the call is repeated."""


def connect(address):
    """A channel without TLS. Its pings find out within 15 s that the network is gone."""
    pings = [("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_timeout_ms", 5_000), ("grpc.http2.max_pings_without_data", 0)]
    return grpc.insecure_channel(address, [("grpc.enable_http_proxy", 0), ("grpc.max_reconnect_backoff_ms", 5_000), *pings])


class Failed(Exception):
    """An error that callers see: the name of a google.rpc.Code, and a text. It ends the operation, unless `retry` is true."""

    def __init__(self, code, message, retry=False):
        super().__init__(message)
        self.status = status_pb2.Status(code=code_pb2.Code.Value(code), message=message)
        self.final = not retry


class Stopped(Exception):
    """The result is not wanted any more. The text is "cancelled", "lost" or "shutdown"."""


class Task:
    """One attempt, as its handler sees it."""

    def __init__(self, claim, sent):
        self.name = claim.attempt.name
        self.number = claim.attempt.attempt
        self.last_report = json_format.MessageToDict(claim.metadata) if claim.HasField("metadata") else None
        """What an attempt before this one reported last, or None."""
        self.stopped = threading.Event()
        """Set when the result is not wanted any more. `check` then raises."""
        self._attempt, self._why, self._unsent, self._renewing = claim.attempt, None, None, False
        self._trust(sent, claim.lease)
        if claim.cancel_requested:
            self._stop("cancelled")

    def report(self, **metadata):
        """Tells how far the work is. Of several reports within half a second the last is sent. @raise Stopped"""
        self.check()
        self._unsent = sized(pb.Renewal(attempt=self._attempt, metadata=struct(metadata)))

    def check(self):
        """For every few steps of the work. @raise Stopped"""
        if self.stopped.is_set():
            raise Stopped(self._why)

    def _stop(self, why):
        # That it is lost counts more than the other reasons: nothing may be told to the server then.
        if self._why is None or why == "lost":
            self._why = why
        self.stopped.set()

    def _trust(self, sent, lease):
        """A lease counts from when the call was sent, and stopping takes a while."""
        lease_s = lease.ToTimedelta().total_seconds()
        self._until = sent + lease_s - min(3, lease_s / 10)
        self._renew_at = sent + lease_s / 3


class Worker:
    def __init__(self, channel, handlers, slots=4, name=None, lease_s=30, drain_s=20):
        self._stub = workers_pb2_grpc.WorkersStub(channel)
        self._handlers = handlers
        self._free = threading.Semaphore(slots)
        self._name = name or "%s/%d" % (socket.gethostname(), os.getpid())
        self._lease = duration_pb2.Duration(seconds=lease_s)
        self._drain_s = drain_s
        self._running = set()
        self._stopping = threading.Event()
        self._end = queue.SimpleQueue()
        self._claiming = None

    def run(self):
        """Works until SIGTERM or SIGINT. Handlers then have `drain_s` seconds to end; what is left is given back.

        @raise SystemExit where the server refuses this worker
        """
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: self._end.put(None))
        for loop in (self._claim_loop, self._heartbeat):
            threading.Thread(target=loop, daemon=True).start()
        refusal = self._end.get()
        self._stopping.set()
        if self._claiming is not None:
            self._claiming.cancel()
        self._wait_for_handlers(self._drain_s)
        for task in list(self._running):
            task._stop("shutdown")
        self._wait_for_handlers(STOP_S)
        for task in list(self._running):
            if task._why != "lost":
                self._deliver(task, task._attempt)
        if refusal is not None:
            raise SystemExit("The server refuses this worker: %s" % refusal)

    def _wait_for_handlers(self, seconds):
        until = time.monotonic() + seconds
        while self._running and time.monotonic() < until:
            time.sleep(0.02)

    def _claim_loop(self):
        while not self._stopping.is_set():
            self._free.acquire()
            slots = 1
            while self._free.acquire(blocking=False):
                slots += 1
            claims, sent = self._claim(slots)
            for claim in claims:
                task = Task(claim, sent)
                self._running.add(task)
                threading.Thread(target=self._work, args=(task, claim), daemon=True).start()
            if len(claims) < slots:
                self._free.release(slots - len(claims))

    def _claim(self, limit):
        """@return what was claimed, and when the call was sent

        A claim that fails may have claimed all the same. Its operations come back after their first lease, and nothing counts.
        """
        request = pb.ClaimOperationsRequest(
            methods=list(self._handlers),
            worker=self._name,
            limit=min(limit, 1000),
            lease=self._lease,
            timeout=duration_pb2.Duration(seconds=CLAIM_S),
        )
        failures = 0
        while not self._stopping.is_set():
            sent = time.monotonic()
            self._claiming = self._stub.ClaimOperations.future(request, timeout=CLAIM_S + ANSWER_S)
            if self._stopping.is_set():
                self._claiming.cancel()
            try:
                return self._claiming.result().claims, sent
            except grpc.FutureCancelledError:
                break
            except grpc.RpcError as error:
                if error.code().name in REFUSALS:
                    self._end.put("%s: %s" % (error.code().name, error.details()))
                    break
                failures += 1
                self._stopping.wait(pause(failures))
        return [], 0

    def _work(self, task, claim):
        try:
            try:
                task.check()
                response = self._handlers[claim.method](json_format.MessageToDict(claim.request), task)
                fields = None if response is None else struct(response)
                outcome = sized(pb.Completion(attempt=task._attempt, response=fields))
            except BaseException as error:  # SystemExit, too: it ends the handler, not the worker.
                outcome = outcome_of(task, error)
            if outcome is not None and task._why != "lost":
                self._report_last(task)
                self._deliver(task, outcome)
        except Exception:
            traceback.print_exc()
        finally:
            self._running.discard(task)
            self._free.release()

    def _report_last(self, task):
        renewal, task._unsent = task._unsent, None
        if renewal is not None:
            try:
                self._stub.RenewAttempts(pb.RenewAttemptsRequest(lease=self._lease, renewals=[renewal]), timeout=ANSWER_S)
            except grpc.RpcError as error:
                print("%s: the last report was not stored: %s" % (task.name, error.details()), file=sys.stderr)

    def _deliver(self, task, outcome):
        """Sends an outcome until it is answered, or the lease is over. A repeated outcome does no harm."""
        failures = 0
        while (left := task._until - time.monotonic()) > 0:
            try:
                (answer,) = self._send(outcome, min(left, ANSWER_S)).answers
            except grpc.RpcError as error:
                if error.code().name in REFUSALS:
                    print("%s: %s" % (task.name, error.details()), file=sys.stderr)
                    return
                failures += 1
                time.sleep(min(left, pause(failures)))
                continue
            if not answer.HasField("error"):
                return
            print("%s, attempt %d: %s" % (task.name, task.number, answer.error.message), file=sys.stderr)
            if answer.error.code != code_pb2.INVALID_ARGUMENT or not isinstance(outcome, pb.Completion):
                return
            # The response does not fit the method. The attempt is still this worker's, and fails.
            status = status_pb2.Status(code=code_pb2.INTERNAL, message="The worker's response does not fit the method.")
            exception = answer.error.message
            outcome = pb.AttemptFailure(attempt=task._attempt, error=status, final=True, exception=exception)

    def _send(self, outcome, timeout):
        if isinstance(outcome, pb.Completion):
            return self._stub.CompleteAttempts(pb.CompleteAttemptsRequest(completions=[outcome]), timeout=timeout)
        if isinstance(outcome, pb.AttemptFailure):
            return self._stub.FailAttempts(pb.FailAttemptsRequest(failures=[outcome]), timeout=timeout)
        return self._stub.ReleaseAttempts(pb.ReleaseAttemptsRequest(attempts=[outcome]), timeout=timeout)

    def _heartbeat(self):
        """Renews leases and sends reports. It waits for no answer, so that a slow one holds up nobody else's lease."""
        while True:
            time.sleep(BEAT_S)
            now = time.monotonic()
            for task in list(self._running):
                if now > task._until:
                    task._stop("lost")
                elif not task._renewing and (task._unsent is not None or now >= task._renew_at):
                    self._renew(task, now)

    def _renew(self, task, sent):
        renewal, task._unsent, task._renewing = task._unsent, None, True
        request = pb.RenewAttemptsRequest(lease=self._lease, renewals=[renewal or pb.Renewal(attempt=task._attempt)])

        def answered(call):
            if call.exception() is not None:
                # With the next beat, unless it is the report that was refused. The handler stops when the lease is over.
                if call.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    task._unsent = task._unsent or renewal
            else:
                (answer,) = call.result().answers
                if answer.HasField("error"):
                    print("%s: %s" % (task.name, answer.error.message), file=sys.stderr)
                if not answer.held:
                    task._stop("lost")
                else:
                    task._trust(sent, answer.lease)
                    if answer.cancel_requested:
                        task._stop("cancelled")
            task._renewing = False

        self._stub.RenewAttempts.future(request, timeout=min(ANSWER_S, self._lease.seconds / 5)).add_done_callback(answered)


def outcome_of(task, error):
    """What the server is told of an attempt that ended with an exception; None for nothing."""
    if isinstance(error, Stopped) and task._why == "shutdown":
        return task._attempt
    if isinstance(error, Stopped):
        error = Failed("CANCELLED", "The work was stopped.")
    if isinstance(error, Failed):
        return pb.AttemptFailure(attempt=task._attempt, error=error.status, final=error.final)
    status = status_pb2.Status(code=code_pb2.INTERNAL, message="The worker failed.")
    exception = "".join(traceback.format_exception(error))
    return pb.AttemptFailure(attempt=task._attempt, error=status, exception=exception)


def struct(fields):
    made = struct_pb2.Struct()
    made.update(fields)
    return made


def sized(message):
    if message.ByteSize() > BYTES_MAX:
        raise ValueError("The message has %d bytes; %d are the most." % (message.ByteSize(), BYTES_MAX))
    return message


def pause(failures):
    return min(10, 0.2 * 2 ** min(failures, 6)) * random.uniform(0.5, 1)
