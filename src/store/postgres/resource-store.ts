import { shardOfText } from "../../core/operation/id.ts";
import type { Resource, ResourceStore } from "../../core/ports/resource-store.ts";
import { checkResource } from "../texts.ts";
import { arrayOf, type Cell } from "./array.ts";
import { type BesideParts, once } from "./beside.ts";
import type { Row } from "./session.ts";
import { ofShard } from "./sharding.ts";
import * as sql from "./statements-resource.ts";

/**
 * Resources (small configured records) in PostgreSQL. A write is tried once; the caller checks its
 * result.
 */
export class PostgresResources implements ResourceStore {
  readonly #parts: BesideParts;

  constructor(parts: BesideParts) {
    this.#parts = parts;
  }

  async list(kind: string, limit: number): Promise<readonly Resource[]> {
    const shard = shardOfText(kind);
    const rows = await this.#parts.carryOut(() =>
      once(() => (this.#parts.look ?? this.#queryOf(shard))(sql.RESOURCES, [kind, shard, limit])),
    );
    return rows.map((row) => resourceOf(kind, row));
  }

  async read(kind: string, names: readonly string[]): Promise<readonly Resource[]> {
    const shard = shardOfText(kind);
    const cells = [kind, shard, arrayOf(names)];
    const rows = await this.#parts.carryOut(() =>
      once(() => (this.#parts.look ?? this.#queryOf(shard))(sql.NAMED_RESOURCES, cells)),
    );
    return rows.map((row) => resourceOf(kind, row));
  }

  async put(resource: Omit<Resource, "revision">, expected: number | null): Promise<number | undefined> {
    checkResource(resource);
    const { kind, name, dueTime, value } = resource;
    const shard = shardOfText(kind);
    const cells = [kind, name, dueTime, value];
    const isDistributed = expected === null && this.#parts.isDistributed;
    const rows = await (isDistributed
      ? this.#change(kind, sql.newResourceText(shard), cells)
      : expected === null
        ? this.#change(kind, sql.NEW_RESOURCE, [shard, ...cells])
        : this.#change(kind, sql.REPLACE_RESOURCE, [shard, ...cells, expected]));
    return rows[0] === undefined ? undefined : Number(rows[0][0]);
  }

  async remove(kind: string, name: string): Promise<boolean> {
    return (await this.#change(kind, sql.DROP_RESOURCE, [shardOfText(kind), kind, name])).length > 0;
  }

  async removeDue(kind: string, time: number, limit: number): Promise<number> {
    const cells = [shardOfText(kind), kind, time, limit];
    return (await this.#change(kind, sql.DROP_DUE_RESOURCES, cells)).length;
  }

  #change(kind: string, text: string, parameters: readonly Cell[]): Promise<readonly Row[]> {
    return this.#parts.change(() => once(() => this.#queryOf(shardOfText(kind))(text, parameters)));
  }

  #queryOf(shard: number): (text: string, parameters: readonly Cell[]) => Promise<readonly Row[]> {
    const { database, isDistributed } = this.#parts;
    const query = (text: string, parameters?: readonly Cell[]): Promise<readonly Row[]> =>
      database.query(text, parameters);
    return isDistributed ? ofShard(query, shard) : query;
  }
}

function resourceOf(kind: string, [name, revision, dueTime, value]: Row): Resource {
  return {
    kind,
    name: String(name),
    revision: Number(revision),
    dueTime: dueTime === null ? null : Number(dueTime),
    value: String(value),
  };
}
