// Drives Apollo Client, urql and graphql-request with the settings that they have by default, in Node or
// in a page. drive({ url, token, member }) gives one line for each thing tried: { title, error }. With
// the token of the secretariat, member is a member that it may change; without a token they ask as
// visitors, and change nothing.
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { buildClientSchema, getIntrospectionQuery, validateSchema } from 'graphql';
import { ClientError, GraphQLClient } from 'graphql-request';

const query = 'query Page($first: Int!) { members(first: $first) { totalCount nodes { id name } } }';
const invalid = '{ nothingOfThisName }';
const refused = '{ members(first: 101) { totalCount } }';
const version = 'query Version($id: ID!) { member(id: $id) { id version } }';
const update = `mutation Update($input: UpdateMemberProfileInput!) {
  updateMemberProfile(input: $input) { member { id version } userErrors { code message } }
}`;

const equal = (got, want) => {
  const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
  if (a !== b) throw new Error(`got ${a}, want ${b}`);
};

// Every client is one function that answers { data, errors }, whatever it does about errors itself.
// headers are none, or those of who asks.
const apollo = (options) => (url, headers) => {
  const client = new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: url, headers, ...options }) });
  return async (text, variables) => {
    try {
      const document = gql(text);
      return text.startsWith('mutation') ? await client.mutate({ mutation: document, variables }) : await client.query({ query: document, variables });
    } catch (error) {
      if (!CombinedGraphQLErrors.is(error)) throw error;
      return { errors: error.errors };
    }
  };
};

const urql = (options) => (url, headers) => {
  const client = new Client({ url, exchanges: [cacheExchange, fetchExchange], ...(headers && { fetchOptions: { headers } }), ...options });
  return async (text, variables) => {
    const answer = await (text.startsWith('mutation') ? client.mutation(text, variables) : client.query(text, variables)).toPromise();
    if (answer.error?.networkError) throw answer.error.networkError;
    return { data: answer.data, errors: answer.error?.graphQLErrors };
  };
};

const request = (options) => (url, headers) => {
  const client = new GraphQLClient(url, { ...(headers && { headers }), ...options });
  return async (text, variables) => {
    try {
      return { data: await client.request(text, variables) };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { data: error.response.data, errors: error.response.errors };
    }
  };
};

// Of what is no default there is only the one setting by which a client asks by GET, or by POST.
const clients = {
  'Apollo Client': apollo({}),
  'Apollo Client by GET': apollo({ useGETForQueries: true }),
  urql: urql({}),
  'urql by GET, however long': urql({ preferGetMethod: 'force' }),
  'urql by POST': urql({ preferGetMethod: false }),
  'graphql-request': request({}),
  'graphql-request by GET': request({ method: 'GET' }), // which is then its method for mutations too
};

const checks = {
  async 'reads a page'(ask) {
    const { data, errors } = await ask(query, { first: 2 });
    equal(errors, undefined);
    equal(data.members.nodes.length, 2);
    equal(data.members.totalCount > 2, true);
  },
  async 'reads the schema'(ask) {
    const { data, errors } = await ask(getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true }));
    equal(errors, undefined);
    equal(validateSchema(buildClientSchema(data)).map(String), []);
  },
  async 'gives the error of an invalid document'(ask) {
    const { errors } = await ask(invalid);
    equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  },
  async 'gives the error of a field, with its path'(ask) {
    const { errors } = await ask(refused);
    equal(errors[0].extensions.code, 'BAD_USER_INPUT');
    equal(errors[0].path, ['members']);
  },
};

const changes = {
  async 'changes a record'(ask, member) {
    const before = await ask(version, { id: member });
    const input = { id: member, expectedVersion: before.data.member.version, displayName: `Seen at version ${before.data.member.version}` };
    const { data, errors } = await ask(update, { input });
    equal(errors, undefined);
    equal(data.updateMemberProfile.userErrors, []);
    equal(data.updateMemberProfile.member.version, before.data.member.version + 1);
  },
};

export async function drive({ url, token, member }) {
  const lines = [];
  const callers = token
    ? { '': { authorization: `Bearer ${token}` } }
    : { ' without a header': undefined, ' with an empty Authorization, as in many examples': { authorization: '' } };
  for (const [who, headers] of Object.entries(callers)) {
    for (const [name, make] of Object.entries(clients)) {
      for (const [what, check] of Object.entries({ ...checks, ...(token && changes) })) {
        if (what in changes && name === 'graphql-request by GET') continue;
        const line = { title: `${name}${who} ${what}` };
        try {
          await check(make(url, headers), member);
        } catch (error) {
          line.error = `${error.message} ${error.cause ?? ''}`;
        }
        lines.push(line);
      }
    }
  }
  return lines;
}
