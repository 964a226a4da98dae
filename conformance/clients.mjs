// Drives Apollo Client, urql and graphql-request against a portal: node clients.mjs URL TOKEN MEMBER.
// The token is that of the secretariat, MEMBER a member that it may change. It exits 1 if one fails.
import assert from 'node:assert/strict';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { Client, fetchExchange } from '@urql/core';
import { buildClientSchema, getIntrospectionQuery, validateSchema } from 'graphql';
import { ClientError, GraphQLClient } from 'graphql-request';

const [url, token, member] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const preflight = { 'apollo-require-preflight': 'true' };

const query = 'query Page($first: Int!) { members(first: $first) { totalCount nodes { id name } } }';
const variables = { first: 2 };
const invalid = '{ nothingOfThisName }';
const refused = '{ members(first: 101) { totalCount } }';
const version = 'query Version($id: ID!) { member(id: $id) { id version } }';
const update = `mutation Update($input: UpdateMemberProfileInput!) {
  updateMemberProfile(input: $input) { member { id version } userErrors { code message } }
}`;

// Every client is one function that answers { data, errors }, whatever it does about errors itself.
const apollo = (get) => {
  const link = new HttpLink({ uri: url, headers: { authorization }, useGETForQueries: get });
  const client = new ApolloClient({ cache: new InMemoryCache(), link, defaultOptions: { query: { errorPolicy: 'all', fetchPolicy: 'no-cache' } } });
  return async (text, vars = {}) => {
    const document = gql(text);
    const answer = text.startsWith('mutation')
      ? await client.mutate({ mutation: document, variables: vars, errorPolicy: 'all' })
      : await client.query({ query: document, variables: vars });
    if (answer.error && !CombinedGraphQLErrors.is(answer.error)) throw answer.error;
    return { data: answer.data, errors: answer.error?.errors };
  };
};

const urql = (get) => {
  const headers = get ? { authorization, ...preflight } : { authorization };
  const client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: get ? 'force' : false, fetchOptions: { headers } });
  return async (text, vars = {}) => {
    const answer = await (text.startsWith('mutation') ? client.mutation(text, vars) : client.query(text, vars)).toPromise();
    if (answer.error?.networkError) throw answer.error.networkError;
    return { data: answer.data, errors: answer.error?.graphQLErrors };
  };
};

const request = (get) => {
  const client = new GraphQLClient(url, { method: get ? 'GET' : 'POST', headers: get ? { authorization, ...preflight } : { authorization } });
  return async (text, vars = {}) => {
    try {
      return { data: await client.request(text, vars) };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { data: error.response.data, errors: error.response.errors };
    }
  };
};

const checks = {
  async 'reads a page'(ask) {
    const { data, errors } = await ask(query, variables);
    assert.equal(errors, undefined);
    assert.equal(data.members.nodes.length, 2);
    assert.ok(data.members.totalCount > 2);
  },
  async 'reads the schema'(ask) {
    const { data, errors } = await ask(getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true }));
    assert.equal(errors, undefined);
    assert.deepEqual(validateSchema(buildClientSchema(data)), []);
  },
  async 'gives the error of an invalid document'(ask) {
    const { errors } = await ask(invalid);
    assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  },
  async 'gives the error of a field, with its path'(ask) {
    const { errors } = await ask(refused);
    assert.equal(errors[0].extensions.code, 'BAD_USER_INPUT');
    assert.deepEqual(errors[0].path, ['members']);
  },
  async 'changes a record'(ask) {
    const before = await ask(version, { id: member });
    const input = { id: member, expectedVersion: before.data.member.version, displayName: `Seen at version ${before.data.member.version}` };
    const { data, errors } = await ask(update, { input });
    assert.equal(errors, undefined);
    assert.deepEqual(data.updateMemberProfile.userErrors, []);
    assert.equal(data.updateMemberProfile.member.version, before.data.member.version + 1);
  },
};

for (const [name, make] of Object.entries({ 'Apollo Client': apollo, urql, 'graphql-request': request })) {
  for (const get of [false, true]) {
    for (const [what, check] of Object.entries(checks)) {
      if (get && what === 'changes a record' && name === 'graphql-request') continue; // its method is for all operations
      const title = `${name} ${get ? 'GET' : 'POST'} ${what}`;
      try {
        await check(make(get));
        console.log(`ok ${title}`);
      } catch (error) {
        console.log(`failed: ${title}: ${error.stack}`);
        process.exitCode = 1;
      }
    }
  }
}
