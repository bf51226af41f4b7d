"""A worker for longrunning over gRPC. It follows docs/workers.md and runs handlers in threads.

A handler takes the request as a dict and an Attempt, and returns the response as a dict or None.
It raises Failed to report an error that callers see. Any other exception ends only the attempt:
another attempt follows if the method allows one, and only operators see the exception.
"""

import asyncio
import os
import platform
import signal
from time import monotonic

import grpc
from google.protobuf.duration_pb2 import Duration
from longrunning.v1 import workers_pb2 as pb
from longrunning.v1 import workers_pb2_grpc

from attempt import CALL_S, REPEATED, Attempt, Handler

CLAIM_S = 30  # How long a claim waits for work.
STOP_S = 3  # How long handlers may take to stop. After that, their attempts are released.


class Worker:
    """Claims operations and runs their handlers, at most `slots` at the same time.

    When the worker is told to stop, running handlers have `drain_s` seconds to end.
    """

    def __init__(
        self, channel: grpc.aio.Channel, handlers: dict[str, Handler], slots: int = 4, drain_s: int = 20, lease_s: int = 30
    ) -> None:
        self._stub, self._handlers = workers_pb2_grpc.WorkersStub(channel), handlers
        self._slots, self._drain_s, self._lease = slots, drain_s, Duration(seconds=lease_s)
        self._running: dict[asyncio.Task[None], Attempt] = {}

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raise the error if the server refuses a claim."""
        claiming = asyncio.create_task(self._claim())
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, claiming.cancel)
        await asyncio.wait([claiming])
        await self._wait(self._drain_s)
        for attempt in self._running.values():
            attempt.stop("shutdown")
        await self._wait(STOP_S)
        for attempt in self._running.values():
            attempt.give_back()
        await self._wait(2 * CALL_S)
        if not claiming.cancelled():
            claiming.result()

    async def _wait(self, seconds: float) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _claim(self) -> None:
        timeout = Duration(seconds=CLAIM_S)
        request = pb.ClaimOperationsRequest(methods=list(self._handlers), lease=self._lease, timeout=timeout)
        request.worker = f"{platform.node()}/{os.getpid()}"
        pause = 0.2
        while True:
            while len(self._running) == self._slots:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            request.limit, sent = self._slots - len(self._running), monotonic()
            try:
                answer = await self._stub.ClaimOperations(request, timeout=CLAIM_S + CALL_S)
            except grpc.aio.AioRpcError as error:
                # The server may have claimed operations for this call. When their first leases
                # expire, it offers them again without counting an attempt.
                if error.code().value[0] not in REPEATED:
                    raise
                pause = min(10, 2 * pause)
                await asyncio.sleep(pause)
                continue
            pause = 0.2
            for claim in answer.claims:
                attempt = Attempt(self._stub, claim, sent, self._lease)
                running = asyncio.create_task(attempt.run(self._handlers[claim.method]))
                self._running[running] = attempt
                running.add_done_callback(self._running.pop)
