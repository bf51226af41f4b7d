import { errorInfo, quotaFailure, retryInfo } from "../core/error/details.ts";
import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Rate, RateMetric } from "../core/quota.ts";
import { formatDuration } from "../core/value/duration.ts";

/** A rate that a subject has exceeded. */
export interface Exceeded {
  readonly metric: RateMetric;
  readonly rate: Rate;
  /** The owner of the quota, such as `projects/p`. */
  readonly subject: string;
  /** The time until the next call is allowed. */
  readonly retryMs: number;
}

/** A tenant that has reached its limit of unfinished operations. */
export interface Full {
  readonly subject: string;
  readonly limit: number;
}

/**
 * The error for a start of a tenant that has reached its limit. The amount is counted again after a
 * second.
 *
 * @see google/api/error_reason.proto, RESOURCE_QUOTA_EXCEEDED
 */
export function amountExceeded({ subject, limit }: Full, service: string): StatusError {
  const quotaMetric = `${service}/unfinished_operations`;
  const quotaId = "UnfinishedOperationsPerTenant";
  const quotaValue = String(limit);
  const metadata = {
    consumer: subject,
    service,
    quota_metric: quotaMetric,
    quota_limit: quotaId,
    quota_limit_value: quotaValue,
  };
  const message =
    `Quota exceeded for quota metric 'Unfinished operations' and limit 'Unfinished operations per tenant' of service '${service}' ` +
    `for consumer '${subject}'.`;
  const description = `${limit} unfinished operations`;
  return serviceError("RESOURCE_QUOTA_EXCEEDED", message, {
    metadata,
    details: [
      errorInfo({ reason: "RESOURCE_QUOTA_EXCEEDED", domain: service, metadata }),
      quotaFailure({ violations: [{ subject, description, quotaMetric, quotaId, quotaValue }] }),
      retryInfo({ retryDelay: formatDuration(LIMITS.quotaCountMsMin) }),
    ],
  });
}

const TITLES = { read: "Read", write: "Write", wait: "Wait" } as const;

/**
 * The error for an exceeded rate, in the words of Google's services.
 *
 * @param service the name of our service
 * @see google/api/error_reason.proto, RATE_LIMIT_EXCEEDED; contract 2, section 6.3
 */
export function rateExceeded({ metric, rate, subject, retryMs }: Exceeded, service: string): StatusError {
  const { calls, windowName } = rate;
  const title = TITLES[metric];
  const quotaMetric = `${service}/${metric}_requests`;
  const quotaId = `${title}RequestsPer${windowName}`;
  const requests = `${title} requests`;
  const per = `per ${windowName.toLowerCase()}`;
  const message =
    `Quota exceeded for quota metric '${requests}' and limit '${requests} ${per}' of service '${service}' ` +
    `for consumer '${subject}'.`;
  const quotaValue = String(calls);
  const metadata = {
    consumer: subject,
    service,
    quota_metric: quotaMetric,
    quota_limit: quotaId,
    quota_limit_value: quotaValue,
  };
  const description = `${calls} ${requests.toLowerCase()} ${per}`;
  return serviceError("RATE_LIMIT_EXCEEDED", message, {
    metadata,
    details: [
      errorInfo({ reason: "RATE_LIMIT_EXCEEDED", domain: service, metadata }),
      quotaFailure({ violations: [{ subject, description, quotaMetric, quotaId, quotaValue }] }),
      retryInfo({ retryDelay: formatDuration(retryMs) }),
    ],
  });
}
