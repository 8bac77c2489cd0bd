/**
 * A line to a command that runs in a test: the command tells the test where it is and waits for the test, and the
 * test sees its end.
 */
import { deadline } from "@std/async/deadline";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** How long a command may take to do what the test waits for, in milliseconds. */
const patience = 30_000;

/** Says what was waited for in vain. */
function waitFor<T>(what: string, promise: Promise<T>): Promise<T> {
  return deadline(promise, patience).catch((cause) => {
    throw new Error(`The command did not ${what} within ${patience} ms`, { cause });
  });
}

/** The test's end of the line; `await using` closes it. */
export interface Gate extends AsyncDisposable {
  /**
   * What a bash script says to open the line: from there on it reads from `<&3` and writes to `>&3`. Whatever inherits
   * the descriptor holds the line.
   */
  readonly opening: string;
  /** Gives the command a line to read. */
  send(line: string): Promise<void>;
  /** The next line from the command. */
  line(): Promise<string>;
  /** Waits until nobody holds the other end any more: the command and its children are gone. */
  closed(): Promise<void>;
}

/** Opens a line for one command. */
export async function openGate(): Promise<Gate> {
  let received = "";
  let hungUp = false;
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  const connection = Promise.withResolvers<Socket>();
  const server = createServer((socket) => {
    socket.setEncoding("utf8").on("data", (text: string) => {
      received += text;
      tell();
    });
    // A killed command may leave unread lines behind, which resets the connection: it has hung up all the same.
    socket.on("error", () => {});
    socket.on("close", () => {
      hungUp = true;
      tell();
    });
    connection.resolve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    opening: `exec 3<>/dev/tcp/127.0.0.1/${(server.address() as AddressInfo).port}`,
    async send(line) {
      (await waitFor("open its line", connection.promise)).write(`${line}\n`);
    },
    async line() {
      while (!received.includes("\n")) {
        if (hungUp) throw new Error(`The command hung up after "${received}"`);
        await waitFor("write a line", news.promise);
      }
      const end = received.indexOf("\n");
      const line = received.slice(0, end);
      received = received.slice(end + 1);
      return line;
    },
    async closed() {
      while (!hungUp) await waitFor("end", news.promise);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      connection.promise.then((socket) => socket.destroy());
      await closed;
    },
  };
}
