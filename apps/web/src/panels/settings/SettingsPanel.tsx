import type { PanelProps } from "../panel.ts";
import { AppearancePage } from "./AppearancePage.tsx";
import { BlockedPage } from "./BlockedPage.tsx";
import { DevicesPage } from "./DevicesPage.tsx";
import { NotificationsPage } from "./NotificationsPage.tsx";
import { PrivacyPage } from "./PrivacyPage.tsx";
import { ProfilePage } from "./ProfilePage.tsx";
import { SettingsMenu } from "./SettingsMenu.tsx";

const PAGES: Readonly<Record<string, () => React.ReactNode>> = {
  profile: ProfilePage,
  notifications: NotificationsPage,
  privacy: PrivacyPage,
  blocked: BlockedPage,
  devices: DevicesPage,
  appearance: AppearancePage,
};

/** The viewer's own settings. */
export default function SettingsPanel({ page }: PanelProps) {
  const Page = (page !== null && Object.hasOwn(PAGES, page) && PAGES[page]) || SettingsMenu;
  return <Page />;
}
