// A session with the TypeScript client of openapi-generator (typescript-fetch). The first argument is the API's address.
import { Configuration, ItemsApi, NotificationsApi, ResponseError } from './client';
import { InvalidContentOrKeyReusedFromJSON, NotFoundFromJSON, Item, NewItem } from './client';

declare const process: { argv: string[]; exitCode?: number };

function check(holds: boolean, ...what: unknown[]): asserts holds {
  if (!holds) {
    throw new Error(JSON.stringify(what));
  }
}

async function rejection(call: Promise<unknown>): Promise<Response> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ResponseError) {
      return error.response;
    }
    throw error;
  }
  throw new Error('the call succeeded');
}

async function session(url: string) {
  const configuration = new Configuration({ basePath: url });
  const items = new ItemsApi(configuration);
  const notifications = new NotificationsApi(configuration);

  const lamp: NewItem = { name: 'Lamp', description: 'Bright', price: 1.15, tags: new Set(['b', 'a']) };
  const made: Item[] = [];
  for (let n = 0; n < 5; n++) {
    made.push(await items.createItem({ newItem: lamp }));
  }
  const read = await items.getItem({ id: made[0].id });
  check(read.createdAt instanceof Date && read.createdAt.getTime() === made[0].createdAt.getTime(), read);
  check(read.description === 'Bright' && read.price === 1.15 && [...read.tags].join() === 'b,a', read);

  const patched = await items.patchItem({ id: read.id, itemPatch: { description: null, price: 2.3 } });
  check(patched.description === undefined && patched.price === 2.3 && patched.version === 2, patched);

  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await items.listItems({ limit: 3, cursor });
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  } while (cursor);
  check(new Set(ids).size === ids.length && made.every((item) => ids.includes(item.id)), ids);

  const invalid = await rejection(items.createItem({ newItem: { name: 'Lamp', price: 1.005 } }));
  const problem = InvalidContentOrKeyReusedFromJSON(await invalid.json());
  check(invalid.status === 422 && problem.title === 'Unprocessable Content', problem);
  check(problem.type === '/problems/invalid-content', problem);
  check(problem.violations.map((violation) => violation.pointer).join() === '/price', problem);

  const missing = await rejection(items.getItem({ id: crypto.randomUUID() }));
  const notFound = NotFoundFromJSON(await missing.json());
  check(missing.status === 404 && notFound.type === '/problems/not-found', notFound);

  let notification = await notifications.sendNotification({ newNotification: { message: 'The parcel was sent.' } });
  const end = Date.now() + 20_000;
  while (notification.status === 'queued') {
    check(Date.now() < end, notification);
    await new Promise((resolve) => setTimeout(resolve, 100));
    notification = await notifications.getNotification({ id: notification.id });
  }
  check(notification.status === 'logged' && notification.loggedAt instanceof Date && !notification.failure, notification);
}

session(process.argv[2]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
