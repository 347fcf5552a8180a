/**
 * Who may do what: one row for each route and each command of the sockets, or several where it depends on what it is
 * done to. A route or command without a row fails the suite.
 *
 * Columns: owner, admin, member, former member, stranger, no token.
 */
import { type ClientCommand, newAttachmentId } from "@rocket-chat-api/protocol";
import type { Relation, Stage } from "./stage.ts";

/** One column's request, but for its method and route. */
interface Ask {
  params?: Record<string, string>;
  query?: string;
  body?: unknown;
}

/** A row: what is asked, by whom, and the status for each column. */
export interface RouteRow {
  what?: string;
  statuses: string;
  ask?: (stage: Stage, relation: Relation) => Ask;
  /** Opens a socket: 101 is success. */
  upgrade?: true;
  /** Success changes what other rows would find: it has a stage of its own. */
  alters?: true;
  /** What the stage needs before. */
  before?: (stage: Stage) => { path: string; body: unknown };
}

/** The rows of routes that need no credential. */
export const PUBLIC = [{ statuses: "200 200 200 200 200 200" }];
const HERE = ({ id }: Stage): Ask => ({ params: { conversation_id: id } });
const here = (body: unknown) => (stage: Stage) => ({ ...HERE(stage), body });
const ofOwn = (more: Ask) => (stage: Stage, relation: Relation) => ({
  params: { message_id: stage.own[relation].message_id, ...more.params },
  ...(more.query ? { query: more.query } : {}),
  ...(more.body ? { body: more.body } : {}),
});
const ofOthers = (more: Ask) => (stage: Stage, relation: Relation) => ({
  ...ofOwn(more)(stage, relation),
  params: { message_id: stage.others[relation].message_id, ...more.params },
});
const participant =
  (of: "target" | "self" | "owner", body?: unknown) => (stage: Stage, relation: Relation) => {
    const { owner } = stage.people;
    const self = relation === "nobody" ? owner : stage.people[relation];
    const { user_id } = { target: stage.target[relation], self, owner }[of];
    return { params: { conversation_id: stage.id, user_id }, body };
  };
/** A phone with a token of its own. */
const phone = (): Ask => ({
  body: { platform: "android", provider: "fcm", token: crypto.randomUUID() },
});
const TEXT = { type: "text", content: "Hello!" };
const PHOTO = { file_name: "photo.jpg", file_size: 2048, mime_type: "image/jpeg", attachment_type: "image" };
const THUMB = encodeURIComponent("👍");
const EVERYONE = "delete_for_everyone=true";

/** Only servers may ask, whoever a user is; see "authorisation of servers". */
const SERVERS_ONLY = "403 403 403 403 403 401";
const server = (ask: (stage: Stage) => Ask): RouteRow[] => [{ statuses: SERVERS_ONLY, ask }];
const SOMEBODY = "ext:somebody";
const AT_USER = (body: unknown = {}) => ({ params: { user_id: SOMEBODY }, body });

const AT_ITEM = (body?: unknown) => ({ params: { item_id: crypto.randomUUID() }, body });

