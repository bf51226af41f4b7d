import type { Clock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Health } from "../probes/health.ts";
import { LazyStreams } from "./lazy-streams.ts";

/** Answers calls of `grpc.health.v1.Health`, even before any other service can be called. */
export class HealthDoor extends LazyStreams {
  constructor({
    health,
    clock,
    tell,
  }: { readonly health: Health; readonly clock: Clock; readonly tell: Tell }) {
    super(async () => new (await import("./health-server.ts")).HealthServer(health, clock), tell);
  }
}
