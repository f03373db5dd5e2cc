// Keeps the token for this tab only and passes it on with every request. GraphiQL is mounted anew
// for another token, so that it reads the schema with it.
'use strict';

const form = document.getElementById('token-form');
const field = document.getElementById('token');
const state = document.getElementById('token-state');
const root = ReactDOM.createRoot(document.getElementById('graphiql'));
const firstQuery = `# Whose token is this, and what may it do?
{
  viewer {
    scopes
    user { name email role }
    workspace { name timeZone locale }
  }
}
`;

function mount() {
  const token = sessionStorage.getItem('jornada-token') || '';
  state.textContent = token ? '' : 'Paste a token: the demo prints one, `jornada token create` makes one.';
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const fetcher = GraphiQL.createFetcher({ url: '/graphql', headers });
  root.render(React.createElement(GraphiQL, {
    key: token, fetcher, defaultQuery: firstQuery, shouldPersistHeaders: false,
  }));
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (field.value.trim()) sessionStorage.setItem('jornada-token', field.value.trim());
  field.value = '';
  mount();
});

mount();
