// Drives Debian's Firefox through what readers do most: node firefox.mjs FLOW ADDRESS
// By WebDriver BiDi: what Playwright drives is a Firefox of its own making.

import assert from 'node:assert/strict'
import {createRequire} from 'node:module'

const puppeteer = createRequire(new URL('../../widget/package.json', import.meta.url))('puppeteer-core')
const THREAD = 'afterword-thread >>> '

/** @type {Record<string, (page: import('puppeteer-core').Page, address: string) => Promise<void>>} */
const FLOWS = {
  async 'a thread is read'(page) {
    await shown(page, '.comment', 3)
    assert.deepEqual(await texts(page, '.author'), ['Ada', 'Grace', 'Piet'])
    assert.equal(await page.$$eval(`${THREAD}li li .comment`, (found) => found.length), 1)
    assert.equal(await page.$$eval(`${THREAD}.avatar path`, (found) => found.length), 3)
    await page.$eval(`${THREAD}.sort`, (sort) => {
      sort.value = 'newest'
      sort.dispatchEvent(new Event('change'))
    })
    assert.deepEqual(await texts(page, '.author'), ['Piet', 'Ada', 'Grace'])
  },

  async 'a thread is as wide as its place where a page centres what is narrow'(page) {
    await page.addStyleTag({content: 'body{display:flex;flex-direction:column;align-items:center}'})
    await page.$eval('afterword-thread', (thread) => document.body.append(thread))
    await shown(page, '.comment', 3)
    assert(await page.$eval('afterword-thread', (thread) => thread.clientWidth > 0.9 * document.body.clientWidth))
  },

  async 'a comment is written, and is there after a reload'(page) {
    await write(page, '.root > form', 'Written in *Firefox*.', 'Mary')
    await shown(page, '.comment em', 1)
    await page.reload()
    await page.$eval('afterword-thread', (thread) => thread.scrollIntoView())
    await shown(page, '.comment em', 1)
  },

  async 'a reply is written below its comment'(page) {
    await press(page, '[name=reply]')
    await write(page, 'form[name=reply]', 'An answer to Ada.', 'Mary')
    await shown(page, 'li li .comment', 2)
    await page.waitForFunction(() => {
      const focused = document.querySelector('afterword-thread').shadowRoot.activeElement
      return focused?.textContent.includes('An answer to Ada.')
    })
  },

  async 'what one wrote is changed, removed and brought back'(page) {
    await write(page, '.root > form', 'Frist.', 'Mary')
    await shown(page, '.comment', 4)
    await press(page, '[name=edit]')
    await fill(page, 'form[name=edit] textarea', 'First.')
    await press(page, 'form[name=edit] .primary')
    await told(page, 'First.')
    await press(page, '[name=remove]')
    await told(page, 'This comment was removed.')
    await press(page, '[name=remove]')
    await told(page, 'First.')
  },

  async 'a vote is counted and taken back'(page) {
    await press(page, '[name=vote1]')
    await shown(page, '[name=vote1][aria-pressed=true]', 1)
    await told(page, '▲ 1')
    await press(page, '[name=vote1]')
    await told(page, '▲ 0')
  },

  async 'what others write is told while one reads'(page, address) {
    const {origin} = new URL(await page.$eval('script[src$="/embed.js"]', ({src}) => src))
    // Told by the stream, some seconds after the thread.
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({name}) => name.includes('/live.js')))
    const answer = await fetch(`${origin}/api/v1/comments`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', Origin: new URL(address).origin, 'Idempotency-Key': crypto.randomUUID()},
      body: JSON.stringify({url: address, text: 'From elsewhere.', author: {name: 'Rosalind'}}),
    })
    assert.equal(answer.status, 201)
    await press(page, '.news:not([hidden])')
    await told(page, 'From elsewhere.')
  },

  async 'words of the page are commented on, and marked'(page) {
    await page.$eval('p', (words) => getSelection().selectAllChildren(words))
    await press(page, '.offer')
    await write(page, '.root > form', 'About these words.', 'Mary')
    await shown(page, '.comment .passage', 1)
    await page.waitForFunction(() => CSS.highlights.size > 0)
  },
}

/** @param {import('puppeteer-core').Page} page @param {string} where @param {number} count */
async function shown(page, where, count) {
  await page.waitForFunction(
    (where, count) => document.querySelector('afterword-thread')?.shadowRoot?.querySelectorAll(where).length === count,
    {}, where, count)
}

/** @param {import('puppeteer-core').Page} page @param {string} words */
async function told(page, words) {
  await page.waitForFunction(
    (words) => document.querySelector('afterword-thread')?.shadowRoot?.textContent.includes(words), {}, words)
}

/** @param {import('puppeteer-core').Page} page @param {string} where */
function texts(page, where) {
  return page.$$eval(THREAD + where, (found) => found.map(({textContent}) => textContent))
}

/** With the mouse, in the middle of what is there. @param {import('puppeteer-core').Page} page @param {string} where */
async function press(page, where) {
  const place = await page.waitForFunction((where) => {
    const found = document.querySelector('afterword-thread')?.shadowRoot?.querySelector(where)
    found?.scrollIntoView({block: 'nearest'})
    const {x, y, width, height} = found?.getBoundingClientRect() ?? {}
    return width && {x: x + width / 2, y: y + height / 2}
  }, {}, where)
  const {x, y} = await place.jsonValue()
  await page.mouse.click(x, y)
}

/** @param {import('puppeteer-core').Page} page @param {string} where @param {string} words */
async function fill(page, where, words) {
  await page.locator(THREAD + where).fill(words)
}

/** @param {import('puppeteer-core').Page} page @param {string} form @param {string} words @param {string} name */
async function write(page, form, words, name) {
  await press(page, `${form} textarea`)
  await fill(page, `${form} textarea`, words)
  await fill(page, `${form} input[autocomplete=name]`, name)
  await press(page, `${form} .primary`)
}

const [flow, address] = process.argv.slice(2)
if (flow === '--list') console.log(JSON.stringify(Object.keys(FLOWS)))
else {
  const browser = await puppeteer.launch({browser: 'firefox', executablePath: process.env.FIREFOX, headless: true})
  try {
    const page = await browser.newPage()
    /** @type {string[]} */
    const wrong = []
    page.on('pageerror', (error) => wrong.push(String(error)))
    await page.goto(address)
    await page.$eval('afterword-thread', (thread) => thread.scrollIntoView())
    await shown(page, '.comment', 3)
    await FLOWS[flow](page, address)
    assert.deepEqual(wrong, [])
  } finally {
    await browser.close()
  }
}
