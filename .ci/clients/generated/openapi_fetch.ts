// A session with openapi-fetch and the types of openapi-typescript. The first argument is the API's address.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

declare const process: { argv: string[]; exitCode?: number };

function check(holds: boolean, ...what: unknown[]): asserts holds {
  if (!holds) {
    throw new Error(JSON.stringify(what));
  }
}

async function session(url: string) {
  const client = createClient<paths>({ baseUrl: url });

  const lamp: components['schemas']['NewItem'] = { name: 'Lamp', description: 'Bright', price: 1.15, tags: ['b', 'a'] };
  const made: components['schemas']['Item'][] = [];
  for (let n = 0; n < 5; n++) {
    const { data } = await client.POST('/items', { body: lamp });
    check(data !== undefined, 'not created');
    made.push(data);
  }
  const path = { id: made[0].id };
  const { data: read } = await client.GET('/items/{id}', { params: { path } });
  check(JSON.stringify(read) === JSON.stringify(made[0]) && read?.tags.join() === 'b,a', read);

  const { data: patched } = await client.PATCH('/items/{id}', {
    params: { path },
    body: { description: null, price: 2.3 },
    headers: { 'Content-Type': 'application/merge-patch+json' },
  });
  check(patched?.description === undefined && patched?.price === 2.3 && patched.version === 2, patched);

  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { data: page } = await client.GET('/items', { params: { query: { limit: 3, cursor } } });
    check(page !== undefined, 'not listed');
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  } while (cursor);
  check(new Set(ids).size === ids.length && made.every((item) => ids.includes(item.id)), ids);

  const invalid = await client.POST('/items', { body: { name: 'Lamp', price: 1.005 } });
  check(invalid.response.status === 422 && invalid.error !== undefined && 'type' in invalid.error, invalid.error);
  check(invalid.error.title === 'Unprocessable Content', invalid.error);
  check(invalid.error.type === '/problems/invalid-content', invalid.error);
  check(invalid.error.violations.map((violation) => violation.pointer).join() === '/price', invalid.error);

  const missing = await client.GET('/items/{id}', { params: { path: { id: crypto.randomUUID() } } });
  check(missing.error !== undefined && 'type' in missing.error, missing.error);
  check(missing.response.status === 404 && missing.error.type === '/problems/not-found', missing.error);

  let { data: notification } = await client.POST('/notifications', { body: { message: 'The parcel was sent.' } });
  const end = Date.now() + 20_000;
  while (notification?.status === 'queued') {
    check(Date.now() < end, notification);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const params = { path: { id: notification.id } };
    ({ data: notification } = await client.GET('/notifications/{id}', { params }));
  }
  check(notification?.status === 'logged' && notification.loggedAt !== undefined, notification);
  check(notification.failure === undefined, notification);
}

session(process.argv[2]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
