/** People who use a client of the guide, inside the Worker; their sockets are checked and closed after each test. */
import { expect } from "vitest";
import { request, sign, uniqueName } from "../worker/kit.ts";
import { GuideClient, type GuideSocket, type Transport } from "./guide-client.ts";

export interface Literal {
  user_id: string;
  username: string;
  token: string;
  client: GuideClient;
  connect(): Promise<GuideSocket>;
}

const transport: Transport = {
  fetch: request,
  open: async (path) => {
    const { status, webSocket } = await request(path, { headers: { Upgrade: "websocket" } });
    if (!webSocket) throw new Error(`no socket: ${status}`);
    return {
      send: (frame) => webSocket.send(frame),
      close: () => webSocket.close(1000),
      addEventListener: (type, listener) => {
        webSocket.addEventListener(type, listener);
        webSocket.accept();
      },
    };
  },
};

const opened: GuideSocket[] = [];

/** Someone with a token of the claims that the guide's middleware reads. */
async function literal(name: string): Promise<Literal> {
  const claims = { user_id: crypto.randomUUID(), username: uniqueName(name) };
  const token = await sign(claims);
  const client = new GuideClient(transport, token);
  // Others can write to someone who has used the app once.
  await client.listConversations();
  const connect = async () => {
    const socket = await client.connect();
    opened.push(socket);
    return socket;
  };
  return { ...claims, token, client, connect };
}

/** Two people and their direct conversation. */
export async function two() {
  const [ann, bob] = await Promise.all([literal("ann"), literal("bob")]);
  const { conversation_id: id } = (await ann.client.createDirect(bob.user_id)).body;
  return { ann, bob, id };
}

/** Three people, no conversation. */
export async function three() {
  const [ann, bob, cid] = await Promise.all([literal("ann"), literal("bob"), literal("cid")]);
  return { ann, bob, cid };
}

/** After each test: no event that the guide names came without one of the guide's fields. */
export function closeGuideSockets(): void {
  for (const socket of opened.splice(0)) {
    socket.close();
    expect(socket.faults).toEqual([]);
  }
}
