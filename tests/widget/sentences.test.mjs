import assert from 'node:assert/strict'
import {readFileSync, readdirSync} from 'node:fs'
import {test} from 'node:test'

const FOLDER = new URL('../../widget/src/messages/', import.meta.url)
const read = (language) => JSON.parse(readFileSync(new URL(`${language}.json`, FOLDER), 'utf8'))
const english = read('en')
const others = readdirSync(FOLDER).map((name) => name.replace('.json', '')).filter((name) => name !== 'en')
const gaps = (sentence) => [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort()

test('there are two dozen languages besides English', () => {
  assert.ok(others.length >= 24, `${others.length}`)
})

for (const language of others) {
  const said = read(language)

  test(`${language} fills the same gaps as English, in all its plural forms`, () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted()
    for (const [key, sentence] of Object.entries(said)) {
      const model = english[key]
      assert.ok(model, `${key} is no sentence of the widget`)
      if (typeof model === 'string') assert.deepEqual(gaps(sentence), gaps(model), key)
      else {
        assert.deepEqual(Object.keys(sentence).toSorted(), forms, key)
        assert.deepEqual(gaps(sentence.other), gaps(model.other), key)
      }
    }
  })

  test(`${language} says all that English says`, (t) => {
    const lacking = Object.keys(english).filter((key) => !said[key])
    // What is new is said in English until somebody has translated it; much of it is a mistake.
    if (lacking.length) t.diagnostic(`English for now: ${lacking.join(', ')}`)
    assert.ok(lacking.length < 15)
  })
}
