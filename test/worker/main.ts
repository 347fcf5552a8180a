/** The service under test: the real one, with a switch in front of D1. */
import { createApp } from "../../src/app.ts";
import { Attachments as RealAttachments } from "../../src/attachments/service.ts";
import { Conversation as RealConversation } from "../../src/conversation/conversation.ts";
import type { Env } from "../../src/env.ts";
import { MetricsStore } from "../../src/metrics/metrics-store.ts";
import { UserHub as RealUserHub } from "../../src/user-hub/user-hub.ts";
import { withFaults } from "./faults.ts";
import { played } from "./recall-platform.ts";
import { countEnv, countObject, WORKER } from "./usage.ts";

export { MetricsStore };

export class Attachments extends RealAttachments {
  constructor(ctx: ExecutionContext, env: Env) {
    super(ctx, withFaults(env));
  }
}

export class Conversation extends RealConversation {
  constructor(ctx: DurableObjectState, env: Env) {
    super(played(countObject(ctx)), withFaults(countEnv(env, ctx.id.name), ctx.id.name));
  }
}

export class UserHub extends RealUserHub {
  constructor(ctx: DurableObjectState, env: Env) {
    super(countObject(ctx), withFaults(countEnv(env, ctx.id.name), ctx.id.name));
  }
}

const app = createApp();

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) =>
    app.fetch(request, withFaults(countEnv(env, WORKER)), ctx),
};
