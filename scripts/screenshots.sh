#!/usr/bin/env bash
# Pictures of a report for looking at, and checks of its HTML.
#
#   scripts/screenshots.sh PAGE.html [FOLDER]      (folder: where the pictures go, by default a new one)
#
# Needs node, npm with access to its registry, and Chromium (CHROMIUM=/usr/bin/chromium). What it fetches from npm
# (playwright-core, axe-core, html-validate) goes into a temporary folder and is removed; nothing enters the project.
# Exit code 1 if axe-core or html-validate objects, or if the page asks for anything on a network.
set -euo pipefail
page=$(realpath "${1:?name a report.html}")
out=${2:-$(mktemp -d)}
mkdir -p "$out"
out=$(realpath "$out")
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
for tool in node npm; do
  command -v "$tool" >/dev/null || { echo "this needs $tool" >&2; exit 2; }
done
[ -x "$chromium" ] || { echo "this needs Chromium: set CHROMIUM to its path" >&2; exit 2; }

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
cd "$tools"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit playwright-core@1 axe-core@4 html-validate@10 >/dev/null
echo '{"extends": ["html-validate:recommended"]}' >.htmlvalidate.json

cat >look.mjs <<'JS'
import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
const [page, out, executablePath] = process.argv.slice(2);
const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args });
const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
let bad = 0;
for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 400]) {
    const tab = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    tab.on("pageerror", (error) => { bad += 1; console.log(String(error)); });
    tab.on("request", (request) => { if (!request.url().startsWith("file:")) { bad += 1; console.log("asks for", request.url()); } });
    await tab.goto("file://" + page);
    const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) { bad += 1; console.log(`${over} pixels wider than ${width}`); }
    // Slices: a picture higher than 16,384 pixels comes out empty.
    const height = await tab.evaluate(() => document.documentElement.scrollHeight);
    for (let y = 0, i = 1; y < height; y += 2000, i += 1) {
      const clip = { x: 0, y, width, height: Math.min(2000, height - y) };
      await tab.screenshot({ path: `${out}/${width}-${colorScheme}-${String(i).padStart(2, "0")}.png`, fullPage: true, clip });
    }
    await tab.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
    await tab.evaluate(axe);
    const { violations } = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const { id, help, nodes } of violations) { bad += 1; console.log(`axe: ${id}: ${help} (${nodes.length}, first ${nodes[0].target})`); }
    await tab.close();
  }
}
await browser.close();
console.log(bad === 0 ? "axe-core: nothing to object, nothing asked of a network" : `${bad} objections`);
process.exit(bad === 0 ? 0 : 1);
JS
status=0
node look.mjs "$page" "$out" "$chromium" || status=1
npx html-validate "$page" && echo "html-validate: nothing to object" || status=1
echo "pictures are in $out"
exit "$status"
