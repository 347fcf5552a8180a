import type { RestCalls } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { ShieldCheck } from "lucide-react";
import { useCallback } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { Group } from "../parts/Group.tsx";
import { LoadState } from "../parts/LoadState.tsx";
import { Person } from "../parts/Person.tsx";
import { moment } from "../times.ts";
import { useAttempt } from "../use-attempt.ts";
import { useLoaded } from "../use-loaded.ts";
import styles from "./details.module.css";
import type { Details } from "./use-details.ts";

type Ban = RestCalls["listBans"]["answer"]["bans"][number];
/** Bans of one answer. */
const PAGE = 50;

/** Who is banned from the group, for its moderators. */
export function BansPage({ details: { conversationId: conversation_id } }: { details: Details }) {
  const { t } = useI18n();
  const client = useChatClient();
  const { isBusy, attempt } = useAttempt();
  const load = useCallback(
    () => client.rest.listBans({ conversation_id, limit: PAGE }),
    [client, conversation_id],
  );
  const { value, error, setValue, reload } = useLoaded(load);
  const more = async () => {
    if (!value?.next_cursor) return;
    const page = await client.rest.listBans({ conversation_id, limit: PAGE, cursor: value.next_cursor });
    setValue((known) => ({ bans: [...known.bans, ...page.bans], next_cursor: page.next_cursor }));
  };
  const lift = async ({ user_id }: Ban) => {
    await client.rest.unbanUser({ conversation_id, user_id });
    setValue((known) => ({ ...known, bans: known.bans.filter((one) => one.user_id !== user_id) }));
  };
  return (
    <PanelFrame title={t("panels.bans")} page="bans" parent="details">
      {!value && <LoadState error={error} onRetry={reload} />}
      {value?.bans.length === 0 && (
        <EmptyState icon={<ShieldCheck />} title={t("panels.bans_none")} hint={t("panels.bans_none_hint")} />
      )}
      {value && value.bans.length > 0 && (
        <Group hint={t("panels.unban_hint")}>
          <ul>
            {value.bans.map((ban) => (
              <BanRow
                key={ban.user_id}
                ban={ban}
                isBusy={isBusy}
                onLift={() => void attempt(() => lift(ban))}
              />
            ))}
          </ul>
          {value.next_cursor && (
            <div className={styles.more}>
              <Button size="s" variant="quiet" isBusy={isBusy} onClick={() => void attempt(more)}>
                {t("panels.show_more")}
              </Button>
            </div>
          )}
        </Group>
      )}
    </PanelFrame>
  );
}

function BanRow({ ban, isBusy, onLift }: { ban: Ban; isBusy: boolean; onLift: () => void }) {
  const { t, language } = useI18n();
  const until = ban.until
    ? t("panels.banned_until", { when: moment(new Date(ban.until), new Date(), language) })
    : t("panels.banned_always");
  return (
    <Person
      person={ban}
      about={ban.reason ? `${until} · ${ban.reason}` : until}
      end={
        <Button
          size="s"
          disabled={isBusy}
          onClick={onLift}
          aria-label={t("panels.unban_name", { name: ban.display_name })}
        >
          {t("panels.unban")}
        </Button>
      }
    />
  );
}
