/** What the API answers (see the API's own description) and what our modules hand one another. */

export interface Author {
  name: string | null
  website: string | null
  is_moderator: boolean
  is_verified: boolean
}

export interface Comment {
  id: string
  parent: string | null
  author: Author | null
  html: string
  created: string
  edited: string | null
  state: 'visible' | 'pending' | 'removed'
  is_pinned: boolean
  lang: string | null
  quote: string | null
  score: number
  up: number
  reactions: Record<string, number>
  /** Only in answers to its author. */
  text?: string
  can_edit?: boolean
  edit_until?: string | null
  replies?: Comment[]
  replies_next?: string | null
}

/** A comment in the store: flat, with the root that it hangs below when its parent is not here. */
export interface Kept extends Omit<Comment, 'replies'> {
  root?: string
  /** This reader's vote (`vote`: 1, -1) and reactions (by name: 1). */
  mine?: Record<string, number>
  /** Whether its author, who has just removed it, can still bring it back. */
  undo?: boolean
  /** Why the last thing that was done to it failed. */
  wrong?: string
}

/** The forms there are: the thread's own, and what opens at a comment. */
export type Form = 'comment' | 'reply' | 'edit'

/** All that the looks of a comment depend on. */
export interface Look {
  comment: Kept
  /** Whom it answers, when it does not stand below that comment. */
  answered: string | null | false | undefined
  /** Whether the page takes replies. */
  isOpen: boolean
  site: Site
  /** The service's address. */
  base: URL
  canEdit: boolean
  /** The form that is open at it. */
  form: Form | undefined
}

/** What can be done to a comment. */
export interface Acts {
  open: (form: Form) => void
  remove: () => void
  restore: () => void
  press: (sign: string, value: number) => void
}

/** A comment in its place. `away` says that it does not stand below the comment it answers. */
export interface Node {
  comment: Kept
  replies: Node[]
  above?: Node
  depth: number
  away: boolean
}

export interface Site {
  require_name: boolean
  require_email?: boolean
  require_website?: boolean
  max_length: number
  /** Up and down, only up, or none. */
  votes: 'on' | 'up' | 'off'
  /** Those that it offers, by name, and how they look. */
  reactions: Record<string, string>
  /** Whether answers can be mailed. */
  can_mail?: boolean
}

export interface Thread {
  page: {is_open: boolean; closes?: string | null; count: number; title: string | null; url: string}
  site: Site
  comments: Comment[]
  next: string | null
}

/** Who writes, as typed. */
export interface Writer {
  name: string
  email: string
  website: string
}

export interface Draft {
  text: string
  author: Writer
  id: string
  trap: string
  /** Whether answers are to be mailed. */
  notify: boolean
}

/** What the page's author chose; what is not said is undefined. */
export interface Options {
  url: string
  page?: string
  title: string
  theme: string
  sort?: string
  eager?: string
}

/** Why a request failed: a code that messages are keyed by, and what the server said. */
export interface Failure extends Error {
  code: string
  status?: number
  detail?: string
  fields: Record<string, string>
  seconds?: string | null
}

/** What the parts of a thread share. */
export interface Context {
  /** Names this page in the browser's storage. */
  place: string
  site: Site
  /** What was typed into any form of this thread last. */
  writer: Writer
  /** Called when a form is first used. */
  prepare: () => unknown
  /** Tells the page, by an event on the element. */
  emit: (name: string, detail: object) => unknown
}

/** The element that a kind such as `p.soft` makes. */
export type Made<K> = K extends `${infer T}.${string}`
  ? Made<T>
  : K extends keyof HTMLElementTagNameMap
    ? HTMLElementTagNameMap[K]
    : HTMLElement

declare global {
  interface HTMLElement {
    setHTML?(html: string): void
  }
  interface Window {
    trustedTypes?: {
      createPolicy(name: string, rules: {createHTML: (html: string) => string}): {
        createHTML(html: string): string
      }
    }
  }
}
