// Runs in a process of its own with the vendor's SDK for TypeScript.
// It calls the mock at argv[2], as the accounts whose tokens argv[3] has as JSON, and prints what came back.

import { readFileSync } from "node:fs";
import { APIError, LinqAPIV3 } from "@linqapp/sdk";

const NUMBER = "+13105550199";
const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";
const [url, tokens] = [process.argv[2], JSON.parse(process.argv[3])];

async function call(promise) {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { error: error.constructor.name, status: error.status };
  }
}

async function timedList(client) {
  const started = performance.now();
  return { ...(await call(client.phoneNumbers.list())), seconds: (performance.now() - started) / 1000 };
}

const clients = Object.fromEntries(
  Object.entries(tokens).map(([name, apiKey]) => [name, new LinqAPIV3({ baseURL: url, apiKey })]),
);
const lines = clients.honest.phoneNumbers;
const set = (id, number) => call(lines.update(id, { forwarding_number: number }));

const told = { list: await call(lines.list()) };
const id = told.list.phone_numbers[0].id;
for (const [step, number] of [
  ["set", NUMBER],
  ["clear with null", null],
  ["set again", NUMBER],
  ["clear with ''", ""],
]) {
  told[step] = await set(id, number);
  told[`list after ${step}`] = await call(lines.list());
}
told["unknown id"] = await set(UNKNOWN_ID, NUMBER);
told["wrong token"] = await call(clients.stranger.phoneNumbers.list());
told.limited = await timedList(clients.limited);
told.unavailable = await timedList(clients.unavailable);

const manifest = new URL("../../node_modules/@linqapp/sdk/package.json", import.meta.url);
console.log(JSON.stringify({ version: JSON.parse(readFileSync(manifest)).version, ...told }));
