import type { Clock } from "../core/ports/clock.ts";
import type { Teller } from "../core/teller.ts";
import { BoundedNames } from "./bounded-names.ts";
import { meterEvents } from "./event-metrics.ts";
import { Exposition } from "./exposition.ts";
import { Gauges, type Observed } from "./gauges.ts";

/** Metrics of this process for Prometheus, counted from now on. */
export class PrometheusMetrics {
  readonly #exposition = new Exposition();
  readonly #labels: BoundedNames;
  readonly #declared: readonly string[];
  readonly #stop: () => void;

  /** @param declared the declared methods */
  constructor(teller: Pick<Teller, "watch">, declared: Iterable<string>) {
    this.#declared = [...declared];
    this.#labels = new BoundedNames(this.#declared);
    this.#stop = meterEvents(teller, this.#exposition, this.#labels);
  }

  /** @returns writes everything as it is now; never rejects */
  shower(observed: Observed, clock: Pick<Clock, "monotonic">): () => Promise<string> {
    const gauges = new Gauges({ observed, clock, declared: this.#declared, labels: this.#labels });
    return async () => this.#exposition.text(await gauges.readings());
  }

  stop(): void {
    this.#stop();
  }
}
