/** The entry point for tests, `longrunning/testing`. */
import "../core/node-guard.ts";
export { anOperation } from "./an-operation.ts";
export { ManualClock, settled } from "./manual-clock.ts";
export { type AttemptRun, runAttempt, type RunAttemptOptions } from "./run-attempt.ts";
export { seededRandom } from "./seeded-random.ts";
export { startTestServer, type TestServer } from "./test-server.ts";
