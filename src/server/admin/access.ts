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

/**
 * What an operator may do, as programs grant it: read everything; do everything; or read everything
 * and take some actions.
 */
export type AccessLevel = "read" | "full" | readonly AdminAction[];

/** The permissions of an operator, and the collections that it sees. */
export interface ScopedAccess {
  readonly may: AccessLevel;
  /**
   * Such as `projects/acme/-`. Operations outside of it do not exist for this operator. @default
   * everything
   */
  readonly collection?: string;
}

/** The access that a program grants to the sender of a request; undefined for none. */
export type AccessAnswer = AccessLevel | ScopedAccess | undefined;

/**
 * Determines the operator that sent a request. @throws {StatusError} if the sender is not an
 * operator; the promise rejects likewise
 */
export type AdmitOperator = (sender: Sender) => Operator | Promise<Operator>;

/** Grants the access that a function of the program returns. */
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

/** The settings that admit operators. */
export interface AdmittingSettings {
  readonly level: "read" | "full";
  /**
   * The token that the header `Authorization: Bearer …` must contain. @default no token is required
   */
  readonly token?: string | undefined;
}

/** Grants the same access to everybody, or to everybody with the token. */
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

/** Compares digests, which have equal lengths, so that the time reveals nothing. */
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

/** @throws {TypeError} for an invalid access, which is a bug of the program */
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
