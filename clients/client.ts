// What a front-end does: typed documents against a portal, as a focal point of one of its members.
// URL, TOKEN and MEMBER (its id) say which.
import assert from 'node:assert/strict';
import { GraphQLClient } from 'graphql-request';
import { DirectoryDocument, UpdateDocument, ViewerDocument } from './generated/gql/graphql.js';

const { URL: url, TOKEN: token, MEMBER: member } = process.env;
assert(url && token && member, 'URL, TOKEN and MEMBER are needed');
const client = new GraphQLClient(url, { headers: { authorization: `Bearer ${token}`, 'accept-language': 'fr' } });

const { viewer } = await client.request(ViewerDocument);
assert.deepEqual(viewer?.roles, ['FOCAL_POINT']);
assert.equal(viewer.locale, 'FR');

const { members } = await client.request(DirectoryDocument, { first: 3 });
assert.equal(members?.nodes.length, 3);
assert(members.pageInfo.hasNextPage && members.totalCount > 3);
const names: string[] = members.nodes.map((m) => m.name);

const { updateMemberProfile: updated } = await client.request(UpdateDocument, {
  input: { id: member, expectedVersion: 1, website: 'https://typed.example', sectorsOfInterest: ['D'] },
});
assert.deepEqual(updated?.userErrors, []);
assert.equal(updated.member?.version, 2);
assert.equal(updated.member.website, 'https://typed.example');

const { updateMemberProfile: stale } = await client.request(UpdateDocument, { input: { id: member, expectedVersion: 1 } });
assert.equal(stale?.userErrors[0]?.code, 'CONFLICT');

console.log(`${viewer.id} read ${names.join(', ')} and changed ${member}`);
