# exec-server with a shell and the usual tools, for agents that need a machine to work on.
#
#   docker build -t exec-server .
#   docker run --init -p 127.0.0.1:7300:7300 -v ./token:/run/token:ro exec-server
#
# Flags of `serve` go behind the image's name, in place of those below; another command, such as `doctor`, too.
FROM node:22-bookworm-slim AS build
WORKDIR /build
# A layer of their own for the packages, which a change of the program leaves as it is.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npx deno run -A scripts/compile.ts --with bun --no-archive && mv dist/exec-server-* /exec-server

FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends bash ca-certificates curl git \
  && rm -rf /var/lib/apt/lists/* && useradd --create-home --shell /bin/bash worker
COPY --from=build /exec-server /usr/local/bin/exec-server
COPY LICENSE THIRD-PARTY-NOTICES /usr/local/share/doc/exec-server/
USER worker
WORKDIR /home/worker
EXPOSE 7300
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD curl --fail --silent --output /dev/null http://127.0.0.1:7300/readyz
ENTRYPOINT ["exec-server"]
# Inside a container the loopback is nobody's: listen on every address, and only with a token.
CMD ["serve", "--listen", "ws://0.0.0.0:7300", "--ws-auth", "capability-token", "--ws-token-file", "/run/token"]
