import type { Member } from "@rocket-chat-api/client";
import type { Presence } from "@rocket-chat-api/client/live";
import { useViewer } from "../../app/viewer.tsx";
import { useI18n } from "../../i18n/i18n.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { Person } from "../parts/Person.tsx";
import { moment, presenceText } from "../times.ts";
import type { MemberQuestion } from "./MemberDialog.tsx";
import { useMemberEntries } from "./member-entries.tsx";
import { isInForce, roleOf } from "./rights.ts";
import type { Details } from "./use-details.ts";

/** What {@link MemberRow} takes. */
export interface MemberRowProps {
  details: Details;
  member: Member;
  presence: Presence | undefined;
  /** Asks before something is done with the member. */
  onAsk: (question: MemberQuestion) => void;
}

/** A member with their role, whether they are there, and a menu of what one may do. */
export function MemberRow({ details, member, presence, onAsk }: MemberRowProps) {
  const i18n = useI18n();
  const { t, language } = i18n;
  const { userId } = useViewer();
  const entries = useMemberEntries(details, member, onAsk);
  const role = roleOf(member);
  const isViewer = member.user_id === userId;
  const until = member.mute?.until;
  const muted = until
    ? t("panels.member_muted_until", { when: moment(new Date(until), new Date(), language) })
    : t("panels.member_muted");
  return (
    <Person
      person={member}
      presence={isViewer ? undefined : presence?.status}
      about={isInForce(member.mute, Date.now()) ? muted : isViewer ? null : presenceText(presence, i18n)}
      tag={role === "member" ? undefined : t(`panels.role_${role}`)}
      isViewer={isViewer}
      end={
        entries.length > 0 && (
          <MenuButton
            label={t("panels.member_menu", { name: member.display_name })}
            entries={entries}
            size="s"
          />
        )
      }
    />
  );
}
