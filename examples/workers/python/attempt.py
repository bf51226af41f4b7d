"""One attempt: it runs a handler in a thread, renews the lease, and sends the outcome."""

import asyncio
import logging
import threading
import traceback
from collections.abc import Callable
from time import monotonic
from typing import Any

import grpc
from google.protobuf import duration_pb2, json_format, struct_pb2
from google.rpc import code_pb2, status_pb2
from longrunning.v1 import workers_pb2 as pb
from longrunning.v1 import workers_pb2_grpc

CALL_S = 5  # Time limit of a call. If a fifth of the lease is shorter, that is the limit.
BEAT_S = 0.5  # Shortest time between two reports, and before a failed renewal is repeated.
BYTES_MAX = 3 * 1024 * 1024  # Largest payload to send. The server accepts 1 MiB of JSON.
REPEATED = {1, 2, 4, 8, 13, 14}  # The google.rpc.Codes after which a call is repeated.

Json = dict[str, Any]
Handler = Callable[[Json, "Attempt"], Json | None]
Outcome = pb.CompleteAttemptsRequest | pb.FailAttemptsRequest | pb.ReleaseAttemptsRequest
log = logging.getLogger(__name__)


class Failed(Exception):
    """An error that callers see: the name of a google.rpc.Code, and a message.

    It ends the operation. With `retry`, another attempt follows if the method allows one.
    """

    def __init__(self, code: str, message: str, retry: bool = False) -> None:
        super().__init__(message)
        self.code, self.retry = code_pb2.Code.Value(code), retry


class Stopped(Exception):
    """No result is needed: the operation was cancelled, the lease is lost, or the worker stops."""


