# Plain Dockerfile syntax: it builds with BuildKit and without.
ARG NODE_IMAGE=node:20.20.2-bookworm-slim

FROM ${NODE_IMAGE} AS build
# better-sqlite3 is compiled where its prebuilt binary cannot be fetched, against the headers that the image has.
ENV npm_config_nodedir=/usr/local
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
RUN install -d -o node -g node /app
USER node
WORKDIR /app
COPY --chown=node:node package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY --chown=node:node . .
# The code cache is keyed by what npm says is installed, so it is made once more when the build's own packages are gone.
RUN npm run build \
  && npx esbuild scripts/build-code-cache.ts --bundle --platform=node --format=esm --outfile=dist/build-code-cache.mjs \
  && npm prune --omit=dev --no-audit --no-fund \
  && node dist/build-code-cache.mjs \
  && rm dist/build-code-cache.mjs

FROM ${NODE_IMAGE}
# bubblewrap contains the functions; with iproute2 connections to literal addresses are answered, too.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap iproute2 \
  && rm -rf /var/lib/apt/lists/*
RUN install -d -o node -g node -m 0700 /var/lib/lambda-range
WORKDIR /app
# Owned by root: the server cannot write its own code.
COPY --from=build --chown=root:root /app ./
USER node
ENV NODE_ENV=production BIND=0.0.0.0 DATA_DIR=/var/lib/lambda-range
EXPOSE 8080 4566
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["node", "docker/health-check.mjs"]
ENTRYPOINT ["/app/docker/entrypoint.sh"]
CMD ["node", "dist/server/main.js"]
