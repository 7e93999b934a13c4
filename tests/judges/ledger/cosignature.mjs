// Verifies our ML-DSA-44 lines with `@noble/post-quantum`, from the specification alone.
// Usage: node ledger/cosignature.mjs DIR [NOTE VKEY]
// DIR is an exported log: the lines of `vkey-mldsa44` and `vkey-partner` in `checkpoint` are cosignatures (C2SP tlog-cosignature).
// NOTE is a signed text, VKEY its verifier key of type 0xff "entente/ml-dsa-44" (PROTOCOL section 3). Exit 0 if all are right.
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js"

const bytes = (...parts) => Buffer.concat(parts.map(part => Buffer.from(part)))
const u64 = number => {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(number))
  return out
}
const short = text => bytes([Buffer.byteLength(text)], text)

function readKey(text, type) {
  const [name, id, ...encoded] = text.trimEnd().split("+")
  const body = Buffer.from(encoded.join("+"), "base64")
  const digest = createHash("sha256").update(bytes(name, "\n", body)).digest()
  if (digest.subarray(0, 4).toString("hex") !== id) throw new Error(`${name}: the key id is wrong`)
  if (!body.subarray(0, type.length).equals(Buffer.from(type))) throw new Error(`${name}: the type is wrong`)
  return { name, id, public: body.subarray(type.length) }
}

function readNote(text) {
  const cut = text.lastIndexOf("\n\n")
  const lines = text.slice(cut + 2).trimEnd().split("\n").map(line => {
    const [dash, name, encoded] = line.split(" ")
    if (dash !== "\u2014") throw new Error("a line is malformed")
    const raw = Buffer.from(encoded, "base64")
    return { name, id: raw.subarray(0, 4).toString("hex"), signature: raw.subarray(4) }
  })
  return { text: text.slice(0, cut + 1), lines }
}

function signatureOf(note, key) {
  const line = note.lines.find(line => line.name === key.name && line.id === key.id)
  if (!line) throw new Error(`${key.name} has no line`)
  return line.signature
}

function cosignedMessage(note, key, time) {
  const [origin, size, root] = note.text.split("\n")
  return bytes("subtree/v1\n\0", short(key.name), time, short(origin), u64(0), u64(size), Buffer.from(root, "base64"))
}

function demand(right, what) {
  if (!right) throw new Error(`${what}: wrong`)
  console.log(`${what}: right`)
}

const [dir, noteFile, keyFile] = process.argv.slice(2)
const checkpoint = readNote(readFileSync(join(dir, "checkpoint"), "utf8"))
for (const file of ["vkey-mldsa44", "vkey-partner"]) {
  const key = readKey(readFileSync(join(dir, file), "utf8"), [6])
  const signature = signatureOf(checkpoint, key)
  const message = cosignedMessage(checkpoint, key, signature.subarray(0, 8))
  const right = ml_dsa44.verify(signature.subarray(8), message, key.public)
  const changed = ml_dsa44.verify(signature.subarray(8), bytes(message, [0]), key.public)
  demand(right && !changed, `cosignature of ${key.name}`)
}
if (noteFile) {
  const key = readKey(readFileSync(keyFile, "utf8"), bytes([0xff], "entente/ml-dsa-44"))
  const note = readNote(readFileSync(noteFile, "utf8"))
  demand(ml_dsa44.verify(signatureOf(note, key), bytes(note.text), key.public), `text signed by ${key.name}`)
}
