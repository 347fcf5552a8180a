/** Asks today's code what the code of a kept state was asked. */
import { type KeptPerson, type Question, REPLIES } from "../fixtures/format.ts";
import { api, connect, type Person, request, sign } from "../worker/kit.ts";

/** A person of the state, with a token of today. */
export async function personOf({ user_id, claims }: KeptPerson): Promise<Person> {
  return { user_id, username: claims.username, token: await sign({ ...claims }) };
}

/** What a question is answered, in the form of test/fixtures/wire.ts. */
export async function ask(who: Person, question: Question): Promise<unknown> {
  if ("method" in question) {
    const { status, body } = await api(who, question.method, question.path, question.body);
    return body === undefined ? { status } : { status, body };
  }
  if ("file" in question) return await fetchFile(who, question.file);
  const socket = await connect(who, question.socket);
  for (const command of question.commands) await socket.ask(command);
  socket.close();
  return socket.events.filter((event) => REPLIES.has(event.type));
}

async function fetchFile(who: Person, path: string): Promise<unknown> {
  const response = await request(path, { headers: { authorization: `Bearer ${who.token}` } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) return { status: response.status };
  const base64 = btoa(String.fromCharCode(...bytes));
  return { status: response.status, type: response.headers.get("content-type"), base64 };
}