/** Routes of servers, with a request that a server may make. */
const OF_SERVERS: Record<string, RouteRow[]> = {
  "PUT /api/v1/server/users/{user_id}": server(() => AT_USER()),
  "POST /api/v1/server/users/batch": server(() => ({ body: { users: [{ user_id: SOMEBODY }] } })),
  "POST /api/v1/server/users/{user_id}/deactivate": server(() => AT_USER()),
  "POST /api/v1/server/users/{user_id}/reactivate": server(() => AT_USER()),
  "POST /api/v1/server/users/{user_id}/tokens/revoke": server(() => AT_USER()),
  "POST /api/v1/server/users/{user_id}/export": server(() => ({ params: { user_id: SOMEBODY } })),
  "POST /api/v1/server/users/{user_id}/erase": server(() => ({
    params: { user_id: "ext:somebody-to-forget" },
    body: { messages: "erase" },
  })),
  "POST /api/v1/server/users/{user_id}/events": server(() => AT_USER({ name: "hello" })),
  "POST /api/v1/server/conversations": server(({ people }) => ({
    body: { type: "group", participants: [people.owner.user_id] },
  })),
  "GET /api/v1/server/conversations/by-external-id/{external_id}": server(() => ({
    params: { external_id: "nothing" },
  })),
  "PUT /api/v1/server/conversations/{conversation_id}": server((stage) =>
    here({ metadata: { a: 1 } })(stage),
  ),
  "POST /api/v1/server/conversations/{conversation_id}/messages": server((stage) =>
    here({ system: { event: "hello" }, content: "Hello" })(stage),
  ),
  "POST /api/v1/server/conversations/{conversation_id}/participants": server((stage) =>
    here({ user_id: stage.outsider.nobody.user_id })(stage),
  ),
  "DELETE /api/v1/server/conversations/{conversation_id}/participants/{user_id}": server((stage) => ({
    params: { conversation_id: stage.id, user_id: stage.outsider.nobody.user_id },
  })),
  "PUT /api/v1/server/conversations/{conversation_id}/participants/{user_id}/mute": server((stage) => ({
    params: { conversation_id: stage.id, user_id: stage.target.nobody.user_id },
    body: {},
  })),
  "DELETE /api/v1/server/conversations/{conversation_id}/participants/{user_id}/mute": server((stage) => ({
    params: { conversation_id: stage.id, user_id: stage.target.nobody.user_id },
  })),
  "PUT /api/v1/server/conversations/{conversation_id}/bans/{user_id}": server((stage) => ({
    params: { conversation_id: stage.id, user_id: stage.outsider.nobody.user_id },
    body: {},
  })),
  "DELETE /api/v1/server/conversations/{conversation_id}/bans/{user_id}": server((stage) => ({
    params: { conversation_id: stage.id, user_id: stage.outsider.nobody.user_id },
  })),
  "GET /api/v1/server/conversations/{conversation_id}/bans": server(HERE),
  "POST /api/v1/server/conversations/{conversation_id}/events": server((stage) =>
    here({ name: "hello" })(stage),
  ),
  "POST /api/v1/server/push/check": server(({ people, own }) => ({
    body: { user: people.owner.user_id, message_id: own.owner.message_id },
  })),
  "GET /api/v1/server/moderation/queue": server(() => ({})),
  "GET /api/v1/server/moderation/queue/{item_id}": server(() => AT_ITEM()),
  "GET /api/v1/server/moderation/queue/{item_id}/reports": server(() => AT_ITEM()),
  "POST /api/v1/server/moderation/queue/{item_id}": server(() =>
    AT_ITEM({ action: "dismiss", note: "Fine" }),
  ),
  "GET /api/v1/server/moderation/log": server(() => ({})),
  "GET /api/v1/server/moderation/bans": server(() => ({})),
  "GET /api/v1/server/moderation/bans/{user_id}": server(() => ({ params: { user_id: SOMEBODY } })),
  "PUT /api/v1/server/moderation/bans/{user_id}": server(() => AT_USER({ reason: "Spam" })),
  "DELETE /api/v1/server/moderation/bans/{user_id}": server(() => ({ params: { user_id: SOMEBODY } })),
  "GET /api/v1/server/moderation/filters": server(() => ({})),
  "GET /api/v1/server/moderation/filters/{name}": server(() => ({ params: { name: "swears" } })),
  "PUT /api/v1/server/moderation/filters/{name}": server(() => ({
    params: { name: "swears" },
    body: { type: "words", action: "flag", entries: ["a word that nobody says"] },
  })),
  "DELETE /api/v1/server/moderation/filters/{name}": server(() => ({ params: { name: "swears" } })),
  "POST /api/v1/server/directory/rebuild": server((stage) => ({
    body: { kind: "conversations", objects: [stage.id] },
  })),
  "POST /api/v1/server/directory/renew": server(() => ({})),
  "GET /api/v1/server/jobs/{job_id}": server(() => ({ params: { job_id: crypto.randomUUID() } })),
  "POST /api/v1/server/conversations/{conversation_id}/recover": server((stage) =>
    here({ to: new Date().toISOString() })(stage),
  ),
  "DELETE /api/v1/server/conversations/{conversation_id}": server(HERE),
};

