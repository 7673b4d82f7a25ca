// Make the documented `fetch` call, and tell as one line of JSON what came. An order comes in as JSON on the standard
// input, the key as CLIENT_API_KEY.
import { text } from "node:stream/consumers";

const order = JSON.parse(await text(process.stdin));
const said = { client: `node ${process.version}`, knows_fetch: typeof fetch === "function" };
try {
  const response = await fetch(order.url, {
    method: "POST",
    headers: { "Authorization": `Bearer ${process.env.CLIENT_API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify(order.body),
    signal: AbortSignal.timeout(order.timeout_s * 1000),
  });
  said.status = response.status;
  said.headers = [...response.headers];
  said.pieces = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > order.most_bytes) throw new Error(`more than ${order.most_bytes} bytes`);
    said.pieces.push(Buffer.from(piece).toString("base64"));
  }
} catch (error) {
  said.error = `${error.name}: ${error.message}${error.cause ? ` (${error.cause.code ?? ""} ${error.cause.message})` : ""}`;
}
console.log(JSON.stringify(said));
