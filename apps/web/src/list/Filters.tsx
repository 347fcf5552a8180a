import { useConversations, useUnread } from "@rocket-chat-api/react";
import { useI18n } from "../i18n/i18n.tsx";
import { numbers } from "../i18n/plural.ts";
import styles from "./Filters.module.css";

/** What the list can show. */
export const FILTERS = ["inbox", "unread", "groups", "requests", "archived"] as const;

/** A part of the list. */
export type Filter = (typeof FILTERS)[number];

/** Chooses which conversations are shown. */
export function Filters({ chosen, onChoose }: { chosen: Filter; onChoose: (filter: Filter) => void }) {
  const { t, language } = useI18n();
  const unread = useUnread();
  const { total: requests } = useConversations({ filter: "requests", pageSize: 1 });
  const counts: Partial<Record<Filter, number>> = { unread: unread?.conversations ?? 0, requests };
  return (
    <fieldset className={styles.filters}>
      <legend className="visually-hidden">{t("list.filter")}</legend>
      {FILTERS.map((filter) => {
        const count = counts[filter] ?? 0;
        // Most people never have one.
        if (filter === "requests" && count === 0 && chosen !== filter) return null;
        return (
          <button
            key={filter}
            type="button"
            className={styles.filter}
            aria-pressed={filter === chosen}
            onClick={() => onChoose(filter)}
          >
            {t(`list.filter_${filter}`)}
            {count > 0 && <span className={styles.count}>{numbers(language).format(count)}</span>}
          </button>
        );
      })}
    </fieldset>
  );
}