export const ROUTES: Record<string, RouteRow[]> = {
  ...OF_SERVERS,
  "GET /health": PUBLIC,
  "GET /health/ready": PUBLIC,
  // Users have nothing to see there, so their tokens do not count ([METRICS-10]).
  "GET /metrics": [{ statuses: "401 401 401 401 401 401" }],
  "GET /api/v1/capabilities": PUBLIC,
  "GET /docs": PUBLIC,
  "GET /openapi.json": PUBLIC,
  "GET /asyncapi.json": PUBLIC,
  "GET /ws": [{ statuses: "101 101 101 101 101 401", upgrade: true }],
  "GET /api/v1/conversations/{conversation_id}/ws": [
    { statuses: "101 101 101 403 403 401", upgrade: true, ask: HERE },
  ],
  "POST /api/v1/ws/ticket": [{ statuses: "201 201 201 201 201 401" }],
  "GET /api/v1/users/me": [{ statuses: "200 200 200 200 200 401" }],
  "PATCH /api/v1/users/me": [
    { statuses: "200 200 200 200 200 401", ask: () => ({ body: { display_name: "New name" } }) },
  ],
  "GET /api/v1/users/me/privacy": [{ statuses: "200 200 200 200 200 401" }],
  "PATCH /api/v1/users/me/privacy": [
    { statuses: "200 200 200 200 200 401", ask: () => ({ body: { last_seen: true } }) },
  ],
  "GET /api/v1/devices": [{ statuses: "200 200 200 200 200 401" }],
  "POST /api/v1/devices": [{ statuses: "201 201 201 201 201 401", ask: phone }],
  "PUT /api/v1/devices/{device_id}": [
    {
      statuses: "200 200 200 200 200 401",
      ask: () => ({ params: { device_id: "phone" }, ...phone() }),
    },
  ],
  "DELETE /api/v1/devices/{device_id}": [
    {
      what: "somebody else's",
      statuses: "404 404 404 404 404 401",
      ask: () => ({ params: { device_id: "other" } }),
    },
  ],
  "POST /api/v1/devices/{device_id}/test": [
    {
      what: "somebody else's",
      statuses: "404 404 404 404 404 401",
      ask: () => ({ params: { device_id: "other" } }),
    },
  ],
  "GET /api/v1/devices/{device_id}/log": [
    {
      what: "somebody else's",
      statuses: "404 404 404 404 404 401",
      ask: () => ({ params: { device_id: "other" } }),
    },
  ],
  "GET /api/v1/push/vapid-key": [{ statuses: "200 200 200 200 200 401" }],
  "GET /api/v1/push-preferences": [{ statuses: "200 200 200 200 200 401" }],
  "PATCH /api/v1/push-preferences": [
    { statuses: "200 200 200 200 200 401", ask: () => ({ body: { level: "mentions" } }) },
  ],
  "GET /api/v1/blocks": [{ statuses: "200 200 200 200 200 401" }],
  "PUT /api/v1/blocks/{user_id}": [
    {
      what: "another",
      statuses: "200 200 200 200 200 401",
      ask: () => ({ params: { user_id: crypto.randomUUID() } }),
    },
    {
      what: "oneself",
      statuses: "400 400 400 400 400 401",
      ask: ({ people }, relation) => ({
        params: { user_id: people[relation === "nobody" ? "owner" : relation].user_id },
      }),
    },
  ],
  "DELETE /api/v1/blocks/{user_id}": [
    {
      statuses: "204 204 204 204 204 401",
      ask: ({ outsider }, relation) => ({ params: { user_id: outsider[relation].user_id } }),
    },
  ],
  "GET /api/v1/users": [{ statuses: "200 200 200 200 200 401", ask: () => ({ query: "q=target" }) }],
  "GET /api/v1/users/{user_id}": [
    {
      statuses: "200 200 200 200 200 401",
      ask: ({ people }) => ({ params: { user_id: people.owner.user_id } }),
    },
  ],
  "GET /api/v1/unread": [{ statuses: "200 200 200 200 200 401" }],
  "GET /api/v1/conversations": [{ statuses: "200 200 200 200 200 401" }],
  "POST /api/v1/conversations/direct": [
    {
      statuses: "201 201 201 201 201 401",
      ask: ({ outsider }, relation) => ({ body: { user_id: outsider[relation].user_id } }),
    },
  ],
  "POST /api/v1/conversations/group": [
    { statuses: "201 201 201 201 201 401", ask: () => ({ body: { name: "Mine", participant_ids: [] } }) },
  ],
  "GET /api/v1/conversations/{conversation_id}": [{ statuses: "200 200 200 403 403 401", ask: HERE }],
  "PUT /api/v1/conversations/{conversation_id}": [
    { what: "name", statuses: "200 200 403 403 403 401", ask: here({ name: "New name" }) },
    {
      what: "settings",
      alters: true,
      statuses: "200 200 403 403 403 401",
      ask: here({ settings: { only_admins_can_send: true } }),
    },
  ],
  "DELETE /api/v1/conversations/{conversation_id}": [
    { alters: true, statuses: "204 204 204 403 403 401", ask: HERE },
  ],
  // In a group there is nothing to accept.
  "POST /api/v1/conversations/{conversation_id}/accept": [{ statuses: "400 400 400 403 403 401", ask: HERE }],
  "POST /api/v1/conversations/{conversation_id}/decline": [
    { statuses: "400 400 400 403 403 401", ask: here({}) },
  ],
  "PATCH /api/v1/conversations/{conversation_id}/preferences": [
    { statuses: "200 200 200 403 403 401", ask: here({ is_pinned: true }) },
  ],
  "POST /api/v1/conversations/{conversation_id}/participants": [
    {
      statuses: "201 201 403 403 403 401",
      ask: (stage, relation) => here({ user_id: stage.outsider[relation].user_id })(stage),
    },
  ],
  "DELETE /api/v1/conversations/{conversation_id}/participants/{user_id}": [
    { what: "a member", alters: true, statuses: "204 204 403 403 403 401", ask: participant("target") },
    { what: "oneself", alters: true, statuses: "204 204 204 403 403 401", ask: participant("self") },
    { what: "the owner", alters: true, statuses: "204 403 403 403 403 401", ask: participant("owner") },
  ],
  "PATCH /api/v1/conversations/{conversation_id}/participants/{user_id}": [
    {
      what: "to admin",
      alters: true,
      statuses: "200 200 403 403 403 401",
      ask: participant("target", { role: "admin" }),
    },
    {
      what: "to owner",
      alters: true,
      statuses: "200 403 403 403 403 401",
      ask: participant("target", { role: "owner" }),
    },
    {
      what: "the owner",
      statuses: "403 403 403 403 403 401",
      ask: participant("owner", { role: "member" }),
    },
  ],
  "PUT /api/v1/conversations/{conversation_id}/participants/{user_id}/mute": [
    {
      what: "a member",
      alters: true,
      statuses: "200 200 403 403 403 401",
      ask: participant("target", { reason: "Spam" }),
    },
    {
      what: "the owner",
      alters: true,
      statuses: "403 403 403 403 403 401",
      ask: participant("owner", {}),
    },
  ],
  "DELETE /api/v1/conversations/{conversation_id}/participants/{user_id}/mute": [
    { alters: true, statuses: "204 204 403 403 403 401", ask: participant("target") },
  ],
  "PUT /api/v1/conversations/{conversation_id}/bans/{user_id}": [
    {
      what: "a member",
      alters: true,
      statuses: "201 201 403 403 403 401",
      ask: participant("target", { reason: "Spam" }),
    },
    {
      what: "the owner",
      alters: true,
      statuses: "403 403 403 403 403 401",
      ask: participant("owner", {}),
    },
  ],
  "DELETE /api/v1/conversations/{conversation_id}/bans/{user_id}": [
    { alters: true, statuses: "204 204 403 403 403 401", ask: participant("target") },
  ],
  "GET /api/v1/conversations/{conversation_id}/bans": [{ statuses: "200 200 403 403 403 401", ask: HERE }],
  "POST /api/v1/conversations/{conversation_id}/messages": [
    { statuses: "201 201 201 403 403 401", ask: here(TEXT) },
    {
      what: "where only admins can send",
      alters: true,
      statuses: "201 201 403 403 403 401",
      ask: here(TEXT),
      before: ({ id }) => ({
        path: `/conversations/${id}`,
        body: { settings: { only_admins_can_send: true } },
      }),
    },
  ],
  "GET /api/v1/conversations/{conversation_id}/messages": [
    { statuses: "200 200 200 403 403 401", ask: HERE },
  ],
  "PUT /api/v1/conversations/{conversation_id}/read": [
    {
      statuses: "200 200 200 403 403 401",
      ask: (stage) => here({ up_to_message_id: stage.own.owner.message_id })(stage),
    },
  ],
  "POST /api/v1/conversations/{conversation_id}/typing": [{ statuses: "204 204 204 403 403 401", ask: HERE }],
  "DELETE /api/v1/conversations/{conversation_id}/typing": [
    { statuses: "204 204 204 403 403 401", ask: HERE },
  ],
  "GET /api/v1/messages/{message_id}": [
    { what: "one's own", statuses: "200 200 200 403 403 401", ask: ofOwn({}) },
    { what: "another's", statuses: "200 200 200 403 403 401", ask: ofOthers({}) },
  ],
  "PUT /api/v1/messages/{message_id}": [
    { what: "one's own", statuses: "200 200 200 403 403 401", ask: ofOwn({ body: { content: "New" } }) },
    { what: "another's", statuses: "403 403 403 403 403 401", ask: ofOthers({ body: { content: "New" } }) },
  ],
  "DELETE /api/v1/messages/{message_id}": [
    { what: "another's, for oneself", alters: true, statuses: "204 204 204 403 403 401", ask: ofOthers({}) },
    {
      what: "one's own, for everyone",
      alters: true,
      statuses: "204 204 204 403 403 401",
      ask: ofOwn({ query: EVERYONE }),
    },
    {
      what: "another's, for everyone",
      alters: true,
      statuses: "204 204 403 403 403 401",
      ask: ofOthers({ query: EVERYONE }),
    },
  ],
  "GET /api/v1/messages/{message_id}/edits": [{ statuses: "200 200 200 403 403 401", ask: ofOthers({}) }],
  "GET /api/v1/messages/{message_id}/receipts": [{ statuses: "200 200 200 403 403 401", ask: ofOthers({}) }],
  "POST /api/v1/messages/{message_id}/reactions": [
    { statuses: "201 201 201 403 403 401", ask: ofOthers({ body: { emoji: "👍" } }) },
  ],
  "DELETE /api/v1/messages/{message_id}/reactions/{emoji}": [
    { statuses: "204 204 204 403 403 401", ask: ofOthers({ params: { emoji: THUMB } }) },
  ],
  "PUT /api/v1/messages/{message_id}/pin": [{ statuses: "200 200 403 403 403 401", ask: ofOthers({}) }],
  "DELETE /api/v1/messages/{message_id}/pin": [{ statuses: "204 204 403 403 403 401", ask: ofOthers({}) }],
  "GET /api/v1/conversations/{conversation_id}/pins": [{ statuses: "200 200 200 403 403 401", ask: HERE }],
  "POST /api/v1/messages/attachments/upload-url": [
    { statuses: "200 200 200 403 403 401", ask: ({ id }) => ({ body: { ...PHOTO, conversation_id: id } }) },
  ],
  // What is not sent is there for nobody, and only members learn even that.
  "GET /api/v1/attachments/{attachment_id}": [
    {
      statuses: "404 404 404 403 403 401",
      ask: ({ id }) => ({ params: { attachment_id: newAttachmentId(id) } }),
    },
  ],
  "GET /api/v1/attachments/{attachment_id}/link": [
    {
      statuses: "404 404 404 403 403 401",
      ask: ({ id }) => ({ params: { attachment_id: newAttachmentId(id) } }),
    },
  ],
  // The signature of a link is its credential, whoever asks.
  "GET /api/v1/exports/{job_id}/{file}": [
    {
      statuses: "403 403 403 403 403 403",
      ask: () => ({
        params: { job_id: crypto.randomUUID(), file: "manifest.json" },
        query: `expires=1795694400&sig=${"x".repeat(43)}`,
      }),
    },
  ],
  "GET /api/v1/attachments/{attachment_id}/file": [
    {
      statuses: "403 403 403 403 403 403",
      ask: ({ id }) => ({
        params: { attachment_id: newAttachmentId(id) },
        query: `v=x&expires=1795694400&sig=${"x".repeat(43)}`,
      }),
    },
  ],
  // Who may not see an attachment gets no link to it, and does not learn why.
  "POST /api/v1/attachments/links": [
    {
      statuses: "200 200 200 200 200 401",
      ask: ({ id }) => ({ body: { attachment_ids: [newAttachmentId(id)] } }),
    },
  ],
  "POST /api/v1/reports": [
    {
      what: "another's message",
      statuses: "202 202 202 202 403 401",
      ask: ({ others }, relation) => ({ body: { message_id: others[relation].message_id, reason: "spam" } }),
    },
    {
      what: "the conversation",
      statuses: "202 202 202 202 403 401",
      ask: ({ id }) => ({ body: { conversation_id: id, reason: "spam" } }),
    },
    {
      what: "a user",
      statuses: "202 202 202 202 202 401",
      ask: ({ outsider }, relation) => ({ body: { user_id: outsider[relation].user_id, reason: "spam" } }),
    },
  ],
  "GET /api/v1/users/me/notices": [{ statuses: "200 200 200 200 200 401" }],
  "GET /api/v1/search/messages": [{ statuses: "200 200 200 200 200 401", ask: () => ({ query: "q=by" }) }],
  "GET /api/v1/sync": [{ statuses: "200 200 200 200 200 401" }],
};

