// Asks a portal and graphql-js for their verdict about documents with variables: is it a request error, or is
// it executed? node coercion.mjs URL SCHEMA. It exits 1 if one verdict differs, or if there are fewer cases
// than there were. What graphql-js finds only while it executes (a null for an argument that takes none, a
// condition without a value) counts as a request error: nothing of it may be executed.
import { readFileSync } from 'node:fs';
import {
  GraphQLError, buildSchema, getArgumentValues, getDirectiveValues, getNamedType, getOperationAST, getVariableValues,
  GraphQLIncludeDirective, GraphQLSkipDirective, Kind, parse, validate,
} from 'graphql';

const [url, path] = process.argv.slice(2);
const schema = buildSchema(readFileSync(path, 'utf8'));

// The custom scalars are strings of a form; graphql-js knows nothing of them by itself.
const year = (text) => Number(text.slice(0, 4)) >= 1865 && Number(text.slice(0, 4)) <= 2999;
const day = (text) => !Number.isNaN(Date.parse(`${text.slice(0, 10)}T00:00:00Z`)) && new Date(`${text.slice(0, 10)}T00:00:00Z`).toISOString().startsWith(text.slice(0, 10));
const forms = {
  Date: (s) => /^\d{4}-\d\d-\d\d$/.test(s) && year(s) && day(s),
  DateTime: (s) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(s) && year(s) && day(s),
  LocalDateTime: (s) => /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(s) && year(s) && day(s),
  Decimal: (s) => /^-?[0-9]{1,15}(\.[0-9]{1,2})?$/.test(s),
};
for (const [name, form] of Object.entries(forms)) {
  const type = schema.getType(name);
  type.parseValue = (value) => {
    if (typeof value !== 'string' || !form(value)) throw new GraphQLError(`no ${name}`);
    return value;
  };
  type.parseLiteral = (node) => {
    if (node.kind !== Kind.STRING || !form(node.value)) throw new GraphQLError(`no ${name}`);
    return node.value;
  };
}

// theirs says why graphql-js does not execute a request, nothing if it does.
function theirs({ query, variables, operationName }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return error.message;
  }
  const invalid = validate(schema, document);
  if (invalid.length > 0) return invalid[0].message;
  const operation = getOperationAST(document, operationName);
  if (!operation) return 'no such operation';
  const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables === undefined ? {} : JSON.parse(variables) ?? {});
  if (errors) return errors[0].message;
  const fragments = Object.fromEntries(document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION).map((f) => [f.name.value, f]));
  const spread = new Set();
  const selected = (node) =>
    getDirectiveValues(GraphQLSkipDirective, node, coerced)?.if !== true && getDirectiveValues(GraphQLIncludeDirective, node, coerced)?.if !== false;
  const walk = (set, parent) => {
    for (const node of set?.selections ?? []) {
      if (!selected(node)) continue;
      if (node.kind === Kind.FIELD) {
        if (node.name.value.startsWith('__')) continue;
        const field = parent.getFields()[node.name.value];
        getArgumentValues(field, node, coerced);
        walk(node.selectionSet, getNamedType(field.type));
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        walk(node.selectionSet, node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent);
      } else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        walk(fragments[node.name.value].selectionSet, schema.getType(fragments[node.name.value].typeCondition.name.value));
      }
    }
  };
  try {
    walk(operation.selectionSet, schema.getRootType(operation.operation));
  } catch (error) {
    return error.message;
  }
}

