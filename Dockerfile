# Headrace in two stages: dependencies and the kernel library are built in the first, the second runs them as a plain user.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=optional
COPY tsconfig.json ./
COPY src ./src
RUN node src/kernels/build-kernels.ts && npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/build ./build
COPY --from=build /app/src ./src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 7432
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "src/cli/headrace.ts", "status", "--port", "7432"]
# Listening beyond loopback needs a password: pass HEADRACE_PASSWORD (or HEADRACE_PASSWORD_FILE).
CMD ["node", "src/main.ts", "--data", "/data", "--host", "0.0.0.0"]
