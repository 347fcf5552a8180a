/** Asks the runtime's inspector: the profiler, the heap. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";

const Target = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
/** The runtime answers some commands with no more than their echo. */
const Answer = z.object({ id: z.number(), result: z.record(z.string(), z.unknown()).default({}) });
const Notice = z.object({ method: z.string(), params: z.record(z.string(), z.unknown()) });

/** A session with the inspector of the runtime's only Worker. */
export class Inspector {
  readonly #socket: WebSocket;
  #requests = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Opens a session. @param port of the inspector. */
  static async open(port: number): Promise<Inspector> {
    const [target] = Target.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json());
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "", { perMessageDeflate: false });
    await once(socket, "open");
    return new Inspector(socket);
  }

  /** Asks for something. @returns what the runtime answers. */
  async ask(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    this.#requests += 1;
    const id = this.#requests;
    const answer = new Promise<Record<string, unknown>>((resolve) => {
      const hear = (data: unknown): void => {
        const parsed = Answer.safeParse(JSON.parse(String(data)));
        if (parsed.data?.id !== id) return;
        this.#socket.off("message", hear);
        resolve(parsed.data.result);
      };
      this.#socket.on("message", hear);
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await answer;
  }

  /** Takes what comes without being asked for. */
  on(method: string, take: (params: Record<string, unknown>) => void): void {
    this.#socket.on("message", (data) => {
      const said = Notice.safeParse(JSON.parse(String(data)));
      if (said.data?.method === method) take(said.data.params);
    });
  }

  close(): void {
    this.#socket.close();
  }
}
