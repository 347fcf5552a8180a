/** Starts all stand-ins, with credentials that are made for this start alone. */
import { createECDH, generateKeyPairSync, type KeyObject } from "node:crypto";
import { ApnsStandIn } from "./apns.ts";
import type { Certificate } from "./certificate.ts";
import { serveControl } from "./control-server.ts";
import { DnsStandIn } from "./dns.ts";
import { FcmStandIn } from "./fcm.ts";
import { Recorder } from "./recorder.ts";
import { WebPushStandIn } from "./web-push.ts";
import type { PushSettings } from "./wire.ts";

/** The app that the team of the stand-in pushes to. Other topics begin with `com.example.` too. */
const TOPIC = "com.example.chat";

const KEY_ID = "ABC123DEFG";
const TEAM_ID = "DEF123GHIJ";
const PROJECT_ID = "push-stand-in";
const CLIENT_EMAIL = `push@${PROJECT_ID}.iam.example.com`;

export interface PushStandIns {
  /** The address of the control interface. */
  control: string;
  /** Settings that lead the service here. */
  settings: PushSettings;
  stop: () => Promise<void>;
}

const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();

/**
 * Starts the stand-ins on free ports of this machine.
 * @param certificate makes the providers speak TLS, with HTTP/2 and HTTP/1.1. The control interface stays plain.
 */
export async function startPushStandIns(certificate?: Certificate): Promise<PushStandIns> {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const vapid = createECDH("prime256v1");
  vapid.generateKeys();
  const recorder = new Recorder();
  const team = {
    publicKey: ec.publicKey,
    keyId: KEY_ID,
    teamId: TEAM_ID,
    topics: "com.example.",
  };
  const production = new ApnsStandIn("production", recorder, team);
  const sandbox = new ApnsStandIn("sandbox", recorder, team);
  const fcm = new FcmStandIn(recorder, {
    publicKey: rsa.publicKey,
    projectId: PROJECT_ID,
    clientEmail: CLIENT_EMAIL,
    keyId: "stand-in-key",
  });
  const webPush = new WebPushStandIn(recorder, vapid.getPublicKey("base64url"));
  const dns = new DnsStandIn();
  const fcmUrl = await fcm.start(certificate);
  const webPushUrl = await webPush.start(certificate);
  const settings: PushSettings = {
    FCM_URL: fcmUrl,
    FCM_SERVICE_ACCOUNT: JSON.stringify({
      type: "service_account",
      project_id: PROJECT_ID,
      private_key_id: "stand-in-key",
      private_key: pem(rsa.privateKey),
      client_email: CLIENT_EMAIL,
      token_uri: `${fcmUrl}/token`,
    }),
    APNS_URL: await production.start(certificate),
    APNS_SANDBOX_URL: await sandbox.start(certificate),
    APNS_KEY: pem(ec.privateKey),
    APNS_KEY_ID: KEY_ID,
    APNS_TEAM_ID: TEAM_ID,
    APNS_TOPIC: TOPIC,
    VAPID_PRIVATE_KEY: vapid.getPrivateKey("base64url"),
    VAPID_PUBLIC_KEY: vapid.getPublicKey("base64url"),
    VAPID_SUBJECT: "mailto:push@example.com",
    WEB_PUSH_HOSTS: new URL(webPushUrl).host,
    PUSH_DNS_URL: await dns.start(certificate),
    PUSH_OPEN_URL: "https://app.example.com/c/{conversation_id}?m={message_id}",
  };
  const control = await serveControl({ recorder, fcm, webPush, dns, settings });
  const servers = [production, sandbox, fcm, webPush, dns];
  return {
    control: control.origin,
    settings,
    stop: async () => {
      await Promise.all([...servers.map(async (server) => await server.stop()), control.close()]);
    },
  };
}
