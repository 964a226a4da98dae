// Not graphiql/style.css, which holds Monaco's styles a second time and half a megabyte of fonts.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import 'graphiql/graphiql.css';
import 'monaco-graphql/esm/monaco-editor.js'; // here, so that its styles are part of the page's
import './explorer.css';

import { GraphiQL } from 'graphiql';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { createContext, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

const root = document.getElementById('explorer');
const workers = JSON.parse(root.dataset.workers); // where build.mjs put them

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(workers[label] ?? workers.editor, { type: 'module' }),
};

const LANGUAGES = { en: 'English', ar: 'العربية', zh: '中文', fr: 'Français', ru: 'Русский', es: 'Español' };

const Portal = createContext(null);

/** Choice is a labelled select: options are [value, text]. */
function Choice({ label, value, options, onChange }) {
  return (
    <label className="portal-choice">
      {label}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([of, text]) => (
          <option key={of} value={of}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Examples lists the golden documents by noun; one that is chosen opens in a tab of its own. */
function Examples() {
  const { examples, choose } = useContext(Portal);
  const { addTab, setOperationName } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const [words, setWords] = useState('');

  const found = examples.filter((e) => `${e.name} ${e.description} ${e.query}`.toLowerCase().includes(words.toLowerCase()));
  const groups = Map.groupBy ? Map.groupBy(found, nounOf) : found.reduce((all, e) => all.set(nounOf(e), [...(all.get(nounOf(e)) ?? []), e]), new Map());

  function open(example) {
    addTab();
    setOperationName(null);
    queryEditor.setValue(example.query);
    variableEditor.setValue(example.variables ?? '');
    choose(example);
  }

  return (
    <section className="portal-examples" aria-label="Examples">
      <div className="graphiql-doc-explorer-title">Examples</div>
      <p>Documents from the portal’s own tests. Each opens in a tab of its own.</p>
      <input type="search" aria-label="Find an example" placeholder="Find an example…" value={words} onChange={(event) => setWords(event.target.value)} />
      {[...groups].map(([noun, of]) => (
        <details key={noun} open={words !== '' || undefined}>
          <summary>
            {noun} <span>{of.length}</span>
          </summary>
          <ul>
            {of.map((e) => (
              <li key={e.name}>
                <button type="button" data-example={e.name} onClick={() => open(e)}>
                  <b>{e.name.slice(noun.length + 1).replaceAll('-', ' ')}</b>
                  {e.description}
                  {(e.role || e.locale) && <small>{[e.role && `as ${e.role}`, e.locale && `in ${e.locale}`].filter(Boolean).join(', ')}</small>}
                </button>
              </li>
            ))}
          </ul>
        </details>
      ))}
      {found.length === 0 && <p>No example has these words.</p>}
      <footer>
        <a href="/explorer/LICENSES.txt" target="_blank" rel="noreferrer">
          Licences of this page
        </a>
      </footer>
    </section>
  );
}

/** Wrapping keeps long lines of a document beside the toolbar in sight. */
function Wrapping() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => queryEditor?.updateOptions({ wordWrap: 'on' }), [queryEditor]);
  return null;
}

const nounOf = (example) => example.name.split('/')[0];

const ExamplesIcon = () => (
  <svg height="1em" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.2" aria-hidden="true">
    <path d="M1 2.5h2M1 7h2M1 11.5h2M5 2.5h8M5 7h8M5 11.5h8" />
  </svg>
);

const EXAMPLES_PLUGIN = { title: 'Examples', icon: ExamplesIcon, content: Examples };
const PLUGINS = [EXAMPLES_PLUGIN]; // no history: it would keep pasted tokens in the browser's storage

const FIRST = 'member/list';

function App({ contents, roles }) {
  const [role, setRole] = useState('');
  const [language, setLanguage] = useState('en');

  // A fetcher that stays the same: GraphiQL asks for the schema again whenever it gets another one.
  const sent = useRef({});
  sent.current = { 'Accept-Language': language };
  const token = roles.find((r) => r.name === role)?.token;
  if (token) sent.current.Authorization = `Bearer ${token}`;
  const fetcher = useMemo(
    () => async ({ query, variables, operationName }, options) => {
      const headers = new Headers({ 'Content-Type': 'application/json', ...sent.current });
      for (const [name, value] of Object.entries(options?.headers ?? {})) headers.set(name, value);
      // GraphiQL learns an operation's name a moment after the document has changed.
      const named = operationName && new RegExp(`\\b${operationName}\\b`).test(query) ? operationName : undefined;
      const answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables, operationName: named }) });
      return answer.json();
    },
    [],
  );

  const portal = useMemo(
    () => ({
      examples: contents.examples,
      choose(example) {
        setRole(roles.some((r) => r.name === example.role) ? example.role : '');
        const wanted = (example.locale ?? 'en').slice(0, 2);
        setLanguage(wanted in LANGUAGES ? wanted : 'en');
      },
    }),
    [],
  );
  const first = contents.examples.find((e) => e.name === FIRST);

  return (
    <Portal.Provider value={portal}>
      <GraphiQL
        fetcher={fetcher}
        schema={contents.introspection ? undefined : null}
        plugins={PLUGINS}
        visiblePlugin={EXAMPLES_PLUGIN}
        defaultTabs={[{ query: first?.query ?? '{ viewer { id } }', variables: first?.variables ?? '' }]}
        defaultEditorToolsVisibility="variables"
        shouldPersistHeaders={false}
      >
        <GraphiQL.Logo>
          <div className="portal-choices">
            {roles.length > 0 && (
              <Choice label="Role" value={role} onChange={setRole} options={[['', 'visitor'], ...roles.map((r) => [r.name, r.name])]} />
            )}
            <Choice label="Language" value={language} onChange={setLanguage} options={Object.entries(LANGUAGES)} />
          </div>
        </GraphiQL.Logo>
        <Wrapping />
      </GraphiQL>
    </Portal.Provider>
  );
}

async function json(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: HTTP ${answer.status}`);
  return answer.json();
}

const contents = await json('/explorer/contents.json');
const { roles } = contents.session ? await json('/explorer/session.json') : { roles: [] };
createRoot(root).render(<App contents={contents} roles={roles} />);
