// Documents as Relay writes them: a page that asks for the next one, and a record that asks for itself.
import { graphql } from 'react-relay';

export const page = graphql`
  query directoryQuery($count: Int!, $cursor: String, $filter: MemberFilter) {
    ...directory_members @arguments(count: $count, cursor: $cursor, filter: $filter)
  }
`;

export const members = graphql`
  fragment directory_members on Query
  @refetchable(queryName: "directoryNextPageQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }, filter: { type: "MemberFilter" }) {
    members(first: $count, after: $cursor, filter: $filter) @connection(key: "directory_members") {
      totalCount
      edges {
        node {
          id
          ...directory_member
        }
      }
    }
  }
`;

export const member = graphql`
  fragment directory_member on Member @refetchable(queryName: "directoryMemberQuery") {
    name
    status
    joinedOn
    country {
      name {
        text
      }
    }
  }
`;
