import type { ListItem } from "@rocket-chat-api/client/list";
import { useConversations, useMembers } from "@rocket-chat-api/react";
import { ChevronDown } from "lucide-react";
import { useMemo } from "react";
import { useMe } from "../../app/me.tsx";
import { useI18n } from "../../i18n/i18n.tsx";
import hits from "../parts/hits.module.css";
import type { Query } from "./query.ts";

/** Conversations that can be chosen, the newest. */
const MOST = 200;

/** What {@link Filters} takes. */
export interface FiltersProps {
  query: Query;
  onChange: (patch: Partial<Query>) => void;
}

interface Sender {
  user_id: string;
  display_name: string;
}

/** Those whose messages can be searched: the members of a conversation, or all with whom the viewer has a direct chat. */
function useSenders(items: readonly ListItem[], conversationId: string): readonly Sender[] {
  const { me } = useMe();
  const { language } = useI18n();
  const members = useMembers(conversationId);
  return useMemo(() => {
    const people: readonly Sender[] =
      conversationId === ""
        ? [...(me ? [me] : []), ...items.flatMap(({ other_user }) => (other_user ? [other_user] : []))]
        : members;
    const names = new Intl.Collator(language);
    return [...people].sort((one, other) => names.compare(one.display_name, other.display_name));
  }, [items, members, conversationId, me, language]);
}

/** Where to search, and whose messages. */
export function Filters({ query: { conversationId, senderId }, onChange }: FiltersProps) {
  const { t } = useI18n();
  const { items } = useConversations({ filter: "all", pageSize: MOST });
  const senders = useSenders(items, conversationId);
  return (
    <div className={hits.filterRow}>
      <span className={hits.filterBox}>
        <select
          className={hits.filter}
          aria-label={t("panels.search_where")}
          data-set={conversationId !== "" || undefined}
          value={conversationId}
          onChange={(event) => onChange({ conversationId: event.target.value, senderId: "" })}
        >
          <option value="">{t("panels.search_everywhere")}</option>
          {items.map(({ conversation_id, title }) => (
            <option key={conversation_id} value={conversation_id}>
              {title || t("panels.untitled")}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden="true" />
      </span>
      <span className={hits.filterBox}>
        <select
          className={hits.filter}
          aria-label={t("panels.search_sender")}
          data-set={senderId !== "" || undefined}
          value={senderId}
          onChange={(event) => onChange({ senderId: event.target.value })}
        >
          <option value="">{t("panels.search_anybody")}</option>
          {senders.map(({ user_id, display_name }) => (
            <option key={user_id} value={user_id}>
              {display_name}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden="true" />
      </span>
    </div>
  );
}
