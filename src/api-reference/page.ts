/** The reference page: one HTML file that shows both documents with a library from our own assets. */

/** Where scripts/assets.ts puts the library. */
const LIBRARY = "/docs/reference.js";

/** See https://scalar.com/products/api-references/configuration. Everything that calls another host is off. */
const CONFIGURATION = {
  sources: [
    { title: "REST", slug: "rest", url: "/openapi.json", default: true },
    { title: "Sockets", slug: "sockets", url: "/asyncapi.json" },
  ],
  authentication: { preferredSecurityScheme: "bearer" },
  orderSchemaPropertiesBy: "preserve",
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
  persistAuth: false,
};

/** The page's content security policy: this host only. The library sets inline styles but runs no inline scripts. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const attribute = JSON.stringify(CONFIGURATION).replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/** The page. The library reads its settings from a data block, so no inline script runs. */
export const REFERENCE_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Rocket Chat API reference</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <noscript>
      This page needs JavaScript. The documents: <a href="/openapi.json">REST</a>, <a href="/asyncapi.json">sockets</a>.
    </noscript>
    <script id="api-reference" type="application/json" data-configuration="${attribute}"></script>
    <script src="${LIBRARY}"></script>
  </body>
</html>
`;
