// Holds every body of an exchange against the JSON Schema that the memorandum gives, with ajv (draft 2020-12).
// Usage: node bodies/schema.mjs SCHEMA FOLDER..., where `entente schema` printed SCHEMA and `entente ledger reveal` wrote each
// FOLDER. The sealed bytes are opened by `age-encryption` with the file key that stands beside them. Exit 0 if every body is
// accepted, and every body with one thing changed is not.
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Decrypter } from "age-encryption"
import Ajv from "ajv/dist/2020.js"

/** The body in a folder: opened with its file key, its padding taken off. */
async function bodyIn(folder) {
  const sealed = readFileSync(join(folder, "act.age"))
  const record = JSON.parse(readFileSync(join(folder, "sent.opening"), "utf8")).record
  const message = createHash("sha256").update(sealed).digest("hex")
  if (!JSON.stringify(record).includes(message)) throw new Error(`${folder}: the ledger holds another message`)
  const key = Buffer.from(readFileSync(join(folder, "act.file-key"), "utf8").trim(), "hex")
  const reader = new Decrypter()
  reader.addIdentity({ unwrapFileKey: () => new Uint8Array(key) })
  return JSON.parse(Buffer.from(await reader.decrypt(sealed)).toString("utf8").trimEnd())
}

/** The body with one thing changed, in every way that a schema must see. */
function* changed(body) {
  const copy = change => {
    const other = structuredClone(body)
    change(other)
    return other
  }
  for (const name of Object.keys(body)) yield [`without ${name}`, copy(it => delete it[name])]
  yield ["with an unknown member", copy(it => { it.nobody_knows = 1 })]
  yield ["with an unknown slot", copy(it => { it.slots.nobody_knows = "x" })]
  yield ["of an unknown act", copy(it => { it.act = "Nobody Knows" })]
  yield ["of another version", copy(it => { it.v = 2 })]
  yield ["to an unknown Party", copy(it => { it.to_party = "xx" })]
  for (const name of Object.keys(body.slots)) yield [`with ${name} of another type`, copy(it => { it.slots[name] = { nobody: [] } })]
  for (const name of ["language", "purpose", "offence", "area"].filter(name => name in body.slots)) {
    yield [`with a wrong code in ${name}`, copy(it => { it.slots[name] = "nobody_knows" })]
  }
}

const [schemaFile, ...folders] = process.argv.slice(2)
if (folders.length === 0) {
  console.error("usage: node bodies/schema.mjs SCHEMA FOLDER...")
  process.exit(2)
}
const accepts = new Ajv({ strictTypes: false, allErrors: true }).compile(JSON.parse(readFileSync(schemaFile, "utf8")))
const faults = []
let accepted = 0, refused = 0
for (const folder of folders) {
  const body = await bodyIn(folder)
  if (accepts(body)) accepted++
  else faults.push(`${folder}: ${JSON.stringify(accepts.errors)}`)
  for (const [how, other] of changed(body)) {
    if (accepts(other)) faults.push(`${folder}: accepted ${how}`)
    else refused++
  }
}
faults.forEach(fault => console.error(fault))
console.log(`${accepted} bodies accepted, ${refused} changed ones refused, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
