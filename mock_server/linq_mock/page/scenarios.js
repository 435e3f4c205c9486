// Scenarios: those that come with the mock, and one's own.

import { html, useEffect, useState } from "./dom.js";
import { described, Field, Json, Loading } from "./parts.js";
import { act, need } from "./store.js";

const EXAMPLE = `description: Line 1 becomes risky.
accounts:
  - lines: 3
timeline:
  - { after_requests: 2, line: 1, reputation: AT_RISK }
`;

export function Scenarios({ store }) {
  const { scenarios, state } = store;
  useEffect(() => {
    need("scenarios", "/scenarios");
  }, [store.live]);
  return html`<div class="scenarios">
    <section class="card" aria-labelledby="scenarios">
      <header>
        <h2 id="scenarios">Scenarios</h2>
        ${state.scenario && html`<span class="quietly">${state.scenario} is played</span>`}
      </header>
      <p class="hint">
        A scenario starts with its own accounts, and clears the requests. A reset starts it again.
      </p>
      ${
        scenarios
          ? html`<ul class="scenario-list">
            ${scenarios.scenarios.map(
              (each) => html`<${Scenario}
                key=${each.name}
                scenario=${each}
                isPlayed=${each.name === state.scenario}
              />`,
            )}
          </ul>`
          : html`<${Loading} />`
      }
    </section>
    <${Own} />
  </div>`;
}

function Scenario({ scenario, isPlayed }) {
  const [error, setError] = useState("");
  const play = () =>
    act("PUT", "/scenario", { name: scenario.name })
      .then(() => setError(""))
      .catch((refused) => setError(refused.message));
  return html`<li class=${isPlayed ? "played" : ""}>
    <h3>${scenario.name} ${isPlayed && html`<span class="tag">played</span>`}</h3>
    <p>${scenario.description}</p>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <details>
      <summary>Its file</summary>
      <${Json} text=${scenario.yaml} label=${`File of ${scenario.name}`} />
    </details>
    <p class="buttons">
      <button type="button" class="quiet" onClick=${play}>
        ${isPlayed ? "Play again" : "Play"}<span class="unseen"> ${scenario.name}</span>
      </button>
    </p>
  </li>`;
}

function Own() {
  const [yaml, setYaml] = useState(EXAMPLE);
  const [error, setError] = useState("");
  const play = async (event) => {
    event.preventDefault();
    try {
      await act("PUT", "/scenario", { yaml });
      setError("");
    } catch (refused) {
      setError(refused.message);
    }
  };
  const hint = "YAML, as a file for --scenario.";
  return html`<section class="card" aria-labelledby="own-scenario">
    <header><h2 id="own-scenario">Your own</h2></header>
    <form onSubmit=${play} novalidate>
      <${Field} id="yaml" label="Scenario" error=${error} hint=${hint}>
        <textarea
          ...${described("yaml", error, hint)}
          rows="10"
          spellcheck=${false}
          value=${yaml}
          onInput=${(event) => setYaml(event.target.value)}
        ></textarea>
      <//>
      <p class="buttons"><button>Play</button></p>
    </form>
  </section>`;
}
