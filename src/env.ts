/** The Worker's bindings and settings. */
import type { Conversation } from "./conversation/conversation.ts";
import { DEFAULT_MAX_GROUP_MEMBERS, DEFAULT_MAX_MESSAGE_LENGTH } from "./protocol/index.ts";
import type { UserHub } from "./user-hub/user-hub.ts";

export interface Env {
  DB: D1Database;
  ATTACHMENTS: R2Bucket;
  CONVERSATION: DurableObjectNamespace<Conversation>;
  USER_HUB: DurableObjectNamespace<UserHub>;
  RATE_LIMIT_REQUESTS: RateLimit;
  RATE_LIMIT_SIGNALS: RateLimit;
  RATE_LIMIT_IP: RateLimit;
  /** `off` counts nobody, for load tests only (rule 24). */
  RATE_LIMIT_MODE?: string;
  /** HS256 secret of at least 32 bytes. One of this, `JWT_JWKS_URL` and `JWT_PUBLIC_KEY` must be set (rule 2). */
  JWT_SECRET?: string;
  /** Where the identity provider publishes its keys. */
  JWT_JWKS_URL?: string;
  /** The identity provider's public key, SPKI in PEM. */
  JWT_PUBLIC_KEY?: string;
  JWT_ISSUER?: string;
  JWT_AUDIENCE?: string;
  /** Origins of browsers that may connect, separated by commas (rule 4). */
  ALLOWED_ORIGINS?: string;
  MAX_MESSAGE_LENGTH?: string;
  MAX_GROUP_MEMBERS?: string;
}

/** A setting that is a positive whole number, or its default. */
function setting(value: string | undefined, fallback: number): number {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : fallback;
}

/** Limits that an operator may change. */
export function limitsOf(env: Env): { maxMessageLength: number; maxGroupMembers: number } {
  return {
    maxMessageLength: setting(env.MAX_MESSAGE_LENGTH, DEFAULT_MAX_MESSAGE_LENGTH),
    maxGroupMembers: setting(env.MAX_GROUP_MEMBERS, DEFAULT_MAX_GROUP_MEMBERS),
  };
}

/** Origins of browsers that may use the service, besides its own (rule 4). */
export function allowedOrigins(env: Env): string[] {
  return (env.ALLOWED_ORIGINS ?? "").split(",").flatMap((entry) => entry.trim() || []);
}
