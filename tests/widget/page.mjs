// What a page and the build say to the widget's modules, for tests of single ones.
globalThis.document = {currentScript: {src: 'https://comments.example.org/embed.js'}}
globalThis.BUILD = ''
globalThis.LANGUAGES = 'en'
globalThis.WORDS = {}