/** A command on a socket: what it carries, and what is answered on the user's socket and on the conversation's. */
export interface CommandRow {
  carries: (stage: Stage, relation: Relation) => object;
  /** `ack` or `pong`, the code of an `error`, or `-` for a command that is never answered. */
  user: string;
  /** As `user`; 403 and 401 are sockets that do not open. */
  conversation: string;
}

const MEMBERS_ONLY = {
  user: "ack ack ack FORBIDDEN FORBIDDEN 401",
  conversation: "ack ack ack 403 403 401",
};
const MANAGERS_ONLY = {
  user: "ack ack FORBIDDEN FORBIDDEN FORBIDDEN 401",
  conversation: "ack ack FORBIDDEN 403 403 401",
};
const ANYBODY = { user: "ack ack ack ack ack 401", conversation: "ack ack ack 403 403 401" };

export const COMMANDS = {
  "message.send": { ...MEMBERS_ONLY, carries: ({ id }) => ({ conversation_id: id, data: TEXT }) },
  "typing.start": { ...MEMBERS_ONLY, carries: ({ id }) => ({ conversation_id: id }) },
  "typing.stop": { ...MEMBERS_ONLY, carries: ({ id }) => ({ conversation_id: id }) },
  "message.read": {
    ...MEMBERS_ONLY,
    carries: ({ others }, relation) => ({ message_id: others[relation].message_id }),
  },
  "message.delivered": {
    ...MEMBERS_ONLY,
    carries: ({ others }, relation) => ({ message_id: others[relation].message_id }),
  },
  "message.pin": {
    ...MANAGERS_ONLY,
    carries: ({ others }, relation) => ({ message_id: others[relation].message_id }),
  },
  "message.unpin": {
    ...MANAGERS_ONLY,
    carries: ({ others }, relation) => ({ message_id: others[relation].message_id }),
  },
  "device.state": { ...ANYBODY, carries: ({ id }) => ({ foreground: true, conversation_id: id }) },
  "presence.update": { ...ANYBODY, carries: () => ({ status: "online" }) },
  // Who is out learns that, and nothing else; see the test.
  sync: {
    user: "ack ack ack ack FORBIDDEN 401",
    conversation: "ack ack ack 403 403 401",
    carries: ({ id }) => ({ conversations: { [id]: 0 } }),
  },
  "flow.ack": { user: "- - - - - 401", conversation: "- - - 403 403 401", carries: () => ({ received: 0 }) },
  ping: {
    user: "pong pong pong pong pong 401",
    conversation: "pong pong pong 403 403 401",
    carries: () => ({}),
  },
  "auth.refresh": {
    ...ANYBODY,
    carries: ({ people }, relation) => ({ token: relation === "nobody" ? "" : people[relation].token }),
  },
} satisfies Record<ClientCommand["type"], CommandRow>;
