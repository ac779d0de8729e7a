// The Fastify peer of B2: the same work as our `GET /api/v1/clients/{id}`, tuned: a response schema, a KeyObject for the
// signatures, better-sqlite3 with a prepared statement, a worker for each processor, one log line by pino.
import cluster from "node:cluster";
import { createDecipheriv, createSecretKey, randomUUID } from "node:crypto";
import { createVerifier } from "fast-jwt";
import Database from "better-sqlite3";
import Fastify from "fastify";
import pino from "pino";
import prometheus from "prom-client";

const [port, workers] = process.argv.slice(2).map(Number);
const { JWT_SECRET, FIELD_KEY, DATABASE } = process.env;
const ROUTE = "/api/v1/clients/:id";

const text = { type: "string" };
const optional = { type: ["string", "null"] };
const schema = {
  params: { type: "object", properties: { id: { type: "string", format: "uuid" } }, required: ["id"] },
  response: {
    200: {
      type: "object",
      properties: {
        id: text, client_name: text, email: optional, total_assets: { type: "number" }, risk_profile: text,
        kyc_expiry_date: optional, currency: text, phone: optional, tax_id: optional, address: optional,
        date_of_birth: optional, occupation: optional, annual_income: { type: ["number", "null"] }, jurisdiction: text,
        tags: { type: "array", items: text }, household_id: optional, last_contact_at: optional, user_id: text, advisor_id: text,
        version: { type: "integer" }, created_at: text, updated_at: text,
      },
    },
  },
};

function uuid(bytes) {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function serve() {
  const verify = createVerifier({
    key: JWT_SECRET, algorithms: ["HS256"], allowedIss: "wealthos", allowedAud: "wealthos",
    requiredClaims: ["exp", "nbf", "iss", "aud", "sub"], cache: false,
  });
  const fieldKey = createSecretKey(Buffer.from(FIELD_KEY, "hex"));
  const database = new Database(DATABASE);
  const read = database.prepare("SELECT version, tenant_id, created_at, updated_at, body FROM clients WHERE id = ?");
  const requests = new prometheus.Counter({
    name: "http_requests", help: "Requests.", labelNames: ["method", "route", "status"],
  });

  function opened(id, field, sealed) {
    if (sealed === null) return null;
    const raw = Buffer.from(sealed, "base64url");
    const cipher = createDecipheriv("aes-256-gcm", fieldKey, raw.subarray(0, 12));
    cipher.setAAD(Buffer.from(`clients/${id}/${field}`));
    cipher.setAuthTag(raw.subarray(raw.length - 16));
    return cipher.update(raw.subarray(12, raw.length - 16), undefined, "utf8") + cipher.final("utf8");
  }

  function maySee(caller, row, body) {
    if (uuid(row.tenant_id) !== caller.tenant_id) return false;
    if (caller.role === "advisor") return body.advisor_id === caller.sub;
    return caller.role !== "client" || body.user_id === caller.sub;
  }

  // One line for each request, written at once to standard error, as the others do.
  const app = Fastify({
    loggerInstance: pino({ base: null }, pino.destination({ dest: 2, sync: true })), disableRequestLogging: true,
    genReqId: () => randomUUID(),
  });
  app.decorateRequest("caller", null);
  app.addHook("onRequest", (request, reply, done) => {
    if (request.routeOptions.url !== ROUTE) return done();
    try {
      request.caller = verify((request.headers.authorization ?? "").slice("Bearer ".length));
      done();
    } catch {
      reply.code(401).send({ message: "log in first" });
    }
  });
  app.addHook("onResponse", (request, reply, done) => {
    requests.inc({ method: request.method, route: ROUTE, status: reply.statusCode });
    app.log.info(
      {
        method: request.method, route: ROUTE, path: request.url, status: reply.statusCode,
        duration_ms: reply.elapsedTime, bytes: Number(reply.getHeader("content-length")), request_id: request.id,
        user_id: request.caller?.sub,
      },
      "request",
    );
    done();
  });
  app.get("/ready", async () => ({}));
  app.get(ROUTE, { schema }, (request, reply) => {
    const id = request.params.id;
    const row = read.get(Buffer.from(id.replaceAll("-", ""), "hex"));
    const body = row && JSON.parse(row.body);
    if (!row || !maySee(request.caller, row, body)) {
      return reply.code(404).send({ message: "there is no such client" });
    }
    for (const field of ["email", "phone", "tax_id"]) body[field] = opened(id, field, body[field]);
    body.id = id;
    body.version = row.version;
    body.created_at = new Date(row.created_at).toISOString();
    body.updated_at = new Date(row.updated_at).toISOString();
    reply.header("etag", `"${row.version}"`).header("x-request-id", request.id).send(body);
  });
  return app.listen({ host: "127.0.0.1", port });
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < workers; worker += 1) cluster.fork();
} else {
  await serve();
}
