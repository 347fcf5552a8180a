import { type Theme, useTheme } from "../../app/theme.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import { LANGUAGES, type Language } from "../../i18n/languages.ts";
import { PanelFrame } from "../PanelFrame.tsx";
import { Choices } from "../parts/Choices.tsx";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** How the page looks, and in which language. */
export function AppearancePage() {
  const { t, language, setLanguage } = useI18n();
  const [theme, setTheme] = useTheme();
  return (
    <PanelFrame title={t("panels.appearance")} page="appearance" parent="settings">
      <Choices
        label={t("panels.theme")}
        value={theme}
        options={THEMES.map((value) => ({ value, label: t(`panels.theme_${value}`) }))}
        onChange={setTheme}
      />
      <Choices
        label={t("panels.language")}
        value={language}
        options={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
        onChange={setLanguage}
      />
    </PanelFrame>
  );
}
