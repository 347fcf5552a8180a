/** A Worker that does nothing but send: `POST {target, push}` answers with what came of it. */
import type { Push, PushTarget } from "../../src/push/notification.ts";
import { sendPush } from "../../src/push/send.ts";
import type { DeploymentSettings } from "../../src/settings.ts";

export default {
  async fetch(request: Request, env: DeploymentSettings): Promise<Response> {
    if (request.method !== "POST") return new Response("up");
    const { target, push } = (await request.json()) as { target: PushTarget; push: Push };
    return Response.json(await sendPush(env, target, push, { id: crypto.randomUUID(), now: Date.now() }));
  },
};
