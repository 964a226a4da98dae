/**
 * @generated SignedSource<<f46e8a021d63e231219549305d44cd06>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ReaderFragment } from 'relay-runtime';
export type MembershipStatus = "ACTIVE" | "EXCLUDED" | "PENDING_ACTIVATION" | "SUSPENDED" | "WITHDRAWN" | "%future added value";
import { FragmentRefs } from "relay-runtime";
export type directory_member$data = {
  readonly country: {
    readonly name: {
      readonly text: string;
    };
  } | null | undefined;
  readonly id: string;
  readonly joinedOn: string | null | undefined;
  readonly name: string;
  readonly status: MembershipStatus;
  readonly " $fragmentType": "directory_member";
};
export type directory_member$key = {
  readonly " $data"?: directory_member$data;
  readonly " $fragmentSpreads": FragmentRefs<"directory_member">;
};

import directoryMemberQuery_graphql from './directoryMemberQuery.graphql';

const node: ReaderFragment = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": {
    "refetch": {
      "connection": null,
      "fragmentPathInResult": [
        "node"
      ],
      "operation": directoryMemberQuery_graphql,
      "identifierInfo": {
        "identifierField": "id",
        "identifierQueryVariableName": "id"
      }
    }
  },
  "name": "directory_member",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "name",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "status",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "joinedOn",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "concreteType": "Country",
      "kind": "LinkedField",
      "name": "country",
      "plural": false,
      "selections": [
        {
          "alias": null,
          "args": null,
          "concreteType": "LocalizedText",
          "kind": "LinkedField",
          "name": "name",
          "plural": false,
          "selections": [
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "text",
              "storageKey": null
            }
          ],
          "storageKey": null
        }
      ],
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "id",
      "storageKey": null
    }
  ],
  "type": "Member",
  "abstractKey": null
};

(node as any).hash = "cf5427bbff452d3dfa2f672a4c3c5be1";

export default node;
