// Holds `age-encryption` and `@noble/post-quantum` against the `seal` example: files both ways, keys, vectors, signatures.
// Usage: node seal/check.mjs PROGRAM, where PROGRAM is target/…/examples/seal. Exit 0 if all agree.
import { spawnSync } from "node:child_process"
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { inflateSync } from "node:zlib"
import * as age from "age-encryption"
import * as published from "cctv-age"
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js"

const program = process.argv[2]
if (!program) {
  console.error("usage: node seal/check.mjs PROGRAM")
  process.exit(2)
}
const vectors = join(dirname(fileURLToPath(import.meta.url)), "../../../crates/seal/vectors")
const folder = mkdtempSync(join(tmpdir(), "judge-seal-"))
const at = name => join(folder, name)
let agreed = 0
const differences = []

const agree = (what, good, more = "") => {
  if (good) agreed++
  else differences.push(`${what} ${more}`)
}
const seal = (...args) => {
  const run = spawnSync(program, args, { maxBuffer: 1 << 26 })
  return { ok: run.status === 0, out: String(run.stdout).trim(), error: String(run.stderr ?? run.error).trim() }
}
const same = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0
const hex = bytes => Buffer.from(bytes).toString("hex")

async function keys() {
  const ours = seal("keygen").out
  agree("the recipient of our identity", seal("recipient", ours).out === await age.identityToRecipient(ours))
  const theirs = await age.generateHybridIdentity()
  agree("the recipient of their identity", seal("recipient", theirs).out === await age.identityToRecipient(theirs))
  return { ours, theirs }
}

// Sizes at and around the chunk of 64 KiB, the size classes of bodies, and some that no list would hold.
function sizes() {
  const edges = [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1_048_575]
  const classes = Array.from({ length: 11 }, (_, power) => 1024 << power)
  const drawn = Array.from({ length: 20 }, () => randomBytes(4).readUInt32BE() % 1_048_577)
  return [...edges, ...classes, ...drawn]
}

async function theirsOpensOurs(size, { theirs }) {
  const plain = randomBytes(size)
  writeFileSync(at("plain"), plain)
  const key = seal("seal", await age.identityToRecipient(theirs), at("plain"), at("sealed"))
  const file = readFileSync(at("sealed"))
  const reader = new age.Decrypter()
  reader.addIdentity(theirs)
  agree(`${size} bytes: theirs opens ours`, same(await reader.decrypt(file), plain))
  const header = file.subarray(0, file.indexOf("\n", file.indexOf("\n---") + 1) + 1)
  agree(`${size} bytes: they find the file key that we kept`, hex(await reader.decryptHeader(header)) === key.out)
  agree(`${size} bytes: the file key alone`, seal("open-with", key.out, at("sealed"), at("out")).ok && same(readFileSync(at("out")), plain))
}

async function oursOpensTheirs(size, { ours }) {
  const plain = randomBytes(size)
  const writer = new age.Encrypter()
  writer.addRecipient(seal("recipient", ours).out)
  writeFileSync(at("sealed"), await writer.encrypt(plain))
  const run = seal("open", ours, at("sealed"), at("out"))
  agree(`${size} bytes: ours opens theirs`, run.ok && same(readFileSync(at("out")), plain), run.error)
}

function readVector(bytes) {
  const cut = bytes.indexOf("\n\n")
  const lines = String(bytes.subarray(0, cut)).split("\n").map(line => line.split(": "))
  const said = key => lines.filter(([name]) => name === key).map(([, value]) => value)
  const file = bytes.subarray(cut + 2)
  return { said, file: said("compressed")[0] === "zlib" ? inflateSync(file) : file }
}

async function theirAnswer({ said, file }) {
  const reader = new age.Decrypter()
  for (const identity of said("identity")) reader.addIdentity(identity)
  try {
    const plain = await reader.decrypt(file)
    return createHash("sha256").update(plain).digest("hex") === said("payload")[0] ? "success" : "another payload"
  } catch {
    return "refused"
  }
}

// Their reader must open and refuse exactly what our vectors say that any age reader opens and refuses.
async function ourVectors() {
  for (const name of readdirSync(join(vectors, "age"))) {
    const vector = readVector(readFileSync(join(vectors, "age", name)))
    const expected = vector.said("expect")[0] === "success" ? "success" : "refused"
    const answer = await theirAnswer(vector)
    agree(`our vector ${name}: age-encryption`, answer === expected, `says ${answer}, the vector ${expected}`)
  }
}

// Where we refuse what other age readers open or pass over: a message has one recipient.
const stricter = ["hybrid_and_x25519", "hybrid_multiple_recipients"]

function publishedVectors() {
  for (const [name, bytes] of Object.entries(published)) {
    if (!name.startsWith("hybrid")) continue
    const { said, file } = readVector(Buffer.from(bytes))
    writeFileSync(at("sealed"), file)
    const run = seal("open", said("identity").at(-1), at("sealed"), at("out"))
    const expected = said("expect")[0] === "success" && !stricter.includes(name)
    agree(`published vector ${name}`, run.ok === expected, run.error)
    const copies = readdirSync(join(vectors, "cctv"))
    if (copies.includes(name)) agree(`our copy of ${name}`, same(readFileSync(join(vectors, "cctv", name)), bytes))
  }
}

function signatures() {
  const [first, second, message] = [randomBytes(32), randomBytes(32), randomBytes(300)]
  writeFileSync(at("message"), message)
  const run = seal("sign", first.toString("base64"), second.toString("base64"), at("message"))
  const [ed25519, mldsa44, short, long] = run.out.split("\n").map(line => Buffer.from(line, "base64"))
  const jwk = { kty: "OKP", crv: "Ed25519", x: ed25519.toString("base64url") }
  agree("Ed25519 of our seed", verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), short))
  agree("the ML-DSA-44 public key of our seed", same(ml_dsa44.keygen(second).publicKey, mldsa44))
  agree("ML-DSA-44 with an empty context", ml_dsa44.verify(long, message, mldsa44))
  agree("ML-DSA-44 over other bytes", !ml_dsa44.verify(long, message.subarray(1), mldsa44))
}

const pair = await keys()
for (const size of sizes()) {
  await theirsOpensOurs(size, pair)
  await oursOpensTheirs(size, pair)
}
await ourVectors()
publishedVectors()
signatures()
rmSync(folder, { recursive: true })
for (const difference of differences) console.error(`differs: ${difference}`)
console.log(`${agreed} agreed, ${differences.length} differ`)
process.exit(differences.length ? 1 : 0)
