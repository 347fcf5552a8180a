/**
 * What a developer writes who generates a client from /openapi.json: nothing of this repository is imported. The types
 * behind "rest-types" are made by openapi-typescript when test/tools/generated-client.test.ts runs.
 */
import createClient from "openapi-fetch";
import type { components, paths } from "rest-types";

type Message = components["schemas"]["Message"];

interface Options {
  baseUrl: string;
  fetch: (request: Request) => Promise<Response>;
}

/** Two people talk. @returns what came of it. */
export async function roundTrip(options: Options, tokens: { alice: string; bob: string }) {
  const clientOf = (token: string) =>
    createClient<paths>({ ...options, headers: { Authorization: `Bearer ${token}` } });
  const [alice, bob] = [clientOf(tokens.alice), clientOf(tokens.bob)];
  const me = await bob.GET("/api/v1/users/me");
  if (!me.data) throw new Error(me.error.message);
  const created = await alice.POST("/api/v1/conversations/direct", { body: { user_id: me.data.user_id } });
  if (!created.data) throw new Error(created.error.message);
  const { conversation_id } = created.data;
  const path = { conversation_id };
  const sent = await alice.POST("/api/v1/conversations/{conversation_id}/messages", {
    params: { path, header: { "idempotency-key": "generated-1" } },
    body: { type: "text", content: "Hello!", metadata: { mentions: ["@all"] } },
  });
  if (!sent.data) throw new Error(sent.error.message);
  const message: Message = sent.data;
  const params = { path: { message_id: message.message_id } };
  const reaction = await bob.POST("/api/v1/messages/{message_id}/reactions", {
    params,
    body: { emoji: "👍" },
  });
  const page = await bob.GET("/api/v1/conversations/{conversation_id}/messages", {
    params: { path, query: { limit: 10 } },
  });
  const read = await bob.PUT("/api/v1/conversations/{conversation_id}/read", {
    params: { path },
    body: { up_to_message_id: message.message_id },
  });
  const removed = await bob.DELETE("/api/v1/messages/{message_id}/reactions/{emoji}", {
    params: { path: { message_id: message.message_id, emoji: "👍" } },
  });
  const missing = await bob.GET("/api/v1/users/{user_id}", {
    params: { path: { user_id: conversation_id } },
  });
  return {
    conversation_id,
    message,
    emoji: reaction.data?.emoji,
    contents: page.data?.messages.map(({ content }) => content),
    unread: read.data?.unread_count,
    removed: removed.response.status,
    missing: missing.error?.code,
  };
}
