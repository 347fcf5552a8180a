/** What people do in the random interleavings, and how they ask for it. */

import { ERRORS, type Message } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { type Answer, api, type Person, type TestSocket } from "./kit.ts";

export const PEOPLE = 4;
const EMOJI = ["👍", "❤️", "🎉"];
/** A number of `calls` beyond everybody calls nobody. */
const NOBODY = 9;

const who = fc.nat(PEOPLE - 1);
/** A message by its distance from the newest. */
const back = fc.nat(7);
/** Whom a message mentions; as many as there are people is `@all`. */
const calls = fc.nat(NOBODY);
/** Over the user's socket, or REST. */
const live = fc.boolean();
const of = <Type extends string>(...types: Type[]) => fc.constantFrom(...types);

/** One thing that one of them does. */
export interface Command {
  type:
    | "send"
    | "edit"
    | "hide"
    | "erase"
    | "react"
    | "unreact"
    | "pin"
    | "unpin"
    | "allow"
    | "read"
    | "add"
    | "remove"
    | "leave";
  who: number;
  back?: number;
  target?: number;
  emoji?: number;
  calls?: number;
  quotes?: boolean;
  live?: boolean;
}

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: of("send"), who, back, live, quotes: fc.boolean(), calls }),
  },
  { weight: 2, arbitrary: fc.record({ type: of("edit"), who, back, calls }) },
  { weight: 2, arbitrary: fc.record({ type: of("hide", "erase"), who, back }) },
  { weight: 3, arbitrary: fc.record({ type: of("react", "unreact"), who, back, emoji: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ type: of("pin", "unpin"), who, back, live }) },
  { weight: 1, arbitrary: fc.record({ type: of("allow"), who, target: who }) },
  { weight: 4, arbitrary: fc.record({ type: of("read"), who, back, live }) },
  { weight: 3, arbitrary: fc.record({ type: of("add"), who, target: who }) },
  { weight: 2, arbitrary: fc.record({ type: of("remove", "leave"), who, target: who }) },
);

/** Bursts, one after the other, of what is done at once: about 40 commands. */
export const script = fc.array(fc.array(command, { minLength: 1, maxLength: 4 }), {
  minLength: 14,
  maxLength: 18,
});

/** Everything that a command needs to know. */
export interface Scene {
  id: string;
  people: Person[];
  socket: TestSocket;
  /** What the command is about, if anything was said yet. */
  message: Message | undefined;
  /** The words of a message. */
  content: string;
}

/** Asks for what a command says. */
export async function ask(one: Command, scene: Scene): Promise<Pick<Answer, "status" | "body">> {
  const person = scene.people[one.who];
  const target = scene.people[one.target ?? 0]?.user_id;
  const message_id = scene.message?.message_id ?? crypto.randomUUID();
  const [here, path] = [`/conversations/${scene.id}`, `/messages/${message_id}`];
  const emoji = EMOJI[one.emoji ?? 0] ?? "";
  switch (one.type) {
    case "send":
      return await send(one, scene, person);
    case "edit":
      return await api(person, "PUT", path, wordsOf(one, scene));
    case "hide":
      return await api(person, "DELETE", path);
    case "erase":
      return await api(person, "DELETE", `${path}?delete_for_everyone=true`);
    case "react":
      return await api(person, "POST", `${path}/reactions`, { emoji });
    case "unreact":
      return await api(person, "DELETE", `${path}/reactions/${encodeURIComponent(emoji)}`);
    case "pin":
    case "unpin":
      if (one.live) return await overSocket(scene.socket, { type: `message.${one.type}`, message_id });
      return await api(person, one.type === "pin" ? "PUT" : "DELETE", `${path}/pin`);
    case "allow": {
      const who_can_pin = one.target === 0 ? "admins" : "everyone";
      return await api(person, "PUT", here, { settings: { who_can_pin } });
    }
    case "read":
      if (one.live) return await overSocket(scene.socket, { type: "message.read", message_id });
      return await api(person, "PUT", `${here}/read`, { up_to_message_id: message_id });
    case "add":
      return await api(person, "POST", `${here}/participants`, { user_id: target });
    case "remove":
      return await api(person, "DELETE", `${here}/participants/${target}`);
    case "leave":
      return await api(person, "DELETE", here);
    default:
      return one.type satisfies never;
  }
}

async function send(one: Command, scene: Scene, person: Person | undefined) {
  const quote = one.quotes && scene.message ? { reply_to_message_id: scene.message.message_id } : {};
  const data = { type: "text", ...wordsOf(one, scene), ...quote };
  if (!one.live) return await api(person, "POST", `/conversations/${scene.id}/messages`, data);
  return await overSocket(scene.socket, { type: "message.send", conversation_id: scene.id, data });
}

function wordsOf({ calls = NOBODY }: Command, { people, content }: Scene) {
  const name = calls === PEOPLE ? "all" : people[calls]?.username;
  return { content, metadata: name === undefined ? {} : { mentions: [`@${name}`] } };
}

/** A command over a socket, answered as REST would. */
async function overSocket(socket: TestSocket, one: Record<string, unknown>) {
  const answer = await socket.ask(one);
  if (answer.type === "error") return { status: ERRORS[answer.code].status, body: answer };
  return {
    status: one.type === "message.send" ? 201 : 200,
    body: answer.type === "ack" ? answer.data : null,
  };
}
