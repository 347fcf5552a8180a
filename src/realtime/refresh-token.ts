/** `auth.refresh`: a newer token of the same user extends the session (rule 4). */
import { verifyToken } from "../auth/verify.ts";
import type { Identity } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import type { Sessions } from "./sessions.ts";

/** @param onRefreshed gets what the new token says. */
export async function refreshToken(
  { env, sessions }: { env: Env; sessions: Sessions },
  socket: WebSocket,
  token: string,
  onRefreshed: (identity: Identity) => void,
): Promise<Outcome<unknown>> {
  const verified = await verifyToken(token, env);
  if (!verified.ok) {
    if (verified.reason) log("info", "refresh.refused", { token_refused: verified.reason });
    return refused(verified.error);
  }
  const { user_id, expires_at, issued_at } = verified.body;
  const session = sessions.of(socket);
  if (user_id !== session.caller.user_id) return refused("FORBIDDEN", "The token belongs to another user");
  sessions.update(socket, { ...session, expires_at, issued_at });
  onRefreshed(verified.body);
  return found({ expires_at: new Date(expires_at).toISOString() });
}
