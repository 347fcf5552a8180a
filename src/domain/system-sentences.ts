/**
 * The English sentences of system messages, made from their notes (rule 8). A sentence has names in it: so it can be worded anew when a
 * person is erased (rule 28).
 */
import type { SystemNote } from "@rocket-chat-api/protocol";
import { isSystem } from "./system-user.ts";

/** What a sentence needs beside its note. */
export interface Wording {
  /** How a person is called now. */
  nameOf(userId: string): string;
  /** The name that a group was given; undefined if the sentence is not to say it. */
  typed?: string | null | undefined;
}

/** Names in one sentence, at most. */
const MAX_NAMED = 3;

type Sentence = (note: SystemNote, actor: string | undefined, wording: Wording) => string;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  "conversation.created": (_, actor) => (actor ? `${actor} created the group` : "The group was created"),
  "conversation.updated": (note, actor, { typed }) =>
    `${actor ?? "The app"} ${changeOf(listOf(note.changed), typed)}`,
  "participant.added": (note, actor, { nameOf }) => {
    const names = listOf(note.user_ids).map(nameOf);
    const rest = names.length - MAX_NAMED;
    const shown = rest > 0 ? `${names.slice(0, MAX_NAMED).join(", ")} and ${rest} more` : names.join(", ");
    return actor ? `${actor} added ${shown}` : `${shown} joined`;
  },
  "participant.removed": (note, actor, { nameOf }) => {
    const name = nameOf(String(note.user_id));
    if (note.user_id === note.actor_id) return `${name} left`;
    return actor ? `${actor} removed ${name}` : `${name} was removed`;
  },
  "participant.updated": (note, actor, { nameOf }) => {
    const role = note.is_owner === true ? "owner" : String(note.role);
    return `${actor ?? "The app"} made ${nameOf(String(note.user_id))} ${/^[ao]/.test(role) ? "an" : "a"} ${role}`;
  },
  "participant.muted": moderated("muted"),
  "participant.unmuted": moderated("unmuted"),
  "participant.banned": moderated("banned"),
  "participant.unbanned": moderated("unbanned"),
  "message.pinned": (_, actor) => `${actor ?? "The app"} pinned a message`,
  "request.accepted": (_, actor) => `${actor ?? "The app"} accepted the request`,
};

function moderated(verb: string): Sentence {
  return (note, actor, { nameOf }) => {
    const name = nameOf(String(note.user_id));
    return actor ? `${actor} ${verb} ${name}` : `${name} was ${verb}`;
  };
}

function changeOf(changed: readonly string[], typed: string | null | undefined): string {
  if (changed.includes("name"))
    return typed === undefined ? "changed the name" : `changed the name to ${typed}`;
  if (changed.includes("photo_url")) return "changed the photo";
  return changed.includes("description") ? "changed the description" : "changed the settings";
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The sentence of a note; undefined if the note is the app's own, whose words it is not for us to make. */
export function sentenceOf(note: SystemNote, wording: Wording): string | undefined {
  if (!Object.hasOwn(SENTENCES, note.event)) return undefined;
  const actor = isSystem({ user_id: note.actor_id }) ? undefined : wording.nameOf(note.actor_id);
  return SENTENCES[note.event]?.(note, actor, wording);
}
