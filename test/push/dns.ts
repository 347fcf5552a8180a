/** A resolver that speaks DNS over HTTPS in JSON (`application/dns-json`), and knows the names that tests give it. */
import type { Certificate } from "./certificate.ts";
import { listen, type Server } from "./listen.ts";

/** Record types (RFC 1035, RFC 3596). */
const A = 1;
const AAAA = 28;
const NO_SUCH_NAME = 3;

export class DnsStandIn {
  #names = new Map<string, string[]>();
  #server: Server | undefined;
  /** Names that were asked for, with the type. */
  asked: string[] = [];

  async start(certificate?: Certificate): Promise<string> {
    this.#server = await listen(async ({ url }) => {
      const name = (url.searchParams.get("name") ?? "").replace(/\.$/, "");
      const type = url.searchParams.get("type") ?? "A";
      this.asked.push(`${name} ${type}`);
      const addresses = this.#names.get(name);
      const wanted = (addresses ?? []).filter((address) => address.includes(":") === (type === "AAAA"));
      const Answer = wanted.map((data) => ({ name, type: type === "AAAA" ? AAAA : A, TTL: 60, data }));
      const body = { Status: addresses ? 0 : NO_SUCH_NAME, Answer };
      return { status: 200, headers: { "content-type": "application/dns-json" }, body: JSON.stringify(body) };
    }, certificate);
    return `${this.#server.origin}/dns-query`;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  name(host: string, addresses: string[]): void {
    this.#names.set(host, addresses);
  }
}
