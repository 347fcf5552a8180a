/**
 * The desktop that a browser shows its notifications on: a D-Bus of its own, and the service `org.freedesktop.Notifications`
 * (https://specifications.freedesktop.org/notification-spec/latest/). A test sees what a user sees, and clicks on it:
 * browsers have no other way to click on a notification.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DBus, type DBusMessage } from "./dbus.ts";

const NAME = "org.freedesktop.Notifications";
const PATH = "/org/freedesktop/Notifications";
/** The reason in `NotificationClosed`: the application has closed it. */
const CLOSED_BY_CALL = 3;

/** A notification on the screen. */
export interface Note {
  id: number;
  title: string;
  body: string;
}

export class Desktop {
  /** Of the bus, for `DBUS_SESSION_BUS_ADDRESS`. */
  readonly address: string;
  /** What is on the screen, by id. */
  readonly notes = new Map<number, Note>();
  /** The title of everything that was ever shown, in order. */
  readonly history: string[] = [];
  readonly #daemon: ChildProcess;
  readonly #folder: string;
  #bus: DBus | undefined;
  #count = 0;

  private constructor(address: string, daemon: ChildProcess, folder: string) {
    this.address = address;
    this.#daemon = daemon;
    this.#folder = folder;
  }

  /** Starts a desktop. @throws Error where there is no `dbus-daemon`. */
  static async open(): Promise<Desktop> {
    const folder = mkdtempSync(join(tmpdir(), "rocket-chat-desktop-"));
    const config = join(folder, "bus.conf");
    // Its own configuration: nothing else is started on this bus.
    writeFileSync(
      config,
      `<busconfig><type>session</type><listen>unix:path=${folder}/bus</listen><policy context="default">
      <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`,
    );
    const daemon = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--print-address=1"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise((resolve, reject) => {
      daemon.stdout.once("data", resolve);
      daemon.once("error", () => reject(new Error("There is no dbus-daemon here: `apt-get install dbus`")));
      daemon.once("exit", (code) => reject(new Error(`dbus-daemon ended with ${code}`)));
    });
    const desktop = new Desktop(`unix:path=${folder}/bus`, daemon, folder);
    const bus = await DBus.open(join(folder, "bus"), (message) => desktop.#heard(message));
    desktop.#bus = bus;
    await bus.callBus("RequestName", ["s", NAME], ["u", 0]);
    return desktop;
  }

  close(): void {
    this.#bus?.close();
    this.#daemon.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The newest notification with this title. @throws Error if none is on the screen. */
  note(title: string): Note {
    const note = [...this.notes.values()].findLast((one) => one.title === title);
    if (!note) throw new Error(`nothing on the screen says ${title}`);
    return note;
  }

  /** The titles of what is on the screen, sorted. */
  titles(): string[] {
    return [...this.notes.values()].map(({ title }) => title).sort();
  }

  /** Clicks on a notification. */
  click({ id }: Note): void {
    this.#bus?.signal(PATH, NAME, "ActionInvoked", ["u", id], ["s", "default"]);
  }

  #heard(message: DBusMessage): void {
    const bus = this.#bus;
    if (message.kind !== "call" || !bus) return;
    switch (message.member) {
      case "GetCapabilities":
        bus.reply(message, ["as", ["actions", "body", "persistence"]]);
        break;
      case "GetServerInformation":
        bus.reply(message, ["s", "a test"], ["s", "nobody"], ["s", "1"], ["s", "1.2"]);
        break;
      case "Notify":
        bus.reply(message, ["u", this.#show(message)]);
        break;
      case "CloseNotification":
        this.#close(bus, message);
        break;
      default:
        bus.reply(message);
    }
  }

  #close(bus: DBus, message: DBusMessage): void {
    const id = message.body.number();
    this.notes.delete(id);
    bus.reply(message);
    bus.signal(PATH, NAME, "NotificationClosed", ["u", id], ["u", CLOSED_BY_CALL]);
  }

  #show({ body: values }: DBusMessage): number {
    values.text();
    const replaces = values.number();
    values.text();
    const [title, body] = [values.text(), values.text()];
    this.history.push(title);
    this.#count += 1;
    const id = replaces === 0 ? this.#count : replaces;
    this.notes.set(id, { id, title, body });
    return id;
  }
}
