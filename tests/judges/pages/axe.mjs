// Looks at every page of the demonstration with axe in Chromium: every language, wide and narrow.
// Usage: node pages/axe.mjs ADDRESS [STATUS PATH...], with the address that `entente demo` prints. Without paths, every page to which
// the day leads; with them, these alone (each after its language), answered with that status. Exit 0 if nothing was found on any page.
// A page is at fault for a finding of axe, a message of the console, a scroll bar sideways, another language or direction than
// its address says, and for text that is cut off.
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium } from "playwright-core"

const CHROMIUM = "/usr/bin/chromium"
const LANGUAGES = { en: "ltr", fr: "ltr", nl: "ltr", ar: "rtl" }
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }]
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
]
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** The pages that a page leads to. */
const linksOf = page => page.$$eval("a[href]:not([download])", all => all.map(link => link.getAttribute("href")))

/** What is wrong with the page as it is laid out now, in words. */
async function faultsOf(page, language) {
  const faults = []
  const laid = await page.evaluate(layout)
  if (laid.language !== language) faults.push(`lang is ${laid.language}`)
  if (laid.direction !== LANGUAGES[language]) faults.push(`dir is ${laid.direction}`)
  if (laid.over > 0) faults.push(`${laid.over} px too wide`)
  faults.push(...laid.cut.map(text => `cut off: ${text}`), ...laid.empty.map(text => `empty: ${text}`))
  const found = await page.evaluate(rules => window.axe.run({ runOnly: rules }), RULES)
  for (const rule of found.violations) {
    faults.push(...rule.nodes.map(node => `axe ${rule.id}: ${node.target.join(" ")} – ${node.failureSummary.replaceAll("\n", " ")}`))
  }
  if (found.passes.length < 10) faults.push(`axe looked at ${found.passes.length} rules only`)
  return faults
}

/** Runs in the page: its language, its direction, how much wider than the window it is, what is cut off or empty. */
function layout() {
  const root = document.documentElement
  const name = element => `${element.localName}.${element.className} “${element.textContent.trim().slice(0, 40)}”`
  const shown = [...document.querySelectorAll("main *")].filter(element => element.checkVisibility() && !element.closest(".vh, svg, thead"))
  const cut = shown.filter(element => {
    const style = getComputedStyle(element)
    const hides = ["hidden", "clip"].includes(style.overflowX)
    return hides && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
  })
  const empty = shown.filter(element => element.matches(".art, .iso, h1, h2, h3, dt, dd, th") && !/[\p{L}\p{N}]{1}/u.test(element.textContent))
  const bare = shown.filter(element => element.matches(".art") && !/\d/.test(element.textContent))
  return {
    language: root.lang,
    direction: getComputedStyle(root).direction,
    over: root.scrollWidth - window.innerWidth,
    cut: cut.map(name),
    empty: [...empty, ...bare].map(name),
  }
}

async function look(address, profile, status, paths) {
  const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS, bypassCSP: true })
  await context.addInitScript({ path: axe })
  const page = await context.newPage()
  const faults = []
  let at = "", seen = 0
  const fault = what => faults.push(`${at}: ${what}`)
  const told = message => ["error", "warning"].includes(message.type()) && !(status >= 400 && message.location().url === page.url())
  page.on("console", message => told(message) && fault(`console: ${message.text()}`))
  page.on("pageerror", error => fault(`script: ${error.message}`))
  for (const language of Object.keys(LANGUAGES)) {
    const found = new Set(paths.map(path => `/${language}/${path}`))
    for (const path of found) {
      at = path
      const answer = await page.goto(new URL(path, address).href)
      if (answer.status() !== status) fault(`status ${answer.status()}`)
      for (const link of await linksOf(page)) if (status === 200 && link.startsWith(`/${language}/`)) found.add(link)
      for (const size of SIZES) {
        at = `${path} at ${size.width}`
        await page.setViewportSize(size)
        for (const what of await faultsOf(page, language)) fault(what)
        seen++
      }
    }
  }
  await context.close()
  return { seen, faults }
}

const [address, status = "200", ...paths] = process.argv.slice(2)
if (!address) {
  console.error("usage: node pages/axe.mjs ADDRESS [STATUS PATH...]")
  process.exit(2)
}
const profile = mkdtempSync(join(tmpdir(), "judge-pages-"))
try {
  const { seen, faults } = await look(address, profile, Number(status), paths.length > 0 ? paths : [""])
  faults.forEach(fault => console.error(fault))
  console.log(`${seen} pages, ${faults.length} faults`)
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  rmSync(profile, { recursive: true, force: true })
}
