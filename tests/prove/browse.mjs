// Opens every page of a built site in Chromium and prints what it measured as JSON.
// node browse.mjs SITE MODULES CHROMIUM CHECK...   (checks: load, taps, reflow, axe, pages)
// The site is served from this process with gzip, so that weights are what a reader's browser fetches.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const [site, modules, executablePath, ...checks] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const only = process.env.PROVE_PAGES ? process.env.PROVE_PAGES.split(",") : null;

const KINDS = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
  ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".csv": "text/csv", ".ico": "image/x-icon", ".xml": "application/xml" };
const isPacked = new Set([".png", ".woff2", ".xlsx"]);
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://site").pathname);
  let file = join(site, path);
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  if (!existsSync(file)) { response.writeHead(404).end("absent"); return; }
  const kind = extname(file), content = readFileSync(file);
  const headers = { "content-type": KINDS[kind] || "application/octet-stream" };
  if (isPacked.has(kind)) { response.writeHead(200, headers).end(content); return; }
  response.writeHead(200, { ...headers, "content-encoding": "gzip" }).end(gzipSync(content));
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const listPages = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  const path = join(folder, entry.name);
  if (entry.isDirectory()) return entry.name.startsWith("_") ? [] : listPages(path);
  return entry.name.endsWith(".html") ? [relative(site, path)] : [];
});
const pages = listPages(site).sort().filter((page) => !only || only.some((name) => page.includes(name)));
const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });

const open = async (page, width, height, scheme = "light") => {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, hasTouch: width < 1000 });
  const tab = await context.newPage();
  await tab.addInitScript((theme) => { localStorage.setItem("mode", theme); localStorage.setItem("theme", theme); }, scheme);
  const seen = { requests: [], foreign: [], errors: [], bytes: 0 };
  tab.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
  tab.on("pageerror", (error) => seen.errors.push(String(error)));
  tab.on("request", (request) => {
    const address = request.url();
    if (address.startsWith("data:") || address.startsWith("blob:")) return;
    seen[address.startsWith(origin) ? "requests" : "foreign"].push(address.replace(origin, ""));
  });
  tab.on("response", (response) => response.status() >= 400 && seen.errors.push(`${response.status()} ${response.url().replace(origin, "")}`));
  const sizes = [];
  tab.on("requestfinished", (request) => sizes.push(request.sizes().then((size) => { seen.bytes += size.responseBodySize; }).catch(() => {})));
  await tab.goto(`${origin}/${page}`, { waitUntil: "networkidle", timeout: 180_000 });
  await Promise.all(sizes);
  return { context, tab, seen };
};

const CHECKS = {
  // What a cold visit fetches, and what the console says.
  load: async ({ tab, seen }, width) => width === 1280 && {
    contents: (await tab.$(".secondary-toggle")) !== null,
    kb: Math.round(seen.bytes / 102.4) / 10, requests: seen.requests.length, foreign: seen.foreign, errors: seen.errors,
  },
  // What is wider than the window of a small phone, how high the page is for a reader, where its first
  // picture begins, and how large the smallest words of its pictures are.
  reflow: async ({ tab }, width) => width !== 768 && { [width]: await tab.evaluate(() => ({
    height: document.documentElement.scrollHeight,
    over: document.documentElement.scrollWidth - innerWidth,
    wide: [...document.querySelectorAll("article *")].filter((element) => {
      if (element.closest(".released-table, pre, .pst-scrollable-table-container, .math, .visually-hidden")) return false;
      const at = element.getBoundingClientRect();
      return at.width > 0 && at.right > innerWidth + 1;
    }).slice(0, 3).map((element) => `${element.tagName}.${element.className}`),
    picture: (document.querySelector("article figure img, article figure svg")?.getBoundingClientRect().top ?? -1) + scrollY,
    small: [...document.querySelectorAll("article svg.picture")].flatMap((picture) => {
      const scale = picture.getBoundingClientRect().width / picture.viewBox.baseVal.width;
      const sizes = [...picture.querySelectorAll("text")].map((words) => parseFloat(getComputedStyle(words).fontSize) * scale);
      return scale && sizes.length ? [[picture.closest("figure")?.id ?? "", Math.round(10 * Math.min(...sizes)) / 10]] : [];
    }).filter(([, size]) => size < 11),
  })) },
  // axe-core: WCAG 2.2 A and AA and best practice.
  axe: async ({ tab }, width) => {
    if (width === 768) return false;
    const found = {};
    await tab.addScriptTag({ content: axeSource });
    for (const scheme of ["light", "dark"]) {
      await tab.emulateMedia({ colorScheme: scheme });
      await tab.evaluate((theme) => { document.documentElement.dataset.theme = theme; document.documentElement.dataset.mode = theme; }, scheme);
      await tab.waitForTimeout(400);
      const result = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      for (const violation of result.violations) {
        found[`${width} ${scheme} ${violation.id}`] = violation.nodes.map((node) => node.target.join(" ")).slice(0, 4);
      }
    }
    return found;
  },
  // A tap opens the menu and a second act closes it; the same for the contents.
  taps: async ({ tab }, width) => {
    if (width === 320) return false;
    const found = {};
    for (const side of ["primary", "secondary"]) {
      const isSeen = () => tab.evaluate((name) => {
        const box = document.querySelector(`#pst-${name}-sidebar, #pst-${name}-sidebar-modal[open] .bd-sidebar-${name}`);
        const places = [box, ...document.querySelectorAll(`#pst-${name}-sidebar-modal[open]`)].filter(Boolean);
        return places.some((place) => {
          const at = place.getBoundingClientRect();
          return at.width > 40 && at.right > 20 && at.left < innerWidth - 20 && getComputedStyle(place).visibility !== "hidden";
        });
      }, side);
      const states = [await isSeen()];
      for (const act of ["first", "second"]) {
        let tapped = false;
        for (const candidate of await tab.$$(`.${side}-toggle`)) {
          if (!(await candidate.isVisible())) continue;
          tapped = await candidate.click({ timeout: 800 }).then(() => true, () => false);
          if (tapped) break;
        }
        if (!tapped && act === "second" && (await tab.$(`#pst-${side}-sidebar-modal[open]`))) await tab.keyboard.press("Escape");
        await tab.waitForTimeout(500);
        states.push(await isSeen());
      }
      found[`${side} ${width}`] = states;
    }
    return found;
  },
};

// Each page is opened once a width, cold, and every check looks at it there.
const answer = Object.fromEntries(checks.map((check) => [check, {}]));
for (const page of pages) {
  for (const width of [1280, 768, 390, 320]) {
    if (width === 768 && !checks.includes("taps")) continue;
    const opened = await open(page, width, width === 1280 ? 900 : 844);
    for (const check of checks) {
      answer[check][page] = { ...answer[check][page], ...(await CHECKS[check](opened, width)) };
    }
    await opened.context.close();
  }
  console.error(page);
}
await browser.close();
server.close();
console.log(JSON.stringify(answer));
