/**
 * Point-in-time recovery in tests: the local runtime has none, so the platform's methods are played. A state is a copy of every row; an
 * object that has asked for one gets it when it is ended, as the platform gives it.
 */
type Row = Record<string, SqlStorageValue>;

/** Everything that an object stores, at a time. */
interface State {
  at: number;
  tables: Map<string, Row[]>;
  kv: [string, unknown][];
}

/** Tables of the platform and of SQLite. */
const NOT_OURS = /^(?:_cf_|__miniflare|sqlite_(?!sequence)|__drizzle)/;

/** The states of all objects, by bookmark. */
const states = new Map<string, State>();
let counted = 0;

function tablesOf({ sql }: DurableObjectStorage): string[] {
  const names = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
  return names.map(({ name }) => name).filter((name) => !NOT_OURS.test(name));
}

function copyOf(storage: DurableObjectStorage): State {
  const tables = tablesOf(storage).map((name): [string, Row[]] => [
    name,
    storage.sql.exec<Row>(`SELECT * FROM "${name}"`).toArray(),
  ]);
  return { at: Date.now(), tables: new Map(tables), kv: [...storage.kv.list()] };
}

function keep(state: State): string {
  counted += 1;
  const bookmark = `state-${counted}`;
  states.set(bookmark, state);
  return bookmark;
}

function putBack(storage: DurableObjectStorage, { tables, kv }: State): void {
  storage.transactionSync(() => {
    for (const name of tablesOf(storage)) {
      storage.sql.exec(`DELETE FROM "${name}"`);
      for (const row of tables.get(name) ?? []) {
        const columns = Object.keys(row).map((column) => `"${column}"`);
        const places = columns.map(() => "?").join(", ");
        storage.sql.exec(
          `INSERT INTO "${name}" (${columns.join(", ")}) VALUES (${places})`,
          ...Object.values(row),
        );
      }
    }
    for (const [key] of [...storage.kv.list()]) storage.kv.delete(key);
    for (const [key, value] of kv) storage.kv.put(key, value);
  });
}

/** What the platform has of one conversation. */
export interface Play {
  /** What it answers for a time. */
  bookmark: string;
  /** How often the object has ended. */
  ends: number;
}

const plays = new Map<string, Play>();

/** Keeps an object's state as it is now. @returns its bookmark. */
export function keepStorage(storage: DurableObjectStorage): string {
  return keep(copyOf(storage));
}

/** From now on this object has point-in-time recovery, in all of its lives. */
export function playFor(name: string, play: Play): void {
  plays.set(name, play);
}

/** Gives this life of an object the platform's three methods, if a test has asked for that, and an end that puts its storage back. */
export function played(state: DurableObjectState): DurableObjectState {
  const play = plays.get(state.id.name ?? "");
  if (!play) return state;
  const { storage } = state;
  let armed: { state: State; undo: string } | undefined;
  const abort = state.abort.bind(state);
  storage.getBookmarkForTime = async () => play.bookmark;
  storage.onNextSessionRestoreBookmark = async (bookmark) => {
    const known = states.get(bookmark);
    if (!known) throw new Error("no such bookmark");
    armed = { state: known, undo: armed?.undo ?? keep(copyOf(storage)) };
    return armed.undo;
  };
  state.abort = (reason) => {
    if (armed) {
      states.set(armed.undo, copyOf(storage));
      putBack(storage, armed.state);
    }
    armed = undefined;
    play.ends += 1;
    void storage.sync().then(() => abort(reason));
  };
  return state;
}