// ours is the portal's verdict in the same form.
async function ours({ query, variables, operationName }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    // Variables travel as they are written: 1.0 is not 1 before it is read.
    body: `{"query":${JSON.stringify(query)},"operationName":${JSON.stringify(operationName ?? null)},"variables":${variables ?? 'null'}}`,
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.json();
  if (response.status === 400 && !('data' in answer)) return answer.errors[0].message;
  if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${JSON.stringify(answer)}`);
}

// Every place gets every value, as a variable and as a literal.
const places = [
  ['Int', (x) => `members(first: ${x}) { __typename }`],
  ['Int!', (x) => `members(first: ${x}) { __typename }`],
  ['String!', (x) => `search(query: ${x}) { __typename }`],
  ['ID!', (x) => `member(id: ${x}) { __typename }`],
  ['[ID!]!', (x) => `nodes(ids: ${x}) { __typename }`],
  ['Boolean!', (x) => `viewer @include(if: ${x}) { __typename }`],
  ['Date', (x) => `member(id: "mem_ACTIVE", asOf: ${x}) { __typename }`],
  ['[Date!]!', (x) => `membershipStatistics { evolution(dates: ${x}) { __typename } }`],
  ['[Region!]', (x) => `members(filter: {regions: ${x}}) { __typename }`],
  ['Locale', (x) => `countries(first: 1) { nodes { name { text(locale: ${x}) } } }`],
  ['MemberFilter', (x) => `members(filter: ${x}) { __typename }`],
  ['MemberOrder', (x) => `members(orderBy: ${x}) { __typename }`],
  ['Decimal!', (x) => `recordPayment(input: {invoice: "inv_A", expectedVersion: 1, amount: ${x}, receivedOn: "2025-03-31", reference: "a"}) { __typename }`, 'mutation'],
  ['LocalDateTime', (x) => `updateEvent(input: {id: "evt_OPEN", expectedVersion: 1, time: {startsAt: ${x}, zone: "UTC"}}) { __typename }`, 'mutation'],
];
// [as JSON, as a literal]; a form that only one of both has stands alone.
const values = [
  ['null', 'null'], ['true', 'true'], ['false', 'false'], ['0', '0'], ['1', '1'], ['-1', '-1'], ['1.0', '1.0'], ['1e0', '1e0'], ['1.5', '1.5'],
  ['2147483647', '2147483647'], ['2147483648', '2147483648'], ['-2147483649', '-2147483649'], ['9007199254740993', '9007199254740993'],
  ['"1"', '"1"'], ['""', '""'], ['"true"', '"true"'], ['"mem_ACTIVE"', '"mem_ACTIVE"'],
  ['"EUR"', 'EUR'], ['"eur"', 'eur'], ['"Eur"', 'Eur'], [undefined, '"EUR"'], ['"FR"', 'FR'], ['"fr"', 'fr'],
  ['"2025-03-31"', '"2025-03-31"'], ['"2025-02-30"', '"2025-02-30"'], ['"1.50"', '"1.50"'], ['"1.505"', '"1.505"'], ['"2025-05-12T09:30"', '"2025-05-12T09:30"'],
  ['[]', '[]'], ['[null]', '[null]'], ['[1]', '[1]'], ['["mem_ACTIVE"]', '["mem_ACTIVE"]'], ['["EUR","AFR"]', '[EUR, AFR]'], ['["EUR","afr"]', '[EUR, afr]'],
  ['["2025-03-31"]', '["2025-03-31"]'], ['[["EUR"]]', '[[EUR]]'], ['{}', '{}'], ['{"a":1}', '{a: 1}'], ['{"__typename":"MemberFilter"}', '{__typename: "MemberFilter"}'],
  ['{"regions":"EUR"}', '{regions: EUR}'], ['{"regions":["eur"]}', '{regions: [eur]}'], ['{"regions":null}', '{regions: null}'], ['{"regions":[null]}', '{regions: [null]}'],
  ['{"field":"NAME"}', '{field: NAME}'], ['{"field":"name"}', '{field: name}'], ['{"direction":"DESC"}', '{direction: DESC}'], ['{"field":"NAME","direction":null}', '{field: NAME, direction: null}'],
  ['{"regions":["EUR"],"nothing":null}', '{regions: [EUR], nothing: null}'],
];
const cases = [];
for (const [type, field, kind = 'query'] of places) {
  cases.push({ query: `${kind}($x: ${type}) { ${field('$x')} }` }, { query: `${kind}($x: ${type}) { ${field('$x')} }`, variables: '{"y":1}' });
  for (const [json, literal] of values) {
    if (json !== undefined) cases.push({ query: `${kind}($x: ${type}) { ${field('$x')} }`, variables: `{"x":${json}}` });
    if (literal !== undefined) cases.push({ query: `${kind} { ${field(literal)} }` }, { query: `${kind}($x: ${type} = ${literal}) { ${field('$x')} }` });
  }
}
const named = (query, variables, operationName) => cases.push({ query, variables, operationName });
const condition = 'query($a: Boolean = true) { viewer @skip(if: $a) { roles } }';
for (const variables of [undefined, '{}', '{"a":null}', '{"a":true}', '{"a":false}', '{"a":"true"}', '{"a":1}']) {
  named(condition, variables);
  named(condition.replace('@skip', '@include'), variables);
  named('query($a: Boolean!) { ... @include(if: $a) { viewer { id } } }', variables);
  named('query($a: Boolean = false) { ...F @skip(if: $a) } fragment F on Query { viewer { id @include(if: $a) } }', variables);
  named('query($a: Boolean) { viewer @skip(if: $a) { id } }', variables);
}
for (const variables of [undefined, '{}', '{"o":null}', '{"o":"ASC"}', '{"o":"asc"}', '{"o":["ASC"]}']) {
  named('query($o: OrderDirection) { members(orderBy: {field: NAME, direction: $o}) { __typename } }', variables);
  named('query($o: OrderDirection = DESC) { members(orderBy: {field: NAME, direction: $o}) { __typename } }', variables);
  named('query($o: OrderDirection = DESC) { members(orderBy: {field: NAME, direction: $o}) @skip(if: true) { __typename } }', variables);
  named('query($o: OrderDirection!) { members(orderBy: {field: NAME, direction: $o}) { __typename } }', variables);
}
for (const variables of [undefined, '{}', '{"r":null}', '{"r":"EUR"}', '{"r":"eur"}', '{"r":["EUR"]}', '{"r":[null]}']) {
  named('query($r: Region) { members(filter: {regions: [$r]}) { __typename } }', variables);
  named('query($r: Region!) { members(filter: {regions: [$r, AFR]}) { __typename } }', variables);
  named('query($r: Region = AFR) { members(filter: {regions: [$r]}) { __typename } }', variables);
  named('query($r: Region!) { members(filter: {regions: $r}) { __typename } }', variables);
  named('query($r: [Region]) { members(filter: {regions: $r}) { __typename } }', variables);
}
for (const operationName of [undefined, null, 'A', 'B', 'C', 'a']) {
  named('query A { viewer { id } } query B { viewer { roles } }', undefined, operationName);
  named('query A { viewer { id } }', undefined, operationName);
}
named('fragment F($x: Int) on Query { viewer { roles } } { ...F }');
named('fragment F($x: Int = 1) on Query { members(first: $x) { __typename } } { ...F }');
named('{ viewer { id } } { viewer { roles } }');
named('query A { viewer { id } } query A { viewer { roles } }');
named('query($x: Int, $x: Int) { members(first: $x) { __typename } }', '{"x":1}');
named('query($x: Int) { viewer { id } }', '{"x":1}');
named('{ members(first: $x) { __typename } }', '{"x":1}');
named('query($x: Member) { member(id: $x) { __typename } }', '{"x":"mem_ACTIVE"}');
named('query($x: Nothing) { member(id: $x) { __typename } }', '{"x":"mem_ACTIVE"}');
named('query($x: ID) { member(id: $x) { __typename } }', '{"x":"mem_ACTIVE"}');
named('query($x: [ID]!) { nodes(ids: $x) { __typename } }', '{"x":["mem_ACTIVE"]}');
named('query($x: String!) { member(id: $x) { __typename } }', '{"x":"mem_ACTIVE"}');
named('{ member { __typename } }');
named('{ member(id: "mem_ACTIVE", id: "mem_ACTIVE") { __typename } }');
named('{ members(filter: {regions: [EUR], regions: [AFR]}) { __typename } }');
named('{ viewer @skip { id } }');
named('{ viewer @skip(if: true, unless: true) { id } }');
named('{ viewer @skip(if: true) @skip(if: false) { id } }');
named('{ viewer @nothing { id } }');
named('{ search(query: "\\uD83D\\uDE00 caf\\u00e9 block") { __typename } }');
named('{ search(query: """a "quoted" block""") { __typename } }');
named('');
named('#');

let refused = 0;
const differ = [];
for (const c of cases) {
  const [mine, other] = [await ours(c), theirs(c)];
  if (other) refused += 1;
  if (Boolean(mine) !== Boolean(other)) differ.push(`${c.query} ${c.variables ?? ''} ${c.operationName ?? ''}\n  portal: ${mine ?? 'executed'}\n  graphql-js: ${other ?? 'executed'}`);
}
console.log(`${cases.length} requests, of which graphql-js refuses ${refused}; ${differ.length} verdicts differ`);
for (const d of differ) console.log(`failed: ${d}`);
if (differ.length > 0 || cases.length < 2000 || refused < 1000 || cases.length - refused < 250) process.exitCode = 1;
