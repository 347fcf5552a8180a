/** Checks origins against the settings (rule 4). */
import { isAllowedOrigin, type OriginRules, parseOrigins } from "../domain/origins.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";

/** The parsed setting. Every request needs it, and its errors are logged only once. */
let kept: { setting: string; loopback: boolean; rules: OriginRules } | undefined;

function originRules(env: Env): OriginRules {
  const setting = env.ALLOWED_ORIGINS ?? "";
  const loopback = env.DEV_ALLOW_LOOPBACK_ORIGINS === "true";
  if (kept?.setting === setting && kept.loopback === loopback) return kept.rules;
  const rules = parseOrigins(setting, loopback);
  for (const fault of rules.invalid)
    log("error", "setting.invalid", { setting: "ALLOWED_ORIGINS", ...fault });
  kept = { setting, loopback, rules };
  return rules;
}

/**
 * Whether a page of this origin may call the API and open sockets.
 * @param origin empty if the client sends none, as native apps do.
 * @param url of the request. The service's own origin is always allowed.
 */
export function mayUse(env: Env, origin: string, url: string): boolean {
  const rules = originRules(env);
  return origin !== "" && isAllowedOrigin(origin, new URL(url).origin, rules);
}
