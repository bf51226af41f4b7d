import type { StatementSync } from "node:sqlite";
import { invariant } from "../../core/invariant.ts";
import type { Resource, ResourceStore } from "../../core/ports/resource-store.ts";
import { checkResource } from "../texts.ts";
import type { BesideParts } from "./beside.ts";
import { prepareForRows, rowsOf } from "./connection.ts";
import { NAMED_RESOURCES, RESOURCES } from "./statements-statistics.ts";

/** Resources (small configured records) in SQLite. */
export class SqliteResources implements ResourceStore {
  readonly #parts: BesideParts;
  #list: StatementSync | undefined;
  #named: StatementSync | undefined;

  constructor(parts: BesideParts) {
    this.#parts = parts;
  }

  list(kind: string, limit: number): Promise<readonly Resource[]> {
    return this.#parts.ask(() => {
      this.#list ??= prepareForRows(this.#parts.reading, RESOURCES);
      return rowsOf(this.#list, kind, limit).map((row) => resourceOf(kind, row as ResourceCells));
    });
  }

  read(kind: string, names: readonly string[]): Promise<readonly Resource[]> {
    return this.#parts.ask(() => {
      this.#named ??= prepareForRows(this.#parts.reading, NAMED_RESOURCES);
      const rows = rowsOf(this.#named, kind, JSON.stringify(names));
      return rows.map((row) => resourceOf(kind, row as ResourceCells));
    });
  }

  async put(resource: Omit<Resource, "revision">, expected: number | null): Promise<number | undefined> {
    checkResource(resource);
    const revision = await this.#parts.write({ verb: "put", resource, expected });
    invariant(typeof revision !== "boolean", "a resource that is put has a revision");
    return revision;
  }

  async remove(kind: string, name: string): Promise<boolean> {
    return (await this.#parts.write({ verb: "drop", kind, name })) !== undefined;
  }

  async removeDue(kind: string, time: number, limit: number): Promise<number> {
    return Number(await this.#parts.write({ verb: "drop-due", kind, time, limit }));
  }
}

type ResourceCells = readonly [name: string, revision: number, dueTime: number | null, value: string];

function resourceOf(kind: string, [name, revision, dueTime, value]: ResourceCells): Resource {
  return { kind, name, revision, dueTime, value };
}
