// The contract, for reading: operations with the rules beside them, schemas and error codes.

import { html, useEffect, useMemo, useState } from "./dom.js";
import { count } from "./format.js";
import { Empty, Json, Loading, Search } from "./parts.js";
import { need } from "./store.js";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

export function Reference({ store, place }) {
  const { contract, catalogue, requests } = store;
  const [search, setSearch] = useState("");
  useEffect(() => {
    need("contract", "/contract");
    need("catalogue", "/behaviours");
  }, [store.live]);
  useEffect(() => {
    if (!contract || !place) return;
    const target = document.getElementById(place);
    target?.closest("details")?.setAttribute("open", "");
    target?.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  }, [contract, place]);
  const seen = useMemo(() => seenRules(requests), [requests]);
  if (!contract) return html`<section class="card"><${Loading} rows=${8} /></section>`;
  const document_ = contractOf(contract);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (...texts) => words.every((word) => texts.join(" ").toLowerCase().includes(word));
  const shown = {
    has,
    seen,
    faults: (rule) => catalogue?.faults.filter((each) => each.rules.includes(rule)).length ?? 0,
    document: document_,
  };
  const operations = document_.operations.filter((operation) => isFound(operation, shown));
  const general = (contract["x-rules"] ?? []).filter((rule) => isRuleFound(rule, shown));
  const schemas = Object.entries(contract.components.schemas).filter(([name, schema]) =>
    has(name, JSON.stringify(schema)),
  );
  const codes = contract["x-error-codes"].filter((each) => has(each.code, each.status, each.meaning));
  const isEmpty = !operations.length && !general.length && !schemas.length && !codes.length;
  return html`<div class="reference">
    <nav class="contents" aria-label="Contents">
      <${Search} label="Search the reference" hint="Search" value=${search} onInput=${setSearch} />
      <ul>
        ${operations.map(
          (each) =>
            html`<li>
              <a href=${`#/reference/${each.operationId}`}>
                <span class="method">${each.method}</span> ${each.summary}
              </a>
            </li>`,
        )}
        ${general.length > 0 && html`<li><a href="#/reference/rules">Every answer</a></li>`}
        ${codes.length > 0 && html`<li><a href="#/reference/codes">Error codes</a></li>`}
        ${schemas.length > 0 && html`<li><a href="#/reference/schemas">Schemas</a></li>`}
      </ul>
    </nav>
    <div class="chapters">
      ${
        words.length === 0 &&
        html`<section class="about">
        <h2>${contract.info.title}</h2>
        <${Prose} text=${contract.info.description} />
      </section>`
      }
      ${isEmpty && html`<${Empty} title="Nothing matches"><p>Nothing in the contract matches.</p><//>`}
      ${operations.map((each) => html`<${Operation} key=${each.operationId} operation=${each} ...${shown} />`)}
      ${
        general.length > 0 &&
        html`<section aria-labelledby="rules">
        <h2 id="rules" tabindex="-1">Every answer</h2>
        <${Rules} rules=${general} ...${shown} />
      </section>`
      }
      ${
        codes.length > 0 &&
        html`<section aria-labelledby="codes">
        <h2 id="codes" tabindex="-1">Error codes</h2>
        <${Codes} codes=${codes} />
      </section>`
      }
      ${
        schemas.length > 0 &&
        html`<section aria-labelledby="schemas">
        <h2 id="schemas" tabindex="-1">Schemas</h2>
        ${schemas.map(([name, schema]) => html`<${Schema} key=${name} name=${name} schema=${schema} />`)}
      </section>`
      }
    </div>
  </div>`;
}

// --- what the document says -----------------------------------------------------------------------

const read = new WeakMap();

function contractOf(contract) {
  if (!read.has(contract)) read.set(contract, { raw: contract, operations: operationsOf(contract) });
  return read.get(contract);
}

function operationsOf(contract) {
  const resolved = (node) => resolve(contract, node);
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const operation = item[method];
      return {
        ...operation,
        method: method.toUpperCase(),
        path,
        rules: [...(item["x-rules"] ?? []), ...(operation["x-rules"] ?? [])],
        parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolved),
        body: operation.requestBody && resolved(operation.requestBody),
        responses: Object.entries(operation.responses).map(([status, response]) => ({
          status,
          ...resolved(response),
        })),
      };
    }),
  );
}

function resolve(contract, node) {
  if (!node.$ref) return node;
  const steps = node.$ref
    .slice(2)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return resolve(
    contract,
    steps.reduce((place, step) => place[step], contract),
  );
}

function seenRules(requests) {
  const seen = new Map();
  const note = (rule, which) => {
    const counts = seen.get(rule) ?? { passed: 0, broken: 0 };
    counts[which] += 1;
    seen.set(rule, counts);
  };
  for (const { rules } of requests) {
    for (const rule of rules?.passed ?? []) note(rule, "passed");
    for (const each of rules?.broken ?? []) note(each.rule, "broken");
  }
  return seen;
}

const isRuleFound = (rule, { has }) => has(rule.name, rule.level, rule.statement, rule.source.join(" "));

function isFound(operation, shown) {
  const { has } = shown;
  const itself = has(
    operation.method,
    operation.path,
    operation.summary,
    operation.description,
    operation.operationId,
  );
  return itself || operation.rules.some((rule) => isRuleFound(rule, shown));
}

// --- operations -----------------------------------------------------------------------------------

function Operation({ operation, ...shown }) {
  const found = operation.rules.filter((rule) => isRuleFound(rule, shown));
  const id = operation.operationId;
  return html`<section class="operation" aria-labelledby=${id}>
    <div>
      <h2 id=${id} tabindex="-1">${operation.summary}</h2>
      <p class="request-line"><span class="method">${operation.method}</span> <code>${operation.path}</code></p>
      <${Prose} text=${operation.description} />
      ${
        operation.parameters.length > 0 &&
        html`<h3>Parameters</h3>
        <${Parameters} parameters=${operation.parameters} />`
      }
      ${
        operation.body &&
        html`<h3>Body</h3>
        <${Content} content=${operation.body.content} label="request" ...${shown} />`
      }
      <h3>Answers</h3>
      ${operation.responses.map((each) => html`<${Answer} key=${each.status} answer=${each} ...${shown} />`)}
    </div>
    <aside aria-label=${`Rules of: ${operation.summary}`}>
      <h3>Rules <span class="count">${operation.rules.length}</span></h3>
      <${Rules} rules=${found.length ? found : operation.rules} ...${shown} />
    </aside>
  </section>`;
}

function Parameters({ parameters }) {
  return html`<dl class="properties">
    ${parameters.map(
      (each) => html`<div>
        <dt>
          <code>${each.name}</code>${" "}
          <span class="quietly">in ${each.in}, ${typeOf(each.schema)}${each.required ? "" : ", optional"}</span>
        </dt>
        <dd><${Prose} text=${each.description} /></dd>
      </div>`,
    )}
  </dl>`;
}

function Answer({ answer, ...shown }) {
  const tone = answer.status < "4" ? "good" : answer.status < "5" ? "warn" : "bad";
  const codes = answer["x-error-codes"] ?? [];
  return html`<details class="answer" open=${answer.status < "3"}>
    <summary>
      <span class="status ${tone}">${answer.status}</span> ${answer.description}
      ${codes.length > 0 && html`<span class="quietly"> ${codes.join(", ")}</span>`}
    </summary>
    <${Content} content=${answer.content ?? {}} label=${`answer ${answer.status}`} ...${shown} />
  </details>`;
}

function Content({ content, label, document: document_ }) {
  return Object.entries(content).map(([mediaType, { schema, example, examples }]) => {
    const named = Object.entries(examples ?? {}).map(([name, each]) => [each.summary ?? name, each.value]);
    const all = example === undefined ? named : [["", example]];
    const target = schema?.$ref?.split("/").at(-1);
    return html`<p class="quietly">
        ${mediaType}${target && html`, <a href=${`#/reference/schema-${target}`}>${target}</a>`}
      </p>
      ${target && schema && html`<${Properties} schema=${resolve(document_.raw, schema)} />`}
      ${all.map(
        ([summary, value]) => html`${summary && html`<p class="example">${summary}</p>`}
          <${Json} text=${JSON.stringify(value, null, 2)} label=${`Example of the ${label} ${summary}`} />`,
      )}`;
  });
}

// --- rules ----------------------------------------------------------------------------------------

function Rules({ rules, seen, faults }) {
  return html`<ul class="rules">
    ${rules.map((rule) => {
      const counts = seen.get(rule.name);
      const broken = faults(rule.name);
      return html`<li key=${rule.name} id=${rule.name} tabindex="-1">
        <p class="rule-name">
          <span class="name">${rule.name}</span>${" "}
          ${rule.level !== "MUST" && html`<span class="tag">${rule.level}</span>`}
        </p>
        <p>${rule.statement}</p>
        <p class="quietly">
          ${rule.source.join(", ")}
          ${
            counts?.broken > 0 &&
            html` · <span class="broken">broken in ${count(counts.broken, "request")}</span>`
          }
          ${counts?.passed > 0 && html` · <span>kept in ${counts.passed.toLocaleString("en")}</span>`}
          ${broken > 0 && html` · <a href=${`#/behaviour/${rule.name}`}>${count(broken, "fault")}</a>`}
        </p>
      </li>`;
    })}
  </ul>`;
}

function Codes({ codes }) {
  return html`<table class="codes">
    <thead>
      <tr>
        ${["Code", "Status", "Meaning", "Retry"].map((each) => html`<th scope="col">${each}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${codes.map(
        (each) => html`<tr>
          <th scope="row">${each.code}</th>
          <td>${each.status}</td>
          <td>${each.meaning}</td>
          <td class="quietly">${each.retry}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

// --- schemas --------------------------------------------------------------------------------------

function Schema({ name, schema }) {
  return html`<article class="schema" aria-labelledby=${`schema-${name}`}>
    <h3 id=${`schema-${name}`} tabindex="-1">${name} <span class="quietly">${typeOf(schema)}</span></h3>
    <${Prose} text=${schema.description} />
    ${schema.enum && html`<p>${schema.enum.map((each) => html`<code>${each}</code> `)}</p>`}
    ${schema.pattern && html`<p><code>${schema.pattern}</code></p>`}
    <${Properties} schema=${schema} />
  </article>`;
}

function Properties({ schema }) {
  const required = schema.required ?? [];
  if (!schema.properties) return null;
  return html`<dl class="properties">
    ${Object.entries(schema.properties).map(
      ([name, each]) => html`<div>
        <dt>
          <code class=${each.deprecated ? "deprecated" : ""}>${name}</code>
          <span class="quietly"> ${typeOf(each)}${required.includes(name) ? "" : ", optional"}</span>
          ${each.deprecated && html` <span class="tag">deprecated</span>`}
        </dt>
        <dd><${Prose} text=${each.description} /></dd>
      </div>`,
    )}
  </dl>`;
}

function typeOf(schema = {}) {
  const parts = [schema, ...(schema.allOf ?? [])];
  const target = parts.map((each) => each.$ref?.split("/").at(-1)).find(Boolean);
  if (target) return target;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const types = [schema.type ?? []].flat();
  if (types.includes("array")) return `array of ${typeOf(schema.items)}`;
  return [
    schema.format ?? types.filter((each) => each !== "null").join(" or "),
    ...types.filter((each) => each === "null"),
  ]
    .filter(Boolean)
    .join(" or ");
}

// --- prose ----------------------------------------------------------------------------------------

/** The little Markdown of descriptions: paragraphs, lists, code. */
function Prose({ text }) {
  if (!text) return null;
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((block) => (/^\s*- /.test(block) ? html`<ul>${items(block)}</ul>` : html`<p>${inline(block)}</p>`));
}

function items(block) {
  return block
    .split(/^\s*- /m)
    .filter((item) => item.trim())
    .map((item) => html`<li>${inline(item)}</li>`);
}

function inline(text) {
  return text.split("`").map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));
}
