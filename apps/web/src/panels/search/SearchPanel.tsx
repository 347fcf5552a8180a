import { useSearch } from "@rocket-chat-api/react";
import { Search, SearchX, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { errorText } from "../error-text.ts";
import { PanelFrame } from "../PanelFrame.tsx";
import type { PanelProps } from "../panel.ts";
import hits from "../parts/hits.module.css";
import parts from "../parts/parts.module.css";
import { Filters } from "./Filters.tsx";
import { firstQuery, keepQuery, type Query } from "./query.ts";
import { SearchHit } from "./SearchHit.tsx";

/** Searches messages: everywhere, or in the conversation that is open (`?panel=search/here`). */
export default function SearchPanel({ conversationId, page }: PanelProps) {
  const { t } = useI18n();
  const [query, setQuery] = useState(() => firstQuery(page === "here" ? conversationId : null));
  const panel = page === null ? "search" : `search/${page}`;
  const results = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const change = (patch: Partial<Query>) => setQuery((known) => ({ ...known, ...patch }));
  useEffect(() => keepQuery(query), [query]);
  useEffect(() => field.current?.select(), []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...(results.current?.querySelectorAll("a") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    if (next < 0) field.current?.focus();
    else links[next]?.focus();
  };
  const clear = query.q !== "" && (
    <IconButton
      size="s"
      label={t("panels.search_clear")}
      icon={<X />}
      onClick={() => {
        change({ q: "" });
        field.current?.focus();
      }}
    />
  );
  return (
    <PanelFrame
      title={t("panels.search")}
      top={
        // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys lead from the field to the results.
        <div className={hits.filters} onKeyDown={onKeyDown}>
          <search>
            <TextField
              ref={field}
              data-autofocus
              label={t("panels.search_field")}
              isLabelHidden
              placeholder={t("panels.search_field")}
              icon={<Search aria-hidden="true" />}
              end={clear}
              value={query.q}
              maxLength={256}
              autoComplete="off"
              enterKeyHint="search"
              dir="auto"
              onChange={(q) => change({ q })}
            />
          </search>
          <Filters query={query} onChange={change} />
        </div>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys lead from one result to the next. */}
      <div ref={results} onKeyDown={onKeyDown}>
        <Results query={query} panel={panel} />
      </div>
    </PanelFrame>
  );
}

/** What was found. */
function Results({ query: { q, conversationId, senderId }, panel }: { query: Query; panel: string }) {
  const { t } = useI18n();
  const found = useSearch(q, {
    ...(conversationId !== "" && { conversation_id: conversationId }),
    ...(senderId !== "" && { sender_id: senderId }),
  });
  const { results, total, hasMore, isLoading, error, loadMore } = found;
  if (q.trim() === "") {
    return (
      <EmptyState icon={<Search />} title={t("panels.search_empty")} hint={t("panels.search_empty_hint")} />
    );
  }
  const isEmpty = results.length === 0;
  return (
    <>
      {error !== null && (
        <p className={parts.failure} role="alert">
          {errorText(error, t)}
        </p>
      )}
      <p className={isEmpty ? "visually-hidden" : hits.count} role="status">
        {!isEmpty && t("panels.search_found", { count: total })}
        {isEmpty && !isLoading && error === null && t("panels.search_none")}
      </p>
      {isEmpty && error === null && <Nothing isLoading={isLoading} />}
      <ul className={hits.hits}>
        {results.map((result) => (
          <SearchHit key={result.message_id} result={result} panel={panel} isHere={conversationId !== ""} />
        ))}
      </ul>
      {hasMore && (
        <div className={hits.more}>
          <Button variant="quiet" isBusy={isLoading} onClick={loadMore}>
            {t("panels.show_more")}
          </Button>
        </div>
      )}
    </>
  );
}

function Nothing({ isLoading }: { isLoading: boolean }) {
  const { t } = useI18n();
  return (
    <div aria-hidden="true">
      <EmptyState
        icon={isLoading ? <Spinner size={32} /> : <SearchX />}
        title={t(isLoading ? "panels.search_busy" : "panels.search_none")}
        {...(!isLoading && { hint: t("panels.search_none_hint") })}
      />
    </div>
  );
}
