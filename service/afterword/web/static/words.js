// What the scripts say, in the language of the page: its template writes the sentences into #words.

const LANGUAGE = document.documentElement.lang
const base = (tag) => tag.split('-')[0]
const held = document.getElementById('words')
const sentences = held ? JSON.parse(held.textContent) : {}
const plural = new Intl.PluralRules(LANGUAGE)

// The reader's own habits with dates and numbers, as far as they are of this language.
export const LOCALE = navigator.languages.find((tag) => base(tag) === base(LANGUAGE)) ?? LANGUAGE

export function t (key, n) {
  const sentence = sentences[key]
  if (n === undefined) return sentence
  return (sentence[plural.select(n)] ?? sentence.other).replace('{n}', n.toLocaleString(LOCALE))
}
