/** Routes of the API documents: OpenAPI for REST, AsyncAPI for sockets, and a page for both. */
import { createRoute, z } from "@hono/zod-openapi";
import { ACT_AS_HEADER } from "@rocket-chat-api/protocol";
import manifest from "../../package.json" with { type: "json" };
import { asyncApiServers, buildAsyncApi } from "../api-reference/asyncapi.ts";
import type { DeploymentLimits } from "../api-reference/facts.ts";
import { publishRest } from "../api-reference/openapi.ts";
import { PAGE_POLICY, REFERENCE_PAGE } from "../api-reference/page.ts";
import { LICENSE, REST_INTRODUCTION } from "../api-reference/texts.ts";
import { scopeOfPath } from "../domain/actor.ts";
import type { Env } from "../env.ts";
import { attachmentLimits, limitsOf } from "../settings.ts";
import { createRouter, json } from "./api.ts";

const { version } = manifest;
const tags = ["Documentation"];
/** Caching time in seconds. The documents change with a deployment. */
const CACHE = "public, max-age=300";

const OpenApi = z.looseObject({ openapi: z.string() });

const openApi = createRoute({
  operationId: "getOpenApiDocument",
  method: "get",
  path: "/openapi.json",
  tags,
  summary: "Get the OpenAPI 3.1 document of the REST API",
  responses: { 200: json(OpenApi, "The document.") },
});

const asyncApi = createRoute({
  operationId: "getAsyncApiDocument",
  method: "get",
  path: "/asyncapi.json",
  tags,
  summary: "Get the AsyncAPI 3 document of the sockets",
  responses: { 200: json(z.looseObject({ asyncapi: z.string() }), "The document.") },
});

const page = createRoute({
  operationId: "getReferencePage",
  method: "get",
  path: "/docs",
  tags,
  summary: "Get the reference page",
  responses: { 200: { description: "The page.", content: { "text/html": { schema: z.string() } } } },
});

type App = ReturnType<typeof createRouter>;

/** Registers the security schemes. */
function describeApi(app: App): void {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A JWT from your identity provider, with `sub` (or `user_id`) and `exp`.",
  });
  registry.registerComponent("securitySchemes", "server", {
    type: "http",
    scheme: "bearer",
    description:
      "For your own backend, never for a browser: a server token (a JWT with the audience of servers, `scope` and `exp`) " +
      "or an API key. Each operation names the scope that it needs.",
  });
  registry.registerComponent("securitySchemes", "actAs", {
    type: "apiKey",
    in: "header",
    name: ACT_AS_HEADER,
    description:
      "Beside a server credential: the user in whose name the request is made. A user id, or `ext:` and the id of the " +
      "identity provider, encoded as in a URL.",
  });
  registry.registerComponent("securitySchemes", "link", {
    type: "apiKey",
    in: "query",
    name: "sig",
    description:
      "The signature of a link from `GET /attachments/{attachment_id}/link`. Use the link as it is.",
  });
  for (const name of ["token", "ticket"] as const) {
    registry.registerComponent("securitySchemes", name, { type: "apiKey", in: "query", name });
  }
}

/** The REST document without its server. */
function build(app: App, limits: DeploymentLimits): z.infer<typeof OpenApi> {
  const generated = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Rocket Chat API", version, description: REST_INTRODUCTION, license: LICENSE },
  });
  return { ...publishRest(generated, limits, scopeOfPath) };
}

/** The limits of this deployment, which the documents mention. */
function deploymentLimits(env: Env): DeploymentLimits {
  return { ...limitsOf(env), maxAttachmentBytes: attachmentLimits(env) };
}

/** The routes of the documents. @param app the application that they describe, including routes mounted later. */
export function documentationRoutes(app: App) {
  describeApi(app);
  // The settings of an isolate never change, so documents are built once.
  let rest: ReturnType<typeof build> | undefined;
  let sockets: ReturnType<typeof buildAsyncApi> | undefined;
  return createRouter()
    .openapi(openApi, (c) => {
      rest ??= build(app, deploymentLimits(c.env));
      c.header("Cache-Control", CACHE);
      return c.json({ ...rest, servers: [{ url: new URL(c.req.url).origin }] }, 200);
    })
    .openapi(asyncApi, (c) => {
      sockets ??= buildAsyncApi(version, deploymentLimits(c.env));
      c.header("Cache-Control", CACHE);
      return c.json({ ...sockets, servers: asyncApiServers(new URL(c.req.url)) }, 200);
    })
    .openapi(page, (c) => {
      c.header("Content-Security-Policy", PAGE_POLICY);
      c.header("Cache-Control", CACHE);
      return c.html(REFERENCE_PAGE, 200);
    });
}
