/** The web server that the vectors of `http/request` talk to. */

const delay = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** A running fixture; `await using` stops it. */
export interface HttpFixture extends AsyncDisposable {
  /** `httpPort`; `cutPort`, which ends in the middle of a body; `closedPort`, where nobody listens. */
  variables: Record<"httpPort" | "cutPort" | "closedPort", string>;
}

/** Starts the fixture on free loopback ports. */
export function startHttpFixture(): HttpFixture {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const cutting = listen();
  const cuts = cutBodies(cutting);
  const closed = listen();
  closed.close();
  return {
    variables: {
      httpPort: String(server.addr.port),
      cutPort: String(cutting.addr.port),
      closedPort: String(closed.addr.port),
    },
    async [Symbol.asyncDispose]() {
      cutting.close();
      await Promise.all([server.shutdown(), cuts]);
    },
  };
}

function listen() {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

async function answer(request: Request): Promise<Response> {
  switch (new URL(request.url).pathname) {
    case "/echo": {
      const seen = { method: request.method, x: request.headers.get("x-test"), body: await request.text() };
      return Response.json(seen, { headers: [["x-a", "1"], ["x-a", "2"], ["X-Upper", "Z"]] });
    }
    case "/text":
      return new Response("hello", { headers: { "content-type": "text/plain" } });
    case "/empty":
      return new Response(null, { status: 204 });
    case "/redir":
      return new Response(null, { status: 302, headers: { location: "/text" } });
    case "/slow":
      await delay(1500);
      return new Response("slow");
    case "/stream":
      return new Response(ReadableStream.from(parts()));
    default:
      return new Response("Not found", { status: 404 });
  }
}

async function* parts(): AsyncGenerator<Uint8Array> {
  for (const part of ["part0;", "part1;", "part2;"]) {
    yield new TextEncoder().encode(part);
    await delay(150);
  }
}

/** Answers with the first chunk of a chunked body and then ends the connection. */
async function cutBodies(listener: Deno.TcpListener): Promise<void> {
  const open: Promise<void>[] = [];
  for await (const connection of listener) {
    open.push((async () => {
      await connection.read(new Uint8Array(4096));
      const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
      await connection.write(new TextEncoder().encode(`${head}6\r\npart0;\r\n`));
      await delay(150);
      connection.close();
    })());
  }
  await Promise.allSettled(open);
}
