// Checks that Ajv, the validator of most JavaScript tools, accepts every price from 0.00 to 1000.00. Argument: the contract.
const Ajv = require('ajv/dist/2020');
const addFormats = require('ajv-formats');
const contract = require(process.argv[2]);

const ajv = new Ajv({ strict: false });
addFormats(ajv);
ajv.addSchema(contract, 'contract');
const valid = ajv.compile({ $ref: 'contract#/components/schemas/NewItem' });

const rejected = [];
for (let cents = 0; cents <= 100_000; cents++) {
  const price = JSON.parse(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`);
  if (!valid({ name: 'Lamp', price })) {
    rejected.push(price);
  }
}
const taken = [-0.01, 1_000_000_000, '1.00', null].filter((price) => valid({ name: 'Lamp', price }));
console.log(JSON.stringify({ rejected: rejected.length, examples: rejected.slice(0, 5), taken }));
