// @ts-check
// All that somebody who writes needs, loaded when a form is first used: the form itself, its tools,
// the way to the service.

export {composer} from './composer.js'
export const words = WORDS
