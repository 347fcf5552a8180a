/** What system messages say, in the page's language. */
import type { Member, Message, SystemNote } from "@rocket-chat-api/client";
import type { I18n } from "../../i18n/i18n.tsx";

/** Names that are written out; of more, only their number is. */
const MOST_NAMES = 3;

/**
 * The sentence of a system message. What the page has no words for, and what concerns people whose names are not known here,
 * is said as the server says it.
 */
export function systemText(
  { system, content, sender }: Message,
  members: ReadonlyMap<string, Member>,
  t: I18n["t"],
) {
  if (!system) return content;
  const name = (id: unknown) => (typeof id === "string" ? members.get(id)?.display_name : undefined);
  const actor = name(system.actor_id) ?? sender.display_name;
  return (actor ? sentence(system, actor, name, t) : undefined) ?? content;
}

type NameOf = (id: unknown) => string | undefined;

function sentence(system: SystemNote, actor: string, name: NameOf, t: I18n["t"]): string | undefined {
  const who = name(system.user_id);
  switch (system.event) {
    case "conversation.created":
      return t("room.system.created", { actor });
    case "message.pinned":
      return t("room.system.pinned", { actor });
    case "request.accepted":
      return t("room.system.accepted", { actor });
    case "participant.added": {
      const names = namesOf(system.user_ids, name, t);
      return names === undefined ? undefined : t("room.system.added", { actor, names });
    }
    case "participant.removed":
      if (system.user_id === system.actor_id) return t("room.system.left", { actor });
      return who === undefined ? undefined : t("room.system.removed", { actor, name: who });
    default:
      return undefined;
  }
}

function namesOf(ids: unknown, name: NameOf, t: I18n["t"]): string | undefined {
  if (!Array.isArray(ids) || ids.length === 0) return undefined;
  const names = ids.slice(0, MOST_NAMES).map(name);
  if (names.includes(undefined)) return undefined;
  const rest = ids.length - names.length;
  const shown = names.join(t("room.system.comma"));
  return rest === 0 ? shown : t("room.system.and_more", { names: shown, count: rest });
}
