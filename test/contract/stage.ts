/** The stage of the authorisation matrix: a group, and somebody in each relation to it. */
import type { Message } from "@rocket-chat-api/protocol";
import { api, group, type Person, person, text } from "./kit.ts";

/** Every relation to a conversation, in the order of the table's columns. */
export const RELATIONS = ["owner", "admin", "member", "former", "stranger", "nobody"] as const;
export type Relation = (typeof RELATIONS)[number];

/** A group, who stands how to it, and what was said there. */
export interface Stage {
  id: string;
  /** Without a token there is nobody. */
  people: Record<Exclude<Relation, "nobody">, Person>;
  /** A member for everybody to act on, another for each. */
  target: Record<Relation, Person>;
  /** Somebody outside for everybody to add. */
  outsider: Record<Relation, Person>;
  /** Said by the person of the column; by the owner where they cannot have said anything. */
  own: Record<Relation, Message>;
  /** Said by another member, another message for each. */
  others: Record<Relation, Message>;
}

type Cast = Pick<Stage, "people" | "target" | "outsider">;
let known: Promise<Cast> | undefined;

async function forEach<T>(make: (relation: Relation) => Promise<T>): Promise<Record<Relation, T>> {
  const entries = await Promise.all(RELATIONS.map(async (relation) => [relation, await make(relation)]));
  return Object.fromEntries(entries);
}

async function gather(): Promise<Cast> {
  return {
    people: await forEach(person),
    target: await forEach((relation) => person(`target-${relation}`)),
    outsider: await forEach((relation) => person(`outsider-${relation}`)),
  };
}

/** Sets the stage anew, with the same people. */
export async function setStage(): Promise<Stage> {
  known ??= gather();
  const { people, target, outsider } = await known;
  const { owner, admin, member, former, stranger } = people;
  const id = await group(owner, [admin, member, former, ...Object.values(target)]);
  const participants = `/conversations/${id}/participants`;
  await api(owner, "PATCH", `${participants}/${admin.user_id}`, { role: "admin" });
  const speakers = { owner, admin, member, former, stranger: owner, nobody: owner };
  const own = await forEach((relation) => text(speakers[relation], id, `by ${relation}`));
  const others = await forEach((relation) => text(target[relation], id, `for ${relation}`));
  await api(owner, "DELETE", `${participants}/${former.user_id}`);
  return {
    id,
    people: { owner, admin, member, former, stranger },
    target,
    outsider,
    own,
    others,
  };
}
