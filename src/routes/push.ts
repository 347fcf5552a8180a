/** Routes of push: devices, the user's preferences, and the key for browsers (rule 27). */
import { createRoute } from "@hono/zod-openapi";
import {
  Device,
  DeviceList,
  DeviceParams,
  PushLog,
  PushPreferences,
  PushTest,
  RegisterDevice,
  UpdatePushPreferences,
  VapidKey,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { takeToken } from "../device-tokens.ts";
import { openDirectory } from "../directory/database.ts";
import { ownsToken } from "../directory/device-tokens.ts";
import type { DeviceToRegister, PushRequestName, PushRequests } from "../domain/push-requests.ts";
import { log } from "../log.ts";
import { ApiError, bodyOf, refuse } from "../middleware/errors.ts";
import { configuredProviders, needsAppId } from "../push/credentials.ts";
import { checkEndpoint } from "../push/endpoint.ts";
import { vapidPublicKey } from "../push/vapid-key.ts";
import { hubObject } from "../realtime/objects.ts";
import { type AppEnv, createRouter, errors, json, jsonBody, noContent, security } from "./api.ts";

const tags = ["Push"];

const put = createRoute({
  operationId: "putDevice",
  method: "put",
  path: "/devices/{device_id}",
  tags,
  security,
  summary: "Register a device for push, or change it",
  request: { params: DeviceParams, body: jsonBody(RegisterDevice) },
  responses: { 200: json(Device, "The device. Whoever had its token before has it no longer."), ...errors },
});

const post = createRoute({
  operationId: "createDevice",
  method: "post",
  path: "/devices",
  tags,
  security,
  summary: "Register a device for push under a new id",
  request: { body: jsonBody(RegisterDevice) },
  responses: { 201: json(Device, "The device: keep its `device_id`."), ...errors },
});

const list = createRoute({
  operationId: "listDevices",
  method: "get",
  path: "/devices",
  tags,
  security,
  summary: "List my devices",
  responses: { 200: json(DeviceList, "The devices, oldest registration first."), ...errors },
});

const remove = createRoute({
  operationId: "removeDevice",
  method: "delete",
  path: "/devices/{device_id}",
  tags,
  security,
  summary: "Remove a device: nothing is pushed to it any more",
  request: { params: DeviceParams },
  responses: { 204: noContent, ...errors },
});

const test = createRoute({
  operationId: "testDevice",
  method: "post",
  path: "/devices/{device_id}/test",
  tags,
  security,
  summary: "Send a test notification to a device",
  request: { params: DeviceParams },
  responses: { 200: json(PushTest, "What the provider answered."), ...errors },
});

const getLog = createRoute({
  operationId: "getDeviceLog",
  method: "get",
  path: "/devices/{device_id}/log",
  tags,
  security,
  summary: "Get the last decisions about a device: what was pushed, and why something was not",
  request: { params: DeviceParams },
  responses: { 200: json(PushLog, "The last 50 decisions, newest first."), ...errors },
});

const vapid = createRoute({
  operationId: "getVapidKey",
  method: "get",
  path: "/push/vapid-key",
  tags,
  security,
  summary: "Get the key that browsers subscribe with",
  responses: { 200: json(VapidKey, "`applicationServerKey` of `PushManager.subscribe`."), ...errors },
});

const preferences = createRoute({
  operationId: "getPushPreferences",
  method: "get",
  path: "/push-preferences",
  tags,
  security,
  summary: "Get my push preferences",
  responses: { 200: json(PushPreferences, "The preferences."), ...errors },
});

const patchPreferences = createRoute({
  operationId: "updatePushPreferences",
  method: "patch",
  path: "/push-preferences",
  tags,
  security,
  summary: "Change my push preferences",
  request: { body: jsonBody(UpdatePushPreferences) },
  responses: { 200: json(PushPreferences, "The changed preferences."), ...errors },
});

/** Asks the caller's hub. */
async function ask<Name extends PushRequestName>(
  c: Context<AppEnv>,
  name: Name,
  input: PushRequests[Name]["input"],
): Promise<PushRequests[Name]["result"]> {
  const { user_id } = c.var.caller;
  return bodyOf(await hubObject(c.env, user_id).askPush(user_id, name, input));
}

/** Refuses a device whose provider this deployment has no credentials of, and says in the log what to set. */
function requireProvider(c: Context<AppEnv>, provider: RegisterDevice["provider"]): void {
  const missing = configuredProviders(c.env).missing[provider];
  if (missing === undefined) return;
  log("error", "push.not_configured", { provider, missing });
  refuse("SERVICE_UNAVAILABLE", `This deployment cannot push over ${provider}: ${missing}`, { provider });
}

/** SHA-256 of a provider and its token, as hexadecimal digits. */
async function hashOf({ provider, token, subscription }: RegisterDevice): Promise<string> {
  const text = `${provider}\n${token ?? subscription?.endpoint}`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The one spelling of a device: the digits of an APNs token count the same in both cases. */
function normalized(device: RegisterDevice): RegisterDevice {
  return device.provider === "apns" ? { ...device, token: device.token?.toLowerCase() } : device;
}

/** Refuses a device of APNs of which nobody says to which app it belongs: Apple takes no push without that. */
function requireAppId(c: Context<AppEnv>, { provider, app_id }: RegisterDevice): void {
  if (provider !== "apns" || app_id !== undefined || !needsAppId(c.env)) return;
  const message = "must be there for apns: this deployment has no APNS_TOPIC";
  refuse("VALIDATION_ERROR", undefined, { issues: [{ path: "app_id", message }] });
}

async function register(c: Context<AppEnv>, device_id: string, body: RegisterDevice): Promise<Device> {
  const device = normalized(body);
  requireProvider(c, device.provider);
  requireAppId(c, device);
  if (device.subscription) {
    const refusal = await checkEndpoint(c.env, device.subscription.endpoint);
    if (refusal) throw new ApiError(refusal);
  }
  const wanted: DeviceToRegister = { device_id, device, token_hash: await hashOf(device) };
  const { user_id } = c.var.caller;
  const known = await ask(c, "registered", wanted);
  if (known) {
    // Another user may have taken the token, while this hub could not be reached to hear of it.
    const token = { token_hash: wanted.token_hash, version: known.token_version };
    if (await ownsToken(openDirectory(c.env.DB), token, user_id)) return known.device;
  }
  const { version } = await takeToken(c.env, wanted.token_hash, user_id, device_id);
  return await ask(c, "register", { ...wanted, token_version: version });
}

export const pushRoutes = createRouter()
  .openapi(put, async (c) =>
    c.json(await register(c, c.req.valid("param").device_id, c.req.valid("json")), 200),
  )
  .openapi(post, async (c) => c.json(await register(c, crypto.randomUUID(), c.req.valid("json")), 201))
  .openapi(list, async (c) => c.json({ devices: await ask(c, "devices", null) }, 200))
  .openapi(remove, async (c) => {
    await ask(c, "remove", c.req.valid("param"));
    return c.body(null, 204);
  })
  .openapi(test, async (c) => c.json(await ask(c, "test", c.req.valid("param")), 200))
  .openapi(getLog, async (c) => c.json({ entries: await ask(c, "log", c.req.valid("param")) }, 200))
  .openapi(vapid, (c) => {
    const public_key = vapidPublicKey(c.env);
    if (public_key === undefined) requireProvider(c, "webpush");
    return c.json({ public_key: public_key ?? refuse("SERVICE_UNAVAILABLE") }, 200);
  })
  .openapi(preferences, async (c) => c.json(await ask(c, "preferences", null), 200))
  .openapi(patchPreferences, async (c) =>
    c.json(await ask(c, "updatePreferences", c.req.valid("json")), 200),
  );
