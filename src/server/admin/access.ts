import { createHash, timingSafeEqual } from "node:crypto";
import { serviceError } from "../../core/error/error.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { parseCollection } from "../../core/operation/name.ts";
import {
  type Access,
  ADMIN_ACTIONS,
  type AdminAction,
  FULL_ACCESS,
  type Operator,
  READ_ACCESS,
} from "../../engine/admin/access.ts";
import type { Authenticate, Sender } from "../../core/ports/authenticate.ts";

/** What an operator may do, as programs say it: look; everything; or look and some actions. */
export type AccessLevel = "read" | "full" | readonly AdminAction[];

/** What an operator may do, and the collections that it sees. */
export interface ScopedAccess {
  readonly may: AccessLevel;
  /** Such as `projects/acme/-`. Whatever is elsewhere is as if it were not there. @default everything */
  readonly collection?: string;
}

/** What a program grants to whoever sent a request; undefined for nothing. */
export type AccessAnswer = AccessLevel | ScopedAccess | undefined;

/** Makes an operator of each request. @throws {StatusError} for one of nobody who is; the promise rejects likewise */
export type AdmitOperator = (sender: Sender) => Operator | Promise<Operator>;

/** Grants access to whom a function of the program's does. */
export function admittedBy<Request extends Sender>(
  access: (request: Request) => AccessAnswer | Promise<AccessAnswer>,
  authenticate: Authenticate,
): (sender: Request) => Promise<Operator> {
  return async (sender) => {
    const granted = accessOf(await access(sender));
    if (granted === undefined)
      throw serviceError("ADMIN_REFUSED", "The caller of this request is no operator of this service.");
    return { ...(await authenticate(sender)), access: granted };
  };
}

/** How the settings admit operators. */
export interface AdmittingSettings {
  readonly level: "read" | "full";
  /** What the header `Authorization: Bearer …` has to hold. @default nobody is asked */
  readonly token?: string | undefined;
}

/** Grants one access to everybody, or to everybody with the token. */
export function admittedBySettings(
  { level, token }: AdmittingSettings,
  authenticate: Authenticate,
): AdmitOperator {
  const access = level === "full" ? FULL_ACCESS : READ_ACCESS;
  const isRight = token === undefined ? undefined : tokenCheck(token);
  return (sender) => {
    if (isRight?.(String(sender.headers["authorization"] ?? "")) === false) {
      throw serviceError(
        "ADMIN_TOKEN_INVALID",
        "Operators send the token of the setting adminToken: Authorization: Bearer TOKEN.",
      );
    }
    const caller = authenticate(sender);
    if (caller instanceof Promise) return caller.then((each) => ({ ...each, access }));
    return { ...caller, access };
  };
}

/** Compares digests, whose lengths are the same, so that the time tells nothing. */
function tokenCheck(token: string): (authorization: string) => boolean {
  const wanted = digest(token);
  return (authorization) => {
    const given = /^Bearer +([^ ]+) *$/i.exec(authorization)?.[1];
    return given !== undefined && timingSafeEqual(digest(given), wanted);
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** @throws {TypeError} for what is no access: a bug of the program's */
function accessOf(answer: AccessAnswer): Access | undefined {
  if (answer === undefined) return undefined;
  if (!isScoped(answer)) return { actions: actionsOf(answer) };
  const { may, collection } = answer;
  const actions = actionsOf(may);
  if (collection === undefined) return { actions };
  return { actions, scope: collectionOf(parseCollection(collection)) };
}

function isScoped(answer: AccessLevel | ScopedAccess): answer is ScopedAccess {
  return typeof answer === "object" && !Array.isArray(answer);
}

function actionsOf(level: AccessLevel): ReadonlySet<AdminAction> {
  if (level === "full") return FULL_ACCESS.actions;
  if (level === "read") return READ_ACCESS.actions;
  const known: readonly string[] = ADMIN_ACTIONS;
  const isList = Array.isArray(level) && level.every((each) => known.includes(each));
  if (isList) return new Set(level);
  throw new TypeError(
    `access: expected "read", "full" or a list of ${known.join(", ")}, got ${JSON.stringify(level)}`,
  );
}