class Attempt:
    """The handler's second argument. The event `stopped` is set when no result is needed."""

    def __init__(self, stub: workers_pb2_grpc.WorkersStub, claim: pb.Claim, sent: float, lease: duration_pb2.Duration) -> None:
        self.name, self.number = claim.attempt.name, claim.attempt.attempt
        self.last_report = json_format.MessageToDict(claim.metadata) if claim.HasField("metadata") else None
        self.stopped = threading.Event()
        self._stub, self._claim, self._lease, self._reason = stub, claim, lease, ""
        self._release = pb.ReleaseAttemptsRequest(attempts=[claim.attempt])
        self._newest = self._sent = pb.Renewal(attempt=claim.attempt)
        self._ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._trust(sent, claim)

    def report(self, **metadata: Any) -> None:
        """Report progress. Of several reports within half a second, only the last is sent.

        Raise Stopped if the result is no longer needed.
        """
        self.check()
        self._newest = pb.Renewal(attempt=self._claim.attempt, metadata=struct(metadata))

    def check(self) -> None:
        """Raise Stopped if the result is no longer needed."""
        if self.stopped.is_set():
            raise Stopped(self._reason)

    def stop(self, reason: str) -> None:
        """Ask the handler to stop. The first reason counts."""
        self._reason = self._reason or reason
        self.stopped.set()

    def give_back(self) -> None:
        """Release the attempt without waiting for its handler."""
        self._end(self._release)

    async def run(self, handler: Handler) -> None:
        """Run the handler and send its outcome. Renew the lease meanwhile."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=lambda: loop.call_soon_threadsafe(self._end, self._outcome(handler)), daemon=True).start()
        await self._keep(self._ended)
        await self._deliver(self._ended.result())

    def _outcome(self, handler: Handler) -> Outcome:
        try:
            self.check()
            response = handler(json_format.MessageToDict(self._claim.request), self)
            completion = pb.Completion(attempt=self._claim.attempt, response=None if response is None else struct(response))
            return pb.CompleteAttemptsRequest(completions=[completion])
        except Stopped:
            stopped = self._failure(code_pb2.CANCELLED, "The work was stopped.", True)
            return self._release if self._reason == "shutdown" else stopped
        except Failed as error:
            return self._failure(error.code, str(error), not error.retry)
        except BaseException:  # Includes SystemExit: it ends the handler, not the worker.
            return self._failure(code_pb2.INTERNAL, "The worker failed.", False, traceback.format_exc())

    def _failure(self, code: int, message: str, final: bool, exception: str = "") -> pb.FailAttemptsRequest:
        failure = pb.AttemptFailure(attempt=self._claim.attempt, final=final, exception=text(exception[-16_384:]))
        failure.error.code, failure.error.message = code, text(message[:10_000])
        return pb.FailAttemptsRequest(failures=[failure])

    def _end(self, outcome: Outcome) -> None:
        if not self._ended.done():
            self._ended.set_result(outcome)

    def _trust(self, sent: float, granted: pb.Claim | pb.RenewalAnswer) -> None:
        """Adopt the lease that an answer grants.

        A lease begins when its call is sent. The worker ends it earlier than the server does,
        because a handler takes time to stop.
        """
        lease_s, now = granted.lease.ToTimedelta().total_seconds(), monotonic()
        self._renew_at, self._until = now + (sent + lease_s - now) / 3, sent + lease_s - min(3, lease_s / 10)
        if granted.cancel_requested:
            self.stop("cancelled")

    async def _keep(self, end: asyncio.Future[Any]) -> None:
        """Renew the lease and send reports until `end` is done."""
        while not end.done():
            left = self._until - monotonic()
            if left <= 0:
                self.stop("lost")
            elif self._newest is not self._sent or monotonic() >= self._renew_at:
                await self._renew()
            await asyncio.wait([end], timeout=min(BEAT_S, left) if left > 0 else None)

    async def _renew(self) -> None:
        sent, newest = monotonic(), self._newest
        renewal = newest if newest is not self._sent else pb.Renewal(attempt=self._claim.attempt)
        request = pb.RenewAttemptsRequest(lease=self._lease, renewals=[renewal])
        answer = await self._call(request)
        if answer.error.code in REPEATED:
            return
        self._sent = newest  # Even if the server refused the report: do not send it again.
        if answer.held:
            self._trust(sent, answer)
        elif answer.error.code != code_pb2.INVALID_ARGUMENT:
            self._until = 0

    async def _deliver(self, outcome: Outcome) -> None:
        """Send the outcome until the server answers or the lease ends. Repetition is safe."""
        pause = 0.2
        while monotonic() < self._until:
            if self._newest is not self._sent:
                await self._renew()
            code = (await self._call(outcome)).error.code
            if code == code_pb2.INVALID_ARGUMENT and isinstance(outcome, pb.CompleteAttemptsRequest):
                # The response is invalid or too large. The worker still holds the attempt.
                outcome = self._failure(code_pb2.INTERNAL, "The server refused the worker's response as invalid.", True)
            elif code in REPEATED:
                pause = min(10, 2 * pause)
                await self._keep(asyncio.create_task(asyncio.sleep(pause)))
            else:
                return

    async def _call(self, request: Any) -> pb.RenewalAnswer | pb.AttemptAnswer:
        """Send a request with one entry. Return the answer to the entry.

        The type of the request names the RPC. An error of the call becomes an error of the entry.
        """
        rpc = getattr(self._stub, type(request).__name__.removesuffix("Request"))
        try:
            seconds = min(CALL_S, self._lease.seconds / 5, max(0, self._until - monotonic()))
            answer = (await rpc(request, timeout=seconds)).answers[0]
        except grpc.aio.AioRpcError as error:
            answer = pb.RenewalAnswer(error=status_pb2.Status(code=error.code().value[0], message=error.details()))
        if answer.error.code != code_pb2.OK:
            log.warning("%s, attempt %d: %s", self.name, self.number, answer.error.message)
        return answer


def struct(fields: Json) -> struct_pb2.Struct:
    """Convert a dict to a Struct. Raise ValueError if it is larger than BYTES_MAX."""
    made = struct_pb2.Struct()
    made.update(fields)
    if made.ByteSize() > BYTES_MAX:
        raise ValueError(f"The payload has {made.ByteSize()} bytes. The limit is {BYTES_MAX}.")
    return made


def text(value: str) -> str:
    """Replace characters that UTF-8 cannot encode. File names can contain them."""
    return value.encode(errors="replace").decode()
