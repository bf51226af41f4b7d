import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { withoutPassword } from "../../core/value/secret.ts";
import { cannotOpen } from "../fault.ts";
import { codeOf } from "./fault.ts";

/** The problem, its remedy, and whether it may pass by itself. */
type Finding = readonly [problem: string, remedy: string, passing?: "passing"];

const REACH =
  "Check that PostgreSQL runs there, that host and port are right, and that no firewall is in between";
const LOGIN = "Correct the user and the password in the address, or PGUSER and PGPASSWORD";
const WRITES = "Give the address of the primary; with several hosts, add target_session_attrs=read-write";
const RIGHTS =
  "Grant it to this user, or connect as the owner of the tables; longrunning migrate applies migrations";
const UNABLE = "Use PostgreSQL 15 or newer, or another database that docs/deploying.md names";
const WAIT = "Try again when it has started, or read its log";

/** By the code of the database, the driver or the network, or by the class of a code. */
const FINDINGS: Readonly<Record<string, Finding>> = {
  ECONNREFUSED: ["nothing listens there", REACH, "passing"],
  ENOENT: ["there is no such socket", REACH, "passing"],
  EACCES: [
    "this user may not use the socket",
    "Give this user the right to use it, or connect by host and port",
  ],
  ENOTFOUND: ["there is no such host", REACH, "passing"],
  EAI_AGAIN: ["the name of the host cannot be resolved now", REACH, "passing"],
  EHOSTUNREACH: ["the host cannot be reached", REACH, "passing"],
  ENETUNREACH: ["the host cannot be reached", REACH, "passing"],
  CONNECT_TIMEOUT: ["no connection was established in time", REACH, "passing"],
  ANSWER_TIMEOUT: ["it did not answer in time", REACH, "passing"],
  CONNECTION_CLOSED: ["it ended the connection", REACH, "passing"],
  CONNECTION_DESTROYED: ["it ended the connection", REACH, "passing"],
  ECONNRESET: ["it ended the connection", REACH, "passing"],
  EPIPE: ["it ended the connection", REACH, "passing"],
  SERVER_UNFIT: ["no host is what target_session_attrs asks for", WRITES, "passing"],
  TLS_REFUSED: [
    "the server does not offer TLS, and the address asks for it",
    "Turn on TLS in the server, or give sslmode=disable if the network is safe",
  ],
  SASL_SIGNATURE_MISMATCH: ["the server does not prove that it knows the password", LOGIN],
  "08": ["the connection was refused", "Read the log of the pooler or proxy in between", "passing"],
  "25006": ["the server takes no writes", WRITES, "passing"],
  "28": ["the user may not connect", LOGIN],
  "28000": ["the user may not connect", "Correct the user in the address, or allow it in pg_hba.conf"],
  "3D": [
    "there is no such database",
    "Create it, for example with createdb, or correct its name in the address",
  ],
  "3F": [
    "there is no schema for the tables",
    "Create it, or correct search_path in the address or in the settings of the user",
  ],
  "40": ["other transactions won every conflict", "Try again", "passing"],
  "42501": ["this user lacks a right", RIGHTS],
  "42704": [
    "the database does not know a parameter of the address",
    "Correct the parameters after the ? of the address",
  ],
  "53": [
    "the database lacks disk space, memory or another resource",
    "Free space or memory on its machine",
    "passing",
  ],
  "53300": [
    "all its connections are taken",
    "Raise max_connections, lower --connections of the processes, or put pgbouncer in between",
    "passing",
  ],
  "55": [
    "another session keeps it locked",
    "Find the session in pg_stat_activity, and end its transaction",
    "passing",
  ],
  "57": ["it takes no connections now", WAIT, "passing"],
  "57014": [
    "it was too slow, or another session keeps it locked",
    "Find the session in pg_stat_activity",
    "passing",
  ],
  "58": ["its disk cannot be read or written", "Read the log of the database", "passing"],
  XX: ["the database failed to execute a statement that the service needs", UNABLE],
  "0A": ["the database cannot execute a statement that the service needs", UNABLE],
};

/** TLS error codes for untrusted certificates. */
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|ERR_TLS|ERR_SSL/;

/**
 * The error for a failed attempt to open a store, made from the error of the database, the driver
 * or the network. An error of the store itself stays as it is.
 */
export function openingFault(url: string, error: unknown): unknown {
  const cause = causeOf(error);
  if (cause === undefined) return error;
  const [problem, remedy, passing] = findingOf(cause);
  const { message } = cause;
  return cannotOpen({
    store: withoutPassword(url),
    problem: message === "" ? problem : `${problem} (${withoutPassword(message)})`,
    remedy,
    mayPass: passing !== undefined,
    cause,
  });
}

/** The cause of an error of the store; undefined if the error is complete by itself. */
function causeOf(error: unknown): Error | undefined {
  if (error instanceof StatusError && error.reason !== "STORE_UNAVAILABLE") return undefined;
  const said = error instanceof StatusError || error instanceof InvariantError ? error.cause : error;
  return said instanceof Error && !(said instanceof StatusError) && codeOf(said) !== undefined
    ? said
    : undefined;
}

function findingOf(error: Error): Finding {
  const code = codeOf(error) ?? "";
  const known = FINDINGS[code] ?? (error.name === "PostgresError" ? FINDINGS[code.slice(0, 2)] : undefined);
  if (known !== undefined) return known;
  if (error.name === "PostgresError")
    return ["the database cannot execute a statement that the service needs", UNABLE];
  if (CERTIFICATE.test(code)) {
    const remedy =
      "Name its authority in NODE_EXTRA_CA_CERTS, or give sslmode=require to trust any certificate";
    return ["the certificate of the server is not trusted", remedy];
  }
  return ["it cannot be reached", REACH, "passing"];
}
