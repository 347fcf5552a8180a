import { Blocks } from "@rocket-chat-api/client/safety";
import { useBlocks, useChatClient } from "@rocket-chat-api/react";
import { UserCheck } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { Group } from "../parts/Group.tsx";
import { LoadState } from "../parts/LoadState.tsx";
import { Person } from "../parts/Person.tsx";
import { useAttempt } from "../use-attempt.ts";
import { useLoaded } from "../use-loaded.ts";
import styles from "./settings.module.css";

/** Blocks of one answer. */
const PAGE = 50;

/** Loads pages of blocks, and again when one was made or ended elsewhere. */
function useBlockPages(blocked: ReadonlySet<string>) {
  const client = useChatClient();
  const blocks = useMemo(() => new Blocks(client), [client]);
  useEffect(() => () => blocks.close(), [blocks]);
  const load = useCallback(() => blocks.list({ limit: PAGE }), [blocks]);
  const { reload, setValue, ...loaded } = useLoaded(load);
  const known = useRef(blocked);
  useEffect(() => {
    if (known.current !== blocked) reload();
    known.current = blocked;
  }, [blocked, reload]);
  const more = async (cursor: string) => {
    const page = await blocks.list({ limit: PAGE, cursor });
    setValue(({ blocks: before }) => ({ ...page, blocks: [...before, ...page.blocks] }));
  };
  return { ...loaded, reload, more };
}

/** Whom the viewer has blocked. */
export function BlockedPage() {
  const t = useT();
  const { blocked, unblock } = useBlocks();
  const { isBusy, attempt } = useAttempt();
  const { value, error, reload, more } = useBlockPages(blocked);
  const shown = value?.blocks.filter(({ user }) => blocked.has(user.user_id)) ?? [];
  const next = value?.next_cursor;
  return (
    <PanelFrame title={t("panels.blocked_people")} page="blocked" parent="settings">
      {!value && <LoadState error={error} onRetry={reload} />}
      {value && shown.length === 0 && (
        <EmptyState
          icon={<UserCheck />}
          title={t("panels.blocked_none")}
          hint={t("panels.blocked_none_hint")}
        />
      )}
      {shown.length > 0 && (
        <Group hint={t("panels.unblock_hint")}>
          <ul>
            {shown.map(({ user }) => (
              <Person
                key={user.user_id}
                person={user}
                about={<bdi dir="ltr">@{user.username}</bdi>}
                end={
                  <Button
                    size="s"
                    disabled={isBusy}
                    aria-label={t("panels.unblock", { name: user.display_name })}
                    onClick={() => void attempt(() => unblock(user.user_id))}
                  >
                    {t("panels.unblock_short")}
                  </Button>
                }
              />
            ))}
          </ul>
          {next && (
            <div className={styles.more}>
              <Button size="s" variant="quiet" isBusy={isBusy} onClick={() => void attempt(() => more(next))}>
                {t("panels.show_more")}
              </Button>
            </div>
          )}
        </Group>
      )}
    </PanelFrame>
  );
}
