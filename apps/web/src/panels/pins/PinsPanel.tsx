import type { FetchedMessage } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { Pin, PinOff } from "lucide-react";
import { useCallback, useEffect } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { isModerator } from "../details/rights.ts";
import { type Details, useDetails } from "../details/use-details.ts";
import { jumpLink } from "../jump.ts";
import { PanelFrame } from "../PanelFrame.tsx";
import type { PanelProps } from "../panel.ts";
import hits from "../parts/hits.module.css";
import { LoadState } from "../parts/LoadState.tsx";
import { moment } from "../times.ts";
import { useAttempt } from "../use-attempt.ts";
import { useLoaded } from "../use-loaded.ts";

/** Pins of one answer. */
const PAGE = 30;

/** What is pinned in a conversation, the newest pin first. */
export default function PinsPanel({ conversationId }: PanelProps) {
  const { t } = useI18n();
  const details = useDetails(conversationId ?? "");
  if (details) return <Pins key={conversationId} details={details} />;
  return (
    <PanelFrame title={t("panels.pins")}>
      <EmptyState icon={<Pin />} title={t("panels.nothing_open")} />
    </PanelFrame>
  );
}

/** Loads the pins, and again when one changes. */
function usePins(conversation_id: string) {
  const client = useChatClient();
  const load = useCallback(
    () => client.rest.listPins({ conversation_id, limit: PAGE }),
    [client, conversation_id],
  );
  const { reload, ...loaded } = useLoaded(load);
  useEffect(
    () =>
      client.on("event", (event) => {
        if (!("conversation_id" in event) || event.conversation_id !== conversation_id) return;
        if (event.type === "message.updated" || event.type === "message.deleted") reload();
      }),
    [client, conversation_id, reload],
  );
  return { ...loaded, reload };
}

function Pins({ details }: { details: Details }) {
  const { t } = useI18n();
  const client = useChatClient();
  const { isBusy, attempt } = useAttempt();
  const { conversationId, conversation, own } = details;
  const { value, error, setValue, reload } = usePins(conversationId);
  const mayPin =
    conversation.type === "direct" || isModerator(own) || conversation.settings.who_can_pin === "everyone";
  const more = async () => {
    if (!value?.next_cursor) return;
    const query = { conversation_id: conversationId, limit: PAGE, cursor: value.next_cursor };
    const page = await client.rest.listPins(query);
    setValue((known) => ({ ...page, messages: [...known.messages, ...page.messages] }));
  };
  const unpin = async ({ message_id }: FetchedMessage) => {
    await client.rest.unpinMessage({ message_id });
    setValue((known) => ({
      ...known,
      messages: known.messages.filter((one) => one.message_id !== message_id),
    }));
  };
  return (
    <PanelFrame title={t("panels.pins")}>
      {!value && <LoadState error={error} onRetry={reload} />}
      {value?.messages.length === 0 && (
        <EmptyState icon={<Pin />} title={t("panels.pins_none")} hint={t("panels.pins_none_hint")} />
      )}
      {value && value.messages.length > 0 && (
        <ul className={hits.hits}>
          {value.messages.map((message) => (
            <PinnedMessage
              key={message.message_id}
              message={message}
              onUnpin={mayPin ? () => void attempt(() => unpin(message)) : null}
            />
          ))}
        </ul>
      )}
      {value?.next_cursor && (
        <div className={hits.more}>
          <Button variant="quiet" isBusy={isBusy} onClick={() => void attempt(more)}>
            {t("panels.show_more")}
          </Button>
        </div>
      )}
    </PanelFrame>
  );
}

function PinnedMessage({ message, onUnpin }: { message: FetchedMessage; onUnpin: (() => void) | null }) {
  const { t, language } = useI18n();
  const { conversation_id, message_id, sender, content, type, created_at } = message;
  const kind = type === "system" || type === "text" ? "file" : type;
  return (
    <li className={hits.hit}>
      <a className={hits.link} {...jumpLink(conversation_id, message_id, "pins")}>
        <span className={hits.head}>
          <bdi className={hits.where}>{sender.display_name}</bdi>
          <time className={hits.when} dateTime={created_at}>
            {moment(new Date(created_at), new Date(), language)}
          </time>
        </span>
        <span className={hits.text} dir="auto">
          {content || t(`panels.kind_${kind}`)}
        </span>
      </a>
      {onUnpin && (
        <IconButton size="s" label={t("panels.unpin_message")} icon={<PinOff />} onClick={onUnpin} />
      )}
    </li>
  );
}
