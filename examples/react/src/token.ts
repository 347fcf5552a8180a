/** Who is signed in. In production this asks your own backend; here the development sign-in, as `?as=bob` says. */
interface Session {
  token: string;
}

/** A token of the person in the address: alice, bob or carol. @throws Error if the sign-in refuses. */
export async function token(): Promise<string> {
  const as = new URLSearchParams(location.search).get("as") ?? "alice";
  const response = await fetch("/development/session", { method: "POST", body: JSON.stringify({ as }) });
  if (!response.ok) throw new Error(`the sign-in answered ${response.status}`);
  const session = (await response.json()) as Session;
  return session.token;
}
