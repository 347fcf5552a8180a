/** Starts the page. */
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Start } from "./app/Start.tsx";
import { applyTheme } from "./app/theme.ts";
import { registerWorker } from "./app/worker.ts";
import { I18nProvider, initialLanguage, loadCatalogue } from "./i18n/i18n.tsx";
import { loadConfig } from "./session/config.ts";
import { findSession } from "./session/session.ts";

applyTheme();
registerWorker();
const language = initialLanguage();
const [config, catalogue] = await Promise.all([loadConfig(), loadCatalogue(language)]);
// Where the source of tokens fails, the sign-in says so.
const found = await findSession(config).catch(() => null);
const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <I18nProvider initial={{ language, catalogue }}>
      <Start config={config} found={found} />
    </I18nProvider>
  </StrictMode>,
);
