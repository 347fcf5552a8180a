import type { Member } from "@rocket-chat-api/client";
import { usePresence } from "@rocket-chat-api/react";
import { Search, UserPlus } from "lucide-react";
import { useMemo, useState } from "react";
import { useViewer } from "../../app/viewer.tsx";
import { useI18n } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { Group } from "../parts/Group.tsx";
import { Row } from "../parts/Row.tsx";
import { AddPeopleDialog } from "./AddPeopleDialog.tsx";
import styles from "./details.module.css";
import { MemberDialog, type MemberQuestion } from "./MemberDialog.tsx";
import { MemberRow } from "./MemberRow.tsx";
import { inOrder, isManager, matching } from "./rights.ts";
import type { Details } from "./use-details.ts";

/** From so many members on, one can search among them. */
const SEARCHED_FROM = 8;
/** Members that are shown at once, and that "show more" adds. */
const PAGE = 50;

/** Who is in the group, with what one may do with each. */
export function MemberList({ details }: { details: Details }) {
  const { t, language } = useI18n();
  const { userId } = useViewer();
  const [q, setQ] = useState("");
  const [count, setCount] = useState(PAGE);
  const [isAdding, setAdding] = useState(false);
  const [question, setQuestion] = useState<MemberQuestion | null>(null);
  const { members, own } = details;
  const ordered = useMemo(() => inOrder(members, userId, language), [members, userId, language]);
  const found = useMemo(() => matching(ordered, q), [ordered, q]);
  const shown = found.slice(0, count);
  const presence = usePresence(shown.map(({ user_id }) => user_id));
  return (
    <Group title={t("panels.members", { count: members.length })}>
      {members.length >= SEARCHED_FROM && (
        <div className={styles.search}>
          <TextField
            label={t("panels.find_member")}
            isLabelHidden
            placeholder={t("panels.find_member")}
            icon={<Search aria-hidden="true" />}
            type="search"
            value={q}
            onChange={setQ}
          />
        </div>
      )}
      {isManager(own) && q === "" && (
        <Row
          icon={<UserPlus />}
          tone="accent"
          label={t("panels.add_people")}
          onPress={() => setAdding(true)}
        />
      )}
      <ul>
        {shown.map((member: Member) => (
          <MemberRow
            key={member.user_id}
            details={details}
            member={member}
            presence={presence.get(member.user_id)}
            onAsk={setQuestion}
          />
        ))}
      </ul>
      {shown.length === 0 && (
        <p className={styles.none} role="status">
          {t("panels.nobody_found")}
        </p>
      )}
      {shown.length < found.length && (
        <div className={styles.more}>
          <Button size="s" variant="quiet" onClick={() => setCount(count + PAGE)}>
            {t("panels.show_more")}
          </Button>
        </div>
      )}
      {isAdding && <AddPeopleDialog details={details} onClose={() => setAdding(false)} />}
      {question && <MemberDialog details={details} question={question} onClose={() => setQuestion(null)} />}
    </Group>
  );
}
