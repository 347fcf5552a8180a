/** Sign-in under `npm run dev`, as one of three people. No deployment has the endpoint. */

/** A person of the demo. */
export interface DemoPerson {
  /** In the address: `?as=bob`. */
  name: string;
  user_id: string;
  display_name: string;
}

/** The people one can sign in as; none where the service is not a development server. */
export async function demoPeople(): Promise<readonly DemoPerson[]> {
  const response = await fetch("/development/people").catch(() => undefined);
  if (!response?.ok) return [];
  return ((await response.json()) as { people: DemoPerson[] }).people;
}

/** A token for one of them. @throws Error if the service refuses. */
export async function demoToken(name: string): Promise<string> {
  const response = await fetch("/development/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ as: name }),
  });
  if (!response.ok) throw new Error(`the sign-in as ${name} was answered with ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}
