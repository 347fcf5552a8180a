/** What the tests of moderated groups do (rule 29). */
import type { Conversation } from "@rocket-chat-api/protocol";
import { api, body, cast, connect, group, type Person } from "./kit.ts";

export const MINUTE = 60_000;

/** The path of a conversation, or of something in it. */
export const at = (id: string, path = "") => `/conversations/${id}${path}`;
/** A time as clients write it. @param ms from now. */
export const inFuture = (ms: number) => new Date(Date.now() + ms).toISOString();

export const send = (who: Person, id: string, content = "hello", extra: object = {}) =>
  api(who, "POST", at(id, "/messages"), { type: "text", content, ...extra });
export const edit = (who: Person, { message_id }: { message_id: string }, content: string) =>
  api(who, "PUT", `/messages/${message_id}`, { content });
export const remove = (who: Person, { message_id }: { message_id: string }) =>
  api(who, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
export const add = (by: Person, id: string, ...who: Person[]) =>
  api(by, "POST", at(id, "/participants"), { user_ids: who.map(({ user_id }) => user_id) });
export const expel = (by: Person, id: string, who: Person) =>
  api(by, "DELETE", at(id, `/participants/${who.user_id}`));
export const leave = (who: Person, id: string) => api(who, "DELETE", at(id));
export const setRole = (by: Person, id: string, of: Person, role: string) =>
  api(by, "PATCH", at(id, `/participants/${of.user_id}`), { role });
export const set = (by: Person, id: string, settings: object) =>
  body(api(by, "PUT", at(id), { settings }), 200);
export const mute = (by: Person, id: string, who: Person, input: object = {}) =>
  api(by, "PUT", at(id, `/participants/${who.user_id}/mute`), input);
export const unmute = (by: Person, id: string, who: Person, query = "") =>
  api(by, "DELETE", at(id, `/participants/${who.user_id}/mute${query}`));
export const ban = (by: Person, id: string, who: Person, input: object = {}) =>
  api(by, "PUT", at(id, `/bans/${who.user_id}`), input);
export const unban = (by: Person, id: string, who: Person, query = "") =>
  api(by, "DELETE", at(id, `/bans/${who.user_id}${query}`));
export const bans = (by: Person, id: string, query = "") => api(by, "GET", at(id, `/bans${query}`));

/** Finds participants as one of them sees them. */
export async function participantsOf(who: Person, id: string) {
  const { participants } = await body<Conversation>(api(who, "GET", at(id)), 200);
  return (one: Person) => participants.find(({ user_id }) => user_id === one.user_id);
}

/** A group of Ann's with an admin, two moderators and two members. */
export async function staffed() {
  const [ann, adam, mia, mo, bob, cid] = await cast("ann", "adam", "mia", "mo", "bob", "cid");
  const id = await group(ann, [adam, mia, mo, bob, cid]);
  await body(setRole(ann, id, adam, "admin"), 200);
  await body(setRole(adam, id, mia, "moderator"), 200);
  await body(setRole(ann, id, mo, "moderator"), 200);
  return { ann, adam, mia, mo, bob, cid, id };
}

const UPLOAD = { file_name: "a.txt", file_size: 3, mime_type: "text/plain", attachment_type: "file" };
type Named = { message_id: string };

/**
 * Everything that a member does for others to see, over REST and a socket.
 * @returns how each is refused; undefined, or "ack", where it is not.
 */
export async function attempts(who: Person, id: string, own: Named, other: Named) {
  const codeOf = async (answer: ReturnType<typeof api>): Promise<string | undefined> =>
    (await answer).body?.code;
  const react = { emoji: "👍" };
  const outcomes: Record<string, unknown> = {
    send: await codeOf(send(who, id)),
    edit: await codeOf(edit(who, own, "something new")),
    react: await codeOf(api(who, "POST", `/messages/${other.message_id}/reactions`, react)),
    pin: await codeOf(api(who, "PUT", `/messages/${other.message_id}/pin`)),
    typing: await codeOf(api(who, "POST", at(id, "/typing"))),
    upload: await codeOf(
      api(who, "POST", "/messages/attachments/upload-url", { conversation_id: id, ...UPLOAD }),
    ),
  };
  const socket = await connect(who);
  for (const command of [
    { type: "message.send", conversation_id: id, data: { type: "text", content: "x" } },
    { type: "message.pin", message_id: other.message_id },
    { type: "typing.start", conversation_id: id },
  ]) {
    const answer = await socket.ask(command);
    outcomes[command.type] = answer.type === "error" ? answer.code : answer.type;
  }
  return outcomes;
}

/** What {@link attempts} returns where all are refused alike. */
export function allRefused(code: string) {
  const rest = { send: code, edit: code, react: code, pin: code, typing: code, upload: code };
  const commands = ["message.send", "message.pin", "typing.start"];
  return { ...rest, ...Object.fromEntries(commands.map((command) => [command, code])) };
}
