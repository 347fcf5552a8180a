import { ExternalLink, KeyRound } from "lucide-react";
import { useEffect, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { type DemoPerson, demoPeople } from "../session/development.ts";
import { type Session, signInAs } from "../session/session.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import { toast } from "../ui/toasts.ts";
import styles from "./SignIn.module.css";

/** What {@link SignIn} takes. */
export interface SignInProps {
  /** Whether an earlier session has ended by itself. */
  hasEnded: boolean;
  onSession: (session: Session) => void;
}

/** Where one says who one is: a list of demo people in development, else how to come in. */
export function SignIn({ hasEnded, onSession }: SignInProps) {
  const t = useT();
  const [people, setPeople] = useState<readonly DemoPerson[]>();
  useEffect(() => {
    void demoPeople().then(setPeople);
  }, []);
  return (
    <main className={styles.page}>
      {hasEnded && (
        <p className={styles.ended} role="alert">
          {t("sign_in.ended")}
        </p>
      )}
      {people === undefined && <Spinner size={28} label={t("app.loading")} />}
      {people?.length === 0 && (
        <EmptyState
          icon={<KeyRound />}
          titleAs="h1"
          title={t("sign_in.none")}
          hint={t("sign_in.none_hint")}
        />
      )}
      {people && people.length > 0 && <DemoPeople people={people} onSession={onSession} />}
      <Toasts />
    </main>
  );
}

interface DemoPeopleProps {
  people: readonly DemoPerson[];
  onSession: (session: Session) => void;
}

function DemoPeople({ people, onSession }: DemoPeopleProps) {
  const t = useT();
  const [busy, setBusy] = useState<string | null>(null);
  const enter = (name: string) => {
    setBusy(name);
    signInAs(name).then(onSession, (error: unknown) => {
      setBusy(null);
      toast(t("app.failed", { reason: String(error) }), { tone: "danger" });
    });
  };
  return (
    <div className={styles.card}>
      <img className={styles.logo} src="/icon.svg" alt="" width={56} height={56} />
      <h1 className={styles.title}>{t("sign_in.title")}</h1>
      <p className={styles.hint}>{t("sign_in.hint")}</p>
      <ul className={styles.people}>
        {people.map(({ name, user_id, display_name }) => (
          <li key={name} className={styles.person}>
            <button
              type="button"
              className={styles.enter}
              disabled={busy !== null}
              onClick={() => enter(name)}
            >
              <Avatar id={user_id} name={display_name} size={40} />
              <span className={styles.name} aria-hidden="true">
                {display_name}
              </span>
              <span className="visually-hidden">{t("sign_in.as", { name: display_name })}</span>
              {busy === name && <Spinner />}
            </button>
            <a
              className={styles.window}
              href={`/?as=${encodeURIComponent(name)}`}
              target="_blank"
              rel="noopener noreferrer"
              aria-label={t("sign_in.other_window", { name: display_name })}
              title={t("sign_in.other_window", { name: display_name })}
            >
              <ExternalLink aria-hidden="true" />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
