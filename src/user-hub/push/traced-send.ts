/** Sends a push, and writes one line about it: what came of it, and whose request it came from. */
import { childOf, type Trace, traceFields } from "../../domain/trace.ts";
import type { Env } from "../../env.ts";
import { log } from "../../log.ts";
import type { Push, PushResult, PushTarget } from "../../push/notification.ts";
import { sendPush } from "../../push/send.ts";
import { inNewTrace, inTrace } from "../../tracing.ts";

/** What is said of a push, besides what it is. */
export interface PushCall {
  /** The same each time that it is sent. */
  id: string;
  /** How often it was tried before. */
  attempts: number;
  /** Of the request that caused it; undefined if that is not known. */
  trace: Trace | undefined;
}

/** Sends a push. Its line, and those of what fails on the way, have a span of their own in the trace of what caused it. */
export async function sendTraced(
  env: Env,
  target: PushTarget,
  push: Push,
  { id, attempts, trace }: PushCall,
): Promise<PushResult> {
  const send = async () => {
    const start = Date.now();
    const result = await sendPush(env, target, push, { id, now: start });
    log("info", "push.tried", {
      provider: target.provider,
      kind: push.kind,
      result: result.result,
      status: result.status,
      duration_ms: Date.now() - start,
      attempt: attempts + 1,
      parent_span_id: trace && traceFields(trace).span_id,
    });
    return result;
  };
  return trace === undefined ? await inNewTrace(send) : await inTrace(childOf(trace), send);
}
