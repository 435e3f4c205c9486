// The vendor's SDK for TypeScript: list the lines, set a number, clear it.

import { LinqAPIV3 } from "@linqapp/sdk";

const client = new LinqAPIV3();
const { phone_numbers: lines } = await client.phoneNumbers.list();
await client.phoneNumbers.update(lines[0].id, { forwarding_number: "+13105550199" });
await client.phoneNumbers.update(lines[0].id, { forwarding_number: null });
